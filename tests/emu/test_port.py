# SPDX-License-Identifier: MIT
"""The agent's port is found by its name, wherever QEMU puts it and whatever is beside it."""
import time

import pytest

from expect import assert_answers
from guest import TIMEOUT, GuestError

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.accels("tcg")]

ABSENT = "no virtio console has the agent's port"


def other(nr, kind="virtserialport", bus=""):
    """A port of somebody else, on a chardev that swallows everything."""
    named = f",name=com.example.{nr}" if kind == "virtserialport" else ""
    bus = f",bus={bus}" if bus else ""
    return f" -chardev null,id=other{nr} -device {kind},chardev=other{nr},nr={nr}{named}{bus}"


@pytest.mark.parametrize("nr", [1, 2, 17, 30])
def test_number(boot, nr):
    assert_answers(boot(extra=f"-set device.agent0.nr={nr}", client_first=True))


@pytest.mark.parametrize("ports,nr", [(2, 1), (33, 32), (511, 300)])
def test_max_ports(boot, ports, nr):
    assert_answers(boot(extra=f"-global virtio-serial-device.max_ports={ports} -set device.agent0.nr={nr}"))


def test_iommu_platform(boot):
    """ACCESS_PLATFORM is accepted where it is offered: by a device of the new register file."""
    assert_answers(boot(extra="-global virtio-mmio.force-legacy=off -global virtio-serial-device.iommu_platform=on"))


def test_beside_other_ports_and_consoles(boot):
    extra = "-set device.agent0.nr=9" + other(0, "virtconsole") + other(3, "virtconsole")
    extra += "".join(other(nr) for nr in (1, 2, 8, 10, 30))
    assert_answers(boot(extra=extra, client_first=True))


def test_all_numbers_taken(boot):
    extra = "-set device.agent0.nr=30" + other(0, "virtconsole")
    assert_answers(boot(extra=extra + "".join(other(nr) for nr in range(1, 30)), client_first=True))


def test_beside_other_devices(boot):
    """Another console comes first or last; devices that are no console are left alone."""
    extra = "-device virtio-rng-device -device virtio-serial-device,id=second"
    assert_answers(boot(extra=extra + other(1, bus="second.0") + " -device virtio-rng-device"))


@pytest.mark.parametrize("nr", [1, 12])
def test_absent_and_plugged_in_later(boot, nr):
    """Without the port the guest says so, once, and waits for it without a processor."""
    extra = "-set device.agent0.name=com.example.other"
    guest = boot(qmp=True, extra=extra)
    wait_for_log(guest, ABSENT)
    guest.monitor.call("device_del", id="agent0")
    guest.monitor.wait_event("DEVICE_DELETED")
    guest.monitor.call("device_add", driver="virtserialport", id="agent0", chardev="agent",
                       name="org.qemu.guest_agent.0", nr=nr)
    assert_answers(guest)
    assert guest.log().count(ABSENT) == 1


def wait_for_log(guest, sentence):
    """The debug channel is a file; the monitor's answers pace the looks at it."""
    deadline = time.monotonic() + TIMEOUT
    while sentence not in guest.log():
        if time.monotonic() > deadline:
            raise GuestError(f"the firmware has not said {sentence!r}, but {guest.log()!r}")
        guest.monitor.call("query-status")
