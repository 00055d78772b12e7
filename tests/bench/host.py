# SPDX-License-Identifier: MIT
"""host.py - the same agent code as a host process, beside Debian's qemu-ga on this host.

Commands per second over a unix socket, and instructions per command by callgrind as the difference
between N and 2N commands, so that start-up cancels out.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import measure
import subjects
from subjects import PING, Failed


class Process(subjects.Guest):
    """An agent that listens on a unix socket, ours or qemu-ga."""

    def __init__(self, name, command, path, patience=30):  # pylint: disable=super-init-not-called
        self.subject = subjects.Subject(name, command)
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(patience)
        deadline = time.monotonic() + patience
        while True:
            try:
                self.sock.connect(path)
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    raise Failed(f"{name}: {command[0]} does not listen") from None
                time.sleep(0.01)


def commands(folder):
    """{name: (command, socket path)} of what is there to compare."""
    image = subjects.BUILD / "host/bareqga"
    subjects.make("BOARD=host", "all")
    ours, theirs = f"{folder}/ours", f"{folder}/theirs"
    found = {"bareqga": ([str(image), "-p", ours], ours)}
    agent = shutil.which("qemu-ga") or shutil.which("qemu-ga", path="/usr/sbin:/sbin")
    if agent:
        found["qemu-ga"] = ([agent, "-m", "unix-listen", "-p", theirs, "-t", folder,
                             "-f", f"{folder}/pid"], theirs)
    return found


def instructions(command, path, request, count):
    """
    Instructions of a whole run that answers `count` requests, by callgrind. qemu-ga must be asleep
    when it is told to end: its signal handler takes a lock that it may hold, and then it hangs.
    """
    for pause in (1, 3, 9):
        pathlib.Path(path).unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "callgrind"
            traced = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command]
            with Process("callgrind", traced, path) as running:
                running.client(request, count)
                time.sleep(pause)
                running.process.send_signal(signal.SIGTERM)
                try:
                    running.process.wait(10)
                except subprocess.TimeoutExpired:
                    continue
            return int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M)[1])
    raise Failed(f"{command[0]} does not end under callgrind")


def compare(plan):
    """{name: {ping, sync: µs; pipelined: commands/s; instructions: by command}}."""
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        found = commands(folder)
        requests = {"ping": PING, "sync": measure.SYNC % 987654321}
        for name in found:
            out[name] = {"ping": [], "sync": [], "pipelined": [], "instructions": {}}
        for _ in range(plan.rounds):
            for name, (command, path) in found.items():
                if pathlib.Path(path).exists():
                    os.unlink(path)
                with Process(name, command, path) as running:
                    for kind, request in requests.items():
                        out[name][kind].append(measure.round_trips(running, request, plan.pings))
                    out[name]["pipelined"].append(
                        measure.per_second(running, PING, 64 * plan.batches, 64))
        if shutil.which("valgrind"):
            for name, (command, path) in found.items():
                for kind, request in requests.items():
                    once, twice = (instructions(command, path, request, n) for n in (100, 200))
                    out[name]["instructions"][kind] = (twice - once) / 100
    return out
