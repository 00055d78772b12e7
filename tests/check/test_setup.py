# SPDX-License-Identifier: MIT
"""setup.sh: silent when nothing is missing, plain when it may not install, adds and never takes away."""
import hashlib
import os
import re
import subprocess
import sys

import pytest

from guest import ROOT, make

SETUP = str(ROOT / "tests" / "tools" / "setup.sh")


def setup(*packages, path="", directory="/nowhere", **more):
    env = {"PATH": f"{path}:/usr/sbin:/usr/bin:/sbin:/bin"} | more
    return subprocess.run(["sh", SETUP, str(directory), *packages], env=env, text=True, cwd="/",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


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
    tool(tmp_path, "clang", "echo 19.1.7")
    done = setup("make", "no-such-package", "libclang-rt-dev", path=tmp_path)
    assert done.returncode == 1
    assert "no right to install" in done.stdout
    assert "apt-get install --no-install-recommends --no-remove no-such-package libclang-rt-19-dev\n" in done.stdout


class Debian:
    """A system of its own with the real apt and dpkg, and a mirror with packages that hold one program."""

    def __init__(self, root):
        self.root, self.mirror = root, root / "mirror"
        for name in ("mirror", "tools", "sys", "dpkg/info", "dpkg/updates", "state/lists/partial",
                     "cache/archives/partial", "none", "rt"):
            (root / name).mkdir(parents=True)
        (root / "dpkg/status").touch()
        (root / "dpkg/available").touch()
        (root / "sources").write_text(f"deb [trusted=yes] file:{self.mirror} ./\n")
        dpkg = [f"--root={root}/sys", f"--admindir={root}/dpkg", "--force-not-root", "--force-bad-path",
                f"--log={root}/dpkg/log"]
        (root / "conf").write_text("".join(f'{name} "{value}";\n' for name, value in [
            ("Dir::Etc::SourceList", root / "sources"), ("Dir::Etc::SourceParts", root / "none"),
            ("Dir::Etc::Parts", root / "none"), ("Dir::Etc::Preferences", root / "none/preferences"),
            ("Dir::Etc::PreferencesParts", root / "none"), ("Dir::State", root / "state"),
            ("Dir::State::Status", root / "dpkg/status"), ("Dir::Cache", root / "cache"),
            ("Dir::Log", root / "none"), ("APT::Sandbox::User", "root"), *(("DPkg::Options::", o) for o in dpkg)]))
        self.env = {"APT_CONFIG": str(root / "conf"), "DPKG_ADMINDIR": str(root / "dpkg")}
        tool(root / "tools", "id", "echo 0")
        self.index = ""

    def package(self, name, version="1", holds="", **fields):
        tree = self.root / "tree" / f"{name}_{version}"
        (tree / "DEBIAN").mkdir(parents=True)
        control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <no@body>\n"
        control += "".join(f"{key}: {value}\n" for key, value in fields.items())
        (tree / "DEBIAN/control").write_text(f"{control}Description: {name}\n")
        if holds:
            (tree / holds).parent.mkdir(parents=True)
            tool((tree / holds).parent, (tree / holds).name, f"echo {name} {version}")
        deb = self.mirror / f"{name}_{version}_all.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, deb], check=True, capture_output=True)
        self.index += (f"{control}Filename: ./{deb.name}\nSize: {deb.stat().st_size}\n"
                       f"SHA256: {hashlib.sha256(deb.read_bytes()).hexdigest()}\nDescription: {name}\n\n")
        (self.mirror / "Packages").write_text(self.index)
        return deb

    def apt(self, *words):
        done = subprocess.run(["apt-get", "-q", "-y", *map(str, words)], env=os.environ | self.env, text=True,
                              capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def setup(self, *packages):
        return setup(*packages, path=self.root / "tools", directory=self.root / "below", **self.env)

    def installed(self):
        out = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n"], env=os.environ | self.env,
                             text=True, capture_output=True, check=True).stdout
        return sorted(out.splitlines())


@pytest.fixture
def debian(tmp_path):
    return Debian(tmp_path)


def test_installs_what_is_missing_without_questions(debian):
    debian.package("wanted", Recommends="not-that", Depends="needed")
    debian.package("needed")
    debian.package("not-that")
    done = debian.setup("wanted")
    assert done.returncode == 0 and done.stdout.startswith("setup: installing wanted\n"), done.stdout
    assert debian.installed() == ["needed 1", "wanted 1"]
    done = debian.setup("wanted")
    assert (done.returncode, done.stdout) == (0, "")


def test_emulators_that_break_what_is_there_are_unpacked(debian):
    """Debian 12's QEMU, and qemu-utils of backports."""
    backports = debian.package("qemu-utils", "10", Breaks="qemu-system-common (<< 8)")
    debian.package("qemu-utils", "7")
    debian.package("qemu-system-common", "7")
    debian.package("qemu-system-data", "7", holds="usr/share/qemu/rom")
    debian.package("qemu-system-arm", "7", holds="usr/bin/qemu-system-arm",
                   Depends="qemu-system-common (= 7), qemu-system-data")
    debian.package("opensbi")
    debian.package("wanted")
    debian.apt("update")
    debian.apt("install", backports)
    for _ in range(2):
        done = debian.setup("qemu-system-arm", "wanted")
        assert done.returncode == 0, done.stdout
        assert debian.installed() == ["qemu-utils 10", "wanted 1"]
    assert done.stdout == ""
    program = debian.root / "below/bin/qemu-system-arm"
    assert subprocess.check_output([program], text=True) == "qemu-system-arm 7\n"
    assert (debian.root / "below/root/usr/share/qemu/rom").exists()


def test_nothing_else_is_removed_or_downgraded(debian):
    users = debian.package("mine", "2")
    debian.package("mine", "1")
    debian.package("instead", Conflicts="mine")
    debian.package("downgrade", Depends="mine (= 1)")
    debian.package("other")
    debian.apt("update")
    debian.apt("install", users)
    done = debian.setup("instead", "downgrade", "other")
    assert done.returncode == 1 and "setup: still missing: instead downgrade; " in done.stdout, done.stdout
    assert debian.installed() == ["mine 2", "other 1"]


@pytest.mark.parametrize("version", ["14.0.6", "19.1.7"])
def test_libraries_of_the_clang_that_is_there(debian, version):
    """Known by what they hold, for a clang from elsewhere brings its own."""
    major = version.split(".")[0]
    debian.package(f"libclang-rt-{major}-dev", holds="rt/lib/linux/libclang_rt.fuzzer-x86_64.a")
    debian.package("libclang-rt-16-dev")
    tool(debian.root / "tools", "clang", f"case $1 in -dumpversion) echo {version};; *) echo {debian.root}/sys/rt;; esac")
    done = debian.setup("libclang-rt-dev")
    assert done.returncode == 0, done.stdout
    assert debian.installed() == [f"libclang-rt-{major}-dev 1"]
    assert debian.setup("libclang-rt-dev").stdout == ""


def test_libraries_of_the_clang_that_comes(debian):
    debian.package("clang", Depends="clang-19")
    debian.package("clang-19", holds="usr/bin/clang")
    debian.package("libclang-rt-19-dev", holds="rt/lib/linux/libclang_rt.fuzzer-x86_64.a")
    # Ahead of a clang that this machine may have: nothing until the package has come, then what it holds.
    tool(debian.root / "tools", "clang",
         f"[ -e {debian.root}/sys/usr/bin/clang ] || exit 1; echo {debian.root}/sys/rt")
    done = debian.setup("clang", "libclang-rt-dev")
    assert done.returncode == 0, done.stdout
    assert debian.installed() == ["clang 1", "clang-19 1", "libclang-rt-19-dev 1"]


def test_not_debian(tmp_path):
    (tmp_path / "sh").symlink_to("/bin/sh")
    done = subprocess.run([str(tmp_path / "sh"), SETUP, "/nowhere", "gcc"], env={"PATH": str(tmp_path)}, text=True,
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


@pytest.mark.parametrize("arch,compiler", [("amd64", "gcc"), ("riscv64", "gcc-riscv64-linux-gnu"), ("arm64", "gcc-aarch64-linux-gnu")])
def test_linux_guests_name_what_they_lack(arch, compiler):
    """In one line that can be pasted; and `make peers` installs all of it beforehand."""
    done = subprocess.run([sys.executable, ROOT / "tests/bench/peer.py", arch, "--lean"], env={"PATH": "/nowhere"},
                          text=True, capture_output=True)
    named = re.fullmatch(f"peer: no {arch} guest: .*apt-get install --no-install-recommends (.+)\n", done.stderr)
    assert done.returncode == 1 and named, done.stderr
    packages = set(named[1].split())
    assert packages >= {"cpio", "binutils", "flex", "bison", "bc", compiler}
    assert packages <= set(make("print-PACKAGES_peers").split())
