# SPDX-License-Identifier: MIT
"""The comparison notices what it is there to notice."""

import pytest

import compare
import stream

PONG = b'{"return": {}}\n'
ERROR = b'{"id": 1, "error": {"class": "GenericError", "desc": "no"}}\n'

SAME = [
    (PONG, PONG),
    (b'{"return": {}, "id": 1}\n', b'{"id":1,"return":{}}\n'),
    (b'{"return": {}, "id": 0.10000000000000001}\n', b'{"return": {}, "id": 0.1}\n'),
    (b'{"return": {}, "id": 1000}\n', b'{"return": {}, "id": 1e3}\n'),
    (b'{"return": {}, "id": "/"}\n', b'{"return": {}, "id": "\\/"}\n'),
]
DIFFERENT = [
    (PONG, ERROR),
    (PONG, b'\xff{"return": {}}\n'),
    (PONG, b'{"return": {}}\r\n'),
    (PONG, b'{"return": {}}'),
    (PONG, b'{"return": []}\n'),
    (PONG, b'{"return": {}, "return": {}}\n'),
    (PONG, b'{"return": {}, "id": null}\n'),
    (ERROR, ERROR.replace(b"no", b"yes")),
    (ERROR, ERROR.replace(b"GenericError", b"CommandNotFound")),
    (ERROR, ERROR.replace(b"1", b"2")),
    (b'{"return": 1}\n', b'{"return": true}\n'),
    (b'{"return": 1}\n', b'{"return": "1"}\n'),
    (b'{"return": 0}\n', b'{"return": false}\n'),
    (b'{"return": 9223372036854775807}\n', b'{"return": 9223372036854775808}\n'),
    (b'{"return": 9007199254740993}\n', b'{"return": 9007199254740992.0}\n'),
    (b'{"return": "\\u00E9"}\n', '{"return": "é"}\n'.encode()),
    (b'{"return": [1, 2]}\n', b'{"return": [2, 1]}\n'),
]


@pytest.mark.parametrize("theirs, ours", SAME)
def test_same(theirs, ours):
    assert compare.first_difference([theirs], [ours]) is None


@pytest.mark.parametrize("theirs, ours", DIFFERENT)
def test_different(theirs, ours):
    assert compare.first_difference([PONG, theirs], [PONG, ours]) == 1


def test_one_answer_more_or_less():
    assert compare.first_difference([PONG], [PONG, PONG]) == 1
    assert compare.first_difference([PONG, PONG], [PONG]) == 1
    assert compare.first_difference([PONG], []) == 0


def test_masks():
    other = b'{"return": {"a": 1}}\n'
    assert not compare.same(PONG, other)
    assert compare.same(PONG, other, "return")
    assert not compare.same(PONG, b'{"return": []}\n', "return")
    assert compare.same(b'{"return": 1000}\n', b'{"return": 7}\n', "integers")
    assert not compare.same(b'{"return": 1000}\n', PONG, "integers")


def desc(text):
    return b'{"error": {"class": "GenericError", "desc": "%s"}}\n' % text


def test_versions():
    """What a version says otherwise is the same for that version only, and only where it means the same."""
    new = desc(b"Failed to execute child process /a (No such file)")
    old = desc(b"Guest agent command failed, error was 'Failed to execute child process /a (No such file)'")
    assert compare.same(new, old, "", "9.1") and compare.same(new, old, "", "10.0.13")
    assert not compare.same(new, old, "", "9.0.4") and not compare.same(new, old)
    assert not compare.same(new, old.replace(b"/a", b"/b"), "", "9.1")
    assert not compare.same(new, desc(b"Guest agent command failed"), "", "9.1")
    assert not compare.same(desc(b"1:2: JSON parse error, x"), desc(b"JSON parse error, x"), "", "10.0.13")
    assert compare.same(desc(b"1:2: JSON parse error, x"), desc(b"JSON parse error, x"), "", "11.1.3")
    assert not compare.same(desc(b"1:2: JSON parse error, x"), desc(b"QMP input must be a JSON object"), "", "11.1.3")


@pytest.mark.parametrize("version, left_out", [("7.2.9", True), ("7.2.22", False), ("8.1.0", True), ("10.0.2", True),
                                               ("10.0.13", False), ("11.1.3", False)])
def test_stable_series(version, left_out):
    assert compare.applies(compare.VERSIONS["truncated"], version) == left_out


@pytest.mark.parametrize("data", [b"", b"a<b>c", b":x", b"#x", b" x ", b"\t", bytes(range(256))])
def test_what_is_written_is_read_again(data, tmp_path):
    path = tmp_path / "topic.txt"
    path.write_text(stream.encode([data]) + "\n")
    cases = stream.Reader(path).cases
    assert [b"".join(case.parts) for case in cases] == ([data] if data else [])


def test_corpus_is_large():
    assert len(stream.load()) > 2000
