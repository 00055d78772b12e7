# SPDX-License-Identifier: MIT
"""Mutants: what the operators make, the reasons of those that live, and that planted ones are killed."""
import subprocess
import tomllib

import pytest

import mutants
from guest import ROOT, make

KNOWN = tomllib.loads(mutants.EXPLAINED.read_text())


def test_mutants_are_one_fault_each(tmp_path):
    """What the operators make of a text, and what they leave alone."""
    source = tmp_path / "text.c"
    source.write_text('int top = 1;\n#define A 0;\nvoid f(int n)\n{\n\tint i = 0;\n\n\t/* i < n; */\n\tif (i < n && n)\n'
                      '\t\tcall("a < b 0", i);\n\tASSUME(n < 3);\n\treturn;\n}\n')
    assert [(m.function, m.number, m.operator, m.text.strip()) for m in mutants.mutants(source)] == [
        ("f", 5, "number", "int i = 1;"), ("f", 8, "bound", "if (i <= n && n)"), ("f", 8, "logic", "if (i < n || n)"),
        ("f", 9, "gone", ";")]


def test_a_sample_stays_when_lines_move(tmp_path):
    """What is drawn depends on what a mutant is, not on where it stands, nor on what else there is."""
    source = tmp_path / "text.c"
    function = "void f(int n)\n{\n\tif (n < 1 || n < 2)\n\t\treturn;\n\tg(n);\n}\n"
    source.write_text(function)
    before = [m.id for m in mutants.draw(1, [source])]
    assert len(before) == len(set(before)) > 4
    source.write_text("/* more */\nvoid g(int n)\n{\n\tif (n > 7)\n\t\th(n);\n}\n" + function)
    assert [m.id for m in mutants.draw(1, [source]) if m.function == "f"] == before
    assert [m.id for m in mutants.draw(2, [source]) if m.function == "f"] != before


def entries():
    return [(kind, entry) for kind, some in KNOWN["lives"].items() for entry in some]


def test_each_mutant_that_lives_has_a_reason():
    """tests/check/mutants.toml: the sources make it, and there is a reason of a known kind."""
    for kind, entry in entries():
        assert any(mutants.is_of(mutant, entry) for mutant in mutants.mutants(entry["file"])), entry
        assert kind in ("equivalent", "speed", "order") and len(entry["why"]) > 10, entry


@pytest.mark.xdist_group("mutants")
@pytest.mark.parametrize("entry", KNOWN["planted"], ids=lambda e: e["file"])
def test_a_planted_mutant_is_killed(entry, tmp_path):
    """One of each kind of place, by the test that is to notice it: mutate.py can tell, and the tests do."""
    mutant, = (m for m in mutants.mutants(entry["file"]) if mutants.is_of(m, entry))
    flags = make("-s", "unit-cc").split()
    make(f"build/unit/{entry['by']}")
    source = tmp_path / mutant.file.rpartition("/")[2]
    source.write_text(mutant.source())
    subprocess.run([*flags, "-I" + mutant.file.rpartition("/")[0], "-o", tmp_path / "test", source,
                    f"build/unit/tests/unit/{entry['by']}.c.o", "build/unit/all.a", "-lcmocka"], cwd=ROOT, check=True)
    assert subprocess.run([tmp_path / "test"], cwd=ROOT, capture_output=True, timeout=300).returncode != 0
