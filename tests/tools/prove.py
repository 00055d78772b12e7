# SPDX-License-Identifier: MIT
"""prove.py CBMC [short] [FILE...] - checks the proofs of tests/proofs, and that each notices what is wrong on purpose.

A proof says at its head how it is run, and what its teeth are: a step left out of a model of spin's, or a text of the
source that stands for another one while CBMC looks at a copy.
    run [short] NAME: OPTION...
    teeth [short] NAME: FILE: text => other text
Of the short form are those that say so. What is a model's step in the source is said there as well, see places()."""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROOFS = ROOT / "tests/proofs"
LINE = re.compile(r"^ \* (run|teeth) (short )?(\w+):? ?(.*)$", re.M)
PLACE = re.compile(r"\bC (\S+\.[ch]) (\w+)\(\): (.*?)(?: \*/)?$", re.M)
CBMC = ["--bounds-check", "--pointer-check", "--unwinding-assertions", "-Iinclude", "-Ihal", "-Iproto", "-DMMIO_TEST"]


def lines(proof, short=False):
    """(kind, name, rest) of each run and each tooth."""
    return [(kind, name, rest) for kind, mark, name, rest in LINE.findall(proof.read_text()) if mark or not short]


def places(proof):
    """(file, function, text) of each step of a model."""
    return PLACE.findall(proof.read_text())


def body(path, function):
    """The text of a function, with single blanks; None: there is no such."""
    found = re.search(rf"^[a-z_][^;{{}}]*?\b{function}\([^;{{}}]*?\)\n{{\n.*?^}}$", (ROOT / path).read_text(), re.M | re.S)
    return found and " ".join(found[0].split())


def say(command, folder):
    done = subprocess.run(command, cwd=folder, text=True, errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def spin(proof, options):
    """(whether it holds, what was said); a fault of ours is an exception."""
    with tempfile.TemporaryDirectory() as folder:
        said = say(["spin", *options, "-a", str(proof)], folder)
        if not Path(folder, "pan.c").exists():
            raise SystemExit(f"{proof.name}: {said}")
        built = say(["gcc", "-w", "-O1", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"], folder)
        if not Path(folder, "pan").exists():
            raise SystemExit(f"{proof.name}: {built}")
        said = say(["./pan", "-m4000000", "-w24"], folder)
    states = re.search(r"^ *([\d.e+]+) states, stored", said, re.M)
    errors = re.search(r"errors: (\d+)$", said, re.M)
    if not states or not errors or "max search depth too small" in said:
        raise SystemExit(f"{proof.name} {options}: spin did not come to an end\n{said}")
    return errors[1] == "0", f"{float(states[1]):.0f} states"


def cbmc(program, proof, name, options, root=ROOT):
    said = say([program, *CBMC, "--function", name, *options, str(proof.relative_to(ROOT))], root)
    total = re.search(r"^\*\* (\d+) of (\d+) failed", said, re.M)
    if not total:
        raise SystemExit(f"{proof.name} {name}: cbmc did not come to an end\n{said[-3000:]}")
    return total[1] == "0", f"{total[2]} checks"


def change_of(proof, change):
    """(path, its text with the change in it)"""
    path, _, texts = change.partition(": ")
    old, _, new = f"{texts} ".partition(" => ")
    text = (ROOT / path).read_text()
    assert text.count(old) == 1, f"{proof.name}: {path} has {text.count(old)} of: {old}"
    return path, text.replace(old, new.strip())


def bitten(program, proof, name, options, change):
    """The same with a text of the source changed."""
    path, text = change_of(proof, change)
    with tempfile.TemporaryDirectory() as folder:
        for part in "include", "hal", "proto":
            shutil.copytree(ROOT / part, Path(folder, part))
        shutil.copytree(PROOFS, Path(folder, "tests/proofs"))
        Path(folder, path).write_text(text)
        return cbmc(program, proof, name, options, folder)


def prove(program, proof, kind, name, rest):
    """(whether all is as it should be, a line about it)"""
    if proof.suffix == ".pml":
        tooth = [f"-DTEETH_{name}"] if kind == "teeth" else []
        held, size = spin(proof, [*tooth, *rest.split()])
    else:
        options = next(r.split() for k, n, r in lines(proof) if k == "run" and n == name)
        if kind == "run":
            held, size = cbmc(program, proof, name, options)
        else:
            held, size = bitten(program, proof, name, options, rest)
    if kind == "run":
        return held, f"{proof.name} {name}: {'holds' if held else 'DOES NOT HOLD'}, {size}"
    what = name if proof.suffix == ".pml" else f"{name} with {rest}"
    return not held, f"{proof.name} {what}: {'NOT NOTICED' if held else 'noticed'}"


def main(program, *arguments):
    program, short = str(Path(program).resolve()), arguments[:1] == ("short",)
    files = [Path(a).resolve() for a in arguments[short:]] or sorted([*PROOFS.glob("*.pml"), *PROOFS.glob("*.c")])
    right = wrong = 0
    for proof in files:
        for line in lines(proof, short):
            good, said = prove(program, proof, *line)
            right, wrong = right + good, wrong + (not good)
            print(said, flush=True)
    print(f"{right} as they should be, {wrong} not")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
