# SPDX-License-Identifier: MIT
"""fuzz.py SECONDS [SEED [BOARD]] - plays random streams to the real qemu-ga and to bareqga.

The streams know the grammar: they are requests with members and values of all kinds, sequences of
tokens, and cases of the corpus that were cut, repeated, spliced and damaged. A disagreement that is
not one of the deliberate differences is made as short as it can be and written to
corpus/found.txt; then the run fails.
"""

import pathlib
import random
import re
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent)]

import agents
import compare
import guest
import stream

FOUND = stream.CORPUS / "found.txt"
ENOUGH = 5  # disagreements until the run ends
LONGEST = 8000  # bytes of a stream
# Not played: what changes the machine, and what only one guest can answer.
KEPT_AWAY = re.compile(b"|".join((*agents.DANGEROUS, b"guest-info", b"guest-get", b"guest-network",
                                  b"guest-file-open", b"guest-exec(?!-status)")))

NAMES = ["execute", "arguments", "id", "exec-oob", "control", "x", "", "a", "ID", "\\u0069d"]
COMMANDS = {
    "guest-ping": (), "guest\\u002dping": (), "guest-pong": (), "": (),
    "guest-sync": ("id",), "guest-sync-delimited": ("id",),
    "guest-file-read": ("handle", "count"), "guest-file-close": ("handle",),
    "guest-file-write": ("handle", "buf-b64", "count"),
    "guest-file-seek": ("handle", "offset", "whence"), "guest-exec-status": ("pid",),
}
ARGUMENTS = {
    "buf-b64": ['"YQ=="', '""', '"%"'], "whence": ["0", "2", "3", '"set"', '"end"', '"middle"'],
}
INTEGERS = ["0", "-1", "5", "4096", "9223372036854775807"]
SCALARS = ["0", "-0", "1", "-1", "7", "1.5", "1e3", "-2.5E-3", "0.1", "9223372036854775807",
           "9223372036854775808", "-9223372036854775809", "18446744073709551615",
           "18446744073709551616", "1e400", "123456789.125", "true", "false", "null"]
BROKEN = ["01", "1.", "1e", "-", "+1", "0x1", "tru", "nil", "x", "@", "\\", "A", "0e1", "1.5.5", "1a"]
CHARS = ["a", "b", " ", "/", "'", "\\n", "\\\"", "\\\\", "\\/", "\\'", "\\u0041", "\\u00e9",
         "\\u0000", "\\ud83d\\ude00", "\x7f", "é", "€", "😀", "{", "}", "[", "]", ",", ":"]
BAD_CHARS = ["\\q", "\\u12", "\\ud800", "\\udc00", "\\uffff", "\\ufdd0", "\n", "\t"]
BAD_BYTES = [b"\xff", b"\xfe", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0",
             b"\x01", b"\x1b", b"\n", b"\r", b"\t", b" ", b"\xc3", b"\xe2\x82"]
TOKENS = ["{", "}", "[", "]", ",", ":", " ", "\n"]


class Author:
    """Writes streams."""

    def __init__(self, chance, seeds):
        self.chance, self.seeds = chance, seeds

    def rare(self, one_in):
        return self.chance.randrange(one_in) == 0

    def string(self, text=None):
        pick = self.chance
        quote = "'" if self.rare(6) else '"'
        if text is None:
            text = "".join(pick.choice(CHARS) for _ in range(pick.randrange(6)))
        if self.rare(30):
            text += pick.choice(BAD_CHARS)
        return quote + (text.replace('"', "") if quote == '"' and self.rare(50) else text) + quote

    def value(self, depth=0):
        pick = self.chance.randrange(12 if depth < 4 else 8)
        if pick < 5:
            return self.chance.choice(SCALARS)
        if pick < 8:
            return self.string()
        if self.rare(25):
            return self.chance.choice(BROKEN)
        count = self.chance.randrange(4)
        if pick < 10:
            return "[" + self.comma().join(self.value(depth + 1) for _ in range(count)) + "]"
        return "{" + self.comma().join(self.member(depth) for _ in range(count)) + "}"

    def comma(self):
        return ", " if self.rare(4) else "," if not self.rare(60) else self.chance.choice(TOKENS)

    def member(self, depth):
        name = self.chance.choice(NAMES)
        return self.string(name) + (":" if not self.rare(60) else "") + self.value(depth + 1)

    def arguments(self, names):
        """Arguments of a command: most of them right, some of them missing or too many."""
        chance = self.chance
        names = [name for name in names if not self.rare(8)]
        names += [chance.choice(NAMES)] if self.rare(8) else []
        chance.shuffle(names)
        return "{" + self.comma().join(
            self.string(name) + ":" + (self.value(3) if self.rare(5) else
                                       chance.choice(ARGUMENTS.get(name, INTEGERS)))
            for name in names) + "}"

    def request(self):
        chance = self.chance
        command = chance.choice(list(COMMANDS))
        members = []
        if not self.rare(10):
            members.append('"execute":' + self.string(command))
        if COMMANDS[command] or self.rare(3):
            members.append('"arguments":' + (self.value() if self.rare(8) else
                                             self.arguments(COMMANDS[command])))
        if self.rare(2):
            members.append('"id":' + self.value())
        if self.rare(12):
            members.append(self.member(2))
        chance.shuffle(members)
        return ("{" + self.comma().join(members) + "}").encode()

    def tokens(self):
        out = b""
        for _ in range(self.chance.randrange(1, 30)):
            kind = self.chance.randrange(10)
            if kind < 6:
                out += self.chance.choice(TOKENS).encode()
            elif kind < 8:
                out += self.value(3).encode()
            elif kind < 9:
                out += self.chance.choice(BROKEN).encode()
            else:
                out += self.chance.choice(BAD_BYTES)
        return out

    def piece(self):
        kind = self.chance.randrange(8)
        if kind < 3:
            return self.request()
        if kind < 4:
            return self.tokens()
        if kind < 5:
            return self.chance.choice(BAD_BYTES)
        return self.damaged(self.chance.choice(self.seeds))

    def damaged(self, data):
        chance = self.chance
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(data) + 1)
            end = min(len(data), at + chance.choice((1, 1, 2, 5, 20)))
            kind = chance.randrange(6)
            if kind == 0:
                data = data[:at] + data[end:]
            elif kind == 1:
                data = data[:at] + data[at:end] * chance.choice((2, 3, 50)) + data[end:]
            elif kind == 2:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            elif kind == 3:
                data = data[:at] + chance.choice(BAD_BYTES) + data[at:]
            elif kind == 4:
                data = data[:at] + self.tokens() + data[at:]
            else:
                data = data[:at] + chance.choice(self.seeds)[at:]
        return data

    def write(self):
        while True:
            out = b"".join(self.piece() for _ in range(self.chance.randrange(1, 5)))
            if len(out) <= LONGEST and not KEPT_AWAY.search(out):
                return out


class Duel:
    """Both agents, and whether they agree about a stream."""

    def __init__(self, board):
        self.reference = agents.QemuGa()
        self.ours = agents.Bareqga(guest.variants(board)[0])

    def close(self):
        self.reference.close()
        self.ours.close()

    def differ(self, data, sizes=()):
        """None, or a text that says where they differ."""
        case = stream.Case("random", (data,) if data else ())
        theirs = self.reference.play(case)
        try:
            ours = self.ours.play(case, sizes)
        except agents.Hung as error:
            return f"{stream.encode(data)[:2000]}\n  {error}"
        at = compare.disagreement(theirs, ours)
        if at is None:
            return None
        return compare.explain("found", stream.encode(data), theirs, ours, at)

    def shortest(self, data, sizes):
        """Takes away whatever can go while they still differ."""
        if self.differ(data):
            sizes = ()
        step = max(1, len(data) // 2)
        while True:
            at, shrunk = 0, False
            while at < len(data):
                less = data[:at] + data[at + step :]
                if self.differ(less, sizes):
                    data, shrunk = less, True
                else:
                    at += step
            if step == 1 and not shrunk:
                return data
            step = max(1, step // 2)


def main(seconds, seed, board="host"):
    agents.PATIENCE = 10
    seeds = [b"".join(case.parts) for case in stream.load()
             if not (case.agent or case.needs or case.mask or case.differs)]
    author = Author(random.Random(seed), [s for s in seeds if len(s) <= LONGEST])
    duel = Duel(board)
    start, played, found = time.monotonic(), 0, []
    try:
        while time.monotonic() < start + seconds and len(found) < ENOUGH:
            data = author.write()
            sizes = [author.chance.randint(1, 40) for _ in range(9)] if author.rare(4) else ()
            played += 1
            if not duel.differ(data, sizes):
                continue
            data = duel.shortest(data, sizes)
            text = stream.encode(data)
            if text not in found:
                found.append(text)
                print(duel.differ(data, sizes) or f"only in pieces: {text}", flush=True)
    finally:
        duel.close()
    if found:
        with FOUND.open("a") as file:
            file.write("".join(f"{text}\n" for text in found))
    print(f"{played} streams in {time.monotonic() - start:.0f} s, seed {seed}: {len(found)} disagreements")
    return 1 if found else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(float(arguments[0]), int(arguments[1]) if arguments[1:] else
                  random.randrange(2**32), *arguments[2:]))
