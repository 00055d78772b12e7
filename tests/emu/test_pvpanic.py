# SPDX-License-Identifier: MIT
"""QEMU's pvpanic devices: the host gets an event of its own. That a crash is told on every machine: test_protect.py."""
import contextlib
import dataclasses

import pytest

import guest as guests

BEHIND_BRIDGES = "-device pcie-root-port,id=root -device pcie-pci-bridge,bus=root,id=bridge -device pvpanic-pci,bus=bridge,addr=3"


def events(guest):
    """Names of all there are until the monitor is gone."""
    with contextlib.suppress(guests.GuestError, ConnectionError):
        while True:
            guest.monitor._read(guests.TIMEOUT)
    return [e["event"] for e in guest.monitor.events]


@pytest.mark.parametrize("board, device", [("virt-riscv64", "-device pvpanic-pci"), ("x86_64", "-device pvpanic")])
def test_orderly_shutdown(board, device):
    """The newer QEMU has a bit for it."""
    variant = dataclasses.replace(guests.variants(board)[0], newer=True)
    if variant.missing():
        pytest.skip(variant.missing())
    guests.build(board)
    with guests.Guest(variant, qmp=True, extra=device) as guest:
        with guest.connect() as client:
            client.sync()
            client.send({"execute": "guest-shutdown"})
        told = events(guest)
        assert guest.wait() == 0
        assert told.index("GUEST_PVSHUTDOWN") < told.index("SHUTDOWN")
        assert "GUEST_PANICKED" not in told


def test_crash_behind_bridges():
    """Nobody has given the device an address there; and without any option a crash is QEMU's end."""
    guests.build("virt-riscv64", "example")
    with guests.Guest(guests.Variant("virt-riscv64", app="example"), qmp=True, extra=BEHIND_BRIDGES) as guest:
        with guest.connect() as client:
            client.sync()
            client.send({"execute": "guest-exec", "arguments": {"path": "/bin/fault"}})
        told = events(guest)
        assert guest.wait() == 0
        assert "GUEST_PANICKED" in told and "RESET" not in told
        assert "\n| example: hello" in guest.log()
