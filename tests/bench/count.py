#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""count.py - what one command costs the guest: instructions, register accesses, interrupts.

    tests/bench/count.py BOARD [--profile] [REQUEST]

Deterministic: the counts are lines of QEMU's log (logged.py). A command's share is what lies between
two notifications of a transmit queue, each of which ends an answer. Times mean nothing in such a run
and are not taken.
"""
import argparse
import base64
import bisect
import collections
import pathlib
import statistics
import subprocess
import tempfile
import time

import measure
import subjects
from logged import CONFIG_SPACE, EXEC, Log, Sleeper, logged, wait_for_silence


def tally(segment):
    """Counts of one segment by kind."""
    count = collections.Counter()
    for event in segment:
        if event[0] == "x":
            count["instructions"] += 1
        elif event[0] == "irq":
            count["interrupts"] += event[1]
        elif event[0] == "notify":
            count["notifies"] += 1
        else:
            device = "virtio" if "virtio" in event[1] or event[1] == CONFIG_SPACE else "other"
            count[f"{device}_{event[0]}s"] += 1
    return count


def one_in_flight(subject, requests, repeat=6):
    """
    The cost of the last of `requests`, asked `repeat` times over after two rounds for warming up:
    the median of each count. One answer must be one notification.
    """
    with logged(subject) as running:
        sleeper = Sleeper(running)
        for request in (repeat + 2) * requests:
            running.ask(request)
            sleeper.wait()
        segments = Log(running.log).segments()

    wanted = segments[-repeat * len(requests):][len(requests) - 1::len(requests)]
    counts = [tally(s) for s in wanted]
    keys = set().union(*counts)
    return {k: statistics.median_low([c[k] for c in counts]) for k in sorted(keys)}, wanted


def pipelined(subject, request, depth=64, rounds=4):
    """Counts per command with `depth` requests written at once: of the cheapest burst, from asleep to asleep."""
    bursts = []
    with logged(subject) as running:
        sleeper = Sleeper(running)
        for _ in range(rounds):
            running.ask(request)  # at which it looks at its clock, if it is time
            sleeper.wait()
            start = running.log.stat().st_size
            running.client(request, depth, depth)
            sleeper.wait()
            bursts.append(tally(Log(running.log, start).events))
    return {k: v / depth for k, v in sorted(min(bursts, key=lambda c: c["instructions"]).items())}


def executed(running, sleeper, request):
    """Instructions from a sleeping guest's getting the request until it sleeps again."""
    sleeper.wait()
    with running.log.open("rb") as log:
        log.seek(0, 2)
        running.ask(request)
        sleeper.wait()
        return sum(1 for line in log if EXEC.match(line))


def per_byte(subject, kind, short=3 << 10, long=15 << 10, repeat=6):
    """Instructions for each byte of file data: the slope between two counts, each the least of some."""
    def least(size):
        counts = []
        with logged(subject) as running:
            sleeper = Sleeper(running)
            handle = measure.open_file(running, long)
            seek = measure.command("file-seek", handle=handle, offset=0, whence=0)
            request = measure.command("file-read", handle=handle, count=size)
            if kind == "write":
                data = base64.b64encode(bytes(size)).decode()
                request = measure.command("file-write", handle=handle, buf_b64=data)
            for _ in range(repeat):
                running.ask(seek)
                counts.append(executed(running, sleeper, request))
        return min(counts)

    return (least(long) - least(short)) / (long - short)


def idle(subject, seconds):
    """Instructions executed during so many seconds of silence, with a client attached."""
    with logged(subject) as running:
        Sleeper(running)
        with running.log.open("rb") as log:
            log.seek(0, 2)
            time.sleep(seconds)
            silence = sum(1 for line in log if EXEC.match(line))
            running.ask(subjects.PING)
            if not any(EXEC.match(line) for line in log):
                raise subjects.Failed("QEMU's log came late: nothing can be said about silence")
            return silence


def first_answer(subject):
    """
    Blocks that QEMU translates until the first answer leaves: what a boot's time goes by, for each
    is run for the first time. (From QEMU 8.2 on a block ends at each device access, so there are more.)
    It is asked when the guest sleeps: who asks earlier sometimes spares it that, some fifty blocks.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log"
        with subjects.Guest(subject.with_args("-D", str(path), "-d",
                                              "in_asm,trace:virtio_console_flush_buf")) as running:
            wait_for_silence(path)
            running.ask(subjects.PING)
        blocks = 0
        for line in path.open("rb"):
            if line.startswith(b"virtio_console_flush_buf"):
                return blocks
            blocks += line.startswith(b"IN:")
    raise subjects.Failed(f"{subject.name}: no answer in the log")


def everything(subject, seconds):
    """All counts of a subject, for the report. The echo floor only knows how to return lines."""
    sync = measure.SYNC % 987654321
    out = {"ping": one_in_flight(subject, [subjects.PING])[0],
           "sync": one_in_flight(subject, [sync])[0],
           "pipelined": pipelined(subject, subjects.PING), "blocks": first_answer(subject),
           "idle_s": seconds, "idle": idle(subject, seconds)}
    if subject.name == "bareqga":
        for kind in ("read", "write"):
            try:
                out[kind] = per_byte(subject, kind)
            except subjects.Failed as reason:
                out[f"no_{kind}"] = str(reason)
    return out


def symbols(elf):
    """Sorted (address, name) of an image's functions."""
    text = subprocess.run(["nm", "-n", "--defined-only", elf], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    rows = (line.split() for line in text.splitlines())
    return [(int(r[0], 16), r[2]) for r in rows if len(r) == 3 and r[1] in "tTwW"]


def profile(segment, elf):
    """Instructions by function, most first."""
    table = symbols(elf)
    starts = [address for address, _ in table]
    count = collections.Counter()
    for event in segment:
        if event[0] == "x":
            at = bisect.bisect_right(starts, event[1]) - 1
            count[table[at][1] if at >= 0 else "?"] += 1
    return count.most_common()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("board")
    parser.add_argument("requests", nargs="*", default=['{"execute":"guest-ping"}'],
                        help="asked in turn; the last one is counted")
    parser.add_argument("--profile", action="store_true", help="instructions by function")
    parser.add_argument("--pci", action="store_true", help="the console behind a PCI root port")
    parser.add_argument("--pipelined", type=int, metavar="DEPTH", default=0)
    args = parser.parse_args()
    subject = subjects.bareqga(args.board)
    if args.pci:
        subject = subjects.over_pci(subject)
    requests = [r.encode() + b"\n" for r in args.requests]
    if args.pipelined:
        print(pipelined(subject, requests[-1], args.pipelined))
        return
    start = time.time()
    count, segments = one_in_flight(subject, requests)
    for key, value in count.items():
        print(f"{key:16} {value}")
    if args.profile:
        for name, instructions in profile(segments[-1], subjects.BUILD / args.board / "bareqga.elf"):
            print(f"{instructions:8} {name}")
    print(f"({time.time() - start:.1f} s)")


if __name__ == "__main__":
    main()
