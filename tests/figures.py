# SPDX-License-Identifier: MIT
"""What an image costs: flash and RAM from its sections, and the deepest stack it can need.

    figures.py BOARD...        prints them
    figures.py --readme        writes README's table (make figures)

The stack is worked out, not measured: GCC writes beside each object which function calls which and
how much stack each takes (-fcallgraph-info=su). A call through a pointer is taken to reach every
function that the sources assign to a member of that name, or, where the pointer is a plain
parameter, every function whose address is taken and that is assigned to no member. Functions of
the C library come without such a file and are read from the disassembly. Recursion, or stack that
depends on data, is refused: then there is no worst case.
"""
import functools
import re
import subprocess
import sys
from pathlib import Path

from guest import ROOT, make, boards

sys.setrecursionlimit(10000)


class FiguresError(Exception):
    pass


def run(*command):
    return subprocess.run(command, cwd=ROOT, text=True, check=True, capture_output=True).stdout


@functools.lru_cache(maxsize=None)
def board_facts(board):
    """CROSS and the image of a board, from its board.mk."""
    cross, image = make(f"BOARD={board}", "facts").split("\n")[:2]
    return cross.removeprefix("CROSS="), ROOT / image.removeprefix("IMAGE=")


def sections(board):
    """(flash, ram) in bytes: what must be stored, and what is written to when it runs."""
    cross, image = board_facts(board)
    flash = ram = 0
    for line in run(f"{cross}readelf", "-SW", str(image)).splitlines():
        m = re.match(r"\s*\[ *\d+\] (\S+)\s+(\S+)\s+\w+ \w+ (\w+) \w+\s+(\S*)", line)
        if not m or "A" not in m[4]:
            continue
        size = int(m[3], 16)
        if m[2] != "NOBITS":
            flash += size
        if "W" in m[4]:
            ram += size
    return flash, ram


@functools.lru_cache(maxsize=None)
def source(path):
    text = (ROOT / path).read_text() if (ROOT / path).exists() else ""
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


class Graph:
    def __init__(self, board):
        self.board = board
        cross, image = board_facts(board)
        self.objdump = f"{cross}objdump"
        self.own, self.calls, self.sites, names = {}, {}, {}, {}
        files = set()
        for ci in sorted(image.parent.rglob("*.ci")):
            for line in ci.read_text().splitlines():
                node = re.match(r'node: \{ title: "([^"]+)" label: "(\w+)\\n([^:]+):\d+:\d+\\n(\d+) bytes \((\S+)\)', line)
                edge = re.match(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"(?: label: "([^"]+)")?', line)
                if node:
                    title, name, path, size, kind = node.groups()
                    if kind != "static":
                        raise FiguresError(f"{board}: the stack of {name}() in {path} is {kind}")
                    self.own[title] = int(size)
                    names.setdefault(name.split(".")[0], set()).add(title)
                    files.add(path)
                elif edge:
                    self.calls.setdefault(edge[1], set()).add((edge[2], edge[3]))
        self.assigned, self.loose = self.pointers(files, names)
        self.library = self.disassembly(image)
        self.depth, self.path = {}, []

    def pointers(self, files, names):
        """Which functions may be behind a member of each name; and which behind any other pointer."""
        assigned, taken = {}, set()
        headers = {str(p.relative_to(ROOT)) for d in ("proto", "hal", "boards", "firmware")
                   for p in (ROOT / d).rglob("*.h")}
        for path in files | headers:
            text = source(path)
            for member, name in re.findall(r"[.>](\w+)\s*=\s*&?(\w+)\b(?!\s*\()", text):
                for title in self.visible(names, name, path):
                    assigned.setdefault(member, set()).add(title)
            for name in re.findall(r"(?<=[{(,=?:&])\s*(\w+)\s*(?=[,);}:])", text):
                taken |= self.visible(names, name, path)
        for titles in assigned.values():
            taken -= titles
        return assigned, taken

    @staticmethod
    def visible(names, name, path):
        """Functions called `name` as a file sees it: its own static one, or the public one."""
        titles = names.get(name, set())
        own = {t for t in titles if t.rpartition(":")[0] == path}
        return own or {t for t in titles if ":" not in t}

    def targets(self, title, target, site):
        if target != "__indirect_call":
            return {target}
        path, line, column = site.rsplit(":", 2)
        lines = source(path).splitlines()[int(line) - 1:int(line) + 3]
        text = "\n".join(lines)
        m = re.search(r"(?:->|\.)(\w+)\)?\s*\(", text[max(0, int(column) - 1):]) or re.search(
            r"(?:->|\.)(\w+)\)?\s*\(", text)
        if m and m[1] in self.assigned:
            return self.assigned[m[1]]
        if not self.loose:
            raise FiguresError(f"{self.board}: nothing is known of the call at {site}")
        return self.loose

    def deepest(self, title):
        """Stack of a function and of all it can call, in bytes."""
        if title in self.depth:
            return self.depth[title]
        if title in self.path:
            raise FiguresError(f"{self.board}: recursion: {' -> '.join(self.path[self.path.index(title):] + [title])}")
        self.path.append(title)
        below = 0
        if title in self.own:
            size = self.own[title]
            for target, site in self.calls.get(title, ()):
                for t in self.targets(title, target, site):
                    below = max(below, self.deepest(t))
        else:
            size, callees = self.library.get(title, (0, ()))
            below = max([self.deepest(c) for c in callees if c != title], default=0)
        self.path.pop()
        self.depth[title] = size + below
        return size + below

    def chain(self, title):
        """The path to the deepest place, for a person to see."""
        links = [f"{title} {self.own.get(title, self.library.get(title, (0,))[0])}"]
        below = {t for target, site in self.calls.get(title, ()) for t in self.targets(title, target, site)}
        if below:
            links += self.chain(max(sorted(below), key=self.deepest))
        return links

    def disassembly(self, image):
        """Frame and callees of every function in the image, for those without a call graph."""
        found, name = {}, None
        for line in run(self.objdump, "-d", "--no-show-raw-insn", str(image)).splitlines():
            head = re.match(r"[0-9a-f]+ <([^>]+)>:", line)
            if head:
                name = head[1]
                found[name] = (0, set())
                continue
            if name is None or "\t" not in line:
                continue
            size, callees = found[name]
            text = line.split("\t", 1)[1].replace("\t", " ")
            for pattern, scale in ((r"addi? sp, ?sp, ?-(\d+)", 1), (r"sub sp, ?sp, ?#(\w+)", 1),
                                   (r"\[sp, ?#-(\d+)\]!", 1), (r"sub \$(0x\w+),%rsp", 1)):
                m = re.match(r".*" + pattern, text)
                if m:
                    size += int(m[1], 0) * scale
            if re.match(r"push %", text):
                size += 8
            m = re.match(r"(?:push|stmdb sp!,) ?\{(.*)\}", text)
            if m:
                size += 4 * len(re.findall(r"\w+", m[1]))
            m = re.match(r"(?:call|jal|bl|jmp|j|b|tail)(?:\.w|\.n)? .*<([\w.]+)>$", text)
            if m and m[1] != name:
                callees.add(m[1])
            found[name] = (size, callees)
        return found


def main(args):
    for board in args or boards():
        graph = Graph(board)
        flash, ram = sections(board)
        stack = graph.deepest("firmware_main")
        print(f"{board}: flash {flash} B, RAM {ram} B, deepest stack {stack} B")
        print("    " + " -> ".join(graph.chain("firmware_main")))


if __name__ == "__main__":
    main(sys.argv[1:])
