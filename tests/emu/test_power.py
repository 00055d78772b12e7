# SPDX-License-Identifier: MIT
"""Resets, power-off, unplugging: the agent obeys, or is there again."""
import pytest

from expect import sync_after_reset


def rest(client):
    """What still comes until the guest's end of the socket is gone."""
    try:
        while data := client.sock.recv(65536):
            client.buffer += data
    except ConnectionResetError:
        pass
    return client.buffer


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
    assert rest(client) == b""  # no answer on success


@pytest.mark.essential
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
    sync_after_reset(client)
    assert client.call("guest-ping") == {}


@pytest.mark.accels("tcg")
def test_halt(boot):
    """The processor stops for good; the machine stays, and uses no processor time."""
    guest = boot(qmp=True)
    if not guest.monitor:
        pytest.skip("no machine to halt")
    client = guest.connect()
    client.sync()
    if not powers(client):
        pytest.skip("this board has no power to switch")
    client.send({"execute": "guest-shutdown", "arguments": {"mode": "halt"}})
    assert client.silent(1), client.buffer
    before = guest.cpu_seconds()
    client.send({"execute": "guest-ping"})
    assert client.silent(2), client.buffer
    assert guest.cpu_seconds() - before < 0.1
    assert guest.process.poll() is None


def test_bad_mode(client):
    if not powers(client):
        pytest.skip("this board cannot power itself off")
    answer = client.ask("guest-shutdown", {"mode": "explode"})
    assert answer["error"]["desc"] == "mode is invalid (valid values are: halt|powerdown|reboot"
    assert client.call("guest-ping") == {}


@pytest.mark.essential
def test_system_reset(boot):
    """By the host, with a client connected and half a request sent; ten times."""
    guest = boot(qmp=True)
    if not guest.monitor:
        pytest.skip("no machine to reset")
    client = guest.connect()
    for _ in range(10):
        sync_after_reset(client)
        client.send(b'{"execute":"guest-pi')
        guest.monitor.call("system_reset")
        guest.monitor.wait_event("RESET")
    sync_after_reset(client)
    assert client.call("guest-ping") == {}


@pytest.mark.essential
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
