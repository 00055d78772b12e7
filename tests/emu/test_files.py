# SPDX-License-Identifier: MIT
"""guest-file-*: files in RAM, what the host handed over, big transfers, and every error."""
import base64
import hashlib
import random

import pytest

from guest import AgentError

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.virtios("legacy"), pytest.mark.accels("tcg"),
              pytest.mark.boards("virt-riscv64", "virt-aarch64", "x86_64")]


def b64(data):
    return base64.b64encode(data).decode()


class File:
    """A file of the guest, as a client uses it."""

    def __init__(self, client, path, mode="r"):
        self.client = client
        self.handle = client.call("guest-file-open", {"path": path, "mode": mode})

    def _call(self, command, **arguments):
        arguments = {k.replace("_", "-"): v for k, v in arguments.items()}
        return self.client.call(command, {"handle": self.handle, **arguments})

    def read(self, count=None):
        answer = self._call("guest-file-read", **({} if count is None else {"count": count}))
        data = base64.b64decode(answer["buf-b64"], validate=True)
        assert answer["count"] == len(data)
        assert answer["eof"] == (len(data) < (4096 if count is None else count))
        return data

    def write(self, data):
        assert self._call("guest-file-write", buf_b64=b64(data)) == {"count": len(data), "eof": False}

    def seek(self, offset, whence="set"):
        return self._call("guest-file-seek", offset=offset, whence=whence)["position"]

    def close(self):
        assert self._call("guest-file-close") == {}


def error(client, command, **arguments):
    """The text of the GenericError a command must raise."""
    with pytest.raises(AgentError) as raised:
        client.call(command, {k.replace("_", "-"): v for k, v in arguments.items()})
    assert raised.value.error["class"] == "GenericError"
    return raised.value.error["desc"]


def test_round_trip_of_8_mib(client):
    """In pieces of 48 KiB, as the usual clients send them."""
    data = random.Random(1).randbytes(8 << 20)
    f = File(client, "/ram/big", "w+")
    for i in range(0, len(data), 48 << 10):
        f.write(data[i:i + (48 << 10)])
    assert f.seek(0, "end") == len(data)
    f.seek(0)
    back = bytearray()
    while piece := f.read(48 << 10):
        back += piece
    assert hashlib.sha256(back).digest() == hashlib.sha256(data).digest()
    f.seek(12345)
    assert f.read(1 << 20) == data[12345:12345 + (1 << 20)]


def test_read_of_16_mib_at_once(client):
    """One request, one answer; the guest never holds more than a transmit buffer of the latter."""
    piece = random.Random(3).randbytes(48 << 10)
    f = File(client, "/ram/large", "w+")
    for _ in range(350):
        f.write(piece)
    f.seek(3)
    assert f.read(16 << 20) == (piece * 350)[3:3 + (16 << 20)]


@pytest.mark.boards("virt-aarch64", "x86_64")  # QEMU 7.2 takes no -fw_cfg on RISC-V
def test_read_of_16_mib_item_at_once(boot, tmp_path):
    """An item that the host handed over; the guest never holds more than a transmit buffer of it."""
    data = random.Random(2).randbytes((16 << 20) + 5)
    blob = tmp_path / "blob"
    blob.write_bytes(data)
    client = boot(extra=["-m", "64M", "-fw_cfg", f"name=opt/blob,file={blob}"]).connect()
    client.sync()
    f = File(client, "/fw_cfg/opt/blob")
    assert f.read(16 << 20) == data[:16 << 20]
    assert f.read(48 << 20) == data[16 << 20:]
    assert f.read() == b""
    assert error(client, "guest-file-open", path="/fw_cfg/opt/blob", mode="w") == \
        "failed to open file '/fw_cfg/opt/blob' (mode: 'w'): Read-only file system"


def test_modes(client):
    """What fopen(3)'s modes do to a file that is there, and to one that is not."""
    for mode in ("r", "r+", "rb", "rb+", "r+b"):
        assert error(client, "guest-file-open", path="/ram/m", mode=mode) == \
            f"failed to open file '/ram/m' (mode: '{mode}'): No such file or directory"
    for mode in ("", "x", "rw", "br", "r++", "rbb", "R", "w+b+"):
        assert error(client, "guest-file-open", path="/ram/m", mode=mode) == f"invalid file open mode '{mode}'"
    f = File(client, "/ram/m", "w")
    f.write(b"hello")
    f.seek(0)
    assert error(client, "guest-file-read", handle=f.handle) == "failed to read file: Bad file descriptor"
    a = File(client, "/ram/m", "a+b")
    assert a.seek(0, "cur") == 0
    assert a.read(2) == b"he"
    a.write(b" world")
    assert a.seek(0, "cur") == 11
    r = File(client, "/ram/m")
    assert error(client, "guest-file-write", handle=r.handle, buf_b64="aaaa") == \
        "failed to write to file: Bad file descriptor"
    assert r.read() == b"hello world"
    File(client, "/ram/m", "w").close()
    assert r.read() == b"" and r.seek(0, "end") == 0


def test_gap_reads_as_zeros(client):
    f = File(client, "/tmp/gap", "w+")
    f.seek(9000)
    f.write(b"x")
    f.seek(0)
    assert f.read(1 << 20) == bytes(9000) + b"x"


def test_bad_input_changes_nothing(client):
    f = File(client, "/ram/f", "w+")
    f.write(b"abc")
    f.seek(1)
    h = f.handle
    assert error(client, "guest-file-read", handle=7) == "handle '7' has not been found"
    assert error(client, "guest-file-read", handle=h, count=-1) == "value '-1' is invalid for argument count"
    assert error(client, "guest-file-read", handle=h, count=(48 << 20) + 1) == \
        f"value '{(48 << 20) + 1}' is invalid for argument count"
    assert error(client, "guest-file-write", handle=h, buf_b64="Zm9v!") == \
        "Base64 data contains invalid characters"
    assert error(client, "guest-file-write", handle=h, buf_b64="Zm9v", count=4) == \
        "value '4' is invalid for argument count"
    assert error(client, "guest-file-seek", handle=h, offset=-2, whence="cur") == \
        "failed to seek file: Invalid argument"
    assert error(client, "guest-file-seek", handle=h, offset=0, whence=3) == "invalid whence code 3"
    assert error(client, "guest-file-seek", handle=h, offset=0, whence="middle") == \
        "Parameter 'whence' does not accept value 'middle'"
    assert f.seek(0, "cur") == 1
    assert f.read() == b"bc"
    f.close()
    assert error(client, "guest-file-close", handle=h) == f"handle '{h}' has not been found"
    assert error(client, "guest-file-open", path="/new", mode="w") == \
        "failed to open file '/new' (mode: 'w'): Read-only file system"


def test_too_many_files(client):
    files = []
    while True:
        try:
            files.append(File(client, "/log"))
        except AgentError as e:
            assert e.error["desc"] == "failed to open file '/log' (mode: 'r'): Too many open files"
            break
    assert len(files) == 16
    assert files[0].handle == 1000
    files[3].close()
    assert File(client, "/log").handle == 1016


def test_full(boot):
    """A file that does not fit is refused as a whole, and room that is freed can be used again."""
    client = boot(extra="-m 16M").connect()
    client.sync()
    piece = bytes(48 << 10)
    f = File(client, "/ram/full", "w")
    n = 0
    while True:
        try:
            f.write(piece)
            n += 1
        except AgentError as e:
            assert e.error["desc"] == "failed to write to file: No space left on device"
            break
    assert n > 50
    assert f.seek(0, "end") == n * len(piece)
    usage = client.call("guest-get-fsinfo")[0]
    assert usage["total-bytes"] - usage["used-bytes"] < len(piece)
    File(client, "/ram/full", "w").close()
    g = File(client, "/ram/again", "w")
    for _ in range(n):
        g.write(piece)
