#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""report.py - turns results.json into docs/PERFORMANCE.md and its plots.

    tests/bench/report.py [build/bench/results.json [FOLDER]]      FOLDER: docs, usually

The prose is in performance.md.in; every @NAME@ there is a table made here.
"""
import json
import pathlib
import sys

import plots
import vsock
from values import LABEL, ORDER, difference, fmt, middle, p50, p99, paired, pick, ratio

HERE = pathlib.Path(__file__).resolve().parent
def table(head, rows):
    """A Markdown table; nothing if there are no rows."""
    if not rows:
        return "(not measured)\n"
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(c if isinstance(c, str) else fmt(c) for c in row) + " |"
              for row in rows]
    return "\n".join(lines) + "\n"


def by_subject(results, columns):
    """Rows (board, subject, columns...) of all boards; columns are functions of (board, name)."""
    rows = []
    for board_name, board in results["boards"].items():
        for name in ORDER:
            cells = [column(board, name) for column in columns]
            if any(c is not None for c in cells):
                rows.append([board_name, LABEL[name], *cells])
    return rows


def boot(results):
    return table(["board", "subject", "ms", "x bareqga"], by_subject(results, [
        lambda b, n: middle(pick(b, "boot", n)),
        lambda b, n: ratio(middle(pick(b, "boot", n)), middle(pick(b, "boot", "bareqga")))]))


def trips(results):
    return table(
        ["board", "subject", "ping p50 µs", "p99", "sync-delimited p50 µs", "p99",
         "64 in flight, commands/s"],
        by_subject(results, [lambda b, n: p50(b, "ping", n), lambda b, n: p99(b, "ping", n),
                             lambda b, n: p50(b, "sync", n), lambda b, n: p99(b, "sync", n),
                             lambda b, n: middle(pick(b, "pipelined", n))]))


def files(results):
    counts = sorted({int(c) for b in results["boards"].values()
                     for kind in (pick(b, "files") or {}).values() for c in kind})
    head = ["board", "subject"]
    columns = []
    for kind in ("read", "write"):
        for count in counts:
            size = f"{count >> 10} KiB" if count < 1 << 20 else f"{count >> 20} MiB"
            head.append(f"{kind} {size}")
            columns.append(lambda b, n, k=kind, c=count: middle(pick(b, "files", k, c, n)))
    return table(head, by_subject(results, columns))


def counts(results):
    def of(what, key):
        return lambda b, n: pick(b, "count", n, what, key)

    def sums(what, *keys):
        def column(b, n):
            found = pick(b, "count", n, what)
            return None if found is None else sum(found.get(k, 0) for k in keys)
        return column

    return table(
        ["board", "subject", "instructions: ping", "sync-delimited", "pipelined ping",
         "file read, per byte", "file write, per byte", "virtio accesses per ping",
         "of them notifications", "other device accesses", "interrupts",
         "notifications per pipelined ping", "instructions while idle",
         "blocks translated until the first answer"],
        by_subject(results, [
            of("ping", "instructions"), of("sync", "instructions"),
            of("pipelined", "instructions"), lambda b, n: pick(b, "count", n, "read"),
            lambda b, n: pick(b, "count", n, "write"),
            sums("ping", "virtio_writes", "virtio_reads"), sums("ping", "notifies"),
            sums("ping", "other_writes", "other_reads"), sums("ping", "interrupts"),
            sums("pipelined", "notifies"), lambda b, n: pick(b, "count", n, "idle"),
            lambda b, n: pick(b, "count", n, "blocks")]))


def resources(results):
    return table(["board", "subject", "idle host CPU, ms per s", "QEMU RSS, MiB", "least -m, MiB"],
                 by_subject(results, [lambda b, n: pick(b, "idle", "cpu", n),
                                      lambda b, n: pick(b, "idle", "rss", n),
                                      lambda b, n: pick(b, "memory", n)]))


def crowd(results):
    def count(c):
        return f"{c['guests']} of {c['started']}" if c["guests"] < c.get("started", 0) else str(c["guests"])

    rows = [[board, LABEL[name], count(c), c["ready_s"], c["pss_mib"], c["touched_kib"], c["idle_ms_per_s"],
             middle(c.get("all_answer_ms")), max(c.get("all_answer_ms", []), default=None)]
            for board, b in results["boards"].items() for name, c in (b.get("crowd") or {}).items()]
    return table(["board", "subject", "guests", "all started and answered, s", "memory of one (PSS), MiB",
                  "of the guest's memory touched, KiB", "idle, ms CPU per s, together",
                  "all answer at once, ms", "worst"], rows)


def socket_files(results):
    return table(["board", "what", "console", "vsock", "vsock / console", "the same of the floor",
                  "CPU ms for a MB: console", "vsock", "vsock's back end"],
                 [[name, *row] for name, b in results["boards"].items() if pick(b, "vsock")
                  for row in vsock.rows(b["vsock"]["tasks"])])


def socket_boots(results):
    return table(["board", "console: first answer, ms", "vsock: READY=1, ms", "from then to an answer, ms"],
                 [[name, *(middle(pick(b, "vsock", "boots", what)) for what in ("console", "ready", "answer"))]
                  for name, b in results["boards"].items() if pick(b, "vsock")])


def host(results):
    rows = []
    for name in ("bareqga", "qemu-ga"):
        if found := pick(results, "host", name):
            rows.append([LABEL[name], p50(results["host"], name, "ping"),
                         p50(results["host"], name, "sync"), middle(found["pipelined"]),
                         pick(found, "instructions", "ping"), pick(found, "instructions", "sync")])
    return table(["process", "ping p50 µs", "sync-delimited p50 µs", "64 in flight, commands/s",
                  "instructions: ping", "sync-delimited"], rows)


def goals(results):
    """The project's goals, board by board: (board, goal, measured, wanted, met)."""
    rows = []
    for name, b in results["boards"].items():
        def goal(text, value, limit, at_most, name=name):
            if value is not None:
                met = value <= limit if at_most else value >= limit
                rows.append([name, text, value, f"{'≤' if at_most else '≥'} {limit:,}",
                             "yes" if met else "**no**"])

        def versus(kind, name, other, part=lambda value: value, b=b):
            return paired(b, kind, name, other, part)

        goal("boot to answer / bare ELF", versus("boot", "bareqga", "byte"), 1.15, True)
        goal("lean Linux's boot / ours", versus("boot", "lean", "bareqga"), 12, False)
        goal("stock Linux's boot / ours", versus("boot", "stock", "bareqga"), 50, False)
        for kind in ("ping", "sync"):
            goal(f"{kind} p50 / echo", versus(kind, "bareqga", "echo", lambda v: v[0]), 1.15, True)
            goal(f"{kind} p99 / echo", versus(kind, "bareqga", "echo", lambda v: v[1]), 1.4, True)
            goal(f"lean Linux's {kind} p50 / ours",
                 versus(kind, "lean", "bareqga", lambda v: v[0]), 4, False)
            goal(f"{kind} p50 over PCI / echo there",
                 versus(kind, "bareqga-pci", "echo-pci", lambda v: v[0]), 1.15, True)
        boots = {n: middle(pick(b, "boot", n)) for n in ("bareqga", "byte", "bareqga-pci", "byte-pci")}
        ours = difference(boots["bareqga"], boots["byte"])  # without what QEMU takes for a machine with a root port
        ours_there = difference(boots["bareqga-pci"], boots["byte-pci"])
        goal("what finding the agent on PCI adds / boot there",
             ratio(difference(ours_there, ours), boots["bareqga-pci"]), 0.1, True)
        goal("pipelined by 64 / lean Linux", versus("pipelined", "bareqga", "lean"), 10, False)
        for size in (64 << 10, 1 << 20):
            read = [middle(pick(b, "files", "read", size, n)) for n in ("bareqga", "lean")]
            goal(f"file read {size >> 10} KiB / lean Linux", ratio(*read), 5, False)
            goal(f"file read {size >> 10} KiB / base64 floor",
                 versus(size, "bareqga", "base64", b=pick(b, "files", "read")), 0.7, False)
        write = [middle(pick(b, "files", "write", 48 << 10, n)) for n in ("bareqga", "lean")]
        goal("file write 48 KiB / lean Linux", ratio(*write), 10, False)
        for row in vsock.rows(pick(b, "vsock", "tasks") or {}):
            if row[0] != "ping":
                goal(f"file {row[0]} by vsock / by console", row[3], 0.8, False)
        goal("notifications per pipelined ping",
             pick(b, "count", "bareqga", "pipelined", "notifies"), 0.1, True)
        goal("idle instructions", pick(b, "count", "bareqga", "idle"), 0, True)
        goal("idle host CPU above a halted guest, ms per s",
             difference(pick(b, "idle", "cpu", "bareqga"), pick(b, "idle", "cpu", "byte")), 0.05,
             True)
        if name == "virt-riscv64":
            goal("instructions for ping", pick(b, "count", "bareqga", "ping", "instructions"), 3000,
                 True)
        goal("instructions per byte read", pick(b, "count", "bareqga", "read"), 6, True)
        goal("instructions per byte written", pick(b, "count", "bareqga", "write"), 8, True)
        goal("guests at once: slowest answer, ms",
             middle(pick(b, "crowd", "bareqga", "all_answer_ms")), 100, True)
    return table(["board", "goal", "measured", "wanted", "met"], rows)


def conditions(results):
    m = results["machine"]
    kvm = {"none": "No KVM here.", "hardware": "KVM is there and backed by the processor.",
           "emulated": "There is a /dev/kvm, but the processor shows neither vmx nor svm: guest "
                       "ring 0 is interpreted, so its times say nothing and none were taken."}
    text = (f"Taken on {m['date']}: {m['processor']}, {m['cores']} cores shared with other work, "
            f"{m['qemu']}, TCG. {kvm[m['kvm']]}")
    if results["quick"]:
        text += "\n**A quick run: few rounds, rough figures.**"
    text += "".join(f"\n\n{remark}" for remark in results.get("remarks", []))
    notes = sorted({n for b in results["boards"].values() for n in b["notes"]})
    if notes:
        text += "\n\nNot measured, and why:\n\n" + "\n".join(f"- {n}" for n in notes)
    return text + "\n"


def origins(results):
    """Where the Linux guests of a run came from."""
    return "".join(f"- {board}: {', '.join(f'{n} of {o}' for n, o in b['origins'].items())}\n"
                   for board, b in results["boards"].items() if b.get("origins")) or "- none\n"


TABLES = {"CONDITIONS": conditions, "GOALS": goals, "BOOT": boot, "TRIPS": trips, "FILES": files,
          "COUNTS": counts, "RESOURCES": resources, "CROWD": crowd, "SOCKET_FILES": socket_files, "SOCKET_BOOTS": socket_boots, "HOST": host, "ORIGINS": origins}


def summary(results):
    return goals(results).replace("**", "")


def write(results, folder):
    """PERFORMANCE.md and its plots."""
    text = (HERE / "performance.md.in").read_text()
    for name, make in TABLES.items():
        text = text.replace(f"@{name}@\n", make(results))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "PERFORMANCE.md").write_text(text)
    plots.draw(results, folder)


def main():
    path = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench/results.json")
    results = json.loads(path.read_text())
    write(results, pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else path.parent)
    print(summary(results))


if __name__ == "__main__":
    main()
