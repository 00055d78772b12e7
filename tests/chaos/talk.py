# SPDX-License-Identifier: MIT
"""talk.py - a client of chaos.py and its judge: what was sent, what is due to it, and what came."""
import collections
import os
import select
import socket
import threading
import time

HUNG = float(os.environ.get("HUNG", "30"))  # s without a byte that is due
STUCK = 2  # s after which QEMU is asked; twice


class Fault(Exception):
    """What must not be: kind (of FAULTS) and a sentence."""

    def __init__(self, kind, sentence):
        super().__init__(sentence)
        self.kind = kind


class Stuck(Exception):
    """A known fault of QEMU or of a back end: what it is."""

    def __init__(self, what):
        super().__init__(what)
        self.what = what


class Talk:
    """A client and what is due to it. greedy: it reads all there is at once, whatever else happens."""

    def __init__(self, life, grain=1 << 16):
        self.life, self.grain = life, grain
        self.sock = self.thread = None
        self.lock = threading.Lock()
        self.done = collections.deque(maxlen=20000)
        self.connect()

    def connect(self):
        """A connection, in the place of the one that there is."""
        if self.sock:
            self.close()
        self.sock = self.life.connect()
        self.sock.setblocking(False)
        self.out, self.got, self.due = bytearray(), bytearray(), collections.deque()
        self.thread = None
        if self.life.greedy:
            self.thread = threading.Thread(target=self._greedy, daemon=True)
            self.thread.start()

    def _greedy(self):
        while True:
            try:
                if not select.select([self.sock], [], [], 60)[0]:
                    continue
                data = self.sock.recv(1 << 16)
            except (OSError, ValueError):
                return
            if not data:
                return
            with self.lock:
                self.got += data

    def add(self, piece, ident):
        self.out += piece % ident
        answer = self.life.calm[piece] % ident
        if answer:
            self.due.append(answer)

    def turn(self, read=True, wait=0.005):
        """Moves bytes as far as they move now; true if any did."""
        want = read and not self.thread
        readable, writable, _ = select.select([self.sock] if want else [], [self.sock] if self.out else [], [], wait)
        moved = False
        if writable:
            try:
                n = self.sock.send(self.out[:self.grain])
                del self.out[:n]
                moved = n > 0
            except BlockingIOError:
                pass
            except ConnectionError:
                raise self.end() from None
        if readable:
            try:
                data = self.sock.recv(self.grain if read == "slow" else 1 << 16)
            except ConnectionError:
                data = b""
            if not data:
                raise self.end()
            self.got += data
            moved = True
        elif self.thread:
            moved |= bool(self.got)
        return moved

    def end(self):
        """What it is that a client is cut off that did not go."""
        return Stuck("spoilt") if self.life.spoilt() else Fault("lost", "QEMU has closed the connection")

    def judge(self):
        """Takes what has come and is right."""
        n = 0
        with self.lock:
            while self.due and len(self.got) - n >= len(self.due[0]):
                due = self.due.popleft()
                if not self.got.startswith(due, n):
                    self.accuse(bytes(self.got[n:n + 400]), due)
                n += len(due)
                self.done.append(due)
                self.life.count["commands"] += 1
            self.life.count["bytes"] += n
            del self.got[:n]
            if self.due and not self.due[0].startswith(self.got[:len(self.due[0])]):
                self.accuse(bytes(self.got[:400]), self.due[0])
            if not self.due and self.got:
                self.accuse(bytes(self.got[:400]), b"")
        return n > 0

    def judge_what_came(self):
        """All that is right of a connection that ends."""
        with self.lock:
            came = bool(self.got)
        if came:
            self.judge()

    def accuse(self, came, due):
        begin = came[:60]
        kind = ("lost" if any(d.startswith(begin) for d in self.due) else
                "stale" if any(d.startswith(begin) for d in self.done) else "wrong")
        raise Fault(kind, f"due was {due[:200]!r}, and {came!r} came")

    def wait(self, done):
        """Moves bytes until done(); what is due must come."""
        quiet = time.monotonic()
        asked = None
        while not done():
            if self.turn(wait=0.05):
                quiet, asked = time.monotonic(), None
                continue
            silent = time.monotonic() - quiet
            if silent > STUCK and (what := self.life.stuck()):
                if asked and time.monotonic() - asked > STUCK:
                    raise Stuck(what)
                asked = asked or time.monotonic()
            elif silent > HUNG:
                raise Fault("hung", f"{len(self.out)} bytes unsent, {len(self.due)} answers due, the first "
                                    f"{bytes(self.due[0][:100]) if self.due else b''!r}; {bytes(self.got[-200:])!r} came; {self.life.told()}")

    def drain(self):
        def done():
            self.judge()
            return not self.out and not self.due

        self.wait(done)
        self.judge()

    def sync(self, alone=False):
        """Gets in step; alone: nobody else's bytes may come before."""
        ident = self.life.number()
        mark = b'\xff{"return": %d}\n' % ident
        self.due.clear()
        self.out += b'\xff{"execute":"guest-sync-delimited","arguments":{"id":%d}}\n' % ident
        self.wait(lambda: mark in self.got)
        with self.lock:
            at = self.got.index(mark)
            before = bytes(self.got[:at])
            del self.got[:at + len(mark)]
        if alone and before not in self.life.alone:
            raise Fault("stale", f"the first that a client saw was {before[:300]!r}")
        return before

    def close(self):
        if self.thread:
            self.sock.shutdown(socket.SHUT_RDWR)  # QEMU would not see the end while it is selected
            self.thread.join()
        self.sock.close()
