# SPDX-License-Identifier: MIT
"""The x86 image, entered by Linux's 64-bit boot protocol, as Firecracker and crosvm do; see linux64.S."""
import functools
import struct

import pytest

from expect import assert_quiet, assert_says, sync_after_reset
from guest import ROOT, make_alone

pytestmark = [pytest.mark.boards("x86_64"), pytest.mark.essential]

BUILT = ROOT / "build" / "x86_64"
LOADER = BUILT / "linux64.elf"
HANDOVER = 0x7ff000
HDRS = 0x53726448


@functools.lru_cache(maxsize=None)
def entry():
    make_alone("BOARD=x86_64", str(LOADER.relative_to(ROOT)))
    return struct.unpack_from("<Q", (BUILT / "bareqga.elf").read_bytes(), 24)[0]  # e_entry


def by_loader(image=BUILT / "bareqga.elf", magic=HDRS, append=""):
    """More options: QEMU starts the loader, which finds the image in memory."""
    word = entry() | magic << 32
    return ["-kernel", str(LOADER), "-device", f"loader,file={image}",
            "-device", f"loader,addr={HANDOVER:#x},data={word:#x},data-len=8", "-append", append]


def without_tree(tmp_path):
    """An image that looks in vain for QEMU's device tree, as if there were no QEMU around it."""
    image = (BUILT / "bareqga.elf").read_bytes()
    assert image.count(b"etc/fdt\0") == 1
    path = tmp_path / "bareqga.elf"
    path.write_bytes(image.replace(b"etc/fdt\0", b"etc/no!\0"))
    return path


def test_entry(boot):
    """The zero page was read: the command line, and how much memory there is."""
    client = boot(extra=by_loader(append="quiet bareqga.hostname=linux64")).connect()
    client.sync()
    assert client.call("guest-get-host-name") == {"host-name": "linux64"}
    size = client.call("guest-get-memory-block-info")["size"]
    assert len(client.call("guest-get-memory-blocks")) * size == 128 << 20


def test_firecracker(boot, tmp_path):
    """No ACPI, no device tree: the command line alone names the virtio device, and COM1 is where it is."""
    guest = boot(qmp=True, extra=["-machine", "acpi=off"] + by_loader(without_tree(tmp_path)))
    client = guest.connect()
    client.sync()
    guest.monitor.call("system_reset")
    guest.monitor.wait_event("RESET")
    sync_after_reset(client)
    assert client.call("guest-ping") == {}
    assert_quiet(guest)


@pytest.mark.channels("virtio")
@pytest.mark.virtios("legacy")
def test_no_zero_page(boot):
    guest = boot(extra=by_loader(magic=0))
    assert_says(guest, "bareqga: the loader gave neither a PVH start info nor a zero page")
    assert_quiet(guest)
