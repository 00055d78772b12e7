# SPDX-License-Identifier: MIT
"""The generated parts of docs/EMBEDDING.md: what may be wrong, what of a C library is needed, sizes."""
import functools
import os
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
ROOTS = ["qga_init_build", "qga_run", "qga_interrupt", "qga_idle"]
FLAGS = ["-std=gnu11", "-Os", "-ffunction-sections", "-fdata-sections", "-fno-common",
         "-fno-asynchronous-unwind-tables", "-Iinclude", "-Iproto", "-Ihal", "-Ibuild/deps"]


def run(*command, **more):
    return subprocess.run([str(word) for word in command], cwd=ROOT, text=True, check=True, capture_output=True,
                          **more).stdout


def archive(directory, compiler, options, where="proto"):
    """The library, or its drivers, as an archive, for a compiler and options."""
    compiler = [compiler] if isinstance(compiler, str) else compiler
    make("build/deps/jsmn.h")
    if where == "proto":
        names = make("print-PROTO_TINY" if "-DQGA_TINY=1" in options else "print-PROTO_ALL").split()
    else:
        names = sorted(str(path.relative_to(ROOT)) for path in (ROOT / where).glob("*.c"))
    objects = {Path(directory) / (name.replace("/", "-") + ".o"): name for name in names}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda o: run(*compiler, *FLAGS, *options, "-c", "-o", o, objects[o]), objects))
    path = Path(directory) / "libbareqga.a"
    run("ar" if compiler[0] == "gcc" else compiler[0].replace("gcc", "ar"), "rcs", path, *objects)
    return path


# --- What may be wrong ---

KINDS = {"QGA_FAULT": ("bareqga.h", "qga_strerror", "proto/core/fault.c"),
         "QGA_VIRTIO_FAULT": ("bareqga_virtio.h", "qga_virtio_strerror", "hal/virtio/virtio_fault.c")}


@functools.lru_cache(maxsize=None)
def faults(kind):
    """[(name, sentence)] of an enum, as the library says them."""
    header, function, source = KINDS[kind]
    names = re.findall(rf"^\t({kind}_\w+) =\s+-\d", (ROOT / "include" / header).read_text(), re.M)
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / "faults"
        calls = "".join(f"puts({function}({name}));" for name in names)
        run("gcc", "-Iinclude", "-Ihal", "-o", program, source, "-x", "c", "-",
            input=f'#include <stdio.h>\n#include "{header}"\nint main(void) {{ {calls} return 0; }}')
        return list(zip(names, run(program).splitlines(), strict=True))


def sentence(name):
    return dict(faults("QGA_FAULT"))[name]


def fault_table():
    rows = ["| Fault | Sentence |", "|---|---|"]
    return "\n\n".join("\n".join(rows + [f"| `{name}` | {text} |" for name, text in faults(kind)]) for kind in KINDS)


# --- What of a C library is needed, and sizes ---

PARTS = {  # what is measured: which options and sources, from which functions on, and whose state
    "smallest": (["-DQGA_TINY=1"], "proto", ROOTS, "struct qga"),
    "all, small": (["-DQGA_SMALL=1"], "proto", ROOTS, "struct qga"),
    "all": ([], "proto", ROOTS, "struct qga"),
    "virtio": ([], "hal/virtio", ["qga_virtio_console_init_build", "qga_virtio_mmio"], "struct qga_virtio_console"),
}


@functools.lru_cache(maxsize=None)
def measured(target, part):
    """(bytes of code and constants, bytes of state, functions that are not the library's)."""
    compiler, (options, where, roots, state) = TARGETS[target], PARTS[part]
    prefix = compiler[0].removesuffix("gcc")
    with tempfile.TemporaryDirectory() as directory:
        library = archive(directory, compiler, options, where)
        image, object_file, others = (Path(directory) / name for name in ("image", "state.o", "others.o"))
        defined = set(re.findall(r"^\w+ [A-Za-z] (\w+)$", run(prefix + "nm", library), re.M))
        wanted = set(re.findall(r"^ +U (\w+)$", run(prefix + "nm", library), re.M)) - defined
        # Where the library ends: functions of no size that counts, for newer linkers call no unknown one on Arm.
        run(*compiler, "-fno-builtin", "-c", "-o", others, "-x", "c", "-",
            input="".join(f'__attribute__((section(".others"))) void {name}(void) {{}}\n' for name in sorted(wanted)))
        run(*(word for word in compiler if "specs" not in word), "-nostdlib", "-nostartfiles", "-static", "-o", image,
            *(f"-Wl,-u,{root}" for root in roots), "-Wl,--section-start=.others=0x1000",
            f"-Wl,--gc-sections,-e,{roots[0]},--build-id=none,-z,noexecstack", library, others)
        size = sum(int(line.split()[1]) for line in run(prefix + "size", "-A", image).splitlines()
                   if re.match(r"\.(text|rodata|data|bss|sdata|srodata|sbss|got)\b", line))
        variables = sum(int(line.split()[1]) for line in run(prefix + "size", "-A", library).splitlines()
                        if re.match(r"\.s?(data|bss)\b", line))
        assert variables == 0, f"{target}, {part}: {variables} bytes of variables"
        run(*compiler, *FLAGS, *options, "-c", "-o", object_file, "-x", "c", "-",
            input=f'#include "bareqga.h"\n#include "bareqga_virtio.h"\nchar state[sizeof({state})];\n')
        bytes_of = int(re.search(r"^\w+ (\w+) \w state$", run(prefix + "nm", "-S", object_file), re.M)[1], 16)
        return size, bytes_of, wanted


def libc():
    names = set().union(*(measured(target, part)[2] for target in TARGETS for part in PARTS))
    return "`" + "` `".join(sorted(name for name in names if not name.startswith("_"))) + "`"


def size_table():
    rows = ["| Processor | " + " | ".join(f"{part} | `{PARTS[part][3]}`" for part in PARTS) + " |",
            "|---|" + "--:|--:|" * len(PARTS)]
    for target in TARGETS:
        cells = [f"{measured(target, part)[0]:,} | {measured(target, part)[1]:,}" for part in PARTS]
        rows.append(f"| {target} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
