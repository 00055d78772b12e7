# SPDX-License-Identifier: MIT
"""The x86 image on other VMMs, each that is found here: tests/vmms.py says how, docs/MICROVMS.md what came of it."""
import dataclasses
import random
import time

import pytest

import guest as guests
from test_transcript import TRANSCRIPT, receive
from test_vsock import Listener, whole_file
from vmms import VMMS, Box, VmmGuest, has_kvm

BOXES = [Box("firecracker", "vsock"), Box("firecracker", "vsock-pci"), Box("firecracker", "uart"), Box("firecracker", "uart", "bzImage"),
         Box("cloud-hypervisor"), Box("cloud-hypervisor", kernel="bzImage"), Box("cloud-hypervisor", "vsock"),
         Box("cloud-hypervisor", "virtio"), Box("crosvm"), Box("crosvm", kernel="bzImage"), Box("crosvm", "virtio"),
         Box("alioth"), Box("alioth", "vsock"), Box("kvmtool", "virtio"), Box("kvmtool", "uart"),
         Box("libkrun"), Box("libkrun", "uart"), Box("libkrun", "vsock")]

# Of a file. A serial port traps for each byte; Alioth's vsock gives up when its client is behind by 200 KB.
SIZES = {"uart": 10000, ("alioth", "vsock"): 50000}


@pytest.fixture
def boot_vmm():
    started = []

    def start(box, prepare=lambda folder: None, **more):
        box = dataclasses.replace(box, **more)
        missing = box.missing() or (None if has_kvm() else "no /dev/kvm that may be used")
        if missing:
            pytest.skip(missing)
        guests.build(box.board)
        started.append(VmmGuest(box, prepare))
        return started[-1]

    yield start
    for g in started:
        print(f"--- {g.variant}: the VMM says\n{g.output()}\n--- on its serial port\n{g.log()}")
        g.close()


@pytest.mark.parametrize("box", BOXES, ids=str)
def test_serves(boot_vmm, box):
    """Transcript, burst, a file, a torso, four processors, 5 GiB, power-off."""
    guest = boot_vmm(box, cpus=4, mib=5120)
    with guest.connect() as client:
        client.sync()
        for sent, back, *_ in TRANSCRIPT:
            client.send(sent)
            assert receive(client, len(back)) == back
        client.send(*[{"execute": "guest-ping"}] * 200)
        assert [client.recv() for _ in range(200)] == [{"return": {}}] * 200
        whole_file(client, random.Random(1).randbytes(SIZES.get((box.vmm, box.way)) or SIZES.get(box.way, 200000)))
        assert len(client.call("guest-get-vcpus")) == 4
        blocks, size = client.call("guest-get-memory-blocks"), client.call("guest-get-memory-block-info")["size"]
        assert len(blocks) * size == 5 << 30
        client.send(b'{"execute":"guest-info","arg')
    with guest.connect() as client:
        client.sync()
        assert client.call("guest-ping") == {}
        client.send({"execute": "guest-shutdown"})
        assert guest.wait() == 0


def after_reset(guest):
    """A client in step. What is sent while the machine resets may be lost, so it asks again; Cloud Hypervisor
    cuts off who comes meanwhile."""
    deadline = time.monotonic() + guests.TIMEOUT
    while True:
        client = guest.connect()
        try:
            client.sync(timeout=1)
            return client
        except (guests.GuestError, BrokenPipeError):
            client.close()
            if time.monotonic() > deadline:
                raise


@pytest.mark.parametrize("box", BOXES, ids=str)
def test_reboots(boot_vmm, box):
    """Where the VMM knows no reboot it ends. The time is that of the host, or the guest says that it knows none."""
    guest = boot_vmm(box)
    with guest.connect() as client:
        client.sync()
        before = time.time()
        told = client.call("guest-get-time") / 1e9
        assert before - 2 < told < time.time() + 2
        client.send({"execute": "guest-shutdown", "arguments": {"mode": "reboot"}})
        if not VMMS[box.vmm].reboots:
            assert guest.wait() == 0
            return
    with after_reset(guest) as client:
        assert client.call("guest-ping") == {}


@pytest.mark.parametrize("box", [box for box in BOXES if (box.vmm, box.reached) in (
    ("firecracker", "vsock"), ("cloud-hypervisor", "vsock"), ("libkrun", "socket"))], ids=str)
def test_ready(boot_vmm, box):
    """The guest calls the host when it can answer, and before the power goes."""
    listeners = []
    guest = boot_vmm(box, lambda folder: listeners.append(Listener(folder, 8888)), words="bareqga.ready=vsock:2:8888")
    assert listeners[0].hear() == b"READY=1\n"
    with guest.connect() as client:
        client.send({"execute": "guest-shutdown"})
        assert listeners[0].hear() == b"STOPPING=1\n"
        assert guest.wait() == 0
    listeners[0].socket.close()
