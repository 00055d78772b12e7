# SPDX-License-Identifier: MIT
"""`make pictures`: docs/run.svg and docs/top.svg, drawn from what a terminal shows.

`make run` is run, and `qgactl top` in a terminal (tmux) beside a guest with a disk, a network card and something to
do; what they print becomes text in an SVG, without scripts, fonts or links. Blocks and lines are drawn as rectangles, so that
bars have no gaps whatever font a reader has.
"""
import html
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "qgactl")]

from guest import Guest, Variant, build, make  # noqa: E402

CELL, LINE, EDGE, BAR = 8.4, 18, 16, 34  # pixels
COLOURS = ["#6e7681", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#d0d7de"]
PAPER, INK = "#0d1117", "#d0d7de"
EIGHTHS = " ▁▂▃▄▅▆▇█"


def spans(line):
    """[(text, style)] of a line with SGR sequences; a style is (colour, bold, reverse)."""
    colour, bold, dim, reverse = None, False, False, False
    out = []
    for part in re.split(r"(\x1b\[[\d;]*m)", line):
        if not part.startswith("\x1b"):
            out += [(part, ("#8b949e" if dim else colour or INK, bold, reverse))] * bool(part)
            continue
        for code in map(int, part[2:-1].split(";") if part[2:-1] else [0]):
            if code == 0:
                colour, bold, dim, reverse = None, False, False, False
            elif code in (1, 2, 7):
                bold, dim, reverse = bold or code == 1, dim or code == 2, reverse or code == 7
            elif code in (22, 27):
                bold, dim, reverse = bold and code != 22, dim and code != 22, reverse and code != 27
            elif code == 39:
                colour = None
            elif 30 <= code % 60 <= 37:
                colour = COLOURS[code % 10]
    return out


def runs(line):
    """Words with single blanks between them, and blocks all alike, each with the column it begins in."""
    column = 0
    for text, style in spans(line):
        for match in re.finditer(r"([▁▂▃▄▅▆▇█━─│┤])\1*|  +|(?:(?!  )[^▁▂▃▄▅▆▇█━─│┤])+", text):
            yield column + match.start(), match[0], style
        column += len(text)


def rectangle(x, y, width, height, fill):
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" shape-rendering="crispEdges"/>'


def draw_line(line, y):
    for column, run, (colour, bold, reverse) in runs(line):
        x, width = round(EDGE + column * CELL, 2), round(len(run) * CELL, 2)
        if run[0] in EIGHTHS[1:]:
            height = LINE * EIGHTHS.index(run[0]) / 8
            yield rectangle(x, y + LINE - height, width, height, colour)
            continue
        if run[0] in "━─":
            thick = 4 if run[0] == "━" else 1.5
            yield rectangle(x, y + (LINE - thick) / 2, width, thick, colour)
            continue
        if run[0] in "│┤":
            yield rectangle(x + CELL / 2 - 0.5, y, 1, LINE, colour)
            if run[0] == "┤":
                yield rectangle(x, y + LINE / 2 - 0.5, CELL / 2, 1, colour)
            continue
        if reverse:
            yield rectangle(x, y, width, LINE, colour)
            colour = PAPER
        bare = run.strip(" ")
        if bare:
            x = round(x + (len(run) - len(run.lstrip(" "))) * CELL, 2)
            weight = ' font-weight="bold"' * bold
            yield (f'<text x="{x:g}" y="{y + 13.5:g}" textLength="{round(len(bare) * CELL, 2):g}" '
                   f'fill="{colour}"{weight}>{html.escape(bare, quote=False)}</text>')


def svg(title, text, columns):
    lines = text.rstrip().split("\n")
    width, height = round(2 * EDGE + columns * CELL), BAR + len(lines) * LINE + EDGE
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
             'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">', f"<title>{html.escape(title)}</title>",
             f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>']
    parts += [f'<circle cx="{EDGE + 4 + 18 * i}" cy="17" r="5.5" fill="{c}"/>' for i, c in enumerate(("#ff5f57", "#febc2e", "#28c840"))]
    parts.append(f'<text x="{width / 2:g}" y="21.5" text-anchor="middle" fill="#8b949e">{html.escape(title)}</text>')
    for i, line in enumerate(lines):
        parts += draw_line(line, BAR + i * LINE)
    return "\n".join([*parts, "</svg>"]) + "\n"


def run_text():
    """The transcript, requests in colour."""
    def paint(line):
        if line.startswith(("{", "\\xff {")):
            return f"\x1b[1;32m{line}"
        return f"\x1b[2m{line}" if line.lstrip().startswith("(") or line.startswith("     ") else line
    return "\n".join(["\x1b[1m$ make run", *map(paint, make("run").split("\n"))])


def top_text(columns, lines):
    from screen import Screen
    build("virt-riscv64")
    make("qgactl")
    with tempfile.TemporaryDirectory(prefix="bareqga-") as folder:
        disk = pathlib.Path(folder) / "disk"
        with open(disk, "wb") as f:
            f.truncate(64 << 20)
        extra = (f"-append bareqga.hostname=web1 -drive if=none,id=d,format=raw,file={disk} -device virtio-blk-device,drive=d "
                 "-netdev user,id=n -device virtio-net-device,netdev=n")
        with Guest(Variant("virt-riscv64"), extra=extra) as guest:
            (pathlib.Path(folder) / "agent.sock").symlink_to(guest.sock)
            env = {"QGACTL_TARGET": "unix:agent.sock", "HOME": folder, "LC_ALL": "C.UTF-8", "LSAN_OPTIONS": "", "ASAN_OPTIONS": ""}
            program = ROOT / make("print-QGACTL")
            subprocess.run([program, "-T", f"unix:{guest.sock}", "-q", "wait"], check=True)
            subprocess.run([program, "-T", f"unix:{guest.sock}", "-q", "put", ROOT / "README.md", "/ram/"], check=True, stdout=subprocess.DEVNULL)
            with Screen(folder, columns, lines, [program, "top", "-d", "0.2"], env) as screen:
                screen.wait_for("latency", "file system")
                # Until the plot is full.
                for _ in range(600):
                    if int(screen.text().split(" answers")[0].rsplit(None, 1)[1]) > columns:
                        break
                    time.sleep(0.2)
                return screen.text("-e")


def main(names):
    pictures = {"run": lambda: svg("make run", run_text(), 100), "top": lambda: svg("qgactl top", top_text(80, 24), 80)}
    for name in names or pictures:
        (ROOT / "docs" / f"{name}.svg").write_text(pictures[name]())
        print(f"docs/{name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
