# SPDX-License-Identifier: MIT
"""mutate.py SEED N [FILE...] -- PLAIN COMPILER FLAG... -- UNIT COMPILER FLAG... -- SIMULATE COMPILER FLAG...

A mutant is the source with one small fault. Do the tests that need no machine notice?

The sample is the first N of all that the operators of mutants.py make of proto/, hal/virtio and hal/pci, or of the
files named, in the order of a hash of SEED and of what each is: so an edit changes the sample by what it edits. One
that does not compile without warnings, or is the same code to the optimiser, is none and does not count.

It is judged by the unit tests first as PLAIN compiles them, which is quick; then, if it lives and is another code,
with sanitizers (UNIT), by tests/diff/corpus, and by some seeds of the simulation. It is killed if a program fails, or takes far more of the
processor than without it. What lives must be in tests/check/mutants.toml with the reason, and what is there must live.

What was found is kept in build/mutate: a run that is interrupted goes on, and after an edit each mutant meets the
program first that killed it before. V=1 says what killed each; QUICK=1 leaves sanitizers and simulation out."""
import contextlib
import functools
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/diff")]

import agents  # noqa: E402
import compare  # noqa: E402
import stream  # noqa: E402
from guest import make  # noqa: E402
from mutants import draw, reasons, sources  # noqa: E402

LIVES = "lives", "unsure"  # unsure with QUICK=1: for the unit tests without sanitizers, which see most
CORPUS_SECONDS = 10  # of the processor, for all of it
SEEDS = 60  # of the simulation
LEAST = 0.2  # seconds of the processor that a program may take, or as much as AGAIN times what it takes without a mutant
AGAIN = 20
PATIENCE = 600  # seconds of one that sleeps
FOUND = ROOT / "build/mutate/found.jsonl"
GOLD = ["-fuse-ld=gold"] if shutil.which("ld.gold") else []
OTHERS = ("test_threads", "test_x86")  # made in their own way, and of nothing that is mutated or of nothing else


TINY = ["-DQGA_TINY=1", "-DQGA_NAME_MAX=24", "-DQGA_STEP_MAX=128"]  # as in tests.mk


def run(command, **more):
    return subprocess.run(command, cwd=ROOT, text=True, errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def fails(program, limit, *arguments):
    """Whether it fails, or takes more than `limit` seconds of the processor."""
    def bounded():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.setitimer(signal.ITIMER_PROF, limit)

    with contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run([program, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, preexec_fn=bounded, timeout=PATIENCE).returncode != 0
    return True


def processor_time(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[0]} fails without a mutant:\n{done.stdout}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Programs:
    """The unit tests as one compiler makes them, and which files of the archive each is made of. `build` has the
    objects below it, and the archive all.a."""

    def __init__(self, build, compile_line):
        self.build, self.compile = build, compile_line
        self.facts, self.kills = {}, {}
        (build / "facts").mkdir(exist_ok=True)
        for source in sorted((ROOT / "tests/unit").glob("test_*.c")):
            if source.stem not in OTHERS and self.object(source.stem).exists():
                self.learn(source.stem)

    def object(self, name):
        return self.build / f"tests/unit/{name}.c.o"

    def learn(self, name):
        """What it is linked from, and what it costs. Noted, for that takes a while."""
        note = self.build / "facts" / name
        newest = max(p.stat().st_mtime_ns for p in (self.object(name), self.build / "all.a"))
        if note.exists() and note.stat().st_mtime_ns > newest:
            members, cost = json.loads(note.read_text())
        else:
            with tempfile.TemporaryDirectory() as folder:
                said = self.link(name, f"{folder}/test", "-Wl,-t").stdout
                members = re.findall(r"all\.a[(:]?(?:[^\n]*/)?(\w+)\.c\.o", said)
                cost = min(processor_time(f"{folder}/test") for _ in range(2))
            note.write_text(json.dumps([members, cost]))
        self.facts[name] = set(members), cost

    def link(self, name, program, *more):
        return run([*self.compile, *GOLD, "-o", program, self.object(name), *more, self.build / "all.a", "-lcmocka"])

    def of(self, mutant):
        """The tests that a file is linked into: those first that killed a mutant near by, then the fastest."""
        near = {}
        for number, name in self.kills.get(mutant.file, ()):
            near[name] = min(abs(number - mutant.number), near.get(name, 1 << 30))
        return sorted((n for n, (members, _) in self.facts.items() if Path(mutant.file).stem in members),
                      key=lambda n: (near.get(n, 1 << 30), self.facts[n][1]))

    def killer(self, mutant, source, folder, first=None):
        """The name of the test that notices, "" if none does, or None if it does not compile."""
        made = f"{folder}/mutant.o"
        if run([*self.compile, f"-I{Path(mutant.file).parent}", "-c", source, "-o", made]).returncode:
            return None
        for name in sorted(self.of(mutant), key=lambda n: n != first):
            if self.link(name, f"{folder}/test", made).returncode:
                return None
            if fails(f"{folder}/test", max(LEAST, AGAIN * self.facts[name][1])):
                self.kills.setdefault(mutant.file, []).append((mutant.number, name))
                return name
        return ""


class Simulation:
    """The simulation, where a file takes part in it."""

    def __init__(self, compile_line):
        self.compile, self.build = compile_line, ROOT / "build"
        self.cost = processor_time(self.build / "simulate/simulate", str(SEEDS))

    def killer(self, mutant, source, folder, _first=None):
        restless = (self.build / f"simulate/restless/{mutant.file}.o").exists()
        if not (restless or re.match("proto/(core|json)/", mutant.file)):
            return ""
        objects = [o for o in self.build.glob("simulate/**/*.o") if o.name != Path(mutant.file).name + ".o"]
        # The world goes on between the functions of the driver alone: more of them would be another world.
        between = ["-finstrument-functions"] if restless else []
        run([*self.compile, *between, "-Wno-unused", f"-I{Path(mutant.file).parent}", "-o", f"{folder}/test", source,
             *objects, self.build / "unit/all.a"], check=True)
        return "simulate" if fails(f"{folder}/test", 5 * self.cost, str(SEEDS)) else ""


class Host(agents.Bareqga):
    """The host board's program, wherever it is."""

    def __init__(self, program, options):
        agents.Peer.__init__(self, options)
        self.program = program

    def command(self):
        return ["prlimit", f"--cpu={CORPUS_SECONDS}", "--core=0", self.program, "-p", str(self.socket_path), *self.options]


class Corpus:
    """tests/diff/corpus, played to the host board's program: by meaning, the answers are those of the one without a
    mutant, of which tests/diff says that they are qemu-ga's. Whole, and read byte by byte."""

    LIMITS = {"size": ("-s", "98304"), "count": ("-k", "4096")}  # as in test_corpus.py

    def __init__(self):
        agents.PATIENCE = 30
        make("BOARD=host", "APP=example", "all")
        self.build = ROOT / "build/host-example"
        self.compile = ["gcc", *make("BOARD=host", "APP=example", "print-CFLAGS").split(),
                        *make("BOARD=host", "APP=example", "print-INC_proto").split()]
        self.cases = [(case, (*case.agent, *self.LIMITS.get(case.differs, ()), *more))
                      for more in ((), ("-r", "1")) for case in stream.load() if not more or case.size < 3000]
        self.known = list(self.play(self.build / "bareqga"))
        again = list(self.play(self.build / "bareqga"))
        self.cases = [self.cases[i] for i, pair in enumerate(zip(self.known, again)) if not self.differ(i, *pair)]
        self.known = list(self.play(self.build / "bareqga"))

    def play(self, program):
        """What it answers to one case after the other."""
        running = {}
        try:
            for case, options in self.cases:
                if options not in running:
                    running[options] = Host(program, options)
                yield running[options].play(case)
        finally:
            for agent in running.values():
                agent.close()

    def differ(self, i, theirs, ours):
        return compare.first_difference(theirs, ours, self.cases[i][0].mask) is not None

    def killer(self, mutant, source, folder, _first=None):
        own = self.build / f"{mutant.file}.o"
        if not (own.exists() and mutant.file.startswith("proto/")):
            return ""
        objects = [o for o in self.build.rglob("*.o") if o != own]
        run([*self.compile, f"-I{Path(mutant.file).parent}", "-Wno-error", "-Wl,--gc-sections", "-o", f"{folder}/host", source,
             *objects], check=True)
        try:
            for i, ours in enumerate(self.play(f"{folder}/host")):
                if self.differ(i, self.known[i], ours):
                    return "corpus"
        except agents.Hung:
            return "corpus"
        return ""


class Judge:
    def __init__(self, plain, unit, simulate):
        self.plain = Programs(ROOT / "build/mutate", plain)
        self.tiny = Programs(ROOT / "build/mutate/tiny", [*plain, *TINY])
        # Made when the first mutant lives so long; one at a time, for that is measured.
        self.stages = {self.plain: [functools.cache(Corpus), functools.cache(lambda: Simulation(simulate)),
                                    functools.cache(lambda: Programs(ROOT / "build/unit", unit))],
                       self.tiny: [functools.cache(lambda: Programs(ROOT / "build/unit/tiny", [*unit, *TINY]))]}
        self.lock = threading.Lock()
        self.codes = {}

    def code(self, programs, mutant, source, folder):
        """What the optimiser makes of it."""
        command = [*programs.compile, "-O2", f"-I{Path(mutant.file).parent}", "-c", source, "-o", f"{folder}/code.o"]
        if run(command).returncode:
            return None
        run(["strip", f"{folder}/code.o"])
        return Path(folder, "code.o").read_bytes()

    def same(self, programs, mutant, source, folder):
        if (programs, mutant.file) not in self.codes:
            with tempfile.TemporaryDirectory() as other:
                whole = Path(other, source.name)
                whole.write_text((ROOT / mutant.file).read_text())
                self.codes[programs, mutant.file] = self.code(programs, mutant, whole, other)
        return self.code(programs, mutant, source, folder) in (None, self.codes[programs, mutant.file])

    def __call__(self, mutant, first=None):
        """"none", "lives", or what killed it. `first` is what did last time."""
        quick = [programs for programs in (self.plain, self.tiny) if (programs.build / f"{mutant.file}.o").exists()]
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, Path(mutant.file).name)
            source.write_text(mutant.source())
            for programs in quick:
                name = programs.killer(mutant, source, folder, first)
                if name != "":
                    return name or "none"
            if all(self.same(programs, mutant, source, folder) for programs in quick):
                return "none"
            if os.environ.get("QUICK"):
                return "unsure"
            for programs in quick:
                for make_stage in self.stages[programs]:
                    with self.lock:
                        stage = make_stage()
                    if name := stage.killer(mutant, source, folder, first):
                        return name
            return "lives"


class Found:
    """What was found, now and before. What killed a mutant counts as long as its file and that program's have not
    changed; that none did, as long as nothing has."""

    def __init__(self):
        self.before, self.hashes = {}, {}
        FOUND.parent.mkdir(parents=True, exist_ok=True)
        for line in FOUND.read_text().splitlines() if FOUND.exists() else ():
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                self.before[entry["id"]] = entry

    def hash(self, *names):
        """Of the sources in some folders, or of some files."""
        if names not in self.hashes:
            self.hashes[names] = hashlib.sha256()
            for path in sorted(p for name in names for p in ([ROOT / name] if name.endswith(".c") else (ROOT / name).rglob("*.[ch]"))):
                self.hashes[names].update(path.read_bytes() if path.exists() else b"")
        return self.hashes[names].hexdigest()

    def state(self, result):
        if result == "none":
            return ""
        if result.startswith("test_"):
            return self.hash(f"tests/unit/{result}.c", "tests/fake")
        return self.hash("include", "proto", "hal", "boards/shared", "firmware/env", "tests/unit", "tests/fake", "tests/simulate")

    def result(self, mutant):
        entry = self.before.get(mutant.id)
        if not entry or entry["result"] == "unsure" and not os.environ.get("QUICK"):
            return None
        same = entry["text"] == mutant.text_hash() and entry["state"] == self.state(entry["result"])
        return entry["result"] if same else None

    def add(self, mutant, result):
        entry = {"id": mutant.id, "state": self.state(result), "text": mutant.text_hash(), "number": mutant.number,
                 "file": mutant.file, "result": result}
        self.before[mutant.id] = entry
        with FOUND.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def main(arguments):
    *words, plain, unit, simulate = " ".join(arguments).split(" -- ")
    seed, n, *files = words[0].split()
    n = int(n)
    drawn = draw(seed, files or sources())
    judge, found, reason = Judge(plain.split(), unit.split(), simulate.split()), Found(), reasons()
    for entry in found.before.values():
        if entry["result"].startswith("test_"):
            for programs in (judge.plain, judge.tiny):
                if entry["result"] in programs.facts:
                    programs.kills.setdefault(entry["file"], []).append((entry["number"], entry["result"]))

    def result(mutant):
        known = found.result(mutant)
        if known is None:
            known = judge(mutant, found.before.get(mutant.id, {}).get("result"))
            found.add(mutant, known)
            if os.environ.get("V"):
                print(f"{mutant.where}: {mutant.operator} {known}", flush=True)
        return known

    counted, none, killed, wrong, lived = 0, 0, 0, 0, {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while drawn and counted < n:
            some = [drawn.pop(0) for _ in range(min(len(drawn), n - counted))]
            for mutant, is_it in zip(some, pool.map(result, some)):
                none += is_it == "none"
                counted += is_it != "none"
                why = reason.get(mutant)
                if is_it in LIVES and why:
                    lived[why] = lived.get(why, 0) + 1
                elif is_it in LIVES or is_it != "none" and why:
                    wrong += 1
                    print(f"{mutant.where}: {mutant.operator} {is_it}{', which mutants.toml denies' if why else ''}"
                          f"\n-{mutant.line}\n+{mutant.text}", flush=True)
                killed += is_it not in (*LIVES, "none")
    print(f"{killed} of {counted} mutants killed, {100 * killed / max(1, counted):.1f} %; of the others "
          + "".join(f"{lived[kind]} {kind}, " for kind in sorted(lived)) + f"{counted - killed - sum(lived.values())} not explained")
    print(f"seed {seed}; {none} more were the same code, or none that compiles")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
