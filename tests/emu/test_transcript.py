# SPDX-License-Identifier: MIT
"""One and the same conversation on every board, channel and register layout, however it is cut."""
import time

import pytest

from guest import SENTINEL, TIMEOUT

# What is sent, and exactly what comes back; from the smallest image something else of the same meaning.
TRANSCRIPT = [
    (b'{"execute":"guest-ping"}\n', b'{"return": {}}\n'),
    (b'{"execute":"guest-sync", "arguments":{"id":1795232666739}}\n', b'{"return": 1795232666739}\n'),
    (b'{"execute":"guest-sync-delimited","arguments":{"id":-9223372036854775808}}',
     b'\xff{"return": -9223372036854775808}\n'),
    (b"\r\n\r\n { 'execute' :\t'guest-ping' , \"id\": [1, null, {\"a\": \"\\u00e9\"}] }\r\n",
     b'{"return": {}, "id": [1, null, {"a": "\\u00E9"}]}\n',
     b'{"return": {}, "id": [1,null,{"a":"\\u00e9"}]}\n'),
    (b'{"execute":"guest-nonsense","id":7}\n',
     b'{"id": 7, "error": {"class": "CommandNotFound", '
     b'"desc": "The command guest-nonsense has not been found"}}\n',
     b'{"error": {"class": "CommandNotFound", "desc": "no such command"}, "id": 7}\n'),
    (b'{"execute":"guest-sync"}\n',
     b'{"error": {"class": "GenericError", "desc": "Parameter \'id\' is missing"}}\n',
     b'{"error": {"class": "GenericError", "desc": "invalid argument"}}\n'),
    (b'{"execute":}\n',
     b'{"error": {"class": "GenericError", "desc": "JSON parse error, expecting value"}}\n',
     b'{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n'),
    (b'{"execute":"gue\xff',
     b'{"error": {"class": "GenericError", "desc": "JSON parse error, stray \'\\"gue\\uFFFD\'"}}\n',
     b'{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n'),
    (b'{"execute":"guest-ping"}{"execute":"guest-ping","id":2}\n', b'{"return": {}}\n{"return": {}, "id": 2}\n'),
    (b'\xff{"execute":"guest-sync-delimited","arguments":{"id":3}}\n',
     b'{"error": {"class": "GenericError", "desc": "JSON parse error, stray \'\\uFFFD\'"}}\n'
     b'\xff{"return": 3}\n',
     b'{"error": {"class": "GenericError", "desc": "JSON parse error"}}\n\xff{"return": 3}\n'),
]


@pytest.fixture
def transcript(variant):
    return [(sent, backs[-1 if variant.board == "mps2-an385-min" else 0]) for sent, *backs in TRANSCRIPT]


def receive(client, length):
    got = client.buffer
    client.buffer = b""
    while len(got) < length:
        data = client.sock.recv(length - len(got))
        assert data, f"the guest has gone; it said {got!r}"
        got += data
    return got


@pytest.mark.essential
def test_one_by_one(client, transcript):
    for sent, back in transcript:
        client.send(sent)
        assert receive(client, len(back)) == back
    assert client.silent()


def test_byte_by_byte(client, transcript):
    for byte in b"".join(sent for sent, _ in transcript):
        client.send(bytes([byte]))
        client.silent(0.0005)  # reads: QEMU's PL011 stops the machine while nobody does
    all_back = b"".join(back for _, back in transcript)
    assert receive(client, len(all_back)) == all_back


@pytest.mark.heavy
def test_split_at_every_position(client):
    sent, back, _ = TRANSCRIPT[3]
    for position in range(1, len(sent)):
        client.send(sent[:position])
        time.sleep(0.001)  # so that the guest sees two deliveries
        client.send(sent[position:])
        assert receive(client, len(back)) == back, position


@pytest.mark.essential
def test_burst_of_100(client):
    client.send(b"".join(b'{"execute":"guest-sync","arguments":{"id":%d}}' % i for i in range(100)))
    for i in range(100):
        assert client.recv() == {"return": i}


@pytest.mark.heavy
def test_burst_larger_than_all_buffers(client):
    """4000 answers that nobody reads until all is sent: they wait, none is lost or doubled."""
    requests = b"".join(b'{"execute":"guest-sync","arguments":{"id":%d}}\n' % i for i in range(4000))
    client.sock.setblocking(False)
    sent = got = 0
    deadline = time.monotonic() + TIMEOUT
    while got < 4000:
        assert time.monotonic() < deadline, f"only {got} answers to {sent} bytes"
        try:
            if sent < len(requests):
                sent += client.sock.send(requests[sent:sent + 65536])
                continue
        except BlockingIOError:
            pass
        try:
            client.buffer += client.sock.recv(65536)
        except BlockingIOError:
            time.sleep(0.001)
        *lines, client.buffer = client.buffer.split(b"\n")
        for line in lines:
            assert line == b'{"return": %d}' % got
            got += 1
            deadline = time.monotonic() + TIMEOUT


def test_garbage(client):
    """Every byte there is, brackets without end, a string without end: all forgotten at 0xFF."""
    client.send(bytes(range(256)) * 4, b"[" * 5000, b'{"a":' * 3000, b'"' + b"\\" * 10001)
    client.sync()
    assert client.call("guest-ping") == {}


def test_info_offers_what_it_says(client):
    info = client.call("guest-info")
    names = [c["name"] for c in info["supported_commands"]]
    assert len(names) == len(set(names))
    for name in ("guest-sync", "guest-sync-delimited", "guest-ping", "guest-info"):
        assert name in names
    for c in info["supported_commands"]:
        assert set(c) == {"enabled", "name", "success-response"}
    answer = client.ask("guest-network-get-route-nonsense")
    assert answer["error"]["class"] == "CommandNotFound"


@pytest.mark.essential
def test_clock(client):
    if "guest-get-time" not in [c["name"] for c in client.call("guest-info")["supported_commands"]]:
        pytest.skip("this board has no clock")
    first, second = client.call("guest-get-time"), client.call("guest-get-time")
    assert first <= second
    assert abs(first / 1e9 - time.time()) < 60


def test_sentinel_inside_a_string(client):
    client.send(b'{"execute":"guest-ping","id":"', SENTINEL, b'{"execute":"guest-ping","id":1}\n')
    assert "JSON parse error" in client.recv()["error"]["desc"]
    assert client.recv() == {"return": {}, "id": 1}
