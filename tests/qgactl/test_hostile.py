# SPDX-License-Identifier: MIT
"""An agent that means harm: libFuzzer's bytes as the answers to every sub-command."""
import subprocess

from guest import ROOT, make_alone

SEEDS = ROOT / "tests" / "qgactl" / "seeds"


def fuzz(*options):
    make_alone("build/qgactl-fuzz", lock="-qgactl")
    done = subprocess.run([ROOT / "build" / "qgactl-fuzz", "-timeout=20", *options], cwd=ROOT, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stderr


def test_seeds():
    """Each sub-command has one, and comes through it; and what was found once is one more."""
    assert len(list(SEEDS.iterdir())) == 28
    assert "Done" in fuzz("-runs=0", SEEDS)


def test_same_bytes_each_time(tmp_path):
    """Some seconds of it, always the same; for others, give the program a -seed of its own and time."""
    (tmp_path / "found").mkdir()
    fuzz("-seed=1", "-runs=30000", "-max_len=4096", f"-dict={ROOT}/tests/fuzz/json.dict", f"-artifact_prefix={tmp_path}/",
         tmp_path / "found", SEEDS)
