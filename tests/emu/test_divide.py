# SPDX-License-Identifier: MIT
"""Division of 64 bits on the machines of 32: the code of hal/arch against Python's."""
import time

import pytest

import guest as guests
from guest import Guest, GuestError, make_alone, variants


@pytest.mark.parametrize("board", ["mps2-an385", "virt-riscv32", "virt-arm"])
def test_divide(board):
    image = f"build/{board}/test-divide.elf"
    make_alone(f"BOARD={board}", image)
    variant = next(v for v in variants(board) if v.channel == "uart" or board != "mps2-an385")
    with Guest(variant, extra=f"-kernel {guests.ROOT}/{image}") as guest:
        deadline = time.monotonic() + guests.TIMEOUT
        while "end" not in guest.log():
            if time.monotonic() > deadline:
                raise GuestError(f"no end: {guest.log()[-200:]}")
            time.sleep(0.02)
        rows = [[int(n, 16) for n in line.split()] for line in guest.log().splitlines() if line.count(" ") == 4]
    assert len(rows) > 250
    for dividend, divisor, quotient, rest in rows:
        assert divmod(dividend, divisor) == (quotient, rest), f"{dividend:#x} / {divisor:#x}"
