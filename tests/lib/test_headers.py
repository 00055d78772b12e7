# SPDX-License-Identifier: MIT
"""The public headers stand alone, whatever the language, and are all that a user sees."""
import re

import pytest

from shipped import HEADERS, sh

STRICT = ["-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wundef", "-Werror"]
LANGUAGES = [("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "c++", "c++17"), ("clang++", "c++", "c++17")]


@pytest.mark.parametrize("options", [[], ["-DQGA_TINY=1"], ["-DQGA_SMALL=1", "-DQGA_WITH_EXEC=0"]], ids=" ".join)
@pytest.mark.parametrize("compiler,language,standard", LANGUAGES)
@pytest.mark.parametrize("header", HEADERS)
def test_alone(header, compiler, language, standard, options, installed, tmp_path):
    source = tmp_path / "alone.c"
    source.write_text(f"#include <{header}>\n#include <{header}>\nint main(void) {{ return 0; }}\n")
    sh(compiler, "-x", language, f"-std={standard}", *STRICT, *options, f"-I{installed}/include", "-fsyntax-only", source)


def test_nothing_else_is_reachable(installed):
    assert sorted(p.name for p in (installed / "include").iterdir()) == HEADERS
    for header in HEADERS:
        text = (installed / "include" / header).read_text()
        own = re.findall(r'#[ \t]*include[ \t]*"(.*)"', text)
        assert set(own) <= {"bareqga.h"}, header


@pytest.mark.parametrize("header", HEADERS)
def test_every_macro_has_the_prefix(header, installed, tmp_path):
    """And the headers leave none behind that the C library's have not."""
    def macros(*includes):
        source = tmp_path / "macros.c"
        source.write_text("".join(f"#include <{i}>\n" for i in includes))
        text = sh("gcc", "-std=c11", "-dM", "-E", f"-I{installed}/include", source)
        return set(re.findall(r"^#define (\w+)", text, re.M))

    ours = macros("stdbool.h", "stddef.h", "stdint.h", header) - macros("stdbool.h", "stddef.h", "stdint.h")
    assert ours and not [m for m in ours if not m.startswith(("QGA_", "BAREQGA_", "qga_"))]
