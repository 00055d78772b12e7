# SPDX-License-Identifier: MIT
"""Boards as machines: processors, memory, interrupt controllers, ways to boot; what is missing or broken."""
import shlex
import socket
import time

import pytest

import guest as guests
from guest import GuestError

VIRT = ["virt-riscv64", "virt-riscv64-s", "virt-riscv32", "virt-aarch64", "virt-arm"]
ARM64 = ["-machine gic-version=3", "-machine virtualization=on", "-cpu cortex-a72", "-cpu max",
         "-machine virtualization=on,gic-version=3 -smp 4"]


def assert_answers(guest):
    with guest.connect() as client:
        client.sync()
        assert client.call("guest-ping") == {}


def assert_quiet(guest):
    """The guest uses no processor any more."""
    time.sleep(0.2)
    before = guest.cpu_seconds()
    time.sleep(1)
    assert guest.cpu_seconds() - before < 0.05


@pytest.mark.boards(*VIRT)
@pytest.mark.parametrize("extra", ["-smp 4", "-m 16M", "-m 2G", "-smp 3 -m 16M"])
def test_processors_and_memory(boot, extra):
    guest = boot(extra=extra)
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.boards("virt-aarch64")
@pytest.mark.parametrize("extra", ARM64)
@pytest.mark.parametrize("kernel", ["elf", "Image"])
def test_arm64(boot, variant, extra, kernel):
    if kernel == "Image":
        extra += f" -kernel {guests.ROOT}/build/{variant.board}/bareqga.Image"
    guest = boot(extra=extra)
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.boards(*VIRT)
def test_power_off_many_processors(boot):
    guest = boot(extra="-smp 4")
    with guest.connect() as client:
        client.sync()
        client.send({"execute": "guest-shutdown"})
        assert guest.wait() == 0


@pytest.mark.boards(*VIRT)
def test_saved_and_restored(boot, variant, tmp_path):
    """The guest goes to a file, and on in another QEMU."""
    first = boot(qmp=True)
    assert_answers(first)
    first.monitor.call("migrate", uri=f"exec:cat > {tmp_path}/state")
    deadline = time.monotonic() + guests.TIMEOUT
    while (status := first.monitor.call("query-migrate").get("status")) != "completed":
        assert status in (None, "setup", "active", "device"), status
        assert time.monotonic() < deadline
        time.sleep(0.02)
    second = boot(extra=["-incoming", f"exec:cat {tmp_path}/state"])
    assert_answers(second)
    assert_quiet(second)


# --- Where the agent answers --------------------------------------------------------------------


def asks_for(how, channel):
    if how == "cmdline":
        return ["-append", f"quiet bareqga.channel={channel}"]
    return ["-fw_cfg", f"name=opt/bareqga/channel,string={channel}"]


def asked_for_a_port_that_is_not_there(boot, how):
    """One line for people, and a guest that stands still."""
    guest = boot(extra=asks_for(how, "virtio"), client_first=True)
    assert guest.first.recv_until(b"\n") == \
        b"bareqga: there is no port for the agent; add -device virtio-serial-device\r\n"
    assert_quiet(guest)


def asked_for_the_serial_port(boot, how):
    """Although there is a virtio port, which then stays silent."""
    guest = boot(extra=asks_for(how, "uart"))
    client = guest.connect()
    client.send({"execute": "guest-ping"})
    assert client.silent(0.5)
    assert_quiet(guest)


@pytest.mark.boards(*VIRT)
@pytest.mark.channels("uart")
def test_virtio_by_cmdline(boot):
    asked_for_a_port_that_is_not_there(boot, "cmdline")


@pytest.mark.boards("virt-aarch64", "virt-arm")  # QEMU 7.2 takes no -fw_cfg for riscv
@pytest.mark.channels("uart")
def test_virtio_by_fw_cfg(boot):
    asked_for_a_port_that_is_not_there(boot, "fw_cfg")


@pytest.mark.boards(*VIRT)
@pytest.mark.channels("virtio")
def test_uart_by_cmdline(boot):
    asked_for_the_serial_port(boot, "cmdline")


@pytest.mark.boards("virt-aarch64", "virt-arm")
@pytest.mark.channels("virtio")
def test_uart_by_fw_cfg(boot):
    asked_for_the_serial_port(boot, "fw_cfg")


@pytest.mark.channels("uart")
def test_reader_that_sleeps(boot):
    """A host that does not read delays answers and loses none."""
    n = 60
    guest = boot()
    client = guest.connect()
    client.sync()
    one = client.ask("guest-info")
    for i in range(n):
        client.send({"execute": "guest-info", "id": i})
    time.sleep(2)
    for i in range(n):
        assert client.recv() == one | {"id": i}


# --- A device tree that is not there, or broken ---------------------------------------------------


class Debugger:
    """QEMU's gdb stub: memory of a machine that has not started yet."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + guests.TIMEOUT
        while True:
            try:
                self.sock.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise GuestError("QEMU's gdb stub is not there") from None
                time.sleep(0.01)
        self.sock.settimeout(guests.TIMEOUT)

    def ask(self, packet):
        self.sock.sendall(f"+${packet}#{sum(packet.encode()) & 255:02x}".encode())
        answer = b""
        while b"#" not in answer[:-2]:
            answer += self.sock.recv(4096)
        return answer[answer.index(b"$") + 1:answer.index(b"#")].decode()

    def read(self, address, n):
        answer = self.ask(f"m{address:x},{n:x}")
        return b"" if answer.startswith("E") else bytes.fromhex(answer)

    def write(self, address, data):
        assert self.ask(f"M{address:x},{len(data):x}:{data.hex()}") == "OK"


def find_tree(debugger, start, size):
    for address in range(start, start + size, 1 << 20):
        if debugger.read(address, 4) == b"\xd0\x0d\xfe\xed":
            return address
    raise AssertionError("QEMU has put no device tree into memory")


@pytest.mark.boards("virt-riscv64", "virt-riscv32", "virt-aarch64", "virt-arm")
@pytest.mark.virtios("legacy")
@pytest.mark.channels("virtio")
@pytest.mark.parametrize("damage", ["none", "gone", "size", "tokens"])
def test_broken_tree(boot, variant, tmp_path, damage):
    guest = boot(qmp=True, extra=["-S", "-gdb", f"unix:{tmp_path}/gdb,server=on,wait=off"])
    debugger = Debugger(tmp_path / "gdb")
    tree = find_tree(debugger, 0x80000000 if "riscv" in variant.board else 0x40000000, 128 << 20)
    if damage == "gone":
        debugger.write(tree, bytes(4))
    elif damage == "size":
        debugger.write(tree + 36, b"\xff\xff\xff\xf0")
    elif damage == "tokens":  # a property longer than the tree, in its root
        debugger.write(tree + int.from_bytes(debugger.read(tree + 8, 4), "big") + 12, b"\x7f\xff\xff\xff")
    debugger.sock.close()
    guest.monitor.call("cont")
    if damage == "none":
        assert_answers(guest)
        return
    deadline = time.monotonic() + guests.TIMEOUT
    while "device tree" not in guest.log() and time.monotonic() < deadline:
        time.sleep(0.02)
    lines = guest.log().strip().splitlines()
    assert lines and all(line.startswith("bareqga: ") for line in lines), lines
    assert_quiet(guest)


# --- Executed in place ------------------------------------------------------------------------------


class Flash(guests.Variant):
    """The same machine, started from its flash."""

    def command(self, sock, qmp="", log="", extra=""):
        line = guests.make(f"BOARD={self.board}", "FLASH=1", f"SOCK={sock}", f"QMP={qmp}", f"LOG={log}", "qemu-cmd")
        return shlex.split(line) + shlex.split(extra)


@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64"])
def test_flash(board):
    guests.make(f"BOARD={board}", "flash")
    with guests.Guest(Flash(board), qmp=True) as guest:
        assert_answers(guest)
        guest.monitor.call("system_reset")
        guest.monitor.wait_event("RESET")
        assert_answers(guest)
        assert_quiet(guest)
