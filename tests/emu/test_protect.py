# SPDX-License-Identifier: MIT
"""Memory protection of every board (hal/arch/protect.h): what must not be done ends in one crash record, which is
complete, leads back to the source, and is told to the host.

protect.c does one such thing after each start; a machine that restarts after a crash does all of them in one go. Its
last one is a trap in the report of a trap, after which nothing more may come, but for the end, whose status is QEMU's.
"""
import contextlib
import dataclasses
import json
import os
import re
import subprocess
import time

import pytest

import guest as guests
from expect import assert_quiet

PROBES = ["write-code", "write-constant", "run-data", "run-spare", "read-null", "write-null", "stack", "trap-in-trap"]
MINIMAL = "mps2-an385-min"  # only says that it has stopped
BOARDS = [b for b in guests.machines() if b not in ("host", MINIMAL)]
PAGE = 4096
SIZE_OF_FLASH = {"virt-riscv64": 32 << 20, "virt-aarch64": 64 << 20}

# What each processor calls it: writing what is not to be written, running what is not to be run, what is not there.
NAMES = {
    "mps2-an385": ("MemManage", "MemManage", "MemManage"),
    "x86_64": ("page fault", "page fault", "page fault"),
    "virt-aarch64": ("data abort", "instruction abort", "data abort"),
    "virt-arm": ("data abort", "prefetch abort", "data abort"),
    "virt-riscv64-s": ("store page fault", "instruction page fault", "load page fault"),
    "virt-riscv64": ("store access fault", "instruction access fault", "load access fault"),
    "virt-riscv32": ("store access fault", "instruction access fault", "load access fault"),
}

PROCESSOR = {"mps2-an385": "armv7m", "x86_64": "x86_64", "virt-aarch64": "aarch64", "virt-arm": "arm",
             "virt-riscv64-s": "riscv", "virt-riscv64": "riscv", "virt-riscv32": "riscv"}
ARM32 = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr"
REGISTERS = {
    "riscv": "ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6",
    "aarch64": " ".join(f"x{n}" for n in range(31)) + " sp pstate",
    "arm": ARM32 + " cpsr",
    "armv7m": ARM32 + " xpsr",
    "x86_64": "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rflags",
}


def wait_for(guest, enough):
    deadline = time.monotonic() + guests.TIMEOUT
    while not enough(guest.log()):
        assert time.monotonic() < deadline, guest.log()
        time.sleep(0.01)


def panics(guest):
    """What QEMU did about each so far."""
    guest.monitor.call("query-status")
    return [e["data"]["action"] for e in guest.monitor.events if e["event"] == "GUEST_PANICKED"]


def reset(guest):
    """The last one ends QEMU, perhaps before it has answered."""
    with contextlib.suppress(guests.GuestError, ConnectionError):
        guest.monitor.call("system_reset")


def records(text):
    """[(probe, its address, its records as text)]"""
    found = []
    for probe, address, said in re.findall(r"^probe (.+) at 0x(\w+)\s*\n((?:(?!probe ).*\n)*)", text.replace("\r", ""), re.M):
        found.append((probe, int(address, 16), ["bareqga crashed" + r for r in re.split("^bareqga crashed", said, flags=re.M)[1:]]))
    return found


def facts(record):
    return dict(re.findall(r"^(\w+) (.*)", record, re.M))


def check(board, probe, address, record):
    crash = facts(record)
    write, run, read = NAMES[board.partition(":")[0]]
    name = {"run-data": run, "run-spare": run, "read-null": read}.get(probe, write)
    assert crash["cause"].endswith(f"({name})"), f"{probe}: {crash}"
    value = int(crash["value"], 16)
    if board == "mps2-an385" and probe in ("run-data", "run-spare"):  # which has no address of its own: it is the pc
        value = int(crash["pc"], 16)
    if board == "mps2-an385" and probe == "stack":
        assert 0 < address - value <= 256, crash  # what is below the stack is below RAM; at most a frame of deeper()
    elif probe == "stack":
        assert address <= value < address + PAGE, crash
    else:
        assert value == address, f"{probe}: {crash}"


def registers(record):
    """{name: value}"""
    return {name: int(value, 16) for line in re.findall(r"^regs (.*)", record, re.M) for name, value in re.findall(r"(\w+)=(\w+)", line)}


def symbols(record, elf):
    """[(label, [its lines])], by the one-liner of docs/QGACTL.md"""
    done = subprocess.run([guests.ROOT / "build/qgactl", "crash", "--record", "-", "--symbols", elf, "--json"],
                          input=record, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return [(s["of"], s["symbols"]) for s in json.loads(done.stdout)["symbols"]]


def check_record(board, probe, address, record, elf):
    """Everything is in it, and leads back to the source."""
    assert set(registers(record)) == set(REGISTERS[PROCESSOR[board]].split()), record
    assert re.fullmatch(r"[0-9a-f]{40}", facts(record)["build_id"]), record
    source = (guests.ROOT / "tests/emu/protect.c").read_text().splitlines()
    found = symbols(record, elf)
    if probe in ("write-code", "write-constant"):
        label, (line, *_) = found[0]
        function = probe.replace("-", "_")
        number = int(re.fullmatch(r"\w+ at .*/tests/emu/protect.c:(\d+)(?: \(discriminator \d+\))?", line)[1])
        begin = next(i for i, text in enumerate(source, 1) if f"void {function}(" in text)
        assert label == "pc" and line.startswith(function + " at ") and begin < number < begin + 6, line
        assert any("firmware_main" in line for _, lines in found for line in lines), found
    if probe == "stack":
        assert sum(label == "call" and lines[0].startswith("deeper") for label, lines in found) >= 12, found
        sp = next(value for name, value in registers(record).items() if name in ("sp", "rsp"))
        assert 0 <= sp - address < 2 * PAGE or board == "mps2-an385", record


class Host:
    """What the machine is given to tell its host by: that it crashed, and a status of its own."""

    def __init__(self, name):
        self.panics = not name.startswith("mps2")
        self.options = ""
        self.status = 42
        if name.partition(":")[0] == "x86_64":
            self.options = " -device isa-debug-exit"
            self.status = 2 * 42 + 1
        elif name.startswith("virt-a"):
            self.options = " -semihosting"
        if self.panics:
            self.options += f" -device {'pvpanic' if name == 'x86_64' else 'pvpanic-pci'} -action panic=none"


def assert_protected(board, variant, extra, elf):
    host = Host(variant.name)
    with guests.Guest(variant, qmp=True, client_first=True, extra=extra + host.options) as guest:  # no event is missed
        wait_for(guest, lambda log: log.partition("probe trap-in-trap")[2].count("uptime_ns 0x"))
        assert_quiet(guest)
        found = records(guest.log() + "\n")
        assert [probe for probe, _, _ in found] == PROBES, guest.log()
        for probe, address, crashes in found:
            assert len(crashes) == 1, f"{probe}: {guest.log()}"
            check(board, probe, address, crashes[0])
            if probe != "trap-in-trap":
                check_record(variant.board, probe, address, crashes[0], elf)
        wait_for(guest, lambda _: panics(guest) == ["run"] * len(PROBES) * host.panics)
        reset(guest)
        assert guest.wait() == host.status


def image(board, flash=""):
    guests.make_alone("qgactl", lock="-qgactl")
    path = f"build/{board}{flash and '-flash'}/test-protect.elf"
    guests.make_alone(f"BOARD={board}", f"FLASH={flash}", path)
    return guests.ROOT / path


@pytest.mark.parametrize("newer", [False, True], ids=["", "newer-qemu"])
@pytest.mark.parametrize("board", BOARDS)
def test_protected(board, newer):
    variant = dataclasses.replace(guests.variants(board)[0], newer=newer)
    if variant.missing():
        pytest.skip(variant.missing())
    elf = image(variant.board)
    assert_protected(board, variant, f"-kernel {elf}", elf)


@pytest.mark.parametrize("board", list(SIZE_OF_FLASH))
def test_protected_in_flash(board, tmp_path):
    """Executed in place: code is in flash, the rest is in RAM."""
    cross = guests.make(f"BOARD={board}", "print-CROSS")
    flash = tmp_path / "flash"
    subprocess.run([f"{cross}objcopy", "-O", "binary", image(board, "1"), flash], check=True)
    os.truncate(flash, SIZE_OF_FLASH[board])
    class Flash(guests.Variant):
        def command(self, *arguments, **options):
            words = super().command(*arguments, **options)
            at = words.index("-kernel")
            return words[:at] + ["-drive", f"if=pflash,format=raw,readonly=on,file={flash}"] + words[at + 2:]

    assert_protected(board, Flash(board), "", image(board, "1"))


def test_protected_minimal():
    """Says no more than that it was stopped, and does not restart by itself; all that is in the trap's way is there."""
    variant = guests.variants(MINIMAL)[0]
    with guests.Guest(variant, qmp=True, extra=f"-kernel {image(MINIMAL)}") as guest:
        for n, probe in enumerate(PROBES[:-1], 1):
            wait_for(guest, lambda log: log.count("bareqga: stopped by a trap\n") == n)
            assert guest.log().splitlines()[-2].startswith(f"probe {probe} at ")
            if n == 1:
                assert_quiet(guest)
            reset(guest)
        assert guest.wait() == 42
        assert guest.log().count("\n") == 2 * len(PROBES[:-1]) + 1, guest.log()
