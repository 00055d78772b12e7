# SPDX-License-Identifier: MIT
"""What a command, and the image, may cost: exact counts against boards/BOARD/budget.

A budget file has one figure a line: its name, a space, the most it may be; and names the compiler and
the emulator with which that holds. With these, counts are the same on every machine (see
tests/bench/count.py); times are never budgeted. With others, figures that depend on them are shown, as the
reason of a skipped test, and not enforced. A budget that is far above what is measured guards nothing, so
that fails too: lower it.

    tests/emu/test_budget.py BOARD        prints the figures of a board as they are
"""
import functools
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests", "tests/tools", "tests/bench")]
import count  # noqa: E402
import crowd  # noqa: E402
import figures  # noqa: E402
import measure  # noqa: E402
import subjects  # noqa: E402
import toolchain  # noqa: E402

SLACK = 1.5  # a budget may be this much above the figure, or one above
BUDGETS = sorted(ROOT.glob("boards/*/budget"))


def rows():
    for path in BUDGETS:
        for line in path.read_text().splitlines():
            words = line.split("#")[0].split()
            if words and words[0] not in toolchain.REFERENCE:
                board = path.parent.name
                yield pytest.param(board, words[0], float(words[1]), id=f"{board}-{words[0]}",
                                   marks=pytest.mark.xdist_group(f"budget-{board}"))


@functools.lru_cache(maxsize=None)
def made_with(board):
    """{"compiler": "GCC 12.2", ...}: what a board's budget names."""
    lines = (ROOT / "boards" / board / "budget").read_text().splitlines()
    return {word: rest.split("#")[0].strip() for word, _, rest in (line.partition(" ") for line in lines)
            if word in toolchain.REFERENCE}


def others(board, name):
    """The tools that a figure depends on, where they are not those of the budget."""
    needs = ({"compiler", "emulator"} if name.endswith("-blocks") else
             {"compiler"} if re.search("-bytes$|-instructions", name) and name != "idle-instructions" else set())
    have = toolchain.here(board)
    return [have[tool] for tool in sorted(needs) if have[tool] != made_with(board)[tool]]


@functools.lru_cache(maxsize=None)
def subject(board):
    return subjects.Subject("bareqga", subjects.qemu_command(board))


def cheapest(segments):
    """The first ping that wakes the machine 100 ms after its last look at the clock looks at it again: not one of those."""
    return min(map(count.tally, segments), key=lambda c: c["instructions"])


@functools.lru_cache(maxsize=None)
def command(board, request):
    usual, segments = count.one_in_flight(subject(board), [request])
    return cheapest(segments) | {name: usual[name] for name in ("interrupts", "notifies") if name in usual}


@functools.lru_cache(maxsize=None)
def ping_over_pci(board):
    return cheapest(count.one_in_flight(subjects.over_pci(subject(board)), [subjects.PING])[1])


def accesses(counts):
    return sum(counts.get(k, 0) for k in ("virtio_writes", "virtio_reads", "other_writes", "other_reads"))


@functools.lru_cache(maxsize=None)
def pipelined(board):
    """Of three: where the host is busy a burst comes in several."""
    return min((count.pipelined(subject(board), subjects.PING) for _ in range(3)), key=lambda c: c["instructions"])


@functools.lru_cache(maxsize=None)
def stack(board):
    return figures.Graph(board).deepest("firmware_main")


SYNC = measure.SYNC % 987654321

FIGURES = {
    "flash-bytes": lambda board: figures.sections(board)[0],
    "ram-bytes": lambda board: sum(figures.sections(board)[1:]),
    "state-bytes": lambda board: figures.sections(board)[1],
    "stack-bytes": stack,
    "touched-bytes": lambda board: crowd.image_touched(crowd.OnQemu(subject(board)), subjects.BUILD / board / "bareqga.elf"),
    "first-answer-blocks": lambda board: count.first_answer(subject(board)),
    "ping-instructions": lambda board: command(board, subjects.PING)["instructions"],
    "sync-instructions": lambda board: command(board, SYNC)["instructions"],
    "pipelined-ping-instructions": lambda board: pipelined(board)["instructions"],
    "read-instructions-per-byte": lambda board: count.per_byte(subject(board), "read"),
    "write-instructions-per-byte": lambda board: count.per_byte(subject(board), "write"),
    "ping-notifications": lambda board: command(board, subjects.PING)["notifies"],
    "ping-device-accesses": lambda board: accesses(command(board, subjects.PING)),
    "ping-interrupts": lambda board: command(board, subjects.PING)["interrupts"],
    "pipelined-ping-notifications": lambda board: pipelined(board)["notifies"],
    "idle-instructions": lambda board: count.idle(subject(board), 2),
    "pci-first-answer-blocks": lambda board: count.first_answer(subjects.over_pci(subject(board))),
    "pci-ping-instructions": lambda board: ping_over_pci(board)["instructions"],
    "pci-ping-device-accesses": lambda board: accesses(ping_over_pci(board)),
}


@pytest.mark.parametrize("board, name, most", list(rows()))
def test_within_budget(board, name, most):
    assert name in FIGURES, f"boards/{board}/budget: there is no figure {name}; there are {list(FIGURES)}"
    figure = FIGURES[name](board)
    if others(board, name):
        pytest.skip(f"{board}: {name} is {figure:g} with {', '.join(others(board, name))}; "
                    f"the budget of {most:g} is that of {', '.join(made_with(board).values())}")
    assert figure <= most, f"{board}: {name} is {figure:g}, its budget {most:g}"
    assert most <= max(figure * SLACK, figure + 1), (
        f"{board}: {name} is only {figure:g}: lower its budget of {most:g}, it guards nothing")


@pytest.mark.parametrize("board", [path.parent.name for path in BUDGETS])
def test_stack_fits_its_room(board):
    """The deepest call, a trap at that very place, and what is said and noted then."""
    on_top = 32 if board.startswith("mps2") else 0  # what the processor saves
    report, own = figures.Graph(board).deepest("firmware_trap"), figures.trap_stack_room(board)
    assert stack(board) + on_top + (0 if own else report) <= figures.stack_room(board)
    assert not own or report + 32 <= own


def test_there_are_budgets():
    assert BUDGETS, "no boards/*/budget"
    assert all("compiler" in made_with(path.parent.name) for path in BUDGETS)


if __name__ == "__main__":
    lines = (ROOT / "boards" / sys.argv[1] / "budget").read_text().splitlines()
    for figure, measured in FIGURES.items():
        if any(line.startswith(f"{figure} ") for line in lines):
            print(f"{figure:30} {measured(sys.argv[1]):g}", flush=True)
