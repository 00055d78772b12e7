# SPDX-License-Identifier: MIT
"""Writes random streams that know the grammar, for fuzz.py.

A stream is a sequence of bytes and of references (stream.py): requests of every command of the
schema with arguments of the right and of wrong types, values of all kinds as ids, sequences of
tokens, brackets near the limit, cases of the corpus that were cut, repeated, spliced and damaged,
sessions on a file, and clients that leave and come back.

What would act on the machine, and what only one guest can answer, is asked in such a way only that
it is refused: is_safe() tells, for whatever a stream has become.
"""

import re

import agents
import schema
import stream

LONGEST = 8000  # bytes of a stream

# Commands that are always given an argument which they do not know, first of all. Where a path is
# asked for, there is nothing, or nobody else's file.
GUARDED = (*agents.DANGEROUS, b"guest-info", b"guest-get", b"guest-network")
REFUSED = b'","arguments":{"refused":0'
PATHS = {"guest-exec": ["/nowhere"], "guest-file-open": ["/nowhere/x"]}
FILES = [f"{stream.TMP}f{n}" for n in range(4)]
UNSAFE = re.compile(
    rb"(?:%s)(?![a-z-]*%s[,}])" % (b"|".join(GUARDED), re.escape(REFUSED))
    + rb"|guest-exec(?!-status|%s)" % rb'","arguments":\{"path":(?:"/nowhere"[,}]|[0-9tfn\[{-])'
    + rb"|file-open(?!%s)" % rb'","arguments":\{"path":(?:"/nowhere/x"[,}]|"%s"[,}]|[0-9tfn\[{-])'
    % b"|".join(re.escape(path.encode()) for path in FILES))

COMMANDS = {name: schema.members(facts["arguments"]) for name, facts in schema.commands.items()
            if tuple(map(int, facts["since"].split("."))) < (7, 3) and name != "guest-get-devices"}
SPELLINGS = ["guest-ping", "guest\\u002dping", "guest-pong", "", "guest-sync", "guest-sync-delimited"]
NAMES = ["execute", "arguments", "id", "exec-oob", "control", "x", "", "a", "ID", "\\u0069d"]
WORDS = {"buf-b64": ['"YQ=="', '""', '"%"', '"YW\\nJj"', '"YQ"'], "input-data": ['"YQ=="', '"%"', '""'],
         "mode": ['"r"', '"w"', '"rb+"', '"x"', '""'], "env": ['["A=1"]', "[]"], "arg": ['["a"]', "[]"]}
INTEGERS = ["0", "-1", "1", "5", "4096", "999999", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "18446744073709551615"]
SCALARS = ["0", "-0", "1", "-1", "7", "1.5", "1e3", "-2.5E-3", "0.1", "9223372036854775807",
           "9223372036854775808", "-9223372036854775809", "18446744073709551615",
           "18446744073709551616", "1e400", "123456789.125", "true", "false", "null"]
BROKEN = ["01", "1.", "1e", "-", "+1", "0x1", "tru", "nil", "x", "@", "\\", "A", "0e1", "1.5.5", "1a"]
CHARS = ["a", "b", " ", "/", "'", "\\n", "\\\"", "\\\\", "\\/", "\\'", "\\b", "\\f", "\\t", "\x7f",
         "é", "€", "😀", "{", "}", "[", "]", ",", ":"]
BAD_CHARS = ["\\q", "\\u12", "\\ud800", "\\udc00", "\\ud83dx", "\\ude00\\ud83d", "\\uffff", "\\ufdd0",
             "\\ud83f\\udfff", "\n", "\t"]
BAD_BYTES = [b"\xff", b"\xfe", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0",
             b"\x01", b"\x1b", b"\n", b"\r", b"\t", b" ", b"\xc3", b"\xe2\x82"]
TOKENS = ["{", "}", "[", "]", ",", ":", " ", "\n"]


def is_safe(parts):
    return not UNSAFE.search(b"".join(p if isinstance(p, bytes) else b"0" for p in parts))


class Author:
    """chance: random.Random; seeds: streams to damage, bytes; leaves: clients may leave in the middle."""

    def __init__(self, chance, seeds, leaves=True):
        self.chance = chance
        self.endings = ("reopen", "leave") if leaves else ("reopen",)
        self.seeds = [s for s in seeds if len(s) <= LONGEST and not UNSAFE.search(s)]

    def rare(self, one_in):
        return self.chance.randrange(one_in) == 0

    # Values

    def character(self):
        pick, kind = self.chance, self.chance.randrange(8)
        if kind < 5:
            return pick.choice(CHARS)
        code = pick.choice((pick.randrange(0x80), pick.randrange(0x800), pick.randrange(0xD800),
                            pick.randrange(0xE000, 0xFDD0), pick.randrange(0x10000, 0x110000)))
        if kind == 5 and code >= 0x20 and chr(code) not in "\"\\'":
            return chr(code)
        units = chr(code).encode("utf-16-be")
        text = "".join(f"\\u{units[i:i + 2].hex()}" for i in range(0, len(units), 2))
        return text if kind == 6 else text.upper().replace("U", "u")

    def string(self, text=None):
        quote = "'" if self.rare(6) else '"'
        if text is None:
            text = "".join(self.character() for _ in range(self.chance.randrange(6)))
        if self.rare(30):
            text += self.chance.choice(BAD_CHARS)
        return quote + (text.replace('"', "") if quote == '"' and self.rare(50) else text) + quote

    def number(self):
        pick = self.chance
        text = pick.choice(["", "-"]) + str(pick.randrange(10 ** pick.choice((1, 3, 10, 19, 20, 25, 40))))
        if self.rare(2):
            text += "." + "".join(pick.choice("0123456789") for _ in range(pick.randrange(1, 20)))
        if "." in text and self.rare(2) or self.rare(4) and not text.endswith("0"):
            text += pick.choice("eE") + pick.choice(["", "+", "-"]) + str(pick.randrange(pick.choice((5, 30, 330))))
        return text

    def value(self, depth=0):
        pick = self.chance.randrange(14 if depth < 4 else 9)
        if pick < 4:
            return self.chance.choice(SCALARS)
        if pick < 6:
            return self.number()
        if pick < 9:
            return self.string()
        if self.rare(25):
            return self.chance.choice(BROKEN)
        if self.rare(150) and depth < 2:
            return self.deep()
        count = self.chance.randrange(4)
        if pick < 12:
            return "[" + self.comma().join(self.value(depth + 1) for _ in range(count)) + "]"
        return "{" + self.comma().join(self.member(depth) for _ in range(count)) + "}"

    def deep(self):
        """Brackets in brackets, sometimes as many as may be, one more or one less."""
        depth = self.chance.choice((10, 100, *range(1018, 1028)))
        if self.rare(2):
            return "[" * depth + self.value(4) + "]" * depth
        return '{"a":[' * (depth // 2) + self.value(4) + "]}" * (depth // 2)

    def comma(self):
        return ", " if self.rare(4) else "," if not self.rare(60) else self.chance.choice(TOKENS)

    def member(self, depth):
        name = self.chance.choice(NAMES) if self.rare(2) else None
        return self.string(name) + (":" if not self.rare(60) else "") + self.value(depth + 1)

    # Requests

    def shaped(self, shape, name=""):
        """A value of a shape of the schema, or of a wrong one."""
        if self.rare(6):
            return self.value(3)
        if name in WORDS and not self.rare(3):
            return self.chance.choice(WORDS[name])
        if shape.startswith("["):
            count = self.chance.choice((0, 1, 1, 2, 3, 11))
            return "[" + self.comma().join(self.shaped(shape[1:-1]) for _ in range(count)) + "]"
        if shape.startswith("{"):
            return "{" + self.comma().join(self.arguments(schema.members(shape[1:-1]))) + "}"
        kind = self.chance.choice(shape.split("|"))
        if kind in ("int", "uint"):
            return self.chance.choice(INTEGERS)
        if kind == "bool":
            return self.chance.choice(("true", "false"))
        return self.string(None if kind == "str" else kind)

    def arguments(self, members):
        """Members in any order: most of them there and right, sometimes one too many."""
        names = [name for name, (optional, _) in members.items() if not self.rare(2 if optional else 8)]
        self.chance.shuffle(names)
        out = [self.string(name) + ":" + self.shaped(members[name][1], name) for name in names]
        return out + ([self.member(3)] if self.rare(10) else [])

    def request(self):
        pick = self.chance
        command = pick.choice([*COMMANDS, *SPELLINGS * 5])
        known = COMMANDS.get(command, {})
        if any(name in command.encode() for name in GUARDED):
            return self.guarded(command, ['"refused":0', *self.arguments(known)])
        if command in PATHS:
            path = f'"{pick.choice(PATHS[command])}"' if not self.rare(8) else pick.choice(("1", "null", "[]"))
            rest = {name: facts for name, facts in known.items() if name != "path"}
            return self.guarded(command, [f'"path":{path}', *self.arguments(rest)])
        members = []
        if not self.rare(10):
            members.append('"execute":' + self.string(command))
        if known or self.rare(3):
            members.append('"arguments":' + (self.value() if self.rare(8) else
                                             "{" + self.comma().join(self.arguments(known)) + "}"))
        if self.rare(2):
            members.append('"id":' + self.value())
        if self.rare(12):
            members.append(self.member(2))
        pick.shuffle(members)
        return ("{" + self.comma().join(members) + "}").encode()

    def guarded(self, command, arguments):
        ident = f',"id":{self.value()}' if self.rare(2) else ""
        return f'{{"execute":"{command}","arguments":{{{",".join(arguments)}}}{ident}}}'.encode()

    # Streams

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

    def session(self):
        """One file: opened, worked on, closed."""
        pick, handle = self.chance, b'"arguments":{"handle":'
        opened = '{"execute":"guest-file-open","arguments":{"path":"%s","mode":"%s"}}' % (
            pick.choice(FILES), pick.choice("r w a r+ w+ a+ rb w+b".split()))
        parts = [opened.encode()]
        for _ in range(pick.randrange(1, 9)):
            name, more = pick.choice((
                ("read", '"count":%d' % pick.choice((0, 1, 2, 3, 5, 12, 100))),
                ("write", '"buf-b64":"%s"' % pick.choice(("", "YQ==", "aGVsbG8=", "AAECA/z9/v8="))),
                ("write", '"buf-b64":"YWJjZGVm","count":%d' % pick.choice((-1, 0, 3, 6, 7))),
                ("seek", '"offset":%d,"whence":%s' % (pick.choice((-3, -1, 0, 1, 4, 40)), pick.choice(
                    ("0", "1", "2", "3", '"set"', '"cur"', '"end"')))),
                ("flush", '"x":1' if self.rare(5) else "")))
            parts += [f'{{"execute":"guest-file-{name}",'.encode() + handle, "handle",
                      b",%s}}" % more.encode() if more else b"}}"]
            if self.rare(12):
                parts.append("reopen")
        return (*parts, b'{"execute":"guest-file-close",' + handle, "handle", b"}}")

    def visits(self):
        """Clients that come one after the other; some leave in the middle of a request."""
        parts = []
        for _ in range(self.chance.randrange(1, 4)):
            parts += [self.piece(), self.chance.choice(self.endings)]
        return (*parts, self.piece())

    def write(self):
        """A stream: parts as those of a Case."""
        while True:
            if self.rare(12):
                parts = self.session()
            elif self.rare(25):
                parts = self.visits()
            else:
                data = b"".join(self.piece() for _ in range(self.chance.randrange(1, 5)))
                if self.rare(8):
                    at = self.chance.randrange(len(data) + 1)
                    data = data[:at] + self.chance.choice(BAD_BYTES) + data[at:]
                parts = (data,) if data else ()
            if sum(map(len, parts)) <= LONGEST and is_safe(parts):
                return parts

    def sizes(self, parts):
        """Sizes of the pieces a stream is sent in; 0 is a pause. None: it is sent whole."""
        if not self.rare(4):
            return ()
        most = self.chance.choice((1, 3, 40, 1 + sum(map(len, parts))))
        return [self.chance.randint(1, most) if not self.rare(30) else 0 for _ in range(60)]
