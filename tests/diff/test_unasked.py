# SPDX-License-Identifier: MIT
"""The image that misbehaves when asked (APP=fault) and is not asked: its answers mean what qemu-ga's do.

Around its channel lies another one, so these are the topics that have to do with how bytes come and go.
"""
import dataclasses

import pytest

import agents
import guest
import test_corpus

FAULTY = dataclasses.replace(guest.variants("host")[0], app="fault")
TOPICS = ("framing", "grammar", "large", "recovery", "reopen", "sync")


@pytest.fixture(scope="module")
def stage():
    guest.build(FAULTY.board, FAULTY.app)
    stage = test_corpus.Stage()
    yield stage
    stage.close()


@test_corpus.lines(lambda case: case.line.split(":")[0] in TOPICS and not case.agent and not case.needs)
def test_unasked(stage, cases):
    for case in cases:
        agent = stage.agent(FAULTY, (), test_corpus.LIMITS.get(case.differs, ()))
        test_corpus.check(stage, case, agent)
        test_corpus.check(stage, case, agent, test_corpus.pieces(case))


def test_that_is_the_image(stage):
    assert isinstance(stage.agent(FAULTY), agents.Bareqga)
    with guest.Guest(FAULTY) as faulty, faulty.connect() as client:
        client.sync()
        handle = client.call("guest-file-open", {"path": "/run/fault"})
        assert client.call("guest-file-read", {"handle": handle}) == {"buf-b64": "", "count": 0, "eof": True}
