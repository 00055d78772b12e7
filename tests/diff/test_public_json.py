# SPDX-License-Identifier: MIT
"""Public JSON documents: bareqga accepts and refuses them as qemu-ga does.

Each is sent as a whole document, as an id and as arguments; behind each come a reset and a ping,
for some of them leave brackets open.
"""

import pytest

import agents
import compare
import guest
import public
import stream

AFTER = b"\n\xff" + stream.BYTE_NAMES["ping"]
PLACES = {"document": b"%s", "id": b'{"execute":"guest-ping","id":%s}',
          "arguments": b'{"execute":"guest-ping","arguments":%s}'}


@pytest.fixture(scope="module")
def duel():
    with agents.QemuGa() as reference, \
            agents.Bareqga(guest.variants("host")[0]) as ours:
        yield reference, ours


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("suite", public.SUITES)
def test_suite(duel, suite, place):
    played = 0
    for name, text in public.SUITES[suite]():
        data = PLACES[place].replace(b"%s", text) + AFTER
        theirs, ours = (agent.answer(data) for agent in duel)
        at = compare.disagreement(theirs, ours, stop=False, version=agents.version())
        assert at is None, compare.explain(name, stream.encode([data]), theirs, ours, at)
        played += 1
    assert played > 50
