# SPDX-License-Identifier: MIT
"""A PCI console without an interrupt line, whose interrupts are messages: QEMU's always have one, but a loader
can say that it leads nowhere, as firmware would (PCI Local Bus 3.0, 6.2.4: 255). Here GRUB does, before it
loads the bzImage. The VMMs that have no lines at all are in test_vmm.py."""
import re
import sys

import pytest

import guest as guests
from expect import assert_answers, assert_quiet
from test_bzimage import PORT, sync_at_last
from test_disks import BOARDS, Started, disk_of

sys.path.append(str(guests.ROOT / "tools"))
import mkdisk  # noqa: E402

ROOT_PORT = ["-device", "pcie-root-port,id=root1,chassis=1", "-device", "virtio-serial-pci,bus=root1", *PORT[2:]]
ENTRY = "0xfee00000 0x00000000 0x00000020 0x00000000"  # to the processor, VECTOR_WAKE, not masked


class Unplugged(Started):
    """Its devices are those of `extra` alone."""

    def command(self, sock, qmp="", log="", extra=()):
        return super().command(sock, qmp, log)[:-len(PORT)] + list(extra)


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """Its GRUB says that consoles have no line."""
    folder = tmp_path_factory.mktemp("messages")
    guests.build(BOARDS["x86_64"])
    fat, path = folder / "fat.img", folder / "disk.raw"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mkdisk, "MODULES", [*mkdisk.MODULES, "setpci"])
        patch.setattr(mkdisk, "START", "".join(f"setpci -d 1af4:{device} 3c.b=ff\n" for device in (1003, 1043)) + mkdisk.START)
        mkdisk.make_fat(fat, folder, "quiet", {"X64": guests.ROOT / "build" / BOARDS["x86_64"] / "bareqga.bzImage"})
        mkdisk.make_raw(path, folder, fat)
    return path


@pytest.mark.parametrize("machine, console", [("pc", PORT), ("q35", ROOT_PORT)], ids=["pc", "q35"])
def test_serves_by_messages(disk, machine, console):
    with guests.Guest(Unplugged("x86_64"), qmp=True, extra=["-M", machine, *disk_of(disk, "disk"), *console]) as guest:
        with guest.connect() as client:
            sync_at_last(client)
        assert_quiet(guest)
        consoles = re.split(r"(?m)^  Bus ", guest.monitor.hmp("info pci"))
        table = next(re.search(r"BAR1: 32 bit memory at (0x[0-9a-f]+)", text)[1] for text in consoles if re.search("1af4:10[04]3", text))
        assert ENTRY in guest.monitor.hmp(f"xp /4wx {table}")
        assert_answers(guest)
        with guest.connect() as client:
            client.send(*[{"execute": "guest-ping"}] * 500)
            assert [client.recv() for _ in range(500)] == [{"return": {}}] * 500
            used = guest.cpu_seconds()
            assert client.silent(2) and guest.cpu_seconds() - used < 0.1
            client.send({"execute": "guest-shutdown"})
            assert guest.wait() == 0
