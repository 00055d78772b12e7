# SPDX-License-Identifier: MIT
"""Every kind of target, and what becomes of the guest behind it: restarts, ends, is waited for."""
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

import peers
from conftest import Agent
from guest import ROOT, TIMEOUT, Guest, Variant, build, die_with_parent, end


def socat(*addresses):
    return subprocess.Popen(["socat", *addresses], stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)


def all_of_it(agent, target, size=200000):
    """A bit of everything through that target."""
    data = os.urandom(size)
    (agent.dir / "a").write_bytes(data)
    agent.target = agent.env["QGACTL_TARGET"] = target
    agent.ok("ping", "-c", "10")
    agent.ok("info")
    path = f"/tmp/qgactl-test-target-{os.getpid()}"
    agent.ok("put", "--check", "a", path)
    agent.ok("get", "--check", path, "b")
    assert (agent.dir / "b").read_bytes() == data
    assert agent.ok("exec", "echo", "über") == "über\n"
    agent.ok("exec", "rm", path)


@pytest.fixture
def line(agent):
    """An agent behind a socket that is a plain stream, to be led elsewhere."""
    if agent.vsock:
        pytest.skip("its socket has a handshake")
    return agent


def test_tcp(line):
    agent = line
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    between = socat(f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", f"UNIX-CONNECT:{agent.sock}")
    try:
        agent.ok("-T", f"tcp:localhost:{port}", "wait")
        all_of_it(agent, f"tcp:127.0.0.1:{port}")
    finally:
        end(between)


def test_serial(line):
    """A pty, as QEMU's -serial pty makes; and only one may use it."""
    agent = line
    between = socat(f"PTY,link={agent.dir}/tty,raw,echo=0", f"UNIX-CONNECT:{agent.sock}")
    try:
        target = f"serial:{agent.dir}/tty"
        agent.ok("-T", target, "wait")
        with open(agent.dir / "tty", "rb+", buffering=0) as other:
            import fcntl
            fcntl.flock(other, fcntl.LOCK_EX)
            agent.fails(3, "-T", target, "ping", says="another program has locked it")
        all_of_it(agent, target, 30000)
    finally:
        end(between)


@pytest.mark.parametrize("says", [b"OK 1073741824\n", b"OK 1234\n"])
def test_vsock_uds(line, says):
    """The handshake of Firecracker and its likes, in front of a real agent."""
    agent = line

    def greet(client):
        line = b""
        while not line.endswith(b"\n"):
            line += client.recv(1)
        if line != b"CONNECT 1234\n":
            return False
        client.sendall(says)
        return True

    with peers.Server(agent.dir, peers.through(agent.sock, greeting=greet)) as server:
        all_of_it(agent, f"vsock-uds:{server.path}:1234")
        agent.fails(3, "-T", f"vsock-uds:{server.path}:99", "ping", says="nobody listens on port 99")


def test_vsock_uds_is_none(line):
    agent = line
    agent.fails(4, "-T", f"vsock-uds:{agent.sock}:1234", "--timeout", "1", "ping", says="no answer to CONNECT")
    agent.ok("ping")


def test_vsock(qgactl):
    """The real qemu-ga on vsock, through this machine's own loopback."""
    try:
        with socket.socket(socket.AF_VSOCK) as s:
            s.bind((1, 0xffffffff))
    except OSError as error:
        pytest.skip(f"no vsock loopback here: {error}")
    port = 20000 + os.getpid() % 30000
    process = subprocess.Popen(["qemu-ga", "-m", "vsock-listen", "-p", f"1:{port}", "-t", str(qgactl.dir),
                                "-f", str(qgactl.dir / "pid")], preexec_fn=die_with_parent)
    try:
        qgactl.ok("-T", f"vsock:1:{port}", "wait")
        qgactl.ok("-T", f"vsock:1:{port}", "info")
        qgactl.fails(3, "-T", f"vsock:1:{port - 1}", "ping", says="nobody listens on port")
    finally:
        end(process)


def test_vsock_without_a_guest(qgactl):
    done = qgactl.run("-T", "vsock:123456:1", "--timeout", "2", "ping")
    assert done.code == 3 and done.err.count("\n") == 1


@pytest.mark.xdist_group("libvirt")
def test_libvirt(libvirt, qgactl):
    """Through a real libvirt, which stays in step itself."""
    qgactl.env |= libvirt.env | {"PATH": f"{libvirt.dir}/bin:/usr/bin:/bin", "LIBVIRT_DEFAULT_URI": "qemu:///session"}
    if libvirt.user:  # libvirtd belongs to nobody, and only to it
        def start(*words, **more):
            more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                    "env": qgactl.env, "cwd": libvirt.dir} | libvirt.user | more
            return subprocess.Popen([libvirt.dir / "qgactl", *map(str, words)], **more)
        shutil.copy(qgactl.program, libvirt.dir / "qgactl")
        (libvirt.dir / "qgactl").chmod(0o755)
        qgactl.start = start
    qgactl.env["QGACTL_TARGET"] = "libvirt:guest"
    for command in ("ping", "info", "net", "disks", "cpus", "time", "status", "crash", "log", "wait"):
        qgactl.ok(command)
    data = os.urandom(150000)
    assert qgactl.run("put", "-", "/tmp/x", stdin=data).code == 0
    assert qgactl.run("cat", "/tmp/x").bytes == data
    assert qgactl.ok("exec", "echo", "hi") == "hi\n"
    assert qgactl.run("raw", '{"execute":"guest-nonsense"}').code == 8
    qgactl.fails(1, "cat", "/nowhere", says="No such file")
    qgactl.fails(3, "-T", "libvirt:nobody", "ping", says="failed to get domain 'nobody'")
    assert libvirt.ask('{"execute":"guest-ping"}') == {"return": {}}  # nothing was upset
    qgactl.fails(2, "halt", says="libvirt does not halt")
    time.sleep(1.1)  # QEMU tells of the port at most once a second
    assert qgactl.ok("reboot", "--wait") == "the guest is back\n"
    time.sleep(1.1)
    assert qgactl.ok("shutdown", "--wait") == "the guest is off\n"


BAREQGA = ["virt-riscv64-legacy", "x86_64-legacy", "virt-riscv64-uart", "virt-riscv64-vsock"]


@pytest.mark.parametrize("kind", BAREQGA[:-1])  # vhost-device-vsock forgets who calls while a guest starts, and all after them
def test_reboot(fresh, kind):
    agent = fresh(kind)
    agent.ok("put", "-", "/tmp/x", stdin=b"x")
    assert agent.ok("reboot", "--wait", "-t", TIMEOUT) == "the guest is back\n"
    agent.fails(1, "cat", "/tmp/x")  # it was real
    assert agent.ok("reboot") == "asked for; --wait would see it through\n"
    agent.ok("wait")
    assert agent.where.monitor.call("query-status")["running"]


@pytest.mark.parametrize("kind", BAREQGA)
def test_shutdown(fresh, kind):
    agent = fresh(kind)
    assert agent.ok("shutdown", "--wait") == "the guest is off\n"
    agent.where.wait()
    agent.fails(3, "ping", says="the guest" if agent.vsock else "is the guest running?")  # its back end is still there
    agent.ok("wait", "--gone")


def test_shutdown_that_is_refused(agent):
    if not agent.linux:
        pytest.skip("here it would be done")
    # It runs without any right, and says so or is silent; it never goes away.
    assert agent.run("shutdown", "--wait", "-t", "2").code in (1, 4)
    agent.ok("ping")


def test_halt(fresh):
    agent = fresh("virt-riscv64-legacy")
    assert agent.ok("halt", "--wait") == "the guest is silent\n"
    agent.fails(4, "--timeout", "1", "ping", says="no answer in 1 s")


def test_wait_for_a_guest_that_is_to_come(qgactl):
    """Before there is a socket, until the agent answers; as an event of QEMU's monitor, too."""
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(qgactl.dir / "later"))
        s.listen()
        s.settimeout(TIMEOUT)
        process = qgactl.start("-T", qgactl.dir / "later", "wait", "--json")
        s.accept()[0].close()  # it has begun to wait
    (qgactl.dir / "later").unlink()
    time.sleep(0.3)
    with Guest(Variant("virt-riscv64"), qmp=True, extra="-S") as guest:
        guest.sockets.clear()
        monitor_free = guest.monitor
        os.symlink(guest.sock, qgactl.dir / "later")
        time.sleep(0.5)
        assert process.poll() is None
        monitor_free.call("cont")
        out, err = process.communicate(timeout=TIMEOUT)
        assert process.returncode == 0 and json.loads(out)["seconds"] > 0.5, err


def test_wait_for_the_event(qgactl, tmp_path):
    variant = Variant("virt-riscv64")
    with Guest(variant, qmp=False, extra=f"-S -qmp unix:{tmp_path}/qmp,server=on,wait=off "
                                         f"-qmp unix:{tmp_path}/ours,server=on,wait=off") as guest:
        process = qgactl.start("-T", guest.sock, "wait", "--qmp", tmp_path / "qmp", "-t", TIMEOUT)
        time.sleep(1)
        assert process.poll() is None
        from guest import Monitor
        monitor = Monitor(guest._open(tmp_path / "ours"))
        monitor.call("cont")
        out, err = process.communicate(timeout=2 * TIMEOUT)
        assert process.returncode == 0 and re.match(rb"ready after \d+\.", out), (out, err)
        again = qgactl.ok("-T", guest.sock, "wait", "--qmp", tmp_path / "qmp")  # it is long past
        assert float(again.split()[2]) < TIMEOUT


def test_wait_for_an_event_that_has_been(qgactl, tmp_path):
    """The agent was ready before, and is slow: it is asked again, with more patience."""
    def slow(client):
        with client.makefile("rb") as lines:
            for line in lines:
                time.sleep(0.4)
                client.sendall(b'\xff{"return": %s}\n' % re.search(rb'"id":(\d+)', line)[1])

    (tmp_path / "monitor").mkdir()
    with peers.Server(tmp_path, slow) as server, peers.Server(tmp_path / "monitor", lambda s: s.recv(1) and time.sleep(TIMEOUT)) as monitor:
        assert qgactl.ok("-T", server.target, "wait", "--qmp", monitor.path).startswith("ready after ")
        assert len(server.clients) > 1


def test_wait_in_vain(qgactl):
    start = time.monotonic()
    qgactl.fails(4, "-T", "unix:/nowhere", "wait", "-t", "0.5", says="not within 0.5 s: unix:/nowhere: there is no")
    assert 0.4 < time.monotonic() - start < TIMEOUT


def test_guest_that_restarts_under_a_client(fresh):
    """At the prompt, and in a log that is followed: it goes on by itself."""
    agent = fresh("virt-riscv64-legacy")
    shell = agent.start("shell", stdin=subprocess.PIPE)
    shell.stdin.write(b"status\n")
    shell.stdin.flush()
    assert shell.stdout.readline() == b"thawed\n"
    agent.where.monitor.call("system_reset")
    shell.stdin.write(b"status\nexec echo again\n")
    out, err = shell.communicate(timeout=4 * TIMEOUT)
    assert out == b"thawed\nagain\n", (out, err)


def test_log_is_followed_through_a_restart(fresh):
    """Lines that were shown before the restart are not shown again."""
    agent = fresh("virt-riscv64-legacy")
    process = agent.start("-v", "--timeout", "10", "log", "-f")
    too_long = threading.Timer(3 * TIMEOUT, process.kill)
    too_long.start()

    def wait_for(words):
        while not (said := process.stderr.readline()).startswith(words):
            assert said, f"qgactl ends before {words}"

    for left in (2, 1, 0):
        wait_for(b'-> {"execute":"guest-file-open"')
        wait_for(b'<- {"return": {')  # has read
        if left:
            agent.where.monitor.call("system_reset")
    assert process.poll() is None
    process.send_signal(2)
    out, err = process.communicate(timeout=TIMEOUT)
    too_long.cancel()
    assert process.returncode == 0 and b"qgactl:" not in err, err
    assert out.decode() == agent.ok("log")


def test_crash_is_shown(program, tmp_path):
    """A program of the guest traps, the guest restarts: who asked is told, and the record is there."""
    build("virt-riscv64")
    build("virt-riscv64", "example")
    with Guest(Variant("virt-riscv64", app="example")) as guest:
        agent = Agent(program, guest.sock, tmp_path, "example", guest)
        agent.ok("wait")
        agent.silence(125, "exec", "fault")
        agent.ok("wait")
        assert agent.ok("crash").startswith("bareqga crashed on virt-riscv64\n")
        assert json.loads(agent.ok("crash", "--json"))["crash"].startswith("bareqga crashed")
        assert "restarted after a crash" in agent.ok("log")
        elf = ROOT / "build" / "virt-riscv64-example" / "bareqga.elf"
        said = agent.ok("crash", "--symbols", elf)
        assert said.startswith(agent.ok("crash"))
        assert re.search(r"^pc   0x[0-9a-f]+ fault at .*firmware/example/app\.c:\d+", said, re.M)
        assert re.search(r"^ra   0x[0-9a-f]+ .*\n(     \(inlined by\) .*\n)*     \(inlined by\) firmware_main at ", said, re.M)
        console = "\n".join(["bareqga crashed on another", "pc 0x1", "\r", guest.log(), "pc 0x3"])
        assert agent.ok("crash", "-r", "-", "-s", elf, stdin=console.encode()) == said
        agent.fails(7, "crash", "-s", ROOT / "build/virt-riscv64/bareqga.elf", says="is not the image that crashed: its build id is ")
        agent.fails(6, "crash", "-s", "/nowhere", says="/nowhere: No such file")
        agent.fails(6, "crash", "-s", __file__, says="is no ELF file")
        process = agent.start("crash", "-s", elf, env=agent.env | {"ADDR2LINE": "/nowhere"})
        assert process.communicate()[1].endswith(b"name a program like addr2line in $ADDR2LINE\n") and process.returncode == 6


def test_record_of_a_file(program, tmp_path):
    """No agent is asked; and what is no record is none."""
    agent = Agent(program, tmp_path / "nobody.sock", tmp_path, "nobody", None)
    assert agent.ok("crash", "--record", "-", stdin=b"nothing\n bareqga crashed\n") == "no crash is recorded\n"
    assert agent.ok("crash", "-r", "-", stdin=b"bareqga crashed on x\r\npc 0x2\r\n| a\r\nmore\r\n") == "bareqga crashed on x\npc 0x2\n| a\n"
    agent.fails(6, "crash", "-r", "/nowhere", says="/nowhere: No such file")
