# SPDX-License-Identifier: MIT
"""Everything that is not as it should be: one sentence, the right status, nothing half done in silence."""
import base64
import contextlib
import fcntl
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import termios
import time

import pytest

import peers
from guest import HAS_SYS
from peers import Server


@pytest.mark.parametrize("words, says", [
    ([], "what is to be done"),
    (["frobnicate"], "'frobnicate' is no command"),
    (["ping", "extra"], "one word too many"),
    (["get"], "words are missing: REMOTE"),
    (["ping"], "no target: say -T"),
    (["-T", "nonsense", "ping"], "is no target; it is one of: unix:PATH"),
    (["-T", "unix:", "ping"], "names nothing"),
    (["-T", "tcp:host", "ping"], "does not end in :PORT"),
    (["-T", "tcp:host:70000", "ping"], "up to 65535"),
    (["-T", "vsock:me:1234", "ping"], "number of a CID"),
    (["--frob", "ping"], "option --frob is not known; see qgactl --help"),
    (["ping", "--frob"], "option --frob is not known; see qgactl ping --help"),
    (["ping", "-x"], "option -x is not known"),
    (["ping", "-c"], "option -c needs a value"),
    (["ping", "--timeout", "-1"], "no number from"),
    (["ping", "--color", "mauve"], "auto, always or never"),
])
def test_usage(qgactl, words, says):
    qgactl.fails(2, *words, says=says)


@pytest.mark.parametrize("target, says", [
    ("unix:/nowhere/sock", "there is no /nowhere/sock; is the guest running?"),
    ("/nowhere/sock", "there is no /nowhere/sock"),
    ("unix:/" + 120 * "x", "longer than the 107 bytes"),
    ("tcp:127.0.0.1:1", "nobody listens there"),
    ("tcp:host.invalid:1", "host.invalid: "),
    ("serial:/nowhere", "there is no /nowhere"),
    ("serial:/dev/null", "no terminal device"),
    ("vsock-uds:/nowhere:1", "there is no /nowhere"),
])
def test_no_target_there(qgactl, target, says):
    qgactl.fails(3, "-T", target, "ping", says=says)


def test_refused(qgactl, tmp_path):
    s = socket.socket(socket.AF_UNIX)
    s.bind(str(tmp_path / "s"))
    s.close()
    qgactl.fails(3, "-T", tmp_path / "s", "ping", says="nobody listens there; is the guest running?")


@pytest.mark.parametrize("handle, says", [
    (lambda s: s.recv(1), "has closed the connection"),
    (lambda s: time.sleep(60), "no answer in 1 s; is the agent running"),
    (lambda s: (s.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), time.sleep(60)), "no guest agent; it says: SSH-2.0-OpenSSH_9.2"),
    (lambda s: (s.sendall(b'{"QMP": {"version": {}}}\r\n'), time.sleep(60)), "this is QEMU's monitor (QMP)"),
    (lambda s: [s.sendall(s.recv(4096)) for _ in range(99)], "only sends back what it is sent"),
    (lambda s: (s.sendall(b"\x1b]0;owned\x07\n"), time.sleep(60)), "it says: ?]0;owned?"),
    (peers.trickle, "no guest agent; it says: xxx"),
    (lambda s: peers.trickle(s, b"\xff{", 0), "no guest agent"),
    (lambda s: peers.trickle(s, b"\n" * 65536, 0), "no guest agent"),
], ids=range(9))
def test_a_peer_that_is_none(qgactl, tmp_path, handle, says):
    with Server(tmp_path, handle) as server:
        start = time.monotonic()
        done = qgactl.run("-T", server.target, "--timeout", 1 if "in 1 s" in says else 4, "ping")
        assert done.code in (4, 5) and done.err.count("\n") == 1 and says in done.err, done
        assert time.monotonic() - start < 60


@pytest.mark.parametrize("answer, code, says", [
    (lambda r, n: b"no JSON\n", 4, "no answer of an agent: no JSON"),
    (lambda r, n: b"[1]\n", 4, "no answer of an agent: [1]"),
    (lambda r, n: b'{"neither": 1}\n', 4, "no answer of an agent"),
    (lambda r, n: b'{"return": {}', 4, "does not end"),
    (lambda r, n: None, 4, "no answer in 1 s"),
    (lambda r, n: b'{"error": 5}\n', 4, "no answer of an agent"),
    (lambda r, n: b'{"error": {}}\n', 1, "an error without a description"),
    (lambda r, n: b'{"error": {"class": 5, "desc": "\\u001b[31mred"}}\n', 1, "?[31mred"),
    (lambda r, n: b'{"error": {"class": "CommandNotFound", "desc": "no such"}}\n', 8, "no such"),
], ids=range(9))
def test_answers_that_are_none(qgactl, tmp_path, answer, code, says):
    with Server(tmp_path, peers.agent(answer)) as server:
        qgactl.fails(code, "-T", server.target, "--timeout", 1 if "in 1 s" in says else 10, "ping", says=says)


def test_an_answer_that_never_ends(qgactl, tmp_path):
    """Neither slowly, where time ends it, nor fast, where its size does."""
    def slowly(client):
        def answer(request, n):
            peers.trickle(client)
        peers.agent(answer)(client)

    with Server(tmp_path, slowly) as server:
        start = time.monotonic()
        qgactl.fails(4, "-T", server.target, "--timeout", "5", "ping", says="an answer that does not end")
        assert time.monotonic() - start < 60
    os.unlink(server.path)
    with Server(tmp_path, peers.agent(lambda r, n: b'{"return": "' + b"x" * (70 << 20))) as server:
        qgactl.fails(4, "-T", server.target, "ping", says="an answer that does not end")


def test_stale_output_is_dropped(qgactl, tmp_path):
    """Answers to somebody else, cut ones, and the 0xFF and number of an earlier sync."""
    stale = (b'{"return": {}}\n{"return": "1234' + b'\xff{"return": 77}\n' + b"garbage \xff\xff\n" +
             b'{"return": [' + b"1," * 100000 + b'\xff{"retu')
    with Server(tmp_path, peers.agent(lambda r, n: b'{"return": "thawed"}\n', stale)) as server:
        assert qgactl.ok("-T", server.target, "status") == "thawed\n"


def test_odd_answers_are_shown_as_they_are(qgactl, tmp_path):
    """Members that are missing or of another type, in every command that shows a table."""
    for value in (b"null", b"[]", b"{}", b"5", b'"x"', b"[null, 5, {}]", b'{"frozen": []}',
                  b'[{"name": 5, "statistics": [], "ip-addresses": {}, "stats": 7, "logical-id": "x"}]',
                  b'{"supported_commands": [3], "host-name": {}, "handle": []}', b"1e999", b"123456789012345678901234567890"):
        with Server(tmp_path, peers.agent(lambda r, n: b'{"return": ' + value + b"}\n")) as server:
            for command in ("ping", "info", "net", "disks", "cpus", "status", "time", "crash", "log", "thaw", "freeze"):
                done = qgactl.run("-T", server.target, "--timeout", "1", command)
                assert done.code in (0, 1, 4), (command, value, done)
                qgactl.run("-T", server.target, "--timeout", "1", "--json", command)
        os.unlink(server.path)


def test_log_of_dmesg_as_json(qgactl, tmp_path):
    """Where there is no /log, the guest's dmesg is a JSON value as well."""
    def answer(request, n):
        if b"guest-file-open" in request:
            return b'{"error": {"class": "GenericError", "desc": "No such file or directory"}}\n'
        if b"guest-exec-status" in request:
            return b'{"return": {"exited": true, "exitcode": 0, "out-data": "d2VsbAo="}}\n'
        return b'{"return": {"pid": 7}}\n'

    with Server(tmp_path, peers.agent(answer)) as server:
        assert json.loads(qgactl.ok("-T", server.target, "log", "--json")) == {"log": "well\n"}


def test_target_that_vanishes_while_getting(qgactl, tmp_path):
    def answer(request, n):
        if b"guest-file-open" in request:
            return b'{"return": 1000}\n'
        if b"guest-file-seek" in request:
            return b'{"return": {"position": 1000000, "eof": false}}\n'
        if n > 6:
            raise ConnectionError
        return json.dumps({"return": {"count": 3, "buf-b64": "YWJj", "eof": False}}).encode() + b"\n"

    with Server(tmp_path, peers.agent(answer)) as server:
        qgactl.fails(5, "-T", server.target, "get", "/big", "big",
                     says="big.part has the first 12 bytes, qgactl get --resume goes on")
    assert not (tmp_path / "big").exists() and (tmp_path / "big.part").read_bytes() == b"abc" * 4


def test_target_that_vanishes_while_putting(qgactl, tmp_path):
    stored = []

    def answer(request, n):
        if n > 9:
            raise ConnectionError
        if b"guest-file-open" in request:
            return b'{"return": 1000}\n'
        stored.append(len(base64.b64decode(json.loads(request)["arguments"]["buf-b64"])))
        return b'{"return": {"count": %d}}\n' % stored[-1]

    (tmp_path / "big").write_bytes(bytes(1 << 20))
    with Server(tmp_path, peers.agent(answer)) as server:
        said = qgactl.fails(5, "-T", server.target, "put", "big", "/x/big", says="/x/big in the guest has the first ")
    assert f"first {sum(stored)} bytes, qgactl put --resume goes on" in said and sum(stored) > 200000


def test_put_of_which_not_all_is_stored(qgactl, tmp_path):
    """A count below what was sent, and an error among requests that are under way."""
    (tmp_path / "big").write_bytes(bytes(1 << 20))
    for bad in (b'{"return": {"count": 5}}\n', b'{"error": {"class": "GenericError", "desc": "full"}}\n'):
        stored = []

        def answer(request, n):
            if b"guest-file-write" not in request:
                return b'{"return": 1000}\n'
            if n > 8:
                return bad
            stored.append(len(base64.b64decode(json.loads(request)["arguments"]["buf-b64"])))
            return b'{"return": {"count": %d}}\n' % stored[-1]

        with Server(tmp_path, peers.agent(answer)) as server:
            said = qgactl.fails(1, "-T", server.target, "put", "big", "/x/big")
        assert f"/x/big in the guest has the first {sum(stored)} bytes" in said
        os.unlink(server.path)


def test_slow_agent_gets_small_pieces(qgactl, tmp_path):
    """8 ms for each 100 bytes: a large request would take longer than an answer may."""
    def answer(request, n):
        time.sleep(len(request) / 12500)
        if b"guest-file-write" not in request:
            return b'{"return": 1000}\n'
        sizes.append(len(base64.b64decode(json.loads(request)["arguments"]["buf-b64"])))
        return b'{"return": {"count": %d}}\n' % sizes[-1]

    sizes = []
    (tmp_path / "big").write_bytes(bytes(60000))
    with Server(tmp_path, peers.agent(answer)) as server:
        qgactl.ok("-T", server.target, "--timeout", "10", "put", "big", "/x/big")
    assert sum(sizes) == 60000 and max(sizes) < 20000, sizes


def test_files_of_this_side(agent, tmp_path):
    agent.fails(6, "put", "nowhere", says="nowhere: No such file")
    agent.fails(6, "put", tmp_path, says="is a directory")
    agent.fails(6, "get", "/etc/hostname" if agent.linux else "/log", "/nowhere/x", says="/nowhere/x.part: No such file")
    agent.fails(2, "get", "-c", "/x", "-", says="stdout can neither be resumed nor compared")
    agent.fails(2, "put", "-c", "-", "/x", says="no regular file")
    full = agent.start("get", "/etc/passwd" if agent.linux else "/log", "-", stdout=open("/dev/full", "wb"))
    err = full.communicate()[1]
    assert agent.kind != "qemu-ga" or full.returncode == 6 and b"No space left" in err


def test_no_terminal(agent):
    agent.fails(6, "top", says="top needs a terminal; top --json does not")
    for command in ("info", "net", "help", "ping"):
        assert "\033" not in agent.run(command).out
    assert "\033[" in agent.ok("info", "--color", "always")


def test_terminal_that_is_not_known(agent):
    agent.env["TERM"] = "no-such-terminal"
    master, slave = pty.openpty()
    process = agent.start("top", stdin=slave, stdout=slave)
    assert process.communicate()[1] == b"qgactl: the terminal 'no-such-terminal' is not known; is TERM right?\n"
    assert process.returncode == 6
    os.close(master)
    os.close(slave)


def test_stopped(agent):
    """Ctrl-C in the middle: said in a sentence, and the agent stays as it was."""
    path = f"/tmp/qgactl-test-stop-{os.getpid()}"
    agent.ok("put", "-", path, stdin=bytes(400000 if agent.kind.endswith("uart") else 3 << 20))
    process = agent.start("-v", "exec", "sleep", "60")
    while b'{"pid":' not in (said := process.stderr.readline()):  # it has begun
        assert said
    process.send_signal(signal.SIGINT)
    assert b"it goes on in the guest as" in process.communicate(timeout=20)[1] and process.returncode == 130
    for _ in range(20):  # no file stays open in the guest: bareqga would have none left
        process = agent.start("get", path, "x")
        time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode in (0, 130, -2)
    agent.ok("exec", "rm", path)
    agent.ok("ping")


def test_output_that_nobody_reads(agent):
    path = f"/tmp/qgactl-test-pipe-{os.getpid()}"
    agent.ok("put", "-", path, stdin=bytes(400000 if agent.kind.endswith("uart") else 3 << 20))
    process = agent.start("cat", path)
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(20) == 6 and process.stderr.read() == b""
    agent.ok("exec", "rm", path)
    agent.ok("ping")


def test_another_client_is_there(agent):
    """The socket is taken: QEMU and qemu-ga let us wait, and we say what it may be."""
    if agent.linux:
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(agent.sock))
        time.sleep(0.2)
        agent.fails(4, "--timeout", "1", "ping", says="does nobody else (libvirt?) use the socket?")
        s.close()
    else:
        with agent.where.connect() as client:
            client.sync()
            if agent.vsock:  # there a second one is refused
                agent.fails(3, "ping", says="nobody listens on port 1234")
            else:
                agent.fails(4, "--timeout", "1", "ping", says="does nobody else (libvirt?) use the socket?")
            assert client.call("guest-ping") == {}
    agent.ok("ping")


def test_help_is_there_for_everything(qgactl):
    names = [line.split("\t")[0] for line in qgactl.ok("--list").splitlines()]
    assert len(names) == 24
    overview = qgactl.ok("--help")
    for name in names:
        assert f"\n  {name} " in overview
        text = qgactl.ok(name, "--help")
        assert text.startswith(f"qgactl {name} ") and "--timeout SECS" in text
        assert qgactl.ok("help", name) == text
        assert all(len(line) <= 100 for line in text.splitlines())
    assert qgactl.ok("help") == overview
    qgactl.fails(2, "help", "me", says="'me' is no command")


def on_terminal(agent, columns, *words, **env):
    """What a terminal of so many columns is shown."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = agent.start(*words, stdin=slave, stdout=slave, stderr=slave, env=agent.env | {"TERM": "xterm"} | env)
    os.close(slave)
    shown = b""
    with contextlib.suppress(OSError):  # the end, of a terminal
        while data := os.read(master, 65536):
            shown += data
    os.close(master)
    return process.wait(20), shown.decode()


def test_colours_only_where_they_are_wanted(agent):
    status, shown = on_terminal(agent, 80, "info")
    assert status == 0 and "\033[" in shown
    for words, env in ((["info", "--color", "never"], {}), (["info"], {"NO_COLOR": "1"}), (["info"], {"TERM": "dumb"}),
                       (["info", "--json"], {})):
        status, shown = on_terminal(agent, 80, *words, **env)
        assert status == 0 and "\033" not in shown, (words, env)


def test_narrow_terminal(agent):
    """Twenty columns: everything still works, and an error is still one sentence."""
    commands = {"info", "net", "disks", "cpus", "time", "ping", "help"}
    for command in commands - ({"disks", "cpus"} if agent.linux and not HAS_SYS else set()):
        assert on_terminal(agent, 20, command)[0] == 0, command
    status, shown = on_terminal(agent, 20, "cat", "/nowhere")
    assert status == 1 and shown.startswith("qgactl: ") and shown.count("\n") == 1
