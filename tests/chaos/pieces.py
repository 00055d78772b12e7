# SPDX-License-Identifier: MIT
"""pieces.py - what clients of chaos.py send, and what is an answer to it."""

# What is sent; the number makes it one of its kind. Behind each the parser is at rest.
PIECES = [
    (12, b'{"execute":"guest-ping","id":%d}\n'),
    (6, b'{"execute": "guest-sync", "arguments": {"id": %d}}'),
    (2, b'{"execute": "guest-sync-delimited", "arguments": {"id": %d}}\n'),
    (3, b'{"execute":"guest-info","id":%d}\n'),
    (2, b'{"id":"%d","execute":"guest-ping","arguments":{}}'),
    (2, b'\n{ "execute" :\t"guest-get-osinfo", "id": [%d]}\n'),
    (2, b'{"execute":"no-such-%d"}\n'),
    (2, b'{"execute":"guest-ping","arguments":{"x":%d}}\n'),
    (2, b'{"execute":"guest-ping","id":{"a":[%d,"\\u00e4' + 700 * b"long " + b'"]}}\n'),
    (1, b'{"id": %d}\n'),
    (1, b'[%d]\n'),
    (1, b'{"execute":}%d \n'),
    (1, b'{"execute":"guest-pi%d\xff\n'),
    (1, b'{"execute":"guest-ping","id":"%d'  + 5000 * b"x" + b'\xff\n'),
    (1, b'%d\x00\x01\xfe"\\\xff\n'),
]


class Constant(bytes):
    """An answer without a number in it."""

    def __mod__(self, _):
        return bytes(self)
