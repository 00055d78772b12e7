# SPDX-License-Identifier: MIT
"""tests/embed: the library in a kernel that is not ours, on two machines, run in every way there is."""
import base64
import time
from dataclasses import dataclass

import pytest

from guest import ROOT, TIMEOUT, AgentError, Client, Guest, GuestError, emulator, make_alone

MACHINES = {
    "riscv64": ["-M", "virt", "-bios", "none", "-m", "128M"],
    "aarch64": ["-M", "virt", "-cpu", "cortex-a53", "-m", "128M"],
}
PORTS = ["org.qemu.guest_agent.0", "com.example.tenant.0"]
VIRTIO = [f"{machine}-{mode}" for machine in MACHINES for mode in ("polling", "interrupt", "handler", "smp")
          if (machine, mode) != ("aarch64", "smp")]
STREAM = [f"{machine}-{mode}" for machine in MACHINES for mode in ("stream", "stream-polling")]
LEGACY = {False: [], True: ["-global", "virtio-mmio.force-legacy=off"]}


@dataclass(frozen=True)
class Kernel:
    """One image, launched one way; what Guest wants of a variant."""
    image: str
    modern: bool = False
    native = False

    def command(self, sock, qmp="", log="", extra=""):
        machine = self.image.split("-")[0]
        words = [emulator(machine), *MACHINES[machine],
                 "-smp", "2" if self.image.endswith("smp") else "1", "-nodefaults", "-no-user-config", "-display", "none",
                 "-kernel", str(ROOT / f"build/embed/{self.image}.elf"), *LEGACY[self.modern]]
        if "stream" in self.image:
            return words + ["-chardev", f"socket,id=c,path={sock},server=on,wait=off", "-serial", "chardev:c"]
        words += ["-serial", f"file:{log}"]
        for i, name in enumerate(PORTS):
            words += ["-device", f"virtio-serial-device,id=d{i}",
                      "-chardev", f"socket,id=c{i},path={sock}{i or ''},server=on,wait=off",
                      "-device", f"virtserialport,bus=d{i}.0,chardev=c{i},name={name}"]
        return words


@pytest.fixture(scope="session")
def images():
    """All images, built once."""
    make_alone("embed")


@pytest.fixture
def boot(images):
    started = []

    def start(image, **more):
        started.append(Guest(Kernel(image, **more)))
        return started[-1]

    yield start
    for g in started:
        print(f"--- {g.variant.image}: QEMU says\n{g.output()}\n--- the kernel says\n{g.log()}")
        g.close()


def tenant(guest):
    return Client(guest._open(f"{guest.sock}1"), guest)


def read_file(client, path):
    handle = client.call("guest-file-open", {"path": path})
    text = b""
    while True:
        part = client.call("guest-file-read", {"handle": handle, "count": 300})
        text += base64.b64decode(part["buf-b64"])
        if part["eof"]:
            break
    client.call("guest-file-close", {"handle": handle})
    return text.decode()


def serves(client):
    """All that the first agent has: commands of its own, files, freezing, an answer in steps."""
    assert client.call("guest-ping") == {}
    info = client.call("guest-info")
    enabled = {c["name"]: c["enabled"] for c in info["supported_commands"]}
    assert info["version"] == "1.0-embed"
    assert enabled["kernel-work"] and enabled["kernel-log"] and not enabled["guest-file-flush"]
    assert "guest-exec" not in enabled and "guest-get-time" not in enabled
    with pytest.raises(AgentError, match="not from 0 to 1000000"):
        client.call("kernel-work", {"units": -1})
    # A note is kept; the log is read only.
    handle = client.call("guest-file-open", {"path": "/note", "mode": "w"})
    client.call("guest-file-write", {"handle": handle, "buf-b64": base64.b64encode(b"remember" * 60).decode()})
    with pytest.raises(AgentError, match="No space left on device"):
        client.call("guest-file-write", {"handle": handle, "buf-b64": base64.b64encode(b"x" * 60).decode()})
    client.call("guest-file-close", {"handle": handle})
    assert read_file(client, "/note") == "remember" * 60
    with pytest.raises(AgentError, match="Read-only file system"):
        client.call("guest-file-open", {"path": "/log", "mode": "w"})
    log = client.call("kernel-log")
    assert log and read_file(client, "/log").splitlines()[:len(log)] == log  # behind it there may be a beat by now
    # Frozen, the kernel's work stands still.
    assert client.call("guest-fsfreeze-freeze") == 1
    with pytest.raises(AgentError, match="frozen"):
        client.call("kernel-work", {"units": 5})
    assert client.call("guest-fsfreeze-thaw") == 1
    assert [line for line in client.call("kernel-log") if "beat" not in line][-2:] == ["kernel: frozen", "kernel: thawed"]
    # And goes on: its loop is not the agent's.
    client.call("kernel-work", {"units": 50})
    deadline = time.monotonic() + TIMEOUT
    while client.call("kernel-work")["queued"]:
        assert time.monotonic() < deadline
    assert client.call("kernel-work")["done"] >= 50


def beats(client):
    return sum("beat" in line for line in client.call("kernel-log"))


@pytest.mark.parametrize("image", [*VIRTIO, *STREAM])
def test_serves(boot, image):
    client = boot(image).connect()
    client.sync()
    serves(client)
    seen, deadline = beats(client), time.monotonic() + TIMEOUT
    while beats(client) < seen + 2:
        assert time.monotonic() < deadline, "the kernel's own work has come to a stop"


@pytest.mark.parametrize("image", [f"{machine}-least" for machine in MACHINES])
def test_what_readme_shows(boot, image):
    guest = boot(image)
    for _ in range(3):
        with guest.connect() as client:
            client.sync()
            for i in range(100):
                assert client.call("guest-sync", {"id": i}) == i


@pytest.mark.parametrize("image", VIRTIO)
@pytest.mark.parametrize("modern", [False, True], ids=["legacy", "modern"])
def test_two_agents_two_policies(boot, image, modern):
    """Side by side, each with its own list; neither waits for the other."""
    guest = boot(image, modern=modern)
    first, second = guest.connect(), tenant(guest)
    first.sync()
    second.sync()
    for _ in range(20):
        assert first.call("kernel-work", {"units": 1})["queued"] <= 20
        assert second.call("guest-ping") == {}
    may = {c["name"] for c in second.call("guest-info")["supported_commands"] if c["enabled"]}
    assert may == {"guest-ping", "guest-sync", "guest-sync-delimited", "guest-info"}
    for name in ("guest-shutdown", "guest-file-open", "guest-fsfreeze-freeze"):
        assert second.ask(name)["error"]["class"] == "CommandNotFound", name
    assert second.ask("kernel-work")["error"]["class"] == "CommandNotFound"
    with pytest.raises(AgentError, match="has been disabled|guest-file-flush"):
        first.call("guest-file-flush", {"handle": 0})
    # One does not read; the other is answered.
    second.send(*[{"execute": "guest-info"}] * 2000)
    for i in range(20):
        assert first.call("guest-sync", {"id": i}) == i


@pytest.mark.parametrize("image", VIRTIO)
def test_many_pings_and_clients(boot, image):
    guest = boot(image)
    client = guest.connect()
    client.sync()
    for i in range(300):
        assert client.call("guest-sync", {"id": i}) == i
    client.send(*[{"execute": "guest-ping"}] * 500)
    for _ in range(500):
        assert client.recv() == {"return": {}}
    client.close()
    for _ in range(30):
        with guest.connect() as client:
            client.sync()
            assert client.call("guest-ping") == {}


@pytest.mark.parametrize("image", [*VIRTIO, *STREAM])
def test_shutdown_drains(boot, image):
    """The work that was accepted is done before the power goes; requests that follow change nothing."""
    guest = boot(image)
    client = guest.connect()
    client.sync()
    with pytest.raises(AgentError, match="not supported by the guest"):
        client.call("guest-shutdown", {"mode": "halt"})
    client.call("kernel-work", {"units": 2000})
    client.send({"execute": "guest-shutdown"}, *[{"execute": "guest-info"}] * 50)
    if image.startswith("aarch64-stream"):
        # QEMU's PL011 stops the whole machine while the host does not read, which nobody in it can help.
        with pytest.raises(GuestError, match="has gone"):
            client.recv_until(b"no answer has this")
    assert guest.wait() == 0
    if "stream" not in image:
        assert "kernel: going down" in guest.log() and "kernel: off, all work is done" in guest.log()


@pytest.mark.parametrize("image", [i for i in VIRTIO if i.split("-")[1] in ("interrupt", "smp")])
def test_idle_costs_nothing(boot, image):
    """It sleeps but for its beats: what is not lost in qga_idle() is not busy waiting either."""
    guest = boot(image)
    client = guest.connect()
    client.sync()
    before = guest.cpu_seconds()
    time.sleep(1.5)
    assert guest.cpu_seconds() - before < 0.7
    assert client.call("guest-ping") == {}
