# SPDX-License-Identifier: MIT
"""Guests on other VMMs than QEMU: Firecracker, Cloud Hypervisor, crosvm, Alioth, kvmtool, libkrun, as docs/MICROVMS.md says.

    with VmmGuest(Box("firecracker", "vsock", cpus=4)) as guest:
        with guest.connect() as client: ...

Their programs are the user's own: on the PATH, or named by FIRECRACKER=, CLOUD_HYPERVISOR=, CROSVM=, ALIOTH= or
KVMTOOL=, which is called lkvm. libkrun is a library, where the linker finds such or named by LIBKRUN=.
"""
import ctypes
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
import tty
from dataclasses import dataclass
from pathlib import Path

import guest as guests
from guest import Client, Guest, GuestError

BOARD = "x86_64"
CID, PORT = 3, 1234


@dataclass(frozen=True)
class Box:
    """One way to start one VMM."""

    vmm: str
    channel: str = ""  # the first of the VMM's if none is named
    kernel: str = ""  # elf or bzImage; the first of the VMM's if none is named
    cpus: int = 1
    mib: int = 128
    words: str = ""  # of the kernel command line
    board: str = BOARD

    def __str__(self):
        return f"{self.vmm}-{self.way}-{self.image_kind}"

    @property
    def way(self):
        return self.channel or next(iter(VMMS[self.vmm].channels))

    @property
    def reached(self):
        return VMMS[self.vmm].channels[self.way]

    @property
    def image_kind(self):
        return self.kernel or VMMS[self.vmm].kernel

    @property
    def image(self):
        return guests.ROOT / guests.make(f"BOARD={self.board}", "print-O") / f"bareqga.{self.image_kind}"

    @property
    def variable(self):
        return self.vmm.upper().replace("-", "_")

    def program(self):
        """Its path, or None."""
        return VMMS[self.vmm].found(self.named)

    @property
    def named(self):
        return os.environ.get(self.variable) or VMMS[self.vmm].program or self.vmm

    def missing(self):
        """Why it cannot run here, or None."""
        if self.vmm not in VMMS:
            return f"there is no VMM={self.vmm}; VMM=... is one of: {' '.join(VMMS)}"
        if guests.make(f"BOARD={self.board}", "print-ARCH") != "x86":
            return f"VMM={self.vmm} starts x86 images, not BOARD={self.board}"
        if self.way not in VMMS[self.vmm].channels:
            return f"VMM={self.vmm} has no CHANNEL={self.way}; CHANNEL=... is one of: {' '.join(VMMS[self.vmm].channels)}"
        if self.program() is None:
            return f"{self.named} is not here; {self.variable}=/path/to/it names it"
        return None


@dataclass(frozen=True)
class Vmm:
    """channels: what the agent can be on, and how that is reached: the VMM's input and output are what it is on (stdio),
    of which the input must be a terminal, or both (terminals); or agent.sock is it, or leads to its vsock port after a
    word (vsock). reboots: or ends instead. command(box, folder): all its words but the first. kernel: what it starts, if
    nothing else is said. first: what a serial port is sent until it answers with an error. found(name): where its program
    is, or None. launcher: the words before that."""

    channels: dict
    reboots: bool
    command: object
    kernel: str = "elf"
    program: str = ""  # if it is not called as the VMM
    first: bytes = b""
    found: object = shutil.which
    launcher: tuple = ()


def firecracker(box, folder):
    """It has a configuration file. Its own log would otherwise be in the serial port's output."""
    log = folder / "vmm.log"
    log.touch()
    config = {
        "boot-source": {"kernel_image_path": str(box.image), "boot_args": box.words},
        "drives": [],
        "machine-config": {"vcpu_count": box.cpus, "mem_size_mib": box.mib},
        "logger": {"log_path": str(log), "level": "Warning"},
    }
    if box.reached == "vsock":
        config["vsock"] = {"guest_cid": CID, "uds_path": str(folder / "agent.sock")}
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    return ["--no-api", "--config-file", str(folder / "config.json")] + ["--enable-pci"] * (box.way == "vsock-pci")


def cloud_hypervisor(box, folder):
    """All that is not COM1 is on PCI."""
    way = {"uart": ["--serial", f"socket={folder / 'agent.sock'}", "--console", "off"],
           "vsock": ["--vsock", f"cid={CID},socket={folder / 'agent.sock'}", "--console", "off"],
           "virtio": ["--console", "tty"]}[box.way]
    return ["--kernel", str(box.image), "--cpus", f"boot={box.cpus}", "--memory", f"size={box.mib}M",
            *way] + ["--cmdline", box.words] * bool(box.words)


def crosvm(box, folder):
    """Its default serial port reads the standard input, too, unless number 1 is named."""
    way = {"uart": ["type=stdout,hardware=serial,num=1,stdin=true"],
           "virtio": ["type=sink,hardware=serial,num=1",
                      "type=stdout,hardware=virtio-console,num=1,stdin=true,name=org.qemu.guest_agent.0"]}[box.way]
    return ["run", "--disable-sandbox", "--cpus", str(box.cpus), "--mem", str(box.mib),
            *(word for port in way for word in ("--serial", port))] + ["-p", box.words] * bool(box.words) + [str(box.image)]


def alioth(box, folder):
    way = {"uart": [], "vsock": ["--vsock", f"uds,cid={CID},path={folder / 'agent.sock'}",
                                 "--console", f"log,path={folder / 'log'}"]}[box.way]
    return ["boot", "--pvh" if box.image_kind == "elf" else "--kernel", str(box.image), "--cpu", f"count={box.cpus}",
            "--memory", f"size={box.mib}M", *way] + ["--cmdline", box.words] * bool(box.words)


def kvmtool(box, folder):
    return ["run", "-k", str(box.image), "-c", str(box.cpus), "-m", str(box.mib), "-n", "mode=none",
            "--console", {"uart": "serial"}.get(box.way, box.way)] + ["-p", box.words] * bool(box.words)


def libkrun(box, folder):
    """To tests/tools/krun.py."""
    return ["--kernel", str(box.image), "--cpus", str(box.cpus), "--mem", str(box.mib), "--channel", box.way, "--cmdline", box.words]


def library(name):
    """Its name, if it can be loaded by that."""
    try:
        ctypes.CDLL(name)
        return name
    except OSError:
        return None


# Each of kvmtool's four serial ports reads the terminal: those that nobody empties then have their fill.
VMMS = {
    "firecracker": Vmm({"vsock": "vsock", "uart": "stdio", "vsock-pci": "vsock"}, False, firecracker),
    "cloud-hypervisor": Vmm({"uart": "socket", "vsock": "vsock", "virtio": "terminal"}, True, cloud_hypervisor),
    "crosvm": Vmm({"uart": "stdio", "virtio": "stdio"}, False, crosvm),
    "alioth": Vmm({"uart": "terminal", "vsock": "vsock"}, True, alioth),
    "kvmtool": Vmm({"virtio": "terminals", "uart": "terminals"}, False, kvmtool, "bzImage", "lkvm", b"\xff" + b" " * 255),
    "libkrun": Vmm({"virtio": "stdio", "uart": "stdio", "vsock": "socket"}, False, libkrun, program="libkrun.so.1", found=library,
                   launcher=(sys.executable, str(guests.ROOT / "tests/tools/krun.py"))),
}


def has_kvm():
    return os.access("/dev/kvm", os.R_OK | os.W_OK)


class Pipes:
    """What a VMM has as its standard input and output, used as a socket. Firecracker takes only pipes and
    terminals for an input, and drops what its output has no room for, so there is much; Alioth only terminals,
    and kvmtool one for both."""

    def __init__(self, kind):
        self.theirs = [0, 0]
        if kind == "terminals":
            self.write_end, slave = os.openpty()
            tty.setraw(slave)
            self.theirs = [slave, os.dup(slave)]
            self.read_end = os.dup(self.write_end)
            self.timeout = None
            return
        if kind == "terminal":
            self.write_end, self.theirs[0] = os.openpty()
            tty.setraw(self.theirs[0])
        else:
            self.theirs[0], self.write_end = os.pipe()
        self.read_end, self.theirs[1] = os.pipe()
        fcntl.fcntl(self.read_end, fcntl.F_SETPIPE_SZ, 1 << 20)
        self.timeout = None

    def settimeout(self, seconds):
        self.timeout = seconds

    def sendall(self, data):
        try:
            while data:
                data = data[os.write(self.write_end, data[:4096]):]
        except BrokenPipeError:
            """Who has gone is told by recv()."""

    def recv(self, size):
        if not select.select([self.read_end], [], [], self.timeout)[0]:
            raise TimeoutError
        try:
            return os.read(self.read_end, size)
        except OSError:  # a terminal that nobody has any more
            return b""

    def close(self):
        """Of one client; the next one has the same pipes."""

    def end(self):
        for end in (self.read_end, self.write_end):
            os.close(end)


class VmmGuest(Guest):
    """A machine that is not QEMU's. On a serial port each client is heard by the same agent: sync() first.
    prepare(folder) is called before it starts."""

    def __init__(self, box, prepare=lambda folder: None):
        self.pipes = None
        self.begun = False
        self.prepare = prepare
        super().__init__(box)

    def _start(self, *_):
        self.prepare(self.dir)
        box, vmm = self.variant, VMMS[self.variant.vmm]
        missing = box.missing()
        if missing:
            raise GuestError(missing)
        stdin, stdout = subprocess.DEVNULL, open(self.dir / "log", "wb")
        if box.reached in ("stdio", "terminal", "terminals"):
            self.pipes = Pipes(box.reached)
            stdin, stdout = self.pipes.theirs
        self.monitor = self.first = None
        command = [*vmm.launcher, box.program(), *vmm.command(box, self.dir)]
        self.process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=open(self.dir / "output", "wb"), cwd=self.dir,
                                        preexec_fn=guests.die_with_parent, env={**os.environ, "HOME": str(self.dir)})  # kvmtool leaves things there
        for end in self.pipes.theirs if self.pipes else ():
            os.close(end)

    def connect(self):
        if self.pipes:
            client = Client(self.pipes, self)
            if self.variant.way == "uart" and not self.begun:
                self._begin(client, VMMS[self.variant.vmm].first)
            return client
        if self.variant.reached == "socket":
            return super().connect()
        deadline = time.monotonic() + guests.TIMEOUT
        while (client := self._call()) is None:
            if time.monotonic() > deadline:
                raise GuestError(f"nobody answers CONNECT {PORT}")
            time.sleep(0.01)
        return client

    def _begin(self, client, first):
        deadline = time.monotonic() + guests.TIMEOUT
        self.begun = True
        while first:
            client.send(first)
            try:
                return client.recv_until(b'"error"', timeout=1)
            except GuestError:
                if time.monotonic() > deadline:
                    raise

    def _call(self):
        """A client on the agent's vsock port, or None: the guest is not up yet, or the client before is going."""
        client = Client(self._open(self.sock), self)
        try:
            client.send(b"CONNECT %d\n" % PORT)
            if client.recv_until(b"\n").startswith(b"OK "):
                return client
        except (GuestError, BrokenPipeError) as error:
            if "no answer" in str(error):
                raise
        client.close()
        return None

    def output(self):
        """What the VMM itself has said, and the likeliest reason."""
        log = self.dir / "vmm.log"
        said = [super().output(), log.read_text().strip() if log.exists() else "", "" if has_kvm() else "no /dev/kvm that may be used"]
        return "\n".join(filter(None, said))

    def close(self):
        super().close()
        if self.pipes:
            self.pipes.end()
