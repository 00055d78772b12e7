# SPDX-License-Identifier: MIT
"""What guests of the emulator tests execute, for tests/tools/coverage_target.py: only where TRACE_GUESTS names a folder.

QEMU writes down each block of code when it is translated, which is when it is first executed (-d in_asm). Of
each guest remains a file with its image's name and the addresses.
"""
import itertools
import os
import re
from pathlib import Path

FOLDER = os.environ.get("TRACE_GUESTS")
LOG = "translated"
number = itertools.count()


def options(folder):
    return ["-d", "in_asm", "-D", str(folder / LOG)]


def image(command):
    """The ELF that a command line starts, or that what it starts was made of; None: it starts another thing."""
    if "-kernel" not in command:
        return None
    path = Path(command[command.index("-kernel") + 1])
    elf = path if path.suffix == ".elf" else path.with_suffix(".elf")
    return elf.resolve() if elf.exists() else None


def keep(folder, command):
    log, elf = folder / LOG, image(command)
    if elf is None or not log.exists():
        return
    found = set()
    with open(log, errors="replace") as lines:
        for line in lines:
            if match := re.match(r"0x([0-9a-f]+):", line):
                found.add(int(match[1], 16))
    path = Path(FOLDER) / f"{os.getpid()}-{next(number)}"
    path.write_text("\n".join([str(elf), *(f"{address:x}" for address in sorted(found))]) + "\n")
