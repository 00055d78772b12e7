# SPDX-License-Identifier: MIT
"""A machine with a 16550 goes on in another QEMU in the middle of an answer. Its next client is there before it is: to
one that comes later QEMU never sends what the port holds (docs/DESIGN.md, "Known and not ours to mend")."""
import time

import pytest

from guest import TIMEOUT

INFO = b'{"execute":"guest-info"}\n'


def until(done):
    deadline = time.monotonic() + TIMEOUT
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.boards("virt-riscv64", "x86_64")
@pytest.mark.channels("uart")
@pytest.mark.accels("tcg")
@pytest.mark.essential
def test_answer_goes_on(boot, tmp_path):
    """It gets the rest, to the byte, and its own answers."""
    here = boot(qmp=True)
    client = here.connect()
    client.sync()
    client.send(INFO)
    whole = client.recv_until()
    client.send(INFO)
    # The socket is full, and so is the port.
    until(here.uart_is_stuck)

    there = boot(qmp=True, extra=["-incoming", f"unix:{tmp_path}/there"])
    following = there.connect()
    there.wait_for_client()
    here.monitor.call("migrate", uri=f"unix:{tmp_path}/there")
    until(lambda: here.monitor.call("query-migrate").get("status") == "completed")
    # It would still send what the port held, if there were room now.
    here.process.kill()
    here.process.wait()
    begin = b""
    while data := client.sock.recv(1 << 16):
        begin += data
    assert 0 < len(begin) < len(whole)
    assert begin + following.recv_until() == whole
    following.sync()
    assert following.call("guest-ping") == {}
