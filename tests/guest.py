# SPDX-License-Identifier: MIT
"""Guests to test with: boots any board the way `make qemu-cmd` says, and talks to it.

    with Guest(Variant("virt-riscv64")) as guest:
        with guest.connect() as client:
            client.sync()
            print(client.call("guest-ping"))

Whatever happens, the guest's process and its directory are gone afterwards. All waiting is bounded
by TIMEOUT, which is generous: it only tells "never" from "slow".
"""
import contextlib
import ctypes
import fcntl
import functools
import itertools
import json
import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import trace_guest as trace

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = float(os.environ.get("TIMEOUT", "60"))
HAS_SYS = Path("/sys/devices/system/cpu").is_dir()  # where qemu-ga and libvirtd look; not in many containers
SENTINEL = b"\xff"
NEWER = ROOT / "build" / "qemu-new"


# How QEMU's monitor reads the line status register of a board's 16550, and its bit THRE: there is room for what is to be sent.
UART_STATUS = {"virt-riscv": "xp/1xb 0x10000005", "x86_64": "i/1xb 0x3fd"}
UART_THRE = 0x20


class GuestError(Exception):
    """Something is missing or went wrong; says in one sentence what."""


class AgentError(Exception):
    """The agent answered with an error."""

    def __init__(self, error):
        super().__init__(f"{error['class']}: {error['desc']}")
        self.error = error


def make(*arguments):
    """Output of `make -s ARGUMENTS`, untouched by a make that may have started us."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MACHINE")}
    done = subprocess.run(["make", "-s", *arguments], cwd=ROOT, env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        raise GuestError(done.stderr.strip().removeprefix("Makefile:"))
    return done.stdout.strip()


@contextlib.contextmanager
def alone(lock=""):
    """Tests run side by side share build/: one of them at a time is here; who names another lock does not wait."""
    (ROOT / "build").mkdir(exist_ok=True)
    with open(ROOT / "build" / f".lock{lock}", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def make_alone(*arguments, lock=""):
    """make() of something below build/, alone()."""
    with alone(lock):
        return make(*arguments)


# A board is tested on its first machine and on these; pc, which to most tests is what q35 is, where they ask for it.
MORE_MACHINES = {"x86_64": ["q35"]}


@dataclass(frozen=True)
class Variant:
    """One way to launch one board. name: the board, and the machine if it is not the board's first: x86_64:q35."""

    board: str
    channel: str = "virtio"
    virtio: str = "legacy"
    accel: str = "tcg"
    app: str = ""  # an application linked in; build() it first
    newer: bool = False  # the QEMU of `make qemu-new`, not the system's
    machine: str = ""  # the board's first if none is named

    @classmethod
    def of(cls, name, **more):
        board, _, machine = name.partition(":")
        return cls(board, machine=machine, **more)

    @property
    def name(self):
        return f"{self.board}:{self.machine}".rstrip(":")

    def __str__(self):
        parts = [self.name, self.virtio if self.channel == "virtio" else self.channel]
        parts += [self.app] * bool(self.app) + [self.accel] * (self.accel != "tcg")
        return "-".join(parts + ["newer-qemu"] * self.newer)

    @property
    def native(self):
        return self.channel == "socket"

    def missing(self):
        """Why this variant cannot run here, or None."""
        if self.accel == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
            return "no /dev/kvm that may be used"
        if self.newer and not (NEWER / "complete").exists():
            return "`make qemu-new` has not brought the QEMU of Debian's backports"
        return None

    def prefix(self):
        """What make is told of where QEMU is."""
        return [f"QEMU_PREFIX={NEWER}/bin/"] * self.newer

    def command(self, sock, qmp="", log="", extra=""):
        line = _command(self)
        return [word.replace("@SOCK@", str(sock)).replace("@QMP@", str(qmp))
                .replace("@LOG@", str(log)) for word in shlex.split(line)
                ] + (shlex.split(extra) if isinstance(extra, str) else list(extra))


@functools.lru_cache(maxsize=None)
def _command(v):
    return make(*v.prefix(), *choice(v.name), f"CHANNEL={v.channel}",
                f"VIRTIO={v.virtio}", f"ACCEL={v.accel}", f"APP={v.app}", "SOCK=@SOCK@", "QMP=@QMP@", "LOG=@LOG@",
                "qemu-cmd")


@functools.lru_cache(maxsize=None)
def build(board, app="", flash=""):
    """Builds a board's image, with an application, for flash."""
    make_alone(f"BOARD={board}", f"APP={app}", f"FLASH={flash}", "all")


@functools.lru_cache(maxsize=None)
def boards():
    return make("list").split()


def machines():
    """Boards, and the machines beside their first: "x86_64:q35"."""
    return [name for board in boards() for name in [board, *(f"{board}:{m}" for m in MORE_MACHINES.get(board, ()))]]


def choice(name):
    """How make is told of a board, or of one of its machines."""
    board, _, machine = name.partition(":")
    return [f"BOARD={board}"] + [f"MACHINE={machine}"] * bool(machine)


@functools.lru_cache(maxsize=None)
def variants(name):
    board, _, machine = name.partition(":")
    return [Variant(board, *line.split(), machine=machine) for line in make(*choice(name), "variants").splitlines()]


def emulator(processor):
    """The program that plays a processor ("riscv64"), where make finds it: not always on the PATH."""
    return variants(processor if processor in boards() else f"virt-{processor}")[0].command("")[0]


def all_variants(newer=False):
    """newer: those of a newer QEMU too, where there is a QEMU at all."""
    # Where KVM itself is emulated a PC's BIOS takes ten seconds: tests/emu/test_pci.py starts those that are to be started.
    found = [v for name in machines() for v in variants(name) if not (v.machine and v.accel == "kvm")]
    return found + [replace(v, newer=True) for v in found if newer and not v.native and v.accel == "tcg"]


def processor_use(task):
    """(state, processor time in s) of a process or thread, by its directory in /proc: proc(5), stat."""
    fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
    return fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Guest:
    """A booted board. qmp: with QEMU's monitor as .monitor; extra: more QEMU options; client_first: a
    client connects before the processor starts, and is .first."""

    def __init__(self, variant, qmp=False, extra="", client_first=False):
        self.variant = variant
        self.dir = Path(tempfile.mkdtemp(prefix="bareqga-"))
        self.sock = self.dir / "agent.sock"
        self.qmp_sock = self.dir / "qmp.sock"
        self.log_file = self.dir / "log"
        self.process = None
        self.sockets = []
        try:
            self._start(qmp, extra, client_first)
        except BaseException:
            self.close()
            raise

    def _start(self, qmp, extra, client_first):
        command = self.variant.command(self.sock, self.qmp_sock, self.log_file, extra)
        if client_first and not self.variant.native:
            command.append("-S")
        if trace.FOLDER and not self.variant.native and "-d" not in command:
            command += trace.options(self.dir)
        if not shutil.which(command[0]):
            raise GuestError(f"{command[0]} is not here; `make setup` installs it")
        with open(self.dir / "output", "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, preexec_fn=die_with_parent, cwd=self.dir)
        self.monitor = None
        self.first = None
        if (qmp or client_first) and not self.variant.native:
            self.monitor = Monitor(self._open(self.qmp_sock))
        if client_first:
            self.first = self.connect()
            if self.monitor:
                self.monitor.call("cont")

    def _open(self, path):
        """Connects to a unix socket that may not be there yet."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect(str(path))
                s.settimeout(TIMEOUT)
                self.sockets.append(s)
                return s
            except OSError as error:
                s.close()
                if self.process.poll() is not None:
                    raise GuestError(f"{Path(self.process.args[0]).name} has ended with status "
                                     f"{self.process.returncode}: {self.output()}") from None
                if time.monotonic() > deadline:
                    raise GuestError(f"{path} cannot be connected to: {error}") from None
                time.sleep(0.005)

    def connect(self):
        """A new client on the agent's socket."""
        return Client(self._open(self.sock), self)

    def output(self):
        """What QEMU itself has said."""
        path = self.dir / "output"
        return path.read_text(errors="replace").strip() if path.exists() else ""

    def log(self):
        """What the firmware has said on its debug channel."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def uart_is_stuck(self):
        """A 16550 that holds what QEMU has not got rid of, to a client that does not read; other UARTs never are."""
        lines = [line for board, line in UART_STATUS.items() if self.variant.board.startswith(board)]
        return bool(lines) and not int(self.monitor.hmp(lines[0]).split()[-1], 16) & UART_THRE

    def wait_for_client(self):
        """Until QEMU has taken the client that connected: what a serial port says before is gone."""
        deadline = time.monotonic() + TIMEOUT
        while "agent: filename=disconnected" in self.monitor.hmp("info chardev"):
            if time.monotonic() > deadline:
                raise GuestError("QEMU does not take its client")
            time.sleep(0.01)

    def cpu_seconds(self):
        """Host processor time this guest has used."""
        return processor_use(Path(f"/proc/{self.process.pid}"))[1]

    def threads(self):
        """What its process does, a thread a line: name, state (proc(5)), processor time, the system call it is in."""
        lines = []
        for task in sorted(Path(f"/proc/{self.process.pid}/task").glob("*")):
            with contextlib.suppress(OSError):  # it has just ended; or the call is not ours to see
                state, seconds = processor_use(task)
                lines.append(f"{(task / 'comm').read_text().strip()}: {state}, {seconds:.2f} s")
                lines[-1] += f", in {(task / 'syscall').read_text().strip()}"
        return "\n".join(lines)

    def wait(self, timeout=TIMEOUT):
        """Waits until the guest has ended by itself; returns the exit status."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise GuestError(f"the guest is still running after {timeout:g} s") from None

    def close(self):
        for s in self.sockets:
            s.close()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if trace.FOLDER and self.process:
            trace.keep(self.dir, self.process.args)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def end(process):
    """Ends a process in an orderly way, so that what it writes is complete."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Client:
    """A client on the agent's socket."""

    def __init__(self, sock, guest=None):
        self.sock = sock
        self.guest = guest
        self.buffer = b""

    def send(self, *requests):
        """Sends requests in one write: bytes as they are, everything else as a line of JSON."""
        data = b"".join(r if isinstance(r, bytes) else json.dumps(r).encode() + b"\n" for r in requests)
        self.sock.sendall(data)

    def recv_until(self, end=b"\n", timeout=TIMEOUT):
        """The bytes up to and with `end`."""
        deadline = time.monotonic() + timeout
        parts = [self.buffer]
        while end not in (parts[-1] if len(end) == 1 else b"".join(parts)):
            self.sock.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self.sock.recv(1 << 16)
            except TimeoutError:
                self.buffer = b"".join(parts)
                raise GuestError(f"no answer within {timeout:g} s; so far {self.buffer[:200]!r}") from None
            except ConnectionError:
                data = b""
            if not data:
                self.buffer = b"".join(parts)
                raise GuestError(f"the guest has gone; last it said {self.buffer[:200]!r}")
            parts.append(data)
        head, _, self.buffer = b"".join(parts).partition(end)
        return head + end

    def recv(self, timeout=TIMEOUT):
        """The next answer, parsed."""
        return json.loads(self.recv_until(b"\n", timeout))

    def silent(self, seconds=0.3):
        """True if nothing comes for so long."""
        self.sock.settimeout(seconds)
        try:
            self.buffer += self.sock.recv(1 << 16)
        except TimeoutError:
            pass
        finally:
            self.sock.settimeout(TIMEOUT)
        return not self.buffer

    def sync(self, ident=None, timeout=TIMEOUT):
        """0xFF and guest-sync-delimited, as a client that has just come: whatever is still under way
        is dropped up to the delimiter in front of the answer. Returns the id that was answered."""
        if ident is None:
            ident = random.getrandbits(63)
        self.send(SENTINEL, {"execute": "guest-sync-delimited", "arguments": {"id": ident}})
        deadline = time.monotonic() + timeout
        while True:
            left = max(0.001, deadline - time.monotonic())
            self.recv_until(SENTINEL, left)
            answer = self.recv_until(b"\n", left)
            if json.loads(answer) == {"return": ident}:
                return ident

    sync_delimited = sync

    def ask(self, execute, arguments=None, timeout=TIMEOUT, **more):
        """Sends one request and returns the whole answer, parsed."""
        self.send(request(execute, arguments, **more))
        return self.recv(timeout)

    def call(self, execute, arguments=None, timeout=TIMEOUT):
        """Sends one request; returns its value, or raises AgentError."""
        answer = self.ask(execute, arguments, timeout)
        if "error" in answer:
            raise AgentError(answer["error"])
        return answer["return"]

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request(execute, arguments=None, **more):
    r = {"execute": execute}
    if arguments is not None:
        r["arguments"] = arguments
    return r | more


class Monitor:
    """QEMU's monitor (QMP)."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        self.events = []
        self.ids = itertools.count()
        self._read(TIMEOUT)
        self.call("qmp_capabilities")

    def _read(self, timeout):
        while b"\n" not in self.buffer:
            self.sock.settimeout(timeout)
            try:
                data = self.sock.recv(1 << 16)
            except TimeoutError:
                raise GuestError(f"QEMU's monitor says nothing for {timeout:g} s") from None
            if not data:
                raise GuestError("QEMU's monitor is gone")
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        message = json.loads(line)
        if "event" in message:
            self.events.append(message)
        return message

    def call(self, execute, timeout=TIMEOUT, **arguments):
        ident = next(self.ids)
        self.sock.sendall(json.dumps({"execute": execute, "arguments": arguments, "id": ident}).encode())
        while True:
            message = self._read(timeout)
            if message.get("id") == ident:
                if "error" in message:
                    raise GuestError(f"QEMU's monitor: {message['error']['desc']}")
                return message["return"]

    def hmp(self, line):
        """A command of the human monitor; returns its output."""
        return self.call("human-monitor-command", **{"command-line": line})

    def wait_event(self, name, timeout=TIMEOUT, **data):
        """Takes the next event of that name (and with these members of data), old ones first."""
        deadline = time.monotonic() + timeout
        while True:
            for event in self.events:
                if event["event"] == name and data.items() <= event.get("data", {}).items():
                    self.events.remove(event)
                    return event
            self._read(max(0.001, deadline - time.monotonic()))
