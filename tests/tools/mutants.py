# SPDX-License-Identifier: MIT
"""mutants.py - the small faults that mutate.py puts into the sources, and those that tests/check/mutants.toml explains."""
import dataclasses
import hashlib
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = ROOT / "tests/check/mutants.toml"
# What is looked for, and what takes its place. Of a line, each place is one mutant.
OPERATORS = [
    ("bound", r" < ", " <= "), ("bound", r" <= ", " < "), ("bound", r" > ", " >= "), ("bound", r" >= ", " > "),
    ("equal", r" == ", " != "), ("equal", r" != ", " == "),
    ("logic", r" && ", " || "), ("logic", r" \|\| ", " && "), ("logic", r"!(?=[a-z(])", ""),
    ("sum", r" \+ ", " - "), ("sum", r" - ", " + "), ("sum", r" \+= ", " -= "), ("sum", r" -= ", " += "),
    ("sum", r"\+\+", "--"), ("sum", r"--", "++"),
    ("bits", r" \|= ", " &= "), ("bits", r" & ", " | "), ("bits", r" \| ", " & "),
    ("number", r"(?<![\w.\"])0(?=[;,) ])", "1"), ("number", r"(?<![\w.\"])1(?=[;,) ])", "2"),
    ("truth", r"\btrue\b", "false"), ("truth", r"\bfalse\b", "true"),
    # A statement on a line of its own is left out; not a declaration, nor what leaves a block.
    ("gone", r"(?<=^)(\t+)(?!return\b|break\b|continue\b|goto\b|case\b|default\b|else\b)((?:[*+-]*[\w.>\[\]()-]+ [-+|&]?= [^;{}]*|(?:\(void\))?[a-z_][\w.>-]*\([^;{}]*\)|[\w.>\[\]-]*(?:\+\+|--));)$", r"\1;"),
]


@dataclasses.dataclass(frozen=True)
class Mutant:
    file: str  # from the top folder
    function: str
    number: int  # of the line, from 1
    operator: str
    line: str
    text: str  # instead of it
    nth: int  # that is so called in this function

    @property
    def id(self):
        """Of what it is, not of where: it stays when other lines change."""
        return "|".join((self.file, self.function, self.line.strip(), self.text.strip(), str(self.nth)))

    @property
    def where(self):
        return f"{self.file}:{self.number}"

    def source(self):
        lines = (ROOT / self.file).read_text().split("\n")
        return "\n".join([*lines[:self.number - 1], self.text, *lines[self.number:]])

    def text_hash(self):
        return hashlib.sha256(self.source().encode()).hexdigest()


def mutants(path):
    """All of a file, from its top."""
    comment = macro = False
    function, seen = "", {}
    for number, line in enumerate((ROOT / path).read_text().split("\n")):
        begun, comment = comment, (comment or "/*" in line) and "*/" not in line.rpartition("/*")[2]
        was_macro, macro = macro, (macro or line.startswith("#")) and line.endswith("\\")
        if not begun and (name := re.match(r"[a-z][^;=]*?\b(\w+)\(", line)):
            function = name[1]
        if begun or was_macro or line.startswith("#") or not line.startswith("\t") or re.search(r"ASSUME|_Static_assert", line):
            continue
        code = line.partition("/*")[0].rstrip()
        strings = [m.span() for m in re.finditer(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', code)]
        for operator, pattern, instead in OPERATORS:
            for m in re.finditer(pattern, code):
                if not any(a < m.end() and m.start() < b for a, b in strings) or operator == "gone":
                    text = code[:m.start()] + m.expand(instead) + code[m.end():]
                    name = function, code.strip(), text.strip()
                    seen[name] = seen.get(name, 0) + 1
                    yield Mutant(str(path), function, number + 1, operator, code, text, seen[name])


def sources():
    return [str(p.relative_to(ROOT)) for folder in ("proto", "hal/virtio", "hal/pci") for p in sorted((ROOT / folder).rglob("*.c"))]


def draw(seed, files):
    """All mutants of some files, in the order of a sample."""
    def order(mutant):
        return hashlib.sha256(f"{seed}|{mutant.id}".encode()).digest()

    return sorted((mutant for path in files for mutant in mutants(path)), key=order)


def is_of(mutant, entry):
    return ((mutant.file, mutant.line.strip(), mutant.text.strip()) == (entry["file"], entry["line"], entry["mutant"])
            and entry.get("function", mutant.function) == mutant.function and entry.get("nth", mutant.nth) == mutant.nth)


class Reasons:
    """Why no test can notice some mutants: {kind: entries}."""

    def __init__(self, kinds):
        self.kinds = kinds

    def get(self, mutant):
        """The kind of its reason, or None."""
        return next((kind for kind, entries in self.kinds.items() if any(is_of(mutant, e) for e in entries)), None)


def reasons():
    return Reasons(tomllib.loads(EXPLAINED.read_text())["lives"])
