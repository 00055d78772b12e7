# SPDX-License-Identifier: MIT
"""The agent over virtio-pci: machines and topologies as people, libvirt and Proxmox make them.

Buses have no numbers on `virt` machines and microvm; SeaBIOS has given some on PCs.
"""
import base64
import re
import shlex
import struct
import subprocess
import sys
import time

import pytest

import guest as guests
import schema
from expect import assert_answers, assert_quiet, assert_says
from test_bad_input import boot_with_tree

sys.path.append(str(guests.ROOT / "tests/bench"))
import count  # noqa: E402
import subjects  # noqa: E402

PORT = "-device virtserialport,chardev=agent,id=agent0,name=org.qemu.guest_agent.0"
SERIAL = "-device virtio-serial-pci,id=serial0"
ROOT_BUS = f"{SERIAL},bus=pcie.0,addr=0x2"
ROOT_PORT = f"-device pcie-root-port,port=8,chassis=1,id=pci.1,bus=pcie.0,multifunction=on,addr=0x1 {SERIAL},bus=pci.1,addr=0x0"
# The switch's ports are bridges, too: root port, upstream, downstream, and one to conventional PCI.
BRIDGES = ("-device pcie-root-port,id=a,chassis=1,bus=pcie.0,addr=0x3 -device x3130-upstream,id=b,bus=a "
           "-device xio3130-downstream,id=c,bus=b,chassis=2,slot=5,addr=0x2 -device pcie-pci-bridge,id=d,bus=c "
           f"{SERIAL},bus=d,addr=0x7")
FUNCTIONS = ("-device pcie-root-port,id=a,chassis=1,bus=pcie.0,addr=0x1.0,multifunction=on "
             "-device pcie-root-port,id=b,chassis=2,bus=pcie.0,addr=0x1.3 "
             f"-device virtio-balloon-pci,bus=a {SERIAL},bus=b")
CROWD = (" ".join(f"-device virtio-balloon-pci,bus=pcie.0,addr=0x{slot:x}" if slot == 3 else
                  f"-device virtio-rng-pci,bus=pcie.0,addr=0x{slot:x}" for slot in range(3, 31) if slot != 9) +
         f" {SERIAL},bus=pcie.0,addr=0x9")

LIBVIRT_Q35 = " ".join([
    "-device pcie-root-port,port=8,chassis=1,id=pci.1,bus=pcie.0,multifunction=on,addr=0x1",
    *(f"-device pcie-root-port,port={7 + n},chassis={n},id=pci.{n},bus=pcie.0,addr=0x1.0x{n - 1}" for n in (2, 3, 4)),
    "-device qemu-xhci,p2=15,p3=15,id=usb,bus=pci.1,addr=0x0", f"{SERIAL},bus=pci.2,addr=0x0",
    "-device virtio-balloon-pci,id=balloon0,bus=pci.3,addr=0x0",
    "-object rng-random,id=objrng0,filename=/dev/urandom -device virtio-rng-pci,rng=objrng0,id=rng0,bus=pci.4,addr=0x0"])
PROXMOX_PC = ("-device pci-bridge,id=pci.1,chassis_nr=1,bus=pci.0,addr=0x1e "
              "-device pci-bridge,id=pci.2,chassis_nr=2,bus=pci.0,addr=0x1f "
              "-device piix3-usb-uhci,id=uhci,bus=pci.0,addr=0x1.0x2 -device usb-tablet,id=tablet,bus=uhci.0,port=1 "
              f"-device VGA,id=vga,bus=pci.0,addr=0x2 {SERIAL},bus=pci.0,addr=0x8 "
              "-device virtio-balloon-pci,id=balloon0,bus=pci.0,addr=0x3,free-page-reporting=on")
PROXMOX_Q35 = " ".join([
    *(f"-device pcie-root-port,id=ich9-pcie-port-{n + 1},x-speed=16,x-width=32,multifunction=on,bus=pcie.0,"
      f"addr=1c.{n},port={n + 1},chassis={n + 1}" for n in range(4)),
    "-device i82801b11-bridge,id=pcidmi,bus=pcie.0,addr=1e.0",
    *(f"-device pci-bridge,id=pci.{n},bus=pcidmi,addr={n + 1}.0,chassis_nr={n + 1}" for n in range(4)),
    f"-device VGA,id=vga,bus=pcie.0,addr=0x1 {SERIAL},bus=pci.0,addr=0x8",
    "-device virtio-balloon-pci,id=balloon0,bus=pci.0,addr=0x3,free-page-reporting=on -machine hpet=off"])

NODES = " ".join(f"-object memory-backend-ram,id=m{n},size=64M -numa node,memdev=m{n}" for n in (0, 1)) + " -smp 2"
MMIO = "-device virtio-serial-device,id=mmio0"


class Pci(guests.Variant):
    """A board with no virtio device but those of `extra`, and a serial port that goes to the log."""

    def command(self, sock, qmp="", log="", extra=""):
        channel = "virtio" if self.board == "virt-riscv64-s" else "uart"
        line = guests.make(*self.prefix(), *guests.choice(self.name), f"CHANNEL={channel}", f"ACCEL={self.accel}",
                           f"SOCK={sock}", f"QMP={qmp}", f"LOG={log}", "qemu-cmd")
        for words in ("-device virtio-serial-device -device virtserialport,chardev=agent,id=agent0,"
                      "name=org.qemu.guest_agent.0", "-device isa-serial,chardev=agent", "-serial chardev:agent",
                      f"-serial file:{log}", "-serial null"):
            line = line.replace(words, "")
        serial = self.serial or f"-serial file:{log}"
        return shlex.split(f"{line} {serial} {extra}")

    serial = ""


class WithoutPort(Pci):
    """The agent's socket is on the serial port."""
    serial = "-serial chardev:agent"


@pytest.fixture
def start():
    started = []

    def start(board, extra, kind=Pci, accel="tcg", newer=False, **options):
        variant = kind.of(board, accel=accel, newer=newer)
        if variant.missing():
            pytest.skip(variant.missing())
        started.append(guests.Guest(variant, extra=extra, **options))
        return started[-1]

    yield start
    for g in started[-1:]:
        print(f"--- QEMU says\n{g.output()}\n--- the firmware says\n{g.log()}")
    for g in started:
        g.close()


BOARDS = {  # and what the machine needs to be told
    "riscv64": ("virt-riscv64", ""), "riscv64-s": ("virt-riscv64-s", ""), "riscv32": ("virt-riscv32", ""),
    "aarch64": ("virt-aarch64", ""), "arm": ("virt-arm", ""), "arm-lowmem": ("virt-arm", "-machine highmem=off"),
    "q35": ("x86_64:q35", ""), "microvm": ("x86_64", "-machine pcie=on"),
    "microvm-ioapic2-off": ("x86_64", "-machine pcie=on,ioapic2=off"),
}
PLACES = {"root-bus": ROOT_BUS, "root-port": ROOT_PORT}
MACHINES = {
    "riscv64-numa": ("virt-riscv64", f"{NODES} {ROOT_PORT}"),
    "riscv64-aplic": ("virt-riscv64", f"-machine aia=aplic {ROOT_PORT}"),
    "riscv64-imsic": ("virt-riscv64", f"-machine aia=aplic-imsic {ROOT_PORT}"),
    "riscv64-5G": ("virt-riscv64", f"-m 5G -smp 4 {ROOT_PORT}"),
    "riscv64-bridges": ("virt-riscv64", BRIDGES),
    "riscv64-functions": ("virt-riscv64", FUNCTIONS),
    "riscv64-crowd": ("virt-riscv64", CROWD),
    "aarch64-gicv3-5G": ("virt-aarch64", f"-machine gic-version=3 -m 5G -smp 4 {ROOT_PORT}"),
    "aarch64-lowmem": ("virt-aarch64", f"-machine highmem=off {ROOT_PORT}"),
    "aarch64-bridges": ("virt-aarch64", BRIDGES),
    "aarch64-crowd": ("virt-aarch64", CROWD),
    "q35-5G": ("x86_64:q35", f"-m 5G -smp 4 {ROOT_PORT}"),
    "q35-bridges": ("x86_64:q35", BRIDGES),
    "q35-crowd": ("x86_64:q35", CROWD),
    "q35-libvirt": ("x86_64:q35", LIBVIRT_Q35),
    "q35-proxmox": ("x86_64:q35", PROXMOX_Q35),
    "pc": ("x86_64:pc", f"{SERIAL},bus=pci.0,addr=0x8"),
    "pc-proxmox": ("x86_64:pc", PROXMOX_PC),
    "microvm-crowd": ("x86_64", f"-machine pcie=on {CROWD}"),
    # Modern devices are there on the root bus, too, and BARs that nobody can use.
    "riscv64-modern": ("virt-riscv64", f"{ROOT_BUS},disable-legacy=on"),
    "q35-no-msix": ("x86_64:q35", f"{ROOT_PORT},vectors=0"),
    # Addresses are then those of a bus's own, which is nobody's but the guest's to change.
    "riscv64-platform": ("virt-riscv64", f"{ROOT_PORT},iommu_platform=on"),
    "q35-platform": ("x86_64:q35", f"{ROOT_PORT},iommu_platform=on"),
    # Side by side: the port decides.
    "riscv64-mmio-first": ("virt-riscv64", f"{MMIO} {ROOT_PORT}"),
    "aarch64-mmio-first": ("virt-aarch64", f"{MMIO} {ROOT_PORT}"),
    "microvm-mmio-first": ("x86_64", f"-machine pcie=on {MMIO} {ROOT_BUS}"),
}


@pytest.mark.parametrize("machine", [f"{b}-{p}" for b in BOARDS for p in PLACES] + list(MACHINES))
def test_answers(start, machine):
    board, extra = MACHINES.get(machine, (None, None))
    if not board:
        name, place = next((b, p) for b in BOARDS for p in PLACES if machine == f"{b}-{p}")
        board, more = BOARDS[name]
        extra = f"{more} {PLACES[place]}"
    guest = start(board, f"{extra} {PORT},bus=serial0.0")
    assert_answers(guest)
    assert_quiet(guest)
    if board != "virt-riscv64-s":  # where OpenSBI has its banner
        assert_says(guest)


@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64"])
def test_port_on_mmio(start, board):
    """And a PCI console that has none."""
    guest = start(board, f"{MMIO} {ROOT_PORT} {PORT},bus=mmio0.0")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64", "x86_64:q35"])
def test_second_console(start, board):
    """The port is on the second of two consoles, whose interrupt is another; the client comes late."""
    guest = start(board, f"-device virtio-serial-pci,id=other,bus=pcie.0,addr=0x5 {SERIAL},bus=pcie.0,addr=0x6 "
                         f"{PORT},bus=serial0.0")
    time.sleep(0.5)
    assert_answers(guest)
    assert_answers(guest)
    assert_quiet(guest)


def test_disks_and_network_cards(start, tmp_path):
    image = tmp_path / "disk"
    image.write_bytes(bytes(3 << 20))
    for board in ("virt-riscv64", "virt-aarch64", "x86_64:q35"):
        guest = start(board, f"{ROOT_PORT} {PORT} -drive file={image},if=none,id=d,format=raw,read-only=on "
                             "-device virtio-blk-pci,drive=d -netdev user,id=n,restrict=on "
                             "-device virtio-net-pci,netdev=n,mac=52:54:00:ab:cd:ef,romfile=")
        with guest.connect() as client:
            client.sync()
            disks = client.call("guest-get-disks")
            schema.check("guest-get-disks", disks)
            assert [d["name"] for d in disks] == ["/dev/vda"]
            stats = client.call("guest-get-diskstats")
            schema.check("guest-get-diskstats", stats)
            assert [s["name"] for s in stats] == ["vda"]
            cards = client.call("guest-network-get-interfaces")
            schema.check("guest-network-get-interfaces", cards)
            assert [c["hardware-address"] for c in cards] == ["52:54:00:ab:cd:ef"]
        assert_quiet(guest)
        guest.close()


# --- Another start, another QEMU -----------------------------------------------------------------

ALL = ["virt-riscv64", "virt-riscv32", "virt-aarch64", "virt-arm", "x86_64:q35"]


@pytest.mark.parametrize("board", ALL)
@pytest.mark.parametrize("place", PLACES)
def test_reset(start, board, place):
    guest = start(board, f"{PLACES[place]} {PORT}", qmp=True)
    assert_answers(guest)
    for _ in range(2):
        guest.monitor.call("system_reset")
        guest.monitor.wait_event("RESET")
        assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.parametrize("board", ALL)
@pytest.mark.parametrize("place", PLACES)
def test_saved_and_restored(start, board, place, tmp_path):
    """The guest goes to a file, and on in another QEMU: so the window, and who may be master, go along."""
    first = start(board, f"{PLACES[place]} {PORT}", qmp=True)
    assert_answers(first)
    first.monitor.call("migrate", uri=f"exec:cat > {tmp_path}/state")
    deadline = time.monotonic() + guests.TIMEOUT
    while (status := first.monitor.call("query-migrate").get("status")) != "completed":
        assert status in (None, "setup", "active", "device"), status
        assert time.monotonic() < deadline
        time.sleep(0.02)
    second = start(board, f"{PLACES[place]} {PORT} -incoming 'exec:cat {tmp_path}/state'")
    assert_answers(second)
    assert_quiet(second)


def taken_back(start, tmp_path, board, extra, **options):
    """A guest after savevm and loadvm, which takes it back within one QEMU."""
    image = tmp_path / "state.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", image, "64M"], check=True)
    guest = start(board, f"{extra} {PORT},bus=serial0.0 -drive file={image},if=none,id=state,format=qcow2", qmp=True, **options)
    assert_answers(guest)
    assert guest.monitor.hmp("savevm there") == ""
    assert_answers(guest)
    assert guest.monitor.hmp("loadvm there") == ""
    assert_answers(guest)
    assert_quiet(guest)
    return guest


@pytest.mark.parametrize("board", ["virt-riscv64", "x86_64:q35"])
def test_snapshot(start, board, tmp_path):
    taken_back(start, tmp_path, board, ROOT_PORT)


@pytest.mark.parametrize("machine", ["q35-libvirt", "q35-proxmox", "pc-proxmox", "microvm-crowd", "riscv64-5G", "riscv64-bridges",
                                     "aarch64-crowd", "aarch64-gicv3-5G"])
def test_newer_qemu(start, machine, tmp_path):
    """
    (Lines as QEMU, libvirt and Proxmox have them, 18, each also with 5 GiB, with 4 processors or with 30 more devices,
    and QEMU's behind 3 bridges, were tried on both once.)
    """
    guest = taken_back(start, tmp_path, *MACHINES[machine], newer=True)
    guest.monitor.call("system_reset")
    guest.monitor.wait_event("RESET")
    assert_answers(guest)


def test_kvm(start):
    """At once, for where KVM itself is emulated a BIOS takes its time."""
    running = [start(board, f"{extra} {PORT},bus=serial0.0", accel="kvm") for board, extra in (
        ("x86_64:q35", LIBVIRT_Q35), MACHINES["pc"], ("x86_64", f"-machine pcie=on {ROOT_PORT}"))]
    for guest in running:
        with guest.connect() as client:
            client.sync(timeout=4 * guests.TIMEOUT)
        assert_answers(guest)
        assert_says(guest)
    for guest in running:
        assert_quiet(guest)


# --- What cannot be used -------------------------------------------------------------------------

NO_PORT = "no virtio console has the agent's port; waiting for one"
ON_SERIAL = ("bareqga: no virtio console with the port org.qemu.guest_agent.0 on PCI or virtio-mmio "
             "(-device virtio-serial-pci); the agent is on the serial port")
NO_PCI = ("bareqga: no virtio console with the port org.qemu.guest_agent.0 on virtio-mmio "
          "(-device virtio-serial-device); the agent is on the serial port")
OLD = "virtio device is of a version that is not known"
UNHEARD = "bareqga: interrupts of the agent's device do not reach this processor; it is not used"
NO_MEMORY = ("bareqga: the virtio console does not reach our memory, as behind an IOMMU that translates; "
             "it is not used")


@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64", "x86_64:q35"])
@pytest.mark.parametrize("port", ["", "-device virtserialport,chardev=agent,name=org.example.0"])
def test_console_without_the_port(start, board, port):
    """It may be plugged in later."""
    guest = start(board, f"{ROOT_PORT} {port}", qmp=True)
    assert_says(guest, NO_PORT)
    assert_quiet(guest)
    if not port:
        guest.monitor.call("device_add", driver="virtserialport", chardev="agent", id="agent0",
                           name="org.qemu.guest_agent.0")
        assert_answers(guest)


@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64", "x86_64:q35"])
def test_legacy_device(start, board):
    """It has nothing that is modern; its socket stays silent and the log tells of it."""
    guest = start(board, f"{ROOT_BUS},disable-modern=on,disable-legacy=off {PORT}")
    assert_says(guest, OLD, ON_SERIAL)
    assert_quiet(guest)


def test_modern_device_behind_a_legacy_one(start):
    guest = start("virt-riscv64", "-device virtio-serial-pci,bus=pcie.0,addr=0x1,disable-modern=on,disable-legacy=off "
                                  f"{ROOT_BUS} {PORT},bus=serial0.0")
    assert_answers(guest)
    assert_says(guest, OLD)
    assert_quiet(guest)


@pytest.mark.parametrize("board, first_line, unheard", [
    ("virt-aarch64", (0, 0, 0, 3), 3000), ("virt-riscv64", (32,), 2000)])
def test_no_interrupt(start, board, first_line, unheard, tmp_path):
    """The tree says that INTA# comes out at a line that the interrupt controller does not have."""
    entry = re.compile(re.escape(struct.pack(">4I", 0, 0, 0, 1)) + b"...." +
                       re.escape(struct.pack(f">{len(first_line)}I", *first_line)), re.S)

    def change(tree):
        found, = entry.finditer(tree.blob)
        tree.write(found.end() - 4, struct.pack(">I", unheard))

    guest = boot_with_tree(lambda qmp, extra: start(board, " ".join(extra), qmp=qmp), tmp_path, change,
                           [ROOT_PORT, f"{PORT},bus=serial0.0"])
    assert_says(guest, UNHEARD, ON_SERIAL)
    assert_quiet(guest)


TWO = "-device virtio-serial-device,id=other"


@pytest.mark.parametrize("extra", [  # QEMU fills the last place first
    f"-machine acpi=off,auto-kernel-cmdline=off {TWO} {MMIO} {PORT},bus=mmio0.0 -append "
    "'virtio_mmio.device=512@0xfeb00e00:99 virtio_mmio.device=512@0xfeb00c00:11'",
    f"-machine pcie=on {TWO} {ROOT_BUS} {PORT},bus=serial0.0 -append virtio_mmio.device=512@0xfeb02e00:99"],
    ids=["mmio", "pci"])
def test_no_interrupt_of_the_first(start, extra):
    """The next one has its own."""
    guest = start("x86_64", extra)
    assert_says(guest, UNHEARD)
    assert_quiet(guest)
    assert_answers(guest)


@pytest.mark.parametrize("second", [False, True])
def test_iommu_that_translates(start, second):
    """It has been told of no memory at all, and only one of the consoles is behind it."""
    iommu = "-device virtio-iommu-pci,boot-bypass=off,bus=pcie.0,addr=3"
    behind = f"{ROOT_BUS},disable-legacy=on,iommu_platform=on"
    if second:
        guest = start("x86_64:q35", f"{iommu} {behind} -device virtio-serial-pci,id=free,bus=pcie.0,addr=5 {PORT},bus=free.0")
        assert_answers(guest)
        assert_says(guest, NO_MEMORY)
    else:
        guest = start("x86_64:q35", f"{iommu} {behind} {PORT}")
        assert_says(guest, NO_MEMORY, ON_SERIAL)
    assert_quiet(guest)


PLUGS = "-device pcie-root-port,chassis=1,id=pci.1,bus=pcie.0,addr=0x1"


@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64", "x86_64:q35"])
def test_console_plugged_in_later(start, board):
    """The bus is looked at when the machine starts: a reset finds it, and until then the log says where the agent is."""
    guest = start(board, PLUGS, qmp=True)
    assert_says(guest, ON_SERIAL)
    guest.monitor.call("device_add", driver="virtio-serial-pci", id="serial0", bus="pci.1")
    guest.monitor.call("device_add", driver="virtserialport", chardev="agent", id="agent0", bus="serial0.0",
                       name="org.qemu.guest_agent.0")
    assert_quiet(guest)
    assert_says(guest, ON_SERIAL)
    guest.monitor.call("system_reset")
    guest.monitor.wait_event("RESET")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64", "virt-arm", "x86_64"])
def test_no_console_at_all(start, board):
    """The agent is on the serial port, and what comes first there says so, and what was looked for; so does the log."""
    guest = start(board, "", kind=WithoutPort, client_first=True)
    line = NO_PCI if board == "x86_64" else ON_SERIAL
    assert guest.first.recv_until(b"\n") == f"{line}\r\n".encode()
    handle = guest.first.call("guest-file-open", {"path": "/log"})
    log = base64.b64decode(guest.first.call("guest-file-read", {"handle": handle})["buf-b64"])
    assert log.decode().splitlines() == [line]
    assert_answers(guest)
    assert_quiet(guest)


# --- Idle ------------------------------------------------------------------------------------------


@pytest.mark.xdist_group("idle")
def test_idle_guest_uses_no_processor(start):
    """Seconds of processor time in 5 s, of all boards at once, with a client that asks nothing."""
    idle = [start(board, f"{more} {ROOT_PORT} {PORT},bus=serial0.0") for board, more in BOARDS.values()]
    for guest in idle:
        guest.connect().sync()
    time.sleep(1)
    before = [guest.cpu_seconds() for guest in idle]
    time.sleep(5)
    used = {name: guest.cpu_seconds() - was for name, guest, was in zip(BOARDS, idle, before)}
    assert max(used.values()) < 0.05, used


@pytest.mark.xdist_group("idle")
@pytest.mark.parametrize("name", ["riscv64", "aarch64", "q35"])
def test_idle_guest_executes_nothing(name):
    board, more = BOARDS[name]
    command = Pci.of(board).command("SOCK", log="/dev/null", extra=f"{more} {ROOT_PORT} {PORT},bus=serial0.0")
    assert count.idle(subjects.Subject("bareqga", command), 2) == 0
