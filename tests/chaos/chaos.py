# SPDX-License-Identifier: MIT
"""chaos.py N [--BOARD B...] [--CHANNEL C] [--VIRTIO V] [--SEED S] [--NEWER 1] - N rounds of bad luck on real guests.

A round is a client that connects, gets in step (0xFF and guest-sync-delimited), and then sends requests, errors and garbage
in pieces of any size while it stalls, floods, does not read, is cut off; and while the machine is stopped, reset, saved,
loaded, goes on in another QEMU, and loses its port. Its way is a console's port, a serial port, or a socket device. Whatever
was sent since the client was last in step must be answered in order, once, to the byte, as the same guest answered it in
calm; a client that was not cut, and whose machine was not put back, gets all of it. After a reset, a load, another QEMU or
another port it gets in step again, on a connection of its own where the old one has ended. Whoever comes after a client
that had all its answers, and everybody on a socket device, sees nothing but its own.

    life.py      rounds: what a client does, and what happens to the machine meanwhile
    machine.py   QEMU around the guest: what can happen to it, and what its trace says
    talk.py      a client, and its judge
    pieces.py    what is sent

QEMU judges what does not come. Two faults are its own (docs/DESIGN.md), and counted apart: a port that its trace says is throttled for a
client that reads all, if a new connection mends it; and a 16550 whose own register says that it does not get rid of
what is in it, for a client that reads all, after the machine has come from another QEMU while nobody was at
its socket, if a reset mends it (muted). So are two of the back end of a socket device (machine.py): it has lost a thread (deaf), or made
the guest reset the device, which ends a connection (spoilt). Anything else is hung, or lost.

A guest lives for LIFE rounds and has a seed of its own. A failure says the line that plays that guest's rounds again; the
script is then the same, and QEMU's timing as far as it is."""
import argparse
import collections
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import guest as guests  # noqa: E402
from life import Life  # noqa: E402
from machine import Vsock  # noqa: E402
from talk import Fault, Stuck, Talk  # noqa: E402

LIFE = 40  # rounds of a guest
COUNTS = "rounds commands bytes stops resets replugs saves loads moves cuts throttled muted deaf spoilt wrong lost stale hung".split()
FAULTS = ("wrong", "lost", "stale", "hung")


def live(variant, seed, rounds, count):
    """A guest and its rounds; what must not be is said and counted."""
    life = Life(variant, seed, count)
    end = count["rounds"] + rounds
    try:
        life.learn()
        while count["rounds"] < end:
            try:
                life.round()
            except Stuck as stuck:
                count[stuck.what] += 1
                life.clean = False
                if stuck.what == "muted":
                    life.machine.reset()
                talk = Talk(life)
                talk.sync()  # that mends it
                talk.close()
    except (Fault, Stuck, guests.GuestError) as error:
        kind = getattr(error, "kind", "hung")
        count[kind] += 1
        print(f"{variant}: {kind}: {error}\n  after {life.did}, round {rounds - (end - count['rounds'])}\n"
              f"  {life.guest.output()[-500:]}\n{life.guest.log()[-500:]}\n"
              f"  make chaos N={rounds} BOARD={variant.name} CHANNEL={channel(variant)} VIRTIO={variant.virtio} SEED={seed}"
              f"{' NEWER=1' if variant.newer else ''}", flush=True)
        if os.environ.get("KEEP"):
            Path(os.environ["KEEP"], f"{variant}-{seed}.trace").write_text(life.machine.trace())
    finally:
        life.close()


def channel(variant):
    return "vsock" if isinstance(variant, Vsock) else variant.channel


def variants(name):
    """The ways to launch a board that rounds can be played on."""
    board, _, machine = name.partition(":")
    return [v for v in guests.variants(name) if v.accel == "tcg" and v.channel in ("virtio", "uart")] + [Vsock(board, machine=machine)]


def said(count):
    return ", ".join(f"{count[key]} {key}" for key in COUNTS)


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", type=int)
    parser.add_argument("--BOARD", nargs="*", default=MACHINES)
    parser.add_argument("--CHANNEL", default="")
    parser.add_argument("--VIRTIO", default="")
    parser.add_argument("--SEED", type=int, default=1)
    parser.add_argument("--NEWER", type=int, default=0)
    o = parser.parse_args(arguments)
    chosen = [guests.replace(v, newer=bool(o.NEWER)) for name in o.BOARD for v in variants(name)
              if channel(v) == (o.CHANNEL or channel(v)) and v.virtio == (o.VIRTIO or v.virtio) and (channel(v), name) not in DEAF]
    if not o.CHANNEL:
        for v in [v for v in chosen if channel(v) == "vsock" and v.missing()]:
            print(f"{v}: skipped, {v.missing()}")
            chosen.remove(v)
    if not chosen:
        sys.exit("chaos: no such board and channel")
    for v in chosen:
        if v.missing():
            sys.exit(f"chaos: {v.missing()}")
        guests.build(v.board)
    total = collections.Counter()
    counts = {v: collections.Counter() for v in chosen}
    begin = time.monotonic()
    seed, left = o.SEED, o.rounds
    try:
        while left > 0:
            variant = chosen[(seed - o.SEED) % len(chosen)]
            live(variant, seed, min(LIFE, left), counts[variant])
            left -= LIFE
            seed += 1
    except KeyboardInterrupt:
        print(f"stopped; go on with SEED={seed}")
    for v, count in counts.items():
        if count:
            print(f"{v}: {said(count)}")
            total += count
    print(f"all: {said(total)}; {time.monotonic() - begin:.0f} s")
    return any(total[kind] for kind in FAULTS)


# SeaBIOS resets PCs again by itself, and with them what was sent meanwhile: docs/DESIGN.md.
DEAF = {("uart", "x86_64:q35"), ("uart", "x86_64:pc")}
MACHINES = ["virt-riscv64", "virt-aarch64", "x86_64"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
