# SPDX-License-Identifier: MIT
"""guest-exec: the programs of the image and of an application, capture, limits, errors."""
import base64
import time

import pytest

from guest import TIMEOUT, AgentError

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.virtios("legacy"), pytest.mark.accels("tcg"),
              pytest.mark.boards("virt-riscv64", "virt-aarch64", "x86_64")]


def start(client, path, *arg, **more):
    arguments = {"path": path, "arg": list(arg)} | {k.replace("_", "-"): v for k, v in more.items()}
    return client.call("guest-exec", arguments)["pid"]


def finish(client, pid):
    """Waits for the end; returns the status with its data decoded."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        status = client.call("guest-exec-status", {"pid": pid})
        if status["exited"]:
            break
        assert status == {"exited": False}
        assert time.monotonic() < deadline
    return {k: base64.b64decode(v, validate=True) if k.endswith("data") else v for k, v in status.items()}


def run(client, path, *arg, **more):
    return finish(client, start(client, path, *arg, **more))


def test_programs(client):
    assert run(client, "/bin/true") == {"exited": True, "exitcode": 0}
    assert run(client, "/usr/bin/false") == {"exited": True, "exitcode": 1}
    assert run(client, "echo", "a", "b c", capture_output=True) == {
        "exited": True, "exitcode": 0, "out-data": b"a b c\n", "out-truncated": False}
    assert run(client, "echo", "-n", "é\"", capture_output="stdout")["out-data"] == "é\"".encode()
    assert run(client, "env", env=["A=b", "C="], capture_output=True)["out-data"] == b"A=b\nC=\n"
    assert "out-data" not in run(client, "env", capture_output=True)
    data = bytes(range(256)) * 40
    assert run(client, "cat", input_data=base64.b64encode(data).decode(), capture_output=True)["out-data"] == data
    for capture in True, "stdout", "merged":  # as Proxmox VE sends it
        data = bytes(range(250)) * 240
        status = run(client, "cat", "-", input_data=base64.b64encode(data).decode(), capture_output=capture)
        assert status == {"exited": True, "exitcode": 0, "out-data": data, "out-truncated": False}
    start_time = time.monotonic()
    assert run(client, "sleep", "0.3")["exitcode"] == 0
    assert time.monotonic() - start_time >= 0.29  # x86's clock is measured against another one, to a percent or two
    assert run(client, "uptime", capture_output=True)["out-data"].endswith(b" s\n")


def test_files_from_programs(client):
    handle = client.call("guest-file-open", {"path": "/tmp/x", "mode": "w"})
    client.call("guest-file-write", {"handle": handle, "buf-b64": "eHl6"})
    assert run(client, "ls", capture_output=True)["out-data"] == b"/tmp/x 3\n"
    assert run(client, "cat", "/tmp/x", "/none", "/tmp/x", capture_output=True) == {
        "exited": True, "exitcode": 1, "out-data": b"xyzxyz", "out-truncated": False,
        "err-data": b"cat: /none: No such file or directory\n", "err-truncated": False}
    assert run(client, "rm", "/tmp/x", "/log", capture_output=True)["err-data"] == \
        b"rm: cannot remove '/log': Read-only file system\n"
    assert "out-data" not in run(client, "ls", capture_output=True)


def test_capture(client):
    command = ("cat", "/none", "/log")
    both = run(client, *command, capture_output=True)
    assert "err-data" in both
    for mode, members in {"none": set(), "stderr": {"err-data", "err-truncated"}, False: set(),
                          "separated": set(both) - {"exited", "exitcode"}}.items():
        assert set(run(client, *command, capture_output=mode)) - {"exited", "exitcode"} == members
    merged = run(client, *command, capture_output="merged")
    assert merged["out-data"].startswith(b"cat: /none") and "err-data" not in merged


def test_errors(client):
    def error(command, arguments):
        answer = client.ask(command, arguments)
        assert answer["error"]["class"] == "GenericError"
        return answer["error"]["desc"]

    failed = "Guest agent command failed, error was 'Failed to execute child process “{}” ({})'"
    assert error("guest-exec", {"path": "/none"}) == failed.format("/none", "No such file or directory")
    assert error("guest-exec", {"path": "echo", "input-data": "@"}) == "Base64 data contains invalid characters"
    assert error("guest-exec", {"path": "echo", "arg": ["x", 3]}) == \
        "Invalid parameter type for 'arg[1]', expected: string"
    assert error("guest-exec", {"path": "echo", "capture-output": "x"}) == \
        "Parameter 'capture-output' does not accept value 'x'"
    assert error("guest-exec-status", {"pid": 4711}) == "Invalid parameter 'pid'"
    pid = start(client, "true")
    finish(client, pid)
    assert error("guest-exec-status", {"pid": pid}) == "Invalid parameter 'pid'"


def test_jobs_are_bounded(client):
    """As many as there are slots run at once; of those that nobody asks about the oldest goes."""
    pids = [start(client, "sleep", "60") for _ in range(8)]
    answer = client.ask("guest-exec", {"path": "true"})
    assert "Resource temporarily unavailable" in answer["error"]["desc"]
    assert client.call("guest-exec-status", {"pid": pids[0]}) == {"exited": False}


def test_forgotten_jobs(client):
    pids = [start(client, "echo", str(i), capture_output=True) for i in range(10)]
    for pid in pids[:2]:
        assert "error" in client.ask("guest-exec-status", {"pid": pid})
    for i, pid in list(enumerate(pids))[2:]:
        assert finish(client, pid)["out-data"] == b"%d\n" % i


def test_agent_answers_beside_jobs(boot):
    """A program that counts for half a second, another that floods; ping in between."""
    client = boot(app="example", extra="-m 16M").connect()  # of which a job gets less than the flood
    client.sync()
    counting = start(client, "/bin/count", "5", capture_output=True)
    flood = start(client, "/bin/flood", capture_output="stdout")
    for _ in range(20):
        assert client.call("guest-ping") == {}
    assert finish(client, counting)["out-data"] == b"1\n2\n3\n4\n5\n"
    status = finish(client, flood)
    assert status["out-truncated"] is True
    assert 1000 < len(status["out-data"]) < 8192 * 256 and set(status["out-data"]) == {ord("x")}
    assert run(client, "count", "x", capture_output=True) == {
        "exited": True, "exitcode": 2, "err-data": b"usage: count 1..9\n", "err-truncated": False}
