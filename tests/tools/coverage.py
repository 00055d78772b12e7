# SPDX-License-Identifier: MIT
"""coverage.py BUILD STREAMS TEST... -- FUZZER... - runs unit tests and seeds in programs compiled with --coverage;
writes BUILD/index.html, prints a table of lines and branches, and fails where a folder has less than its floor."""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# ASSUME() (proto/json/assume.h) has a branch that there is not: UBSan stops where it is taken.
GCOVR = ["gcovr", "-r", ".", "--exclude-branches-by-pattern", r".*\bASSUME\(.*", "--exclude-unreachable-branches"]
# The least of their lines and of their branches that files below a folder may have, in percent.
FLOORS = {
    "proto": (100, 100),
    "hal/uart": (95, 95),
    "hal/irqchip": (95, 95),
    "hal/rtc": (95, 95),
    "hal/discover": (95, 95),
    "hal/arch/x86": (95, 95),
    "boards/shared": (95, 95),
}
GROUPS = ["proto/core", "proto/json", "proto/cmd", "proto/tiny", "proto", "hal/virtio", "hal/pci", "hal/uart", "hal/irqchip",
          "hal/rtc", "hal/discover", "hal/arch/x86", "boards/shared", "firmware"]
# Left to `make coverage-target`, for they are privileged instructions and little else: of hal/arch/x86 efi.c, libc.c, protect.c
# and traps.c, and all of the other hal/arch/*; start.S; each boards/BOARD/board.c, which is data (mps2-an385's excepted).


def play(program, arguments):
    done = subprocess.run([program, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    return "" if done.returncode == 0 else f"{program}: {done.returncode}\n{done.stdout[-2000:]}"


def seeds(streams, program):
    name = Path(program).name.removeprefix("fuzz_")
    folders = [ROOT / "tests/fuzz/seeds" / name, ROOT / streams / name]
    return [str(path) for folder in folders if folder.exists() for path in sorted(folder.iterdir())]


def gcovr(*arguments):
    subprocess.run([*GCOVR, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def share(covered, total):
    return f"{covered}/{total} {100 * covered / total:.1f} %" if total else ""


def missed(name, lines):
    """Where a file has lines or branches that nothing reached."""
    for line in lines:
        branches = sum(not b["count"] for b in line["branches"])
        if not line.get("gcovr/noncode") and (not line["count"] or branches):
            yield f"{name}:{line['line_number']}: {f'{branches} branches not taken' if line['count'] else 'not executed'}\n"


def below(build, files):
    """The folders that have less than their floor, and where."""
    for group, floors in FLOORS.items():
        own, short = [f for f in files if f["filename"].startswith(group + "/")], False
        for kind, floor in zip(("line", "branch"), floors):
            covered, total = (sum(f[f"{kind}_{what}"] for f in own) for what in ("covered", "total"))
            if not total or 100 * covered < floor * total:
                yield f"{group}: less than {floor} % ({kind}): {covered} of {total}\n"
                short = True
        for f in json.loads(Path(build, "all.json").read_text())["files"] if short else []:
            if f["file"].startswith(group + "/"):
                yield from missed(f["file"], f["lines"])


def main(build, streams, *programs):
    at = programs.index("--")
    for counts in Path(build).rglob("*.gcda"):
        counts.unlink()
    runs = [(p, []) for p in programs[:at]] + [(p, seeds(streams, p)) for p in programs[at + 1:]]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [said for said in pool.map(lambda run: play(*run), runs) if said]
    # Where functions are on other lines when a file is compiled in another way, the two cannot be put together, and
    # those of the second are not shown: the agent's beside the tiny one's, a board's above SBI.
    gcovr("--json", f"{build}/own.json", "--filter", "proto/tiny/", "--filter", "(hal|boards/shared)/",
          "--exclude-directories", ".*/own/s", f"{build}/own")
    gcovr("--json", f"{build}/main.json", "--filter", "(proto|hal|firmware|boards)/", "--exclude", "proto/tiny/",
          "--exclude-directories", ".*/own", build)
    gcovr("-a", f"{build}/own.json", "-a", f"{build}/main.json", "--json", f"{build}/all.json",
          "--json-summary", f"{build}/summary.json", "--html-details", f"{build}/index.html")
    files = json.loads(Path(build, "summary.json").read_text())["files"]
    print(f"{'':14}  {'lines':>20}  {'branches':>20}")
    for group in GROUPS:
        own = [f for f in files if f["filename"].startswith(group + "/")]
        lines, branches = (share(sum(f[f"{k}_covered"] for f in own), sum(f[f"{k}_total"] for f in own)) for k in ("line", "branch"))
        print(f"{group:14}  {lines:>20}  {branches:>20}")
    print(f"each line: {build}/index.html")
    failed += below(build, files)
    sys.stdout.write("".join(failed))
    return bool(failed)


sys.exit(main(*sys.argv[1:]))
