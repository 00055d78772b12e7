# SPDX-License-Identifier: MIT
"""conformance.py - what `qgactl conformance` plays: tools/qgactl/conformance.json.

    conformance.py record QEMU_GA...    plays the corpus to these programs and writes the data
    conformance.py table QEMU_GA...     plays it to them and to every board, and writes docs/CONFORMANCE.md

The data has the streams of tests/diff/corpus as they stand there, and what versions of the real qemu-ga
answered. Left out are streams for which the agent must be started in another way (`-b`), those that leave
with answers unread, at which the real one ends, and answers that depend on the machine.
"""
import contextlib
import json
import pathlib
import re
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("diff", "", "tools")]

import agents  # noqa: E402
import compare  # noqa: E402
import guest  # noqa: E402
import record  # noqa: E402
import schema  # noqa: E402
import stream  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parents[2] / "tools" / "qgactl" / "conformance.json"
LONGEST = 8000  # characters of an answer, as it is written
ALWAYS = {"guest-sync", "guest-sync-delimited", "guest-ping", "guest-info"}
TOPICS = {"framing": "framing", "sync": "resynchronisation", "recovery": "resynchronisation", "reopen": "reconnect",
          **dict.fromkeys(("grammar", "literals", "numbers", "strings", "control"), "JSON"),
          **dict.fromkeys(("envelope", "inventory", "arguments", "refused"), "arguments"),
          "files": "files", "exec": "exec", **dict.fromkeys(("nesting", "large", "differences"), "limits"),
          **dict.fromkeys(("clients-kubevirt", "clients-libvirt", "clients-proxmox", "clients-python", "clients-scripts"),
                          "clients")}
KNOWN = ("nesting", "size", "count", "infinity", "directory")  # differences.toml: not wrong, only other
NO_SYS = re.compile(rb"/sys/[\w/]+|/sys\b")
POSITION = re.compile(rb'(?<="desc": ")\d+:\d+: (?=JSON)')  # of a whole connection, as qemu-ga 11.1 counts them
PAUSED = 40  # streams that are played with a pause


def squeezed(data):
    """Bytes as the corpus writes them, with what is repeated written once."""
    out, at = [], 0
    for run in re.finditer(rb"(.{1,24}?)\1{15,}", data, re.S):
        out += [stream.encode([data[at : run.start()]]),
                f"<*{len(run[0]) // len(run[1])}:{stream.encode([run[1]])}>"]
        at = run.end()
    return "".join([*out, stream.encode([data[at:]])])


def plain(line, mask):
    """An answer without what only one guest can know, and without its end."""
    line = POSITION.sub(b"", line)
    if mask:
        try:
            value = json.loads(line)
        except ValueError:
            return line.rstrip(b"\n")
        result = value.get("return")
        if mask == "return" and "return" in value:
            value["return"] = type(result)()
        elif "return" in value:
            value["return"] = 0 if type(result) is int else result
            if isinstance(result, dict) and "pid" in result:
                result["pid"] = 0
        elif mask == "integers":
            value["error"]["desc"] = re.sub(r"'\d+'", "'N'", value["error"]["desc"])
        line = json.dumps(value).encode()
    return line.rstrip(b"\n")


def playable(case):
    return not case.agent and "leave" not in case.parts


def play(program):
    """{key: answers} of that qemu-ga."""
    agents.QEMU_GA = program
    agents.version.cache_clear()
    played = {}
    with agents.QemuGa() as agent:
        for case in filter(playable, stream.load()):
            key = record.key(case)
            if key not in played:
                played[key] = [line.replace(record.OWN_TMP, b"<tmp>") for line in agent.play(case)[:-1]]
    return agents.version(), played


def needed(case):
    text = b"".join(part for part in case.parts if isinstance(part, bytes))
    names = {name.decode() for name in re.findall(rb'"(guest-[a-z-]*[a-z])"', text)}
    return sorted(set(case.needs) | (names & set(schema.commands)) - ALWAYS)


class Data:
    def __init__(self, runs):
        self.runs, self.answers, self.cases = runs, {}, []
        self.more = record.load()  # of versions that are not here

    def answer(self, line):
        text = squeezed(line).replace("<3c>tmp<3e>", "<tmp>")
        return self.answers.setdefault(text, len(self.answers))

    def sequences(self, case):
        """What versions answered, each way once."""
        key, found = record.key(case), []
        recorded = [run[key] for run in self.runs.values()]
        for version, known in self.more.items():
            if version not in self.runs and key in known:
                recorded.append([line.replace(record.OWN_TMP, b"<tmp>") for line in known[key]])
        for lines in recorded:
            if any(NO_SYS.search(line) for line in lines):
                continue
            if sum(map(len, map(squeezed, lines))) > LONGEST:
                return []
            sequence = [self.answer(plain(line, case.mask)) for line in lines]
            found += [sequence] if sequence not in found else []
        return found

    def add(self, case):
        sequences = self.sequences(case)
        name = case.line.partition(":")[0]
        if not sequences or name not in TOPICS:
            return
        row = {"topic": TOPICS[name], "name": case.name, "stream": case.written, "answers": sequences}
        if case.mask:
            row["mask"] = case.mask
        if needed(case):
            row["needs"] = needed(case)
        if name == "refused":
            row["harm"] = True
        if name == "exec" and (program := re.search(r'"path":"(/bin/\w+|/usr/bin/\w+)"', case.written)):
            row["program"] = program[1]
        if case.differs in KNOWN:
            row["known"] = case.differs
            row["ours"] = [self.answer(plain(line, case.mask)) for line in case.ours]
        self.cases.append(row)
        return row

    def timing(self):
        """Short streams of requests once more, byte by byte, and with a pause in the middle of a word."""
        for row in [r for r in self.cases if r["topic"] == "framing"]:
            if len(row["stream"]) < 200 and ("<ping>" in row["stream"] or "guest-" in row["stream"]):
                self.cases.append(row | {"topic": "timing", "name": row["name"] + "/bytes", "bytewise": True})
        paused = [r for r in self.cases if r["topic"] == "framing" and r["answers"] != [[]] and "<*" not in r["stream"]]
        for row in paused[:PAUSED]:
            text = row["stream"].replace("<ping>", stream.BYTE_NAMES["ping"].decode())
            if "uest" in text:
                self.cases.append(row | {"topic": "timing", "name": row["name"] + "/pause",
                                         "stream": text.replace("uest", "u<pause>est", 1)})


def load(programs):
    data = Data(dict(map(play, programs)))
    for case in stream.load():
        if playable(case):
            data.add(case)
    data.timing()
    return data


def write(programs):
    data = load(programs)
    known = {name: compare.DIFFERENCES[name] for name in KNOWN}
    whole = {"versions": sorted(data.runs, key=compare.number),
             "known": {name: row["about"] + ": " + row["why"] for name, row in known.items()} |
             {"limits": "another limit of the agent's, which its answer names"},
             "topics": list(dict.fromkeys(["framing", "resynchronisation", "JSON", "arguments", "files", "exec", "limits",
                                           "timing", "reconnect", "clients"]))}
    lines = [json.dumps(whole)[:-1] + ', "answers": [']
    lines.append(",\n".join(json.dumps(text) for text in data.answers))
    lines.append('], "cases": [')
    lines.append(",\n".join(json.dumps(row, separators=(",", ":")) for row in data.cases))
    DATA.write_text("\n".join(lines) + "\n]}\n")
    print(f"{len(data.cases)} cases, {len(data.answers)} different answers, {DATA.stat().st_size} bytes")


# --- docs/CONFORMANCE.md ---

QGACTL = guest.ROOT / "build" / "qgactl"
TABLE = guest.ROOT / "docs" / "CONFORMANCE.md"


@contextlib.contextmanager
def running(who):
    """The socket of a qemu-ga, or of a board."""
    if isinstance(who, str):
        agents.QEMU_GA = who
        agents.version.cache_clear()
    elif not who.native:
        guest.build(who.board)
        with guest.Guest(who) as booted:
            yield booted.sock
        return
    else:
        guest.build(who.board)
    with (agents.QemuGa() if isinstance(who, str) else agents.Bareqga(who)) as peer:
        peer.socket.close()
        yield peer.socket_path


def score(who, *words):
    with running(who) as sock:
        target = ("-T", f"unix:{sock}", "--timeout", "20")
        subprocess.run([QGACTL, *target, "wait"], stdout=subprocess.DEVNULL, check=True)
        done = subprocess.run([QGACTL, *target, "-q", "conformance", "--destructive", "--json", *words],
                              text=True, stdout=subprocess.PIPE)
        if done.returncode not in (0, 7):
            sys.exit(done.returncode)
        return json.loads(done.stdout)


def name(who):
    return f"qemu-ga {agents.version()}" if isinstance(who, str) else f"`{who.name}`, {who.channel}"


def cell(counts):
    """12, 3 w, 1 k, 2 **differ**, of those that were played."""
    if not sum(counts[verdict] for verdict in ("same", "wording", "known", "differs")):
        return "-"
    parts = [str(counts["same"])]
    parts += [f"{counts[verdict]} {letter}" for verdict, letter in
              (("wording", "w"), ("known", "k"), ("differs", "**differ**")) if counts[verdict]]
    return ", ".join(parts)


def row(who):
    found = score(who)
    counts = [*found["topics"].values(), found["all"]]
    return f"| {name(who)} | {' | '.join(map(cell, counts))} | {found['all']['skipped'] or '-'} |"


def everybody(programs):
    found = [*programs]
    for board in guest.machines():
        variants = guest.variants(board)
        found += [next(v for v in variants if v.channel == channel and v.accel in ("tcg", variants[0].accel))
                  for channel in dict.fromkeys(v.channel for v in variants)
                  if channel != "uart" or board == "virt-riscv64" or variants[0].channel == "uart"]
    return found


def table(programs):
    topics = json.loads(DATA.read_text())["topics"]
    rows = [f"| agent | {' | '.join(topics)} | all | skipped |", "|---|" + "--:|" * (len(topics) + 2)]
    for who in everybody(programs):
        rows.append(row(who))
        print(rows[-1], flush=True)
    text = TABLE.read_text()
    new, n = re.subn(r"(<!-- boards -->\n).*?(<!-- /boards -->)", lambda m: m[1] + "\n".join(rows) + "\n" + m[2],
                     text, flags=re.S)
    assert n == 1, f"{TABLE} has no part <!-- boards -->"
    TABLE.write_text(new)


if __name__ == "__main__":
    {"record": write, "table": table}[sys.argv[1]](sys.argv[2:])
