# SPDX-License-Identifier: MIT
"""An os-release file to both: what guest-get-osinfo makes of it. Ours is on the command line, where a double quote
inside of a value has a backslash before it."""

import dataclasses
import json

import pytest

import agents
import guest
import stream

HOST = dataclasses.replace(guest.variants("host")[0], app="example")
FIELDS = {"ID": "id", "NAME": "name", "PRETTY_NAME": "pretty-name", "VERSION": "version", "VERSION_ID": "version-id",
          "VARIANT": "variant", "VARIANT_ID": "variant-id"}

# The first is QEMU's own, tests/data/test-qga-os-release.
SAME = [r'''ID=qemu-ga-test
NAME=QEMU-GA
PRETTY_NAME="QEMU Guest Agent test"
VERSION="Test 1"
VERSION_ID=1
VARIANT="Unit test \"\'\$\`\\ and \\ etc."
VARIANT_ID=unit-test''', r'''# NAME=no
ID=a;b
NAME=a b
PRETTY_NAME="a;b # c"; x
VERSION="\n\x\ \""
VERSION_ID=a#b
VARIANT=""
VARIANT_ID=''', r'''ID=one
ID=two
VERSION="x" y''']

# What qemu-ga has of it, and what a shell has: the difference "osrelease".
OTHER = {"NAME='A b c'": ("'A", "A b c"), 'NAME="a"b': ("a", "ab"), "NAME='a'": ("'a'", "a"),
         r"NAME=a\;b": ("a\\", "a;b"), "NAME=a'b c'": ("a'b", "ab c")}


def both(monkeypatch, text):
    with_ga = agents.QemuGa()
    path = with_ga.directory / "os-release"
    path.write_text(text + "\n")
    path.chmod(0o644)
    monkeypatch.setenv("QGA_OS_RELEASE", str(path))
    monkeypatch.setenv("BAREQGA_CMDLINE", 'quiet bareqga.os-release="%s" ro' % text.replace('"', '\\"'))
    told = []
    with with_ga as theirs, agents.Bareqga(HOST) as ours:
        for agent in theirs, ours:
            answer = json.loads(agent.play(stream.Case("osinfo", (b'{"execute":"guest-get-osinfo"}',)))[0])["return"]
            told.append({name: answer.get(name) for name in FIELDS.values()})
    return told


@pytest.mark.parametrize("text", SAME, ids=range(len(SAME)))
def test_same(monkeypatch, text):
    guest.build(HOST.board, HOST.app)
    theirs, ours = both(monkeypatch, text)
    assert theirs == ours and theirs["id"]


def test_as_a_shell(monkeypatch):
    guest.build(HOST.board, HOST.app)
    for text, (theirs, ours) in OTHER.items():
        assert [told["name"] for told in both(monkeypatch, text)] == [theirs, ours], text
