# SPDX-License-Identifier: MIT
"""streams.py DIRECTORY - the streams of tests/diff/corpus as seeds for the fuzzers that take streams.

DIRECTORY/agent, /tiny, /commands and /race get one file for each stream, behind the bytes that these targets
read first. What stands for a handle or a pid becomes the first one there is.
"""

import pathlib
import random
import shutil
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "diff"),
                str(pathlib.Path(__file__).resolve().parents[1])]

import stream

LONGEST = 8000  # bytes; see -max_len in the Makefile
INSTEAD = {"handle": b"1000", "pid": b"1", "reopen": b"", "leave": b"",
           "ended": b'{"execute":"guest-exec-status","arguments":{"pid":1}}' * 3}


def header(target, number):
    """Sizes of what is fed and pulled vary, and once in a while the buffers are small."""
    feed, pull = number % 7 * number % 256, number % 11 * number % 256
    if target == "race":
        chance = random.Random(number)
        changes = number % 8
        return bytes([changes, number % 3 * chance.randrange(40)]) + b"".join(
            bytes([chance.randrange(256), 0, chance.choice((0, 0, 0, 1, 255)), chance.choice(b'\0,:"}{x')])
            for _ in range(changes))
    if target != "commands":
        return bytes([number % 256 if number % 5 == 0 else 255, 255, feed, pull])
    return bytes([number % 256 if number % 3 == 0 else 0, feed, pull])


def main(directory):
    shutil.rmtree(directory, ignore_errors=True)
    for target in ("agent", "tiny", "commands", "race"):
        folder = pathlib.Path(directory) / target
        folder.mkdir(parents=True)
        for number, case in enumerate(stream.load()):
            data = b"".join(part if isinstance(part, bytes) else INSTEAD[part] for part in case.parts)
            if len(data) <= LONGEST:
                data = data.replace(stream.TMP.encode(), b"/").replace(b"/bin/", b"/p")
                (folder / case.name).write_bytes(header(target, number) + data)


if __name__ == "__main__":
    main(sys.argv[1])
