# SPDX-License-Identifier: MIT
"""crowd.py - many guests at once on one machine: how soon all have answered, what each takes, what they use idle.

On QEMU bareqga and, fewer unless --linux-guests says otherwise, lean Linux with qemu-ga (stock Linux, where that was
not built); on Firecracker bareqga, over vsock, where Firecracker and KVM are there. Memory is counted in two ways:
what the host gives to one guest's process (PSS: what several share is divided among them), and how much of the
guest's own memory was ever touched (without huge pages, which hide it).
"""
import contextlib
import ctypes
import pathlib
import re
import select
import subprocess
import time

import measure
import subjects
import vmms
from subjects import PING, Failed, Guest

PR_SET_THP_DISABLE = 41  # linux/prctl.h; children inherit it
POINTS = 60  # of a curve
PAGE = 4096
RAM_ALIGN = 1 << 30  # where all machines' memory begins at a multiple of


class MicroGuest:
    """A guest on Firecracker, as Guest is one on QEMU."""

    def __init__(self, box):
        self.guest = vmms.VmmGuest(box)
        self.process, self.client = self.guest.process, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.client:
            self.client.close()
        self.guest.close()

    def ask(self, request):
        self.client = self.client or self.guest.connect()
        self.client.send(request)
        return self.client.recv_until(b"\n")

    cpu_ns = Guest.cpu_ns


class OnFirecracker:
    """A subject: bareqga on Firecracker, with the memory that others have."""

    name, firmware = "firecracker", True

    def __init__(self, mib):
        self.box, self.mib = vmms.Box("firecracker", "vsock", mib=mib), mib
        if missing := self.box.missing() or (None if vmms.has_kvm() else "no /dev/kvm that may be used"):
            raise Failed(f"Firecracker: {missing}")
        subjects.make(f"BOARD={self.box.board}")

    def start(self):
        return MicroGuest(self.box)


class OnQemu:
    """A subject of subjects.py."""

    def __init__(self, subject):
        self.subject, self.name, self.firmware = subject, subject.name, subject.firmware
        self.mib = int(subject.command[subject.command.index("-m") + 1].rstrip("M"))

    def start(self):
        return Guest(self.subject)


def memory(pid, mib):
    """(address, resident KiB) of a guest's memory, which its process has as one mapping."""
    start = end = 0
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if found := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            start, end = (int(address, 16) for address in found.groups())
        elif line.startswith("Rss:") and end - start == mib << 20:
            return start, int(line.split()[1])
    raise Failed(f"process {pid} has no mapping of {mib} MiB")


def image_touched(subject, image):
    """Bytes of the pages that an image lies in, buffers and all, which a guest has touched when it has answered."""
    symbols = subprocess.run(["nm", image], stdout=subprocess.PIPE, text=True, check=True).stdout
    start, end = (int(re.search(rf"^(\w+) . __image_{edge}$", symbols, re.M)[1], 16) for edge in ("start", "end"))
    with small_pages(), subject.start() as guest:
        guest.ask(PING)
        ram, _ = memory(guest.process.pid, subject.mib)
        with open(f"/proc/{guest.process.pid}/pagemap", "rb") as pagemap:
            return PAGE * sum(present(pagemap, (ram + page % RAM_ALIGN) // PAGE)
                              for page in range(start // PAGE * PAGE, end, PAGE))


def present(pagemap, page):
    """Linux, Documentation/admin-guide/mm/pagemap.rst: bit 63 of a page's 8 bytes."""
    pagemap.seek(8 * page)
    return pagemap.read(8)[7] >> 7


def pss_kib(pid):
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+)", rollup, re.M)[1])


@contextlib.contextmanager
def small_pages():
    """Processes started here get no huge pages, whatever they ask for."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0)


def lone_touched_kib(subject):
    with small_pages(), subject.start() as guest:
        guest.ask(PING)
        return memory(guest.process.pid, subject.mib)[1]


def answers(guests, patience):
    """Asks all guests at once; yields each as it answers, and ends when all have, or after `patience` seconds."""
    waiting = {guest.sock: (guest, b"") for guest in guests}
    deadline = time.monotonic() + patience
    for sock in waiting:
        sock.sendall(PING)
    while waiting:
        ready = select.select(list(waiting), [], [], max(0, deadline - time.monotonic()))[0]
        if not ready:
            return
        for sock in ready:
            guest, answer = waiting[sock]
            more = sock.recv(4096)
            if not more:
                raise Failed(f"{guest.subject.name}: the guest hung up")
            waiting[sock] = guest, answer + more
            if more.endswith(b"\n"):
                del waiting[sock]
                yield guest


def at_once(guests):
    """Milliseconds from the first request until the last of all guests has answered."""
    start = time.monotonic()
    if (n := len(list(answers(guests, 30)))) < len(guests):
        raise Failed(f"{len(guests) - n} of {len(guests)} guests did not answer")
    return (time.monotonic() - start) * 1e3


def first_answers(subject, guests, start):
    """{guest: seconds after `start`}. Of Linux some may not come up in time; those are ended, and not in it."""
    answered = {}
    if isinstance(guests[0], Guest):
        for guest in answers(guests, 30 + len(guests)):  # all boot at the same time
            answered[guest] = time.monotonic() - start
    else:
        for guest in guests:
            guest.ask(PING)
            answered[guest] = time.monotonic() - start
    late = [guest for guest in guests if guest not in answered]
    if late and (subject.firmware or not answered):
        raise Failed(f"{subject.name}: {len(late)} of {len(guests)} guests did not answer")
    for guest in late:
        guest.process.kill()
    return answered


def gather(subject, count, seconds):
    """Starts `count` guests, one right after the other, and asks each; then all are idle for some seconds."""
    with contextlib.ExitStack() as stack:
        start = time.monotonic()
        answered = first_answers(subject, [stack.enter_context(subject.start()) for _ in range(count)], start)
        guests, times = list(answered), list(answered.values())
        time.sleep(2)
        before = sum(g.cpu_ns() for g in guests)
        time.sleep(seconds)
        cpu = (sum(g.cpu_ns() for g in guests) - before) / 1e6 / seconds
        out = {"started": count, "guests": len(guests), "ready_s": times[-1], "idle_ms_per_s": cpu,
               "pss_mib": measure.median([pss_kib(g.process.pid) for g in guests]) / 1024,
               "answered_s": times[::-(-len(times) // POINTS)] + times[-1:]}
        if isinstance(guests[0], Guest):
            out["all_answer_ms"] = [at_once(guests) for _ in range(10)]
    out["touched_kib"] = lone_touched_kib(subject)
    return out


def measure_all(found, plan, on_x86, say, guarded):
    """{subject: figures} of those of a board that a crowd is made of; on x86 Firecracker's, too."""
    crowds, names = {}, {subject.name for subject in found}
    linux = "lean" if "lean" in names else "stock"
    makers = [(lambda s=s: OnQemu(s), plan.crowd if s.firmware else plan.crowd_linux)
              for s in found if s.name in ("bareqga", linux)]
    if on_x86:
        makers.append((lambda: OnFirecracker(128), plan.crowd * (1 if plan.quick else 10)))
    for make, count in makers:
        subject = guarded(make)
        if subject is None:
            continue
        say(f"  {count} guests at once, {subject.name}")
        crowds[subject.name] = guarded(gather, subject, count, 3 if plan.quick else 20)
    return {name: c for name, c in crowds.items() if c}
