# SPDX-License-Identifier: MIT
"""record.py - what the qemu-ga of other versions answered: tests/diff/recorded.json, for machines that have another.

    record.py play FILE         plays the corpus to the qemu-ga that is installed, or to $QEMU_GA
    record.py merge FILE...     writes what those that were played answered differently

Kept are the streams that any two of them answer differently, by meaning, with the answers of each;
to all others the answer of the installed one is that of all.
"""

import json
import os
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]

import agents
import compare
import stream

RECORDED = pathlib.Path(__file__).with_name("recorded.json")
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
    runs.sort(key=lambda run: tuple(map(int, run["version"].split("."))))
    rows = []
    for case in stream.load():
        name = key(case)
        if any(row["stream"] == name for row in rows):
            continue
        each = [answers(run["played"][name]) for run in runs]
        if any(compare.first_difference(each[0], other, case.mask) is not None for other in each[1:]):
            rows.append({"stream": name, "answers": {run["version"]: run["played"][name] for run in runs}})
    RECORDED.write_text(json.dumps(rows, indent=1) + "\n")
    print(f"{len(rows)} streams are answered differently by {', '.join(run['version'] for run in runs)}")


if __name__ == "__main__":
    play(sys.argv[2]) if sys.argv[1] == "play" else merge(sys.argv[2:])
