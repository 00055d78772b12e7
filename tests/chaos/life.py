# SPDX-License-Identifier: MIT
"""life.py - a guest of chaos.py and its rounds: a client each, what it does, and what happens to the machine meanwhile."""
import random
import time

from machine import Machine
from pieces import PIECES, Constant
from talk import Fault, Talk

# What may happen, and how often. Some of it not everywhere: see Life.acts.
ACTS = {"burst": 10, "write": 10, "flood": 1.5, "stall": 4, "slow": 4, "read": 4, "drain": 2, "stop": 1.5, "cont": 1.5, "reset": 0.3,
        "replug": 0.8, "save": 0.15, "load": 0.4, "migrate": 0.3}


# Bytes of answers that a back end of a socket device holds for a client that does not read: with more under way, and with
# requests that the guest has no room for, vhost-device-vsock 0.3 hangs (docs/MICROVMS.md).
HELD = 64 * 1024


class Life:
    """A guest and its rounds."""

    def __init__(self, variant, seed, count):
        self.variant, self.count = variant, count
        self.random = random.Random(f"{seed} {variant}")
        self.ident = 0
        self.clean = False  # the last client has had all its answers
        self.calm, self.alone, self.did = {}, {b""}, []
        self.machine = Machine(variant, count)
        self.greedy = self.machine.greedy
        self.acts = {act: weight for act, weight in ACTS.items() if act not in self.machine.barred}

    @property
    def guest(self):
        return self.machine.guest

    def connect(self):
        return self.machine.connect()

    def stuck(self):
        return self.machine.stuck()

    def spoilt(self):
        return self.machine.spoilt()

    def told(self):
        return self.machine.told()

    def number(self):
        self.ident += 1
        return 700000000 + self.ident

    def close(self):
        self.machine.close()

    # --- Calm ---

    def learn(self):
        """How this guest answers each piece when it has all its time."""
        talk = Talk(self)
        talk.sync()
        for _, piece in PIECES:
            answers = set()
            for _ in range(2):
                ident, mark = self.number(), self.number()
                talk.out += piece % ident + b'\n{"execute":"guest-sync","arguments":{"id":%d}}\n' % mark
                end = b'{"return": %d}\n' % mark
                talk.wait(lambda: end in talk.got)
                assert talk.got.endswith(end), talk.got
                answer = bytes(talk.got[:-len(end)]).replace(b"%", b"%%")
                talk.got.clear()
                answers.add(answer.replace(b"%d" % ident, b"%d"))
            if len(answers) != 1 or b"guest-ping" in piece and answers == {b""}:
                raise Fault("wrong", f"in calm {piece[:100]!r} is answered {[a[-300:] for a in answers]}")
            answer = answers.pop()
            # Most echo the number once; those that do not have a text that takes it and hides it.
            self.calm[piece] = answer if b"%d" in answer else Constant(answer % ())
        talk.close()
        # What a sentinel is answered by itself.
        talk = Talk(self)
        self.alone.add(talk.sync())
        talk.close()

    # --- Rounds ---

    def again(self, talk, keep):
        """In step again; a part of the last request may have been sent, and sometimes all of it will be."""
        if not keep:
            talk.out.clear()
        self.machine.go_on()
        with talk.lock:
            talk.due.clear()
        talk.sync()

    def anew(self, talk):
        """The connection has ended: what has come is right, and another takes its place."""
        self.machine.go_on()
        talk.judge_what_came()
        talk.connect()
        talk.sync(alone=self.machine.apart)
        self.machine.late = False

    def burst(self, talk, n):
        for _ in range(n):
            if self.machine.apart and sum(map(len, talk.due)) > HELD:
                break
            piece, = self.random.choices([p for _, p in PIECES], [w for w, _ in PIECES])
            if self.variant.channel == "uart" and not self.machine.apart and b"\x00" in piece:
                continue
            talk.add(piece, self.number())

    def act(self, talk, what):
        self.did.append(what)
        getattr(self, f"_{what}")(talk, self.random)

    def _burst(self, talk, r):
        self.burst(talk, r.randint(1, 12))

    def _flood(self, talk, r):
        self.burst(talk, r.choice((60, 200, 600)) if self.variant.channel == "virtio" else 20)

    def _stall(self, talk, r):
        time.sleep(r.random() * 0.01)

    def _slow(self, talk, r):
        for _ in range(r.randint(1, 20)):
            talk.turn(read="slow", wait=0)

    def _write(self, talk, r):
        for _ in range(r.randint(1, 200)):
            if not talk.turn(read=False, wait=0):
                break

    def _read(self, talk, r):
        talk.turn(wait=0.001)

    def _drain(self, talk, r):
        self.machine.go_on()
        talk.drain()

    def _stop(self, talk, r):
        if not self.machine.stopped:
            self.machine.stop()

    def _cont(self, talk, r):
        self.machine.go_on()

    def _reset(self, talk, r):
        self.machine.reset()
        if self.machine.apart:
            self.anew(talk)
        else:
            self.again(talk, r.random() < 0.3)

    def _replug(self, talk, r):
        turns = r.randint(0, 3)
        self.machine.replug(r.choice((1, 1, 2, 7, 30)), lambda: [talk.turn(wait=0.002) for _ in range(turns)])
        self.again(talk, r.random() < 0.3)

    def _save(self, talk, r):
        self.machine.save()

    def _load(self, talk, r):
        if self.machine.saved and self.machine.saved[0] == self.machine.nr:
            self.machine.load()
            self.again(talk, r.random() < 0.3)

    def _migrate(self, talk, r):
        reads, early = r.random() < 0.5, r.random() < 0.5 and not self.greedy
        here = self.machine.migrate(lambda: talk.turn(read=reads, wait=0.01), early)
        try:
            self.anew(talk)
        finally:
            here.close()

    def round(self):
        r = self.random
        self.did = []
        apart = self.machine.apart
        talk = Talk(self, r.choice((1, 5, 64, 1000, 1 << 16, 1 << 16)))
        try:
            if r.random() < 0.1:
                self.act(talk, r.choice(("burst", "write", "stall")))  # before it is in step: nothing of that is due
                talk.turn(read=False, wait=0)
            self.machine.go_on()
            talk.sync(alone=(self.clean or apart) and not self.did)
            self.clean = False
            for what in r.choices(list(self.acts), list(self.acts.values()), k=r.randint(1, 16)):
                self.act(talk, what)
            if r.random() < 0.4:
                # Cut in the middle, the machine going or not; at times with more under way than there is room for.
                if r.random() < 0.2:
                    for what in r.sample(("flood", "write", "write", "stop"), 4):
                        if what in self.acts:
                            self.act(talk, what)
                self.count["cuts"] += 1
                talk.judge_what_came()
            else:
                self.machine.go_on()
                talk.drain()
                self.clean = self.machine.virtio
        finally:
            talk.close()
        self.count["rounds"] += 1
