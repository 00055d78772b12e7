# SPDX-License-Identifier: MIT
"""plots.py - the figures of docs/PERFORMANCE.md, as SVG."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  pylint: disable=wrong-import-position

import values  # noqa: E402  pylint: disable=wrong-import-position

COLOUR = {"bareqga": "#1b6ca8", "echo": "#9aa5b1", "base64": "#c3cad1", "byte": "#c3cad1",
          "lean": "#e08a1e", "stock": "#b5482a", "qemu-ga": "#b5482a",
          "firecracker": "#5aa469"}
NAME = {name: text.strip("*") for name, text in values.LABEL.items()}


def save(figure, path, **layout):
    figure.tight_layout(**layout)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def bars(axis, boards, value, title, unit):
    """One group of bars for each board, logarithmic; value(board, name) or None."""
    names = [n for n in values.ORDER if n in COLOUR and any(value(b, n) for b in boards.values())]
    width = 0.8 / max(1, len(names))
    for i, name in enumerate(names):
        points = [(j + i * width, value(b, name)) for j, b in enumerate(boards.values())
                  if value(b, name)]
        axis.bar([p[0] for p in points], [p[1] for p in points], width,
                 color=COLOUR[name], label=NAME[name])
        for x, y in points:
            axis.text(x, y, values.fmt(y), ha="center", va="bottom", fontsize=6)
    axis.set_xticks([j + 0.4 - width / 2 for j in range(len(boards))], list(boards), fontsize=7)
    axis.set_yscale("log")
    axis.margins(y=0.2)
    axis.set_title(title, fontsize=9)
    axis.set_ylabel(unit, fontsize=8)
    axis.tick_params(labelsize=7)
    axis.spines[["top", "right"]].set_visible(False)


def overview(results, folder):
    boards = results["boards"]
    figure, axes = plt.subplots(2, 2, figsize=(9, 6))
    middle, pick = values.middle, values.pick
    bars(axes[0][0], boards, lambda b, n: middle(pick(b, "boot", n)), "QEMU started to first answer",
         "ms")
    bars(axes[0][1], boards, lambda b, n: values.p50(b, "ping", n), "round trip of guest-ping, p50",
         "µs")
    bars(axes[1][0], boards, lambda b, n: middle(pick(b, "pipelined", n)), "64 in flight",
         "commands/s")
    bars(axes[1][1], boards, lambda b, n: middle(pick(b, "files", "read", 1 << 20, n)),
         "file read, 1 MiB at a time", "MB/s")
    handles = {}
    for axis in axes.flat:
        handles.update({t: h for h, t in zip(*axis.get_legend_handles_labels())})
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncol=3, fontsize=7,
                  frameon=False)
    save(figure, folder / "performance-overview.svg", rect=(0, 0.08, 1, 1))


def sweeps(results, folder):
    """Cost per command, per request byte and per answer byte."""
    kinds = [("depth", "commands in flight", "µs per command", lambda x, y: y),
             ("request", "bytes of the request", "ns per byte", lambda x, y: 1e3 * y / x),
             ("answer", "bytes of file data answered", "ns per byte", lambda x, y: 1e3 * y / x)]
    found = {n: b["sweep"] for n, b in results["boards"].items() if b.get("sweep")}
    if not found:
        return
    figure, axes = plt.subplots(len(found), 3, figsize=(9, 2.6 * len(found)), squeeze=False)
    for row, (board, sweep) in zip(axes, found.items()):
        for axis, (kind, x_label, y_label, cost) in zip(row, kinds):
            for name, points in sweep[kind].items():
                xs = sorted(map(int, points))
                ys = [cost(x, values.pick(points, x)) for x in xs]
                axis.plot(xs, ys, marker=".", color=COLOUR[name], label=NAME[name], linewidth=1)
            axis.set(xscale="log", yscale="log")
            axis.set_xlabel(x_label, fontsize=7)
            axis.set_ylabel(y_label, fontsize=7)
            axis.tick_params(labelsize=6)
            axis.spines[["top", "right"]].set_visible(False)
        row[0].set_title(board, fontsize=8, loc="left")
        row[0].legend(fontsize=6, frameon=False)
    save(figure, folder / "performance-sweeps.svg")


def crowds(results, folder):
    """Guests that have answered against the time since the first was started, and what one takes."""
    found = {(b, n): c for b, board in results["boards"].items() for n, c in (board.get("crowd") or {}).items()}
    if not found:
        return
    dashes = dict(zip(results["boards"], ("-", "--", ":")))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
    for (board, name), c in found.items():
        ys = [i * c["guests"] / len(c["answered_s"]) for i in range(1, len(c["answered_s"]) + 1)]
        left.plot(c["answered_s"], ys, dashes[board], color=COLOUR[name], linewidth=1, label=f"{NAME[name]}, {board}")
    left.set(xscale="log", yscale="log")
    left.set_xlabel("s since the first was started", fontsize=8)
    left.set_ylabel("guests that have answered", fontsize=8)
    left.legend(fontsize=6, frameon=False)
    names = [f"{NAME[name]}\n{board}" for board, name in found]
    right.barh(names, [c["pss_mib"] for c in found.values()], color=[COLOUR[name] for _, name in found])
    for y, c in enumerate(found.values()):
        right.text(c["pss_mib"], y, f" {values.fmt(c['pss_mib'])}", va="center", fontsize=6)
    right.set_xlabel("memory of one guest (PSS), MiB", fontsize=8)
    for axis in (left, right):
        axis.tick_params(labelsize=6)
        axis.spines[["top", "right"]].set_visible(False)
    save(figure, folder / "performance-crowd.svg")


def draw(results, folder):
    plt.rcParams.update({"svg.hashsalt": "bareqga", "svg.fonttype": "none"})
    overview(results, folder)
    sweeps(results, folder)
    crowds(results, folder)
