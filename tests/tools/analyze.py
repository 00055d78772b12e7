# SPDX-License-Identifier: MIT
"""analyze.py cppcheck|tidy|gcc|deep [FILE...] - static analysis; prints what is found and not justified.

cppcheck  its warnings and portability, each configuration of the sources
tidy      clang-tidy by .clang-tidy, but what follows paths; deep: that alone, which takes minutes
gcc       -fanalyzer

Without FILE it looks at all that it can: proto/, hal/, firmware/ and what boards share; then an entry of
tests/check/analysis.toml that nothing matches is an error as well."""
import concurrent.futures
import fnmatch
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tests/check/analysis.toml"
HERE = ["-Iinclude", "-Iproto", "-Ihal", "-Iboards", "-Ifirmware"]
# As for the unit tests: registers are memory, so nothing depends on a processor.
COMPILE = ["-std=gnu11", "-DMMIO_TEST", *HERE, "-isystem", "build/deps"]
TINY = ["-DQGA_TINY=1", "-DQGA_NAME_MAX=24", "-DQGA_STEP_MAX=128"]


class Finding(NamedTuple):
    tool: str
    file: str
    line: int
    check: str
    says: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.tool}: {self.says} [{self.check}]"


def run(*command):
    return subprocess.run(command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def sources(*folders):
    return [str(path.relative_to(ROOT)) for folder in folders for path in sorted((ROOT / folder).rglob("*.c"))]


def portable():
    """What does not depend on a processor."""
    return [f for f in sources("proto", "hal", "firmware/env") if not f.startswith("hal/arch/")] + [
        "firmware/main.c", "boards/shared/ram.c", "boards/shared/setting.c"]


def found(tool, output, pattern):
    for line in output.splitlines():
        if match := re.match(pattern, line):
            m = match.groupdict()
            path = os.path.relpath(ROOT / m["file"], ROOT)
            yield Finding(tool, path, int(m["line"]), m["check"] or tool, m["says"])


def cppcheck(files):
    done = run("cppcheck", "-q", f"-j{os.cpu_count()}", "--std=c11", "--enable=warning,portability", "--inline-suppr",
               "-UQGA_CONFIG_FILE", "--template={file}:{line}:{id}:{message}", *HERE, *(files or sources("proto", "hal", "firmware", "boards/shared")))
    if done.returncode:
        raise SystemExit(done.stdout)
    return found("cppcheck", done.stdout, r"(?P<file>[^:]+):(?P<line>\d+):(?P<check>\w+):(?P<says>.*)")


def each(look, files):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(look, files):
            yield from findings


def tidy(files, checks=("--checks=-clang-analyzer-*",), tool="tidy"):
    def look(part):
        done = run("clang-tidy", "--quiet", "--config-file=.clang-tidy", *checks, *part, "--", *COMPILE)
        findings = list(found(tool, done.stdout, r"(?P<file>[^:]+):(?P<line>\d+):\d+: (?:warning|error): (?P<says>.*?)(?: \[(?P<check>[^]]+)\])?$"))
        if done.returncode and not findings:
            raise SystemExit(done.stdout)
        return findings

    files = files or portable()
    return each(look, [files[at::8] for at in range(min(8, len(files)))])


def deep(files):
    return tidy(files, ("--checks=-bugprone-*,-cert-*",), "deep")


def gcc(files):
    def look(path):
        done = run("gcc", "-O0", "-Wall", "-Wextra", "-fanalyzer", *COMPILE, *(TINY if "tiny/" in path else []),
                   "-c", "-o", "/dev/null", path)
        findings = list(found("gcc", done.stdout, r"(?P<file>[^:]+):(?P<line>\d+):\d+: (?:warning|error): (?P<says>.*?)(?: \[(?P<check>[^]]+)\])?$"))
        if done.returncode and not findings:
            raise SystemExit(done.stdout)
        return findings

    return each(look, files or portable())


def main(tool, *files):
    listed = [entry for entry in tomllib.loads(LIST.read_text())["justified"] if entry["tool"] == tool]
    left, used = [], set()
    for finding in dict.fromkeys({"cppcheck": cppcheck, "tidy": tidy, "deep": deep, "gcc": gcc}[tool](list(files))):
        reasons = [at for at, entry in enumerate(listed)
                   if finding.check == entry["check"] and fnmatch.fnmatch(finding.file, entry["file"])
                   and entry.get("says", "") in finding.says]
        used.update(reasons)
        if not reasons:
            left.append(str(finding))
    if not files:
        left += [f"{LIST.name}: nothing is found any more of {entry['tool']} {entry['check']} {entry['file']}"
                 for at, entry in enumerate(listed) if at not in used and not entry.get("some")]
    print("".join(f"{line}\n" for line in left), end="")
    return bool(left)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
