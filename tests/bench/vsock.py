# SPDX-License-Identifier: MIT
"""vsock.py BOARD [ROUNDS] - the agent on a socket device beside the agent on a console, in turn, on one machine.

Each byte passes through a process more there, Debian's vhost-device-vsock (`make vhost-vsock`): its CPU time for a MB is the
floor that no guest can mend. The floors of subjects.py run on both, too. Prints tables; `make bench` has them in its report.
"""
import contextlib
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import measure
import subjects
from subjects import PING, Failed, Guest

PROGRAM = subjects.ROOT / "build" / "vhost-vsock" / "vhost-device-vsock"
# Of its own it holds 64 KiB and says after 48 that there is room: a floor without an agent reads at 0.6 of a console then.
HOLDS = "tx-buffer-size=1048576"
READS, WRITE, PINGS = (64 << 10, 1 << 20), 48 << 10, 300
CID, PORT, READY_PORT = 3, 1234, 8888
READY = f"bareqga.ready=vsock:2:{READY_PORT}"
PATIENCE = 60  # s
LULL = 0.2  # s without work: the guest is up


def on_vsock(command, control):
    """A console's command line with a socket device in its place; `control` is the socket of the back end."""
    kept, size = [], command[command.index("-m") + 1]
    for option, value in pairs(command):
        if "id=agent" not in value and "chardev=agent" not in value and not value.startswith("virtio-serial"):
            kept += [option, value] if value else [option]
    return [*kept, "-machine", "memory-backend=shared", "-object", f"memory-backend-memfd,id=shared,size={size},share=on",
            "-chardev", f"socket,id=vsock,path={control}", "-device", "vhost-user-vsock-device,chardev=vsock"]


def pairs(command):
    """The words of a command line as options and their values, "" for none."""
    words = list(command)
    while words:
        option = words.pop(0)
        yield option, words.pop(0) if option.startswith("-") and words and not words[0].startswith("-") else ""


def process_cpu_ns(pid):
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


class SocketGuest(Guest):
    """As Guest; behind a back end of its own. An agent says when it is ready; when that was heard is `ready`."""

    def __init__(self, subject):
        self.folder = tempfile.TemporaryDirectory()
        control, self.path = f"{self.folder.name}/control", f"{self.folder.name}/agent"
        self.subject, self.sock = subject, socket.socket(socket.AF_UNIX)
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.back_end = subprocess.Popen([PROGRAM, "--vm", f"guest-cid={CID},uds-path={self.path},socket={control},{HOLDS}"], **quiet)
        self.wait(lambda: os.path.exists(control))
        command = on_vsock(subject.command, control)
        self.started = time.monotonic()
        if subject.name != "bareqga":
            self.process = subprocess.Popen(command, **quiet)
            self.wait(self.sleeps)
        else:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(f"{self.path}_{READY_PORT}")
                listener.listen()
                listener.settimeout(PATIENCE)
                self.process = subprocess.Popen([*command, "-append", READY], **quiet)
                listener.accept()[0].recv(1)
                self.ready = time.monotonic()
        self.connect()

    def wait(self, holds):
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline or self.back_end.poll() is not None:
                raise Failed(f"{self.subject.name}: the back end of the socket device does not work")
            time.sleep(0.01)

    def sleeps(self):
        """The back end forgets clients that come while the guest starts, and all after them."""
        before = self.cpu_ns()
        time.sleep(LULL)
        return 0 < before == self.cpu_ns()

    def connect(self):
        self.sock.connect(self.path)
        self.sock.settimeout(PATIENCE)
        self.sock.sendall(b"CONNECT %d\n" % PORT)
        answer = b""
        while not answer.endswith(b"\n"):
            more = self.sock.recv(1)
            if not more:
                raise Failed(f"{self.subject.name}: no connection by vsock")
            answer += more

    def back_end_ns(self):
        return process_cpu_ns(self.back_end.pid)

    def stop(self):
        super().stop()
        self.back_end.kill()
        self.back_end.wait()
        self.folder.cleanup()


def everything(board, rounds, total):
    """All of a board, for the report."""
    if not PROGRAM.exists():
        raise Failed("vsock: `make vhost-vsock` has not brought vhost-device-vsock")
    return {"boots": boots(board, rounds), "tasks": compare(board, rounds, total)}


def guests(board, stack):
    """{(what, where): guest} of the agent and its floors; echo is asked for pings, base64 for reads."""
    makers = {"bareqga": lambda: subjects.bareqga(board), "echo": lambda: subjects.floor(board, "echo"),
              "base64": lambda: subjects.floor(board, "base64")}
    found = {name: make() for name, make in makers.items()}
    return {(name, where): stack.enter_context(start(subject)) for name, subject in found.items()
            for where, start in (("console", Guest), ("vsock", SocketGuest))}


def tasks(name, guest, total):
    """{task: (call that returns a figure, the MB that it moves)} of one guest."""
    out = {}
    if name != "base64":
        out["ping"] = (lambda: measure.round_trips(guest, PING, PINGS)[0], 0)
    if name == "echo":
        return out
    handle = measure.open_file(guest, measure.MIB) if name == "bareqga" else 0
    for count in READS:
        one = (lambda c=count: measure.stream(guest, handle, measure.MIB, "read", c, total)) if handle else (
            lambda c=count: measure.encode_stream(guest, c, total))
        out[f"read {count >> 10} KiB"] = (one, total / 1e6)
    if handle:
        out[f"write {WRITE >> 10} KiB"] = (lambda: measure.stream(guest, handle, measure.MIB, "write", WRITE, total), total / 1e6)
    return out


def compare(board, rounds, total):
    """
    {task: {name: {where: [values]}}}: MB/s, and microseconds of a ping; and for what moves data, {task: {"cpu": {where:
    [(ms of the guest's process for a MB, ms of its back end)]}}} of the agent.
    """
    out = {}
    with contextlib.ExitStack() as stack:
        work = {key: tasks(key[0], guest, total) | {"": guest} for key, guest in guests(board, stack).items()}
        for _ in range(rounds):
            for (name, where), own in work.items():
                guest = own[""]
                for task, (one, moved) in ((t, w) for t, w in own.items() if t):
                    before = guest.cpu_ns(), guest.back_end_ns() if where == "vsock" else 0
                    value = one()
                    kinds = out.setdefault(task, {})
                    kinds.setdefault(name, {}).setdefault(where, []).append(value)
                    if moved and name == "bareqga":
                        after = guest.cpu_ns(), guest.back_end_ns() if where == "vsock" else 0
                        kinds.setdefault("cpu", {}).setdefault(where, []).append(
                            [(b - a) / 1e6 / moved for a, b in zip(before, after)])
    return out


def boots(board, rounds):
    """
    Milliseconds of each round from executing QEMU: on a console until a ping that waits is answered; on a socket device until
    READY=1 is heard; and how long then a client waits that connects when it has heard that, and asks.
    """
    subject, out = subjects.bareqga(board), {"console": [], "ready": [], "answer": []}
    for _ in range(rounds):
        out["console"].append(measure.boot(subject))
        with SocketGuest(subject) as guest:
            guest.ask(PING)
            answered = time.monotonic()
            out["ready"].append((guest.ready - guest.started) * 1e3)
            out["answer"].append((answered - guest.ready) * 1e3)
    return out


def rows(found):
    """[task, console, vsock, vsock / console, the same of the floor, CPU ms for a MB: console, vsock, its back end]."""
    def ratio(kinds, name, turn):
        by = kinds.get(name)
        return by and measure.median([(v / c) if not turn else c / v for c, v in zip(by["console"], by["vsock"])])

    out = []
    for task, kinds in found.items():
        turn, floor = task == "ping", "echo" if task == "ping" else "base64"
        cpu = kinds.get("cpu", {})
        out.append([task, *(measure.median(kinds["bareqga"][w]) for w in ("console", "vsock")), ratio(kinds, "bareqga", turn),
                    ratio(kinds, floor, turn), *(measure.median([c[i] for c in cpu[w]]) if cpu else None
                                                 for w, i in (("console", 0), ("vsock", 0), ("vsock", 1)))])
    return out


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print("boot, ms:", {what: round(measure.median(values), 2) for what, values in boots(sys.argv[1], rounds).items()})
    found = compare(sys.argv[1], rounds, 4 * measure.MIB)
    print("task, console, vsock, vsock / console, of the floor, CPU ms for a MB: console, vsock, its back end")
    for task, *cells in rows(found):
        print(f"{task:16}", *(f"{cell:9.3g}" if cell is not None else "        -" for cell in cells))


if __name__ == "__main__":
    main()
