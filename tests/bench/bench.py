#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bench.py - measures bareqga beside its floors and beside Linux with the real qemu-ga.

    make bench [QUICK=1] [ARGS="--boards virt-riscv64 --only rtt,count --no-peers"]

All subjects of a board run at once and are measured in turn, round by round, so that the machine's
other load meets all of them; only ratios within one run mean anything. Writes build/bench/results.json,
PERFORMANCE.md and its plots (report.py); those of a full run go to docs/.
"""
import argparse
import contextlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import count
import crowd
import host
import measure
import report
import scale
import subjects
import vsock
from subjects import PING, Failed, Guest

BOARDS = ["virt-riscv64", "virt-aarch64", "x86_64"]
PARTS = ["boot", "rtt", "files", "idle", "memory", "count", "sweep", "host", "crowd", "vsock"]
SYNC_ID = 987654321


class Plan:
    """How much of everything; --quick is for seeing that it works and for rough ratios."""

    def __init__(self, quick):
        self.quick = quick
        self.boots = 3 if quick else 31
        self.rounds = 5 if quick else 25
        self.pings = 200 if quick else 500
        self.batches = 3 if quick else 10
        self.idle = 2 if quick else 60
        self.silence = 3 if quick else 20
        self.stream = measure.MIB if quick else 2 * measure.MIB
        # Many short turns: a median of few long ones still moves with the machine's other load.
        self.file_rounds = {"read": 11 if quick else 51, "write": 3 if quick else 11}
        self.fast_stream = 2 * self.stream
        self.crowd = 20 if quick else 100
        self.counts = [4 << 10, 48 << 10, 64 << 10, 1 << 20] + ([] if quick else [16 << 20])


def say(text, end="\n"):
    print(text, end=end, flush=True)


def machine():
    """What the figures were taken on, as far as it matters."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":")[1].strip() for line in cpuinfo.splitlines()
                  if line.startswith("model name")), platform.machine())
    hardware = any(f" {flag} " in cpuinfo for flag in ("vmx", "svm"))
    kvm = os.access("/dev/kvm", os.R_OK | os.W_OK)
    qemu = subprocess.run([subjects.qemu_command("virt-riscv64")[0], "--version"], stdout=subprocess.PIPE, text=True,
                          check=False).stdout.split("\n")[0]
    return {"processor": model, "cores": os.cpu_count(), "qemu": qemu, "load": os.getloadavg()[0],
            "kvm": "none" if not kvm else "hardware" if hardware else "emulated",
            "date": time.strftime("%Y-%m-%d")}


def find_subjects(board, peers, notes):
    """Everything that can be measured on a board; what cannot is said and noted."""
    found = []
    makers = [lambda: subjects.bareqga(board), lambda: subjects.floor(board, "echo"),
              lambda: subjects.floor(board, "base64"), lambda: subjects.floor(board, "byte")]
    if board in subjects.PCI_BOARDS:
        makers += [lambda: subjects.over_pci(subjects.bareqga(board)),
                   lambda: subjects.over_pci(subjects.floor(board, "echo")),
                   lambda: subjects.over_pci(subjects.floor(board, "byte"))]
    if peers:
        makers += [lambda: subjects.peer(board, True), lambda: subjects.peer(board, False)]
    for maker in makers:
        try:
            found.append(maker())
        except Failed as reason:
            say(f"  left out: {reason}")
            notes.append(str(reason))
    return found


def guarded(notes, work, *args):
    """work(*args), or None and a note if the subject cannot do it."""
    try:
        return work(*args)
    except (Failed, OSError) as reason:
        say(f"\n  {reason}")
        notes.append(str(reason))
        return None


def rounds(n, title, names, work, few=None):
    """
    Calls work(name) for every name in each of n rounds; returns {name: [values]}. `few` says who
    takes part how many times only, spread over the rounds.
    """
    values = {name: [] for name in names}
    for i in range(n):
        say(f"\r  {title} {i + 1}/{n}", end="")
        for name in names:
            if few and name in few and i % -(-n // few[name]):
                continue
            value = work(name)
            if value is not None:
                values[name].append(value)
    say("")
    return {name: v for name, v in values.items() if v}


@contextlib.contextmanager
def undisturbed():
    """Before all else that the host does, if it lets us; children inherit that."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        say("  no real-time priority here: boots are timed amid what else the host does")
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def boots(found, plan, notes):
    by_name = {s.name: s for s in found if s.name != "base64"}

    def one(name):
        # Everyone comes after the same: a machine that has just ended a Linux is slower for a while.
        if "byte" in by_name:
            measure.boot(by_name["byte"])
        return guarded(notes, measure.boot, by_name[name])

    with undisturbed():
        return rounds(plan.boots, "boot", by_name, one, dict.fromkeys(("lean", "stock"), 11))


def trips(running, plan, notes):
    """Round trips and pipelining of all that answer lines."""
    out = {}
    for kind, request in (("ping", PING), ("sync", measure.SYNC % SYNC_ID)):
        out[kind] = rounds(plan.rounds, f"round trip, {kind}", running, lambda name: guarded(
            notes, measure.round_trips, running[name], request, plan.pings))
    out["pipelined"] = rounds(plan.rounds, "64 in flight", running, lambda name: guarded(
        notes, measure.per_second, running[name], PING, 64 * plan.batches, 64))
    return out


def file_streams(running, plan, notes):
    """MB/s of reads and writes for each count; {kind: {count: {name: [values]}}}. Linux is slow."""
    out = {}
    peers = [name for name, guest in running.items() if not guest.subject.firmware]
    for size in plan.counts:
        length = max(size, measure.MIB)
        handles = {name: guarded(notes, measure.open_file, guest, length)
                   for name, guest in running.items() if name not in ("echo", "base64")}
        handles = {name: handle for name, handle in handles.items() if handle is not None}
        for kind in ("read", "write"):
            names = [*handles, *(["base64"] if kind == "read" and "base64" in running else [])]
            broken = set()

            def one(name, kind=kind, size=size, broken=broken, handles=handles, length=length):
                if name in broken:
                    return None
                if name == "base64":
                    return measure.encode_stream(running[name], size, plan.fast_stream)
                value = guarded(notes, measure.stream, running[name], handles[name], length, kind,
                                size, plan.stream if name in peers else plan.fast_stream)
                if value is None:
                    broken.add(name)
                return value

            large = size > measure.MIB
            out.setdefault(kind, {})[size] = rounds(
                min(plan.boots, 11) if large else plan.file_rounds[kind],
                f"file {kind}, {size >> 10} KiB", names, one, dict.fromkeys(peers, 1 if large else 3))
        for name, handle in handles.items():
            guarded(notes, measure.close_file, running[name], handle)
    return out


def idling(running, found, plan):
    """Host CPU in ms per s and RSS of every subject, silent client attached, all at the same time."""
    with contextlib.ExitStack() as stack:
        everyone = dict(running)
        for extra in (s for s in found if s.name == "byte"):
            everyone[extra.name] = stack.enter_context(Guest(extra))
        time.sleep(1)
        say(f"  idle for {plan.idle} s")
        before = {name: guest.cpu_ns() for name, guest in everyone.items()}
        time.sleep(plan.idle)
        cpu = {name: (guest.cpu_ns() - before[name]) / 1e6 / plan.idle
               for name, guest in everyone.items()}
        return {"cpu": cpu, "rss": {n: g.rss_kib() / 1024 for n, g in everyone.items()}}


def one_board(board, plan, parts, peers):
    say(f"{board}")
    notes, out = [], {}
    found = find_subjects(board, peers, notes)
    out["origins"] = {s.name: s.origin for s in found if s.origin}
    if "boot" in parts:
        out["boot"] = boots(found, plan, notes)
    if {"rtt", "files", "idle"} & parts:
        with contextlib.ExitStack() as stack:
            running = {}
            for subject in found:
                if subject.name.startswith("byte"):
                    continue
                guest = stack.enter_context(Guest(subject))
                if guarded(notes, guest.ask, PING) is not None:
                    running[subject.name] = guest
            talkers = {n: g for n, g in running.items() if n != "base64"}
            if "rtt" in parts:
                out.update(trips(talkers, plan, notes))
            if "files" in parts:
                out["files"] = file_streams({n: g for n, g in running.items() if not n.endswith("-pci")},
                                            plan, notes)
            if "sweep" in parts and "bareqga" in running:
                say("  sweeps")
                subset = {n: g for n, g in talkers.items() if n in ("bareqga", "echo") or (
                    n == "lean" and not plan.quick)}
                out["sweep"] = guarded(notes, scale.sweeps, subset, plan)
            if "idle" in parts:
                out["idle"] = idling(running, found, plan)
    if "memory" in parts:
        out["memory"] = {}
        for subject in (s for s in found if s.name in ("bareqga", "echo") or not plan.quick):
            if subject.name in ("base64", "byte") or subject.name.endswith("-pci"):
                continue
            say(f"  smallest memory, {subject.name}")
            high, patience = (8, 2) if subject.firmware else (128, 8)
            out["memory"][subject.name] = measure.least_memory(subject, 1, high, patience)
    if "count" in parts:
        out["count"] = {}
        for subject in (s for s in found if s.name.removesuffix("-pci") in ("bareqga", "echo")):
            say(f"  counting instructions and accesses, {subject.name}")
            out["count"][subject.name] = guarded(notes, count.everything, subject, plan.silence)
    if "crowd" in parts:
        out["crowd"] = crowd.measure_all(found, plan, subjects.make(f"BOARD={board}", "print-ARCH").strip() == "x86",
                                         say, lambda work, *args: guarded(notes, work, *args))
    if "vsock" in parts:
        say("  vsock beside the console")
        out["vsock"] = guarded(notes, vsock.everything, board, plan.rounds, plan.fast_stream)
    out["notes"] = sorted(set(notes))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--boards", default=",".join(BOARDS))
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--rounds", type=int, help="rounds of all that is timed")
    parser.add_argument("--guests", type=int, help="how many at once on QEMU; ten times as many on Firecracker")
    parser.add_argument("--linux-guests", type=int, help="how many Linux guests at once; a tenth of that otherwise")
    parser.add_argument("--idle", type=int, help="seconds of silence")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--out", type=pathlib.Path, default=subjects.BUILD / "bench")
    parser.add_argument("--docs", type=pathlib.Path, help="where PERFORMANCE.md goes, if not OUT")
    args = parser.parse_args()
    parts = set(args.only.split(","))
    if parts - set(PARTS):
        sys.exit(f"bench: there is no {', '.join(sorted(parts - set(PARTS)))}; "
                 f"--only takes {','.join(PARTS)}")
    plan, start = Plan(args.quick), time.monotonic()
    plan.rounds, plan.idle = args.rounds or plan.rounds, args.idle or plan.idle
    plan.crowd = args.guests or plan.crowd
    plan.crowd_linux = args.linux_guests or max(2, plan.crowd // 10)
    plan.boots = min(plan.boots, plan.rounds)
    plan.file_rounds = {k: min(n, 2 * plan.rounds + 1) for k, n in plan.file_rounds.items()}
    results = {"machine": machine(), "quick": args.quick, "boards": {}}
    if results["machine"]["kvm"] == "emulated":
        say("KVM is there but the processor does not virtualise (no vmx, no svm): its figures would "
            "say nothing, so everything runs under TCG")
    args.out.mkdir(parents=True, exist_ok=True)
    known = subjects.make("list").split()
    for board in args.boards.split(","):
        if board not in known:
            say(f"{board}: not a board of this tree, left out")
            continue
        results["boards"][board] = one_board(board, plan, parts, not args.no_peers)
        (args.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    if "host" in parts:
        say("host")
        notes = []
        results["host"] = guarded(notes, host.compare, plan) or {}
        results["host"]["notes"] = notes
    (args.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    report.write(results, args.docs or args.out)
    say(report.summary(results))
    say(f"{args.out / 'results.json'}, {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
