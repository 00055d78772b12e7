# SPDX-License-Identifier: MIT
"""machine.py - QEMU around a guest of chaos.py: what can happen to a machine, and what QEMU's trace says of it.

It may go on in another QEMU, and so outlives the process that it began in."""
import os
import re
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("", "emu")]
import guest as guests  # noqa: E402
from talk import Fault  # noqa: E402
from test_vsock import PROGRAM, SocketGuest, Socketed  # noqa: E402

NAME = "org.qemu.guest_agent.0"
TRACES = ("virtio_serial_throttle_port", "virtio_console_chr_read", "virtio_console_chr_event")


@dataclass(frozen=True)
class Vsock(Socketed):
    """A board whose agent is on a socket device."""

    def __str__(self):
        return f"{self.name}-vsock" + "-newer-qemu" * self.newer

    def missing(self):
        return super().missing() or (None if PROGRAM.exists() else "`make vhost-vsock` has not brought vhost-device-vsock")


class Machine:
    """A guest in QEMU. count: what has happened is counted there. apart: a client's connection is its own. barred: what cannot
    happen to it. A vhost-user device is not saved; and vhost-device-vsock 0.3 delivers nothing any more that it had when
    the machine was stopped: the guest has given it buffers, all that it sent was taken, and it sleeps."""

    def __init__(self, variant, count):
        self.variant, self.count = variant, count
        self.apart = isinstance(variant, Vsock)
        self.virtio = variant.channel == "virtio" and not self.apart
        # A PL011's write blocks QEMU, its monitor too, until the byte is read.
        self.greedy = variant.channel == "uart" and variant.board.startswith(("virt-aarch64", "virt-arm"))
        self.barred = {"stop", "replug", "save", "load", "migrate"} if self.apart else set() if self.virtio else {"replug"}
        self.stopped, self.moved, self.late = False, 0, False
        self.waiting = None
        self.nr = self.saved = None
        self.base = f"{os.environ.get('TMPDIR', '/tmp')}/bareqga-chaos-{os.getpid()}"
        self.image = Path(f"{self.base}.qcow2")
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", self.image, "16M"], check=True)
        self.begin()

    def begin(self):
        """A guest that nothing has happened to. threads: of its back end; restarts, broken: see spoilt()."""
        self.guest = self.start()
        self.threads = self.guest.back_end_threads() if self.apart else 0
        self.restarts = self.broken = 0

    def start(self, *more):
        if self.apart:
            return SocketGuest(self.variant, qmp=True)
        traces = [word for trace in TRACES for word in ("-trace", trace)]
        return guests.Guest(self.variant, qmp=True, extra=["-D", "trace", *traces, "-drive", f"if=none,format=qcow2,file={self.image}", *more])

    @property
    def monitor(self):
        return self.guest.monitor

    def close(self):
        self.guest.close()
        self.image.unlink(missing_ok=True)

    def connect(self):
        """A client's socket: of the one that was here before the machine was, or another."""
        waiting, self.waiting = self.waiting, None
        return waiting or self.guest.connect().sock

    # --- What QEMU says ---

    def trace(self):
        path = self.guest.dir / "trace"
        return path.read_text(errors="replace") if path.exists() else ""

    def throttled(self):
        found = re.findall(r"virtio_serial_throttle_port port \d+, throttle (\w+)", self.trace())
        return bool(found) and found[-1] in ("1", "true")

    def muted(self):
        """A 16550 that has come from another QEMU with no client at its new socket, and does not send what it has."""
        return self.late and self.guest.uart_is_stuck()

    def spoilt(self):
        """The guest has reset the socket device, since this was last asked, and at most once for each reset of the machine:
        vhost-device-vsock may complete in the new queues, by a thread of its own, what it was given in the old ones."""
        if not self.apart:
            return False
        before, self.broken = self.broken, self.guest.log().count("broke the protocol")
        return before < self.broken <= self.restarts

    def stuck(self):
        """Which of its known faults it is, or None."""
        return "throttled" if self.throttled() else "muted" if self.muted() else None

    def told(self):
        """What the guest was given of this connection."""
        here = re.split(r"virtio_console_chr_event port \d+, event 1\n", self.trace())[-1]
        given = sum(map(int, re.findall(r"virtio_console_chr_read port \d+, size (\d+)", here)))
        return f"QEMU gave the guest {given} bytes of this client, the port is {'' if self.throttled() else 'not '}throttled"

    # --- What happens to it ---

    def stop(self):
        self.monitor.call("stop")
        self.stopped = True
        self.count["stops"] += 1

    def go_on(self):
        if self.stopped:
            self.monitor.call("cont")
            self.stopped = False

    def reset(self):
        self.monitor.events.clear()
        self.monitor.call("system_reset")
        self.monitor.wait_event("RESET")
        self.late = False
        self.count["resets"] += 1
        self.restarts += 1
        if self.apart:
            self.go_on()
            if not self.ready():
                self.count["deaf"] += 1
                self.guest.close()
                self.begin()

    def ready(self):
        """The guest has said so. False: it never will, for the back end has lost a thread. vhost-device-vsock 0.3 has one for queues
        and clients, and ends it if a client does anything while QEMU has taken its queues away; both have to be started anew."""
        deadline = time.monotonic() + guests.TIMEOUT
        while not select.select([self.guest.listener.socket], [], [], 0.2)[0]:
            if self.guest.back_end_threads() < self.threads:
                return False
            if time.monotonic() > deadline:
                raise Fault("hung", "a guest that was reset does not say that it is ready")
        if (said := self.guest.listener.hear()) != b"READY=1\n":
            raise Fault("wrong", f"a guest that was reset says {said!r}")
        return True

    def replug(self, nr, meanwhile):
        """The port goes, and comes again with that number."""
        self.monitor.call("device_del", id="agent0")
        self.monitor.wait_event("DEVICE_DELETED", device="agent0")
        meanwhile()
        self.nr = nr
        self.monitor.call("device_add", driver="virtserialport", id="agent0", chardev="agent", name=NAME, nr=nr)
        self.count["replugs"] += 1

    def save(self):
        self.hmp("savevm here")
        self.saved = self.nr, self.stopped
        self.count["saves"] += 1

    def load(self):
        self.hmp("loadvm here")
        self.late = False
        self.count["loads"] += 1

    def hmp(self, line):
        said = self.monitor.hmp(line)
        if said:
            raise Fault("wrong", f"{line}: {said}")

    def migrate(self, meanwhile, early):
        """It goes on in another QEMU, with the same disk; what happens until then is the client's affair. Its connection ends.
        early: the next client is there before the machine is."""
        path = f"{self.base}-{self.moved}.sock"
        place = ["-set", f"device.agent0.nr={self.nr}"] * (self.nr is not None)
        there = self.start("-incoming", f"unix:{path}", *place)
        try:
            if early:
                self.waiting = there.connect().sock
                there.wait_for_client()
            self.monitor.call("migrate", uri=f"unix:{path}")
            deadline = time.monotonic() + guests.TIMEOUT
            while (status := self.monitor.call("query-migrate").get("status")) != "completed":
                if status == "failed" or time.monotonic() > deadline:
                    raise Fault("wrong", f"a migration is {status}: {there.output()}")
                meanwhile()
            while there.monitor.call("query-status")["status"] == "inmigrate":
                if time.monotonic() > deadline:
                    raise Fault("wrong", "a migrated machine never arrives")
        except BaseException:
            there.close()
            raise
        here, self.guest = self.guest, there
        self.moved += 1
        self.late = self.variant.channel == "uart" and not early
        self.count["moves"] += 1
        return here
