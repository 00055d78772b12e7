# SPDX-License-Identifier: MIT
"""docs/PROTOCOL.md says what is true: the limits it states. (Its generated parts: tests/check/test_docs.py.)"""

import pytest

import agents
import docs_protocol
import guest

PONG = b'{"return": {}, "id": 1}\n'
# The host takes its limits as options; boards have them built in.
BOARDS = {
    "host": {"FIRMWARE_REQUEST_SIZE": 5000, "FIRMWARE_TOKENS": 100},
    "virt-riscv64": {name: docs_protocol.constant(name, "virt-riscv64")
                     for name in ("FIRMWARE_REQUEST_SIZE", "FIRMWARE_TOKENS")},
}


@pytest.fixture(scope="module", params=BOARDS)
def limited(request):
    limits = BOARDS[request.param]
    # A board has those of its image where it has little RAM.
    options = ("-m", "4M") if request.param != "host" else \
        ("-s", str(limits["FIRMWARE_REQUEST_SIZE"]), "-k", str(limits["FIRMWARE_TOKENS"]))
    with agents.Bareqga(guest.variants(request.param)[0], options) as agent:
        yield agent, limits


def answers(agent, request):
    """The answer to a request, and that what follows it is answered."""
    got = agent.answer(request + b'{"execute":"guest-ping","id":1}')
    assert got[1] == PONG and len(got) == 3
    return got[0]


@pytest.mark.parametrize("space", [b"", b" \n\t\r" * 100000], ids=["packed", "spaced"])
def test_size(limited, space):
    agent, limits = limited
    size = limits["FIRMWARE_REQUEST_SIZE"]
    request = b'{"execute":"guest-ping","arguments":%s{},"id":"%%s"}' % space
    room = size - len(request) + len(space) + 2
    assert b"return" in answers(agent, request % (b"x" * (room - 32)))
    assert b"JSON token size limit exceeded" in answers(agent, request % (b"x" * (room + 1)))


def test_values(limited):
    agent, limits = limited
    request = b'{"execute":"guest-ping","id":[%s]}'
    room = limits["FIRMWARE_TOKENS"] - 5  # the object, two names, the command, the list
    assert b"return" in answers(agent, request % b",".join([b"1"] * room))
    assert b"JSON token count limit exceeded" in \
        answers(agent, request % b",".join([b"1"] * (room + 1)))


def test_brackets(limited):
    agent, limits = limited
    depth = docs_protocol.constant("QGA_NESTING_MAX") - 1
    request = b'{"execute":"guest-ping","id":%s}'
    good = answers(agent, request % (b"[" * depth + b"]" * depth))
    assert b"return" in good or b"token count" in good and depth > limits["FIRMWARE_TOKENS"]
    depth += 1
    assert b"limit exceeded" in answers(agent, request % (b"[" * depth + b"]" * depth))
