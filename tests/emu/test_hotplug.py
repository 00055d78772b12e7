# SPDX-License-Identifier: MIT
"""The port, and the machine around it, come and go while the guest runs."""
import subprocess

import pytest

from expect import assert_answers

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.essential]

NAME = "org.qemu.guest_agent.0"


def unplug(guest):
    guest.monitor.call("device_del", id="agent0")
    guest.monitor.wait_event("DEVICE_DELETED", device="agent0")


def plug(guest, **more):
    guest.monitor.call("device_add", driver="virtserialport", id="agent0", chardev="agent", name=NAME, **more)


def test_same_place(boot):
    guest = boot(qmp=True)
    for _ in range(10):
        assert_answers(guest)
        unplug(guest)
        plug(guest)
    assert_answers(guest)


def test_other_number(boot):
    guest = boot(qmp=True)
    for nr in (2, 30, 1, 7):
        assert_answers(guest)
        unplug(guest)
        plug(guest, nr=nr)
    assert_answers(guest)


def test_with_a_client_in_mid_request(boot):
    """The client stays connected to QEMU all the while."""
    guest = boot(qmp=True)
    client = guest.connect()
    for nr in (1, 1, 4, 4):
        client.sync()
        client.send(*[{"execute": "guest-info"}] * 50, b'{"execute": "guest-pi')
        unplug(guest)
        plug(guest, nr=nr)
    client.sync()
    assert client.call("guest-ping") == {}


def test_saved_and_loaded(boot, tmp_path):
    """A snapshot taken in mid-request goes on where it was."""
    disk = tmp_path / "snapshots.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(disk), "64M"], check=True)
    guest = boot(qmp=True, extra=f"-drive if=none,id=snapshots,format=qcow2,file={disk}")
    client = guest.connect()
    client.sync()
    client.send(b'{"execute": "guest-sync", "argu')
    guest.monitor.call("query-status")
    for command in ("savevm here", "loadvm here"):
        said = guest.monitor.call("human-monitor-command", **{"command-line": command})
        assert said == "", said
    client.send(b'ments": {"id": 7}}\n')
    assert client.recv() == {"return": 7}
    for n in range(5):
        client.sync(n)
        guest.monitor.call("human-monitor-command", **{"command-line": "loadvm here"})
        client.sync(n + 100)
