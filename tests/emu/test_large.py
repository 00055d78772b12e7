# SPDX-License-Identifier: MIT
"""Large requests and outputs: what a machine's RAM makes of them, and what is said when it is not enough."""
import base64
import random
import select
import time

import pytest

from guest import TIMEOUT

MIB = 1 << 20


def on(*boards, channel="virtio"):
    return lambda test: pytest.mark.boards(*boards)(pytest.mark.channels(channel)(
        pytest.mark.virtios("legacy")(pytest.mark.accels("tcg")(test))))


def open_file(client, path, mode="w+"):
    return client.call("guest-file-open", {"path": path, "mode": mode})


def write(client, handle, data):
    """In one request."""
    answer = client.call("guest-file-write", {"handle": handle, "buf-b64": base64.b64encode(data).decode()}, 4 * TIMEOUT)
    assert answer == {"count": len(data), "eof": False}


def read(client, handle, count):
    client.call("guest-file-seek", {"handle": handle, "offset": 0, "whence": "set"})
    data = b""
    while len(data) < count:
        answer = client.call("guest-file-read", {"handle": handle, "count": MIB})
        data += base64.b64decode(answer["buf-b64"])
        assert answer["count"] > 0
    return data


def run(client, *words, data=b"", capture=True):
    arguments = {"path": words[0], "arg": words[1:], "capture-output": capture}
    if data:
        arguments["input-data"] = base64.b64encode(data).decode()
    pid = client.call("guest-exec", arguments)["pid"]
    deadline = time.monotonic() + TIMEOUT
    while True:
        status = client.call("guest-exec-status", {"pid": pid})
        if status["exited"]:
            return {k: base64.b64decode(v) if k.endswith("data") else v for k, v in status.items()}
        assert time.monotonic() < deadline


@on("virt-riscv64", "virt-riscv32", "virt-arm", "x86_64")
def test_4_mib_at_once(client):
    """As clients do that write a file in one request."""
    data = random.Random(1).randbytes(4 * MIB)
    handle = open_file(client, "/ram/large")
    write(client, handle, data)
    assert read(client, handle, len(data)) == data


@on("virt-riscv64", "x86_64")
def test_programs(client):
    """`qm guest exec --pass-stdin` sends up to 1 MiB; neither stream is cut before both together are too long."""
    data = random.Random(2).randbytes(MIB)
    for capture in (True, "merged", "stdout"):
        status = run(client, "cat", data=data, capture=capture)
        assert status["out-data"] == data and status["out-truncated"] is False
    handle = open_file(client, "/ram/part")
    write(client, handle, data)
    status = run(client, "cat", "/none", "/ram/part", "/nothing")
    assert status["out-data"] == data and status["out-truncated"] is False
    assert status["err-data"] == b"".join(b"cat: /%s: No such file or directory\n" % n for n in (b"none", b"nothing"))
    assert status["err-truncated"] is False
    status = run(client, "cat", *["/ram/part", "/none"] * 4)  # a job has 2.5 MiB
    out = status["out-data"]
    assert status["out-truncated"] is True and 2 * MIB < len(out) < 3 * MIB and (data * 4).startswith(out)


@on("virt-riscv64")
def test_all_that_qemu_ga_takes(boot):
    client = boot(extra="-m 320M").connect()
    data = random.Random(3).randbytes(48 * MIB - 3 * 64)
    handle = open_file(client, "/ram/all")
    write(client, handle, data)
    assert read(client, handle, len(data)) == data
    client.send(b'{"execute":"guest-ping","id":[%s1]}' % (b"1," * (MIB - 7)))  # as many values as its tokens can be
    assert len(client.recv_until(b"\n", 4 * TIMEOUT)) > 2 * MIB


def tell(client, size, desc):
    """Sends a request of `size` bytes but its end: the answer comes; then the end, and the next request."""
    client.send(b'{"execute":"guest-exec","arguments":{"path":"cat","input-data":"')
    client.sock.setblocking(False)
    deadline = time.monotonic() + TIMEOUT
    sent = 0
    while b"\n" not in client.buffer:
        readable, writable, _ = select.select([client.sock], [client.sock] if sent < size else [], [], TIMEOUT)
        if readable:
            client.buffer += client.sock.recv(4096)
        elif writable:
            sent += client.sock.send(b"A" * min(4096, size - sent))
        assert time.monotonic() < deadline
    client.sock.settimeout(TIMEOUT)
    assert client.recv() == {"error": {"class": "GenericError", "desc": desc}}
    client.send(b'"}, "id": [1, 2]}\n')
    assert client.call("guest-ping") == {}
    assert client.silent(0.1)


@on("virt-riscv64", "x86_64")
def test_too_large(boot):
    tell(boot(extra="-m 8M").connect(), 3 * MIB, "JSON token size limit exceeded")


@on("virt-riscv64", "x86_64", "mps2-an385", "mps2-an385-min", channel="uart")
def test_too_large_for_a_serial_line(boot, variant):
    """Long before the line could have taken all of it."""
    small = variant.board.startswith("mps2")
    client = boot(extra="" if small else "-m 4M").connect()
    client.sync()
    tell(client, 16384 if small else 256 << 10,
         "limit exceeded" if variant.board.endswith("min") else "JSON token size limit exceeded")


PIECES = "-m 128M -smp 2 " + " ".join(f"-object memory-backend-ram,id=m{i},size={size} -numa node,memdev=m{i}"
                              for i, size in enumerate(("48M", "80M")))
MEMORIES = {"4M": "-m 4M", "64M": "-m 64M", "128M": "-m 128M", "5G": "-m 5G", "pieces": PIECES}


def fill(boot, options, name="vm1"):
    """All RAM that files can have is written; what the machine told us lies elsewhere, and is still there."""
    guest = boot(extra=f"{options} -append bareqga.hostname={name}")
    client = guest.connect()
    client.sync()
    total, = (fs["total-bytes"] for fs in client.call("guest-get-fsinfo"))
    handle = open_file(client, "/ram/fill")
    client.call("guest-file-seek", {"handle": handle, "offset": total - 3, "whence": "set"})
    write(client, handle, b"end")
    assert run(client, "cat", data=b"x" * 5000)["out-data"] == b"x" * 5000
    assert client.call("guest-get-host-name") == {"host-name": name}
    assert any(vcpu["online"] for vcpu in client.call("guest-get-vcpus"))
    client.send({"execute": "guest-shutdown"})
    assert guest.wait() == 0
    return total


@pytest.mark.parametrize("memory", MEMORIES)
@on("virt-riscv64")
def test_memory(boot, memory):
    total = fill(boot, MEMORIES[memory])
    assert total < 64 * MIB if memory in ("4M", "64M", "pieces") else total >= 60 * MIB


@pytest.mark.parametrize("memory", ["5M", "64M", "128M", "5G"])
@on("x86_64")
def test_memory_of_microvm(boot, memory):
    fill(boot, f"-m {memory}")


@on("virt-aarch64", "virt-arm", "virt-riscv32", "virt-riscv64-s")
def test_memory_of_others(boot):
    fill(boot, "")


@on("x86_64:q35", channel="uart")
def test_memory_of_q35(boot):
    fill(boot, "")
