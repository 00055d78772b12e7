# SPDX-License-Identifier: MIT
"""A snapshot of Firecracker's, loaded twice: connections end, the agent answers, and has noticed before that; the time
is right at once, with and without Firecracker's clock_realtime."""
import base64
import dataclasses
import http.client
import json
import socket
import time

import pytest

import guest as guests
import vmms
from expect import clock_off
from vmms import Box, VmmGuest

BOXES = [Box("firecracker", way, mib=64) for way in ("vsock", "vsock-pci")]


class Connection(http.client.HTTPConnection):
    """To a unix socket that may not be there yet."""

    def connect(self):
        deadline = time.monotonic() + guests.TIMEOUT
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            try:
                return self.sock.connect(self.host)
            except OSError:
                self.sock.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


class Stored(VmmGuest):
    """With Firecracker's API on api.sock. loads: it waits for a snapshot instead of starting one of its own."""

    def __init__(self, monkeypatch, kind, loads=False):
        def command(box, folder):
            words = vmms.firecracker(box, folder)
            return ["--api-sock", str(folder / "api.sock")] + ([w for w in words if w == "--enable-pci"] if loads else words[1:])

        real = dataclasses.replace(vmms.VMMS["firecracker"], command=command)
        monkeypatch.setitem(vmms.VMMS, "firecracker", real)
        super().__init__(kind)

    def ask(self, method, path, **body):
        connection = Connection(str(self.dir / "api.sock"))
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status < 300, answer.read()
        connection.close()


def read(client, handle):
    return base64.b64decode(client.call("guest-file-read", {"handle": handle})["buf-b64"]).decode()


def generation(client):
    return read(client, client.call("guest-file-open", {"path": "/run/generation"}))


def assert_noticed(client, log):
    """Before the first answer, although it was not 100 ms before the snapshot that the clock was looked at."""
    assert read(client, log) == "bareqga: the machine was stopped, restored or cloned\n"
    assert generation(client) == "1\n"


@pytest.mark.parametrize("box", BOXES, ids=str)
def test_snapshot(monkeypatch, tmp_path, box):
    missing = box.missing() or (None if vmms.has_kvm() else "no /dev/kvm that may be used")
    if missing:
        pytest.skip(missing)
    guests.build(box.board)
    state, memory = str(tmp_path / "state"), str(tmp_path / "memory")
    with Stored(monkeypatch, box) as guest:
        with guest.connect() as client:
            log = client.call("guest-file-open", {"path": "/log"})
            read(client, log)
            assert generation(client) == "0\n"
            assert abs(clock_off(client)) < 1
            guest.ask("PATCH", "/vm", state="Paused")
            guest.ask("PUT", "/snapshot/create", snapshot_type="Full", snapshot_path=state, mem_file_path=memory)
            guest.ask("PATCH", "/vm", state="Resumed")
            with pytest.raises(guests.GuestError, match="the guest has gone"):
                client.call("guest-ping")
        with guest.connect() as client:
            assert_noticed(client, log)
    time.sleep(2)
    for realtime in (False, True):
        with Stored(monkeypatch, box, loads=True) as guest:
            guest.ask("PUT", "/snapshot/load", snapshot_path=state, resume_vm=True, clock_realtime=realtime,
                      mem_backend={"backend_path": memory, "backend_type": "File"},
                      vsock_override={"uds_path": str(guest.sock)})
            with guest.connect() as client:
                assert_noticed(client, log)
                assert abs(clock_off(client)) < 1
                client.send({"execute": "guest-shutdown"})
                assert guest.wait() == 0
