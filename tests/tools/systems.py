#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""systems.py - what the same sources cost with each Debian's tools: the table of docs/SYSTEMS.md (make systems).

    systems.py              measures on both, as fresh.sh makes them (root), and writes the table
    systems.py --here       measures on this machine: one line for each figure
    systems.py OLD NEW      writes the table of two files with what --here has printed

A figure that differs by more than 5 % needs its reason in WHY, or this fails: then it is explained or mended.
KEEP=directory keeps the systems below it, and uses them again.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests", "tests/emu", "tests/bench", "tests/tools")]

SUITES = "bookworm", "trixie"
SAME = "QEMU 10.0"  # that of trixie, and of bookworm's backports: tells the compilers' part from the emulators'
# As test_budget.py names a figure, and as the table does.
NAMES = {"flash-bytes": "flash, bytes", "ping-instructions": "ping, instructions",
         "sync-instructions": "sync, instructions", "read-instructions-per-byte": "read, instructions a byte",
         "write-instructions-per-byte": "write, instructions a byte",
         "first-answer-blocks": "blocks to the first answer", "same-qemu-blocks": f"the same, both under {SAME}"}
# What may differ by more than 5 %, and why.
WHY = {"first-answer-blocks": "From QEMU 8.2 on a block ends at each device access, some 100 more",
       "x86_64 first-answer-blocks": "That, and Debian 13's QEMU starts microvm with SeaBIOS (1,610 blocks), "
                                             "Debian 12's with qboot (198)"}
MOST = 0.05

MEASURE = """
make -s setup >/dev/null 2>&1
make -s boards >/dev/null
[ "$(. /etc/os-release; echo $VERSION_CODENAME)" = trixie ] || make -s qemu-new >/dev/null
/usr/bin/python3 tests/tools/systems.py --here
"""


def least(command):
    """Blocks to the first answer: the fewest of five boots, for an interrupt may come a block earlier or later."""
    import count
    import subjects
    return min(count.first_answer(subjects.Subject("bareqga", command)) for _ in range(5))


def here():
    """Prints the figures of this machine: its tools, then lines of board, figure and value."""
    import subjects
    import test_budget as budget
    import toolchain
    from guest import NEWER

    print(f"tools {toolchain.compiler('virt-riscv64')}, {toolchain.emulator('virt-riscv64')}", flush=True)
    newer = "QEMU " + toolchain.version(2, str(NEWER / "bin/qemu-system-riscv64"), "--version")
    for path in budget.BUDGETS:
        board = path.parent.name
        names = {word.split()[0] for word in path.read_text().splitlines() if word}
        for name in NAMES:
            if name in names:
                blocks = name == "first-answer-blocks"
                figure = least(subjects.qemu_command(board)) if blocks else budget.FIGURES[name](board)
                print(f"figure {board} {name} {figure:g}", flush=True)
        if "first-answer-blocks" in names:
            there = {"QEMU_PREFIX": f"{NEWER}/bin/"} if newer == SAME else {}
            if not there and toolchain.emulator(board) != SAME:
                sys.exit(f"systems: no {SAME} here, which both are measured with; there is {newer}")
            print(f"figure {board} same-qemu-blocks {least(subjects.qemu_command(board, **there))}", flush=True)


def measured(suite):
    """What --here prints on a fresh system."""
    env = os.environ | {"COMMANDS": MEASURE}
    if env.get("KEEP"):
        env["KEEP"] = str(Path(env["KEEP"]) / suite)
    done = subprocess.run(["sh", str(ROOT / "tests/tools/fresh.sh"), suite], env=env, text=True, stdout=subprocess.PIPE)
    sys.stderr.write(done.stdout)
    if done.returncode:
        sys.exit(f"systems: {suite} could not be measured")
    return done.stdout


def read(text):
    """(tools, {(board, name): figure}) of what --here has printed."""
    return re.search(r"^tools (.*)$", text, re.M)[1], {
        (board, name): float(value) for board, name, value in re.findall(r"^figure (\S+) (\S+) (\S+)$", text, re.M)}


def shown(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def table(old, new):
    """The rows, and the figures that differ without a reason."""
    rows = [f"| Board | | {old[0]} | {new[0]} | |", "|---|---|--:|--:|---|"]
    unexplained, last = [], ""
    for (board, name), before in old[1].items():
        after = new[1][board, name]
        change = after / before - 1
        why = WHY.get(f"{board} {name}") or WHY.get(name) if abs(change) > MOST else ""
        if why is None:
            unexplained.append(f"{board}: {name} is {before:g} and {after:g}")
        rows.append(f"| {'' if board == last else f'`{board}`'} | {NAMES[name]} | {shown(before)} "
                    f"| {shown(after)} | {change:+.1%}{f'. {why}' if why else ''} |")
        last = board
    return "\n".join(rows), unexplained


def main(files):
    printed = [Path(file).read_text() for file in files] or [measured(suite) for suite in SUITES]
    text, unexplained = table(*map(read, printed))
    path = ROOT / "docs/SYSTEMS.md"
    new, n = re.subn(r"(<!-- systems -->\n).*?(<!-- /systems -->)", lambda m: f"{m[1]}{text}\n{m[2]}",
                     path.read_text(), flags=re.S)
    if n != 1:
        sys.exit("docs/SYSTEMS.md has no part <!-- systems -->")
    path.write_text(new)
    if unexplained:
        sys.exit("systems: more than 5 % without a reason:\n" + "\n".join(unexplained))


if __name__ == "__main__":
    here() if "--here" in sys.argv else main(sys.argv[1:])
