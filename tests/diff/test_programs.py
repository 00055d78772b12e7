# SPDX-License-Identifier: MIT
"""The programs of guest-exec beside those of coreutils, which the real qemu-ga starts: exit status, output
and the first line of complaints; how much output is kept, whatever captures it; and names of files.

coreutils' second line says `Try '... --help'`, which there is not; and it quotes names that a shell would not take
for one word.
"""

import base64
import dataclasses
import json
import os
import re

import pytest

import agents
import guest
import stream

HOST = dataclasses.replace(guest.variants("host")[0], app="example")
TMP = stream.TMP + "prog"  # the beginning of files that both have

# Words, and input. What both do alike.
SAME = {
    "true": [[], ["x", "-y"], ["--", "z"]],
    "false": [[], ["x", "-y"]],
    "echo": [
        [], ["a", "b c", ""], ["-n"], ["-n", "a"], ["-nn", "a"], ["-e", "a"], ["-E", "a\\n"], ["a\\n"], ["-", "a"],
        ["--", "a"], ["-x", "a"], ["-nx", "a"], ["-ne", "a\\tb"], ["-n", "-e", "\\a\\b\\e\\f\\n\\r\\t\\v\\\\"],
        ["-e", "\\0101\\101\\1234\\01018\\x41\\x4\\xg\\x414"], ["-e", "a\\", "b"], ["-e", "\\q\\8\\"],
        ["-e", "a\\cb", "c"], ["-e", "-E", "\\n"], ["-eE", "\\n"], ["-Ee", "\\n"], ["a", "-n"], ["-e", "\\0", "x"],
        ["-e", "\\0777\\377"], ["-e", "é\\xc3\\xa9"],
    ],
    "env": [[], ["--"], ["-x"], ["--none"], ["/none"]],
    "sleep": [
        [], ["0"], ["0.0"], [".0"], ["0."], ["0s", "0m", "0h", "0d"], ["x"], ["1x", "y"], [""], ["."], ["-1"], ["--"],
        ["--", "0"], ["1.1.1"], ["0", "-x"], ["0ss"], ["s"], ["0.001"], ["0.000000000001"], ["--none"],
    ],
    "cat": [
        [], ["-"], ["-", "-"], ["--"], ["--", "-"], [TMP], [TMP, TMP], [TMP, "-", TMP], ["-", TMP + "none"],
        [TMP + "none", TMP, TMP + "no"], ["-u", TMP], [TMP, "-u"], ["-uu", "-"], ["--", "-u"], ["-z"], ["-uz", TMP],
        [TMP, "--none"], ["/tmp"], ["/tmp/", TMP], ["/"], [TMP + "/"], [TMP + "/x"], ["/tmp/./" + TMP[5:]],
        ["//tmp//" + TMP[5:]], [TMP + "none/x"],
    ],
    "rm": [
        [], ["-f"], [TMP + "none"], ["-f", TMP + "none"], ["--", "-f"], ["-z", TMP], ["--none"], [""], ["-f", ""],
        [TMP + "none", TMP + "no"], ["/tmp"], ["-ff", TMP + "none"], [TMP + "none", "-f"], [TMP + "/x"], ["-f", "--"],
    ],
    "ls": [["-!"], ["--none"], [TMP + "none"], ["--", TMP + "none", TMP + "no"], [""]],
}
INPUT = b"input\0\xff\n"

# Options of coreutils that are not here: refused, with the complaint about an option that nobody knows.
LEFT_OUT = {"cat": "AbeEnstTv", "rm": "diIrRv", "ls": "lhtS", "env": "iu0C"}


class Runner:
    """Programs of one agent."""

    def __init__(self, agent):
        self.agent = agent
        agent.start()

    def call(self, command, arguments):
        request = json.dumps({"execute": command, "arguments": arguments}, ensure_ascii=False).encode()
        return json.loads(self.agent.answer(request)[0])

    def run(self, path, words=(), data=None, capture=True):
        """exit status, stdout, stderr, and whether each was cut."""
        arguments = {"path": path, "arg": list(words), "capture-output": capture}
        if data is not None:
            arguments["input-data"] = base64.b64encode(data).decode()
        pid = self.call("guest-exec", arguments)["return"]["pid"]
        status = json.loads(self.agent.ended(b"%d" % pid)[0])["return"]
        out, err = (base64.b64decode(status.get(name + "-data", "")) for name in ("out", "err"))
        return status["exitcode"], out, err, status.get("out-truncated", False), status.get("err-truncated", False)

    def open(self, path, mode="r"):
        """A handle, closed again, or the error's text."""
        answer = self.call("guest-file-open", {"path": path, "mode": mode})
        if "error" in answer:
            return answer["error"]["desc"]
        self.call("guest-file-close", {"handle": answer["return"]})
        return "open"

    def write(self, path, data):
        handle = self.call("guest-file-open", {"path": path, "mode": "w"})["return"]
        while data:
            piece, data = data[:32768], data[32768:]
            self.call("guest-file-write", {"handle": handle, "buf-b64": base64.b64encode(piece).decode()})
        self.call("guest-file-close", {"handle": handle})


@pytest.fixture(scope="module")
def ours():
    guest.build(HOST.board, HOST.app)
    with agents.Bareqga(HOST) as agent:
        yield Runner(agent)


@pytest.fixture(scope="module")
def both(ours):
    with agents.QemuGa() as agent:
        theirs = Runner(agent)
        for one in theirs, ours:
            one.write(TMP, b"of a file\n")
        yield theirs, ours


def said(result):
    """A result, with the first line of what is on stderr only, unless more is said about operands."""
    status, out, err, *cut = result
    lines = [line for line in err.splitlines() if not line.startswith(b"Try '")]
    return status, out, lines, cut


def complained(result, path):
    """As said, with coreutils' complaints beginning with the program's path, as 9.1's do; 9.7's have its name alone."""
    status, out, lines, cut = said(result)
    name = os.path.basename(path)
    return status, out, [re.sub(rf"^{name}: ".encode(), f"{path}: ".encode(), line) for line in lines], cut


@pytest.mark.parametrize("name", SAME)
def test_as_coreutils(both, name):
    for path in name, "/bin/" + name:
        for words in SAME[name]:
            theirs, own = complained(both[0].run(path, words, INPUT), path), said(both[1].run(path, words, INPUT))
            if name == "env" and not words:
                theirs = (theirs[0], b"", *theirs[2:])  # there is no environment that could be inherited
            if name == "env" and words == ["--"]:
                continue
            assert own == theirs, (path, words)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_left_out(both, name):
    for option in LEFT_OUT[name]:
        theirs, own = (one.run(name, ["-" + option, TMP + "none"]) for one in both)
        assert b"invalid option" not in theirs[2]
        unknown = said(both[0].run(name, ["-!"]))
        assert said(own) == (unknown[0], b"", [unknown[2][0].replace(b"!", option.encode())], [False, False])


def test_not_coreutils(ours):
    """ls has a form of its own; uptime and dmesg take nothing; there is no shell."""
    line = b"%s 10\n" % TMP.encode()
    ours.write(TMP, b"of a file\n")
    ours.write("/ram/other", b"x")
    assert line in ours.run("ls")[1] and b"/ram/other 1\n" in ours.run("ls", ["-1pa"])[1]
    assert ours.run("ls", [TMP]) == (0, line, b"", False, False)
    assert ours.run("ls", ["/ram"]) == ours.run("ls", ["/ram/."]) == (0, b"/ram/other 1\n", b"", False, False)
    assert ours.run("ls", ["/log", "/none"])[2] == b"ls: cannot access '/none': No such file or directory\n"
    for name in "uptime", "dmesg":
        assert ours.run(name)[0] == 0
        assert ours.run(name, ["x"])[:3] == (1, b"", b"%s: extra operand 'x'\n" % name.encode())
        assert ours.run(name, ["-x"])[:3] == (1, b"", b"%s: invalid option -- 'x'\n" % name.encode())
    assert ours.run("rm", ["/log", "/ram/other"])[2] == b"rm: cannot remove '/log': Read-only file system\n"
    assert ours.run("ls", ["/ram"])[1] == b""
    for shell in "sh", "/bin/sh", "bash":
        answer = ours.call("guest-exec", {"path": shell, "arg": ["-c", "true"]})
        assert answer["error"]["desc"].endswith(f"child process “{shell}” (No such file or directory)'")


def test_environment(both):
    """Only what was sent: there is none that could be inherited."""
    for one in both:
        pid = one.call("guest-exec", {"path": "env", "env": ["A=1", "B=", "A B=c"], "capture-output": True})
        status = json.loads(one.agent.ended(b"%d" % pid["return"]["pid"])[0])["return"]
        assert base64.b64decode(status["out-data"]) == b"A=1\nB=\nA B=c\n"


def test_names_of_programs(both):
    """Other spellings of a path."""
    for path in "/bin//true", "/bin/./true", "/usr/bin/../bin/true", "//usr//bin/true", "/../bin/true":
        assert [one.run(path)[0] for one in both] == [0, 0], path
    for path in "/bin/none", "./true", "bin/true", "/usr/true", "/none/../bin/true":
        errors = [one.call("guest-exec", {"path": path})["error"]["desc"] for one in both]
        assert errors[0].removesuffix("'")[-40:] == errors[1].removesuffix("'")[-40:], path


# --- Files ---

NAMES = [TMP, "//tmp//" + TMP[5:], "/tmp/./" + TMP[5:], "/./tmp/" + TMP[5:], "/tmp/../tmp/" + TMP[5:],
         "/../../" + TMP[1:], TMP + "no/../" + TMP[5:], "/none/../" + TMP[1:], TMP + "/", TMP + "/.", TMP + "/..", TMP + "/x",
         TMP + "/../x", TMP + "new/", TMP + "new/.", TMP + "new/..", TMP + "new/x", "", "/", "//", "/.", "/..", "/tmp", "/tmp/",
         "/tmp/.", "/tmp/..", "/tmp//", "/tmp/" + "x" * 256, "/none/" + "x" * 256, "/none/x", "/none/"]


@pytest.mark.parametrize("mode", ("r", "r+", "w", "a"))
def test_names_of_files(both, mode):
    """Every spelling of a path is the same file for both, and the error shows it as it was sent."""
    for name in NAMES:
        if mode != "r" and name in ("/", "/tmp", "/.", "/..", "//"):
            continue  # nothing is done to what is not ours
        theirs, own = (one.open(name, mode) for one in both)
        if theirs == "open" and own.endswith("Is a directory"):  # the difference "directory"
            assert os.path.isdir(name) and mode == "r"
            continue
        assert own == theirs, (name, mode)


def test_relative_names(both):
    """A relative name is a file for both: in the directory qemu-ga was started in, here in /tmp."""
    theirs, ours = both
    name = TMP[5:] + "rel"
    assert ours.open(name) == theirs.open(name) == \
        f"failed to open file '{name}' (mode: 'r'): No such file or directory"
    ours.write(name, b"abc")
    assert ours.run("cat", [name, "./" + name, "../tmp/" + name, "/tmp/" + name])[1] == b"abc" * 4
    assert ours.run("rm", ["./" + name])[0] == 0
    assert ours.run("cat", ["/tmp/" + name])[0] == 1
    assert ours.open(".") == "failed to open file '.' (mode: 'r'): Is a directory"


def test_names_of_other_files(ours):
    """Files of the application, and those that are always there."""
    for name in "/etc/example.conf", "/etc//example.conf", "/etc/./example.conf", "/etc/../log", "/./log":
        assert ours.open(name) == "open", name
    assert ours.open("/etc").endswith("Is a directory")
    assert ours.open("/etc/example.conf/").endswith("Not a directory")
    assert ours.open("/fw_cfg/opt/none").endswith("No such file or directory")


# --- How much is kept ---

@pytest.mark.parametrize("capture", (True, "stdout", "merged", "separated"))
def test_capture_is_whole(ours, capture):
    """What fits is kept, whichever streams are captured."""
    data = os.urandom(60000)
    assert ours.run("cat", (), data, capture) == (0, data, b"", False, False)
    data = os.urandom(102400)
    ours.write(TMP + "big", data)
    assert ours.run("cat", [TMP + "big"], None, capture) == (0, data, b"", False, False)
    ours.run("rm", [TMP + "big"])


def test_streams_share(ours):
    """One stream has the room that the other does not need, and a flood leaves some to a complaint."""
    missing = ["/none/%04d" % i for i in range(1200)]
    text = b"".join(b"cat: %s: No such file or directory\n" % name.encode() for name in missing)
    assert len(text) > 50000
    for data in b"", b"x" * 20000:
        assert ours.run("cat", ["-", *missing], data) == (1, data, text, False, False)
    assert ours.run("cat", ["-", *missing], b"x" * 20000, "stderr") == (1, b"", text, False, False)
    merged = ours.run("cat", ["-", *missing], b"x" * 20000, "merged")
    assert merged == (1, b"x" * 20000 + text, b"", False, False)
    flood = TMP + "flood"  # more than a job keeps, read again and again
    ours.write(flood, b"f" * 1000000)
    status, out, err, out_cut, err_cut = ours.run("cat", [*[flood] * 40, "/none"])
    assert (status, err, out_cut, err_cut) == (1, b"cat: /none: No such file or directory\n", True, False)
    assert len(out) > 120000
    ours.run("rm", [TMP + "flood"])
