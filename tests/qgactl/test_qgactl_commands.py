# SPDX-License-Identifier: MIT
"""Every sub-command, against bareqga and against the real qemu-ga."""
import json
import os
import re
import select
import time
import uuid
from pathlib import Path

import pytest

from conftest import NO_SYS
from guest import HAS_SYS, TIMEOUT


def test_ping(agent):
    assert re.fullmatch(r"answered in \d+\.\d+ ms\n", agent.ok("ping"))
    assert re.match(r"20 answers: min .* max", agent.ok("ping", "-c", "20"))
    figures = json.loads(agent.ok("ping", "-c", "20", "--json"))
    assert figures["answers"] == 20 and 0 < figures["min-ms"] <= figures["median-ms"] <= figures["max-ms"]


def test_info(agent):
    text = agent.ok("info")
    assert ("bareqga" in text) != agent.linux
    every = json.loads(agent.ok("info", "--json"))
    assert set(every) == {"agent", "osinfo", "host-name", "timezone", "users"}
    commands = agent.ok("info", "--commands").split("\n")
    assert "guest-ping" in commands and len(commands) > 20
    assert {c["name"] for c in json.loads(agent.ok("info", "-c", "--json"))} >= {"guest-sync", "guest-exec"}


def test_exec_passes_everything_on(agent):
    assert agent.ok("exec", "echo", "-n", "a  b", "--json") == "a  b --json"
    assert agent.run("exec", "--", "false").code == 1
    assert agent.run("exec", "true").code == 0
    assert agent.run("exec", "-i", "--", "cat", stdin=bytes(range(256))).bytes == bytes(range(256))
    assert "NAME=some thing" in agent.ok("exec", "-e", "NAME=some thing", "-e", "B=", "env").split("\n")
    whole = json.loads(agent.ok("exec", "--json", "echo", "hi"))
    assert whole["exitcode"] == 0 and whole["stdout"] == "hi\n" and whole["exited"] is True


def test_exec_that_fails(agent):
    agent.fails(125, "exec", "/nowhere/at-all")
    agent.fails(2, "exec", "-e", "no-equals-sign", "true", says="NAME=VALUE")
    start = time.monotonic()
    agent.fails(124, "exec", "-t", "0.3", "sleep", "300", says="it goes on in the guest as ")
    assert time.monotonic() - start < 300
    done = agent.run("exec", "cat", "/nowhere")
    assert done.code == 1 and "/nowhere" in done.err and done.out == ""
    agent.ok("ping")


def test_exec_streams(agent):
    """Where the guest has a shell, output is shown when it is written, and all of it."""
    if not agent.linux:
        agent.fails(125, "exec", "-s", "echo", "x", says="--stream needs a shell")
        return
    seen = Path(f"/tmp/qgactl-seen-{os.getpid()}")  # this machine's, as all that the agent sees
    process = agent.start("exec", "--stream", "--", "sh", "-c", f"echo one; until [ -e {seen} ]; do sleep 0.1; done;"
                          "echo two; echo three >&2; exit 5")
    assert select.select([process.stdout], [], [], 2 * TIMEOUT)[0] and process.stdout.readline() == b"one\n"
    seen.touch()
    try:
        out, err = process.communicate(timeout=2 * TIMEOUT)
    finally:
        seen.unlink()
    assert (out, err, process.returncode) == (b"two\n", b"three\n", 5)
    assert agent.run("exec", "-s", "-i", "--", "sh", "-c", "cat; kill -9 $$", stdin=b"in").code == 137
    assert not re.search(r"qgactl-\d+-\d+\.", agent.ok("ls", "/tmp"))


def test_files(agent):
    path = f"/tmp/qgactl-test-{uuid.uuid4().hex}"
    (agent.dir / "a").write_bytes(b"first\n\0\xff")
    assert agent.ok("put", "a", path).startswith(f"{path}: 8 B, ")
    assert agent.run("cat", path, path).bytes == b"first\n\0\xff" * 2
    assert path.split("/")[-1] in agent.ok("ls", "/tmp")
    assert any(path.split("/")[-1] in line for line in json.loads(agent.ok("ls", "--json", "/tmp")))
    agent.ok("get", path, "b")
    assert (agent.dir / "b").read_bytes() == b"first\n\0\xff"
    assert agent.run("get", path, "-").bytes == b"first\n\0\xff"
    assert json.loads(agent.ok("get", "--json", path))["bytes"] == 8  # under its own name
    assert (agent.dir / path.split("/")[-1]).exists()
    assert json.loads(agent.ok("put", "--json", "-", path, stdin=b"")) ["bytes"] == 0
    assert agent.run("cat", path).bytes == b""
    agent.ok("put", "-", path, stdin="größer\n".encode())
    assert json.loads(agent.ok("cat", "--json", path)) == {"path": path, "text": "größer\n"}
    agent.ok("exec", "rm", path)
    agent.fails(1, "cat", path, says="No such file")
    agent.fails(1, "get", path, "c", says="No such file")
    assert not list(agent.dir.glob("c*"))


def test_ls_has_the_guests_options(agent):
    """What is not qgactl's goes to the guest's ls, with all behind it."""
    if agent.linux:
        assert json.loads(agent.ok("ls", "--json", "-a", "/"))[:2] == [".", ".."]
        agent.fails(1, "ls", "--json-lines", "/", says="ls ended with status 2: ls: unrecognized option")
    else:
        agent.fails(1, "ls", "-q", "-a", "--json", says="unrecognized option '--json'")
    agent.fails(2, "ls", "--timeout", says="option --timeout needs a value")


def test_log(agent):
    if agent.linux:
        agent.fails(1, "log", says="name a file of the guest")
        assert agent.ok("log", "/etc/debian_version") == open("/etc/debian_version").read()
    else:
        assert isinstance(json.loads(agent.ok("log", "--json"))["log"], str)
        assert agent.ok("log") == agent.ok("exec", "dmesg")
    agent.fails(2, "log", "-f", "--json", says="--json cannot")


def test_log_follows(agent):
    path = f"/tmp/qgactl-test-{uuid.uuid4().hex}"
    agent.ok("put", "-", path, stdin=b"one\n")
    process = agent.start("log", "-f", path)
    assert process.stdout.readline() == b"one\n"
    if agent.linux:  # only one client at a time: the guest itself adds to it
        with open(path, "ab") as f:
            f.write(b"two\n")
        assert process.stdout.readline() == b"two\n"
    process.send_signal(2)
    assert process.wait(20) == 0 and process.stderr.read() == b""
    agent.ok("exec", "rm", path)


def test_crash(agent):
    assert agent.ok("crash") == "no crash is recorded\n"
    assert json.loads(agent.ok("crash", "--json")) == {"crash": None}


def test_time(agent):
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC, ", agent.ok("time"))
    clock = json.loads(agent.ok("time", "--json"))
    assert abs(clock["ahead-seconds"]) < 5 + clock["uncertainty-seconds"] and 0 <= clock["uncertainty-seconds"] < TIMEOUT
    assert "0.000 s" not in agent.ok("time")
    if agent.linux:
        agent.fails(1, "time", "--set")  # it runs without any right to
        return
    for left in range(5, -1, -1):  # what is on its way for long, on a busy machine, sets it late
        agent.ok("time", "--set")
        clock = json.loads(agent.ok("time", "--json"))
        if abs(clock["ahead-seconds"]) < 0.5 + clock["uncertainty-seconds"]:
            break
        assert left, clock
    agent.ok("time", "--sync")
    assert abs(json.loads(agent.ok("time", "--json"))["ahead-seconds"]) < 5
    agent.fails(2, "time", "--set", "--sync", says="not both")


def test_freeze(agent):
    assert agent.ok("status") == "thawed\n"
    assert json.loads(agent.ok("status", "--json")) == "thawed"
    if agent.linux:
        assert agent.ok("thaw") == "0 file systems thawed\n"
        assert agent.ok("freeze", "/nowhere") == "0 file systems frozen\n"
        return
    try:
        assert agent.ok("freeze") == "1 file system frozen\n"
        assert agent.ok("status") == "frozen\n"
        agent.fails(8, "time", says="frozen")
        assert json.loads(agent.ok("thaw", "--json")) == 1
        assert agent.ok("freeze", "/ram") == "1 file system frozen\n"
    finally:
        agent.ok("thaw")
    assert agent.ok("status") == "thawed\n"


@pytest.mark.parametrize("command, keys", [
    ("net", {"interfaces"}), ("disks", {"disks", "filesystems", "stats"}), ("cpus", {"cpus", "stats"})])
def test_tables(agent, command, keys):
    if command != "net" and agent.linux and not HAS_SYS:
        pytest.skip(NO_SYS)
    head, *rows = agent.ok(command).splitlines()
    assert rows or head == "no network interfaces"
    assert set(json.loads(agent.ok(command, "--json"))) >= keys


def test_cpus_are_switched_or_not(agent):
    agent.fails(2, "cpus", "--offline", "one", says="no processor's number")
    assert agent.run("cpus", "--offline", "4000").code in (1, 8)


def test_raw(agent):
    assert agent.ok("raw", '{"execute":\n"guest-ping",\n"id":[1,"ä"]}') == '{"return": {}, "id": [1, "\\u00E4"]}\n'
    done = agent.run("raw", '{"execute":"guest-x"}')
    assert done.code == 8 and json.loads(done.out)["error"]["class"] == "CommandNotFound" and not done.err
    lines = b'{"execute":"guest-ping"}\n\n{"execute":"guest-x"}\n{"execute":"guest-get-time"}\n'
    assert agent.run("raw", stdin=lines).out.count("\n") == 3
    agent.fails(2, "raw", '{"execute":', says="no JSON")
    agent.fails(2, "raw", "[]", says="JSON object")


def test_wait(agent):
    assert re.fullmatch(r"ready after \d+\.\d{3} s\n", agent.ok("wait"))
    assert json.loads(agent.ok("wait", "--json"))["seconds"] >= 0


def test_top_as_json(agent):
    looks = [json.loads(line) for line in agent.ok("top", "--json", "-n", "3", "-d", "0.3").splitlines()]
    assert len(looks) == 3 and looks[2]["answers"] and looks[2]["latency-ms"]["p50"] > 0
    assert looks[0]["latency-ms"] is None  # nothing was asked yet
    assert looks[2]["cpus"] and looks[2]["memory-bytes"] > 1 << 20 and isinstance(looks[2]["memory-bytes"], int)


def test_shell_is_a_script_without_a_terminal(agent):
    done = agent.run("shell", stdin=b"# a comment\nping --json\nexec echo 'a  b' \"c\\\"d\" e\\ f\n\nstatus\n")
    assert done.code == 0 and done.out.splitlines()[1:] == ['a  b c"d e f', "thawed"], done
    done = agent.run("shell", stdin=b"cat /nowhere\nping\n")
    assert done.code == 1 and done.out == "" and done.err.count("\n") == 1, done
    done = agent.run("shell", stdin=b"help\nhelp put\nquit\nping\n")
    assert done.code == 0 and "qgactl put [OPTION...]" in done.out and "answered" not in done.out
    assert agent.run("shell", stdin=b"echo 'open\n").code == 2
