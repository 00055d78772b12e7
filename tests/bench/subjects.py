# SPDX-License-Identifier: MIT
"""subjects.py - starts what is measured and talks to it.

A subject is a guest or a process that answers on a stream socket: bareqga, the echo floor, the
base64 floor, a Linux peer, or a host process. All of them get the QEMU command line of
`make qemu-cmd`; only image and memory differ. The agent's socket is one end of a socket pair
handed to QEMU, so that a client is connected from the first instruction on and no connect is
measured.
"""
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))  # guest.py, vmms.py
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))
PEER_ARCH = {"virt-riscv64": "riscv64", "virt-aarch64": "arm64", "x86_64": "amd64"}
PING = b'{"execute":"guest-ping"}\n'


class Failed(Exception):
    """A subject that could not be measured; the text says why."""


def make(*args):
    """Runs make quietly; returns what it printed."""
    done = subprocess.run(["make", "-s", "-C", ROOT, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    if done.returncode:
        reason = re.sub(r"^.*\*\*\* |  Stop\.$", "", (done.stderr.strip().splitlines() or [""])[-1])
        raise Failed(f"make {' '.join(args)}: {reason}")
    return done.stdout


def qemu_command(board, **variables):
    """The board's command line as a list, with the socket path SOCK in it."""
    line = make(f"BOARD={board}", "qemu-cmd", "SOCK=SOCK",
                *(f"{k}={v}" for k, v in variables.items()))
    return shlex.split(line)


def replace(command, option, value):
    """The command with option's value replaced, or the option added."""
    command = list(command)
    if option in command:
        command[command.index(option) + 1] = value
    else:
        command += [option, value]
    return command


def without(command, option):
    if option not in command:
        return command
    at = command.index(option)
    return command[:at] + command[at + 2:]


class Subject:
    """What to run: a name, a command, and where its agent's socket goes ("fd=%d")."""

    def __init__(self, name, command, firmware=True, origin=""):
        self.name, self.command, self.firmware, self.origin = name, command, firmware, origin

    def with_memory(self, mib):
        return Subject(self.name, replace(self.command, "-m", f"{mib}M"), self.firmware)

    def with_option(self, option, value):
        return Subject(self.name, replace(self.command, option, value), self.firmware)

    def with_args(self, *args):
        return Subject(self.name, [*self.command, *args], self.firmware)


def bareqga(board, **variables):
    make(f"BOARD={board}", "all")
    return Subject("bareqga", qemu_command(board, **variables))


def floor(board, which, **variables):
    """A firmware of this directory on the same machine: echo, base64 or byte."""
    image = BUILD / board / f"bench-{which}.elf"
    make(f"BOARD={board}", os.path.relpath(image, ROOT))
    return Subject(which, replace(qemu_command(board, **variables), "-kernel", str(image)))


def peer(board, lean, **variables):
    """Linux and the real qemu-ga, built by peer.py."""
    name = PEER_ARCH[board] + ("-lean" if lean else "")
    image = BUILD / "peer" / name
    if not (image / "origin").exists():
        raise Failed(f"no {name} peer: tests/bench/peer.py {PEER_ARCH[board]}"
                     f"{' --lean' if lean else ''} builds it, `make peers` all")
    command = replace(qemu_command(board, **variables), "-kernel", str(image / "kernel"))
    command = replace(without(command, "-bios"), "-m", "256M")
    if lean:  # has no ACPI; without it microvm names its devices on the kernel's command line
        command = [a.replace("microvm", "microvm,acpi=off") if a.startswith("microvm") else a
                   for a in command]
    command += ["-initrd", str(image / "initrd"), "-append", "quiet"]
    return Subject("lean" if lean else "stock", command, firmware=False,
                   origin=(image / "origin").read_text().strip())


PCI_BOARDS = ["virt-riscv64", "virt-aarch64"]
PCI_CONSOLE = ["pcie-root-port,id=port1,bus=pcie.0,addr=1,chassis=1", "-device", "virtio-serial-pci,bus=port1"]


def over_pci(subject):
    """The same with its console behind a root port, as libvirt has it; nobody has given out addresses."""
    at = subject.command.index("virtio-serial-device")
    command = [*subject.command[:at], *PCI_CONSOLE, *subject.command[at + 1:]]
    return Subject(f"{subject.name}-pci", command, subject.firmware)


class Guest:
    """A running subject; use as a context manager. `stdout` gets the serial port's output."""

    def __init__(self, subject, stdout=subprocess.DEVNULL):
        self.sock, theirs = socket.socketpair()
        command = [a.replace("path=SOCK,server=on,wait=off", f"fd={theirs.fileno()}")
                   for a in subject.command]
        self.subject = subject
        self.process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdout=stdout,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        theirs.close()
        self.sock.settimeout(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the process in an orderly way, so that logs are complete."""
        self.sock.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

    def ask(self, request):
        """Sends one request, returns the answer line."""
        self.sock.sendall(request)
        answer = b""
        while not answer.endswith(b"\n"):
            try:
                more = self.sock.recv(1 << 20)
            except TimeoutError:
                raise Failed(f"{self.subject.name}: no answer to {request[:60]!r}") from None
            if not more:
                raise Failed(f"{self.subject.name}: the guest hung up")
            answer += more
        return answer

    def client(self, requests, count, depth=1):
        """Runs client.c; returns a list of (nanoseconds, bytes sent, bytes received)."""
        done = subprocess.run([client_program(), str(self.sock.fileno()), str(count), str(depth)],
                              input=requests, pass_fds=[self.sock.fileno()],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise Failed(f"{self.subject.name}: {done.stderr.decode().strip()}")
        return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]

    def cpu_ns(self):
        """Host CPU time used so far, all threads."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


def client_program():
    program = BUILD / "bench" / "client"
    source = ROOT / "tests/bench/client.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        # Tests run side by side: whoever comes last replaces it, and nobody starts half a program.
        own = program.with_name(f"client.{os.getpid()}")
        subprocess.run(["gcc", "-O2", "-Wall", "-o", own, source], check=True)
        own.rename(program)
    return program
