# SPDX-License-Identifier: MIT
"""No stream costs more than linear work: instructions, counted by callgrind, at n, 2n and 4n bytes.

Deterministic, so no slack is needed but for what does not grow: each doubling may cost twice as
much as the one before, and a little.
"""

import re
import subprocess

import pytest

import agents
import guest
import stream

N = 8 << 10  # 4n is half of what the request buffer holds
SLACK = 1.1
PER_BYTE = 400  # instructions, at the most


def ping(id_text):
    return b'{"execute":"guest-ping","id":%s}' % id_text


def items(n, text):
    """A list of about n bytes that holds as many numbered items as fit; text has a %d."""
    return b",".join(text % i for i in range(n // (len(text) + 4)))


WORST = {
    # within the request buffer
    "string": lambda n: ping(b'"%s"' % (b"x" * n)),
    "string of quotes": lambda n: ping(b'"%s"' % (b'\\"' * (n // 2))),
    "string of escapes": lambda n: ping(b'"%s"' % (b"\\u00e9" * (n // 6))),
    "string of pairs": lambda n: ping(b'"%s"' % (b"\\ud83d\\ude00" * (n // 12))),
    "string of UTF-8": lambda n: ping(b'"%s"' % ("é€😀".encode() * (n // 9))),
    "many strings": lambda n: ping(b"[%s]" % items(n, b'"s%d"')),
    "many empty strings": lambda n: ping(b"[%s]" % b",".join([b'""'] * (n // 3))),
    "many escapes": lambda n: ping(b"[%s]" % items(n, b'"\\n%d"')),
    "long number": lambda n: ping(b"9" * n),
    "long fraction": lambda n: ping(b"0." + b"3" * n),
    "long exponent": lambda n: ping(b"1e" + b"0" * n + b"1"),
    "many numbers": lambda n: ping(b"[%s]" % items(n, b"%d")),
    "many doubles": lambda n: ping(b"[%s]" % items(n, b"%d.5e3")),
    "large doubles": lambda n: ping(b"[%s]" % items(n, b"%de300")),
    "small doubles": lambda n: ping(b"[%s]" % items(n, b"%de-300")),
    "keywords": lambda n: ping(b"[%s]" % b",".join([b"null"] * (n // 5))),
    "members": lambda n: ping(b"{%s}" % items(n, b'"k%d":1')),
    "members with one length": lambda n: ping(b"{%s}" % items(n, b'"%06d":1')),
    "long members": lambda n: ping(b"{%s}" % items(n, b'"' + b"k" * 40 + b'%d":1')),
    "many objects": lambda n: ping(b"[%s]" % items(n, b'{"a":1,"b":%d}')),
    "last member twice": lambda n: ping(b'{%s,"k1":1}' % items(n, b'"k%d":1')),
    "unexpected members": lambda n: b"{%s}" % items(n, b'"k%d":1'),
    "unexpected arguments": lambda n: b'{"execute":"guest-ping","arguments":{%s}}'
                                      % items(n, b'"k%d":1'),
    "empty lists": lambda n: ping(b"[%s]" % b",".join([b"[]"] * (n // 3))),
    "lists of lists": lambda n: ping(b"[%s]" % b",".join([b"[" * 100 + b"]" * 100] * (n // 201))),
    "deep lists": lambda n: ping(b"[" * 1000 + b"]" * 1000) * (n // 2000),
    "deeper and deeper": lambda n: ping(b"[%s]" % b",".join(
        b"[" * (n >> 7) + b"]" * (n >> 7) for _ in range(8))),  # depth grows with n: up to 257
    "deep objects": lambda n: ping(b'{"a":' * 1000 + b"1" + b"}" * 1000) * (n // 6000),
    "fault at the end": lambda n: ping(b"[%s,]" % items(n, b"%d")),
    "stray byte at the end": lambda n: ping(b"[%s,@]" % items(n, b"%d")),
    "long keyword": lambda n: b"a" * n + b"\n",
    "command": lambda n: b'{"execute":"%s"}' % (b"x" * n),
    # beyond it
    "large request": lambda n: ping(b'"%s"' % (b"x" * n * 16)),
    "large list": lambda n: ping(b"[%s]" % items(n * 16, b"%d")),
    "lone quote": lambda n: b'"' + b"x" * n * 16,
    "lone single quote": lambda n: b"'" + b"x" * n * 16,
    # not kept
    "blanks": lambda n: b" " * n * 16,
    "blanks in a request": lambda n: b"{" + b" \n" * n * 8 + b"}",
    "resets": lambda n: b"\xff" * n,
    "resets of brackets": lambda n: b"[[[[[[[\xff" * (n // 8),
    "resets of strings": lambda n: b'"strin\xff' * (n // 7),
    "control bytes": lambda n: b"\x01" * n,
    "garbage": lambda n: b"@garbage garbage " * n,
    "opening brackets": lambda n: b"[" * n * 2,
    "opening braces": lambda n: b'{"a":' * n,
    "closing brackets": lambda n: b"]" * n,
    "commas": lambda n: b"," * n,
    "crossed brackets": lambda n: b"[}{]" * (n // 4),
    "numbers": lambda n: b"1 " * (n // 2),
    "pings": lambda n: stream.BYTE_NAMES["ping"] * (n // 24),
}


pytestmark = pytest.mark.xdist_group("linear")  # one process builds and counts for all


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    """{name: [instructions at n, 2n, 4n]}, and the bytes fed; one run of valgrind counts all."""
    folder = tmp_path_factory.mktemp("cost")
    program = guest.ROOT / "build/diff/cost"
    guest.make_alone(str(program.relative_to(guest.ROOT)))
    paths, sizes = [], []
    for name, write in WORST.items():
        for scale in (1, 2, 4):
            path = folder / f"{name} {scale}"
            path.write_bytes(write(N * scale))
            paths.append(path)
            sizes.append(path.stat().st_size)
    done = subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                           str(program), *map(str, paths)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answered = [int(line) for line in done.stdout.split()]
    cost = []
    for number in range(1, len(paths) + 1):
        dump = (folder / f"out.{number}").read_text()
        assert str(paths[number - 1]) in dump
        cost.append(int(re.search(r"^(?:totals|summary): (\d+)", dump, re.M)[1]))
    found = {}
    for at, name in enumerate(WORST):
        part = slice(3 * at, 3 * at + 3)
        found[name] = list(zip(sizes[part], answered[part], cost[part]))
    return found


@pytest.mark.parametrize("name", WORST)
def test_work_is_linear(counts, name):
    (size1, _, cost1), (size2, _, cost2), (size4, answered, cost4) = counts[name]
    assert cost4 - cost2 <= SLACK * (cost2 - cost1) * (size4 - size2) / (size2 - size1) + 1000, \
        f"{cost1} {cost2} {cost4} instructions for {size1} {size2} {size4} bytes"
    assert cost4 <= PER_BYTE * (size4 + answered), f"{cost4 / (size4 + answered)} for each byte"


LARGE = {
    "a request of 1 MiB": b'{"execute":"guest-ping","id":"%s"}' % (b"x" * (1 << 20)),
    "a list of 1 MiB": b'{"execute":"guest-ping","id":[%s1]}' % (b"1," * (1 << 19)),
    "100,000 opening brackets": b"[" * 100000,
    "100,000 opening braces": b'{"a":' * 100000,
    "1 MiB of garbage": bytes(range(256)) * 4096,
    "1 MiB of resets": b"\xff" * (1 << 20),
    "a quote and 1 MiB": b'"' + b"x" * (1 << 20),
    "a single quote and 1 MiB": b"'" + b"x" * (1 << 20),
    "1 MiB of blanks": b" " * (1 << 20),
}


@pytest.mark.parametrize("board", ["host", "virt-riscv64"])
@pytest.mark.parametrize("name", LARGE)
def test_answers_after(board, name):
    """Whatever came, the reset and a ping are answered, and nothing behind them."""
    variant = guest.variants(board)[0]
    with agents.Bareqga(variant) as ours:
        ours.answer(LARGE[name])
        answers = ours.answer(stream.BYTE_NAMES["ping"])
        assert answers[0] == b'{"return": {}}\n' and len(answers) == 2
