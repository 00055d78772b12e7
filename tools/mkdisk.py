# SPDX-License-Identifier: MIT
"""Makes disks that boot without a -kernel, of images that are made already.

    mkdisk.py OUTPUT CMDLINE X64 AA64 RISCV64

OUTPUT ends in .iso or .raw; both start by BIOS and by UEFI, an ISO as a CD and written to a disk. The
images are a bzImage and two Images; UEFI starts each as it is, as EFI/BOOT/BOOT*.EFI, and for a BIOS GRUB
loads the first. All of it is in one FAT file system, with bareqga.env, which says the command line to both.

Needs no rights and no loop device, and makes the same bytes of the same input: times are those of
SOURCE_DATE_EPOCH, or of 2024-01-01.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GRUB = Path("/usr/lib/grub/i386-pc")
MODULES = "biosdisk fat linux loadenv eval".split()
EPOCH = os.environ.get("SOURCE_DATE_EPOCH", "1704067200")
SECTOR = 512
MIB = 1 << 20
FIRST = MIB // SECTOR  # of the partition; in front of it is GRUB
ENV = """\
# GRUB Environment Block
# The command line of bareqga, for BIOS and UEFI; the line above must stay the first.
cmdline={}
"""
START = """\
load_env --file /bareqga.env cmdline
eval "linux /EFI/BOOT/BOOTX64.EFI $cmdline"
boot
"""


def run(*command):
    done = subprocess.run([str(c) for c in command], text=True, stdin=subprocess.DEVNULL, capture_output=True,
                          env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH, "TZ": "UTC", "LC_ALL": "C", "MTOOLS_SKIP_CHECK": "1"})
    if done.returncode:
        sys.exit(f"mkdisk: {command[0]} has failed: {done.stderr.strip()}")


def make_fat(path, folder, cmdline, images):
    """A FAT file system with a MiB to spare."""
    files = {f"EFI/BOOT/BOOT{name}.EFI": Path(image) for name, image in images.items()}
    files["bareqga.env"] = folder / "bareqga.env"
    files["bareqga.env"].write_text(ENV.format(cmdline.replace("\\", "\\\\")))
    size = (sum(f.stat().st_size for f in files.values()) // MIB + 2) * MIB
    path.write_bytes(bytes(size))
    run("mformat", "-i", path, "-T", size // SECTOR, "-h", 16, "-s", 63, "-H", FIRST, "-N", "62617265", "-v", "BAREQGA", "::")
    run("mmd", "-i", path, "::/EFI", "::/EFI/BOOT")
    for name, source in files.items():
        copy = folder / "copy"
        shutil.copyfile(source, copy)
        os.utime(copy, (int(EPOCH), int(EPOCH)))
        run("mcopy", "-m", "-i", path, copy, f"::/{name}")


def make_grub(path, folder, form, prefix, start, modules):
    config = folder / "grub.cfg"
    config.write_text(start)
    run("grub-mkimage", "-O", form, "-o", path, "-c", config, "-p", prefix, *MODULES, *modules)


def make_raw(output, folder, fat):
    """A partition table of one entry (UEFI Specification 2.10, 5.2.1), and GRUB between it and the partition."""
    core = folder / "core.img"
    make_grub(core, folder, "i386-pc", "(,msdos1)/", START, ["part_msdos"])
    image = bytearray((GRUB / "boot.img").read_bytes()) + core.read_bytes()
    if len(image) > FIRST * SECTOR:
        sys.exit("mkdisk: GRUB is too large")
    sectors = fat.stat().st_size // SECTOR
    struct.pack_into("<IHBBBBBBBBII", image, 440, 0x62617265, 0, 0x80, 0xfe, 0xff, 0xff, 0xef, 0xfe, 0xff, 0xff, FIRST, sectors)
    image[462:510] = bytes(48)  # the other entries, where boot.img has what floppies need
    output.write_bytes(image + bytes(FIRST * SECTOR - len(image)) + fat.read_bytes())


def make_iso(output, folder, fat):
    """El Torito for both, GRUB's start of a disk, and a partition table that has the FAT file system as well."""
    tree = folder / "tree"
    tree.mkdir()
    fat.rename(tree / "fat.img")
    make_grub(tree / "grub.img", folder, "i386-pc-eltorito", "/", "loopback fat /fat.img\nset root=fat\n" + START,
              ["iso9660", "loopback"])
    for path in (*tree.iterdir(), tree):
        os.utime(path, (int(EPOCH), int(EPOCH)))
    when = time.strftime("%Y%m%d%H%M%S00", time.gmtime(int(EPOCH)))
    run("xorriso", "-as", "mkisofs", "-quiet", "-o", output, "-V", "BAREQGA", "-R", f"--modification-date={when}",
        "-b", "grub.img", "-no-emul-boot", "-boot-load-size", 4, "-boot-info-table", "--grub2-boot-info",
        "--grub2-mbr", GRUB / "boot_hybrid.img", "--efi-boot", "fat.img", "-efi-boot-part", "--efi-boot-image",
        "--protective-msdos-label", tree)


def main():
    output, cmdline, *images = sys.argv[1:]
    for path in (GRUB, *map(Path, images)):
        if not path.exists():
            sys.exit(f"mkdisk: {path} is not here")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        fat = folder / "fat.img"
        make_fat(fat, folder, cmdline, dict(zip(("X64", "AA64", "RISCV64"), images)))
        {".iso": make_iso, ".raw": make_raw}[Path(output).suffix](Path(output), folder, fat)


if __name__ == "__main__":
    main()
