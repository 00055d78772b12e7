# SPDX-License-Identifier: MIT
"""Machines that lack something, or lie: one line says what, then comes the next candidate, or silence."""
import struct
import time

import pytest

import guest as guests
from debugger import Debugger, arguments
from expect import assert_answers, assert_quiet, assert_says, no_port

NO_TREE = "bareqga: there is no device tree where the machine said"
TREE_DAMAGED = "bareqga: the device tree is damaged; going on with what was found"
TOO_SMALL = "bareqga: the machine has too little memory for this image"
NOT_A_DEVICE = "bareqga: virtio_mmio.device= on the command line is not SIZE@ADDRESS:IRQ and not used"
NOT_A_CHANNEL = "bareqga: bareqga.channel is none of virtio, vsock, uart or a port like ttyS0 and not used"
NAMES_NO = "bareqga: the device tree names no "
UNKNOWN_VERSION = "virtio device is of a version that is not known"
QUEUE_TOO_SMALL = "virtio queue is too small"
FDT = ["virt-riscv64", "virt-riscv32", "virt-aarch64", "virt-arm"]
X86 = ["x86_64", "x86_64:q35"]

pytestmark = [pytest.mark.accels("tcg"), pytest.mark.virtios("legacy")]


def assert_told(guest, *lines):
    """People have read these lines: on a port of their own, or on the one that the agent speaks on next."""
    if guest.first:
        for line in lines:
            assert guest.first.recv_until(b"\n") == line.encode() + b"\r\n"
    else:
        assert_says(guest, *lines)


# --- Device trees, changed before the processor starts ----------------------------------------------


def ram(board):
    return 0x80000000 if "riscv" in board else 0x40000000


class Tree:
    """QEMU's device tree, in the memory of a machine."""

    def __init__(self, debugger, board):
        self.debugger = debugger
        self.at = next(a for a in range(ram(board), ram(board) + (128 << 20), 1 << 20)
                       if debugger.read(a, 4) == b"\xd0\x0d\xfe\xed")
        self.header = struct.unpack(">10I", debugger.read(self.at, 40))
        self.structure, strings, strings_size = self.header[2], self.header[3], self.header[8]
        self.blob = b"".join(debugger.read(self.at + i, 1024) for i in range(0, strings + strings_size, 1024))

    def write(self, offset, data):
        self.debugger.write(self.at + offset, data)

    def replace(self, old, new):
        assert self.blob.count(old) == 1
        self.write(self.blob.index(old), new)


def boot_with_tree(boot, tmp_path, change, extra=(), client_first=False):
    """Boots a guest after change(tree)."""
    guest = boot(qmp=True, extra=[*arguments(tmp_path / "gdb"), *extra])
    debugger = Debugger(tmp_path / "gdb")
    change(Tree(debugger, guest.variant.board))
    debugger.sock.close()
    guest.first = guest.connect() if client_first else None
    guest.monitor.call("cont")
    return guest


def without_magic(tree):
    tree.write(0, bytes(4))


def with_a_huge_structure(tree):
    tree.write(36, b"\xff\xff\xff\xf0")


def with_a_huge_property(tree):
    tree.write(tree.structure + 12, b"\x7f\xff\xff\xff")  # in its root


@pytest.mark.boards(*FDT)
@pytest.mark.channels("virtio")
@pytest.mark.parametrize("damage,lines", [(without_magic, [NO_TREE]), (with_a_huge_structure, [NO_TREE]),
                                          (with_a_huge_property, [TREE_DAMAGED, NAMES_NO])])
def test_damaged_tree(boot, variant, tmp_path, damage, lines):
    guest = boot_with_tree(boot, tmp_path, damage)
    missing = "timebase-frequency" if "riscv" in variant.board else "interrupt controller (GICv2 or GICv3)"
    assert_says(guest, *[line + missing if line == NAMES_NO else line for line in lines])
    assert_quiet(guest)


@pytest.mark.boards("x86_64")
@pytest.mark.parametrize("tree", [b"", b"not a tree", bytes(8192), bytes.fromhex("d00dfeed00002000") + b"\1" * 8184])
def test_damaged_item(boot, variant, tmp_path, tree):
    """On microvm the tree is an item of fw_cfg. Without it there are the command line, and COM1."""
    item, image = tmp_path / "tree", tmp_path / "bareqga.elf"
    item.write_bytes(tree)
    elf = (guests.ROOT / "build" / variant.board / "bareqga.elf").read_bytes()
    assert elf.count(b"etc/fdt\0") == 1
    image.write_bytes(elf.replace(b"etc/fdt\0", b"opt/fdt\0"))
    guest = boot(client_first=variant.channel == "uart", extra=["-machine", "acpi=off", "-kernel", str(image),
                                           "-fw_cfg", f"name=opt/fdt,file={item}"])
    assert_told(guest, TREE_DAMAGED)
    assert_answers(guest)


# --- Memory -----------------------------------------------------------------------------------------


@pytest.mark.boards("virt-riscv64", "virt-riscv32")
@pytest.mark.channels("virtio")
def test_little_memory_by_the_tree(boot, variant, tmp_path):
    """QEMU refuses such a machine, but what its tree says can be changed."""
    start = ram(variant.board)
    guest = boot_with_tree(boot, tmp_path, lambda tree: tree.replace(
        struct.pack(">QQ", start, 128 << 20), struct.pack(">QQ", start, 1 << 19)))
    assert_says(guest, TOO_SMALL)
    assert_quiet(guest)


@pytest.mark.boards("virt-aarch64", "virt-arm", "x86_64", "x86_64:q35")
def test_little_memory(boot, variant):
    only_port = variant.channel == "uart" and variant.machine != "q35"
    guest = boot(client_first=only_port, extra="-m 2700K" if "x86" in variant.board else "-m 1700K")
    assert_told(guest, TOO_SMALL)
    assert_quiet(guest)


# --- Virtio devices that are none: their registers are memory ----------------------------------------

SPOILT = {  # version, size of the queues
    "version": (3, 1024, UNKNOWN_VERSION),
    "no-queue": (2, 0, QUEUE_TOO_SMALL),
    "small-queue": (1, 2, QUEUE_TOO_SMALL),
}
SPOILT_AT = {"virt-riscv64": 0x87f00000, "virt-aarch64": 0x44000000, "x86_64": 0x80000}
# The slot that is looked at first: its address and size. On RISC-V it is the one that QEMU fills first.
FIRST_SLOT = {"virt-riscv64": (0x10008000, 0x1000), "virt-aarch64": (0x0a000000, 0x200)}
IN_THE_SECOND = (
    "-chardev null,id=other -set device.agent0.chardev=other -set device.agent0.name=com.example.other "
    "-device virtio-serial-device,id=second "
    "-device virtserialport,bus=second.0,chardev=agent,id=agent1,name=org.qemu.guest_agent.0").split()


def boot_with_spoilt(boot, variant, tmp_path, kind, extra=(), append="", **options):
    """A guest whose first virtio device is memory with such words in it."""
    version, queue_max, _ = SPOILT[kind]
    words = {0x00: 0x74726976, 0x04: version, 0x08: 3, 0x10: 3, 0x34: queue_max, 0x104: 31}
    registers = bytearray(0x200)
    for offset, word in words.items():
        struct.pack_into("<I", registers, offset, word)
    (tmp_path / "registers").write_bytes(registers)
    at = SPOILT_AT[variant.board]
    extra = [*extra, "-device", f"loader,file={tmp_path}/registers,addr={at:#x},force-raw=on"]
    if variant.board == "x86_64":
        append += f" virtio_mmio.device=512@{at:#x}:5"
        return boot(extra=[*extra, "-machine", "acpi=off", "-append", append], **options)
    if variant.board == "virt-riscv64" and variant.channel == "virtio":
        extra += IN_THE_SECOND
    slot, size = FIRST_SLOT[variant.board]
    return boot_with_tree(boot, tmp_path, lambda tree: tree.replace(
        struct.pack(">QQ", slot, size), struct.pack(">QQ", at, size)),
        [*extra, *["-append", append] * bool(append)], **options)


@pytest.mark.boards(*SPOILT_AT)
@pytest.mark.channels("virtio")
@pytest.mark.parametrize("kind", SPOILT)
def test_next_device(boot, variant, tmp_path, kind):
    guest = boot_with_spoilt(boot, variant, tmp_path, kind)
    assert_answers(guest)
    assert_says(guest, SPOILT[kind][2])


@pytest.mark.boards(*SPOILT_AT)
@pytest.mark.channels("uart")
def test_serial_port_is_next(boot, variant, tmp_path):
    guest = boot_with_spoilt(boot, variant, tmp_path, "version", client_first=True)
    assert_told(guest, UNKNOWN_VERSION)
    assert_answers(guest)


@pytest.mark.boards(*SPOILT_AT)
@pytest.mark.channels("uart")
@pytest.mark.parametrize("kind", SPOILT)
def test_nothing_is_next(boot, variant, tmp_path, kind):
    guest = boot_with_spoilt(boot, variant, tmp_path, kind, append="bareqga.channel=virtio", client_first=True)
    assert_told(guest, SPOILT[kind][2], no_port(variant.name))
    assert_quiet(guest)


# --- The command line ---------------------------------------------------------------------------------


@pytest.mark.boards("x86_64")
@pytest.mark.channels("virtio")
def test_device_written_wrong(boot):
    """It is not used; what QEMU writes behind it is."""
    guest = boot(extra=["-machine", "acpi=off", "-append", "virtio_mmio.device=512@0xfeb00e00 quiet"])
    assert_answers(guest)
    assert_says(guest, NOT_A_DEVICE)


@pytest.mark.boards(*SPOILT_AT)
def test_channel_that_is_none(boot, variant):
    """As if nothing had been asked for."""
    guest = boot(client_first=variant.channel == "uart", extra="-append bareqga.channel=carrier-pigeon")
    assert_told(guest, NOT_A_CHANNEL)
    assert_answers(guest)


@pytest.mark.boards("x86_64")
@pytest.mark.channels("uart")
def test_no_port_at_all(boot):
    """Nobody can be told."""
    guest = boot(qmp=True, extra="-machine isa-serial=off")
    assert_quiet(guest)
    assert guest.monitor.call("query-status")["status"] == "running"
