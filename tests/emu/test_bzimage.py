# SPDX-License-Identifier: MIT
"""The x86 image as a bzImage: by -kernel on machines that know no PVH, and by Linux's entries wherever it lies.

QEMU's own option ROM, or qboot on microvm, loads it and enters it in real mode; linux64.S does in long mode;
UEFI (Debian's OVMF) starts it as an application.
"""
import re
import struct
import subprocess
import time

import pytest

from expect import assert_answers, assert_quiet, assert_says, sync_after_reset
from guest import ROOT, TIMEOUT, Guest, GuestError, Variant, build, emulator, make_alone
from test_linux64 import HANDOVER, HDRS, LOADER

BUILT = ROOT / "build" / "x86_64"
KERNEL = BUILT / "bareqga.bzImage"
FIRST_WITH_PVH = (4, 0)
FIRST_WITH_MODERN_VIRTIO = (2, 7)  # before, virtio-pci is told to be legacy only
PORT = ["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"]
ISA = ["-device", "isa-serial,chardev=agent"]
MICROVM = ["-device", "virtio-serial-device", *PORT[2:]]


class Kernel(Variant):
    """A machine, the bzImage, and what carries the agent's chardev."""

    def command(self, sock, qmp="", log="", extra=()):
        return [emulator("x86_64"), "-m", "128M", "-nodefaults", "-no-user-config", "-display", "none",
                "-serial", f"file:{log}",
                "-chardev", f"socket,id=agent,path={sock},server=on,wait=off",
                "-qmp", f"unix:{qmp},server=on,wait=off", *extra]


def started(machine, *extra, kernel=KERNEL):
    build("x86_64")
    channel = "uart" if "isa-serial,chardev=agent" in extra else "virtio"
    return Guest(Kernel("x86_64", channel), qmp=True, extra=["-M", *machine.split(), *extra] + ["-kernel", str(kernel)] * bool(kernel))


def version(machine):
    """Of pc-q35-4.0.1: (4, 0, 1)."""
    return tuple(map(int, machine.rsplit("-", 1)[1].split(".")))


def older():
    """
    Of the machine types of this QEMU that know no PVH: of each chipset the first, the first with modern virtio, and
    the last. (All types of 7.2, 59, and of 10.0, 65, were tried once.)
    """
    names = subprocess.run([emulator("x86_64"), "-M", "help"], capture_output=True, text=True, check=True).stdout
    chosen = {}
    for chipset in ("i440fx", "q35"):
        known = sorted({n for n in re.findall(rf"^pc-{chipset}-[0-9.]+", names, re.M) if version(n) < FIRST_WITH_PVH},
                       key=version)
        modern = [n for n in known if version(n) >= FIRST_WITH_MODERN_VIRTIO]
        chosen.update(dict.fromkeys(known[:1] + modern[:1] + known[-1:]))
    return list(chosen)


@pytest.mark.parametrize("machine", older())
def test_older_machine(machine):
    with started(machine, *(PORT if version(machine) >= FIRST_WITH_MODERN_VIRTIO else ISA)) as guest:
        assert_answers(guest)


@pytest.mark.parametrize("machine, channel", [
    ("pc", PORT), ("pc", ISA), ("q35", PORT), ("q35", ISA), ("microvm", MICROVM), ("microvm,acpi=off", MICROVM),
    ("microvm", ISA), ("isapc -cpu qemu64", ISA), ("pc-q35-2.4", ISA), ("pc-i440fx-3.1", PORT)])
def test_machine(machine, channel):
    """The command line and the memory map have come; a reset goes the same way again; idle is idle."""
    with started(machine, *channel, "-append", "quiet bareqga.hostname=bzimage") as guest:
        with guest.connect() as client:
            client.sync()
            assert client.call("guest-get-host-name") == {"host-name": "bzimage"}
            size = client.call("guest-get-memory-block-info")["size"]
            assert len(client.call("guest-get-memory-blocks")) * size == 128 << 20
        guest.monitor.call("system_reset")
        guest.monitor.wait_event("RESET")
        with guest.connect() as client:
            sync_after_reset(client)
            assert client.call("guest-ping") == {}
        assert_quiet(guest)


def test_processor_of_32_bits():
    with started("isapc", *ISA) as guest:
        assert_says(guest, "bareqga: this processor has 32 bits, the image is for one of 64")


def header():
    build("x86_64")
    return KERNEL.read_bytes()


def field(offset, form):
    return struct.unpack_from("<" + form, header(), offset)[0]


def test_header():
    """boot.rst, "The Real-Mode Kernel Header": what it says of sizes is so."""
    code = len(header()) - (field(0x1f1, "B") + 1) * 512
    assert field(0x202, "I") == HDRS and field(0x206, "H") == 0x20f
    assert field(0x1f4, "I") * 16 == code
    elf = (BUILT / "bareqga.elf").read_bytes()
    assert struct.unpack_from("<Q", elf, 24)[0] == field(0x258, "Q") + 0x200
    end = subprocess.run(["nm", BUILT / "bareqga.elf"], capture_output=True, text=True, check=True).stdout
    end = int(re.search(r"^(\w+) \w __image_end$", end, re.M)[1], 16)
    assert field(0x214, "I") + field(0x260, "I") == end
    info = header()[len(header()) - code + field(0x268, "I"):]
    assert info[:16] == b"LToP" + struct.pack("<III", 16, 16, 0)


@pytest.mark.parametrize("address", [0x100000, 0x200000, 0x1000000, 0x6000000])
def test_moved(address, tmp_path):
    """The 64-bit entry, of an image that was loaded wherever there was room."""
    make_alone("BOARD=x86_64", str(LOADER.relative_to(ROOT)))
    payload = tmp_path / "payload"
    payload.write_bytes(header()[(field(0x1f1, "B") + 1) * 512:])
    word = address + 0x200 | HDRS << 32
    with started("microvm", *MICROVM, "-device", f"loader,file={payload},addr={address:#x},force-raw=on",
                 "-device", f"loader,addr={HANDOVER:#x},data={word:#x},data-len=8", kernel=LOADER) as guest:
        assert_answers(guest)
        assert_quiet(guest)


# --- UEFI -----------------------------------------------------------------------------------------

OVMF = ["-bios", "/usr/share/ovmf/OVMF.fd"]


def esp(tmp_path, image):
    """A FAT disk with the image where UEFI looks for it."""
    path = tmp_path / "EFI" / "BOOT"
    path.mkdir(parents=True)
    (path / "BOOTX64.EFI").write_bytes(image)
    return ["-drive", f"file=fat:rw:{tmp_path},format=raw"]


def sync_at_last(client):
    """UEFI takes its time, and empties a serial port's FIFO: asks again."""
    deadline = time.monotonic() + 4 * TIMEOUT
    while True:
        try:
            return client.sync(timeout=2)
        except GuestError:
            if time.monotonic() > deadline:
                raise


@pytest.mark.parametrize("machine, channel, by", [("q35", PORT, "kernel"), ("pc", ISA, "disk")])  # more in test_disks.py
def test_uefi(machine, channel, by, tmp_path):
    """What UEFI told has come: load options, memory, ACPI's tables. Then it goes the same way again, and off."""
    if by == "disk":
        how, kernel = esp(tmp_path, header()), None
    else:
        how, kernel = ["-append", "quiet bareqga.hostname=uefi"], KERNEL
    with started(machine, *channel, *OVMF, "-smp", "3", *how, kernel=kernel) as guest:
        with guest.connect() as client:
            sync_at_last(client)
            assert client.call("guest-get-host-name") == {"host-name": "uefi" if by == "kernel" else "localhost"}
            size = client.call("guest-get-memory-block-info")["size"]
            assert 100 << 20 < len(client.call("guest-get-memory-blocks")) * size <= 128 << 20
            assert len(client.call("guest-get-vcpus")) == 3
            assert_quiet(guest)
            guest.monitor.call("system_reset")
            guest.monitor.wait_event("RESET")
            sync_at_last(client)
            client.send({"execute": "guest-shutdown"})
            assert guest.wait() == 0


def test_uefi_keeps_the_memory(tmp_path):
    """An image that wants to be where OVMF is."""
    image, place = header(), b"\x48\xc7\x44\x24\x20"  # movq $..., 32(%rsp)
    assert image.count(place + struct.pack("<I", 0x200000)) == 1
    image = image.replace(place + struct.pack("<I", 0x200000), place + struct.pack("<I", 0x800000))
    with started("q35", *ISA, *OVMF, *esp(tmp_path, image), kernel=None) as guest:
        deadline = time.monotonic() + 4 * TIMEOUT
        while "UEFI has not given the memory at 2 MiB" not in guest.log():
            assert time.monotonic() < deadline, guest.log()
            time.sleep(0.05)


def test_from_a_disk(tmp_path):
    """Without a loader it says that it wants one, and stops."""
    disk = tmp_path / "disk"
    disk.write_bytes(header() + bytes(-len(header()) % 512))
    build("x86_64")
    command = [emulator("x86_64"), "-M", "pc,graphics=off", "-nodefaults", "-display", "none", "-serial", "stdio",
               "-drive", f"file={disk},format=raw,snapshot=on"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            text = b""
            while b"started by a boot loader" not in text:
                more = process.stdout.read1()
                assert more, text
                text += more
        finally:
            process.kill()
