#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""count.py - what one command costs the guest: instructions, register accesses, interrupts.

    tests/bench/count.py BOARD [--profile] [REQUEST]

Deterministic: QEMU executes one instruction per translation block (one-insn-per-tb) and writes one log
line for each (-d exec,nochain) and one for each device access (-d trace:memory_region_ops_*), so
the counts are those lines. A command's share is what lies between two notifications of a transmit
queue, each of which ends an answer. Times mean nothing in such a run and are not taken.
"""
import argparse
import base64
import bisect
import collections
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

import measure
import subjects

EVENTS = ("memory_region_ops_write", "memory_region_ops_read", "virtio_mmio_setting_irq", "virtio_queue_notify")
EXEC = re.compile(rb"Trace 0: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
ACCESS = re.compile(rb"memory_region_ops_(write|read) cpu \S+ mr \S+ addr 0x([0-9a-f]+) "
                    rb"value 0x([0-9a-f]+) size \d+ name '(.*)'")
NOTIFY = re.compile(rb"virtio_queue_notify vdev \S+ n (\d+) ")
CONFIG_SPACE = "pcie-mmcfg-mmio"
PAUSE = 0.05  # seconds, in which a guest that is logged falls asleep again
TAIL = 4096  # bytes of a log, in which there is an instruction
PATIENCE = 60  # seconds


class Log:
    """
    The events of one run, in order, from a byte of its log on: ("x", pc), ("write"|"read", device, offset), ("irq", level) of
    virtio-mmio, ("notify", queue).
    """

    def __init__(self, path, start=0):
        self.events = []
        with path.open("rb") as lines:
            lines.seek(start)
            for line in lines:
                self._line(line)
        # What the window in configuration space shows is logged inside of the access to it, which is one.
        near = zip(self.events, [("",) * 2, *self.events], [*self.events[1:], ("",) * 2])
        self.events = [event for event, before, after in near if not (
            str(event[1]).startswith("virtio-pci-") and CONFIG_SPACE in (before[1], after[1]))]

    def _line(self, line):
        if match := EXEC.match(line):
            self.events.append(("x", int(match[1], 16)))
        elif match := ACCESS.match(line):
            self.events.append((match[1].decode(), match[4].decode(), int(match[2], 16)))
        elif match := NOTIFY.match(line):
            self.events.append(("notify", int(match[1])))
        elif line.startswith(b"virtio_mmio_setting_irq"):
            self.events.append(("irq", int(line.split()[-1])))

    def segments(self):
        """The log cut after each notification that sent an answer: TX queues have odd numbers."""
        cut, segment = [], []
        for event in self.events:
            segment.append(event)
            if event[0] == "notify" and event[1] & 1 and event[1] != 3:
                cut.append(segment)
                segment = []
        return cut


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


def traced(subject, path):
    """The subject, logging all of its events to path, line by line."""
    said = subprocess.run([subject.command[0], "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    one = subject.with_args("-singlestep")
    if int(re.search(r"version (\d+)", said)[1]) > 8:  # before, the accelerator has no such property
        one = subject.with_option("-accel", "tcg,one-insn-per-tb=on")
    # From 8.2 on a notification is an eventfd's with TCG too, and no access that is logged.
    return one.with_args("-global", "virtio-mmio.ioeventfd=off", "-global", "virtio-pci.ioeventfd=off", "-D", str(path), "-d",
                             ",".join(["exec", "nochain", *(f"trace:{e}" for e in EVENTS)]))


def record(subject, conversation):
    """Runs the conversation(guest) with full logging; returns the Log."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log"
        with subjects.Guest(traced(subject, path)) as running:
            running.sock.settimeout(120)
            running.log = path
            conversation(running)
        return Log(path)


def one_in_flight(subject, requests, repeat=6):
    """
    The cost of the last of `requests`, asked `repeat` times over after two rounds for warming up:
    the median of each count. One answer must be one notification.
    """
    def conversation(running):
        sleeper = Sleeper(running)
        for _ in range(repeat + 2):
            for request in requests:
                sleeper.wait()
                running.ask(request)

    segments = record(subject, conversation).segments()
    wanted = segments[-repeat * len(requests):][len(requests) - 1::len(requests)]
    counts = [tally(s) for s in wanted]
    keys = set().union(*counts)
    return {k: statistics.median_low([c[k] for c in counts]) for k in sorted(keys)}, wanted


def pipelined(subject, request, depth=64, rounds=4):
    """Counts per command with `depth` requests written at once: of the cheapest burst, from asleep to asleep."""
    bursts = []

    def conversation(running):
        sleeper = Sleeper(running)
        for _ in range(rounds):
            sleeper.wait()
            running.ask(request)  # at which it looks at its clock, if it is time
            sleeper.wait()
            start = running.log.stat().st_size
            running.client(request, depth, depth)
            sleeper.wait()
            bursts.append(tally(Log(running.log, start).events))

    record(subject, conversation)
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

        def conversation(running):
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

        record(subject, conversation)
        return min(counts)

    return (least(long) - least(short)) / (long - short)


def idle(subject, seconds):
    """Instructions executed during so many seconds of silence, with a client attached."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log"
        with subjects.Guest(traced(subject, path)) as running:
            running.sock.settimeout(120)
            running.log = path
            Sleeper(running).wait()
            with path.open("rb") as log:
                log.seek(0, 2)
                time.sleep(seconds)
                silence = sum(1 for line in log if EXEC.match(line))
                running.ask(subjects.PING)
                if not any(EXEC.match(line) for line in log):
                    raise subjects.Failed("QEMU's log came late: nothing can be said about silence")
                return silence


def wait_for_silence(path, pause=8 * PAUSE):
    """Until a log has begun, and grown no more for so many seconds."""
    size, before = 0, -1
    while size == 0 or size != before:
        time.sleep(pause)
        size, before = path.stat().st_size if path.exists() else 0, size


class Sleeper:
    """
    A guest that is logged, and whether it sleeps: the last instruction is the one that it waits in. It must not be asked before,
    or an answer goes without its interrupt; nor much later, for 100 ms after it has looked at its clock a guest looks again
    (env_restored.c), which is no part of a command.
    """

    def __init__(self, running):
        self.path, self.place = running.log, None
        deadline = time.monotonic() + PATIENCE
        for _ in range(3):
            running.ask(subjects.PING)
        while self.place is None or self.place != self._last():
            if time.monotonic() > deadline:
                raise subjects.Failed("a guest that is asked nothing does not come to rest")
            self.place = self._last()
            running.ask(subjects.PING)
            wait_for_silence(self.path)

    def _last(self):
        """Address of the last instruction; None: the log ends in something else, or in a part of a line."""
        with self.path.open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - TAIL))
            text = log.read()
        match = EXEC.match(text[text.rfind(b"\n", 0, -1) + 1:])
        return int(match[1], 16) if match and text.endswith(b"\n") else None

    def wait(self):
        deadline = time.monotonic() + PATIENCE
        while self._last() != self.place:
            if time.monotonic() > deadline:
                raise subjects.Failed("a guest does not fall asleep again")
            time.sleep(0.001)


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
