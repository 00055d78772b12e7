# SPDX-License-Identifier: MIT
"""An agent that means harm: libFuzzer's bytes as the answers to every sub-command."""
import subprocess

from guest import ROOT, make

SEEDS = ROOT / "tests" / "qgactl" / "seeds"


def fuzz(*options):
    make("build/qgactl-fuzz")
    done = subprocess.run([ROOT / "build" / "qgactl-fuzz", "-timeout=20", *options], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stderr


def test_seeds():
    """Each sub-command has one, and comes through it."""
    assert len(list(SEEDS.iterdir())) == 27
    assert "Done" in fuzz("-runs=0", SEEDS)


def test_ten_seconds(tmp_path):
    (tmp_path / "found").mkdir()
    fuzz("-max_total_time=10", "-max_len=4096", f"-dict={ROOT}/tests/fuzz/json.dict", f"-artifact_prefix={tmp_path}/",
         tmp_path / "found", SEEDS)
