# SPDX-License-Identifier: MIT
"""logged.py - a guest of which QEMU logs each instruction, each access to a device, each notification.

QEMU executes one instruction per translation block (one-insn-per-tb) and writes one log line for
each (-d exec,nochain) and one for each device access (-d trace:memory_region_ops_*).
"""
import contextlib
import pathlib
import re
import subprocess
import tempfile
import time

import subjects

EVENTS = ("memory_region_ops_write", "memory_region_ops_read", "virtio_mmio_setting_irq", "virtio_queue_notify")
EXEC = re.compile(rb"Trace 0: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
ACCESS = re.compile(rb"memory_region_ops_(write|read) cpu \S+ mr \S+ addr 0x([0-9a-f]+) "
                    rb"value 0x([0-9a-f]+) size \d+ name '(.*)'")
NOTIFY = re.compile(rb"virtio_queue_notify vdev \S+ n (\d+) ")
CONFIG_SPACE = "pcie-mmcfg-mmio"
PAUSE = 0.05  # seconds, in which a guest that is logged falls asleep again
TAIL = 4096  # bytes of a log, in which there is an instruction
PATIENCE = 60  # s


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


def traced(subject, path):
    """The subject, logging all of its events to path, line by line."""
    said = subprocess.run([subject.command[0], "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    one = subject.with_args("-singlestep")
    if int(re.search(r"version (\d+)", said)[1]) > 8:  # before, the accelerator has no such property
        one = subject.with_option("-accel", "tcg,one-insn-per-tb=on")
    # From 8.2 on a notification is an eventfd's with TCG too, and no access that is logged.
    return one.with_args("-global", "virtio-mmio.ioeventfd=off", "-global", "virtio-pci.ioeventfd=off", "-D", str(path), "-d",
                             ",".join(["exec", "nochain", *(f"trace:{e}" for e in EVENTS)]))


@contextlib.contextmanager
def logged(subject):
    """The running guest, whose log is `log`; the log goes when it does."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log"
        with subjects.Guest(traced(subject, path)) as running:
            running.sock.settimeout(120)
            running.log = path
            yield running


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
