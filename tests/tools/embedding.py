# SPDX-License-Identifier: MIT
"""embedding.py - the generated parts of docs/EMBEDDING.md: what may be wrong, what of a C library is needed, sizes."""
import functools
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from guest import ROOT, make  # noqa: E402

# How the size of a library is found: on these processors, in these configurations.
TARGETS = {
    "Cortex-M3": ["arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb", "--specs=picolibc.specs"],
    "rv32imac": ["riscv64-unknown-elf-gcc", "-march=rv32imac", "-mabi=ilp32", "--specs=picolibc.specs"],
    "rv64imac": ["riscv64-unknown-elf-gcc", "-march=rv64imac", "-mabi=lp64", "-mcmodel=medany", "--specs=picolibc.specs"],
    "AArch64": ["aarch64-linux-gnu-gcc", "-mgeneral-regs-only", "-mno-outline-atomics", "-fno-pie", "-no-pie",
                "--specs=picolibc.specs"],
    "x86-64": ["gcc", "-mgeneral-regs-only", "-fno-pie", "-no-pie", "-fno-stack-protector", "-fcf-protection=none"],
}
CONFIGURATIONS = {
    "smallest": ["-DQGA_TINY=1"],
    "all, small": ["-DQGA_SMALL=1"],
    "all": [],
}
ROOTS = ["qga_init_build", "qga_run", "qga_interrupt", "qga_idle"]
FLAGS = ["-std=gnu11", "-Os", "-ffunction-sections", "-fdata-sections", "-fno-common",
         "-fno-asynchronous-unwind-tables", "-Iinclude", "-Iproto", "-Ibuild/deps"]


def run(*command, **more):
    return subprocess.run([str(word) for word in command], cwd=ROOT, text=True, check=True, capture_output=True,
                          **more).stdout


def sources(tiny=False):
    return make("print-PROTO_TINY" if tiny else "print-PROTO_ALL").split()


def archive(directory, compiler, options):
    """The library as an archive, for a compiler and configuration."""
    compiler = [compiler] if isinstance(compiler, str) else compiler
    make("build/deps/jsmn.h")
    objects = {Path(directory) / (source.replace("/", "-") + ".o"): source for source in sources("-DQGA_TINY=1" in options)}
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda o: run(*compiler, *FLAGS, *options, "-c", "-o", o, objects[o]), objects))
    path = Path(directory) / "libbareqga.a"
    path.unlink(missing_ok=True)
    run("ar" if compiler[0] == "gcc" else compiler[0].replace("gcc", "ar"), "rcs", path, *objects)
    return path


# --- What may be wrong ---

@functools.lru_cache(maxsize=None)
def faults():
    """[(name, sentence)] of enum qga_fault, as the library says them."""
    names = re.findall(r"^\t(QGA_FAULT_\w+) = ", (ROOT / "include/bareqga.h").read_text(), re.M)
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / "faults"
        calls = "".join(f"puts(qga_strerror({name}));" for name in names)
        run("gcc", "-Iinclude", "-o", program, "proto/core/fault.c", "-x", "c", "-",
            input=f'#include <stdio.h>\n#include "bareqga.h"\nint main(void) {{ {calls} return 0; }}')
        return list(zip(names, run(program).splitlines(), strict=True))


def sentence(name):
    return dict(faults())[name]


def fault_table():
    rows = ["| Fault | Sentence |", "|---|---|"]
    return "\n".join(rows + [f"| `{name}` | {text} |" for name, text in faults()])


# --- What of a C library is needed, and sizes ---

@functools.lru_cache(maxsize=None)
def measured(target, configuration):
    """(bytes of code and constants, sizeof(struct qga), functions that are not the library's)."""
    compiler, options = TARGETS[target], CONFIGURATIONS[configuration]
    prefix = compiler[0].removesuffix("gcc")
    with tempfile.TemporaryDirectory() as directory:
        library = archive(directory, compiler, options)
        image, state = Path(directory) / "image", Path(directory) / "state.o"
        run(*(word for word in compiler if "specs" not in word), "-nostdlib", "-nostartfiles", "-static", "-o", image,
            *(f"-Wl,-u,{root}" for root in ROOTS), "-Wl,--gc-sections,-e,qga_run,--unresolved-symbols=ignore-all,--build-id=none",
            "-Wl,-z,noexecstack", library)
        size = sum(int(line.split()[1]) for line in run(prefix + "size", "-A", image).splitlines()
                   if re.match(r"\.(text|rodata|data|bss|sdata|srodata|sbss|data\.rel\.ro|got)\b", line))
        variables = sum(int(line.split()[1]) for line in run(prefix + "size", "-A", library).splitlines()
                        if re.match(r"\.s?(data|bss)\b", line))
        assert variables == 0, f"{target}, {configuration}: {variables} bytes of variables"
        run(*compiler, *FLAGS, *options, "-c", "-o", state, "-x", "c", "-",
            input='#include "bareqga.h"\nchar state[sizeof(struct qga)];\n')
        struct = int(re.search(r"^\w+ (\w+) \w state$", run(prefix + "nm", "-S", state), re.M)[1], 16)
        defined = set(re.findall(r"^\w+ [A-Tt] (\w+)$", run(prefix + "nm", library), re.M))
        wanted = set(re.findall(r"^ +U (\w+)$", run(prefix + "nm", library), re.M)) - defined
        return size, struct, wanted


def libc():
    names = set()
    for target in TARGETS:
        for configuration in CONFIGURATIONS:
            names |= measured(target, configuration)[2]
    return "`" + "` `".join(sorted(name for name in names if not name.startswith("_"))) + "`"


def size_table():
    rows = ["| Processor | " + " | ".join(f"{c} | `struct qga`" for c in CONFIGURATIONS) + " |",
            "|---|" + "--:|--:|" * len(CONFIGURATIONS)]
    for target in TARGETS:
        cells = [f"{measured(target, c)[0]:,} | {measured(target, c)[1]:,}" for c in CONFIGURATIONS]
        rows.append(f"| {target} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
