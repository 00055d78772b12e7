# SPDX-License-Identifier: MIT
"""A program of somebody else's builds with the library in each way it is shipped, and answers."""
import shutil

import pytest

from guest import ROOT, emulator
from shipped import HAS_VIRTIO, HERE, WARN, answers_ping, make, pkg_config, sh

LANGUAGES = [("gcc", "c", "c11"), ("g++", "c++", "c++17"), ("clang", "c", "c11"), ("clang++", "c++", "c++17")]
PROJECT = """\
cmake_minimum_required(VERSION 3.16)
project(foreign LANGUAGES C CXX)
{how}
foreach(language c cc)
  add_executable(foreign-${{language}} foreign.${{language}})
  target_link_libraries(foreign-${{language}} PRIVATE bareqga::bareqga)
endforeach()
set_target_properties(foreign-cc PROPERTIES CXX_STANDARD 17)
"""
DRIVER_TARGET = """\
add_executable(driver driver.c)
target_link_libraries(driver PRIVATE bareqga::virtio)
"""
DRIVER = """\
#include <bareqga_virtio.h>
int main(void) { return qga_virtio_mmio.probe ? 0 : 1; }
"""
FETCH = """\
include(FetchContent)
FetchContent_Declare(bareqga GIT_REPOSITORY {repository} GIT_TAG HEAD)
FetchContent_MakeAvailable(bareqga)
"""


@pytest.mark.parametrize("compiler,language,standard", LANGUAGES)
def test_pkg_config(compiler, language, standard, installed, tmp_path):
    program = tmp_path / "foreign"
    code = shutil.copy(HERE / "foreign.c", tmp_path / f"foreign.{'cc' if language == 'c++' else 'c'}")
    sh(compiler, f"-std={standard.replace('c', 'gnu', 1)}", *WARN, *pkg_config(installed, "--cflags"),
       code, *pkg_config(installed, "--libs"), "-o", program)
    answers_ping(program)


def cmake(how, where, *options):
    for suffix in ("c", "cc"):
        shutil.copy(HERE / "foreign.c", where / f"foreign.{suffix}")
    (where / "CMakeLists.txt").write_text(PROJECT.format(how=how) + DRIVER_TARGET * HAS_VIRTIO)
    (where / "driver.c").write_text(DRIVER)
    sh("cmake", "-S", where, "-B", where / "build", *options)
    sh("cmake", "--build", where / "build", "-j2")
    if HAS_VIRTIO:
        sh(where / "build" / "driver")
    for suffix in ("c", "cc"):
        answers_ping(where / "build" / f"foreign-{suffix}")


def test_find_package(installed, tmp_path):
    how = "find_package(bareqga 0.9 REQUIRED" + " COMPONENTS virtio" * HAS_VIRTIO + ")"
    cmake(how, tmp_path, f"-DCMAKE_PREFIX_PATH={installed}")


@pytest.mark.parametrize("wanted", ["0.8", "0.10", "1.0", "0.9 COMPONENTS nothing"])
def test_find_package_refuses(wanted, installed, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(PROJECT.format(how=f"find_package(bareqga {wanted} REQUIRED)"))
    said = sh("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={installed}", status=1)
    assert "bareqga" in said and ("version" in said or "component" in said)


def test_add_subdirectory(repository, tmp_path):
    cmake(f"add_subdirectory({repository} bareqga)", tmp_path)
    # Ours are its headers, but not the ways to what is inside.
    assert "proto" not in (tmp_path / "build/CMakeFiles/foreign-c.dir/flags.make").read_text()


def test_fetch_content(repository, tmp_path):
    cmake(FETCH.format(repository=repository), tmp_path)


def test_cmake_installs_what_make_does(repository, installed, tmp_path):
    prefix, ours = tmp_path / "prefix", tmp_path / "ours"
    sh("cmake", "-S", repository, "-B", ours, f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DCMAKE_INSTALL_LIBDIR=lib")
    sh("cmake", "--build", ours, "-j2")
    sh("cmake", "--install", ours)

    def files(root):
        return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and "share" not in p.parts}

    assert files(prefix) == files(installed)
    assert pkg_config(prefix, "--cflags", "--libs") == [f"-I{prefix}/include", f"-L{prefix}/lib", "-lbareqga"]
    cmake("find_package(bareqga REQUIRED)", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}")


def test_cmake_without_jsmn(repository, tmp_path):
    said = sh("cmake", "-S", repository, "-B", tmp_path, "-DBAREQGA_JSMN=BAREQGA_JSMN-NOTFOUND",
              "-DCMAKE_FIND_ROOT_PATH=/nowhere", "-DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY", status=1)
    assert "needs jsmn.h" in said


@pytest.mark.parametrize("options", [[], ["-DQGA_TINY=1"]], ids=["normal", "tiny"])
@pytest.mark.parametrize("compiler,language,standard", LANGUAGES)
def test_amalgamation(compiler, language, standard, options, amalgamation, tmp_path):
    c = compiler.replace("++", "") if compiler != "g++" else "gcc"
    for name in sorted(amalgamation.glob("*.c")):
        sh(c, "-std=c11", "-O1", *WARN, *options, "-c", name, "-o", tmp_path / f"{name.stem}.o")
    program = tmp_path / "foreign"
    sh(compiler, "-x", language, f"-std={standard.replace('c', 'gnu', 1)}", *WARN, *options, f"-I{amalgamation}",
       HERE / "foreign.c", "-x", "none", *sorted(tmp_path.glob("*.o")), "-o", program)
    answers_ping(program)


def test_kernel_in_qemu(tmp_path):
    """For another processor: installed, asked for its flags by pkg-config, linked and booted."""
    make("lib", "install", "TARGET=riscv64", f"DESTDIR={tmp_path}", "PREFIX=/opt/riscv64")
    prefix = tmp_path / "opt" / "riscv64"
    kernel = tmp_path / "kernel.elf"
    sh("riscv64-unknown-elf-gcc", *pkg_config(prefix, "--variable=cpuflags"), "--specs=picolibc.specs", "-Os", *WARN,
       "-nostartfiles", "-static", "-Wl,--no-relax", "-T", HERE / "kernel.ld", f"-I{prefix}/include", HERE / "kernel.c",
       *pkg_config(prefix, "--define-prefix", "--libs"), "-o", kernel)
    answers_ping(emulator("riscv64"), "-M", "virt", "-bios", "none", "-m", "16M", "-nodefaults", "-no-user-config", "-display", "none",
                 "-serial", "stdio", "-kernel", kernel)


def test_install_and_uninstall(tmp_path):
    make("lib", "install", "TARGET=host", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    there = {str(p.relative_to(tmp_path / "usr")) for p in tmp_path.rglob("*") if p.is_file()}
    assert {"include/bareqga.h", "lib/libbareqga.a", "lib/pkgconfig/bareqga.pc", "share/doc/bareqga/LICENSE",
            "share/doc/bareqga/CHANGELOG.md", "lib/cmake/bareqga/bareqga-config.cmake"} <= there
    for path in there:
        assert str(ROOT) not in (tmp_path / "usr" / path).read_bytes().decode(errors="replace") or path.endswith(".a")
    make("uninstall", "TARGET=host", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_dist(tmp_path):
    """The tarball builds without git, and the other one holds the amalgamation."""
    make("dist", "DIST=source", f"BUILD={tmp_path}/build")
    version = make("print-VERSION").strip()
    for tarball in (tmp_path / "build" / "dist").glob("*.tar.gz"):
        sh("tar", "-C", tmp_path, "-xzf", tarball)
    assert (tmp_path / f"bareqga-{version}-amalgamation" / "bareqga.c").is_file()
    assert (tmp_path / f"bareqga-{version}" / "include" / "bareqga.h").is_file()
    sh("make", "-s", "-n", "lib", "TARGET=host", cwd=tmp_path / f"bareqga-{version}")
