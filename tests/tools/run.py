# SPDX-License-Identifier: MIT
"""`make run` and `make shell`: boots a board and talks to its agent, for a person to see.

    run.py [--shell] BOARD CHANNEL VIRTIO ACCEL [MACHINE]
    run.py --vmm [--check] NAME BOARD [CHANNEL]     not in QEMU; --check: only says what is missing
"""
import json
import pathlib
import random
import sys
import textwrap
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1])]

from guest import Guest, GuestError, SENTINEL, Variant, request  # noqa: E402
from vmms import Box, VmmGuest  # noqa: E402


def show(client, req, delimited=False, answer=True):
    sentinel = SENTINEL if delimited else b""
    print(("\\xff " if delimited else "") + json.dumps(req), flush=True)
    client.send(sentinel, req)
    if not answer:
        return None
    if delimited:
        client.recv_until(SENTINEL)
    line = client.recv_until(b"\n")
    text = line.decode().rstrip("\n")
    if len(text) > 200:
        text = f"{text[:80]} ... {len(line)} bytes"
    print("    " + ("\\xff " if delimited else "") + text, flush=True)
    reply = json.loads(line)
    if "error" in reply:
        raise GuestError(f"{req['execute']} was refused: {reply['error']['desc']}")
    return reply["return"]


def run(guest):
    client = guest.connect()
    ident = random.getrandbits(63)
    got = show(client, request("guest-sync-delimited", {"id": ident}), delimited=True)
    if got != ident:
        raise GuestError(f"guest-sync-delimited answered {got}, not the id {ident} it was sent")
    show(client, request("guest-ping"))
    info = show(client, request("guest-info"))
    names = [c["name"] for c in info["supported_commands"]]
    print(textwrap.fill(f"({len(names)} commands: {' '.join(sorted(names))})", 96, break_on_hyphens=False,
                        initial_indent="    ", subsequent_indent="     "))
    if "guest-get-time" in names:
        ns = show(client, request("guest-get-time"))
        print(f"    (that is {time.strftime('%F %T', time.gmtime(ns // 10**9))} UTC)")
    if "guest-shutdown" not in names:
        print("(this board cannot power itself off)")
        return
    show(client, request("guest-shutdown"), answer=False)
    status = guest.wait()
    print(f"    (the guest has powered off; exit status {status})")


def shell(guest):
    with guest.connect() as client:
        client.sync()
    s = guest.sock
    print(f"""The agent answers on {s}

    echo '{{"execute": "guest-ping"}}' | socat -t1 - UNIX-CONNECT:{s},shut-none
    socat READLINE UNIX-CONNECT:{s}
    python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("{s}"); s.send(b"{{\\"execute\\": \\"guest-info\\"}}\\n"); print(s.recv(65536).decode())'

Ctrl-C ends the guest.""", flush=True)
    status = guest.process.wait()
    print(f"The guest has ended with status {status}.")


def main(args):
    talk, kind, check = run, Guest, False
    if args[0] == "--shell":
        talk, args = shell, args[1:]
    if args[0] == "--vmm":
        check = args[1] == "--check"
        name, board, *channel = args[1 + check:]
        kind, args = VmmGuest, [name]
        variant = Box(name, *channel, board=board)
    else:
        variant = Variant(*args[:4], machine="".join(args[4:]))
    try:
        missing = variant.missing()
        if missing:
            raise GuestError(missing)
        if check:
            return
        with kind(variant) as guest:
            try:
                talk(guest)
            except GuestError as error:
                raise GuestError("\n".join(filter(None, [str(error), guest.output(), guest.log()]))) from None
    except GuestError as error:
        sys.exit(f"{args[0]}: {error}")
    except KeyboardInterrupt:
        print()


main(sys.argv[1:])
