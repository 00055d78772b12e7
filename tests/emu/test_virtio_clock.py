# SPDX-License-Identifier: MIT
"""What a newer QEMU tells of time. A virtio clock, from 11.1 on: the host's time to less than what it takes to ask, and
again after a stop. vmclock, from 10.1 on: that the machine was restored."""
import subprocess
import time

import pytest

from guest import Guest, Variant, build
from test_restored import read, save

NEAR_NS = 1000000
CASES = [(Variant("virt-riscv64", newer=True), "virtio-rtc-device"),
         (Variant("virt-riscv64", virtio="modern", newer=True), "virtio-rtc-device"),
         (Variant.of("x86_64:q35", channel="uart", newer=True), "virtio-rtc-pci")]


def need(machine, device):
    missing = machine.missing()
    if missing:
        pytest.skip(missing)
    qemu = machine.command("")[0]
    # The exit status is 0 also where there is none.
    said = subprocess.run([qemu, "-M", "none", "-device", f"{device},help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True).stdout
    if "not found" in said or "not a valid device" in said:
        pytest.skip(f"this QEMU has no {device}")


def assert_right(client):
    """Within the time that it takes to ask, or a millisecond of it, in one of some tries: a busy host may have taken its
    time over a reading of the clock."""
    off = []
    for _ in range(10):
        before = time.time_ns()
        ns = client.call("guest-get-time")
        off.append(max(before - ns, ns - time.time_ns()))
        time.sleep(0.05)
    assert min(off) < NEAR_NS, off


@pytest.mark.parametrize("machine, device", CASES, ids=str)
def test_time(machine, device):
    need(machine, device)
    with Guest(machine, qmp=True, extra=f"-device {device}") as guest, guest.connect() as client:
        client.sync()
        assert_right(client)
        guest.monitor.call("stop")
        time.sleep(3)
        guest.monitor.call("cont")
        assert_right(client)
        assert read(client, "/run/generation") == "1\n"
        client.call("guest-set-time", {"time": 42 * 10**9})
        assert 42 * 10**9 <= client.call("guest-get-time") < 10**17
        client.call("guest-set-time")
        assert_right(client)


def test_vmclock(tmp_path):
    """It alone: the hardware clock is the guest's counter, and shows nothing."""
    machine = Variant.of("x86_64:q35", channel="uart", newer=True)
    need(machine, "vmclock")
    build(machine.board)
    devices = "-rtc clock=vm -device vmclock"
    with Guest(machine, qmp=True, extra=devices) as first, first.connect() as client:
        client.sync()
        assert read(client, "/run/generation") == "0\n"
        incoming = save(first, tmp_path)
    with Guest(machine, extra=devices + incoming) as second, second.connect() as client:
        client.sync()
        assert read(client, "/run/generation") == "1\n"
