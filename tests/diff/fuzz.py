# SPDX-License-Identifier: MIT
"""fuzz.py SECONDS [SEED [BOARD]] - plays random streams to the real qemu-ga and to bareqga.

What is played is written by author.py. A disagreement that is not one of the deliberate differences
is made as short as it can be and written to corpus/found.txt; then the run fails.
"""

import dataclasses
import itertools
import pathlib
import random
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in (".", "tools")]

import agents
import author
import compare
import guest
import stream
import tiny

FOUND = stream.CORPUS / "found.txt"
ENOUGH = 5  # disagreements until the run ends
FINE = 24


def case_of(parts):
    """Handles differ from agent to agent, so where there are any, numbers are not compared."""
    return stream.Case("found", tuple(parts), mask="integers" if "handle" in parts else "")


def units(parts):
    """A stream, taken apart into what may be taken away: bytes, and of a session whole requests."""
    if "handle" not in parts:
        return [(unit,) for part in parts
                for unit in (map(bytes, zip(part)) if isinstance(part, bytes) else [part])]
    found = []
    for part in parts:
        if part == "reopen" or isinstance(part, bytes) and part.startswith(b'{"execute"'):
            found.append(())
        found[-1] += (part,)
    return found


def joined(found):
    """units() backwards."""
    parts = []
    for part in itertools.chain.from_iterable(found):
        if isinstance(part, bytes) and parts and isinstance(parts[-1], bytes):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


def shortest(parts, differ):
    """Takes away whatever can go while they still differ, and the stream is safe to play: halves
    first, in the end everything of up to FINE units, wherever it is."""
    left = units(parts)
    step = max(1, len(left) // 2)
    while True:
        at, shrunk = 0, False
        while at + step <= len(left):
            less = left[:at] + left[at + step :]
            if author.is_safe(joined(less)) and differ(joined(less)):
                left, shrunk = less, True
            else:
                at += step if step > FINE else 1
        if step == 1 and not shrunk:
            return joined(left)
        step = step // 2 if step > FINE else max(1, step - 1)


class Duel:
    """Both agents, and whether they agree about a stream."""

    def __init__(self, board):
        self.tiny = board == tiny.VARIANT.board
        app = "" if self.tiny else "example"
        self.variant = dataclasses.replace(guest.variants(board)[0], app=app)
        guest.build(board, app)
        self.start()

    def start(self):
        self.reference = agents.QemuGa()
        self.ours = agents.Bareqga(self.variant)

    def close(self):
        self.reference.close()
        self.ours.close()

    def differ(self, parts, sizes=()):
        """None, or a text that says where they differ."""
        case = case_of(parts)
        if self.tiny and not tiny.can_play(case):
            return None
        theirs = self.reference.play(case)
        try:
            ours = self.ours.play(case, sizes)
        except agents.Hung as error:
            return f"{case.text[:2000]}\n  {error}"
        if self.tiny:
            theirs, ours = tiny.comparable(case, theirs, ours)
        at = compare.disagreement(theirs, ours, case.mask, version=agents.version())
        if at is None:
            return None
        return compare.explain("found", case.text, theirs, ours, at)

    def differ_afresh(self, parts, sizes=()):
        """The same between agents that know no file and no handle yet."""
        self.close()
        self.start()
        return self.differ(parts, sizes)

    def shortest(self, parts, sizes):
        """The shortest stream, and the pieces it must come in; nothing if it takes more than it."""
        if not self.differ_afresh(parts, sizes):
            return parts, sizes
        sizes = () if self.differ_afresh(parts) else sizes
        differ = self.differ_afresh if "handle" in parts else self.differ
        return shortest(parts, lambda less: differ(less, sizes)), sizes


def record(case, sizes):
    """Writes a case as the corpus has it."""
    text = f"# Seen in pieces of {sizes} bytes only.\n" if sizes else ""
    text += f":mask {case.mask}\n{case.text}\n:mask\n" if case.mask else f"{case.text}\n"
    with FOUND.open("a") as file:
        file.write(text)


def main(seconds, seed, board="host"):
    agents.PATIENCE = 10
    seeds = [b"".join(case.parts) for case in stream.load()
             if not (case.agent or case.needs or case.mask or case.differs)
             and all(isinstance(part, bytes) for part in case.parts)]
    writer = author.Author(random.Random(seed), seeds, leaves=board == "host")
    duel = Duel(board)
    start, played, found = time.monotonic(), 0, set()
    try:
        while time.monotonic() < start + seconds and len(found) < ENOUGH:
            parts = writer.write()
            sizes = writer.sizes(parts)
            played += 1
            if not duel.differ(parts, sizes):
                continue
            parts, sizes = duel.shortest(parts, sizes)
            case = case_of(parts)
            if case.text not in found:
                found.add(case.text)
                record(case, sizes)
                print(duel.differ_afresh(parts, sizes) or f"not a second time: {case.text}", flush=True)
    finally:
        duel.close()
    print(f"{played} streams in {time.monotonic() - start:.0f} s, seed {seed}: {len(found)} disagreements")
    return 1 if found else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(float(arguments[0]), int(arguments[1]) if arguments[1:] else
                  random.randrange(2**32), *arguments[2:]))
