# SPDX-License-Identifier: MIT
"""What can be compared of the smallest image: its commands, its limits, and errors by their class."""

import re

import docs_protocol
import guest
import schema

VARIANT = guest.variants("mps2-an385-min")[0]
COMMANDS = {b"guest-sync", b"guest-sync-delimited", b"guest-ping", b"guest-info", b"guest-shutdown"}
OTHERS = {name.encode() for name in schema.commands} - COMMANDS
BYTES, VALUES, NESTING = (docs_protocol.constant(name, VARIANT.board) for name in
                          ("FIRMWARE_REQUEST_SIZE", "FIRMWARE_TOKENS", "QGA_NESTING_MAX"))
LONGEST = 8 * BYTES  # of a stream; its port takes a byte at a time


def can_play(case):
    """Not what is far too long, nor what only the real agent can do."""
    if case.agent or case.size > LONGEST or not all(isinstance(part, bytes) for part in case.parts):
        return False
    names = set(re.findall(rb"guest-[a-z-]*[a-z]", b"".join(case.parts)))
    return set(case.needs) <= {"guest-shutdown"} and not names & OTHERS


def before_limit(case, theirs, ours):
    """The answers up to a request that is more than the smallest image, or the real agent, can take."""
    stream = b"".join(case.parts)
    may_be = (len(stream) > BYTES or len(re.findall(rb"[][{},:]", stream)) >= VALUES
              or max(stream.count(b"["), stream.count(b"{")) > NESTING)
    for at, (their, our) in enumerate(zip(theirs, ours) if may_be else ()):
        if b'"limit exceeded"' in our or b'"JSON nesting depth limit exceeded"' in their:
            return theirs[:at], ours[:at]
    return theirs, ours


def without_desc(answers):
    return [re.sub(rb'"desc": "(?:[^"\\]|\\.)*"', b'"desc": ""', answer) for answer in answers]


def comparable(case, theirs, ours):
    return map(without_desc, before_limit(case, theirs, ours))
