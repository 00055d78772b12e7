# SPDX-License-Identifier: MIT
"""Resets, power-off, unplugging: the agent obeys, or is there again."""
import pytest

from expect import reading, sync_after_reset
from guest import GuestError, request


def rest(client):
    """What still comes until the guest's end of the socket is gone."""
    try:
        while data := client.sock.recv(65536):
            client.buffer += data
    except ConnectionResetError:
        pass
    return client.buffer


def in_step(guest):
    """A client in step with the agent of a guest that can change its power."""
    client = guest.connect()
    client.sync()
    if "guest-shutdown" not in [c["name"] for c in client.call("guest-info")["supported_commands"]]:
        pytest.skip("this board cannot power itself off")
    return client


@pytest.fixture
def machine(boot):
    """A guest with QEMU's monitor."""
    guest = boot(qmp=True)
    if not guest.monitor:
        pytest.skip("no machine below it")
    return guest


@pytest.mark.parametrize("arguments", [None, {"mode": "powerdown"}], ids=["default", "powerdown"])
def test_powerdown(boot, arguments):
    guest = boot(qmp=True)
    client = in_step(guest)
    client.send(request("guest-shutdown", arguments))
    guest.wait()
    assert rest(client) == b""  # no answer on success


@pytest.mark.essential
def test_answers_before_powerdown_arrive(guest):
    client = in_step(guest)
    client.send(*[request("guest-info")] * 5, request("guest-shutdown"))
    for _ in range(5):
        assert "return" in client.recv()
    guest.wait()


@pytest.mark.accels("tcg")
def test_reboot(machine):
    client = in_step(machine)
    client.send(request("guest-shutdown", {"mode": "reboot"}))
    event = machine.monitor.wait_event("RESET")
    assert event["data"]["guest"]
    sync_after_reset(client)
    assert client.call("guest-ping") == {}


@pytest.mark.accels("tcg")
def test_halt(machine):
    """The processor stops for good; the machine stays, and uses no processor time."""
    client = in_step(machine)
    client.send(request("guest-shutdown", {"mode": "halt"}))
    assert client.silent(1), client.buffer
    before = machine.cpu_seconds()
    client.send(request("guest-ping"))
    assert client.silent(2), client.buffer
    assert machine.cpu_seconds() - before < 0.1
    assert machine.process.poll() is None


def refused(client, mode, why):
    """In qemu-ga's words, or by the smallest image, which has none."""
    answer = client.ask("guest-shutdown", {"mode": mode})
    tiny = client.guest.variant.board == "mps2-an385-min"
    assert answer["error"] == {"class": "GenericError", "desc": "command failed" if tiny else why}
    assert client.call("guest-ping") == {}


def test_bad_mode(guest):
    refused(in_step(guest), "explode", "mode is invalid (valid values are: halt|powerdown|reboot")


@pytest.mark.boards("mps2-an385", "mps2-an385-min")
def test_nobody_answers_semihosting(boot):
    """A call that nobody answers is a fault, after which the guest goes on, without power-off."""
    client = in_step(boot(extra="-semihosting-config enable=off"))
    refused(client, "powerdown", "the requested shutdown mode is not supported by the guest")


@pytest.mark.essential
def test_system_reset(machine):
    """By the host, with a client connected and half a request sent; ten times."""
    client = machine.connect()
    for _ in range(10):
        sync_after_reset(client)
        client.send(b'{"execute":"guest-pi')
        with reading(client):
            machine.monitor.call("system_reset")
            machine.monitor.wait_event("RESET")
    sync_after_reset(client)
    assert client.call("guest-ping") == {}


@pytest.mark.essential
def test_stop_and_continue(machine):
    client = machine.connect()
    client.sync()
    machine.monitor.call("stop")
    client.send(request("guest-ping"))
    assert client.silent()
    machine.monitor.call("cont")
    assert client.recv() == {"return": {}}


@pytest.mark.boards("virt-riscv64", "virt-riscv32")
@pytest.mark.channels("virtio")
@pytest.mark.virtios("legacy")
def test_port_closes_before_power_off(boot):
    """Also right after it was opened, when QEMU, which tells of a port once in a second, tells later. On a machine so busy
    that QEMU's timer is late by what the guest allows for it, QEMU ends first: not three times in a row."""
    for _ in range(3):
        machine = boot(qmp=True)
        client = machine.connect()
        client.sync()
        client.send(request("guest-shutdown"))
        told = True
        try:
            while machine.monitor.wait_event("VSERPORT_CHANGE")["data"]["open"]:
                pass
        except (GuestError, ConnectionResetError) as gone:
            assert "says nothing" not in str(gone)
            told = False
        assert machine.wait() == 0
        if told:
            return
    pytest.fail("QEMU never tells that the port closes")
