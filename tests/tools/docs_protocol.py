# SPDX-License-Identifier: MIT
"""The generated parts of docs/PROTOCOL.md: differences.toml, limits of the sources, and instructions, by callgrind."""

import base64
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in (".", "diff")]

import agents
import compare
import guest
import stream

FEW, MANY = 50, 150  # commands of the two runs whose difference is counted


def differences():
    lines = ["| about | qemu-ga | bareqga | why |", "|---|---|---|---|"]
    for row in compare.DIFFERENCES.values():
        lines.append(f"| {row['about']} | {row['qemu_ga']} | {row['bareqga']} | {row['why']} |")
    return "\n".join(lines)


def versions():
    lines = ["| about | versions of qemu-ga | what they answer | commit |", "|---|---|---|---|"]
    for row in compare.VERSIONS.values():
        which = f"before {row['before'][-1]}" if "before" in row else f"{row['from']} and later"
        lines.append(f"| {row['about']} | {which} | {row['qemu_ga']} | {row['commit']} |")
    return "\n".join(lines)


def total(agent, arguments, before, request, count):
    """Instructions of a whole run that answers `request` so many times."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o777)
        out = pathlib.Path(folder) / "out"
        traced = agent(*arguments)
        traced.prefix = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}")
        with traced as running:
            for text in before:
                running.answer(text)
            for _ in range(count):
                answers = running.answer(request)
                assert all(b"return" in answer for answer in answers[:-1]), answers
            time.sleep(0.5)  # qemu-ga may hang when the signal does not find it waiting
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(60)
        return int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M)[1])


def instructions():
    write = b'{"execute":"guest-file-write","arguments":{"handle":1000,"buf-b64":"%s"}}' \
            % base64.b64encode(bytes(48 << 10))
    commands = {
        "guest-ping": ((), b'{"execute":"guest-ping"}\n'),
        "guest-sync-delimited": ((), b'{"execute":"guest-sync-delimited","arguments":{"id":5}}\n'),
        "guest-file-write of 48 KiB": (
            (b'{"execute":"guest-file-open","arguments":{"path":"%sfile","mode":"w"}}'
             % stream.TMP.encode(),
             b'{"execute":"guest-file-seek","arguments":{"handle":1000,"offset":0,"whence":0}}'),
            write),
    }
    ours = agents.Bareqga, (guest.variants("host")[0],)
    lines = ["| instructions | qemu-ga | bareqga | ratio |", "|---|---:|---:|---:|"]
    # Each command comes with a fence; what the fence costs is counted alone and taken off.
    fence = {}
    for name, (before, request) in {"": ((), b"\n"), **commands}.items():
        cost = []
        for agent, arguments in ((agents.QemuGa, ()), ours):
            few, many = (total(agent, arguments, before, request, n) for n in (FEW, MANY))
            each = (many - few) / (MANY - FEW)
            cost.append(each - fence.setdefault(agent, each))
        if name:
            lines.append(f"| {name} | {cost[0]:,.0f} | {cost[1]:,.0f} | {cost[0] / cost[1]:.0f} |")
    return "\n".join(lines)


def constant(name, board=None):
    """The value of a #define of the sources, or what the board's board.mk makes of it."""
    places = [guest.ROOT / f"boards/{board}/board.mk"] if board else []
    places += [guest.ROOT / "include/bareqga.h", *sorted((guest.ROOT / "proto").rglob("*.h")), guest.ROOT / "firmware/main.c", guest.ROOT / "firmware/env/env.c"]
    for path in places:
        found = re.search(rf"(?:-D{name}=|#define {name} )([^\s/]+(?: [*<+].*)?)", path.read_text())
        if found:
            return eval(found[1], {})  # pylint: disable=eval-used
    raise ValueError(f"there is no {name}")


def each_board(name):
    """A constant for all boards: once, and those that differ."""
    usual = constant(name)
    others = {board: constant(name, board) for board in guest.boards()}
    return ", ".join([f"{usual}", *(f"{value} on {board}" for board, value in others.items()
                                    if value != usual)])


def limits():
    rows = [
        ("bytes of a request, but for white space between tokens",
         f"a quarter of the spare RAM up to {constant('ENV_REQUEST_MAX')}; where that is less than 1 MiB, {each_board('FIRMWARE_REQUEST_SIZE')}",
         "`JSON token size limit exceeded`"),
        ("values in a request, names of members included",
         f"an eighth of the rest of it, 24 bytes each, up to {constant('ENV_TOKENS_MAX')}; where that is less, and always on small boards, {each_board('FIRMWARE_TOKENS')}",
         "`JSON token count limit exceeded`"),
        ("open brackets", each_board("QGA_NESTING_MAX"), "`JSON nesting depth limit exceeded`"),
        ("open files", each_board("QGA_FILES_MAX"), "`failed to open file ...: Too many open files`"),
        ("`count` of guest-file-read", constant("FILE_READ_MAX"), "as qemu-ga"),
        ("programs of guest-exec that run or were not asked for", each_board("QGA_JOBS_MAX"),
         "the oldest that has ended is forgotten"),
    ]
    return "\n".join(["| what | at most | beyond |", "|---|---|---|",
                      *(f"| {what} | {most} | {beyond} |" for what, most, beyond in rows)])
