# SPDX-License-Identifier: MIT
"""The corpus: files of byte streams, one case a line.

    # a comment
    :directive words            about the next case, or about all that follow
    {"execute":"guest-ping"}    a case; lines that start with a TAB continue it

A line is sent as it stands, without its newline, but for what is in angle brackets:

    <0a> <ef bb bf>   these bytes             <lf> <cr> <tab> <sp> <nul>   the same, by name
    <*1024:[>         `[` 1024 times          <ping>   {"execute":"guest-ping"}
    <tmp>             how a file's path begins
    <handle> <pid>    the last integer (but for guest-sync-delimited's), or pid, that was returned; waits
                      for the answers so far
    <ended>           guest-exec-status of that pid, asked until the program has ended
    <reopen>          reads all answers, leaves and comes back
    <leave>           leaves at once and comes back; nobody asks what came before (the host board only)

About the next case (below a :wrap, about the next line):

    :expect none      nothing is answered (else at least one answer must have been compared)
    :differs NAME     a deliberate difference (differences.toml): the answers must differ, and ours
                      must be those of the `:ours` lines that follow, one answer each, in order;
                      the fence's own is left out

About all that follow:

    :needs NAME       a command that must be offered: for boards that have it; `:needs` ends it
    :mask return      values of "return" are compared by their JSON type only;
    :mask integers    handles and pids differ: integers and pids returned, 'numbers' in a desc;
                      `:mask` ends it
    :agent OPTIONS    both agents are started with these options
    :wrap TEXT        every case below is put in place of the @ in TEXT, once for every :wrap in a
                      row; `:wrap @` ends it
"""

import dataclasses
import os
import pathlib
import re

CORPUS = pathlib.Path(__file__).with_name("corpus")
TMP = f"/tmp/bareqga-{os.getpid()}-"

BYTE_NAMES = {"lf": b"\n", "cr": b"\r", "tab": b"\t", "sp": b" ", "nul": b"\0",
              "ping": b'{"execute":"guest-ping"}', "tmp": TMP.encode()}
# What stands for a value that only the agent knows, or for something that is done; kept apart in
# Case.parts.
REFERENCES = ("handle", "pid", "ended", "reopen", "leave")

REPEAT = re.compile(r"\*(\d+):(.+)", re.S)
HEX = re.compile(r"[0-9a-f]{2}( ?[0-9a-f]{2})*")


@dataclasses.dataclass(frozen=True)
class Case:
    name: str  # topic:line, and .N below several wraps
    parts: tuple  # bytes, or the name of a reference
    expect_none: bool = False
    mask: str = ""
    needs: tuple = ()
    differs: str = ""
    ours: tuple = ()  # answers, bytes
    agent: tuple = ()  # options
    written: str = dataclasses.field(default="", compare=False)  # as it stands in the file

    @property
    def line(self):
        return self.name.partition(".")[0]

    @property
    def size(self):
        return sum(len(part) for part in self.parts)

    @property
    def text(self):
        return encode(self.parts)


def closing(text, start, where):
    """Where the angle bracket ends that opens at start."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"<": 1, ">": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError(f"{where}: write < and > as <3c> and <3e>")


def meaning(inner, where):
    """What stands in angle brackets: bytes, or the name of a reference."""
    if inner in REFERENCES:
        return inner
    if inner in BYTE_NAMES:
        return BYTE_NAMES[inner]
    if HEX.fullmatch(inner):
        return bytes.fromhex(inner)
    repeat = REPEAT.fullmatch(inner)
    if repeat:
        return b"".join(decode(repeat.group(2), where)) * int(repeat.group(1))
    raise ValueError(f"{where}: <{inner}> means nothing")


def decode(text, where="stream"):
    """Text of a corpus line -> parts."""
    parts = [b""]
    at = 0
    while at < len(text):
        opening = text.find("<", at)
        literal = text[at:] if opening < 0 else text[at:opening]
        if ">" in literal:
            raise ValueError(f"{where}: write < and > as <3c> and <3e>")
        parts[-1] += literal.encode()
        if opening < 0:
            break
        end = closing(text, opening, where)
        part = meaning(text[opening + 1 : end], where)
        if isinstance(part, bytes):
            parts[-1] += part
        else:
            parts += [part, b""]
        at = end + 1
    return tuple(part for part in parts if part)


def encode(parts):
    """Parts -> text of a corpus line, for cases that a program writes."""
    out = []
    for part in parts:
        for byte in part if isinstance(part, bytes) else ():
            out.append(chr(byte) if 0x20 <= byte < 0x7F and byte not in b"<>" else f"<{byte:02x}>")
        if not isinstance(part, bytes):
            out.append(f"<{part}>")
    text = "".join(out).replace(TMP, "<tmp>")
    if text[:1] in (":", "#", " "):
        text = f"<{ord(text[0]):02x}>" + text[1:]
    if text.endswith(" "):
        text = text[:-1] + "<sp>"
    return text


class Reader:
    """Reads one corpus file."""

    def __init__(self, path):
        self.topic = path.stem
        self.wraps, self.agent, self.needs, self.mask = ["@"], (), (), ""
        self.cases = []
        self.reset()
        self.previous = ""
        lines = path.read_text().split("\n")
        number = 0
        while number < len(lines):
            first = number
            line = lines[number]
            number += 1
            while number < len(lines) and lines[number].startswith("\t"):
                line += lines[number][1:]
                number += 1
            self.line(line, f"{self.topic}:{first + 1}")

    def reset(self):
        self.now = {}

    def line(self, line, where):
        if line.startswith(":"):
            word, _, rest = line[1:].partition(" ")
            self.directive(word, rest, where)
            self.previous = word
        elif line and not line.startswith("#"):
            self.case(line, where)
            self.previous = ""

    def directive(self, word, rest, where):
        now = self.now
        if word == "wrap":
            self.wraps = self.wraps + [rest] if self.previous == "wrap" else [rest]
        elif word == "agent":
            self.agent = tuple(rest.split())
        elif word == "needs":
            self.needs = tuple(rest.split())
        elif word == "mask" and rest in ("", "return", "integers"):
            self.mask = rest
        elif word == "expect" and rest == "none":
            now["expect_none"] = True
        elif word == "differs":
            now[word] = rest
        elif word == "ours":
            now["ours"] = now.get("ours", ()) + (b"".join(decode(rest, where)) + b"\n",)
        else:
            raise ValueError(f"{where}: there is no directive :{word} {rest}")

    def case(self, line, where):
        for number, wrap in enumerate(self.wraps):
            name = where if len(self.wraps) == 1 else f"{where}.{number + 1}"
            text = wrap.replace("@", line) if wrap != "@" else line
            self.cases.append(Case(name, decode(text, where), agent=self.agent,
                                   needs=self.needs, mask=self.mask, written=text, **self.now))
        self.reset()


def load(topics=None):
    """All cases, in the order of the files' names."""
    cases = []
    for path in sorted(CORPUS.glob("*.txt")):
        if topics is None or path.stem in topics:
            cases += Reader(path).cases
    return cases
