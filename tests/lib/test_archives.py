# SPDX-License-Identifier: MIT
"""What the archives define and need, and that any build may take all files of proto/."""
import re

import pytest

from guest import ROOT
from shipped import HAS_VIRTIO, TARGETS, WARN, library, sh

# What a C library, or a kernel, must have (docs/EMBEDDING.md), and what compilers call of their own.
LIBC = {"memchr", "memcmp", "memcpy", "memmove", "memset", "strchr", "strcmp", "strcspn", "strlen", "strncmp"}
RUNTIME = re.compile(r"__aeabi_\w+|__(u?div|u?mod|ashl|ashr|lshr|mul|clz|ctz)[sdt]i\d?|_GLOBAL_OFFSET_TABLE_")


def symbols(path, *options):
    """Names of external symbols; of an archive, those that no member of it defines or that some do."""
    lines = sh("nm", "-g", "-P", *options, path).splitlines()
    return {line.split()[0] for line in lines if len(line.split()) >= 2}


@pytest.mark.parametrize("target", TARGETS)
def test_symbols(target):
    archive = library(target) / "libbareqga.a"
    defined = symbols(archive, "--defined-only")
    assert {"qga_init_build", "qga_run", "qga_stream_init"} <= defined
    assert {s for s in defined if not s.startswith("qga_")} == set()
    needed = symbols(archive, "--undefined-only") - defined
    assert {s for s in needed - LIBC if not RUNTIME.fullmatch(s)} == set()


def test_layers():
    """Neither the protocol nor the drivers need a symbol of the other."""
    objects = library("host")
    proto, hal = ([p for p in (objects / layer).rglob("*.o")] for layer in ("proto", "hal"))
    if not HAS_VIRTIO:
        pytest.skip("there is no include/bareqga_virtio.h, so no driver in the library")

    def every(paths, *options):
        return set().union(*(symbols(p, *options) for p in paths))

    assert proto and hal
    assert not every(proto, "--undefined-only") & every(hal, "--defined-only")
    assert not every(hal, "--undefined-only") & every(proto, "--defined-only")


@pytest.mark.parametrize("options", [[], ["-DQGA_TINY=1"]], ids=["normal", "tiny"])
def test_globbed(options, tmp_path):
    """Somebody's build system takes whatever ends in .c: each file compiles, and they link."""
    sources = [str(p.relative_to(ROOT)) for p in (ROOT / "proto").rglob("*.c")]
    where = [f"-I{ROOT}/include", f"-I{ROOT}/proto", f"-I{ROOT}/tests/lib"]
    sh("gcc", "-std=c11", *WARN, *options, *where, "-r", "-nostdlib", "-o", tmp_path / "all.o",
       *(ROOT / s for s in sources), cwd=tmp_path)


@pytest.mark.parametrize("order", [sorted, lambda s: sorted(s, reverse=True)], ids=["forward", "backward"])
def test_one_translation_unit(order, tmp_path):
    """File-local names are unique, and no file needs that another one came before it."""
    sources = order(p for p in (ROOT / "proto").rglob("*.c") if p.parent.name != "tiny")
    unit = tmp_path / "unit.c"
    unit.write_text("".join(f'#include "{p}"\n' for p in sources))
    sh("gcc", "-std=c11", *WARN, "-Wshadow", f"-I{ROOT}/include", f"-I{ROOT}/proto", "-fsyntax-only", unit)
