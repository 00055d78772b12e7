# SPDX-License-Identifier: MIT
"""Checks answers against the facts in schema.txt, whose notation is described there."""
import re
from pathlib import Path

FACTS = Path(__file__).with_name("schema.txt")
COMMAND = re.compile(r"(guest-[a-z-]+)\((.*)\) -> (.+) since ([0-9.]+)( frozen)?$")
TYPE = re.compile(r"type (\w+) = (.+)$")

commands, types = {}, {}
for line in FACTS.read_text().splitlines():
    if m := COMMAND.match(line):
        commands[m[1]] = {"arguments": m[2], "returns": m[3], "since": m[4], "frozen": bool(m[5])}
    elif m := TYPE.match(line):
        types[m[1]] = m[2]

RANGES = {"int": (-2**63, 2**63), "uint": (0, 2**64)}


def members(text):
    """{"name": (optional, shape)} of the text between braces; shapes may nest."""
    found, depth, start = {}, 0, 0
    for i, c in enumerate(text + " "):
        depth += (c in "{[") - (c in "}]")
        if c == " " and depth == 0 and i > start:
            name, _, shape = text[start:i].partition(":")
            found[name.lstrip("*")] = (name.startswith("*"), shape)
        if c == " " and depth == 0:
            start = i + 1
    return found


def problem(value, shape, where="return"):
    """What is wrong with a value of that shape, or None."""
    if shape in types:
        return problem(value, types[shape], where)
    if shape == "any":
        return None
    if shape == "nothing":
        return None if value == {} else f"{where} is not {{}}"
    if shape in RANGES:
        low, high = RANGES[shape]
        good = type(value) is int and low <= value < high
        return None if good else f"{where} is not of type {shape}: {value!r}"
    if shape in ("bool", "str", "number"):
        kind = {"bool": bool, "str": str, "number": (int, float)}[shape]
        good = isinstance(value, kind) and (shape == "bool" or not isinstance(value, bool))
        return None if good else f"{where} is not of type {shape}: {value!r}"
    if shape.startswith("["):
        if not isinstance(value, list):
            return f"{where} is not a list"
        found = (problem(v, shape[1:-1], f"{where}[{i}]") for i, v in enumerate(value))
        return next(filter(None, found), None)
    if shape.startswith("{"):
        return _problem_in_object(value, members(shape[1:-1]), where)
    return None if value in shape.split("|") else f"{where} is not one of {shape}: {value!r}"


def _problem_in_object(value, allowed, where):
    if not isinstance(value, dict):
        return f"{where} is not an object"
    for name in value:
        if name not in allowed:
            return f"{where}.{name} is not in the schema"
    for name, (optional, shape) in allowed.items():
        if name not in value and not optional:
            return f"{where}.{name} is missing"
        if name in value and (found := problem(value[name], shape, f"{where}.{name}")):
            return found
    return None


def check(command, value):
    """Asserts that value may be what command returns."""
    found = problem(value, commands[command]["returns"])
    assert not found, f"{command}: {found}"
