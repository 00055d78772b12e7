# SPDX-License-Identifier: MIT
"""The simulation passes what is there, and finds each bug of bugs.toml that is put back."""
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from guest import ROOT, make, make_alone  # noqa: E402

HERE = Path(__file__).parent
BUGS = tomllib.loads((HERE / "bugs.toml").read_text())["bug"]
LINES = re.findall(r"&sim_(\w+)", re.search(r"\blines\[\] = \{(.*?)\}", (HERE / "simulate.c").read_text(), re.S)[1])
SEEDS = 1500  # of its line, in which each bug must be found
PASSED = 150  # that the true code passes here; `make simulate SEEDS=` plays more


@pytest.fixture(scope="session")
def compiler():
    return shlex.split(make_alone("simulate-cc", lock="-simulate"))


def run(program, seeds, line="", timeout=600):
    """Some seeds, or some that are of a line."""
    words = [LINES.index(line) + len(LINES), len(LINES)] if line else []
    return subprocess.run([program, str(seeds), *map(str, words)], text=True, errors="replace", stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=timeout)


def program_with(bug, compiler, folder):
    """The simulation with a bug in it; its file is found before the archive's."""
    path = ROOT / bug["file"]
    source = path.read_text()
    assert source.count(bug["old"]) == 1, f"{bug['file']} has not once what {bug['what']!r} changes"
    (folder / path.name).write_text(source.replace(bug["old"], bug["new"]))
    build = ROOT / "build"
    objects = [str(o) for o in build.glob("simulate/**/*.o") if o.name != f"{path.name}.o"]
    subprocess.run([*compiler, "-Wno-unused", f"-I{path.parent}", "-o", folder / "simulate", folder / path.name,
                    *objects, build / "unit/all.a"], cwd=ROOT, check=True)
    return folder / "simulate"


@pytest.mark.parametrize("bug", [b for b in BUGS if b.get("quick")], ids=lambda b: b["what"])
def test_finds(bug, compiler, tmp_path):
    """Those that are found soon; all of them: make simulate-bugs."""
    program = program_with(bug, compiler, tmp_path)
    done = run(program, SEEDS, bug["line"])
    assert done.returncode == 1, done.stdout
    # The seed that it names shows it again, alone.
    seed, = re.findall(r"again: make simulate SEED=(\d+)", done.stderr)
    again = subprocess.run([program, "1", seed], text=True, errors="replace", capture_output=True)
    assert again.returncode == 1 and f"seed {seed}," in again.stderr


def test_passes(compiler):
    done = run(ROOT / "build/simulate/simulate", PASSED)
    assert done.returncode == 0, done.stderr
    assert int(re.search(r"(\d+) commands", done.stdout)[1]) > 20 * PASSED


def main():
    """How many seeds of its line it takes to find each."""
    compile_line, missed = shlex.split(make("simulate-cc")), 0
    for bug in BUGS:
        with tempfile.TemporaryDirectory() as folder:
            done = run(program_with(bug, compile_line, Path(folder)), SEEDS, bug["line"])
        found = re.findall(r"simulate: seed (\d+)", done.stderr)
        missed += not found
        print(f"{int(found[0]) // len(LINES):4}" if found else "none", bug["what"], flush=True)
    print(f"{len(BUGS) - missed} of {len(BUGS)} found")
    return missed


if __name__ == "__main__":
    sys.exit(main())
