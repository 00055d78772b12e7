# SPDX-License-Identifier: MIT
"""A little of `make chaos`, and that its judge sees what it should."""
import collections
import socket
import types

import pytest

import chaos
import guest as guests
import talk

ROUNDS = 25


def variants():
    """One of each kind of device, and three processors."""
    return [guests.Variant("virt-riscv64", "virtio", "modern"), guests.Variant("virt-aarch64", "uart"),
            guests.Variant("x86_64", "virtio", "legacy"), guests.Variant("virt-riscv64", "uart"), chaos.Vsock("virt-riscv64")]


@pytest.mark.parametrize("who", variants(), ids=str)
def test_rounds(who):
    if who.missing():
        pytest.skip(who.missing())
    count = collections.Counter()
    chaos.live(who, 1, ROUNDS, count)
    assert count["rounds"] == ROUNDS and count["commands"] > ROUNDS
    assert not any(count[kind] for kind in chaos.FAULTS), count


def test_goes_on_elsewhere():
    """Twice, the first time with answers that nobody has read, and from a port with another number."""
    count = collections.Counter()
    life = chaos.Life(guests.Variant("virt-riscv64", "virtio", "modern"), 1, count)
    try:
        life.learn()
        client = talk.Talk(life)
        client.sync()
        life.act(client, "replug")
        for act in ("burst", "write", "migrate", "burst", "drain", "migrate", "burst", "drain"):
            life.act(client, act)
        client.close()
    finally:
        life.close()
    assert count["moves"] == 2 and count["commands"] > 2


@pytest.fixture
def life(monkeypatch):
    """Of a guest on a 16550, of which QEMU is asked soon."""
    monkeypatch.setattr(talk, "STUCK", 0.3)
    life = chaos.Life(guests.Variant("virt-riscv64", "uart"), 1, collections.Counter())
    yield life
    life.close()


def elsewhere(life, full, early):
    """A client of a machine that has come from another QEMU, its port full or empty."""
    client = talk.Talk(life)
    client.sync()
    if full:
        client.sock.send(b'{"execute":"guest-info"}\n')
        life.machine.late = True  # or it would not look
        while not life.machine.muted():
            pass
    life.machine.migrate(lambda: None, early).close()
    client.connect()
    return client


def test_muted(life):
    """A port that QEMU does not empty any more, till the machine is reset."""
    client = elsewhere(life, full=True, early=False)
    with pytest.raises(chaos.Stuck, match="muted"):
        client.sync()
    life.machine.reset()
    client.sync()
    client.close()


def test_not_muted(life, monkeypatch):
    """All is well if a client was there; a guest that says nothing is not taken for that port, wherever it is."""
    client = elsewhere(life, full=True, early=True)
    client.sync()
    assert not life.machine.late
    client.close()
    client = elsewhere(life, full=False, early=False)
    life.machine.monitor.call("stop")
    monkeypatch.setattr(talk, "HUNG", 3)
    with pytest.raises(chaos.Fault) as fault:
        client.sync()
    assert life.machine.late and fault.value.kind == "hung"
    client.close()


PING, INFO = b"ping %d\n", b"info %d\n"


def heard(*lines):
    """What the judge says to a client that has sent a ping and an info, and hears these lines."""
    ours, theirs = socket.socketpair()
    life = types.SimpleNamespace(greedy=False, calm={PING: b"pong %d\n", INFO: b"told %d\n"}, count=collections.Counter(),
                                 connect=lambda: ours, stuck=lambda: None, told=lambda: "nothing")
    client = chaos.Talk(life)
    client.add(PING, 1)
    client.add(INFO, 2)
    theirs.sendall(b"".join(lines))
    try:
        client.drain()
    finally:
        theirs.close()
        ours.close()


def test_judge(monkeypatch):
    monkeypatch.setattr(talk, "HUNG", 0.2)
    heard(b"pong 1\ntol", b"d 2\n")
    for kind, lines in (("wrong", [b"pong 3\n"]), ("wrong", [b"pong 1\n", b"told 2\n", b"x"]), ("lost", [b"told 2\n"]),
                        ("stale", [b"pong 1\n", b"pong 1\n"]), ("hung", [b"pong 1\n"]), ("hung", [b"pong 1\n", b"told"])):
        with pytest.raises(chaos.Fault) as fault:
            heard(*lines)
        assert fault.value.kind == kind, lines
