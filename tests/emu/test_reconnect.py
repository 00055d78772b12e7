# SPDX-License-Identifier: MIT
"""Clients that leave in the worst moment: what they asked for is done, and nobody pays for it later."""
import fcntl
import json
import struct
import termios
import time

import pytest

from guest import SENTINEL, GuestError

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.accels("tcg")]


def leave_answers_unread(client):
    """Asks for more answers than QEMU's socket holds, and waits until it holds all it can. (Not more
    requests than the guest's buffers hold: QEMU then finds out in the middle of a write that the
    client has gone, and writes nothing to the next.)"""
    client.send(*[{"execute": "guest-info"}] * 600)
    unread, before = 0, -1
    while unread == 0 or unread != before:
        before = unread
        time.sleep(0.01)
        unread, = struct.unpack("i", fcntl.ioctl(client.sock, termios.FIONREAD, b"\0" * 4))


@pytest.mark.boards("virt-riscv64", "virt-aarch64", "x86_64")
def test_answers_left_unread(boot):
    """QEMU loses one of the guest's buffers each time. After more times than the guest has
    buffers it still answers, for it starts the device anew meanwhile. On a busy host a client may come just then, or after
    one that QEMU throttles for ever (docs/DESIGN.md): it has to come again."""
    guest = boot()
    came_again = 0
    for n in range(80):
        with guest.connect() as client:
            leave_answers_unread(client)
        with guest.connect() as client:
            try:
                client.sync(n, timeout=20)
                continue
            except GuestError:
                came_again += 1
        with guest.connect() as client:
            client.sync(n)
    assert came_again <= 2


@pytest.mark.boards("virt-riscv64")
def test_one_follows_the_other(boot):
    """The same while the next client always waits already, so that the guest never sees nobody there. Once all its buffers are
    lost it starts the device anew; who has come just then may have to ask again, once."""
    guest = boot()
    asked_again = 0
    client = guest.connect()
    client.sync()
    for n in range(70):
        following = guest.connect()
        leave_answers_unread(client)
        client.sock.close()
        client = following
        try:
            client.sync(n, timeout=3)
        except GuestError:
            asked_again += lost(client, n)
    assert asked_again <= 1


def lost(client, n):
    """Asks again: true if what was asked as number n is not answered at all, and so not merely late."""
    client.send(SENTINEL, {"execute": "guest-sync-delimited", "arguments": {"id": n + 1000}})
    answers = []
    while {"return": n + 1000} not in answers:
        client.recv_until(SENTINEL)
        answers.append(json.loads(client.recv_until()))
    return {"return": n} not in answers


def test_reset_with_answers_unread(boot):
    """QEMU holds one of the guest's buffers while the machine is reset around it."""
    guest = boot(qmp=True)
    for _ in range(3):
        with guest.connect() as client:
            client.sync()
            leave_answers_unread(client)
            guest.monitor.call("system_reset")
            guest.monitor.wait_event("RESET")
            client.sync()
            assert client.call("guest-ping") == {}


def test_asked_and_gone(boot):
    """A request whose client closes at once is carried out."""
    guest = boot()
    with guest.connect() as client:
        client.sync()
        names = [c["name"] for c in client.call("guest-info")["supported_commands"]]
    if "guest-shutdown" not in names:
        pytest.skip("this board cannot power itself off")
    with guest.connect() as client:
        client.send({"execute": "guest-ping"}, {"execute": "guest-shutdown"})
    guest.wait()


def test_next_client_is_not_cut(boot):
    """One client after the other, none waiting for anything: each gets its own answer."""
    guest = boot()
    for n in range(200):
        with guest.connect() as client:
            client.send(b'{"execute": "guest-pi')
        with guest.connect() as client:
            client.sync(n)
