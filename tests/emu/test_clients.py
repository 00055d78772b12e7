# SPDX-License-Identifier: MIT
"""Clients that come, go and break off: the next one always gets exactly its own answer."""
import random

import pytest

from guest import SENTINEL


@pytest.mark.heavy
@pytest.mark.essential
def test_200_clients(boot):
    """Half of them break off: in mid-request, with answers unread, or with a flood unread."""
    guest = boot()
    chance = random.Random(2)
    for n in range(200):
        with guest.connect() as client:
            if n % 2:
                client.sync(n << 32)
                assert client.call("guest-ping") == {}
                continue
            way = chance.randrange(3)
            if way == 0:
                client.send(b'{"execute":"guest-ping","id":"' + b"x" * chance.randrange(3000))
            elif way == 1:
                client.send(*[{"execute": "guest-info"}] * chance.randrange(1, 20))
            else:
                client.sock.setblocking(False)
                try:
                    for _ in range(50):
                        client.send(*[{"execute": "guest-info"}] * 20)
                except BlockingIOError:
                    pass
    with guest.connect() as client:
        client.sync()
        assert client.call("guest-ping") == {}


@pytest.mark.heavy
def test_30_boots_with_a_client_waiting(boot):
    """The client is connected, and its request sent, before the processor starts."""
    for n in range(30):
        guest = boot(client_first=True)
        guest.first.sync(n)
        guest.close()


@pytest.mark.channels("virtio")
def test_open_means_ready(boot):
    guest = boot(qmp=True, extra="-S")
    guest.monitor.call("cont")
    guest.monitor.wait_event("VSERPORT_CHANGE", open=True, id="agent0")
    with guest.connect() as client:
        client.sync()
    assert not [e for e in guest.monitor.events if e["event"] == "VSERPORT_CHANGE"]


@pytest.mark.channels("virtio")
def test_requests_sent_before_boot_are_answered(boot):
    guest = boot(qmp=True, extra="-S")
    with guest.connect() as client:
        client.send(SENTINEL, *[{"execute": "guest-sync-delimited", "arguments": {"id": i}} for i in range(20)])
        guest.monitor.call("cont")
        client.recv_until(SENTINEL)
        for i in range(20):
            assert client.recv_until(b"\n").strip(SENTINEL) == b'{"return": %d}\n' % i
