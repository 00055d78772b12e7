# SPDX-License-Identifier: MIT
"""The Rust crates, where there is cargo: their own tests, the example over a socket pair, what is packaged, an old compiler.

Where Rust has a target without an operating system, a kernel in Rust is booted; elsewhere only the C half is compiled for one.
"""
import json
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import tarfile

import pytest

from guest import ROOT, TIMEOUT
from shipped import make, sh

RUST = ROOT / "rust"
TARGET = ROOT / "build" / "rust"
ENV = {"CARGO_TARGET_DIR": str(TARGET), "RUST_BACKTRACE": "0", "CARGO_TERM_COLOR": "never"}
NEED = "memcmp memcpy memmove memset"  # what Rust's compiler_builtins has on every target

pytestmark = pytest.mark.xdist_group("rust")


@pytest.fixture(scope="module", autouse=True)
def crates_io():
    """What the crates need of others is here, or can be fetched."""
    if not shutil.which("cargo"):
        pytest.skip("there is no cargo")
    for more in (["--offline"], []):
        try:
            if subprocess.run(["cargo", "fetch", "--locked", *more], cwd=RUST, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=20, env=os.environ | ENV).returncode == 0:
                return
        except subprocess.TimeoutExpired:
            pass
    pytest.skip("the cc crate is not here, and the registry does not answer")


def cargo(*arguments, cwd=RUST, **env):
    return sh("cargo", *arguments, cwd=cwd, env=ENV | env)


def test_its_own_tests():
    """Sizes, offsets and constants against the header; the safe layer; what README shows."""
    said = cargo("test", "--locked", "--offline", "--workspace")
    for name in ("same_layout_as_c", "nothing_of_the_header_is_missing", "functions_have_as_many_parameters", "a_panic_ends_the_program",
                 "a_program_runs_in_steps", "files_are_written_and_read_back"):
        assert f"test {name} ... ok" in said
    assert said.count("- compile fail ... ok") == 2 and len(re.findall(r"lib\.rs - \(line \d+\) \.\.\. ok", said)) == 3
    assert "warning" not in said


def test_a_header_that_has_drifted_is_told(tmp_path):
    """The layout test sees a constant, a member and a function that are other than they were."""
    header = (ROOT / "include/bareqga.h").read_text()
    changed = header.replace("\tbool has_users;", "\tuint64_t new_member;\n\tbool has_users;").replace(
        "#define QGA_TEXT_MAX 46", "#define QGA_TEXT_MAX 47").replace(
        "uint64_t qga_poll(struct qga *qga);", "uint64_t qga_poll(struct qga *qga, int more);\nvoid qga_new(void);")
    assert changed.count("new_member") == changed.count("QGA_TEXT_MAX 47") == changed.count("int more") == 1
    (tmp_path / "bareqga.h").write_text(changed)
    said = subprocess.run(["cargo", "test", "--locked", "--offline", "-p", "bareqga-sys", "--test", "layout"], cwd=RUST,
                          env=os.environ | ENV | {"BAREQGA_TEST_INCLUDE": str(tmp_path)}, text=True, capture_output=True)
    assert said.returncode != 0
    for name in ("same_layout_as_c", "nothing_of_the_header_is_missing", "functions_have_as_many_parameters"):
        assert f"test {name} ... FAILED" in said.stdout


def test_example_answers_on_a_socket_pair():
    said = cargo("run", "-q", "--locked", "--offline", "--example", "socketpair")
    assert '{"return": {"queued": 3, "label": "\\u00E9"}}' in said
    ours, theirs = socket.socketpair()
    ours.settimeout(TIMEOUT)
    agent = subprocess.Popen([TARGET / "debug/examples/socketpair", "-"], stdin=theirs)
    try:
        theirs.close()
        lines = ours.makefile("rb")

        def ask(command, **arguments):
            ours.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
            return json.loads(lines.readline())

        ours.sendall(b'{"execute": "gue\xff')
        assert "error" in json.loads(lines.readline())
        ours.sendall(b'{"execute": "guest-sync-delimited", "arguments": {"id": 77}}')
        assert lines.readline() == b'\xff{"return": 77}\n'
        assert ask("guest-ping") == {"return": {}}
        assert ask("guest-get-time")["return"] > 10 ** 18
        assert ask("kernel-work", units=2, label="xxxxx") == {"return": {"queued": 2, "label": "xxxxx"}}
        assert ask("kernel-work", units=-7)["error"]["desc"] == "cannot queue -7 units"
        offered = {c["name"] for c in ask("guest-info")["return"]["supported_commands"]}
        assert {"kernel-work", "guest-get-time"} <= offered and not {"guest-set-time", "guest-file-open", "guest-shutdown"} & offered
        lines.close()
        ours.close()
        assert agent.wait(TIMEOUT) == 0
    finally:
        ours.close()
        if agent.poll() is None:
            agent.kill()
            agent.wait()


@pytest.fixture(scope="module")
def packaged(tmp_path_factory):
    """The two packages, unpacked."""
    said = make("crate", "CARGO_FLAGS=--offline")
    warned = set(re.findall(r"^warning: (.*)", said, re.M))
    assert warned <= {"manifest has no documentation, homepage or repository"}, said  # they have no address yet
    version = re.search(r'BAREQGA_VERSION +"(.*)"', (ROOT / "include/bareqga.h").read_text())[1]
    where = tmp_path_factory.mktemp("packaged")
    for name in ("bareqga-sys", "bareqga"):
        with tarfile.open(TARGET / "package" / f"{name}-{version}.crate") as crate:
            crate.extractall(where)
        (where / f"{name}-{version}").rename(where / name)
    return where


def test_package_is_whole(packaged):
    files = {str(p.relative_to(packaged)) for p in packaged.rglob("*") if p.is_file()}
    assert {"bareqga-sys/c/bareqga.c", "bareqga-sys/c/bareqga.h", "bareqga-sys/c/LICENSE", "bareqga-sys/freestanding/string.h",
            "bareqga/README.md", "bareqga/examples/socketpair.rs"} <= files
    assert not [f for f in files if "jsmn" in f or "virtio" in f or f.startswith("bareqga/c")]


def test_debians_rust_builds_the_package(packaged, tmp_path):
    """Rust 1.63, which the manifests promise; it knows no registry that it could fetch from, so all is put beside it."""
    if not (os.access("/usr/bin/cargo", os.X_OK) and os.access("/usr/bin/rustc", os.X_OK)):
        pytest.skip("Debian's cargo is not installed")
    vendored = cargo("vendor", "--locked", "--offline", tmp_path / "vendor")
    for name in ("bareqga-sys", "bareqga"):
        shutil.copytree(packaged / name, tmp_path / name)
    (tmp_path / "Cargo.toml").write_text('[workspace]\nmembers = ["bareqga", "bareqga-sys"]\n'
                                         '[patch.crates-io]\nbareqga-sys = { path = "bareqga-sys" }\n')
    shutil.copy(RUST / "Cargo.lock", tmp_path)
    (tmp_path / ".cargo").mkdir()
    (tmp_path / ".cargo/config.toml").write_text(vendored[vendored.index("[source"):])
    said = sh("/usr/bin/cargo", "test", "--offline", "--test", "agent", "--test", "world", "--test", "layout", cwd=tmp_path,
              env=ENV | {"CARGO_TARGET_DIR": str(TARGET / "debian"), "RUSTC": "/usr/bin/rustc", "RUSTDOC": "/usr/bin/rustdoc"})
    assert "test same_layout_as_c ... ok" in said and "test a_server_serves_wakes_and_ends ... ok" in said


def test_without_a_c_library():
    """The string functions that the feature brings are used in place of this machine's, and are all that is needed."""
    said = cargo("test", "--locked", "--offline", "-p", "bareqga", "--features", "freestanding", "--test", "agent")
    assert "7 passed" in said
    assert any("strcspn" in sh("nm", "--defined-only", o) for o in TARGET.glob("debug/build/bareqga-sys-*/out/libbareqga.a"))


def test_c_half_for_bare_metal(tmp_path, packaged):
    sys_ = packaged / "bareqga-sys"
    shutil.copy("/usr/include/jsmn.h", tmp_path)
    sh("riscv64-unknown-elf-gcc", "-std=c11", "-O2", "-Wall", "-Werror", "-march=rv64imac", "-mabi=lp64", "-mcmodel=medany", "-ffreestanding",
       "-fno-short-enums", "-nostdlib", "-r", "-I", sys_ / "freestanding", "-I", sys_ / "c", "-I", tmp_path,
       "-o", tmp_path / "all.o", sys_ / "c/bareqga.c", sys_ / "freestanding/string.c")
    assert sh("nm", "-u", tmp_path / "all.o").split()[1::2] == NEED.split()


def test_kernel(tmp_path):
    """A kernel in Rust, on QEMU's bare RISC-V machine."""
    sysroot = pathlib.Path(sh("rustc", "--print", "sysroot", cwd=RUST).strip())
    target = "riscv64imac-unknown-none-elf"
    if not (sysroot / "lib/rustlib" / target / "lib").is_dir():
        pytest.skip(f"not run on bare metal: Rust's target {target} is not installed")
    (tmp_path / "Cargo.toml").write_text(f"""
        [package]
        name = "kernel"
        version = "0.0.0"
        edition = "2021"
        [[bin]]
        name = "kernel"
        path = "{ROOT}/tests/lib/kernel.rs"
        [dependencies]
        bareqga = {{ path = "{RUST}/bareqga", features = ["freestanding"] }}
        [profile.release]
        panic = "abort"
    """)
    shutil.copy(RUST / "Cargo.lock", tmp_path)
    said = cargo("build", "--offline", "--release", "--target", target, cwd=tmp_path, RUSTFLAGS=f"-Clink-arg=-T{ROOT}/tests/lib/kernel.ld")
    assert "warning" not in said
    qemu = subprocess.Popen(["qemu-system-riscv64", "-M", "virt", "-bios", "none", "-display", "none", "-serial", "stdio", "-monitor", "none",
                             "-kernel", TARGET / target / "release/kernel"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        def ask(command, **arguments):
            qemu.stdin.write(json.dumps({"execute": command, "arguments": arguments}).encode())
            qemu.stdin.flush()
            assert select.select([qemu.stdout], [], [], TIMEOUT)[0]
            return json.loads(qemu.stdout.readline())

        assert ask("guest-sync", id=5) == {"return": 5}
        assert ask("kernel-work", units=3) == {"return": {"queued": 3}}
        assert ask("kernel-work", units=4) == {"return": {"queued": 7}}
        assert ask("guest-get-time") == {"return": 10 ** 9}
        assert "error" in ask("guest-shutdown", mode="reboot")
        qemu.stdin.write(b'{"execute": "guest-shutdown"}')
        qemu.stdin.close()
        assert qemu.wait(TIMEOUT) == 0
    finally:
        if qemu.poll() is None:
            qemu.kill()
        qemu.wait()
        qemu.stdout.close()
