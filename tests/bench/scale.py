# SPDX-License-Identifier: MIT
"""scale.py - whether cost stays flat: depth, request size and answer size over three decades."""
import measure
from subjects import PING, Failed

DEPTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SIZES = (64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10)


def padded(size):
    """A ping of `size` bytes: blanks between tokens are as legal as any."""
    head, tail = b'{"execute":', b'"guest-ping"}\n'
    return head + b" " * max(0, size - len(head) - len(tail)) + tail


def best(rows):
    """Microseconds of the median row."""
    return measure.median([row[0] for row in rows]) / 1e3


def sweeps(running, plan):
    """{sweep: {subject: {x: microseconds per command}}}; what a subject cannot do is left out."""
    repeat = 10 if plan.quick else 60
    commands = 500 if plan.quick else 2000
    out = {"depth": {}, "request": {}, "answer": {}}
    for name, guest in running.items():
        out["depth"][name] = {
            depth: best(guest.client(PING, max(3, commands // depth) * depth, depth)) / depth
            for depth in DEPTHS}
        out["request"][name] = {size: best(guest.client(padded(size), repeat)) for size in SIZES}
        if name == "echo":
            continue
        try:
            handle = measure.open_file(guest, SIZES[-1])
            out["answer"][name] = {}
            for size in SIZES:
                pair = (measure.command("file-seek", handle=handle, offset=0, whence=0)
                        + measure.command("file-read", handle=handle, count=size))
                rows = guest.client(pair, 2 * repeat)
                out["answer"][name][size] = best(rows[1::2])
            measure.close_file(guest, handle)
        except Failed:
            out["answer"].pop(name, None)
    return out
