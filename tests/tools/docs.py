# SPDX-License-Identifier: MIT
"""docs.py [--check] - writes what is generated in README.md and docs/, between its marks; --check only compares.

    <!-- boards -->  ...  <!-- /boards -->

What a part says is made by docs_DOCUMENT.py, or here. Ids and times in the transcript differ from run to run
and are not compared; nor are instructions, which vary with compilers.
"""
import difflib
import pathlib
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]

import docs_commands  # noqa: E402
import docs_embedding as embedding  # noqa: E402
import docs_protocol as protocol  # noqa: E402
from figures import Graph, sections  # noqa: E402
import toolchain  # noqa: E402
from guest import ROOT, boards, make  # noqa: E402


def board_table():
    rows = ["| Board | Flash | RAM | Buffers | Deepest stack | Channels | Accelerators |",
            "|---|--:|--:|--:|--:|---|---|"]
    for board in boards():
        facts = make(f"BOARD={board}", "variants").splitlines()
        channels, accels = [], []
        for channel, virtio, accel in map(str.split, facts):
            name = f"virtio {virtio}" if channel == "virtio" else channel
            channels += [name] if name not in channels else []
            accels += [accel] if accel not in accels else []
        if channels == ["socket"]:
            continue
        flash, ram, buffers = sections(board)
        stack = Graph(board).deepest("firmware_main")
        rows.append(f"| `{board}` | {flash:,} | {ram:,} | {buffers:,} | {stack:,} | {', '.join(channels)} | {', '.join(accels)} |")
    return "\n".join(rows)


def transcript():
    return f"```\n$ make run\n{make('run')}\n```"


def without_chance(text):
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
    return re.sub(r"\d{15,}", "NUMBER", text)


GENERATED = {"README.md": {"transcript": transcript, "boards": board_table},
             "docs/COMMANDS.md": {"commands": docs_commands.table},
             "docs/EMBEDDING.md": {"faults": embedding.fault_table, "libc": embedding.libc, "sizes": embedding.size_table},
             "docs/PROTOCOL.md": {"limits": protocol.limits, "differences": protocol.differences, "versions": protocol.versions,
                                  "instructions": protocol.instructions}}
UNCOMPARED = {"instructions"}
SIZES = {"boards", "sizes"}  # the reference's alone: others are neither written nor compared


def foreign():
    """What of this machine is not the reference, so that tables of sizes would have other figures."""
    have = {toolchain.compiler(board) for board in boards()}
    return ", ".join(sorted(have - {toolchain.REFERENCE["compiler"]}))


def main(check):
    stale = False
    for name, parts in GENERATED.items():
        path = ROOT / name
        old = new = path.read_text()
        for mark, generate in parts.items():
            if mark in SIZES and foreign():
                print(f"{name}: the table of {mark} is {toolchain.REFERENCE['compiler']}'s; here is {foreign()}")
                continue
            if check and mark in UNCOMPARED:
                continue
            new, n = re.subn(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)",
                             lambda m: f"{m[1]}{generate()}\n{m[2]}", new, flags=re.S)
            if n != 1:
                sys.exit(f"{name} has no part <!-- {mark} -->")
        if without_chance(new) != without_chance(old):
            stale = True
            if check:
                print("".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), name, "generated")))
            else:
                path.write_text(new)
    if stale and check:
        sys.exit("the generated parts above are not current; `make docs` writes them")


if __name__ == "__main__":
    main("--check" in sys.argv)
