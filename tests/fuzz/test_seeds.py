# SPDX-License-Identifier: MIT
"""Each libFuzzer target over its seeds, and those that take streams over tests/diff/corpus: once,
without anything random. `make fuzz` goes on from there."""

import re
import subprocess

import pytest

import guest

pytestmark = pytest.mark.xdist_group("fuzz")
TARGETS = sorted(path.stem for path in (guest.ROOT / "tests/fuzz").glob("fuzz_*.c"))


@pytest.mark.parametrize("target", TARGETS)
def test_seeds(target):
    program = f"build/fuzz/{target}"
    guest.make(program, "build/fuzz/streams")
    name = target.removeprefix("fuzz_")
    folders = [path for path in (guest.ROOT / "tests/fuzz/seeds" / name, guest.ROOT / "build/fuzz/streams" / name)
               if path.exists()]
    done = subprocess.run([program, "-runs=0", "-max_len=8192", *map(str, folders)], cwd=guest.ROOT,
                          capture_output=True, text=True, errors="replace")
    assert done.returncode == 0, done.stderr[-4000:]
    played = int(re.search(r"^#(\d+)\s+DONE", done.stderr, re.M)[1])
    assert played > sum(len(list(folder.iterdir())) for folder in folders) > 0
