# SPDX-License-Identifier: MIT
"""chaos.py N [--BOARD B...] [--CHANNEL C] [--VIRTIO V] [--SEED S] [--NEWER 1] - N rounds of bad luck on real guests.

A round is a client that connects, gets in step (0xFF and guest-sync-delimited), and then sends requests, errors and garbage
in pieces of any size while it stalls, floods, does not read, is cut off; and while the machine is stopped, reset, saved,
loaded, and loses its port. Whatever was sent since the client was last in step must be answered in order, once, to the
byte, as the same guest answered it in calm; a client that was not cut, and whose machine was not put back, gets all of it.
After a reset, a load or another port it gets in step again. Whoever comes after a client that had all its answers sees
nothing but its own.

QEMU's trace judges what does not come: a port that QEMU throttles for a client that reads all is QEMU's own known fault
(docs/DESIGN.md) if a new connection mends it, and is counted apart; anything else is hung.

A guest lives for LIFE rounds and has a seed of its own. A failure says the line that plays that guest's rounds again; the
script is then the same, and QEMU's timing as far as it is."""
import argparse
import collections
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import guest as guests  # noqa: E402
from talk import Fault, Stuck, Talk  # noqa: E402

LIFE = 40  # rounds of a guest
NAME = "org.qemu.guest_agent.0"
TRACES = ("virtio_serial_throttle_port", "virtio_console_chr_read", "virtio_console_chr_event")
COUNTS = "rounds commands bytes stops resets replugs saves loads cuts throttled wrong lost stale hung".split()
FAULTS = ("wrong", "lost", "stale", "hung")

# What is sent; the number makes it one of its kind. Behind each the parser is at rest.
PIECES = [
    (12, b'{"execute":"guest-ping","id":%d}\n'),
    (6, b'{"execute": "guest-sync", "arguments": {"id": %d}}'),
    (2, b'{"execute": "guest-sync-delimited", "arguments": {"id": %d}}\n'),
    (3, b'{"execute":"guest-info","id":%d}\n'),
    (2, b'{"id":"%d","execute":"guest-ping","arguments":{}}'),
    (2, b'\n{ "execute" :\t"guest-get-osinfo", "id": [%d]}\n'),
    (2, b'{"execute":"no-such-%d"}\n'),
    (2, b'{"execute":"guest-ping","arguments":{"x":%d}}\n'),
    (2, b'{"execute":"guest-ping","id":{"a":[%d,"\\u00e4' + 700 * b"long " + b'"]}}\n'),
    (1, b'{"id": %d}\n'),
    (1, b'[%d]\n'),
    (1, b'{"execute":}%d \n'),
    (1, b'{"execute":"guest-pi%d\xff\n'),
    (1, b'{"execute":"guest-ping","id":"%d'  + 5000 * b"x" + b'\xff\n'),
    (1, b'%d\x00\x01\xfe"\\\xff\n'),
]


class Life:
    """A guest and its rounds."""

    def __init__(self, variant, seed, count):
        self.variant, self.count = variant, count
        self.random = random.Random(f"{seed} {variant}")
        self.ident = 0
        self.virtio = variant.channel == "virtio"
        # A PL011's write blocks QEMU, its monitor too, until the byte is read.
        self.greedy = not self.virtio and variant.board.startswith(("virt-aarch64", "virt-arm"))
        self.stopped = False
        self.nr = self.saved = None
        self.clean = False  # the last client has had all its answers
        self.calm, self.alone, self.did = {}, {b""}, []
        self.guest = guests.Guest(variant, qmp=True, extra=["-D", "trace"] + [w for t in TRACES for w in ("-trace", t)] + self.disk())
        self.monitor = self.guest.monitor

    def disk(self):
        self.image = Path(f"{os.environ.get('TMPDIR', '/tmp')}/bareqga-chaos-{os.getpid()}.qcow2")
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", self.image, "16M"], check=True)
        return ["-drive", f"if=none,format=qcow2,file={self.image}"]

    def number(self):
        self.ident += 1
        return 700000000 + self.ident

    def close(self):
        self.guest.close()
        self.image.unlink(missing_ok=True)

    # --- What QEMU says ---

    def trace(self):
        path = self.guest.dir / "trace"
        return path.read_text(errors="replace") if path.exists() else ""

    def throttled(self):
        found = re.findall(r"virtio_serial_throttle_port port \d+, throttle (\w+)", self.trace())
        return bool(found) and found[-1] in ("1", "true")

    def told(self):
        """What the guest was given of this connection."""
        here = re.split(r"virtio_console_chr_event port \d+, event 1\n", self.trace())[-1]
        given = sum(map(int, re.findall(r"virtio_console_chr_read port \d+, size (\d+)", here)))
        return f"QEMU gave the guest {given} bytes of this client, the port is {'' if self.throttled() else 'not '}throttled"

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

    def go_on(self):
        if self.stopped:
            self.monitor.call("cont")
            self.stopped = False

    def again(self, talk, keep):
        """In step again; a part of the last request may have been sent, and sometimes all of it will be."""
        if not keep:
            talk.out.clear()
        self.go_on()
        with talk.lock:
            talk.due.clear()
        talk.sync()

    def burst(self, talk, n):
        for _ in range(n):
            piece, = self.random.choices([p for _, p in PIECES], [w for w, _ in PIECES])
            if not self.virtio and b"\x00" in piece:
                continue
            talk.add(piece, self.number())

    def act(self, talk, what):
        r = self.random
        self.did.append(what)
        if what == "burst":
            self.burst(talk, r.randint(1, 12))
        elif what == "flood":
            self.burst(talk, r.choice((60, 200, 600)) if self.virtio else 20)
        elif what == "stall":
            time.sleep(r.random() * 0.01)
        elif what == "slow":
            for _ in range(r.randint(1, 20)):
                talk.turn(read="slow", wait=0)
        elif what == "write":
            for _ in range(r.randint(1, 200)):
                if not talk.turn(read=False, wait=0):
                    break
        elif what == "read":
            talk.turn(wait=0.001)
        elif what == "drain":
            self.go_on()
            talk.drain()
        elif what == "stop" and not self.stopped:
            self.monitor.call("stop")
            self.stopped = True
            self.count["stops"] += 1
        elif what == "cont":
            self.go_on()
        elif what == "reset":
            self.monitor.events.clear()
            self.monitor.call("system_reset")
            self.monitor.wait_event("RESET")
            self.count["resets"] += 1
            self.again(talk, r.random() < 0.3)
        elif what == "replug" and self.virtio:
            self.monitor.call("device_del", id="agent0")
            self.monitor.wait_event("DEVICE_DELETED", device="agent0")
            self.nr = r.choice((1, 1, 2, 7, 30))
            for _ in range(r.randint(0, 3)):
                talk.turn(wait=0.002)
            self.monitor.call("device_add", driver="virtserialport", id="agent0", chardev="agent", name=NAME, nr=self.nr)
            self.count["replugs"] += 1
            self.again(talk, r.random() < 0.3)
        elif what == "save":
            said = self.monitor.hmp("savevm here")
            if said:
                raise Fault("wrong", f"savevm: {said}")
            self.saved = self.nr, self.stopped
            self.count["saves"] += 1
        elif what == "load" and self.saved and self.saved[0] == self.nr:
            said = self.monitor.hmp("loadvm here")
            if said:
                raise Fault("wrong", f"loadvm: {said}")
            self.count["loads"] += 1
            self.again(talk, r.random() < 0.3)

    ACTS = {"burst": 10, "write": 10, "flood": 1.5, "stall": 4, "slow": 4, "read": 4, "drain": 2, "stop": 1.5, "cont": 1.5, "reset": 0.3,
            "replug": 0.8, "save": 0.15, "load": 0.4}

    def round(self):
        r = self.random
        self.did = []
        talk = Talk(self, r.choice((1, 5, 64, 1000, 1 << 16, 1 << 16)))
        try:
            if r.random() < 0.1:
                self.act(talk, r.choice(("burst", "write", "stall")))  # before it is in step: nothing of that is due
                talk.turn(read=False, wait=0)
            self.go_on()
            talk.sync(alone=self.clean and not self.did)
            self.clean = False
            for what in r.choices(list(self.ACTS), list(self.ACTS.values()), k=r.randint(1, 16)):
                self.act(talk, what)
            if r.random() < 0.4:
                # Cut in the middle, the machine going or not; at times with more under way than there is room for.
                if r.random() < 0.2:
                    for what in r.sample(("flood", "write", "write", "stop"), 4):
                        self.act(talk, what)
                self.count["cuts"] += 1
                with talk.lock:
                    came = bool(talk.got)
                if came:
                    talk.judge()
            else:
                self.go_on()
                talk.drain()
                self.clean = self.virtio
        finally:
            talk.close()
        self.count["rounds"] += 1


class Constant(bytes):
    """An answer without a number in it."""

    def __mod__(self, _):
        return bytes(self)


def live(variant, seed, rounds, count):
    """A guest and its rounds; what must not be is said and counted."""
    life = Life(variant, seed, count)
    end = count["rounds"] + rounds
    try:
        life.learn()
        while count["rounds"] < end:
            try:
                life.round()
            except Stuck:
                count["throttled"] += 1
                life.clean = False
                talk = Talk(life)
                talk.sync()  # a new connection mends it
                talk.close()
    except (Fault, Stuck, guests.GuestError) as error:
        kind = getattr(error, "kind", "hung")
        count[kind] += 1
        print(f"{variant}: {kind}: {error}\n  after {life.did}, round {rounds - (end - count['rounds'])}\n"
              f"  {life.guest.output()[-500:]}\n{life.guest.log()[-500:]}\n"
              f"  make chaos N={rounds} BOARD={variant.name} CHANNEL={variant.channel} VIRTIO={variant.virtio} SEED={seed}"
              f"{' NEWER=1' if variant.newer else ''}", flush=True)
        if os.environ.get("KEEP"):
            Path(os.environ["KEEP"], f"{variant}-{seed}.trace").write_text(life.trace())
    finally:
        life.close()


def said(count):
    return ", ".join(f"{count[key]} {key}" for key in COUNTS)


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", type=int)
    parser.add_argument("--BOARD", nargs="*", default=MACHINES)
    parser.add_argument("--CHANNEL", default="")
    parser.add_argument("--VIRTIO", default="")
    parser.add_argument("--SEED", type=int, default=1)
    parser.add_argument("--NEWER", type=int, default=0)
    o = parser.parse_args(arguments)
    chosen = [guests.replace(v, newer=bool(o.NEWER)) for name in o.BOARD for v in guests.variants(name)
              if v.accel == "tcg" and v.channel == (o.CHANNEL or v.channel) and v.virtio == (o.VIRTIO or v.virtio)
              and v.channel in ("virtio", "uart") and (v.channel, name) not in DEAF]
    if not chosen:
        sys.exit("chaos: no such board and channel")
    for v in chosen:
        if v.missing():
            sys.exit(f"chaos: {v.missing()}")
        guests.build(v.board)
    total = collections.Counter()
    counts = {v: collections.Counter() for v in chosen}
    begin = time.monotonic()
    seed, left = o.SEED, o.rounds
    try:
        while left > 0:
            variant = chosen[(seed - o.SEED) % len(chosen)]
            live(variant, seed, min(LIFE, left), counts[variant])
            left -= LIFE
            seed += 1
    except KeyboardInterrupt:
        print(f"stopped; go on with SEED={seed}")
    for v, count in counts.items():
        if count:
            print(f"{v}: {said(count)}")
            total += count
    print(f"all: {said(total)}; {time.monotonic() - begin:.0f} s")
    return any(total[kind] for kind in FAULTS)


# SeaBIOS resets PCs again by itself, and with them what was sent meanwhile: docs/DESIGN.md.
DEAF = {("uart", "x86_64:q35"), ("uart", "x86_64:pc")}
MACHINES = ["virt-riscv64", "virt-aarch64", "x86_64"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
