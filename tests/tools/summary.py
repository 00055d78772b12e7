# SPDX-License-Identifier: MIT
"""summary.py [--unit PROGRAM...] [--pytest ARGUMENT...] - runs unit tests and pytest, and ends with what they
ran on, why some were skipped, and one line that counts all of them: N passed, N failed, N skipped."""
import functools
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

import toolchain  # noqa: E402


# What ThreadSanitizer says where the kernel moves programs farther than it bears; AddressSanitizer, now and then, dies of it.
TOO_FAR = "ThreadSanitizer: unexpected memory mapping"
MOVES = "this kernel moves programs too far for sanitizers, and may not be told otherwise here; sysctl -w vm.mmap_rnd_bits=28"


@functools.cache
def unmoved():
    """What keeps the kernel from moving a program's memory about, before its name; nothing where that is not allowed."""
    words = ["setarch", "-R"]
    try:
        return words if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL).returncode == 0 else []
    except FileNotFoundError:
        return []


def moves_far():
    """Is it more than the 28 bits of Debian's kernels, of pages?"""
    bits = Path("/proc/sys/vm/mmap_rnd_bits")
    return not unmoved() and bits.exists() and int(bits.read_text()) > 28


def unit(program, reasons):
    """Runs one cmocka program; counts why it could not be run into reasons. One that dies, or runs nothing, has failed."""
    print(f"== {Path(program).name}", flush=True)
    env = os.environ | {"CMOCKA_MESSAGE_OUTPUT": "STDOUT"}
    try:
        done = subprocess.run([*unmoved(), program], env=env, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        output, status = (late.stdout or b"").decode(errors="replace") + "\nstill running after 600 s", 1
    count = Counter()
    if status and TOO_FAR in output and moves_far():
        print(f"skipped: {MOVES}", flush=True)
        reasons.update([MOVES])
        return Counter(skipped=1)
    for word, number in re.findall(r"^\[ +(PASSED|FAILED|SKIPPED) +\] (\d+) test", output, re.M):
        count[word.lower()] += int(number)
    if status and not count["failed"]:
        output += f"\nperhaps {MOVES}" if moves_far() else ""
        count["failed"] = 1
    if not sum(count.values()):
        output += "\nthis program ran no test"
        count["failed"] = 1
    print(output if count["failed"] else f"{count['passed']} passed, {count['skipped']} skipped", flush=True)
    return count


def pytest(arguments, reasons):
    """Runs pytest; counts why tests were skipped into reasons."""
    with tempfile.TemporaryDirectory() as d:
        report = Path(d) / "report.xml"
        status = subprocess.run([sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments],
                                stdin=subprocess.DEVNULL).returncode
        count = Counter()
        if report.exists():
            for suite in xml.parse(report).iter("testsuite"):
                total, skipped = int(suite.get("tests")), int(suite.get("skipped"))
                failed = int(suite.get("failures")) + int(suite.get("errors"))
                count += Counter(passed=total - failed - skipped, failed=failed, skipped=skipped)
                reasons.update(skip.get("message") for skip in suite.iter("skipped"))
        if status and not count["failed"]:
            count["failed"] = 1
        return count


def main(args):
    total, reasons = Counter(), Counter()
    programs, _, rest = " ".join(args).partition("--pytest")
    for program in programs.split()[1:]:
        total += unit(program, reasons)
    if rest:
        total += pytest(rest.split(), reasons)
    for reason, number in reasons.most_common():
        print(f"skipped {number}: {reason}")
    print(f"on {toolchain.system()}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] or not total["passed"] else 0


sys.exit(main(sys.argv[1:]))
