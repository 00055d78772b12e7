# SPDX-License-Identifier: MIT
"""A guest that misbehaves when asked (firmware/fault), and what real clients make of it: qgactl and libvirt.

Faults are set by the file /run/fault, and by the setting `fault` when the guest starts. What docs/FAULTS.md says
that a client does is what is tested here.
"""
import base64
import re
import shutil
import time

import pytest

import test_libvirt
import test_vsock
from conftest import VSOCK, Agent
from guest import ROOT, Guest, Variant, build

pytestmark = pytest.mark.xdist_group("faults")
FAULTY = Variant("virt-riscv64", app="fault")


def start(program, directory, fault="", variant=FAULTY, kind="virtio"):
    build(variant.board, variant.app)
    words = f"bareqga.fault={fault}" if fault else ""
    if kind == VSOCK:
        if not test_vsock.PROGRAM.exists():
            pytest.skip("`make vhost-vsock` has not brought vhost-device-vsock")
        guest = test_vsock.SocketGuest(test_vsock.Socketed(variant.board, app=variant.app), words)
    else:
        guest = Guest(variant, extra=["-append", words] if words else "")
    return guest, Agent(program, guest.sock, directory, kind, guest)


@pytest.fixture(scope="module", params=[pytest.param(kind, marks=pytest.mark.xdist_group(f"faults-{kind}"))
                                        for kind in ("virtio", "uart", VSOCK)])
def guest(request, program, tmp_path_factory):
    """One for all that its faults do not outlive; on each kind of channel."""
    variant = Variant("virt-riscv64", channel="uart", app="fault") if request.param == "uart" else FAULTY
    guest, agent = start(program, tmp_path_factory.mktemp("faults"), "", variant, request.param)
    with guest:
        agent.ok("wait")
        yield agent


@pytest.fixture
def asked(guest):
    """asked("late=500"): from now on; nothing afterwards."""
    def ask(text):
        guest.ok("put", "-", "/run/fault", stdin=text.encode())
    yield ask
    guest.ok("put", "/dev/null", "/run/fault")
    assert guest.ok("cat", "/run/fault") == ""


def test_off_unless_asked(guest):
    assert guest.ok("cat", "/run/fault") == ""
    assert "misbehaves" not in guest.where.log()
    guest.ok("ping", "-c", "100")


def test_what_is_not_understood(guest, asked):
    for text in ("early=1", "late", "late=x", "late=1@", "late=1*", "freeze@guest-ping", "clock=", "error@guest-ping", "late=1;drop",
                 "pieces=0", ",".join(9 * ["hang"]), "late=1234567890"):
        guest.fails(1, "put", "-", "/run/fault", stdin=text.encode(), says="Invalid argument")
        assert guest.ok("cat", "/run/fault") == ""
    assert "not understood and not used, from here: late=1;drop" in guest.ok("log")
    asked(" late=1@guest-ping*0,\n\tclock=-0\r\n")
    assert guest.ok("cat", "/run/fault") == " late=1@guest-ping*0,\n\tclock=-0\r\n"


def test_late(guest, asked):
    """Later than qgactl waits: no answer, said in one sentence; and what comes then is nobody's."""
    asked("late=3000@guest-get-time")
    guest.silence(4, "time", seconds=1, says="no answer in 1 s; --timeout gives it longer")
    assert guest.ok("exec", "echo", "here") == "here\n"
    begin = time.monotonic()
    guest.ok("time")
    assert time.monotonic() - begin >= 3


def test_pieces(guest, asked):
    """Every byte arrives, and in order."""
    whole = guest.ok("info", "-c")
    asked("pieces=50")
    assert guest.ok("--timeout", "60", "info", "-c") == whole


def test_cut(guest, asked):
    """Half an answer: not taken for a whole one, nor are its bytes for the beginning of the next."""
    asked("cut=20@guest-get-host-name*1")
    guest.silence(4, "raw", '{"execute": "guest-get-host-name"}', seconds=5, says="an answer that does not end: 20 bytes so far")
    assert "localhost" in guest.ok("raw", '{"execute": "guest-get-host-name"}')
    asked("cut=0@guest-ping*1")
    guest.silence(4, "raw", '{"execute": "guest-ping"}', says="no answer in 2 s")


def test_way_back(guest):
    """From no answer at all: the file is empty once somebody has opened it for writing."""
    guest.fails(4, "--timeout", "5", "put", "-", "/run/fault", stdin=b"cut=0")
    guest.fails(4, "--timeout", "2", "ping")
    with guest.where.connect() as client:
        client.send(b"\xff", {"execute": "guest-file-open", "arguments": {"path": "/run/fault", "mode": "w"}})
        client.send({"execute": "guest-ping"})
        client.recv_until(b"}\n")
    guest.ok("ping")


def test_drop(guest, asked):
    """QEMU keeps the client when the guest closes its port: it hears nothing, and is served again later. On a socket device the
    connection ends."""
    asked("drop=3000@guest-ping*1")
    ends = (5, "the other end has closed the connection") if guest.vsock else (4, "no answer in 2 s")
    guest.silence(ends[0], "raw", '{"execute": "guest-ping"}', says=ends[1])
    if guest.vsock:
        time.sleep(10)  # vhost-device-vsock forgets who calls meanwhile, and all after them
    guest.ok("wait")
    guest.ok("ping")


def test_stale(guest, asked):
    """Answers to somebody else, before the sync: skipped. In the midst of things they are taken: nothing tells them apart."""
    asked("stale=3@guest-sync-delimited")
    now = guest.ok("raw", '{"execute": "guest-get-host-name"}')
    assert "localhost" in now
    asked("stale@guest-get-host-name*1")
    assert guest.ok("raw", '{"execute": "guest-get-host-name"}').strip() == '{"return": {}}'
    assert "localhost" in guest.ok("raw", '{"execute": "guest-get-host-name"}')


def test_error(guest, asked):
    """Any class for any command, which is not run; with the request's id, as errors have it."""
    guest.ok("put", "-", "/tmp/kept", stdin=b"x")
    asked("error=GenericError@guest-exec*1,error=KVMMissingCap@guest-get-time,error=CommandNotFound@guest-fsfreeze-freeze")
    guest.fails(125, "exec", "rm", "/tmp/kept", says="the host asked for this error")
    assert guest.ok("cat", "/tmp/kept") == "x"
    guest.ok("exec", "rm", "/tmp/kept")
    with guest.where.connect() as client:
        client.sync()
        for ident in (7, {"error": {"class": "x"}}, "\\\"error\": {\"class\": \""):
            assert client.ask("guest-get-time", id=ident) == {
                "id": ident, "error": {"class": "KVMMissingCap", "desc": "the host asked for this error"}}
        both = b'{"arguments": {"execute": "guest-ping"}, "execute": "guest-get-time"}{"execute":\n"guest-ping"}'
        client.send(both)
        assert client.recv()["error"]["class"] == "KVMMissingCap" and client.recv() == {"return": {}}
    guest.fails(8, "freeze", says="the host asked for this error")


def test_freeze_that_fails(guest, asked):
    asked("freeze*1")
    assert "/ram" in guest.fails(1, "freeze", says="Input/output error")
    assert guest.ok("status").strip() == "thawed"
    guest.ok("freeze")
    guest.ok("thaw")


def test_exec_that_never_ends(guest, asked):
    asked("hang*1")
    guest.fails(124, "exec", "-t", "1", "true", says="its time was up")
    guest.ok("exec", "-t", "5", "true")


def test_clock_that_jumps(guest, asked):
    def seconds():
        with guest.where.connect() as client:
            client.sync()
            return client.call("guest-get-time") / 1e9
    before = seconds()
    asked("clock=-86400")
    assert -86400 <= seconds() - before < -86400 + 600
    guest.ok("time", "--sync")
    assert 0 <= seconds() - before < 600


def test_from_the_start(program, tmp_path):
    """The setting; the log says so, for whoever wonders."""
    guest, agent = start(program, tmp_path, "late=3000@guest-get-time*1,freeze")
    with guest:
        agent.ok("wait")
        assert "bareqga: misbehaves, as the host asks: late=3000@guest-get-time*1,freeze" in agent.ok("log")
        agent.silence(4, "time", seconds=1)
        agent.fails(1, "freeze", says="Input/output error")
    guest, agent = start(program, tmp_path, "late=soon")
    with guest:
        agent.ok("wait")
        assert "setting fault is not understood and not used, from here: late=soon" in agent.ok("log")


def test_refused_without_it(program, tmp_path):
    guest, agent = start(program, tmp_path, "cut=0", Variant("virt-riscv64"))
    with guest:
        agent.ok("wait")
        assert agent.ok("log").count("setting fault is not used: it needs an image made with APP=fault") == 1
        agent.fails(1, "cat", "/run/fault", says="No such file")


def test_on_a_serial_line(program, tmp_path):
    guest, agent = start(program, tmp_path, "cut=9@guest-ping*1,stale=2@guest-sync-delimited,pieces=7@guest-get-host-name",
                         Variant("virt-riscv64", channel="uart", app="fault"))
    with guest:
        agent.ok("wait")
        agent.silence(4, "raw", '{"execute": "guest-ping"}', seconds=5, says="9 bytes so far")
        assert "localhost" in agent.ok("raw", '{"execute": "guest-get-host-name"}')


# --- libvirt ---


@pytest.fixture(scope="module")
def domain():
    if test_libvirt.MISSING:
        pytest.skip(test_libvirt.MISSING)
    daemon = test_libvirt.Libvirt()
    try:
        daemon.start()
        build("virt-riscv64", "fault")
        kernel = daemon.dir / "kernel.elf"
        shutil.copy(ROOT / "build" / "virt-riscv64-fault" / "bareqga.elf", kernel)
        kernel.chmod(0o644)
        daemon.create_of(test_libvirt.domain("virt-riscv64", kernel))
        yield daemon
    finally:
        daemon.close()


def wait_for(domain, seconds):
    """How long libvirt waits for an answer; -2: for ever."""
    domain.virsh("guest-agent-timeout", "guest", "--timeout", str(seconds))


def ask_of(domain, text):
    wait_for(domain, -2)
    handle = domain.ask('{"execute": "guest-file-open", "arguments": {"path": "/run/fault", "mode": "w"}}')["return"]
    data = base64.b64encode(text.encode()).decode()
    domain.ask('{"execute": "guest-file-write", "arguments": {"handle": %d, "buf-b64": "%s"}}' % (handle, data))
    domain.ask('{"execute": "guest-file-close", "arguments": {"handle": %d}}' % handle)


def test_libvirt_and_a_late_answer(domain):
    """It gives up after the time that it was given, and the late answer is not taken for another's."""
    ask_of(domain, "late=2500@guest-get-time*1")
    wait_for(domain, 1)
    done = domain.virsh("domtime", "guest", check=False)
    assert done.returncode and re.search("not responding|timed out", done.stderr), done.stderr  # the latter from libvirt 11 on
    domain.wait(lambda: domain.virsh("domtime", "guest", check=False).returncode == 0, "libvirt does not come into step again")


def test_libvirt_and_half_an_answer(domain):
    ask_of(domain, "cut=20@guest-get-host-name*1")
    wait_for(domain, 1)
    done = domain.virsh("domhostname", "guest", "--source", "agent", check=False)
    assert done.returncode and re.search("no hostname found|not responding", done.stderr), done.stderr
    domain.wait(lambda: domain.virsh("domhostname", "guest", "--source", "agent", check=False).stdout.strip() == "localhost",
                "libvirt does not come into step again")


def test_libvirt_and_a_freeze_that_fails(domain):
    ask_of(domain, "freeze*1")
    done = domain.virsh("domfsfreeze", "guest", check=False)
    assert done.returncode and "Input/output error" in done.stderr, done.stderr
    domain.virsh("domfsfreeze", "guest")
    assert domain.ask('{"execute": "guest-fsfreeze-status"}') == {"return": "frozen"}
    domain.virsh("domfsthaw", "guest")


def test_libvirt_and_a_port_that_closes(domain):
    """It hears of that from QEMU: the agent is not connected, until the port opens again."""
    time.sleep(1.1)  # QEMU tells of a port at most once in a second
    ask_of(domain, "drop=12000@guest-ping*1")
    wait_for(domain, 5)
    done = domain.virsh("qemu-agent-command", "guest", '{"execute": "guest-ping"}', check=False)
    assert done.returncode and re.search("Guest agent (is not responding|disappeared)", done.stderr), done
    domain.wait(lambda: "state='disconnected'" in domain.virsh("dumpxml", "guest").stdout, "libvirt does not hear of it")
    domain.wait(lambda: "state='connected'" in domain.virsh("dumpxml", "guest").stdout, "libvirt does not hear of it")
    wait_for(domain, -2)
    assert domain.ask('{"execute": "guest-ping"}') == {"return": {}}


# --- The document ---


def test_document_has_all_of_them():
    """And no more."""
    there = re.findall(r"^\t\[FAULT_\w+\] = \{\"(\w+)\"", (ROOT / "firmware/fault/rules.c").read_text(), re.M)
    told = re.findall(r"^\| `(\w+)", (ROOT / "docs/FAULTS.md").read_text(), re.M)
    assert len(there) == 9 and there == told
