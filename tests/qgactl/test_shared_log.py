# SPDX-License-Identifier: MIT
"""An agent whose log is on the same serial port: what it says between answers is none, and is shown when asked."""
import guest as guests
from conftest import Qgactl
from guest import Guest, Variant

LINES = 300


def test_log_between_answers(program, tmp_path):
    variant = Variant("virt-riscv64", channel="uart", app="example")
    guests.build(variant.board, variant.app)
    with Guest(variant, extra="-append bareqga.console=shared") as guest:
        qgactl = Qgactl(program, str(guest.sock), tmp_path)
        assert qgactl.run("wait").code == 0
        done = qgactl.run("-v", "exec", "chatter", LINES)
        assert (done.code, done.out) == (0, "")
        events = [line for line in done.err.splitlines() if line.startswith('<- {"event": "LOG"')]
        assert LINES // 2 < len(events) <= LINES + 8
        assert qgactl.run("cat", "/etc/example.conf").out == "colour=green\n"
        done = qgactl.run("raw", '{"execute":"guest-ping"}')
        assert (done.code, done.out) == (0, '{"return": {}}\n')
