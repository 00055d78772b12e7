# SPDX-License-Identifier: MIT
"""What the tests of the shipped library have in common: building, installing, and asking a program for an answer."""
import functools
import json
import os
import select
import subprocess
import time

from guest import ROOT, TIMEOUT, alone

HERE = ROOT / "tests" / "lib"
TARGETS = ["host", "riscv64", "riscv32", "aarch64", "arm", "x86_64", "armv7m"]
BOARDS = {"host": "host", "riscv64": "virt-riscv64", "riscv32": "virt-riscv32", "aarch64": "virt-aarch64",
          "arm": "virt-arm", "x86_64": "x86_64", "armv7m": "mps2-an385"}
WARN = ["-Wall", "-Wextra", "-Werror"]
HEADERS = sorted(p.name for p in (ROOT / "include").glob("bareqga*.h"))
HAS_VIRTIO = "bareqga_virtio.h" in HEADERS


def sh(*command, status=0, **more):
    """Runs a command; what it printed. A make that started us is kept out of it."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    env.update(more.pop("env", {}))
    done = subprocess.run([str(w) for w in command], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=env, **{"cwd": ROOT, **more})
    assert done.returncode == status, f"{command}\n{done.stdout}"
    return done.stdout


def make(*arguments, **more):
    """make of the project; one at a time, for tests run side by side share its directory."""
    with alone():
        return sh("make", "-s", "-j2", *arguments, **more)


@functools.lru_cache(maxsize=None)
def library(target):
    """Builds a target's library; the directory with its objects, archive and headers."""
    make("lib", f"TARGET={target}")
    return ROOT / "build" / BOARDS[target] / "lib"


def pkg_config(prefix, *arguments):
    return sh("pkg-config", *arguments, "bareqga", env={"PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}).split()


def ask(command, request=b'{"execute": "guest-ping"}\n', **more):
    """The first line that a program answers to a request on its standard input; it is ended then."""
    process = subprocess.Popen([str(w) for w in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)
    try:
        process.stdin.write(request)
        process.stdin.flush()
        answer, end = b"", time.monotonic() + TIMEOUT
        while b"\n" not in answer:
            left = end - time.monotonic()
            assert left > 0 and select.select([process.stdout], [], [], left)[0], f"no answer but {answer!r}"
            piece = os.read(process.stdout.fileno(), 4096)
            assert piece, f"the program ended with {process.wait()} after {answer!r}"
            answer += piece
        return json.loads(answer.splitlines()[0])
    finally:
        process.stdin.close()
        if process.poll() is None:
            process.terminate()
        process.wait()
        process.stdout.close()


def answers_ping(*command, **more):
    assert ask(command, **more) == {"return": {}}
    return True
