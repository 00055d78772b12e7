# SPDX-License-Identifier: MIT
"""An application that was compiled with another configuration than the library does not run with it."""
import subprocess

import pytest

from shipped import HERE, WARN, answers_ping, make, pkg_config, sh

DIFFERENT = ["-DQGA_TINY=1", "-DQGA_SMALL=1", "-DQGA_WITH_TIME=0", "-DQGA_WITH_INVENTORY=0", "-DQGA_WITH_FILES=0",
             "-DQGA_WITH_EXEC=0", "-DQGA_WITH_FREEZE=0", "-DQGA_WITH_HOOKS=0", "-DQGA_NESTING_MAX=512",
             "-DQGA_COMMANDS_MAX=128", "-DQGA_NAME_MAX=64", "-DQGA_ARGS_MAX=7", "-DQGA_STEP_MAX=600",
             "-DQGA_FILES_MAX=4", "-DQGA_JOBS_MAX=2", "-DQGA_ECHO_MAX=100", "-DQGA_PARK_MIN=100", "-DQGA_WITH_OWN=0",
             "-DQGA_NESTING_MAX=1025", "-DQGA_FILES_MAX=22 -DQGA_JOBS_MAX=7", "-fshort-enums"]


def build(prefix, where, *options):
    program = where / "foreign"
    sh("gcc", "-std=gnu11", *WARN, *options, *pkg_config(prefix, "--cflags"), HERE / "foreign.c",
       *pkg_config(prefix, "--libs"), "-o", program)
    return program


def said(program):
    done = subprocess.run([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("option", DIFFERENT)
def test_refused(option, installed, tmp_path):
    assert "compiled" in said(build(installed, tmp_path, *option.split()))


def test_the_same_is_not(installed, tmp_path):
    answers_ping(build(installed, tmp_path, "-DQGA_FILES_MAX=16", "-DQGA_TINY=0"))


@pytest.mark.parametrize("lines", [["QGA_TINY 1"], ["QGA_SMALL 1", "QGA_WITH_EXEC 0", "QGA_STEP_MAX 600"]], ids=" ".join)
def test_the_library_brings_its_configuration(lines, tmp_path):
    """CONFIG=... is installed with it: the application says nothing and has the same."""
    config = tmp_path / "my_config.h"
    config.write_text("".join(f"#define {line}\n" for line in lines))
    make("lib", "install", "TARGET=host", f"BUILD={tmp_path}/build", f"CONFIG={config}", f"PREFIX={tmp_path}/prefix")
    program = build(tmp_path / "prefix", tmp_path)
    answers_ping(program)
    assert (tmp_path / "prefix/include/bareqga_config.h").read_text() == config.read_text()
    make("uninstall", "TARGET=host", f"BUILD={tmp_path}/build", f"PREFIX={tmp_path}/prefix")
    assert not [p for p in (tmp_path / "prefix").rglob("*") if p.is_file()]
