# SPDX-License-Identifier: MIT
"""A machine that was stopped, restored from a snapshot or cloned notices it before it answers again."""
import base64
import os
import subprocess
import time

import pytest

from expect import clock_off

AWAY = float(os.environ.get("BAREQGA_AWAY", 4))  # s: far more than a clock of seconds may be wrong
SEED = "example: another seed"
STOPPED = "bareqga: the machine was stopped, restored or cloned"


def read(client, path):
    handle = client.call("guest-file-open", {"path": path})
    data = client.call("guest-file-read", {"handle": handle})["buf-b64"]
    client.call("guest-file-close", {"handle": handle})
    return base64.b64decode(data).decode()


def at_rest(guest):
    """A client of a guest that has looked at its clock, and sleeps since; and a handle of its log, to read which is
    no occasion to look at the clock again."""
    client = guest.connect()
    client.sync()
    assert read(client, "/run/generation") == "0\n"
    assert abs(clock_off(client)) < 1.5
    log = client.call("guest-file-open", {"path": "/log"})
    time.sleep(0.3)
    assert SEED not in more(client, log)
    time.sleep(0.3)
    return client, log


def more(client, log):
    """What the log has got since it was read."""
    return base64.b64decode(client.call("guest-file-read", {"handle": log, "count": 65536})["buf-b64"]).decode()


def assert_noticed(client, log, told):
    """The application was told before the first answer, once; and the rest is right, too."""
    assert client.call("guest-ping") == {}
    assert more(client, log) == f"{STOPPED}\n{SEED}\n"
    assert read(client, "/run/generation") == f"{told}\n"
    assert read(client, "/log").count(f"{STOPPED}\n{SEED}\n") == told
    assert abs(clock_off(client)) < 1.5


@pytest.mark.boards("virt-riscv64", "virt-aarch64", "virt-arm", "x86_64", "x86_64:q35")
@pytest.mark.virtios("legacy")
@pytest.mark.channels("virtio", "uart")
def test_stopped(boot):
    guest = boot(app="example", qmp=True)
    client, log = at_rest(guest)
    for told in (1, 2):
        guest.monitor.call("stop")
        time.sleep(AWAY)
        guest.monitor.call("cont")
        assert_noticed(client, log, told)
        time.sleep(0.3)


# Elsewhere the counter goes on while QEMU puts the machine back, so nothing is amiss, and nothing tells; and QEMU
# 7.2 sets the clock of its RISC-V machine back to when it was saved.
@pytest.mark.boards("virt-aarch64")
@pytest.mark.virtios("legacy")
@pytest.mark.channels("virtio")
def test_loaded(boot, tmp_path):
    """The same client goes on, with a guest that is as it was."""
    disk = tmp_path / "disk"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "1M"], check=True)
    guest = boot(app="example", qmp=True, extra=["-drive", f"if=none,format=qcow2,file={disk}"])
    client, log = at_rest(guest)
    assert guest.monitor.call("human-monitor-command", **{"command-line": "savevm here"}) == ""
    time.sleep(AWAY)
    for _ in range(2):
        assert guest.monitor.call("human-monitor-command", **{"command-line": "loadvm here"}) == ""
        client.sync()
        assert_noticed_once(client, log)


def assert_noticed_once(client, log):
    assert more(client, log) == f"{STOPPED}\n{SEED}\n"
    assert read(client, "/run/generation") == "1\n"
    assert read(client, "/log").count(f"{STOPPED}\n{SEED}\n") == 1
    assert abs(clock_off(client)) < 1.5


def save(guest, tmp_path):
    guest.monitor.call("migrate", uri=f"exec:cat > {tmp_path}/state")
    while (status := guest.monitor.call("query-migrate").get("status")) != "completed":
        assert status in (None, "setup", "active", "device"), status
        time.sleep(0.02)
    return f" -incoming 'exec:cat {tmp_path}/state'"


@pytest.mark.boards("virt-aarch64", "x86_64", "x86_64:q35")
@pytest.mark.virtios("legacy")
@pytest.mark.channels("virtio", "uart")
def test_elsewhere(boot, tmp_path):
    """It goes on in another QEMU, later."""
    first = boot(app="example", qmp=True)
    _, log = at_rest(first)
    incoming = save(first, tmp_path)
    time.sleep(AWAY)
    with boot(app="example", extra=incoming).connect() as client:
        client.sync()
        assert_noticed_once(client, log)


@pytest.mark.boards("x86_64:q35")
@pytest.mark.accels("tcg")
def test_cloned(boot, tmp_path):
    """Another identity, alone: its hardware clock is the guest's counter, and shows nothing."""
    def device(guid):
        return f" -rtc clock=vm -device vmgenid,guid=324e6eaf-d1d1-4bf6-bf41-b9bb6c91fb{guid:02}"

    first = boot(app="example", qmp=True, extra=device(1))
    at_rest(first)
    incoming = save(first, tmp_path)
    for guid in (1, 2, 3):
        with boot(app="example", extra=device(guid) + incoming).connect() as client:
            client.sync()
            assert read(client, "/run/generation") == ("0\n" if guid == 1 else "1\n")
            assert read(client, "/log").count(f"{STOPPED}\n{SEED}\n") == (guid != 1)
