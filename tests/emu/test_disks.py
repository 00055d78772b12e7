# SPDX-License-Identifier: MIT
"""The disks of `make iso` and `make disk`: each machine starts one by its own firmware, without -kernel.

PCs by SeaBIOS, where GRUB loads the bzImage, and by OVMF, where it is BOOTX64.EFI; aarch64 by its UEFI, riscv64 by
U-Boot's and by EDK2. What the text file on the disk says is what the agent goes by.
"""
import struct
import subprocess
import time

import pytest

from expect import assert_quiet
from guest import NEWER, ROOT, TIMEOUT, Guest, Variant, build, emulator
from test_bzimage import OVMF, PORT, sync_at_last

BOARDS = {"x86_64": "x86_64", "aarch64": "virt-aarch64", "riscv64": "virt-riscv64-s"}
AAVMF = ["-bios", "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"]
UBOOT = ["-kernel", "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin"]
EDK2 = ROOT / "build" / "efi-riscv64"
FAT_IN_RAW = 1 << 20
COMMAND_LINE = "quiet bareqga.hostname=made"


def disk_of(path, how):
    """QEMU's options for a medium: a CD, which PCs have and others need SCSI for, or a disk."""
    if how == "cd":
        return ["-drive", f"file={path},format=raw,if=none,id=medium,media=cdrom,readonly=on",
                "-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=medium"]
    if how == "ide-cd":
        return ["-cdrom", str(path)]
    form = "qcow2" if path.suffix == ".qcow2" else "raw"
    return ["-drive", f"file={path},format={form},if=none,id=medium,snapshot=on", "-device", "virtio-blk-pci,drive=medium"]


class Started(Variant):
    """A machine without a kernel."""

    def command(self, sock, qmp="", log="", extra=()):
        return [emulator(self.board), "-m", "256M", "-nodefaults", "-no-user-config", "-display", "none",
                "-serial", f"file:{log}", "-chardev", f"socket,id=agent,path={sock},server=on,wait=off",
                "-qmp", f"unix:{qmp},server=on,wait=off", *PORT, *extra]


def started(processor, machine, *extra):
    return Guest(Started(processor), qmp=True, extra=["-M", *machine.split(), *extra])


def made(folder, kind, cmdline):
    """A disk from mkdisk.py, of the images that are built."""
    for board in BOARDS.values():
        build(board)
    path = folder / f"disk.{kind}"
    images = [ROOT / "build" / board / f"bareqga.{'bzImage' if name == 'x86_64' else 'Image'}" for name, board in BOARDS.items()]
    subprocess.run(["/usr/bin/python3", ROOT / "tools" / "mkdisk.py", path, cmdline, *images], check=True)
    return path


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    """An ISO as it was made, and a qcow2 whose command line was edited."""
    folder = tmp_path_factory.mktemp("disks")
    made(folder, "iso", COMMAND_LINE)
    raw = made(folder, "raw", COMMAND_LINE)
    env = folder / "bareqga.env"
    inside = f"{raw}@@{FAT_IN_RAW}"
    subprocess.run(["mcopy", "-i", inside, "::/bareqga.env", env], check=True)
    assert env.read_text().startswith("# GRUB Environment Block\n")
    env.write_text(env.read_text().replace(COMMAND_LINE, 'one two "bareqga.hostname=edit ed"'))
    subprocess.run(["mcopy", "-o", "-i", inside, env, "::/bareqga.env"], check=True)
    subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, folder / "disk.qcow2"], check=True)
    return {"iso": folder / "disk.iso", "qcow2": folder / "disk.qcow2"}


def assert_serves(guest, medium, megabytes=256):
    with guest.connect() as client:
        sync_at_last(client)
        assert client.call("guest-get-host-name") == {"host-name": {"iso": "made", "qcow2": "edit ed"}[medium]}
        size = client.call("guest-get-memory-block-info")["size"]
        assert megabytes * 3 // 4 << 20 < len(client.call("guest-get-memory-blocks")) * size <= megabytes << 20
        assert_quiet(guest)
        client.send({"execute": "guest-shutdown"})
        assert guest.wait() == 0


@pytest.mark.parametrize("medium, how", [("iso", "ide-cd"), ("iso", "disk"), ("qcow2", "disk")])
@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_bios(machine, medium, how, media):
    with started("x86_64", machine, *disk_of(media[medium], how)) as guest:
        assert_serves(guest, medium)


@pytest.mark.parametrize("medium", ["iso", "qcow2"])
@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_uefi(machine, medium, media):
    with started("x86_64", machine, *OVMF, *disk_of(media[medium], "ide-cd" if medium == "iso" else "disk")) as guest:
        assert_serves(guest, medium)


@pytest.mark.parametrize("machine, medium, more", [
    ("virt -cpu cortex-a57", "iso", []),  # ACPI alone: the device tree is what QEMU left in memory
    ("virt,acpi=off,virtualization=on,gic-version=3 -cpu max -smp 2", "qcow2", ["-m", "5G"])])
def test_aarch64(machine, medium, more, media):
    with started("aarch64", machine, *AAVMF, *more, *disk_of(media[medium], "cd" if medium == "iso" else "disk")) as guest:
        assert_serves(guest, medium, 5 * 1024 if more else 256)


def test_riscv64(media):
    """With U-Boot behind OpenSBI."""
    with started("riscv64", "virt", "-smp", "2", *UBOOT, *disk_of(media["qcow2"], "disk")) as guest:
        assert_serves(guest, "qcow2")


class Newer(Started):
    """Before QEMU 8 a flash could not be OpenSBI's next stage."""

    def command(self, *arguments, **options):
        return [f"{NEWER}/bin/qemu-system-riscv64", *super().command(*arguments, **options)[1:]]


def test_riscv64_edk2(media):
    """Told to have a device tree: unasked it has ACPI alone."""
    variant = Newer("riscv64", newer=True)
    if not (EDK2 / "RISCV_VIRT_CODE.fd").exists() or variant.missing():
        pytest.skip(variant.missing() or "`make efi-riscv64` has not brought EDK2")
    build(BOARDS["riscv64"])
    flash = [word for unit, name in enumerate(("CODE", "VARS"))
             for word in ("-drive", f"if=pflash,unit={unit},format=raw,snapshot=on,file={EDK2}/RISCV_VIRT_{name}.fd")]
    with Guest(variant, extra=["-M", "virt,acpi=off", "-smp", "2", *flash, *disk_of(media["qcow2"], "disk")]) as guest:
        assert_serves(guest, "qcow2")


def test_no_device_tree(tmp_path):
    """An Image that would look for what QEMU left where nothing is: it says so, and UEFI goes on."""
    build(BOARDS["aarch64"])
    image = bytearray((ROOT / "build" / BOARDS["aarch64"] / "bareqga.Image").read_bytes())
    assert struct.unpack_from("<I", image, 512)[0] == 0x40000000
    struct.pack_into("<I", image, 512, 0)
    folder = tmp_path / "EFI" / "BOOT"
    folder.mkdir(parents=True)
    (folder / "BOOTAA64.EFI").write_bytes(image)
    with started("aarch64", "virt -cpu cortex-a57", *AAVMF, "-drive", f"file=fat:rw:{tmp_path},format=raw,if=none,id=d",
                 "-device", "virtio-blk-pci,drive=d") as guest:
        deadline = time.monotonic() + 2 * TIMEOUT
        while "bareqga: UEFI hands over no device tree" not in guest.log():
            assert time.monotonic() < deadline, guest.log()
            time.sleep(0.05)


def test_same_bytes(media, tmp_path):
    """Made once more, elsewhere and later: FAT counts in steps of two seconds."""
    time.sleep(2.1)
    assert made(tmp_path, "iso", COMMAND_LINE).read_bytes() == media["iso"].read_bytes()
    for folder in (tmp_path / "1", tmp_path / "2"):
        folder.mkdir()
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", made(folder, "raw", COMMAND_LINE), folder / "disk.qcow2"], check=True)
        time.sleep(1.1)
    for kind in ("raw", "qcow2"):
        assert (tmp_path / "1" / f"disk.{kind}").read_bytes() == (tmp_path / "2" / f"disk.{kind}").read_bytes()
