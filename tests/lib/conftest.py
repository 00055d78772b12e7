# SPDX-License-Identifier: MIT
"""An installed library, and a repository to take the sources from."""
import pathlib
import shutil
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).parent))

from guest import ROOT
from shipped import make, sh


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The library of this machine, in a prefix of its own."""
    prefix = tmp_path_factory.mktemp("installed")
    make("lib", "install", "TARGET=host", f"PREFIX={prefix}")
    return prefix


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """The files that a user of the sources needs, as they are now, in a git repository."""
    where = tmp_path_factory.mktemp("repository")
    for name in ("include", "proto", "hal", "packaging", "zephyr"):
        shutil.copytree(ROOT / name, where / name)
    for name in ("CMakeLists.txt", "Makefile.uk", "Config.uk", "library.json", "LICENSE", "README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, where)
    sh("git", "init", "-q", cwd=where)
    sh("git", "add", ".", cwd=where)
    sh("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-qm", "all", cwd=where)
    return where


@pytest.fixture(scope="session")
def amalgamation(tmp_path_factory):
    where = tmp_path_factory.mktemp("amalgamation")
    sh("/usr/bin/python3", ROOT / "tools" / "amalgamate.py", where)
    shutil.copy("/usr/include/jsmn.h", where)
    return where
