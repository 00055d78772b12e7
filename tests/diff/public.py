# SPDX-License-Identifier: MIT
"""Public JSON documents that Debian packages bring: (name, text) of each.

python3-simplejson               the JSON_checker suite of json.org and simplejson's additions to it
json-schema-test-suite           the JSON Schema suite: every file, and every instance in it
golang-github-valyala-fastjson-dev   the documents that parsers are usually measured with:
                                 twitter.json, citm_catalog.json, canada.json and smaller ones;
                                 of those that no request buffer holds, their parts
"""

import json
import pathlib

SCHEMAS = pathlib.Path("/usr/share/json-schema-test-suite")
BENCHMARKS = pathlib.Path("/usr/share/gocode/src/github.com/valyala/fastjson/testdata")
PART = 32 << 10  # bytes of a document that is played
PARTS = 60  # of one large document


def checker():
    from simplejson.tests import test_fail, test_pass1, test_pass2, test_pass3

    for number, text in enumerate(test_fail.JSONDOCS, 1):
        yield f"fail{number}", text.encode()
    for number, test in enumerate((test_pass1, test_pass2, test_pass3), 1):
        yield f"pass{number}", test.JSON.encode()


def schemas():
    for path in sorted(SCHEMAS.rglob("*.json")):
        name = str(path.relative_to(SCHEMAS))
        text = path.read_bytes()
        yield name, text
        for group in json.loads(text) if name.startswith("tests/") else ():
            for test in group["tests"]:
                where = f"{name}: {group['description']}: {test['description']}"
                yield where, json.dumps(test["data"], ensure_ascii=False).encode()


def parts(value):
    """The largest parts of a document that are small enough."""
    text = json.dumps(value).encode()
    if len(text) <= PART:
        yield text
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from parts(item)


def benchmarks():
    for path in sorted(BENCHMARKS.glob("*.json")):
        text = path.read_bytes()
        if len(text) <= PART:
            yield path.name, text
        else:
            found = sorted(parts(json.loads(text)), key=len, reverse=True)
            for number, part in enumerate(found[:PARTS], 1):
                yield f"{path.name} part {number}", part


SUITES = {"json-checker": checker, "json-schema": schemas, "benchmarks": benchmarks}
