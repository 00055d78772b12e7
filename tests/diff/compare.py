# SPDX-License-Identifier: MIT
"""Compares the answers of two agents by their meaning.

What counts: how many answers, in which order; success or failure; class and desc of an error; the
values of "return" and "id", a number being its value. What does not: the order of members.
"""

import itertools
import json
import pathlib
import re
import sys
import tomllib

sys.setrecursionlimit(20000)  # answers may be 1024 brackets deep
DIFFERENCES, VERSIONS = (tomllib.loads(pathlib.Path(__file__).with_name(name).read_text())
                         for name in ("differences.toml", "versions.toml"))


def members(pairs):
    """An object, as something that is not equal to any list, and has each name once."""
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a member is there twice")
    return named


def fraction(text):
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def integer(text):
    """Beyond 64 bits, a number means the nearest double."""
    value = int(text) if len(text) < 25 else float(text)
    return value if -(2**63) <= value < 2**64 else float(value)


def typed(value):
    """Keeps true apart from 1, which Python would take for equal."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, dict):
        return {name: typed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return value


def meaning(line, mask=""):
    """An answer's meaning; what is no JSON means its bytes."""
    delimited = line.startswith(b"\xff")
    try:
        text = line.removeprefix(b"\xff").decode("ascii")
        value = json.loads(text, object_pairs_hook=members, parse_float=fraction, parse_int=integer,
                           parse_constant=lambda word: f"<{word}>")
    except (UnicodeDecodeError, ValueError):
        return line
    if not text.endswith("}\n") or not isinstance(value, dict):
        return line
    return delimited, typed(masked(value, mask))


def masked(value, mask):
    """The answer without what only one guest can know."""
    result = value.get("return")
    if mask == "return" and "return" in value:
        value["return"] = type(result).__name__
    elif mask == "integers" and "return" in value:
        value["return"] = "int" if type(result) is int else result
        if isinstance(result, dict) and "pid" in result:
            result["pid"] = type(result["pid"]).__name__
    elif mask == "integers":
        value["error"]["desc"] = re.sub(r"'\d+'", "'N'", value["error"]["desc"])
    return value


def same(theirs, ours, mask="", version="", used=None):
    """version: of the qemu-ga that answered, whose own ways of saying it count as the same."""
    if version and theirs != ours:
        theirs, ours = spelled_alike(theirs, ours, version, used)
    return theirs == ours or meaning(theirs, mask) == meaning(ours, mask)


def number(version):
    """A version, to be compared: "10.0.13" comes after "9.2"."""
    return tuple(map(int, version.split(".")))


def applies(row, version):
    """Whether a row of versions.toml is true of a version. `before` may name several stable series: of the
    series that it names, only what came before; of others, what came before the last."""
    at, ends = number(version), sorted(map(number, row.get("before", ())))
    series = [end for end in ends if end[:2] == at[:2]] or ends[-1:]
    return number(row["from"]) <= at and all(at < end for end in series)


def over(difference, version):
    """Whether a deliberate difference is one no longer, or not yet: the version answers as we do."""
    row = DIFFERENCES.get(difference, {})
    return ("until" in row and number(row["until"]) <= number(version)
            or "from" in row and number(version) < number(row["from"]))


def spelled_alike(theirs, ours, version, used=None):
    """Two answers, with what only the version says otherwise replaced by a mark in both."""
    for name, row in VERSIONS.items():
        if theirs == ours or not applies(row, version):
            continue
        words = row["theirs"].encode(), row["ours"].encode()
        if any(line.startswith(b"{") and not re.search(word, line) for line, word in zip((theirs, ours), words)):
            continue
        marked = [re.sub(word, lambda m: b"".join((b"~", *m.groups())), line) for line, word in zip((theirs, ours), words)]
        if name != "first-fault" or marked[0] == marked[1]:
            theirs, ours = marked
            if used is not None:
                used.add(name)
    return theirs, ours


def unplaced(answers):
    """Answers of qemu-ga without the places of faults: lines count on from one stream to the next."""
    return [re.sub(rb'"\d+:\d+: JSON', b'"JSON', line) for line in answers]


def first_difference(theirs, ours, mask="", version="", used=None):
    """Where two sequences of answers part, or None."""
    for at, (their, our) in enumerate(zip(theirs, ours)):
        if not same(their, our, mask, version, used):
            return at
    return None if len(theirs) == len(ours) else min(len(theirs), len(ours))


def excuse(theirs, ours, at):
    """The deliberate difference that explains why answers differ at `at`, or None. One that ends the
    comparison may have been seen before: its first answers may be the same."""
    pairs = list(itertools.zip_longest(theirs, ours, fillvalue=b""))
    for difference in DIFFERENCES.values():
        if "then" not in difference:
            continue
        wanted = difference["theirs"].encode(), difference["ours"].encode()
        for pair in pairs[at : at + 1] if difference["then"] == "go on" else pairs[: at + 1]:
            if all(map(re.search, wanted, pair)):
                return difference
    return None


def disagreement(theirs, ours, mask="", stop=True, version=""):
    """As first_difference(), but for deliberate differences. If `stop`, one that changes how much is
    answered ends the comparison."""
    at = first_difference(theirs, ours, mask, version)
    while at is not None:
        difference = excuse(theirs, ours, at)
        if difference and difference["then"] == "stop" and stop:
            return None
        if not difference or difference["then"] == "stop":
            return at
        more = first_difference(theirs[at + 1 :], ours[at + 1 :], mask, version)
        at = None if more is None else at + 1 + more
    return None


def explain(case_name, stream, theirs, ours, at, names=("qemu-ga", "bareqga")):
    def short(answers):
        text = repr(answers[at]) if at < len(answers) else "nothing more"
        return text if len(text) < 300 else f"{text[:150]} ... {text[-150:]} ({len(text)})"

    stream = stream if len(stream) < 400 else f"{stream[:200]} ... {stream[-200:]}"
    return (f"{case_name}: {stream}\n  answer {at + 1} of {names[0]}: {short(theirs)}\n"
            f"  answer {at + 1} of {names[1]}: {short(ours)}\n"
            f"  ({len(theirs)} and {len(ours)} answers, the fence's error among them)")
