# SPDX-License-Identifier: MIT
"""A real libvirt and its virsh: the client most users have.

A libvirtd of our own, in session mode, everything of it in one temporary directory, started as an
unprivileged user where we are root. One kind of domain puts virtio-serial on virtio-mmio, the rest being
what libvirt gives by default (legacy registers, port number 1); the other is as virt-install writes it,
without a word about addresses: libvirt then puts everything on PCI.
"""
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from guest import HAS_SYS, ROOT, TIMEOUT, boards, end, variants
from test_disks import media  # noqa: F401, a fixture

pytestmark = pytest.mark.xdist_group("libvirt")
LIBVIRTD = shutil.which("libvirtd", path=os.environ["PATH"] + ":/usr/sbin")
MISSING = ("libvirtd is not installed" if not LIBVIRTD else
           None if HAS_SYS else "there is no /sys here, without which libvirtd makes no guests")
MACHINES = {
    "virt-riscv64": ("riscv64", "virt", "", "<loader type='rom'>none</loader>", 64),
    "virt-riscv32": ("riscv32", "virt", "", "<loader type='rom'>none</loader>", 64),
    "virt-aarch64": ("aarch64", "virt", "<cpu mode='custom'><model>cortex-a53</model></cpu>", "", 64),
    "virt-arm": ("armv7l", "virt", "", "", 64),
    "x86_64": ("x86_64", "microvm", "<features><acpi/></features>", "", 64),
}
# As virt-install writes them: board, architecture, machine, features and processor.
CORTEX = "<cpu mode='custom'><model>cortex-a57</model></cpu>"
X86 = "<features><acpi/><apic/></features><clock offset='utc'/>"
DEFAULTS = {
    "q35": ("x86_64", "x86_64", "q35", X86, "", """
        <controller type='usb' model='qemu-xhci' ports='15'/><controller type='pci' model='pcie-root'/>
        <controller type='pci' model='pcie-root-port'/>
        <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"""),
    "pc": ("x86_64", "x86_64", "pc", X86, "", """
        <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"""),
    "riscv64": ("virt-riscv64", "riscv64", "virt", "", "<loader type='rom'>none</loader>", ""),
    "riscv64-s": ("virt-riscv64-s", "riscv64", "virt", "", "", ""),
    "aarch64": ("virt-aarch64", "aarch64", "virt", CORTEX, "", ""),
}
ABLE = {*MACHINES, *(d[0] for d in DEFAULTS.values())}


def emulator_of(name):
    """The program; with the board's own channel, for q35's is not virtio."""
    board = board_of(name)
    return shutil.which(next(iter(variants(board))).command("")[0])


def board_of(name):
    return DEFAULTS[name][0] if name in DEFAULTS else name


# Machines that boot a disk with the firmware that libvirt chooses: the beginning of <os>, features. Our image is
# not signed, and Debian's first choice for UEFI asks for that.
UNSIGNED = "<os firmware='efi'><firmware><feature enabled='no' name='secure-boot'/></firmware>"
FROM_DISK = {"pc": ("<os>", X86), "aarch64": (UNSIGNED, "<features><acpi/><gic/></features>" + CORTEX)}


def disk_domain(name, disk):
    _, arch, machine, _, _, devices = DEFAULTS[name]
    os_begins, more = FROM_DISK[name]
    return f"""<domain type='qemu'>
      <name>guest</name> <memory unit='MiB'>256</memory> <vcpu>1</vcpu>
      {os_begins}<type arch='{arch}' machine='{machine}'>hvm</type></os> {more}
      <devices> <emulator>{emulator_of(name)}</emulator> {devices}
        <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{disk}'/><target dev='vda' bus='virtio'/></disk>
        <console type='pty'/>
        <channel type='unix'><source mode='bind'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      </devices>
    </domain>"""


def default_domain(name, kernel):
    _, arch, machine, more, loader, devices = DEFAULTS[name]
    return f"""<domain type='qemu'>
      <name>guest</name> <memory unit='MiB'>128</memory> <vcpu>2</vcpu>
      <os><type arch='{arch}' machine='{machine}'>hvm</type>{loader}<kernel>{kernel}</kernel></os>
      {more}
      <devices> <emulator>{emulator_of(name)}</emulator> {devices}
        <console type='pty'/>
        <channel type='unix'><source mode='bind'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
        <memballoon model='virtio'/>
      </devices>
    </domain>"""


def domain(board, kernel):
    if board in DEFAULTS:
        return default_domain(board, kernel)
    arch, machine, more, loader, memory = MACHINES[board]
    usb = "<controller type='usb' index='0' model='none'/>" if arch == "x86_64" else ""
    return f"""<domain type='qemu'>
      <name>guest</name>
      <memory unit='MiB'>{memory}</memory>
      <vcpu>2</vcpu>
      <os><type arch='{arch}' machine='{machine}'>hvm</type>{loader}<kernel>{kernel}</kernel></os>
      {more}
      <devices>
        <emulator>{emulator_of(board)}</emulator>
        <controller type='virtio-serial' index='0'><address type='virtio-mmio'/></controller>
        {usb}
        <memballoon model='none'/>
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      </devices>
    </domain>"""


class Libvirt:
    """A libvirtd of our own, and virsh to talk to it."""

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="bareqga-libvirt-"))
        self.process = None
        for name in ("run", "config", "cache", "data", "bin"):
            (self.dir / name).mkdir(mode=0o700)
        # Of its own it starts virtlogd for what QEMU says, and on a busy host that comes too late for it.
        (self.dir / "config/libvirt").mkdir()
        (self.dir / "config/libvirt/qemu.conf").write_text('stdio_handler = "file"\n')
        for board in boards():
            # libvirtd asks every QEMU it finds for its abilities; let it find ours only.
            program = emulator_of(board) if board in ABLE else None
            link = self.dir / "bin" / Path(program).name if program else None
            if link and not link.exists():
                link.symlink_to(program)
        self.env = {
            "PATH": f"{self.dir}/bin", "HOME": str(self.dir), "LC_ALL": "C",
            "XDG_RUNTIME_DIR": f"{self.dir}/run", "XDG_CONFIG_HOME": f"{self.dir}/config",
            "XDG_CACHE_HOME": f"{self.dir}/cache", "XDG_DATA_HOME": f"{self.dir}/data",
        }
        self.user = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (self.dir, *self.dir.iterdir(), self.dir / "config/libvirt"):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)

    def start(self):
        with open(self.dir / "output", "wb") as output:
            self.process = subprocess.Popen([LIBVIRTD], env=self.env, cwd=self.dir, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, **self.user)
        deadline = time.monotonic() + 2 * TIMEOUT
        while self.virsh("list", check=False).returncode:
            assert self.process.poll() is None, (self.dir / "output").read_text()
            assert time.monotonic() < deadline, "libvirtd does not answer"
            time.sleep(0.1)

    def virsh(self, *command, check=True):
        done = subprocess.run(["/usr/bin/virsh", "-q", "-c", "qemu:///session", *command], env=self.env,
                              cwd=self.dir, text=True, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=4 * TIMEOUT, **self.user)
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def ask(self, text):
        return json.loads(self.virsh("qemu-agent-command", "guest", text).stdout)

    def create(self, board):
        kernel = self.dir / "kernel.elf"
        shutil.copy(ROOT / "build" / board_of(board) / "bareqga.elf", kernel)
        kernel.chmod(0o644)
        self.create_of(domain(board, kernel))

    def create_of(self, text):
        xml = self.dir / "guest.xml"
        xml.write_text(text)
        xml.chmod(0o644)
        self.virsh("create", str(xml))
        self.wait(lambda: "state='connected'" in self.virsh("dumpxml", "guest").stdout, "the agent is not connected")

    def wait(self, true, otherwise):
        deadline = time.monotonic() + 15 * TIMEOUT  # UEFI takes 10 s of a processor, and of a busy host's it gets few
        while not true():
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.05)

    def close(self):
        if self.process:
            self.virsh("destroy", "guest", check=False)
            end(self.process)
            # QEMUs of a libvirtd that broke down: they carry our directory in their command line.
            for status in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    if str(self.dir).encode() in status.read_bytes():
                        os.kill(int(status.parent.name), 9)
                except OSError:
                    pass
        shutil.rmtree(self.dir, ignore_errors=True)


@pytest.fixture(scope="module")
def daemon():
    if MISSING:
        pytest.skip(MISSING)
    libvirt = Libvirt()
    try:
        libvirt.start()
        yield libvirt
    finally:
        libvirt.close()


@pytest.fixture(params=[*(b for b in MACHINES if b in boards()), *(f"default-{name}" for name in DEFAULTS)])
def libvirt(daemon, request):
    name = request.param.removeprefix("default-")
    emulator = Path(emulator_of(name))
    if daemon.user and not all(folder.stat().st_mode & 0o001 for folder in emulator.parents):
        pytest.skip(f"{emulator} is where the unprivileged user of this libvirtd cannot reach it")
    try:
        daemon.create(name)
        yield daemon
    finally:
        daemon.virsh("destroy", "guest", check=False)


def test_virsh(libvirt):
    assert libvirt.ask('{"execute":"guest-ping"}') == {"return": {}}
    names = [c["name"] for c in libvirt.ask('{"execute":"guest-info"}')["return"]["supported_commands"]]

    seconds = int(re.search(r"Time: (\d+)", libvirt.virsh("domtime", "guest").stdout).group(1))
    assert abs(seconds - time.time()) < 60
    if "guest-set-time" in names:
        libvirt.virsh("domtime", "guest", "--time", "1700000000")
        seconds = int(re.search(r"Time: (\d+)", libvirt.virsh("domtime", "guest").stdout).group(1))
        assert 0 <= seconds - 1700000000 < 60

    refused = libvirt.virsh("qemu-agent-command", "guest", '{"execute":"guest-nonsense"}', check=False)
    assert refused.returncode and "The command guest-nonsense has not been found" in refused.stderr
    assert libvirt.ask('{"execute":"guest-ping"}') == {"return": {}}


def test_guestinfo(libvirt):
    """With no type named, libvirt skips what the agent says it does not know."""
    libvirt.virsh("guestinfo", "guest")
    assert libvirt.ask('{"execute":"guest-ping"}') == {"return": {}}


def test_freeze(libvirt):
    """There is nothing to freeze: libvirt hears how many file systems, or why not, and goes on."""
    known = {c["name"] for c in libvirt.ask('{"execute":"guest-info"}')["return"]["supported_commands"]}
    for command in ("domfsfreeze", "domfsthaw"):
        done = libvirt.virsh(command, "guest", check=False)
        if f"guest-fsfreeze-{command.removeprefix('domfs')}" in known:
            assert done.returncode == 0, done.stderr
        else:
            assert done.returncode and "has not been found" in done.stderr
    assert libvirt.ask('{"execute":"guest-ping"}') == {"return": {}}


def test_vcpus(libvirt, request):
    """The one that runs nothing is parked: libvirt is told so in words that it takes, and cannot change it.
    OpenSBI starts on the hart that comes first, on a busy machine now and then the second."""
    told = dict(re.split(r" *: *", line) for line in libvirt.virsh("guestvcpus", "guest").stdout.split("\n") if line)
    ours = told["online"] if request.node.callspec.params["libvirt"] == "default-riscv64-s" else "0"
    assert ours in ("0", "1")
    assert told == {"vcpus": "0-1", "online": ours, "offlinable": str(1 - int(ours))}
    assert libvirt.virsh("vcpucount", "guest", "--guest").stdout.strip() == "1"
    libvirt.virsh("setvcpus", "guest", "1", "--guest")
    refused = libvirt.virsh("setvcpus", "guest", "2", "--guest", check=False)
    assert refused.returncode and "guest-set-vcpus" in refused.stderr, refused.stderr


def test_reset(libvirt):
    libvirt.virsh("reset", "guest")
    time.sleep(1.5)  # QEMU tells of the port at most once a second
    libvirt.wait(lambda: libvirt.virsh("qemu-agent-command", "guest", '{"execute":"guest-ping"}',
                                       check=False).returncode == 0, "the agent does not come back")


def test_reboot(libvirt):
    libvirt.virsh("reboot", "guest", "--mode", "agent")
    time.sleep(1.5)
    libvirt.wait(lambda: libvirt.virsh("qemu-agent-command", "guest", '{"execute":"guest-ping"}',
                                       check=False).returncode == 0, "the agent does not come back")


def shut_down(libvirt):
    """By the agent, which closes its port first. QEMU tells of that once in a second at most; then libvirt, which listens to
    agent and QEMU apart, may see the one's end before it hears of the other's, and call it an error. The guest is off."""
    time.sleep(1.1)
    done = libvirt.virsh("shutdown", "guest", "--mode", "agent", check=False)
    assert done.returncode == 0 or "End of file from agent socket" in done.stderr, done.stderr
    libvirt.wait(lambda: "guest" not in libvirt.virsh("list", "--name").stdout.split(), "the guest is still running")


def test_shutdown(libvirt):
    shut_down(libvirt)


@pytest.mark.parametrize("name", FROM_DISK)
def test_without_kernel(daemon, name, media):
    """A domain that names a disk, and nothing of ours besides."""
    disk = daemon.dir / "disk.qcow2"
    shutil.copy(media["qcow2"], disk)
    disk.chmod(0o666)
    daemon.create_of(disk_domain(name, disk))
    try:
        daemon.wait(lambda: daemon.virsh("qemu-agent-command", "guest", '{"execute":"guest-ping"}', check=False).returncode == 0,
                    "the agent does not come")
        assert daemon.ask('{"execute":"guest-get-host-name"}') == {"return": {"host-name": "edit ed"}}
        shut_down(daemon)
    finally:
        daemon.virsh("destroy", "guest", check=False)
