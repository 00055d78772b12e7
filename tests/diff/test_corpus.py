# SPDX-License-Identifier: MIT
"""The corpus, played to the real qemu-ga and to bareqga: the answers must mean the same.

One test is one line of the corpus. It is played to the host board whole, in random pieces, and to
one that reads byte by byte; and to boards under QEMU, one of 64 and one of 32 bits, whole and in
random pieces. A microcontroller with 2 KiB for a request gets the topics that fit it, and the
smallest image what its five commands and its limits allow.
"""

import dataclasses
import json
import os
import random
import re

import pytest

import agents
import compare
import guest
import record
import stream
import tiny

# With the example application, because it offers everything there is.
HOST = dataclasses.replace(guest.variants("host")[0], app="example")
BOARDS = [dataclasses.replace(guest.variants(name)[0], app="example")
          for name in ("virt-riscv64", "virt-arm")]
MICRO = guest.variants("mps2-an385")[0]
MICRO_TOPICS = ("envelope", "framing", "numbers", "strings", "sync")
LIMITS = {"size": ("-s", "98304"), "count": ("-k", "4096")}  # the host's, where these are the difference
BYTEWISE = 50000  # longest stream that is read byte by byte
NO_SYS = re.compile(rb"/sys/[\w/]+|/sys\b")  # what qemu-ga cannot find, in containers
CASES = stream.load()
VERSION = agents.version()
RECORDED = record.load()


def lines(wanted=lambda case: True):
    """Parametrizes a test by lines of the corpus."""
    found = {}
    for case in filter(wanted, CASES):
        found.setdefault(case.line, []).append(case)
    return pytest.mark.parametrize("cases", found.values(), ids=found.keys())


def pieces(case):
    """Sizes of the pieces of a playing; seeded by the case, so the same every time."""
    chance = random.Random(case.name)
    return [chance.randint(1, max(2, case.size // 3)) for _ in range(64)]


class Stage:
    """The agents that are running, and what qemu-ga answered."""

    def __init__(self):
        self.running = {}
        self.known = {}

    def agent(self, kind, options=(), more=()):
        key = str(kind), options, more
        if key not in self.running:
            self.running[key] = (agents.QemuGa(options) if kind == "qemu-ga" else
                                 agents.Bareqga(kind, options, more))
        return self.running[key]

    def reference(self, case):
        if case.name not in self.known:
            self.known[case.name] = self.agent("qemu-ga", case.agent).play(case)
        for line in self.known[case.name]:
            path = NO_SYS.search(line)
            if path and not os.path.exists(path[0]):
                pytest.skip(f"{path[0].decode()} is not here, so qemu-ga has no answer to compare with")
        return self.known[case.name]

    def close(self):
        for agent in self.running.values():
            agent.close()


@pytest.fixture(scope="module")
def stage():
    for variant in HOST, *BOARDS, MICRO, tiny.VARIANT:
        guest.build(variant.board, variant.app)
    stage = Stage()
    yield stage
    stage.close()


def check(stage, case, agent, sizes=()):
    theirs = stage.reference(case)
    if not compare.over(case.differs, VERSION):
        assert bool(theirs[:-1]) != case.expect_none, "qemu-ga answered nothing: nothing was compared"
    hold(case, theirs, agent.play(case, sizes), VERSION)


def hold(case, theirs, ours, version):
    """Holds our answers against those of a version of qemu-ga, the fence's error among both."""
    if case.differs:
        if compare.first_difference(theirs, ours, case.mask, version) is None:
            assert compare.over(case.differs, version), f"{case.name}: there is no difference {case.differs!r} any more"
            return
        theirs, ours, version = [*case.ours], ours[:-1], ""
    at = compare.disagreement(theirs, ours, case.mask, stop=False, version=version)
    assert at is None, compare.explain(case.name, case.text, theirs, ours, at, (f"qemu-ga {version}", "bareqga"))


@lines()
def test_host(stage, cases):
    for case in cases:
        limits = LIMITS.get(case.differs, ())
        check(stage, case, stage.agent(HOST, case.agent, limits))
        check(stage, case, stage.agent(HOST, case.agent, limits), pieces(case))
        if case.size < BYTEWISE:
            check(stage, case, stage.agent(HOST, case.agent, (*limits, "-r", "1")))


@pytest.mark.parametrize("board", BOARDS, ids=str)
@lines(lambda case: not case.agent and "leave" not in case.parts and case.differs not in LIMITS)
def test_board(stage, cases, board):
    for case in cases:
        check(stage, case, stage.agent(board))
        check(stage, case, stage.agent(board), pieces(case))


@lines(lambda case: case.line.split(":")[0] in MICRO_TOPICS)
def test_microcontroller(stage, cases):
    for case in cases:
        theirs, ours = stage.reference(case), stage.agent(MICRO).play(case)
        at = compare.disagreement(theirs, ours, case.mask, version=VERSION)
        assert at is None, compare.explain(case.name, case.text, theirs, ours, at)


@lines(tiny.can_play)
def test_smallest(stage, cases):
    for case in cases:
        theirs, ours = tiny.comparable(case, stage.reference(case), stage.agent(tiny.VARIANT).play(case))
        at = compare.disagreement(theirs, ours, case.mask, version=VERSION)
        assert at is None, compare.explain(case.name, case.text, theirs, ours, at)


def recorded(version):
    return [case for case in CASES if record.key(case) in RECORDED[version]]


@pytest.mark.parametrize("version", RECORDED)
def test_recorded(stage, version):
    """What other versions answered, on a machine that has them (record.py)."""
    for case in recorded(version):
        ours = stage.agent(HOST, case.agent, LIMITS.get(case.differs, ())).play(case)
        hold(case, [*RECORDED[version][record.key(case)], ours[-1]], ours, version)


def test_recordings_are_true(stage):
    """Of the version that is installed here."""
    if VERSION not in RECORDED:
        pytest.skip(f"of the qemu-ga installed, {VERSION}, no answers are recorded; there are those of {', '.join(RECORDED)}")
    for case in recorded(VERSION):
        theirs, again = RECORDED[VERSION][record.key(case)], stage.reference(case)[:-1]
        at = compare.first_difference(compare.unplaced(theirs), compare.unplaced(again), case.mask)
        assert at is None, compare.explain(case.name, case.text, theirs, again, at, ("recorded", "now"))


def test_versions_are_shown():
    """Each row of versions.toml is needed: a recorded stream shows it."""
    oldest, used = min(RECORDED, key=compare.number), set()
    for version in RECORDED:
        for case in recorded(version):
            theirs, old = (RECORDED[v].get(record.key(case), []) for v in (version, oldest))
            compare.first_difference(theirs, old, case.mask, version, used)
    assert used == set(compare.VERSIONS)


@lines(lambda case: case.size <= 200 and not case.agent and not case.needs)
def test_reference_ignores_pieces(stage, cases):
    """What the comparison rests on: qemu-ga's answers do not depend on how bytes arrive."""
    for case in cases:
        theirs = stage.reference(case)
        again = stage.agent("qemu-ga").play(case, [1] * case.size)
        assert compare.first_difference(compare.unplaced(theirs), compare.unplaced(again), "return") is None


@pytest.mark.parametrize("kind", (HOST, *BOARDS), ids=str)
def test_everything_is_offered(stage, kind):
    """No case is answered alike only because a command is missing on both sides."""
    info = stage.agent(kind).play(stream.Case("info", (b'{"execute":"guest-info"}',)))[0]
    offered = {row["name"] for row in json.loads(info)["return"]["supported_commands"]}
    assert {name for case in CASES for name in case.needs} <= offered


def test_commands(stage):
    """The difference "commands", where no application backs them."""
    request = b'{"execute":"guest-suspend-disk","arguments":{"x":1}}'
    theirs, ours = (stage.agent(kind).play(stream.Case("commands", (request,)))[0] for kind in ("qemu-ga", MICRO))
    assert b"Parameter 'x' is unexpected" in theirs
    assert b'"CommandNotFound"' in ours


def test_disconnect(stage):
    """The difference "disconnect", which no stream can show."""
    answers = {}
    for kind in ("qemu-ga", HOST):
        agent = stage.agent(kind)
        agent.play(stream.Case("ready", ()))
        agent.socket.sendall(b'{"execute":"guest-pi')
        agent.reopen()
        answers[kind] = agent.answer(b'ng"}<')
    assert answers["qemu-ga"][0] == b'{"return": {}}\n'
    assert b"invalid keyword" in answers[HOST][0]


@pytest.mark.parametrize("sent, theirs", (
    (b"1e5", b"100000"), (b"0.1", b"0.10000000000000001"), (b"1.0", b"1"), (b"-0.0", b"-0"), (b"1E-2", b"0.01"),
    (b"[2.50]", b"[2.5]"), (b'{"b": 1, "a": 2, "c": 3}', None)))
def test_spelling(stage, sent, theirs):
    """The difference "spelling", which is none of meaning."""
    case = stream.Case("spelling", (b'{"execute":"guest-ping","id":%s}' % sent,))
    answers = [stage.agent(kind).play(case)[0] for kind in ("qemu-ga", HOST)]
    assert answers[1] == b'{"return": {}, "id": %s}\n' % sent
    assert answers[0] != answers[1] or theirs is None
    assert theirs is None or answers[0] == b'{"return": {}, "id": %s}\n' % theirs


def test_nothing_acts():
    """What would change this machine is refused by qemu-ga, or switched off."""
    for case in CASES:
        text = b"".join(part for part in case.parts if isinstance(part, bytes))
        if case.line.startswith("refused:") or not any(name in text for name in agents.DANGEROUS):
            continue
        asked = {name.decode() for name in re.findall(rb'"execute" *: *"([a-z-]+)"', text)}
        acting = {name for name in asked if any(d.decode() in name for d in agents.DANGEROUS)}
        assert case.agent[:1] == ("-b",) and acting <= set(case.agent[1].split(",")), case.name


def test_smallest_tells_the_kind(stage):
    """The difference "tiny": the smallest image says what docs/PROTOCOL.md quotes, and nothing else."""
    said = {
        b"@": b"JSON parse error", b"{]}": b"JSON parse error", b"[%s]" % (b"x" * 600): b"limit exceeded",
        b'{"x":1}': b"invalid request", b'{"execute":"x"}': b"no such command",
        b'{"execute":"guest-sync"}': b"invalid argument",
        b'{"execute":"guest-shutdown","arguments":{"mode":"x"}}': b"command failed",
    }
    for request, text in said.items():
        theirs, ours = (stage.agent(kind).play(stream.Case("kind", (request,)))[0] for kind in ("qemu-ga", tiny.VARIANT))
        assert re.search(rb'"desc": "(.*?)"', ours)[1] == text
        assert ours != theirs
    quoted = set(re.findall("`([^`]*)`", compare.DIFFERENCES["tiny"]["bareqga"]))
    assert quoted == {text.decode() for text in said.values()}


def test_differences_are_shown():
    """Each deliberate difference has a case, and each case names one that is listed.

    Those that no stream can show: "disconnect" and "spelling" above; "osrelease" is in test_osinfo.py; "line" takes a serial port and silence, and is in
    tests/unit/test_line.c and tests/emu/test_serial.py."""
    shown = {case.differs for case in CASES} - {""} | {
        "commands", "disconnect", "line", "osrelease", "spelling", "tiny"}
    assert shown == set(compare.DIFFERENCES)
