# SPDX-License-Identifier: MIT
"""record.py - what the qemu-ga of other versions answered: tests/diff/recorded.json, for machines that have another.

    record.py play FILE         plays the corpus to the qemu-ga that is installed, or to $QEMU_GA
    record.py merge FILE...     writes what those that were played answered differently

Kept are streams that any two of them answer differently, by meaning, with the answers of each: some of each
way in which they differ. To all others the answer of the installed one is that of all.
"""

import collections
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]

import agents
import compare
import stream

RECORDED = pathlib.Path(__file__).with_name("recorded.json")
LONGEST = 2000  # bytes of a stream, and of its answers, that are kept
ALIKE = 12  # streams that are kept of those that differ in the same way
OWN_TMP = stream.TMP.encode()


def key(case):
    """A case by what is sent, for lines of the corpus move."""
    return " ".join((*case.agent, case.text))


def text(answer):
    """An answer as the file has it; the names of files have no process in them."""
    return answer.replace(OWN_TMP, b"<tmp>").decode("latin-1")


def answers(lines):
    return [line.encode("latin-1").replace(b"<tmp>", OWN_TMP) for line in lines]


def load():
    """{version: {key: answers}}"""
    found = {}
    for row in json.loads(RECORDED.read_text()) if RECORDED.exists() else ():
        for version, lines in row["answers"].items():
            found.setdefault(version, {})[row["stream"]] = answers(lines)
    return found


def play(path):
    running, played = {}, {}
    try:
        for case in stream.load():
            agent = running.setdefault(case.agent, agents.QemuGa(case.agent))
            # The fence's error is the last one, and always there.
            played.setdefault(key(case), [text(line) for line in agent.play(case)[:-1]])
    finally:
        for agent in running.values():
            agent.close()
    pathlib.Path(path).write_text(json.dumps({"version": agents.version(), "played": played}))


def merge(paths):
    runs = [json.loads(pathlib.Path(path).read_text()) for path in paths]
    runs.sort(key=lambda run: compare.number(run["version"]))
    rows, kinds = {}, collections.Counter()
    for case in stream.load():
        name = key(case)
        each = {run["version"]: answers(run["played"][name]) for run in runs}
        oldest = next(iter(each.values()))
        if name in rows or all(compare.first_difference(oldest, other, case.mask) is None for other in each.values()):
            continue
        kind = []
        for version, other in each.items():
            used = set()
            at = compare.first_difference(other, oldest, case.mask, version, used)
            kind += [version, at is None, case.differs, *sorted(used)]
        short = {v: list(map(text, lines)) for v, lines in each.items() if sum(map(len, lines)) <= LONGEST}
        kinds[tuple(kind)] += 1
        if short and len(name) <= LONGEST and kinds[tuple(kind)] <= ALIKE:
            rows[name] = short
    RECORDED.write_text(json.dumps([{"stream": s, "answers": a} for s, a in rows.items()], indent=1) + "\n")
    print(f"{sum(kinds.values())} streams are answered differently, in {len(kinds)} ways; {len(rows)} are kept")


if __name__ == "__main__":
    play(sys.argv[2]) if sys.argv[1] == "play" else merge(sys.argv[2:])
