# SPDX-License-Identifier: MIT
"""The log on the agent's own serial port (bareqga.console=shared): between answers, byte for byte, and no answer."""
import json
import os
import time

import pytest

from guest import TIMEOUT

# SOAK=1: a megabyte of log and 10,000 pings.
LINES, PINGS = (10000, 10000) if os.environ.get("SOAK") else (400, 400)
AHEAD = 8  # requests under way
SHARED = "bareqga.console=shared"
HELD = 0.95  # s: nothing is logged so soon after an answer to guest-sync-delimited (HELD_NS of serial_port.c, by a clock that may be wrong)

pytestmark = [pytest.mark.boards("virt-riscv64", "virt-aarch64", "x86_64:q35"), pytest.mark.channels("uart")]


def text(n):
    """What /bin/chatter of the example says."""
    return (f'{n:07} "quoted" \\ back, tab\tand ä; a hundred bytes, or nearly so, of what an application says')


def of_log(line):
    """The text of a line that is one of the log; None: it is none, but an answer."""
    message = json.loads(line)
    if "event" not in message:
        assert len(message.keys() & {"return", "error"}) == 1
        return None
    assert message.keys() == {"event", "data"} and message["event"] == "LOG" and message["data"].keys() == {"line"}
    return message["data"]["line"]


class Lines:
    """A client's lines, apart: what the log says is kept."""

    def __init__(self, client):
        self.client = client
        self.log = []

    def answer(self):
        while True:
            line = self.client.recv_until(b"\n")
            said = of_log(line.removeprefix(b"\xff"))
            if said is None:
                return line
            self.log.append(said)

    def call(self, execute, arguments=None):
        self.client.send({"execute": execute, "arguments": arguments or {}})
        return json.loads(self.answer())["return"]


def chatter(lines, n):
    lines.call("guest-exec", {"path": "chatter", "arg": [str(n)]})


@pytest.fixture
def shared(boot, variant):
    """The lines of a client in step; it was told what the machine said before. Of two ports it is said which is the
    agent's: after a restart lines wait until that is known."""
    words = SHARED + " bareqga.channel=ttyS1" * (variant.name == "x86_64:q35")
    guest = boot(app="example", qmp=True, extra=["-S", "-append", words])
    client = guest.connect()
    guest.wait_for_client()
    guest.monitor.call("cont")
    client.send(b'\xff{"execute":"guest-sync-delimited","arguments":{"id":42}}\n')
    lines = Lines(client)
    while lines.answer() != b'\xff{"return": 42}\n':
        pass
    lines.call("guest-ping")
    time.sleep(0.3)
    deadline = time.monotonic() + TIMEOUT
    lines.call("guest-ping")
    while "example: hello" not in lines.log:
        assert time.monotonic() < deadline
        lines.call("guest-ping")
    yield lines
    assert "hello" not in guest.log()


def test_soak(shared):
    """Every answer whole and in its order, and every line of the log."""
    chatter(shared, LINES)
    before, sent = len(shared.log), 0
    for got in range(PINGS):
        while sent < PINGS and sent - got < AHEAD:
            shared.client.send({"execute": "guest-ping", "id": sent})
            sent += 1
        assert shared.answer() == b'{"return": {}, "id": %d}\n' % got
    while len(shared.log) - before < LINES:
        shared.log.append(of_log(shared.client.recv_until(b"\n")))
    assert shared.log[before:] == [text(n) for n in range(LINES)]
    assert shared.client.silent()


def test_people_and_clients(shared):
    """Lines of before; a person's input; an answer that follows one to guest-sync-delimited at once; a restart."""
    assert "example: hello" in shared.log
    chatter(shared, 300)
    for n in range(20):
        asked = time.monotonic()
        shared.client.send(b'\xff{"execute":"guest-sync-delimited","arguments":{"id":%d}}\n' % n)
        while shared.answer() != b'\xff{"return": %d}\n' % n:
            pass
        time.sleep(0.02)
        shared.client.send({"execute": "guest-ping"})
        line = shared.client.recv_until(b"\n")
        if of_log(line) is not None:
            assert time.monotonic() - asked > HELD
            line = shared.answer()
        assert line == b'{"return": {}}\n'
    for typed in (b"help\r", b"\r", b"what is this?\r\n", b"x\x7f\x1b[A\n"):
        shared.client.send(typed)
        shared.client.send(b'\xff{"execute":"guest-sync-delimited","arguments":{"id":7}}\n')
        while (answer := shared.answer()) != b'\xff{"return": 7}\n':
            assert b'"error"' in answer
    shared.client.send({"execute": "guest-exec", "arguments": {"path": "fault"}})
    crash = []
    while not any("restarted after a crash" in line for line in crash):
        line = shared.client.recv_until(b"\n")
        try:
            crash.append(of_log(line) or "")
        except ValueError:  # what QEMU had not given to the host when the machine was reset is gone
            assert line.count(b'{"event": "LOG"') == 2
            crash.append(line.decode())
    assert any("bareqga crashed" in line for line in crash)
    shared.client.sync()
