# SPDX-License-Identifier: MIT
"""mutate.py UNIT N SEED [FILE...] -- COMPILER FLAG... - a mutant is the source with one small fault. Do the unit tests notice?

N mutants are drawn by SEED from all that the operators below make of proto/ (but tiny/), hal/virtio and hal/pci, or
of the files named. A mutant whose optimised code is that of the original, or that does not compile without
warnings, is none, and another is drawn; so is one that tests/check/mutants.toml has the reason of why no test can
notice it. It is killed if a unit test that it is linked into fails, or does not end."""
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = ROOT / "tests/check/mutants.toml"
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


def mutants(path):
    """(file, number of the line, operator, the line, its mutant)"""
    comment = macro = False
    for number, line in enumerate((ROOT / path).read_text().split("\n")):
        begun, comment = comment, (comment or "/*" in line) and "*/" not in line.rpartition("/*")[2]
        was_macro, macro = macro, (macro or line.startswith("#")) and line.endswith("\\")
        if begun or was_macro or line.startswith("#") or not line.startswith("\t") or re.search(r"ASSERT|_Static_assert", line):
            continue
        code = line.partition("/*")[0].rstrip()
        strings = [m.span() for m in re.finditer(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', code)]
        for operator, pattern, instead in OPERATORS:
            for m in re.finditer(pattern, code):
                if not any(a < m.end() and m.start() < b for a, b in strings) or operator == "gone":
                    yield path, number, operator, code, code[:m.start()] + m.expand(instead) + code[m.end():]


def equivalent():
    """(file, line, mutant) of those that no test can notice."""
    return {(e["file"], e["line"], e["mutant"]) for e in tomllib.loads(EQUIVALENT.read_text())["equivalent"]}


def key(mutant):
    return mutant[0], mutant[3].strip(), mutant[4].strip()


def run(*command, **more):
    return subprocess.run(command, cwd=ROOT, text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)


class Tests:
    """The unit tests, and which of the archive's files each is made of."""

    def __init__(self, unit, compile_line):
        self.unit, self.compile = unit, compile_line
        self.kills, self.plain = Counter(), {}
        names = sorted(p.stem for p in (ROOT / "tests/unit").glob("test_*.c"))
        names = [n for n in names if n not in ("test_tiny", "test_threads", "test_x86")]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            self.facts = dict(zip(names, pool.map(self.learn, names)))
        assert self.of("proto/core/agent.c") and self.of("hal/virtio/virtqueue.c")

    def learn(self, name):
        with tempfile.TemporaryDirectory() as folder:
            members = set(re.findall(r"^\(.*/all\.a\)(.*)\.o$", self.link(name, f"{folder}/test", "-Wl,-t,-t").stdout, re.M))
            begin = time.monotonic()
            done = run(f"{folder}/test")
            if done.returncode:
                raise SystemExit(f"{name} fails without a mutant:\n{done.stdout}")
        return members, time.monotonic() - begin

    def link(self, name, program, *more):
        return run(*self.compile, "-o", program, f"{self.unit}/tests/unit/{name}.c.o", *more, f"{self.unit}/all.a", "-lcmocka")

    def of(self, path):
        """The tests that a file is linked into: those first that have killed most of its mutants, then the fastest."""
        return sorted((n for n, (members, _) in self.facts.items() if Path(path).name in members),
                      key=lambda n: (-self.kills[path, n], self.facts[n][1]))

    def code(self, command, folder):
        """What the optimiser makes of it; None: nothing."""
        plain = [word for word in command if not word.startswith(("-fsanitize", "-g"))]
        if run(*plain, "-O2", "-o", f"{folder}/plain.o").returncode:
            return None
        run("strip", f"{folder}/plain.o")
        return Path(folder, "plain.o").read_bytes()

    def judge(self, mutant):
        """"none", "lives", or what killed it."""
        path, number, _, _, text = mutant
        lines = (ROOT / path).read_text().split("\n")
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, Path(path).name)
            command = [*self.compile, f"-I{Path(path).parent}", "-c", str(source)]
            if path not in self.plain:
                source.write_text("\n".join(lines))
                self.plain[path] = self.code(command, folder)
            source.write_text("\n".join([*lines[:number], text, *lines[number + 1:]]))
            if self.code(command, folder) in (None, self.plain[path]):
                return "none"
            run(*command, "-o", f"{folder}/mutant.o")
            for name in self.of(path):
                if self.link(name, f"{folder}/test", f"{folder}/mutant.o").returncode:
                    return "none"
                try:
                    if run(f"{folder}/test", timeout=60 + 20 * self.facts[name][1]).returncode:
                        self.kills[path, name] += 1
                        return name
                except subprocess.TimeoutExpired:
                    return f"{name}, which did not end"
        return "lives"


def main(arguments):
    at = arguments.index("--")
    unit, n, seed, *files = arguments[:at]
    if not files:
        files = [str(p.relative_to(ROOT)) for folder in ("proto", "hal/virtio", "hal/pci") for p in sorted((ROOT / folder).rglob("*.c"))
                 if "tiny" not in p.parts]
    drawn = [mutant for path in files for mutant in mutants(path)]
    total = len(drawn)
    random.Random(int(seed)).shuffle(drawn)
    known = equivalent()
    alike = [mutant for mutant in drawn if key(mutant) in known]
    drawn = [mutant for mutant in drawn if key(mutant) not in known]
    tests = Tests(unit, arguments[at + 1:])
    killed = lived = none = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while drawn and killed + lived < int(n):
            some = [drawn.pop() for _ in range(min(len(drawn), int(n) - killed - lived))]
            for mutant, result in zip(some, pool.map(tests.judge, some)):
                path, number, operator, line, text = mutant
                none += result == "none"
                killed += result not in ("none", "lives")
                if result == "lives":
                    lived += 1
                    print(f"{path}:{number + 1}: {operator} lives\n-{line}\n+{text}", flush=True)
                elif os.environ.get("V"):
                    print(f"{path}:{number + 1}: {operator} {result}", flush=True)
    print(f"{killed} of {killed + lived} mutants killed, {100 * killed / max(1, killed + lived):.0f} %; "
          f"seed {seed}, drawn from {total} without {len(alike)} that no test can notice; "
          f"{none} more were the same code, or none that compiles")


if __name__ == "__main__":
    main(sys.argv[1:])
