# SPDX-License-Identifier: MIT
"""Serial ports, where no client is seen to come or leave."""
import fcntl
import random
import struct
import termios
import time

import pytest

from expect import assert_answers, assert_quiet, assert_says

pytestmark = [pytest.mark.channels("uart"), pytest.mark.accels("tcg")]
PORTS = ["virt-riscv64", "virt-aarch64", "x86_64", "x86_64:q35"]

# As Proxmox asks: no sentinel, any order of keys.
SYNC = b'{"arguments":{"id":77},"execute":"guest-sync-delimited"}\n{"execute":"guest-ping","arguments":{}}\n'


def assert_served(guest):
    with guest.connect() as client:
        client.send(SYNC)
        assert client.recv_until(b"\n") == b'\xff{"return": 77}\n'
        assert client.recv() == {"return": {}}


@pytest.mark.boards(*PORTS)
def test_first_client_gave_up(boot):
    """One has asked a machine that did not run yet, and left."""
    guest = boot(qmp=True, extra="-S")
    with guest.connect() as client:
        client.send(SYNC)
        time.sleep(0.2)
    guest.monitor.call("cont")
    assert_quiet(guest)  # it is up
    assert_served(guest)
    assert_served(guest)


@pytest.mark.boards(*PORTS)
@pytest.mark.parametrize("torso", [b"{", b'{"execute":"guest-sync","arguments":{"id'])
def test_torso(boot, torso):
    guest = boot(extra="-append bareqga.torso=1")
    assert_answers(guest)
    with guest.connect() as client:
        client.send(torso)
        while struct.unpack("i", fcntl.ioctl(client.sock, termios.TIOCOUTQ, b"\0" * 4))[0]:
            time.sleep(0.01)  # QEMU has not taken it
        time.sleep(1.5)
    assert_served(guest)


@pytest.mark.boards("virt-riscv64", "virt-aarch64", "x86_64")  # SeaBIOS resets PCs once more, see docs/DESIGN.md
def test_reset_while_sending(boot):
    """What is sent once the machine is reset arrives whole."""
    guest = boot(qmp=True)
    client = guest.connect()
    client.sync()
    for n in range(40):
        guest.monitor.call("system_reset")
        guest.monitor.wait_event("RESET")
        time.sleep(random.random() * (0.01 if n % 2 else 0.1))
        client.send(b"\xff", {"execute": "guest-sync-delimited", "arguments": {"id": n}})
        answer = client.recv_until(b"\n")
        if answer.startswith(b"bareqga: "):  # the port was for people until the agent took it
            answer = client.recv_until(b"\n")
        if not answer.startswith(b"\xff"):  # that of the sentinel by itself
            answer = client.recv_until(b"\n")
        assert answer == b'\xff{"return": %d}\n' % n


@pytest.mark.boards("x86_64:q35")
@pytest.mark.parametrize("setting", ["", "-append bareqga.channel=ttyS1"], ids=["found", "set"])
def test_which_port(boot, setting):
    """Four ports, of which one is connected."""
    extra = "".join(f" -chardev null,id=n{i} -device isa-serial,chardev=n{i},index={i}" for i in (2, 3))
    assert_answers(boot(extra=f"{extra} {setting}"))


@pytest.mark.boards("x86_64:q35")
def test_port_that_is_not_there(boot):
    """As asked for, not another one; a line says so."""
    guest = boot(extra="-append bareqga.channel=ttyS3")
    assert_says(guest, "bareqga: there is no serial port of the number that bareqga.channel names")
