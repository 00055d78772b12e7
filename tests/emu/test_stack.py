# SPDX-License-Identifier: MIT
"""The stack that a guest has really used, beside what tests/tools/figures.py works out from the image.

The stack is painted before the first instruction; then everything is asked that the corpus asks, and what is no
longer as it was painted has been used. It must lie within the figure, or the figure is wrong; and near it, or too
little was asked for this to say anything.

    tests/emu/test_stack.py [BOARD ...]        prints both
"""
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/tools"), str(ROOT / "tests/diff")]
import figures  # noqa: E402
import stream  # noqa: E402
from debugger import Debugger, arguments  # noqa: E402
from guest import Guest, boards, build, variants  # noqa: E402

PAINT = 0xA5
LEAST = 0.5  # of the figure: below, the conversation does not reach deep
AT_ONCE = {"virtio": 40, "uart": 2}  # cases, before their answers are read
EVERY = {"virtio": 3, "uart": 12}  # case of the corpus, in a test
BOARDS = [b for b in boards() if not variants(b)[0].native]


def stack_at(board):
    """Address and size of the section .stack."""
    cross, image = figures.board_facts(board)
    text = subprocess.run([f"{cross}readelf", "-SW", image], stdout=subprocess.PIPE, text=True, check=True).stdout
    address, size = re.search(r" \.stack +NOBITS +(\w+) \w+ (\w+)", text).groups()
    return int(address, 16), int(size, 16)


def converse(client, at_once, every=1):
    """Every stream of the corpus that needs no answer for its next byte; and files and programs, which do."""
    client.sync()
    offered = {c["name"] for c in client.call("guest-info")["supported_commands"]}
    sent = 0
    for case in stream.load()[::every]:
        data = b"".join(part for part in case.parts if isinstance(part, bytes))
        if len(data) > 1024 or any(not isinstance(part, bytes) for part in case.parts) or b"shutdown" in data:
            continue
        client.send(data + b"\n")
        sent += 1
        if sent % at_once == 0:
            client.sync()
    client.sync()
    if "guest-fsfreeze-thaw" in offered:
        client.call("guest-fsfreeze-thaw")
    if "guest-file-open" in offered:
        handle = client.call("guest-file-open", {"path": "/tmp/stack", "mode": "w+"})
        for execute, more in (("write", {"buf-b64": "QUJD" * 200}), ("seek", {"offset": 0, "whence": 0}),
                              ("read", {"count": 600}), ("flush", {}), ("close", {})):
            client.call(f"guest-file-{execute}", {"handle": handle, **more})
    if "guest-exec" in offered:
        for words in (["ls", "-l", "/"], ["cat", "/run/log"], ["date"], ["rm", "/tmp/stack"], ["echo", "-e", "\\x41"], ["uname", "-a"],
                      ["sh", "-c", "echo a"], ["free"], ["wc", "/run/log"]):
            client.ask("guest-exec", {"path": words[0], "arg": words[1:], "capture-output": True})
    client.sync()


def used(board, folder, every=1):
    """Bytes of stack that a conversation has used."""
    build(board)
    address, size = stack_at(board)
    gdb = folder / "gdb"
    with Guest(variants(board)[0], qmp=True, extra=arguments(gdb)) as guest:
        debugger = Debugger(gdb)
        debugger.write(address, bytes([PAINT]) * size)
        debugger.leave()
        with guest.connect() as client:
            converse(client, AT_ONCE[variants(board)[0].channel], every)
        guest.monitor.call("stop")
        guest.monitor.call("pmemsave", val=address, size=size, filename=str(folder / "stack"))
    content = (folder / "stack").read_bytes()
    assert content[0] == PAINT, "the stack was not painted, or all of it was used"
    return size - next(i for i, byte in enumerate(content) if byte != PAINT)


@pytest.mark.parametrize("board", BOARDS)
def test_what_is_used_lies_within_the_figure(board, tmp_path):
    build(board)
    figure, real = figures.Graph(board).deepest("firmware_main"), used(board, tmp_path, EVERY[variants(board)[0].channel])
    assert real <= figure, f"{board}: {real} bytes were used, {figure} is the most that should be possible"
    assert real >= LEAST * figure, f"{board}: only {real} of {figure} bytes were used"


if __name__ == "__main__":
    import tempfile
    for name in sys.argv[1:] or BOARDS:
        with tempfile.TemporaryDirectory() as where:
            print(f"{name:20} {used(name, Path(where)):6} {figures.Graph(name).deepest('firmware_main'):6}", flush=True)
