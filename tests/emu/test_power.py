# SPDX-License-Identifier: MIT
"""Resets, power-off, unplugging: the agent obeys, or is there again."""
import pytest


def powers(client):
    return "guest-shutdown" in [c["name"] for c in client.call("guest-info")["supported_commands"]]


@pytest.mark.parametrize("arguments", [None, {"mode": "powerdown"}], ids=["default", "powerdown"])
def test_powerdown(boot, arguments):
    guest = boot(qmp=True)
    client = guest.connect()
    client.sync()
    if not powers(client):
        pytest.skip("this board cannot power itself off")
    client.send({"execute": "guest-shutdown", **({"arguments": arguments} if arguments else {})})
    guest.wait()
    assert client.buffer == b"" and client.sock.recv(1) == b""  # no answer on success


def test_answers_before_powerdown_arrive(boot):
    guest = boot()
    client = guest.connect()
    client.sync()
    if not powers(client):
        pytest.skip("this board cannot power itself off")
    client.send(*[{"execute": "guest-info"}] * 5, {"execute": "guest-shutdown"})
    for _ in range(5):
        assert "return" in client.recv()
    guest.wait()


@pytest.mark.accels("tcg")
def test_reboot(boot):
    guest = boot(qmp=True)
    if not guest.monitor:
        pytest.skip("no machine to reset")
    client = guest.connect()
    client.sync()
    if not powers(client):
        pytest.skip("this board cannot reset itself")
    client.send({"execute": "guest-shutdown", "arguments": {"mode": "reboot"}})
    event = guest.monitor.wait_event("RESET")
    assert event["data"]["guest"]
    client.sync()
    assert client.call("guest-ping") == {}


@pytest.mark.accels("tcg")
def test_halt(boot):
    """The processor stops for good; the machine stays, and uses no processor time."""
    guest = boot(qmp=True)
    if not guest.monitor:
        pytest.skip("no machine to halt")
    client = guest.connect()
    client.sync()
    answer = None
    client.send({"execute": "guest-shutdown", "arguments": {"mode": "halt"}}, {"execute": "guest-ping"})
    assert client.silent(1), client.buffer
    assert answer is None


def test_bad_mode(client):
    if not powers(client):
        pytest.skip("this board cannot power itself off")
    answer = client.ask("guest-shutdown", {"mode": "explode"})
    assert answer["error"]["desc"] == "mode is invalid (valid values are: halt|powerdown|reboot"
    assert client.call("guest-ping") == {}


def test_system_reset(boot):
    """By the host, with a client connected and half a request sent; ten times."""
    guest = boot(qmp=True)
    if not guest.monitor:
        pytest.skip("no machine to reset")
    client = guest.connect()
    for _ in range(10):
        client.sync()
        client.send(b'{"execute":"guest-pi')
        guest.monitor.call("system_reset")
        guest.monitor.wait_event("RESET")
    client.sync()
    assert client.call("guest-ping") == {}


def test_stop_and_continue(boot):
    guest = boot(qmp=True)
    if not guest.monitor:
        pytest.skip("no machine to stop")
    client = guest.connect()
    client.sync()
    guest.monitor.call("stop")
    client.send({"execute": "guest-ping"})
    assert client.silent()
    guest.monitor.call("cont")
    assert client.recv() == {"return": {}}


@pytest.mark.channels("virtio")
def test_unplug_and_plug(boot):
    """The port goes and comes again, under another number and beside another port."""
    guest = boot(qmp=True)
    with guest.connect() as client:
        client.sync()
    monitor = guest.monitor
    for number in (1, 5, 30):
        monitor.call("device_del", id="agent0")
        monitor.wait_event("DEVICE_DELETED", device="agent0")
        monitor.call("device_add", driver="virtserialport", id="agent0", chardev="agent", nr=number,
                     name="org.qemu.guest_agent.0")
        with guest.connect() as client:
            client.sync()
            assert client.call("guest-ping") == {}


@pytest.mark.channels("virtio")
def test_other_ports_and_consoles(boot):
    """The port is found by its name, wherever it is."""
    guest = boot(extra="-device virtserialport,name=org.example.other,nr=7 -device virtconsole,nr=0,chardev=c "
                       "-chardev null,id=c -device virtserialport,name=org.qemu.guest_agent.1,nr=9")
    with guest.connect() as client:
        client.sync()
        assert client.call("guest-ping") == {}
