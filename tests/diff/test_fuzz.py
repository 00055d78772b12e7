# SPDX-License-Identifier: MIT
"""The differential fuzzer: what it may play, and how it makes a disagreement short."""

import random

import pytest

import author
import fuzz
import stream

SAFE = [
    b'{"execute":"guest-set-vcpus","arguments":{"refused":0,"vcpus":[]}}',
    b'{"execute":"guest-suspend-ram","arguments":{"refused":0}}',
    b'{"execute":"guest-exec","arguments":{"path":"/nowhere","arg":[]}}',
    b'{"execute":"guest-exec","arguments":{"path":null}}',
    b'{"execute":"guest-exec-status","arguments":{"pid":1}}',
    b'{"execute":"guest-file-open","arguments":{"path":"/nowhere/x"}}',
    b'{"execute":"guest-ping"}',
]
UNSAFE = [
    b'{"execute":"guest-set-vcpus","arguments":{"vcpus":[]}}',
    b'{"execute":"guest-set-vcpus","arguments":{"vcpus":[],"refused":0}}',
    b'{"execute":"guest-set-vcpus","arguments":{"refused":0',
    b'{"execute":"guest-suspend-ram"}',
    b'"guest-shutdown"',
    b'{"execute":"guest-exec","arguments":{"path":"/"}}',
    b'{"execute":"guest-exec","arguments":{"path":"/nowhere/there"}}',
    b'{"execute":"guest-exec","arguments":{"arg":[],"path":"/nowhere"}}',
    b'{"execute":"guest-file-open","arguments":{"path":"/etc/passwd"}}',
    b'{"execute":"guest-get-time"}',
]


@pytest.mark.parametrize("text", SAFE)
def test_safe(text):
    assert author.is_safe((text,)) and author.is_safe((b'{"execute":"x', text, "reopen"))
    cut = text.replace(b'"refused":0', b"")
    assert cut == text or not author.is_safe((cut,))


@pytest.mark.parametrize("text", UNSAFE)
def test_unsafe(text):
    assert not author.is_safe((text,))
    assert not author.is_safe((text[:9], text[9:]))


def test_streams(tmp_path):
    """What is written can be played, is of every kind, and has a form for the corpus."""
    writer = author.Author(random.Random(1), [b'{"execute":"guest-ping"}', b'{"execute":"guest-get-time"}'])
    assert len(writer.seeds) == 1
    streams = [writer.write() for _ in range(3000)]
    assert all(author.is_safe(parts) for parts in streams)
    everything = b"".join(part for parts in streams for part in parts if isinstance(part, bytes))
    assert all(name.encode() in everything for name in author.COMMANDS)
    assert {part for parts in streams for part in parts if isinstance(part, str)} == {"handle", "reopen", "leave"}
    path = tmp_path / "topic.txt"
    for parts in streams[:300]:
        path.write_text(stream.encode(parts) + "\n")
        cases = stream.Reader(path).cases
        assert [case.parts for case in cases] == ([fuzz.joined(fuzz.units(parts))] if parts else [])


def test_sizes():
    writer = author.Author(random.Random(1), [b"x"])
    sizes = [writer.sizes((b"x" * 100,)) for _ in range(100)]
    assert () in sizes and any(0 in some for some in sizes)


def test_shortest():
    """What is left is what the disagreement is about, and stays safe."""
    def differ(parts):
        text = b"".join(part for part in parts if isinstance(part, bytes))
        return b"@" in text and b"set-vcpus" in text and "leave" in parts

    guarded = b'{"execute":"guest-set-vcpus","arguments":{"refused":0,"vcpus":[1,2]}}'
    assert fuzz.shortest((b"[1,2]" * 99 + guarded, "leave", b"{@}" * 9, "reopen"), differ) == \
        (b'set-vcpus","arguments":{"refused":0}', "leave", b"@")


def test_shortest_session():
    """A session loses whole requests."""
    parts = (b'{"execute":"open"}', b'{"execute":"read",', "handle", b"}", "reopen",
             b'{"execute":"close",', "handle", b"}")
    found = fuzz.shortest(parts, lambda less: any(b"close" in part for part in less if isinstance(part, bytes)))
    assert found == (b'{"execute":"close",', "handle", b"}")
