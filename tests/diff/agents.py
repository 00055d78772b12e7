# SPDX-License-Identifier: MIT
"""An agent behind a unix socket: starting it, and playing byte streams to it.

A stream is ended by a fence: the byte 0xFF and guest-sync-delimited with a number used only once.
Whatever the stream was, both agents answer the fence, and what came before it is the answer to
the stream.
"""

import contextlib
import functools
import glob
import json
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time

import guest
import stream

PATIENCE = 60  # seconds without a byte until an agent counts as hung
PAUSE = 0.0005  # seconds, what an empty piece stands for
NOBODY = 65534
# Not every user's PATH has the place where Debian puts it.
QEMU_GA = os.environ.get("QEMU_GA") or shutil.which("qemu-ga", path=os.environ["PATH"] + ":/usr/sbin") or "qemu-ga"

# Commands that change the machine they run on: the fuzzer keeps them from the real agent. In the
# corpus their arguments are refused (refused.txt), or `:agent -b` has switched them off.
DANGEROUS = (b"shutdown", b"suspend", b"set-time", b"set-user-password", b"fsfreeze-freeze",
             b"fsfreeze-thaw", b"fstrim", b"set-vcpus", b"set-memory", b"authorized-keys")


@functools.lru_cache(maxsize=None)
def version():
    """Version of the reference, such as "7.2.22"."""
    said = subprocess.run([QEMU_GA, "--version"], text=True, capture_output=True, check=True).stdout
    return re.search(r"\d+(?:\.\d+)+", said)[0]


class Hung(Exception):
    """The agent did not answer the fence, or has gone."""


def fence(number):
    request = b'\xff{"execute":"guest-sync-delimited","arguments":{"id":%d}}\n' % number
    return request, b'\xff{"return": %d}\n' % number


def pieces(data, sizes):
    """Splits data: sizes, an iterator, yields the length of each piece; an empty one is a pause."""
    at = 0
    for size in sizes:
        if at >= len(data):
            return
        yield data[at : at + size]
        at += size
    if at < len(data):
        yield data[at:]


class Peer:
    """One agent. `options` are qemu-ga's; subclasses know how to start it."""

    name = "agent"
    prefix = ()  # words before the program: a tool that watches it

    def __init__(self, options=()):
        self.options = tuple(options)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bareqga-"))
        self.socket_path = self.directory / "agent.sock"
        self.process = self.socket = None
        self.number = 4611686018427387904
        self.returned = {}

    # Life

    def command(self):
        raise NotImplementedError

    def start(self):
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=guest.die_with_parent)
        self.connect()
        request, answer = fence(self.next_number())
        self.exchange([request], answer)

    def connect(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                self.socket.connect(str(self.socket_path))
                self.socket.setblocking(False)
                break
            self.socket.close()
            self.socket = None
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise Hung(f"{self.name} did not start: {' '.join(self.command())}")
            time.sleep(0.005)

    def reopen(self):
        """Leaves and comes back."""
        self.socket.close()
        self.connect()

    def leave(self, data):
        """Sends bytes, and leaves as `<leave>` means it."""
        raise NotImplementedError

    def stop(self):
        if self.socket:
            self.socket.close()
        if self.process:
            guest.end(self.process)
        self.process = self.socket = None
        with contextlib.suppress(FileNotFoundError):
            self.socket_path.unlink()

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    # Streams

    def next_number(self):
        self.number += 1
        return self.number

    def exchange(self, chunks, end):
        """Sends the chunks while reading, until what was read ends with `end`; returns the rest."""
        got = bytearray()
        chunks = iter(chunks)
        chunk = next(chunks, None)
        while not got.endswith(end):
            writers = [self.socket] if chunk is not None else []
            readable, writable, _ = select.select([self.socket], writers, [], PATIENCE)
            if not readable and not writable:
                raise Hung(f"{self.name} was silent for {PATIENCE} s after {bytes(got[-200:])!r}")
            try:
                if readable:
                    data = self.socket.recv(1 << 20)
                    if not data:
                        raise Hung(f"{self.name} closed the connection after {bytes(got[-200:])!r}")
                    got += data
                if writable and chunk == b"":
                    time.sleep(PAUSE)
                if writable:
                    chunk = chunk[self.socket.send(chunk) :] or next(chunks, None)
            except (BrokenPipeError, ConnectionResetError) as error:
                raise Hung(f"{self.name} has gone: {error}") from error
        return bytes(got[: -len(end)])

    def answer(self, stream, sizes=()):
        """Plays bytes and the fence; returns the answers, the fence's error among them."""
        request, end = fence(self.next_number())
        raw = self.exchange(pieces(stream + request, sizes), end)
        lines = raw.split(b"\n")
        return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])

    def play(self, case, sizes=()):
        """Plays a case; returns its answers. A dead agent is started anew for the next case."""
        if self.process is None:
            self.start()
        answers, data, sizes = [], b"", iter(sizes)
        try:
            for part in case.parts:
                if isinstance(part, bytes):
                    data += part
                    continue
                if part == "leave":
                    self.leave(data)
                elif part in ("reopen", "ended"):
                    answers += self.step(data, sizes)
                    if part == "reopen":
                        self.reopen()
                    else:
                        answers += self.ended(self.value("pid", answers))
                else:
                    done = max(0, data.rfind(b'{"execute"'))  # the request that wants to know waits
                    answers += self.step(data[:done], sizes)
                    data = data[done:] + self.value(part, answers)
                    continue
                data = b""
            return answers + self.answer(data, sizes)
        except Hung:
            self.stop()
            raise

    def step(self, data, sizes=()):
        """Plays what comes before a reference; the error for the fence's 0xFF is left out."""
        return self.answer(data, sizes)[:-1] if data else []

    def ended(self, pid):
        """Asks for a program's status until it has ended; returns the last answer."""
        request = b'{"execute":"guest-exec-status","arguments":{"pid":%s}}' % pid
        deadline = time.monotonic() + PATIENCE
        while True:
            answers = self.step(request)
            if b'"exited": false' not in answers[0] or time.monotonic() > deadline:
                return answers

    def value(self, reference, answers):
        for line in reversed(answers):  # those of guest-sync-delimited are no JSON
            with contextlib.suppress(ValueError, TypeError, KeyError):
                value = json.loads(line)["return"]
                value = value["pid"] if reference == "pid" else value
                if type(value) is int:
                    self.returned[reference] = value
                    break
        return b"%d" % self.returned.get(reference, 0)


class QemuGa(Peer):
    """The reference, without any privilege."""

    name = "qemu-ga"

    def __init__(self, options=()):
        super().__init__(options)
        if os.geteuid() == 0:
            os.chown(self.directory, NOBODY, NOBODY)

    def close(self):
        super().close()
        for path in glob.glob(stream.TMP + "*"):
            os.unlink(path)

    def leave(self, data):
        """The next client goes on with what this one has begun: so nothing is left begun, and no answer
        unread, at which it would end."""
        self.step(data)
        self.reopen()

    def command(self):
        drop = []
        if os.geteuid() == 0:
            drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                    "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=TERM"]
        return [*drop, "env", "LC_ALL=C", *self.prefix, QEMU_GA, "-m", "unix-listen", "-p", str(self.socket_path),
                "-t", str(self.directory), *self.options]


class Bareqga(Peer):
    """bareqga on one of its boards; `host` is a process that takes qemu-ga's options."""

    def __init__(self, variant, options=(), more=()):
        """more: options that only ours knows, such as -r BYTES for the host."""
        super().__init__((*options, *more))
        self.variant = variant
        self.name = str(variant)

    def leave(self, data):
        """Whatever was begun, or not read, is forgotten."""
        self.socket.sendall(data)
        self.reopen()

    def command(self):
        return [*self.prefix, *self.variant.command(self.socket_path, self.directory / "qmp",
                                                    "/dev/null", self.options)]
