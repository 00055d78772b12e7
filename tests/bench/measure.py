# SPDX-License-Identifier: MIT
"""measure.py - what is timed: booting, round trips, pipelining, file streams, idling, memory.

Every figure is a list with one value for each round; rounds go over all subjects in turn, so that
whatever else the machine does meets all of them alike. Only ratios within one run mean anything.
"""
import base64
import json
import os
import statistics
import subprocess
import time

import subjects
from subjects import PING, Failed, Guest

# Without a leading 0xFF, which qemu-ga answers with a line of its own (a parse error).
SYNC = b'{"execute":"guest-sync-delimited","arguments":{"id":%d}}\n'
KIB, MIB = 1 << 10, 1 << 20


def median(values):
    return statistics.median(values)


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def boot(subject):
    """Milliseconds from executing QEMU to the first answer; for the bare ELF, to its byte."""
    if subject.name.startswith("byte"):
        command = subjects.replace(subject.command, "-serial", "stdio")
        start = time.monotonic()
        with Guest(subjects.Subject("byte", command), stdout=subprocess.PIPE) as running:
            running.process.stdout.read(1)
            return (time.monotonic() - start) * 1e3
    start = time.monotonic()
    with Guest(subject) as running:
        running.ask(PING)
        return (time.monotonic() - start) * 1e3


def round_trips(running, request, count):
    """p50 and p99 in microseconds with one request in flight."""
    times = [row[0] / 1e3 for row in running.client(request, count)]
    return percentile(times, 50), percentile(times, 99)


def per_second(running, request, count, depth):
    """Commands per second with `depth` requests written at once."""
    rows = running.client(request, count, depth)
    return len(rows) * depth / (sum(row[0] for row in rows) / 1e9)


def command(name, **arguments):
    """One request as a line."""
    request = {"execute": f"guest-{name}"}
    if arguments:
        request["arguments"] = {k.replace("_", "-"): v for k, v in arguments.items()}
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def call(running, name, **arguments):
    """Asks one command; returns its value, or raises Failed with the agent's own words."""
    answer = json.loads(running.ask(command(name, **arguments)).lstrip(b"\xff"))
    if "error" in answer:
        raise Failed(f"{running.subject.name}: guest-{name}: {answer['error']['desc']}")
    return answer["return"]


def open_file(running, size):
    """A scratch file of `size` random bytes; returns its handle, or raises Failed."""
    handle = call(running, "file-open", path="/tmp/bench", mode="w+")
    content, left = os.urandom(48 * KIB), size
    while left > 0:
        piece = content[:left]
        call(running, "file-write", handle=handle, buf_b64=base64.b64encode(piece).decode())
        left -= len(piece)
    return handle


def close_file(running, handle):
    call(running, "file-close", handle=handle)


def stream(running, handle, size, kind, count, total):
    """MB of file data per second for reads or writes of `count` bytes, over and over one file."""
    repeat = size // count
    if kind == "read":
        piece = command("file-read", handle=handle, count=count)
    else:
        piece = command("file-write", handle=handle,
                        buf_b64=base64.b64encode(os.urandom(count)).decode())
    # A pass is one seek and `repeat` requests; the seek is part of the time, as for any client.
    passes = max(1, total // (repeat * count))
    requests = command("file-seek", handle=handle, offset=0, whence=0) + piece * repeat
    first = call(running, "file-seek", handle=handle, offset=0, whence=0)
    answer = json.loads(running.ask(piece))
    if first["position"] != 0 or answer.get("return", {}).get("count") != count:
        raise Failed(f"{running.subject.name}: file-{kind} of {count}: {str(answer)[:100]}")
    rows = running.client(requests, passes * (repeat + 1))
    return passes * repeat * count / 1e6 / (sum(row[0] for row in rows) / 1e9)


def encode_stream(running, count, total):
    """The same for the base64 floor, which takes any handle and needs no seek."""
    passes = max(1, total // count)
    rows = running.client(command("file-read", handle=0, count=count), passes)
    return passes * count / 1e6 / (sum(row[0] for row in rows) / 1e9)


def least_memory(subject, low, high, patience):
    """The smallest -m in MiB with which an answer comes; None if not even `high` will do."""
    def answers(mib):
        try:
            with Guest(subject.with_memory(mib)) as running:
                running.sock.settimeout(patience)
                running.ask(PING)
                return True
        except (Failed, OSError):
            return False

    if not answers(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if answers(middle) else (middle + 1, high)
    return high
