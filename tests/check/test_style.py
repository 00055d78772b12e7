# SPDX-License-Identifier: MIT
"""What a reader may rely on in every file: format, licence line, layering, a clean compile."""
import ast
import functools
import os
import re
import shlex
import subprocess

import pytest

import toolchain
from guest import ROOT, boards, make

# Which folders' headers a folder may include.
MAY_SEE = {
    "include": {"include"},
    "proto": {"include", "proto"},
    "hal": {"include", "hal"},
    "boards": {"include", "boards", "hal"},
    "firmware": {"include", "firmware", "proto", "boards", "hal"},
}
NATIVE_MAY_SEE = {"include", "boards", "proto", "firmware"}  # boards/host: a program of this machine
LIBC = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "assert.h", "limits.h", "string.h"}


@functools.lru_cache(maxsize=None)
def files(*suffixes):
    """The project's files, also those not yet committed."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True,
                         capture_output=True, check=True).stdout.splitlines()
    return [f for f in out if f.endswith(suffixes) and (ROOT / f).is_file()]


def sh(*command, **more):
    done = subprocess.run(command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    assert done.returncode == 0, done.stdout
    return done.stdout


def includes(path):
    text = (ROOT / path).read_text()
    return re.findall(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', text, re.M)


def test_format():
    have, needs = toolchain.formatter(), toolchain.REFERENCE["formatter"]
    if have != needs:
        pytest.skip(f"{have} formats otherwise than {needs}, which decides")
    sh("clang-format", "--dry-run", "-Werror", *files(".c", ".h"))


def test_licence_line():
    code = files(".c", ".h", ".S", ".ld", ".mk", ".py", ".sh") + ["Makefile", ".ci/run"]
    lacking = [f for f in code if "SPDX-License-Identifier: MIT" not in
               "\n".join((ROOT / f).read_text().splitlines()[:3])]
    assert not lacking


def test_includes_obey_the_layers():
    wrong = []
    for path in files(".c", ".h", ".S"):
        layer = path.split("/")[0]
        if layer not in MAY_SEE:
            continue
        native = path.startswith("boards/host/")
        seen = NATIVE_MAY_SEE if native else MAY_SEE[layer]
        for quote, name in includes(path):
            if name == "jsmn.h" and path in ("proto/json/json.c", "proto/tiny/json.c"):
                continue
            if quote == "<":
                if not native and name not in LIBC:
                    wrong.append(f"{path}: <{name}> is not among the libc headers firmware uses")
                continue
            owners = {f.split("/")[0] for f in files(".h")
                      if f.endswith("/" + name) and f.split("/")[0] in MAY_SEE}
            if ".." in name or not owners & seen:
                wrong.append(f'{path}: "{name}"')
    assert not wrong


@pytest.mark.parametrize("line", ['#include "mmio.h"', '#include "channel.h"', '#include "board.h"',
                                  '#include "hal/mmio.h"', "#include <mmio.h>"])
def test_proto_cannot_include_hal(line, tmp_path):
    """The compiler itself refuses it: proto's objects do not see the other folders."""
    command = compile_command("proto/json/json_out.c")
    source = tmp_path / "wrong.c"
    compiler = [w for w in command if w not in ("-MMD", "-MP", "-c", "-fcallgraph-info=su")]
    for text, status in (("int nothing;", 0), (line, 1)):
        source.write_text(text + "\n")
        done = subprocess.run([*compiler, "-fsyntax-only", str(source)], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == status, done.stderr
    assert "No such file" in done.stderr


def compile_command(source, *more):
    """How make compiles a source for the default board, without -o and the source itself."""
    for line in make("--always-make", "-n", "V=1", *more, "all").splitlines():
        words = shlex.split(line) if source in line else []
        if words and words[-1] == source and "-c" in words:
            at = words.index("-o")
            return words[:at] + words[at + 2:-1]
    raise AssertionError(f"make does not compile {source}")


@pytest.mark.parametrize("board", boards())
def test_clang_compiles_without_warnings(board, tmp_path):
    # Beside the directories of the build proper, so that nothing is built twice.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    if make(f"BOARD={board}", "has-clang") == "no":
        pytest.skip(f"no clang for the processor of {board}")
    done = subprocess.run(["make", "-j2", f"BOARD={board}", "CC=clang", "all"], cwd=ROOT, text=True, env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    # Boards have as much room as their GCC needs; a clang may need more, and that is no warning.
    larger = re.search(r"region `\w+' overflowed by \d+ bytes", done.stdout)
    if larger and not re.search(r"^\S+:\d+:\d+: (?:warning|error)", done.stdout, re.M):
        pytest.skip(f"everything compiles, but it is too large for {board} with {toolchain.clang()}: {larger[0]}")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("board", [b for b in boards() if "aarch64" in b or "x86" in b])
def test_optimised_for_size(board, tmp_path):
    """OPT=-Os is offered, and has GCC warn of other things; where images are relocated and have a libc of their own."""
    make(f"BOARD={board}", "OPT=-Os", f"BUILD={tmp_path}", "all")


def test_shell_scripts_parse():
    for path in files(".sh") + [".ci/run"]:
        sh("sh", "-n", path)


def test_python_parses():
    for path in files(".py"):
        ast.parse((ROOT / path).read_text(), path)
