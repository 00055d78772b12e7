# SPDX-License-Identifier: MIT
"""setup.sh: silent when nothing is missing, plain when it may not install, says what it installs."""
import os
import subprocess

import pytest

from guest import ROOT, make

SETUP = str(ROOT / "tests" / "tools" / "setup.sh")


def setup(*packages, path="", **more):
    env = {"PATH": f"{path}:/usr/sbin:/usr/bin:/sbin:/bin"}
    return subprocess.run(["sh", "-s", *packages], input=open(SETUP).read(), env=env, text=True, cwd="/",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def tool(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    tmp_path.chmod(0o755)


def test_silent_when_all_is_there():
    done = setup("base-files", "make")
    assert (done.returncode, done.stdout) == (0, "")


def test_asks_root_when_it_may_not_install(tmp_path):
    tool(tmp_path, "id", "echo 1000")
    tool(tmp_path, "sudo", "exit 1")
    done = setup("make", "no-such-package", path=tmp_path)
    assert done.returncode == 1
    assert "no right to install" in done.stdout and "apt-get install --no-install-recommends no-such-package" in done.stdout


@pytest.mark.parametrize("status", [0, 100])
def test_installs_what_is_missing_without_questions(tmp_path, status):
    """apt-get stands in for itself and tells how it was called."""
    tool(tmp_path, "id", "echo 0")
    tool(tmp_path, "apt-get", f'echo "apt-get $* $DEBIAN_FRONTEND"; case "$*" in *install*) exit {status};; esac')
    done = setup("make", "no-such-package", path=tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == "setup: installing no-such-package"
    assert "update" in lines[1]
    assert lines[2].endswith("-y --no-install-recommends install no-such-package noninteractive")
    assert done.returncode == (1 if status else 0)
    assert len(lines) == (4 if status else 3)


def test_not_debian(tmp_path):
    (tmp_path / "sh").symlink_to("/bin/sh")
    done = subprocess.run([str(tmp_path / "sh"), SETUP, "gcc"], env={"PATH": str(tmp_path)}, text=True,
                          capture_output=True)
    assert done.returncode == 0 and "not Debian" in done.stderr and "gcc" in done.stderr


def test_ci_runs_make_test_and_nothing_else():
    """Seen by a make that only prints how it was called."""
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1].startswith("exec make test") and os.access(ROOT / ".ci" / "run", os.X_OK)


def test_packages_of_every_board_are_installed_by_setup():
    for board in make("list").split():
        line = [text for text in (ROOT / "boards" / board / "board.mk").read_text().splitlines()
                if text.startswith("PACKAGES")]
        shared = "include boards/" in (ROOT / "boards" / board / "board.mk").read_text()
        assert shared and not line or len(line) == 1 and not line[0].endswith("\\"), f"{board}: PACKAGES is one line"
