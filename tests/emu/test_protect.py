# SPDX-License-Identifier: MIT
"""Memory protection of every board (hal/arch/protect.h): what must not be done ends in one crash record.

protect.c does one such thing after each start; a machine that restarts after a crash does all of them in one go. Its
last one is a trap in the report of a trap, after which nothing more may come.
"""
import dataclasses
import fcntl
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


def wait_for(guest, enough):
    deadline = time.monotonic() + guests.TIMEOUT
    while not enough(guest.log()):
        assert time.monotonic() < deadline, guest.log()
        time.sleep(0.01)


def records(text):
    """[(probe, its address, its records)]"""
    found = []
    for probe, address, said in re.findall(r"^probe (.+) at 0x(\w+)\s*\n((?:(?!probe ).*\n)*)", text, re.M):
        found.append((probe, int(address, 16),
                      [dict(re.findall(r"^(\w+) (.*)", r.replace("\r", ""), re.M)) for r in said.split("bareqga crashed")[1:]]))
    return found


def check(board, probe, address, crash):
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


def assert_protected(board, variant, extra):
    with guests.Guest(variant, extra=extra) as guest:
        wait_for(guest, lambda log: log.partition("probe trap-in-trap")[2].count("uptime_ns 0x"))
        assert_quiet(guest)
        found = records(guest.log() + "\n")
        assert [probe for probe, _, _ in found] == PROBES, guest.log()
        for probe, address, crashes in found:
            assert len(crashes) == 1, f"{probe}: {guest.log()}"
            check(board, probe, address, crashes[0])


def image(board, flash=""):
    path = f"build/{board}{flash and '-flash'}/test-protect.elf"
    with open(guests.ROOT / "build" / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        guests.make(f"BOARD={board}", f"FLASH={flash}", path)
    return guests.ROOT / path


@pytest.mark.parametrize("newer", [False, True], ids=["", "newer-qemu"])
@pytest.mark.parametrize("board", BOARDS)
def test_protected(board, newer):
    variant = dataclasses.replace(guests.variants(board)[0], newer=newer)
    if variant.missing():
        pytest.skip(variant.missing())
    assert_protected(board, variant, f"-kernel {image(variant.board)}")


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

    assert_protected(board, Flash(board), "")


def test_protected_minimal():
    """Says no more than that it was stopped, and does not restart by itself; all that is in the trap's way is there."""
    variant = guests.variants(MINIMAL)[0]
    with guests.Guest(variant, qmp=True, extra=f"-kernel {image(MINIMAL)}") as guest:
        for n, probe in enumerate(PROBES[:-1], 1):
            wait_for(guest, lambda log: log.count("bareqga: stopped by a trap") == n)
            assert guest.log().splitlines()[-2].startswith(f"probe {probe} at ")
            if n == 1:
                assert_quiet(guest)
            guest.monitor.call("system_reset")
        wait_for(guest, lambda log: "probe end" in log)
        assert guest.log().count("\n") == 2 * len(PROBES[:-1]) + 1, guest.log()
