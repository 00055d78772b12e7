# SPDX-License-Identifier: MIT
"""Guests on other VMMs than QEMU: Firecracker, Cloud Hypervisor, crosvm, Alioth, as docs/MICROVMS.md says.

    with VmmGuest(Box("firecracker", "vsock", cpus=4)) as guest:
        with guest.connect() as client: ...

Their programs are the user's own: on the PATH, or named by FIRECRACKER=, CLOUD_HYPERVISOR=, CROSVM= or ALIOTH=.
"""
import fcntl
import json
import os
import select
import shutil
import subprocess
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
    kernel: str = "elf"  # or bzImage
    cpus: int = 1
    mib: int = 128
    words: str = ""  # of the kernel command line
    board: str = BOARD

    def __str__(self):
        return f"{self.vmm}-{self.way}-{self.kernel}"

    @property
    def way(self):
        return self.channel or VMMS[self.vmm].channels[0]

    @property
    def image(self):
        return guests.ROOT / guests.make(f"BOARD={self.board}", "print-O") / f"bareqga.{self.kernel}"

    @property
    def variable(self):
        return self.vmm.upper().replace("-", "_")

    def program(self):
        """Its path, or None."""
        return shutil.which(os.environ.get(self.variable) or self.vmm)

    def missing(self):
        """Why it cannot run here, or None."""
        if self.vmm not in VMMS:
            return f"there is no VMM={self.vmm}; VMM=... is one of: {' '.join(VMMS)}"
        if guests.make(f"BOARD={self.board}", "print-ARCH") != "x86":
            return f"VMM={self.vmm} starts x86 images, not BOARD={self.board}"
        if self.way not in VMMS[self.vmm].channels:
            return f"VMM={self.vmm} has no CHANNEL={self.way}; CHANNEL=... is one of: {' '.join(VMMS[self.vmm].channels)}"
        if self.program() is None:
            return f"{os.environ.get(self.variable) or self.vmm} is not here; {self.variable}=/path/to/it names it"
        return None


@dataclass(frozen=True)
class Vmm:
    """channels: what the agent can be on. serial: stdio, where its only serial port is its input and output,
    terminal, where the input must be one, or socket, which is agent.sock. reboots: or ends instead. command(box, folder): all its words but the first."""

    channels: tuple
    serial: str
    reboots: bool
    command: object


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
    if box.way == "vsock":
        config["vsock"] = {"guest_cid": CID, "uds_path": str(folder / "agent.sock")}
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    return ["--no-api", "--config-file", str(folder / "config.json")]


def cloud_hypervisor(box, folder):
    return ["--kernel", str(box.image), "--cpus", f"boot={box.cpus}", "--memory", f"size={box.mib}M",
            "--serial", f"socket={folder / 'agent.sock'}", "--console", "off"] + ["--cmdline", box.words] * bool(box.words)


def crosvm(box, folder):
    """Its default serial port reads the standard input, too, unless number 1 is named."""
    return ["run", "--disable-sandbox", "--cpus", str(box.cpus), "--mem", str(box.mib),
            "--serial", "type=stdout,hardware=serial,num=1,stdin=true"] + ["-p", box.words] * bool(box.words) + [str(box.image)]


def alioth(box, folder):
    return ["boot", "--pvh" if box.kernel == "elf" else "--kernel", str(box.image), "--cpu", f"count={box.cpus}",
            "--memory", f"size={box.mib}M"] + ["--cmdline", box.words] * bool(box.words)


VMMS = {
    "firecracker": Vmm(("vsock", "uart"), "stdio", False, firecracker),
    "cloud-hypervisor": Vmm(("uart",), "socket", True, cloud_hypervisor),
    "crosvm": Vmm(("uart",), "stdio", False, crosvm),
    "alioth": Vmm(("uart",), "terminal", True, alioth),
}


def has_kvm():
    return os.access("/dev/kvm", os.R_OK | os.W_OK)


class Pipes:
    """What a VMM has as its standard input and output, used as a socket. Firecracker takes only pipes and
    terminals for an input, and drops what its output has no room for, so there is much; Alioth only terminals."""

    def __init__(self, terminal):
        self.theirs = [0, 0]
        if terminal:
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
        return os.read(self.read_end, size)

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
        self.prepare = prepare
        super().__init__(box)

    def _start(self, *_):
        self.prepare(self.dir)
        box, vmm = self.variant, VMMS[self.variant.vmm]
        missing = box.missing()
        if missing:
            raise GuestError(missing)
        stdin, stdout = subprocess.DEVNULL, open(self.dir / "log", "wb")
        if vmm.serial != "socket" and box.way == "uart":
            self.pipes = Pipes(vmm.serial == "terminal")
            stdin, stdout = self.pipes.theirs
        self.monitor = self.first = None
        self.process = subprocess.Popen([box.program(), *vmm.command(box, self.dir)], stdin=stdin, stdout=stdout,
                                        stderr=open(self.dir / "output", "wb"), cwd=self.dir, preexec_fn=guests.die_with_parent)
        for end in self.pipes.theirs if self.pipes else ():
            os.close(end)

    def connect(self):
        if self.pipes:
            return Client(self.pipes, self)
        if self.variant.way == "uart":
            return super().connect()
        deadline = time.monotonic() + guests.TIMEOUT
        while (client := self._call()) is None:
            if time.monotonic() > deadline:
                raise GuestError(f"nobody answers CONNECT {PORT}")
            time.sleep(0.01)
        return client

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
