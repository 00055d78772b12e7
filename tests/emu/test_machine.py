# SPDX-License-Identifier: MIT
"""Boards as machines: processors, memory, interrupt controllers, ways to boot, where the agent answers."""
import shlex
import time

import pytest

import guest as guests
from expect import assert_answers, assert_quiet, clock_off, no_port, sync_after_reset

VIRT = ["virt-riscv64", "virt-riscv64-s", "virt-riscv32", "virt-aarch64", "virt-arm"]
X86 = ["x86_64", "x86_64:q35"]
MICROVM = ["acpi=off", "ioapic2=off", "rtc=on,pic=off,pit=off"]
ARM64 = ["-machine gic-version=3", "-machine virtualization=on", "-cpu cortex-a72", "-cpu max",
         "-machine virtualization=on,gic-version=3 -smp 4"]


@pytest.mark.essential
@pytest.mark.boards(*VIRT, *X86)
@pytest.mark.parametrize("extra", ["-m 16M -smp 4", "-m 2G -smp 3"])
def test_processors_and_memory(boot, extra):
    guest = boot(extra=extra)
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.essential
@pytest.mark.boards("x86_64")
@pytest.mark.virtios("legacy")
@pytest.mark.parametrize("extra", MICROVM)
def test_microvm(boot, extra):
    guest = boot(extra=f"-machine {extra}")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.boards("x86_64:q35")
def test_older_pc(boot):
    guest = boot(extra="-machine pc")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.essential  # QEMU 7.2 hides alignment faults
@pytest.mark.boards("virt-aarch64")
@pytest.mark.virtios("legacy")
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


def save(guest, tmp_path):
    guest.monitor.call("migrate", uri=f"exec:cat > {tmp_path}/state")
    deadline = time.monotonic() + guests.TIMEOUT
    while (status := guest.monitor.call("query-migrate").get("status")) != "completed":
        assert status in (None, "setup", "active", "device"), status
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.boards(*VIRT, *X86)
def test_saved_and_restored(boot, variant, tmp_path):
    """The guest goes to a file, and on in another QEMU."""
    first = boot(qmp=True)
    assert_answers(first)
    save(first, tmp_path)
    second = boot(extra=["-incoming", f"exec:cat {tmp_path}/state"])
    assert_answers(second)
    assert_quiet(second)


@pytest.mark.boards("virt-riscv64", "virt-aarch64")
@pytest.mark.virtios("legacy")
def test_clock_of_a_restored_guest(boot, tmp_path):
    """QEMU 7.2 forgets what a reset did to RISC-V's counter: it leaps by the uptime at that reset."""
    first = boot(qmp=True)
    client = first.connect()
    client.sync()
    time.sleep(3)
    first.monitor.call("system_reset")
    first.monitor.wait_event("RESET")
    sync_after_reset(client)
    assert abs(clock_off(client)) < 1.5
    save(first, tmp_path)
    second = boot(extra=["-incoming", f"exec:cat {tmp_path}/state"]).connect()
    second.sync()
    assert abs(clock_off(second)) < 2.5


# --- Where the agent answers --------------------------------------------------------------------


def asks_for(how, channel):
    if how == "cmdline":
        return ["-append", f"quiet bareqga.channel={channel}"]
    return ["-fw_cfg", f"name=opt/bareqga/channel,string={channel}"]


def asked_for_a_port_that_is_not_there(boot, how):
    """One line for people, and a guest that stands still."""
    guest = boot(extra=asks_for(how, "virtio"), client_first=True)
    assert guest.first.recv_until(b"\n") == no_port(guest.variant.name).encode() + b"\r\n"
    assert_quiet(guest)


def asked_for_the_serial_port(boot, how):
    """Although there is a virtio port, which then stays silent."""
    guest = boot(extra=asks_for(how, "uart"))
    client = guest.connect()
    client.send({"execute": "guest-ping"})
    assert client.silent(0.5)
    assert_quiet(guest)


@pytest.mark.boards(*VIRT, "x86_64")
@pytest.mark.channels("uart")
def test_virtio_by_cmdline(boot):
    asked_for_a_port_that_is_not_there(boot, "cmdline")


@pytest.mark.boards("virt-aarch64", "virt-arm", "x86_64")  # QEMU 7.2 takes no -fw_cfg for riscv
@pytest.mark.channels("uart")
def test_virtio_by_fw_cfg(boot):
    asked_for_a_port_that_is_not_there(boot, "fw_cfg")


@pytest.mark.boards(*VIRT, "x86_64")
@pytest.mark.channels("virtio")
def test_uart_by_cmdline(boot):
    asked_for_the_serial_port(boot, "cmdline")


@pytest.mark.boards("virt-aarch64", "virt-arm", "x86_64")
@pytest.mark.channels("virtio")
def test_uart_by_fw_cfg(boot):
    asked_for_the_serial_port(boot, "fw_cfg")


@pytest.mark.boards("virt-riscv32")
@pytest.mark.channels("uart")
def test_uart_by_build(boot, variant, tmp_path):
    """The image takes the serial port although there is a virtio console."""
    guests.make(f"BUILD={tmp_path}", f"BOARD={variant.board}", """EXTRA_CFLAGS=-DBOARD_CHANNEL='"uart"'""", "all")
    guest = boot(extra=f"-kernel {tmp_path}/{variant.board}/bareqga.elf -device virtio-serial-device")
    assert_answers(guest)


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


# --- Executed in place ------------------------------------------------------------------------------


class Flash(guests.Variant):
    """The same machine, started from its flash."""

    def command(self, sock, qmp="", log="", extra=""):
        line = guests.make(*self.prefix(), f"BOARD={self.board}", "FLASH=1", f"SOCK={sock}", f"QMP={qmp}",
                           f"LOG={log}", "qemu-cmd")
        return shlex.split(line) + shlex.split(extra)


@pytest.mark.parametrize("newer", [False, True], ids=["", "newer-qemu"])
@pytest.mark.parametrize("board", ["virt-riscv64", "virt-aarch64"])
def test_flash(board, newer):
    variant = Flash(board, newer=newer)
    if variant.missing():
        pytest.skip(variant.missing())
    guests.build(board, flash="1")
    with guests.Guest(variant, qmp=True) as guest:
        assert_answers(guest)
        guest.monitor.call("system_reset")
        guest.monitor.wait_event("RESET")
        assert_answers(guest)
        assert_quiet(guest)
