# SPDX-License-Identifier: MIT
"""What an image costs: flash and RAM from its sections, and the deepest stack it can need.

    figures.py BOARD...        prints them
    figures.py --readme        writes README's table (make figures)

The stack is worked out, not measured: GCC writes beside each image, and beside what was compiled for
itself, which function calls which and how much stack each takes (-fcallgraph-info=su). A call through a pointer is taken to reach every
function that the sources put into that member of that struct, that array, or that argument.
Functions of the C library come without such a file and are read from the disassembly. Recursion,
stack that depends on data, and a call of which nothing is known are refused: then there is no
worst case.
"""
import functools
import re
import subprocess
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from guest import ROOT, make, boards  # noqa: E402

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
    """(flash, ram, buffers) in bytes: what must be stored; what is written to when it runs, stack and
    state; and the buffers among that, whose sizes board.mk chooses (section .noinit)."""
    cross, image = board_facts(board)
    flash = ram = buffers = 0
    for line in run(f"{cross}readelf", "-SW", str(image)).splitlines():
        m = re.match(r"\s*\[ *\d+\] (\S+)\s+(\S+)\s+\w+ \w+ (\w+) \w+\s+(\S*)", line)
        if not m or "A" not in m[4]:
            continue
        size = int(m[3], 16)
        if m[2] != "NOBITS":
            flash += size
        if m[1] == ".noinit":
            buffers += size
        elif "W" in m[4] and m[2] == "NOBITS":
            ram += size
    return flash, ram, buffers


def stack_room(board):
    """Bytes that the board has for its stack (memory.ld)."""
    cross, image = board_facts(board)
    return int(re.search(r" \.stack +NOBITS +\w+ \w+ (\w+)", run(f"{cross}readelf", "-SW", str(image)))[1], 16)


def trap_stack_room(board):
    """Bytes of the stack that a trap is reported on (hal/arch/record.h); 0: it has none of its own."""
    cross, image = board_facts(board)
    found = re.search(r" (\w+) \w arch_trap_stack$", run(f"{cross}nm", "-S", str(image)), re.M)
    return int(found[1], 16) if found else 0


@functools.lru_cache(maxsize=None)
def source(path):
    text = (ROOT / path).read_text() if (ROOT / path).exists() else ""
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


@functools.lru_cache(maxsize=None)
def is_static(name, path):
    return bool(re.search(rf"^static\b[^;{{}}()=]*\b{name}\(", source(path), re.M))


FOLDERS = ("include", "proto", "hal", "boards", "firmware")
INITIALISER = re.compile(r"(?:struct (\w+)[\s*]*)?(?:\b(\w+)\s*(\[\w*\]\)?\s*(?:\([^;{]*\))?)?\s*=\s*|\)\s*)(?=\{)")
DECLARATION = re.compile(r"struct (\w+)(?:\s|\*|const)+(\w+)\s*(?=[;,)=\[])")


def braces(text, at):
    """The text from the brace at `at` to the one that closes it."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if not depth:
            return text[at:i + 1]
    return text[at:]


class Pointers:
    """Which functions may be behind a pointer: read from the sources."""

    def __init__(self, names):
        self.names = names
        self.members, self.arrays, self.types = {}, {}, {}
        self.paths = sorted(str(p.relative_to(ROOT)) for d in FOLDERS for p in (ROOT / d).rglob("*.[ch]"))
        for path in self.paths:
            for struct, name in DECLARATION.findall(source(path)):
                self.types.setdefault(name, set()).add(struct)
        for path in self.paths:
            self.initialisers(path)
            for owner, member, value in re.findall(r"(\w+)(?:->|\.)(\w+)\s*=(?!=)([^;]*);", source(path)):
                for struct in self.types.get(owner, ()):
                    self.put(self.members, (struct, member), value, path)

    def put(self, where, key, text, path):
        found = {t for name in re.findall(r"\b(\w+)\b(?!\s*\()", text) for t in self.visible(name, path)}
        if found:
            where.setdefault(key, set()).update(found)

    def visible(self, name, path):
        """Functions called `name` as a file sees it: its own one, or the others'."""
        files = self.names.get(name, {})
        own = {t for t, file in files.items() if file == path}
        return own or {t for t, file in files.items() if not is_static(name, file)}

    def initialisers(self, path):
        text = source(path)
        for m in INITIALISER.finditer(text):
            body = braces(text, m.end())
            if m[1]:
                named = r"\.(\w+)\s*=\s*([^,{}]*)"
                for member, value in re.findall(named, body):
                    self.put(self.members, (m[1], member), value, path)
                self.put(self.members, (m[1], None), re.sub(named, "", body), path)
            elif m[2]:
                self.put(self.arrays, m[2], body, path)

    def arguments(self, name):
        """Functions that are given to the function `name` as an argument."""
        found = {}
        for path in self.paths:
            for call in re.findall(rf"\b{name}\s*\(([^;{{]*)\)", source(path)):
                self.put(found, name, call, path)
        return found.get(name, set())

    def named(self, member):
        return set().union(*(found for (_, name), found in self.members.items() if name == member))

    def behind(self, caller, text):
        """Functions that the call at the start of text may reach; None: nothing is known."""
        m = re.search(r"((?:\w+(?:->|\.))*)(\w+)(?:\[[^\]]*\])?(?:->|\.)(\w+)\)?\s*\(", text)
        if m and "app" in re.findall(r"\w+", m[1] + m[2]):
            return set()  # an application's callback; its stack is the application's
        if m:
            m = m[0], m[2], m[3]
            structs = self.types.get(m[1], set())
            found = [self.members.get((s, m[2])) or self.members.get((s, None), set()) for s in structs]
            # A value that came by a variable (job->run = run) may be that of any member of this name.
            return set().union(*found) or self.named(m[2]) if structs else None
        m = re.search(r"(\w+)\[[^\]]*\]\s*\(", text)
        return self.arrays.get(m[1]) if m else self.arguments(caller) or None


def call_graphs(image):
    """Those of the image as a whole, and of the objects in it that are compiled for themselves."""
    whole = sorted(image.parent.glob(f"{image.name}.*.ci"))
    return whole + [ci for ci in sorted(image.parent.rglob("*.ci")) if ci.parent != image.parent]


class Graph:
    """Who calls whom in a board's image."""

    def __init__(self, board):
        self.board = board
        cross, image = board_facts(board)
        self.objdump = f"{cross}objdump"
        self.own, self.calls, names = {}, {}, {}
        for ci in call_graphs(image):
            for line in ci.read_text().splitlines():
                node = re.match(r'node: \{ title: "([^"]+)" label: "([\w.]+)\\n([^":]*)[^"]*?\\n(\d+) bytes \(([^")]+)\)', line)
                edge = re.match(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"(?: label: "([^"]+)")?', line)
                if node:
                    title, name, file, size, kind = node.groups()
                    if kind not in ("static", "dynamic,bounded"):  # the latter aligns its frame
                        raise FiguresError(f"{board}: the stack of {title} is {kind}")
                    self.own[title] = int(size)
                    names.setdefault(name.split(".")[0], {})[title] = file
                elif edge:
                    self.calls.setdefault(edge[1], set()).add((edge[2], edge[3]))
        self.pointers = Pointers(names)
        self.library = self.disassembly(image)
        self.depth, self.path = {}, []

    def targets(self, title, target, site):
        if target != "__indirect_call":
            return {target}
        path, line, column = site.rsplit(":", 2)
        lines = source(path).splitlines()[int(line) - 1:int(line) + 3]
        lines[0] = lines[0].expandtabs(1)[int(column) - 1:]
        found = self.pointers.behind(title.rpartition(":")[2].split(".")[0], "\n".join(lines))
        if found is None:
            raise FiguresError(f"{self.board}: nothing is known of the call at {site}")
        return found

    def entry(self, title):
        """What a function's entry takes before it gives part of that back: RISC-V's -msave-restore."""
        callees = self.library.get(title.rpartition(":")[2], (0, ()))[1]
        return max((self.library[c][0] for c in callees if c.startswith("__riscv_save")), default=0)

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
            below = max(below, self.entry(title) - size)
        else:
            size, callees = self.library.get(title, (0, ()))
            below = max([self.deepest(c) for c in callees if c != title], default=0)
        self.path.pop()
        self.depth[title] = size + below
        return size + below

    def chain(self, title):
        """The path to the deepest place, for a person to see."""
        links = [f"{title.rpartition(':')[2].split('.')[0]} {self.own.get(title, self.library.get(title, (0,))[0])}"]
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
        flash, ram, buffers = sections(board)
        stack = graph.deepest("firmware_main")
        print(f"{board}: flash {flash} B, RAM {ram} B, buffers {buffers} B, deepest stack {stack} B")
        print("    " + " -> ".join(graph.chain("firmware_main")))


if __name__ == "__main__":
    main(sys.argv[1:])
