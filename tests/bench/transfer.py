# SPDX-License-Identifier: MIT
"""transfer.py [MIB] - a file of 64 MiB into a guest and out again: qgactl, and `virsh qemu-agent-command` in a loop, side by side.

Both guests are bareqga on virt-riscv64, one on a socket of QEMU's, the other in a libvirtd of our own. The loop is what
scripts do: a request and an answer for each 48 KiB, base64 included. All of it is compared, byte by byte; then qgactl is
stopped in the middle, both ways, and goes on. Prints a table.
"""
import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "emu"), str(ROOT / "tests" / "diff")]

import guest  # noqa: E402
import test_libvirt  # noqa: E402

BOARD, PATH, PIECE = "virt-riscv64", "/tmp/transfer", 49152


def virsh_put(ask, data):
    handle = ask({"execute": "guest-file-open", "arguments": {"path": PATH, "mode": "w"}})
    for at in range(0, len(data), PIECE):
        text = base64.b64encode(data[at:at + PIECE]).decode()
        ask({"execute": "guest-file-write", "arguments": {"handle": handle, "buf-b64": text}})
    ask({"execute": "guest-file-close", "arguments": {"handle": handle}})


def virsh_get(ask):
    handle = ask({"execute": "guest-file-open", "arguments": {"path": PATH, "mode": "r"}})
    got, eof = [], False
    while not eof:
        answer = ask({"execute": "guest-file-read", "arguments": {"handle": handle, "count": PIECE}})
        got.append(base64.b64decode(answer["buf-b64"]))
        eof = answer["eof"]
    ask({"execute": "guest-file-close", "arguments": {"handle": handle}})
    return b"".join(got)


def seconds(how):
    start = time.monotonic()
    result = how()
    return time.monotonic() - start, result


def stopped(qgactl, *words):
    """Ctrl-C in the middle: what it says, and its status."""
    process = subprocess.Popen([*qgactl, *words], stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    return process.communicate()[1].strip(), process.returncode


def with_qgactl(data):
    guest.build(BOARD)
    guest.make("qgactl")
    program = ROOT / guest.make("print-QGACTL")
    with tempfile.TemporaryDirectory(prefix="bareqga-") as folder, guest.Guest(guest.Variant(BOARD), extra="-m 512") as booted:
        out, back = pathlib.Path(folder) / "out", pathlib.Path(folder) / "back"
        out.write_bytes(data)
        qgactl = [program, "-q", "-T", f"unix:{booted.sock}"]
        run = lambda *words: subprocess.run([*qgactl, *words], stdout=subprocess.DEVNULL, check=True)  # noqa: E731
        run("wait")
        put, _ = seconds(lambda: run("put", out, PATH))
        get, _ = seconds(lambda: run("get", PATH, back))
        assert back.read_bytes() == data
        for words in (("put", out, PATH), ("get", PATH, back)):
            said, status = stopped(qgactl, *words)
            print(f"stopped with status {status}: {said}")
            run(words[0], "--resume", "--check", *words[1:])
        assert back.read_bytes() == data
        return put, get


def with_virsh(data):
    daemon = test_libvirt.Libvirt()
    try:
        daemon.start()
        kernel = daemon.dir / "kernel.elf"
        kernel.write_bytes((ROOT / "build" / BOARD / "bareqga.elf").read_bytes())
        kernel.chmod(0o644)
        daemon.create_of(re.sub(r"(<memory unit='MiB'>)\d+", r"\g<1>512", test_libvirt.domain(BOARD, kernel)))
        ask = lambda request: daemon.ask(json.dumps(request))["return"]  # noqa: E731
        put, _ = seconds(lambda: virsh_put(ask, data))
        get, back = seconds(lambda: virsh_get(ask))
        assert back == data
        return put, get
    finally:
        daemon.close()


def main(mib=64):
    data = os.urandom(int(mib) << 20)
    ours, theirs = with_qgactl(data), with_virsh(data)
    print(f"{mib} MiB  qgactl  virsh in a loop")
    for way, one, other in zip(("put", "get"), ours, theirs):
        print(f"{way}     {one:6.2f} s {other:8.1f} s  {other / one:.0f} times")
        assert other >= 5 * one


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main(*sys.argv[1:])
