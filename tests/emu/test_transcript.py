# SPDX-License-Identifier: MIT
"""One and the same conversation on every board, transport and register layout."""


def test_transcript(client):
    assert client.call("guest-ping") == {}
