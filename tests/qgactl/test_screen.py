# SPDX-License-Identifier: MIT
"""top and the prompt in a real terminal, tmux: what is shown, at any size, and what is left behind."""
import json
import os
import time

import pytest

from guest import ROOT, TIMEOUT
from screen import Screen


def screen(agent, columns, lines, *words):
    return Screen(agent.dir, columns, lines, [agent.program, *words], agent.env)


def keep(shown, name):
    """Beside what was built, for whoever wants to look."""
    (ROOT / "build" / "qgactl-pictures").mkdir(parents=True, exist_ok=True)
    (ROOT / "build" / "qgactl-pictures" / name).write_text(shown)


@pytest.mark.parametrize("columns, lines", [(80, 24), (200, 60)])
def test_top(agent, columns, lines):
    wanted = ["latency", "cpu 0", "memory", "every 0.5 s", " answers", "ms┤"]
    if json.loads(agent.ok("raw", '{"execute":"guest-get-fsinfo"}'))["return"]:  # in a chroot there may be none
        wanted.append("file system")
    with screen(agent, columns, lines, "top", "-d", "0.5") as s:
        shown = s.wait_for(*wanted, *([] if agent.linux else ["load  ", "bareqga"]))
        deadline = time.monotonic() + TIMEOUT
        while int((shown := s.text()).split(" answers")[0].rsplit(None, 1)[1]) < 30:  # some seconds of latencies
            assert time.monotonic() < deadline, shown
            time.sleep(0.2)
        keep(s.text("-e"), f"top-{agent.kind}-{columns}x{lines}.txt")
        rows = shown.splitlines()
        assert len(rows) <= lines and all(len(r) <= columns for r in rows)
        plot = [r for r in rows if len(r) > 8 and r[8] in "│┤"]
        assert len(plot) >= 4 and any("█" in r for r in plot), shown
        # The newest is at the right edge.
        assert plot[-1].rstrip().endswith(("█", "▇", "▆", "▅", "▄", "▃", "▂", "▁")) and len(plot[-1]) == columns
        s.keys("q")
        shown = s.wait_for("status 0", "as before")
        assert "latency" not in shown


def test_top_at_any_size_and_back(agent):
    with screen(agent, 80, 24, "top") as s:
        s.wait_for("latency")
        for size in ((20, 24), (20, 3), (1, 1), (300, 5), (7, 50), (80, 24)):
            s.resize(*size)
            time.sleep(0.3)
            assert "status" not in s.text(), size
        s.wait_for("latency", "every 1 s")
        s.keys("p")
        s.wait_for("paused")
        s.keys("+", "p")
        s.wait_for("every 2 s")
        s.keys("-", "-")
        s.wait_for("every 0.5 s")
        s.keys("c")
        s.keys("C-c")
        s.wait_for("status 0", "as before")


def test_top_of_a_guest_that_goes_and_comes(fresh):
    agent = fresh("virt-riscv64-legacy")
    agent.ok("wait")
    with screen(agent, 80, 24, "top", "-d", "0.3", "--timeout", "5") as s:
        s.wait_for("latency")
        agent.where.monitor.call("stop")
        s.wait_for("no answer for", "lost")
        agent.where.monitor.call("cont")
        deadline = time.monotonic() + TIMEOUT
        while "no answer for" in s.text():
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert "x" in s.text()
        agent.where.process.kill()
        s.wait_for("no answer for", ": refused, for nobody listens there; is the guest running?")
        s.keys("q")
        s.wait_for("status 0", "as before")


def test_prompt(agent):
    with screen(agent, 100, 40, "shell") as s:
        s.wait_for("answers; help lists the commands", ">")
        s.keys("pi", "Tab", "Enter")
        s.wait_for("answered in")
        s.keys("ping --js", "Tab", "Enter")
        s.wait_for('"median-ms"')
        s.keys("exec sh", "C-c")  # not this line
        s.keys("status", "Enter")
        s.wait_for("thawed")
        s.keys("nonsense", "Enter")
        s.wait_for("'nonsense' is no command; see help")
        s.keys("exec false", "Enter")
        s.wait_for("(status 1)")
        s.keys("exec -v sleep 60", "Enter")
        s.wait_for('{"pid":')  # it has begun
        s.keys("C-c")
        s.wait_for("it goes on in the guest as")
        s.keys("raw '{\"execute\":\"guest-ping\"}'", "Enter")
        s.wait_for('{"return": {}}')
        s.keys("C-d")
        s.wait_for("status 0", "as before")
    history = (agent.dir / ".local" / "state" / "qgactl_history")
    assert "nonsense" in history.read_text()


def test_prompt_completes_paths(agent):
    name = f"complete-me-{os.getpid()}"
    agent.ok("put", "-", f"/tmp/{name}", stdin=b"that is it\n")
    (agent.dir / "local-file").write_text("x")
    with screen(agent, 100, 40, "shell") as s:
        s.wait_for(">")
        s.keys(f"cat /tmp/{name[:-1]}", "Tab")
        s.wait_for(f"/tmp/{name}")
        s.keys("Enter")
        s.wait_for("that is it")
        s.wait_for_prompt()
        s.keys("put local-f", "Tab")
        s.wait_for("put local-file")
        s.keys(f"/tmp/{name[:-1]}", "Tab", "Enter")
        s.wait_for(f"/tmp/{name}: 1 B")
        s.wait_for_prompt()
        s.keys(f"exec rm /tmp/{name}", "Enter", "C-d")
        s.wait_for("status 0")


def test_history_is_there_the_next_time(agent):
    for first in (True, False):
        with screen(agent, 100, 40, "shell") as s:
            s.wait_for(">")
            if first:
                s.keys("exec echo remembered", "Enter")
            else:
                s.keys("Up", "Enter")
            s.wait_for("\nremembered")
            s.keys("C-d")
            s.wait_for("status 0")
