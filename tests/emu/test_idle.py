# SPDX-License-Identifier: MIT
"""A guest that is asked nothing costs nothing: processor time of QEMU over 10 s, all variants at once."""
import time

import pytest

from guest import Guest, GuestError, all_variants

SECONDS = 10
pytestmark = pytest.mark.xdist_group("idle")


@pytest.fixture(scope="module")
def idle():
    """Seconds of processor time of each variant, with a client connected, while nothing is asked."""
    guests, used = {}, {}
    try:
        for variant in all_variants():
            if not variant.missing():
                guests[variant] = Guest(variant)
        for variant, guest in guests.items():
            try:
                guest.connect().sync()
            except GuestError as error:
                used[variant] = error
        time.sleep(1)
        before = {v: g.cpu_seconds() for v, g in guests.items()}
        time.sleep(SECONDS)
        yield {v: g.cpu_seconds() - before[v] for v, g in guests.items()} | used
    finally:
        for g in guests.values():
            g.close()


def test_idle_guest_uses_no_processor(idle, variant):
    if variant not in idle:
        pytest.skip(variant.missing())
    assert not isinstance(idle[variant], GuestError), idle[variant]
    assert idle[variant] < 0.01 * SECONDS
