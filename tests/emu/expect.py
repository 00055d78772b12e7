# SPDX-License-Identifier: MIT
"""What tests of running guests expect of them."""
import contextlib
import select
import threading
import time

import guest as guests


@contextlib.contextmanager
def reading(client):
    """Somebody reads what comes for the client meanwhile. QEMU 7.2's PL011 keeps all of QEMU waiting, its monitor, too, while
    some 280 bytes lie unread: a guest that has just started says as much to half a request that came before a reset."""
    ended = threading.Event()

    def read():
        while not ended.is_set():
            if select.select([client.sock], [], [], 0.05)[0]:
                client.buffer += client.sock.recv(1 << 16)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()


def no_port(machine):
    """What a machine without a port for the agent says."""
    device = "virtio-serial-device" if machine == "x86_64" else "virtio-serial-pci"
    return f"bareqga: there is no port for the agent; add -device {device}"


def assert_answers(guest):
    """A new client, or the one that came first, is served."""
    with guest.first or guest.connect() as client:
        client.sync()
        assert client.call("guest-ping") == {}
    guest.first = None


def sync_after_reset(client):
    """A reset empties a serial port's FIFO, so what was sent meanwhile may be lost: asks again. Through virtio
    nothing is lost, but where SeaBIOS starts the guest (microvm of Debian 13) under a KVM that interprets real mode
    it takes up to two seconds."""
    if client.guest.variant.channel != "uart":
        return client.sync()
    deadline = time.monotonic() + guests.TIMEOUT
    while True:
        try:
            return client.sync(timeout=1)
        except guests.GuestError:
            if time.monotonic() > deadline:
                raise


def assert_quiet(guest):
    """The guest comes to use no processor any more: one that spins uses ten times as much, at the very least."""
    deadline = time.monotonic() + guests.TIMEOUT
    while True:
        before = guest.cpu_seconds()
        time.sleep(0.6)
        used = guest.cpu_seconds() - before
        if used < 0.05:
            return
        assert time.monotonic() < deadline, f"{used} s of processor time in 0.6 s"


def assert_says(guest, *lines):
    """The firmware has said these lines on its debug channel, a file, and nothing else."""
    deadline = time.monotonic() + guests.TIMEOUT
    while guest.log().count("\n") < len(lines) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert guest.log().splitlines() == list(lines)


def clock_off(client):
    """Seconds that the guest's clock is ahead of the host's, or behind what that was when it was asked."""
    before = time.time()
    told = client.call("guest-get-time") / 1e9
    return min(told - before, 0) or max(told - time.time(), 0)
