# SPDX-License-Identifier: MIT
"""The agent on a socket device, whose other end is Debian sid's vhost-device-vsock (tests/tools/vhost-vsock.sh):
its clients say CONNECT 1234 on a unix socket, as those of Firecracker do."""
import base64
import random
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import guest as guests
from expect import assert_answers, assert_quiet
from guest import Client, Guest, GuestError, Variant

PROGRAM = guests.ROOT / "build" / "vhost-vsock" / "vhost-device-vsock"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="`make vhost-vsock` has not brought vhost-device-vsock")


@dataclass(frozen=True)
class Socketed(Variant):
    """A board with a socket device in the place of the agent's port. QEMU before 8.1 leaves out the barriers of a guest with one
    processor, and the device is another process (docs/DESIGN.md): so it has two there."""

    pci: bool = False
    console: bool = False  # has one beside it, without the agent's port
    memory: str = ""  # how much, if not the board's

    def __str__(self):
        return super().__str__() + "-pci" * self.pci

    def command(self, sock, qmp="", log="", extra=""):
        line = super().command(sock, qmp, log, extra)
        words = iter(line)
        kept = []
        for word in words:
            if word in ("-device", "-chardev"):
                value = next(words)
                if not value.endswith("chardev=agent") and "id=agent" not in value and (self.console or not value.startswith("virtio-serial")):
                    kept += [word, value]
            else:
                kept.append(word)
        bus = "pci" if self.pci else "device"
        at = kept.index("-m") + 1
        size = kept[at] = self.memory or kept[at]
        return kept + ["-machine", "memory-backend=shared",
                       "-object", f"memory-backend-memfd,id=shared,size={size},share=on",
                       "-chardev", f"socket,id=vsock,path={sock.parent}/vhost.sock",
                       "-device", f"vhost-user-vsock-{bus},chardev=vsock"] + ["-smp", "2"] * (not self.newer)


class Listener:
    """A program of the host that guests may call at a port."""

    def __init__(self, guest_dir, port):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(f"{guest_dir}/agent.sock_{port}")
        self.socket.listen()
        self.socket.settimeout(guests.TIMEOUT)

    def hear(self):
        """All that the next one that calls has to say."""
        caller, _ = self.socket.accept()
        with caller:
            caller.settimeout(guests.TIMEOUT)
            heard = b""
            while data := caller.recv(100):
                heard += data
            return heard


def listens(path):
    """Somebody listens there (proc_net_unix: flag __SO_ACCEPTCON), which is a little later than that the socket has its name."""
    lines = (line.split(maxsplit=7) for line in Path("/proc/net/unix").read_text().splitlines())
    return any(line[3] == "00010000" and line[7:] == [str(path)] for line in lines)


class SocketGuest(Guest):
    """connect() is by CONNECT. words: of the kernel command line. announced: it says when it is ready, which
    is waited for: the back end forgets clients that come while a device is started, and all after them."""

    def __init__(self, way, words="", announced=True, port=1234, **options):
        self.port, self.announced = port, announced
        words += " bareqga.ready=vsock:2:8888" * announced
        super().__init__(way, extra=["-append", words], **options)

    def _start(self, qmp, extra, client_first):
        control = self.dir / "vhost.sock"
        self.listener = Listener(self.dir, 8888)
        self.back_end = subprocess.Popen(
            [PROGRAM, "--vm", f"guest-cid=3,uds-path={self.sock},socket={control}"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=open(self.dir / "back-end", "wb"), preexec_fn=guests.die_with_parent)
        self.wait_for(lambda: listens(control), "vhost-device-vsock")
        super()._start(qmp, extra, client_first)
        if self.announced:
            assert self.listener.hear() == b"READY=1\n"

    def wait_for(self, holds, what):
        deadline = time.monotonic() + guests.TIMEOUT
        while not holds():
            if time.monotonic() > deadline or self.back_end.poll() is not None:
                raise GuestError(f"no {what}; the back end says: {(self.dir / 'back-end').read_text()}")
            time.sleep(0.005)

    def back_end_threads(self):
        return len(list(Path(f"/proc/{self.back_end.pid}/task").iterdir()))

    def wait_for_log(self, line):
        self.wait_for(lambda: line in self.log(), f'"{line}" in the log')

    def try_connect(self):
        """A client, or None: it was refused."""
        client = Client(self._open(self.sock), self)
        try:
            client.send(b"CONNECT %d\n" % self.port)
            assert client.recv_until(b"\n").startswith(b"OK ")
            return client
        except (GuestError, BrokenPipeError) as error:
            assert "no answer" not in str(error), error
            client.close()
            return None

    def connect(self):
        """A client; the one before may be on its way out, and the guest on its way up."""
        deadline = time.monotonic() + guests.TIMEOUT
        while (client := self.try_connect()) is None:
            if time.monotonic() > deadline:
                raise GuestError("nobody is let in")
            time.sleep(0.005)
        return client

    def close(self):
        guests.end(self.back_end)
        self.listener.socket.close()
        super().close()


@pytest.fixture
def boot_socket(request):
    started = []

    def start(way=Socketed("virt-riscv64"), **options):
        if not shutil.which(way.command(guests.ROOT / "x")[0]):
            pytest.skip("its emulator is not here")
        started.append(SocketGuest(way, **options))
        return started[-1]

    yield start
    for g in started:
        print(f"--- {g.variant}: QEMU says\n{g.output()}\n--- the firmware says\n{g.log()}")
        g.close()


WAYS = [Socketed("virt-riscv64"), Socketed("virt-riscv64", pci=True), Socketed("virt-aarch64", virtio="modern"),
            Socketed("x86_64"), Socketed("x86_64", machine="q35", channel="uart", pci=True)]


def whole_file(client, data):
    """Written in pieces and read back."""
    handle = client.call("guest-file-open", {"path": "/tmp/vsock", "mode": "w+"})
    for at in range(0, len(data), 48000):
        piece = data[at:at + 48000]
        answer = client.call("guest-file-write", {"handle": handle, "buf-b64": base64.b64encode(piece).decode()})
        assert answer["count"] == len(piece)
    client.call("guest-file-seek", {"handle": handle, "offset": 0, "whence": 0})
    back = b""
    while True:
        answer = client.call("guest-file-read", {"handle": handle, "count": 1 << 20})
        back += base64.b64decode(answer["buf-b64"])
        if answer["eof"]:
            break
    client.call("guest-file-close", {"handle": handle})
    assert back == data


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_serves(boot_socket, way):
    guest = boot_socket(way)
    assert_answers(guest)
    with guest.connect() as client:
        whole_file(client, random.Random(1).randbytes(1 << 20))
        client.send(*[{"execute": "guest-ping"}] * 500)
        for _ in range(500):
            assert client.recv() == {"return": {}}
    cut_at_random(guest, 100)
    with guest.connect() as client:
        client.send({"execute": "guest-shutdown"})
        guest.wait()


def cut_at_random(guest, times):
    """Clients that send a part of some requests, read a part of the answers and go: the next one gets its own."""
    chance = random.Random(times)
    burst = b'{"execute":"guest-ping"}\n{"execute":"guest-info"}\n{"execute":"guest-get-osinfo"}\n'
    for n in range(times):
        with guest.connect() as client:
            client.send({"execute": "guest-sync", "arguments": {"id": n}})
            assert client.recv() == {"return": n}
            client.send(burst[:chance.randrange(len(burst))])
            if n % 2:
                client.sock.settimeout(0.001)
                try:
                    client.sock.recv(chance.randrange(1, 4000))
                except TimeoutError:
                    pass


def test_one_after_the_other(boot_socket):
    """Who comes second is refused while the first is there, and let in after it has gone. Half a connection
    is enough for an answer."""
    guest = boot_socket()
    with guest.connect() as client:
        client.sync()
        for _ in range(5):
            assert guest.try_connect() is None
            assert client.call("guest-ping") == {}
    with guest.connect() as client:
        assert client.call("guest-ping") == {}
    assert "broke" not in guest.log()


def test_reads_late(boot_socket):
    """A client that does not read: the guest waits, and nothing is lost."""
    guest = boot_socket()
    with guest.connect() as client:
        client.send(*[{"execute": "guest-info"}] * 400)
        time.sleep(0.5)
        answers = {client.recv_until() for _ in range(400)}
        assert len(answers) == 1


def test_dies_with_all_full(boot_socket):
    """Of such a client its back end says that it lives; when others have knocked for ten seconds, it has to go."""
    guest = boot_socket()
    with guest.connect() as client:
        client.sync()
        client.sock.settimeout(5)  # who is only slow takes something meanwhile
        with pytest.raises(TimeoutError):
            while True:
                client.sock.send(b'{"execute":"guest-info"}\n' * 1000)
    assert guest.try_connect() is None
    with guest.connect() as client:
        client.sync()
        assert client.call("guest-ping") == {}


@pytest.mark.parametrize("setting,port", [("4321", 4321), ("x", 1234)])
def test_port(boot_socket, setting, port):
    guest = boot_socket(words=f"bareqga.vsock-port={setting}", port=port)
    with guest.connect() as client:
        assert client.call("guest-ping") == {}
    assert ("vsock-port is neither" in guest.log()) == (setting == "x")


def test_beside_a_console(boot_socket):
    """A console without the agent's port is no reason to wait."""
    assert_answers(boot_socket(Socketed("virt-riscv64", console=True)))


def test_none(boot_socket):
    guest = boot_socket(words="bareqga.vsock-port=none", announced=False)
    guest.wait_for_log("on the serial port")


def test_stopping(boot_socket):
    """As READY=1, which every guest here is waited for with, by a connection of its own."""
    guest = boot_socket()
    with guest.connect() as client:
        client.send({"execute": "guest-shutdown"})
        assert guest.listener.hear() == b"STOPPING=1\n"
        guest.wait()


@pytest.mark.parametrize("setting,line", [("vsock:2:8889", "nobody listens"), ("vsock:2", "is not vsock:CID:PORT"),
                                          ("vsock:2:8889x", "is not vsock:CID:PORT")])
def test_ready_in_vain(boot_socket, setting, line):
    """Nobody is there, or the setting makes no sense: a line of text, and the agent answers all the same."""
    guest = boot_socket(words=f"bareqga.ready={setting}", announced=False)
    guest.wait_for_log(line)
    assert_quiet(guest)  # see SocketGuest
    with guest.connect() as client:
        assert client.call("guest-ping") == {}
        client.send({"execute": "guest-shutdown"})
        guest.wait()
