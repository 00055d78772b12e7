# SPDX-License-Identifier: MIT
"""get and put: byte-exact, resumed, checked."""
import contextlib
import glob
import json
import os
import re
import signal
import time

import pytest

import peers
from conftest import Agent, build
from guest import TIMEOUT

PATH = f"/tmp/qgactl-test-{os.getpid()}"  # the real agent's files are this machine's
MIB = 1 << 20


@pytest.fixture
def removed(agent):
    yield
    agent.run("exec", "rm", PATH)


def size_for(agent):
    return MIB // 4 if agent.kind.endswith("uart") else 8 * MIB


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4095, 49152, 49153, 262144, 1000003])
def test_every_size_is_exact(agent, removed, size):
    size = min(size, size_for(agent))
    data = os.urandom(size)
    (agent.dir / "a").write_bytes(data)
    agent.ok("put", "--check", "a", PATH)
    assert agent.run("cat", PATH).bytes == data
    agent.ok("get", "-c", PATH, "b")
    assert (agent.dir / "b").read_bytes() == data
    for piece in (1000, 65536):
        if size < 100000:
            agent.ok("get", "--piece", piece, PATH, "b")
            agent.ok("put", "--piece", piece, "b", PATH)
            assert agent.run("cat", PATH).bytes == data


def test_put_interrupted_and_resumed(agent, removed):
    data = os.urandom(size_for(agent))
    (agent.dir / "a").write_bytes(data)
    process = agent.start("put", "a", PATH)
    while process.poll() is None and not read_of(process, "a"):  # before, it may not be qgactl yet
        time.sleep(0.001)
    process.send_signal(2)
    err = process.communicate(timeout=20)[1].decode()
    if process.returncode:  # else it was faster
        assert process.returncode == 130, err
        stored = re.search(rf"stopped; {PATH} in the guest has the first (\d+) bytes, qgactl put --resume goes on", err)
        assert stored or err == "qgactl: stopped\n", err
    agent.ok("put", "--resume", "--check", "a", PATH)
    assert agent.run("cat", PATH).bytes == data
    again = agent.ok("put", "-r", "a", PATH)  # nothing is missing
    assert again.endswith(" 0 B/s\n"), again


def test_get_interrupted_and_resumed(agent, removed):
    data = os.urandom(size_for(agent))
    agent.run("put", "-", PATH, stdin=data)
    for cut in (0, 1, 70000, len(data) - 1, len(data)):
        (agent.dir / "b.part").write_bytes(data[:cut])
        assert json.loads(agent.ok("get", "-r", "-c", "--json", PATH, "b"))["bytes"] == len(data)
        assert (agent.dir / "b").read_bytes() == data
        assert not (agent.dir / "b.part").exists()


def test_resuming_another_file_is_refused(agent, removed):
    data = os.urandom(100000)
    agent.ok("put", "-", PATH, stdin=data)
    (agent.dir / "b.part").write_bytes(data[:49999] + b"x" + data[50000:60000])
    wrong = data[49999:50000] == b"x"
    if not wrong:
        agent.fails(7, "get", "-r", PATH, "b", says="differ at byte 49999")
        assert (agent.dir / "b.part").stat().st_size == 60000
        agent.fails(7, "put", "-r", "b.part", PATH, says="is longer than b.part")
        (agent.dir / "c").write_bytes(bytes(99000) + os.urandom(2000))
        agent.fails(7, "put", "-r", "c", PATH, says="leave --resume out to write it anew")
    assert agent.run("cat", PATH).bytes == data


def test_cut_in_the_middle_and_gone_on_with(agent, removed, program, tmp_path):
    """The connection breaks after so many bytes; nothing that was there is fetched twice."""
    if agent.linux:
        pytest.skip("qemu-ga itself ends when a client leaves without reading all answers")
    data = os.urandom(600000)
    agent.ok("put", "-", PATH, stdin=data)
    with peers.Server(tmp_path, peers.through(agent.sock, limit=500000)) as server:
        agent.fails(5, "-T", agent.at(server.path), "get", PATH, "b", says="b.part has the first")
    have = (agent.dir / "b.part").read_bytes()
    assert 0 < len(have) < len(data) and data.startswith(have)
    agent.ok("get", "-r", PATH, "b")
    assert (agent.dir / "b").read_bytes() == data


def read_of(process, name):
    """How far this process has read in the file of this name: what is sent comes soon after."""
    for fd in glob.glob(f"/proc/{process.pid}/fd/*"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if os.path.basename(os.readlink(fd)) == name:
                with open(fd.replace("/fd/", "/fdinfo/")) as info:
                    return int(re.search(r"pos:\s*(\d+)", info.read()).group(1))
    return 0


def test_restart_in_the_middle_of_put(fresh):
    """The guest is reset while it is written to: said as it is, and what there is afterwards works."""
    agent = fresh("virt-riscv64-legacy")
    (agent.dir / "a").write_bytes(bytes(40 * MIB))
    for _ in range(10):  # on a busy machine it may be done when we are back
        process = agent.start("--timeout", "2", "put", "a", PATH)
        while process.poll() is None and read_of(process, "a") < MIB:
            time.sleep(0.001)
        process.send_signal(signal.SIGSTOP)
        if process.poll() is None:
            break
    agent.where.monitor.call("system_reset")
    process.send_signal(signal.SIGCONT)
    err = process.communicate(timeout=4 * TIMEOUT)[1].decode()
    assert process.returncode in (1, 4, 5) and err.count("\n") == 1 and "has the first" in err, err
    agent.ok("ping")


def test_small_agents_get_small_pieces(fresh, program, tmp_path):
    """mps2-an385 takes 2 KiB at once: the size is found by trying."""
    from guest import Guest, Variant, build as build_board
    build_board("mps2-an385")
    with contextlib.ExitStack() as stack:
        guest = stack.enter_context(Guest(Variant("mps2-an385", channel="uart")))
        agent = Agent(program, guest.sock, tmp_path, "mps2-an385", guest)
        data = os.urandom(30000)
        agent.ok("wait")
        (tmp_path / "a").write_bytes(data)
        agent.ok("put", "-c", "a", PATH)
        assert agent.run("cat", PATH).bytes == data


def test_full_guest(fresh):
    """RAM files are full: said, with how far it went, and the agent is well."""
    agent = fresh("virt-riscv64-legacy", extra="-m 64")
    (agent.dir / "a").write_bytes(bytes(80 * MIB))
    agent.fails(1, "put", "a", PATH, says=f"{PATH} in the guest has the first")
    agent.ok("exec", "rm", PATH)
    agent.ok("put", "--check", agent.program, PATH)


def test_progress_is_for_terminals(agent, removed):
    """A bar with rate and time left at 80 columns, figures alone at 20, nothing in a pipe."""
    import pty
    import struct
    import fcntl
    import termios
    (agent.dir / "a").write_bytes(bytes(size_for(agent)))
    for columns in (80, 20):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = agent.start("put", "a", PATH, stderr=slave)
        os.close(slave)
        drawn = b""
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            if not data:
                break
            drawn += data
        os.close(master)
        process.communicate(timeout=8 * TIMEOUT)
        frames = drawn.decode().replace("\x1b[K", "").split("\r")
        assert process.returncode == 0 and drawn.endswith(b"\r\x1b[K")
        assert all(len(f) < columns for f in frames), frames
        if columns == 80:
            assert any("[" in f and "/s" in f and "left" in f for f in frames), frames
    assert agent.run("put", "a", PATH).err == ""


def test_as_much_as_there_is_room_for(fresh):
    """64 MiB each way, by the program as it is given out; tests/bench/transfer.py tells how long it takes, virsh beside it."""
    agent = fresh("virt-riscv64-legacy", extra="-m 512")
    agent.program = build()
    data = os.urandom(64 * MIB)  # as much as RAM files are together
    (agent.dir / "a").write_bytes(data)
    agent.ok("put", "a", PATH)
    agent.ok("get", PATH, "b")
    assert (agent.dir / "b").read_bytes() == data
