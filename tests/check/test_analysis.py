# SPDX-License-Identifier: MIT
"""Static analysis finds nothing that tests/check/analysis.toml does not justify, and finds planted faults."""
import subprocess
import sys
import tomllib

import pytest

import toolchain
import trust
from guest import ROOT, make

ANALYZE = str(ROOT / "tests/tools/analyze.py")
PLANTED = {
    "cppcheck": ("int get(void);\nint get(void)\n{\n\tint a[4] = {0};\n\n\treturn a[4];\n}\n", "arrayIndexOutOfBounds"),
    "tidy": ("#include <string.h>\nvoid clear(char *buf, int n);\nvoid clear(char *buf, int n)\n{\n"
             "\tmemset(buf, n, 0);\n}\n", "bugprone-suspicious-memset-usage"),
    "deep": ("int get(int *p);\nint get(int *p)\n{\n\tif (!p)\n\t\treturn *p;\n\treturn 0;\n}\n",
             "clang-analyzer-core.NullDereference"),
    "gcc": ("#include <stdlib.h>\nvoid twice(int n);\nvoid twice(int n)\n{\n\tvoid *p = malloc(4);\n\n\tfree(p);\n"
            "\tif (n > 3)\n\t\tfree(p);\n}\n", "-Wanalyzer-double-free"),
}

VERSIONS = {
    "cppcheck": (lambda: "cppcheck " + toolchain.version(2, "cppcheck", "--version"), "cppcheck 2.10"),
    "tidy": (lambda: "clang-tidy " + toolchain.version(1, "clang-tidy", "--version"), "clang-tidy 14"),
    "gcc": (lambda: "GCC " + toolchain.version(2, "gcc", "-dumpfullversion"), toolchain.REFERENCE["compiler"]),
}


def analyze(*arguments):
    make("build/deps/jsmn.h")
    done = subprocess.run([sys.executable, ANALYZE, *arguments], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


@pytest.mark.parametrize("tool", ["cppcheck", "tidy", "gcc"])
def test_nothing_is_found(tool):
    status, output = analyze(tool)
    have, decides = VERSIONS[tool]
    if status and have() != decides:
        pytest.skip(f"{have()} finds otherwise than {decides}, which decides: {output}")
    assert (status, output) == (0, "")


@pytest.mark.parametrize("tool", PLANTED)
def test_a_planted_fault_is_found(tool, tmp_path):
    text, check = PLANTED[tool]
    planted = tmp_path / "planted.c"
    planted.write_text(text)
    status, output = analyze(tool, str(planted))
    assert status == 1 and check in output, output
    planted.write_text("int right(void);\nint right(void)\n{\n\treturn 0;\n}\n")
    assert analyze(tool, str(planted)) == (0, "")


def test_each_entry_says_why():
    for entry in tomllib.loads((ROOT / "tests/check/analysis.toml").read_text())["justified"]:
        assert entry["tool"] in PLANTED and entry["check"] and entry["file"] and len(entry["why"]) > 10, entry


def test_each_figure_has_a_command():
    """docs/TRUST.md: make knows what stands above each block of figures, and there is something below it."""
    found = trust.FIGURE.findall(trust.PAGE.read_text())
    assert found and trust.PAGE.read_text().count("```\n$ ") == len(found)
    for block in trust.FIGURE.finditer(trust.PAGE.read_text()):
        assert len(block[0].splitlines()) > 3, block[0]
        subprocess.run(block[2].replace("make", "make -n", 1), shell=True, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
