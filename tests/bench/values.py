# SPDX-License-Identifier: MIT
"""values.py - finding and writing the numbers of results.json, for tables and plots."""
import statistics

ORDER = ["bareqga", "echo", "bareqga-pci", "echo-pci", "base64", "byte", "byte-pci", "lean", "stock", "qemu-ga", "firecracker"]
LABEL = {"byte": "bare ELF, one byte", "echo": "echo floor", "base64": "base64 floor",
         "lean": "lean Linux + qemu-ga", "stock": "stock Debian Linux + qemu-ga",
         "bareqga-pci": "bareqga over PCI", "echo-pci": "echo floor over PCI", "byte-pci": "bare ELF, one byte; a console on PCI", "bareqga": "**bareqga**", "qemu-ga": "qemu-ga",
         "firecracker": "bareqga on Firecracker"}


def middle(values):
    return statistics.median(values) if values else None


def fmt(value):
    """Three significant digits, no exponent; a dash for what was not measured."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def pick(tree, *path):
    """tree[path...], or None as soon as something is missing; JSON keys are strings."""
    for key in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(key, tree.get(str(key)))
    return tree


def p50(board, kind, name):
    return middle([v[0] for v in pick(board, kind, name) or []])


def p99(board, kind, name):
    return middle([v[1] for v in pick(board, kind, name) or []])


def ratio(a, b):
    return None if a is None or not b else a / b


def paired(board, kind, name, other, pick_one):
    """
    Median of the ratios name/other, round by round: load that comes and goes meets both of a pair
    alike, and cancels.
    """
    ours, theirs = pick(board, kind, name) or [], pick(board, kind, other) or []
    return middle([pick_one(a) / pick_one(b) for a, b in zip(ours, theirs) if pick_one(b)])


def difference(a, b):
    return None if a is None or b is None else a - b
