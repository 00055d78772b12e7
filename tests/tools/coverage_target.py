# SPDX-License-Identifier: MIT
"""coverage_target.py FOLDER - what the emulator tests have executed on the boards themselves, by tests/trace_guest.py.

Prints, for each folder, how many of the lines that became code in any image were executed in any guest, and
with --lines which were not. Code that is translated but left before its end counts as executed: start-up and traps
are of straight lines, and that is what this is for; the rest is held by `make coverage`.
"""
import collections
import functools
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GROUPS = ["hal/arch/arm", "hal/arch/armv7m", "hal/arch/riscv", "hal/arch/x86", "hal/arch", "hal/discover", "hal/irqchip", "hal/pci",
          "hal/rtc", "hal/uart", "hal/virtio", "boards", "firmware", "proto"]
CROSS = {40: "arm-none-eabi-", 62: "x86_64-linux-gnu-", 183: "aarch64-linux-gnu-", 243: "riscv64-unknown-elf-"}  # ELF's e_machine


def run(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


@functools.lru_cache(maxsize=None)
def lines_of(elf):
    """{address: {(file, line), ...}} of an image's code, what is inlined there too."""
    with open(elf, "rb") as file:
        cross = CROSS[int.from_bytes(file.read(20)[18:], "little")]
    code = [line.split(":")[0].strip() for line in run(f"{cross}objdump", "-d", "--no-show-raw-insn", "-j", ".text", elf).splitlines()
            if line[:1] == " "]
    out, at = collections.defaultdict(set), None
    for line in run(f"{cross}addr2line", "-a", "-i", "-e", elf, text="\n".join(code)).splitlines():
        if line.startswith("0x"):
            at = int(line, 16)
            continue
        path, _, number = line.split(" ")[0].rpartition(":")
        if path.startswith(f"{ROOT}/") and number.isdigit() and number != "0":
            out[at].add((path[len(str(ROOT)) + 1:], int(number)))
    return out


def main(folder, *options):
    by_image = collections.defaultdict(set)
    for path in Path(folder).iterdir():
        elf, *addresses = path.read_text().split("\n")
        by_image[elf].update(int(a, 16) for a in addresses if a)
    every, executed = set(), set()
    for elf, addresses in by_image.items():
        for at, lines in lines_of(elf).items():
            every |= lines
            if at in addresses:
                executed |= lines
    for group in GROUPS:
        total = {line for line in every if line[0].startswith(group + "/")}
        done = total & executed
        if total:
            print(f"{group:16} {f'{len(done)}/{len(total)}':>12} {100 * len(done) / len(total):5.1f} %")
    if "--lines" in options:
        for path, line in sorted(every - executed):
            print(f"{path}:{line}")
    print(f"{sum(1 for _ in Path(folder).iterdir())} guests of {len(by_image)} images")
    return 0 if every else 1


sys.exit(main(*sys.argv[1:]))
