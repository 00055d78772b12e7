# SPDX-License-Identifier: MIT
"""Which compilers and emulators a machine has: figures, formatting and generated tables are held only
against those that they were made with. Debian 12's are the reference."""
import functools
import os
import platform
import re
import shutil
import subprocess

from guest import make, variants

REFERENCE = {"compiler": "GCC 12.2", "emulator": "QEMU 7.2", "formatter": "clang-format 14"}


@functools.lru_cache(maxsize=None)
def version(parts, *command):
    """The first so many parts of the version that a program tells, such as "12.2"."""
    try:
        said = subprocess.run(command, text=True, capture_output=True, check=True).stdout
        return ".".join(re.search(r"\d+(?:\.\d+)+", said)[0].split(".")[:parts])
    except (OSError, subprocess.CalledProcessError, TypeError):
        return "none"


def compiler(board):
    cross = make(f"BOARD={board}", "facts").split("\n")[0].removeprefix("CROSS=")
    return "GCC " + version(2, f"{cross}gcc", "-dumpfullversion")


def emulator(board):
    return "QEMU " + version(2, variants(board)[0].command("")[0], "--version")


def clang():
    return "clang " + version(1, "clang", "--version")


def formatter():
    return "clang-format " + version(1, "clang-format", "--version")


def here(board):
    """What a figure of a board may depend on, as this machine has it."""
    return {"compiler": compiler(board), "emulator": emulator(board)}


def system():
    """What the tests run on, in one line."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = platform.system()
    parts = [name, "GCC " + version(2, "gcc", "-dumpfullversion"), clang(),
             emulator("virt-riscv64"), "qemu-ga " + version(3, shutil.which("qemu-ga", path=os.environ["PATH"] + ":/usr/sbin") or "qemu-ga", "--version"),
             "Python " + platform.python_version()]
    lacking = [path for path in ("/dev/kvm", "/sys/devices/system/cpu") if not os.access(path, os.R_OK)]
    return ", ".join(parts + [f"no {path}" for path in lacking])
