# SPDX-License-Identifier: MIT
"""amalgamate.py DIRECTORY - the library as few files: bareqga.c and bareqga.h, bareqga_virtio.c and .h.

Each source, and each header of ours that it includes, is put in once: headers first, each behind those that
it includes. QGA_TINY chooses between two sets of files; what belongs to one of them alone is fenced with it,
unless the file does so itself. Beside them the compiler needs jsmn.h and nothing else of anybody's.
"""
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">].*$', re.M)
TINY = re.compile(r"^#if QGA_TINY\n(.*?)^#else\n(.*?)^#endif", re.M | re.S)
LICENCE = re.compile(r"\A/\* SPDX-License-Identifier: MIT \*/\n")
PUBLIC = {"bareqga.h", "bareqga_virtio.h"}
FOREIGN = {"jsmn.h"}

HEAD = """\
/* SPDX-License-Identifier: MIT */
/*
 * {name} - bareqga {version} in one file, made by tools/amalgamate.py: change the sources, not this.
 * {needs}
 *
{licence}
 */
"""


def find(name, beside, folders):
    for folder in (beside, *folders):
        if (folder / name).is_file():
            return (folder / name).resolve()
    raise SystemExit(f"amalgamate: {beside}: there is no {name}")


def includes(path, tiny):
    """What a file includes, when QGA_TINY is `tiny`."""
    text = TINY.sub(lambda m: m.group(1 if tiny else 2), path.read_text())
    return INCLUDE.findall(text)


# In a header an inline function that nobody calls is none of the compiler's business; here clang would warn.
QUIET = """
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
"""
LOUD = """
#pragma GCC diagnostic pop
"""


class Amalgamation:
    def __init__(self, sources, folders):
        self.folders = folders
        self.order = []     # headers, each behind those that it includes
        self.modes = {}     # path -> values of QGA_TINY with which it is needed
        self.system = set()
        self.public = set()
        for tiny in (False, True):
            for source in sources:
                if not self.is_for(source, not tiny):
                    self.visit(source, tiny)
        self.sources = sources

    @staticmethod
    def is_for(source, tiny):
        """Is all of the source fenced for this value of QGA_TINY?"""
        return f"\n#if {'' if tiny else '!'}QGA_TINY\n" in source.read_text() and source.suffix == ".c"

    def visit(self, path, tiny):
        seen = self.modes.setdefault(path, set())
        if tiny in seen:
            return
        seen.add(tiny)
        for kind, name in includes(path, tiny):
            if name in PUBLIC:
                self.public.add(name)
            elif kind == "<":
                self.system.add(name)
            elif name not in FOREIGN:
                header = find(name, path.parent, self.folders)
                self.visit(header, tiny)
        if path.suffix == ".h" and path not in self.order:
            self.order.append(path)

    def body(self, path):
        def keep(match):
            return match.group() if match.group(2) in FOREIGN else ""
        text = INCLUDE.sub(keep, LICENCE.sub("", path.read_text()))
        text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
        modes = self.modes[path]
        if len(modes) == 1 and path.suffix == ".h":
            text = f"#if {'' if True in modes else '!'}QGA_TINY\n{text}\n#endif"
        return f"\n/* --- {path.relative_to(ROOT)} --- */\n\n{text}\n"

    def text(self):
        lines = [f'#include "{n}"' for n in sorted(self.public)]
        lines += [""] + [f"#include <{n}>" for n in sorted(self.system)]
        headers = "".join(self.body(p) for p in self.sorted_headers())
        return "\n".join(lines) + "\n" + QUIET + headers + LOUD + "".join(self.body(p) for p in self.sources)

    def sorted_headers(self):
        """By both values of QGA_TINY at once, for the two visits have gone different ways."""
        done = []

        def put(path):
            if path in done:
                return
            for tiny in self.modes[path]:
                for kind, name in includes(path, tiny):
                    if kind == '"' and name not in PUBLIC | FOREIGN:
                        put(find(name, path.parent, self.folders))
            done.append(path)

        for path in self.order:
            put(path)
        return done


def write(where, name, needs, sources, folders):
    version = re.search(r'BAREQGA_VERSION +"([^"]*)"', (ROOT / "include/bareqga.h").read_text()).group(1)
    licence = "\n".join(f" * {line}".rstrip() for line in (ROOT / "LICENSE").read_text().splitlines())
    head = HEAD.format(name=name, version=version, needs=needs, licence=licence)
    (where / name).write_text(head + Amalgamation(sources, folders).text())


def main():
    where = pathlib.Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    proto = sorted((ROOT / "proto").glob("*/*.c")) + sorted((ROOT / "proto").glob("*.c"))
    write(where, "bareqga.c", "It needs jsmn.h.", proto, [ROOT / "proto"])
    shutil.copy(ROOT / "include/bareqga.h", where)
    if (ROOT / "include/bareqga_virtio.h").exists():
        drivers = sorted((ROOT / "hal/virtio").glob("*.c"))
        write(where, "bareqga_virtio.c", "The virtio drivers; bareqga.c is compiled beside it.", drivers, [ROOT / "hal"])
        shutil.copy(ROOT / "include/bareqga_virtio.h", where)
    shutil.copy(ROOT / "LICENSE", where)


if __name__ == "__main__":
    main()
