# SPDX-License-Identifier: MIT
"""Fixtures for tests of the host command qgactl, built with ASan and UBSan.

    def test_ping(agent):                 # against each agent of AGENTS in turn
        assert agent.run("ping").code == 0
"""
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import guest as guests
from guest import ROOT, TIMEOUT, Guest, Variant

sys.path[:0] = [str(ROOT / "tests" / "diff"), str(ROOT / "tests" / "emu"), str(ROOT / "tests" / "tools")]
import agents  # noqa: E402

ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("QGACTL_TARGET", "NO_COLOR", "XDG_STATE_HOME")} | {
    "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "exitcode=99", "LSAN_OPTIONS": f"suppressions={Path(__file__).parent}/lsan.supp:print_suppressions=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
NO_SYS = "there is no /sys here, where qemu-ga looks for processors and disks"
BAREQGA = [Variant("virt-riscv64"), Variant("x86_64"), Variant("virt-riscv64", channel="uart")]
VSOCK = "virt-riscv64-vsock"  # the same on a socket device
PORT = 1234


class Done:
    """What a run of qgactl has left."""

    def __init__(self, process, out, err):
        self.code, self.bytes, self.err = process.returncode, out, err.decode(errors="replace")
        assert self.code != 99 and "runtime error" not in self.err, self.err  # the sanitizers' words

    @property
    def out(self):
        return self.bytes.decode()

    def __repr__(self):
        return f"<{self.code}: {self.bytes[:300]!r} {self.err[:600]!r}>"


class Qgactl:
    """qgactl, and the target that it is to talk to."""

    def __init__(self, program, target, directory):
        self.program, self.target, self.dir = program, target, directory
        self.env = ENVIRONMENT | {"QGACTL_TARGET": target, "HOME": str(directory)}

    def start(self, *words, **more):
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                "env": self.env, "cwd": self.dir, "preexec_fn": guests.die_with_parent} | more
        return subprocess.Popen([self.program, *map(str, patient(words))], **more)

    def run(self, *words, stdin=b"", timeout=8 * TIMEOUT):
        process = self.start(*words, stdin=subprocess.PIPE)
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"qgactl {words} does not end; so far {out!r} {err!r}") from None
        return Done(process, out, err)

    def ok(self, *words, stdin=b""):
        done = self.run(*words, stdin=stdin)
        assert done.code == 0, (words, done)
        return done.out

    def fails(self, code, *words, says="", stdin=b""):
        """It fails with one sentence."""
        done = self.run(*words, stdin=stdin)
        assert done.code == code, (words, done)
        assert done.err.startswith("qgactl: ") and done.err.count("\n") == 1, done
        assert says in done.err, done
        return done.err

    def silence(self, code, *words, seconds=2, says=""):
        """As fails(), where the answer does not come in time: only to this request, for it is in step before."""
        script = f"status\n{shlex.join(map(str, (words[0], '--timeout', seconds, *words[1:])))}\n"
        done = self.run("shell", stdin=script.encode())
        assert done.code == code and done.out, (words, done)
        assert done.err.startswith("qgactl: ") and done.err.count("\n") == 1 and says in done.err, (words, done)


def patient(words):
    """With more patience than it has, for a machine that is busy; what `words` say of it counts."""
    return words if {"--list", "--timeout"} & set(words) else ("--timeout", TIMEOUT, *words)


@pytest.fixture(scope="session")
def program():
    """Built once, by whichever worker comes first."""
    return build("SANITIZE=1")


def build(*how):
    guests.make_alone(*how, "qgactl", lock="-qgactl")
    return guests.make(*how, "print-QGACTL").join([f"{ROOT}/", ""])


@pytest.fixture
def qgactl(program, tmp_path):
    """Without a target; tests give one with -T."""
    return Qgactl(program, "", tmp_path)


class Agent(Qgactl):
    """An agent that runs, and qgactl to talk to it."""

    def __init__(self, program, sock, directory, kind, where):
        self.sock, self.kind, self.where = sock, kind, where
        super().__init__(program, self.at(sock), directory)

    def at(self, path):
        """The target, if the agent is behind that socket."""
        return f"vsock-uds:{path}:{PORT}" if self.vsock else f"unix:{path}"

    @property
    def vsock(self):
        return self.kind == VSOCK

    @property
    def linux(self):
        return self.kind == "qemu-ga"


def start_agent(kind, stack, extra="-m 256"):
    """A socket, and what is behind it: a Guest or a Peer."""
    if kind == "qemu-ga":
        peer = stack.enter_context(agents.QemuGa())
        peer.socket.close()  # one client at a time
        return peer.socket_path, peer
    if kind == VSOCK:
        import test_vsock
        if not test_vsock.PROGRAM.exists():
            pytest.skip("`make vhost-vsock` has not brought vhost-device-vsock")
        way = test_vsock.Socketed("virt-riscv64", memory=extra.removeprefix("-m ") + "M")
        guests.build(way.board)
        booted = stack.enter_context(test_vsock.SocketGuest(way, qmp=True))
        return booted.sock, booted
    variant = next(v for v in BAREQGA if str(v) == kind)
    missing = variant.missing()
    if missing:
        pytest.skip(missing)
    guests.build(variant.board)
    booted = stack.enter_context(Guest(variant, qmp=True, extra=extra))
    return booted.sock, booted


KINDS = ["qemu-ga", *map(str, BAREQGA), VSOCK]


@pytest.fixture(scope="module", params=KINDS)
def running(request):
    """One for all tests of a file."""
    import contextlib
    with contextlib.ExitStack() as stack:
        yield request.param, *start_agent(request.param, stack)


@pytest.fixture
def agent(running, program, tmp_path):
    kind, sock, where = running
    return Agent(program, sock, tmp_path, kind, where)


@pytest.fixture
def fresh(program, tmp_path):
    """fresh(kind): an agent for one test alone."""
    import contextlib
    with contextlib.ExitStack() as stack:
        def start(kind, **more):
            sock, where = start_agent(kind, stack, **more)
            return Agent(program, sock, tmp_path, kind, where)
        yield start




@pytest.fixture(scope="module")
def libvirt():
    """A libvirtd of our own with a bareqga guest, domain "guest"."""
    import test_libvirt
    if test_libvirt.MISSING:
        pytest.skip(test_libvirt.MISSING)
    daemon = test_libvirt.Libvirt()
    try:
        daemon.start()
        guests.build("virt-riscv64")
        daemon.create("virt-riscv64")
        yield daemon
    finally:
        daemon.close()
