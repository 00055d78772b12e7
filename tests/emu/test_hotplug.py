# SPDX-License-Identifier: MIT
"""The port, and the machine around it, come and go while the guest runs."""

import pytest

from expect import assert_answers

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.essential]

NAME = "org.qemu.guest_agent.0"


def unplug(guest):
    guest.monitor.call("device_del", id="agent0")
    guest.monitor.wait_event("DEVICE_DELETED", device="agent0")


def plug(guest, **more):
    guest.monitor.call("device_add", driver="virtserialport", id="agent0", chardev="agent", name=NAME, **more)


def add_disk_for_snapshots(guest, path, size=64 << 20):
    """QEMU keeps snapshots in a qcow2, which it makes itself."""
    guest.monitor.call("blockdev-create", **{"job-id": "file", "options": {
        "driver": "file", "filename": str(path), "size": 0}})
    guest.monitor.wait_event("JOB_STATUS_CHANGE", id="file", status="concluded")
    guest.monitor.call("blockdev-add", **{"driver": "file", "node-name": "file", "filename": str(path)})
    guest.monitor.call("blockdev-create", **{"job-id": "qcow2", "options": {
        "driver": "qcow2", "file": "file", "size": size}})
    guest.monitor.wait_event("JOB_STATUS_CHANGE", id="qcow2", status="concluded")
    for job in guest.monitor.call("query-jobs"):
        assert "error" not in job, job
    guest.monitor.call("blockdev-del", **{"node-name": "file"})
    guest.monitor.call("blockdev-add", **{"driver": "qcow2", "node-name": "snapshots", "file": {
        "driver": "file", "filename": str(path)}})


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
    guest = boot(qmp=True)
    add_disk_for_snapshots(guest, tmp_path / "snapshots.qcow2")
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
