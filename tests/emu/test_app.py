# SPDX-License-Identifier: MIT
"""What firmware/example adds: its command, files, network, file systems, hooks, and its crash."""
import base64
import time

import pytest

import schema
from guest import TIMEOUT, AgentError

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.virtios("legacy"), pytest.mark.accels("tcg"),
              pytest.mark.boards("virt-riscv64", "virt-aarch64", "x86_64")]


@pytest.fixture
def guest(boot):
    return boot(app="example", qmp=True)


def test_own_command(client):
    entry = client.call("guest-info")["supported_commands"]
    assert {"name": "example-hello", "enabled": True, "success-response": True} in entry
    assert client.call("example-hello", {"name": "wörld"}) == {"hello": "wörld", "times": 1}
    long = "x€" * 8000
    assert client.call("example-hello", {"name": long, "times": 3}) == {"hello": long, "times": 3}
    for arguments, text in {
        '{"times": 1}': "Parameter 'name' is missing",
        '{"name": 1}': "Invalid parameter type for 'name', expected: string",
        '{"name": "x", "times": "1"}': "Invalid parameter type for 'times', expected: integer",
        '{"name": "x", "y": 1}': "Parameter 'y' is unexpected",
        '{"name": "x", "times": -2}': "cannot say hello -2 times",
    }.items():
        client.send(b'{"execute": "example-hello", "arguments": %s}' % arguments.encode())
        assert client.recv()["error"] == {"class": "GenericError", "desc": text}


def test_commands_the_agent_leaves_to_applications(client):
    """Answers in the schema's shape; SSH keys are kept, without the empty one that virsh sends last."""
    def keys():
        found = client.call("guest-ssh-get-authorized-keys", {"username": "operator"})
        schema.check("guest-ssh-get-authorized-keys", found)
        return found["keys"]

    def add(*more, **options):
        return client.ask("guest-ssh-add-authorized-keys", {"username": "operator", "keys": more, **options})

    long = "ssh-rsa " + "A€" * 190
    assert keys() == []
    assert add("ssh-ed25519 AAAA a@b", long, "") == {"return": {}}
    assert add(long) == {"return": {}} and keys() == ["ssh-ed25519 AAAA a@b", long]
    assert add(*map(str, range(7)))["error"]["desc"] == "there is no room for so many keys"
    assert add("x" * 801)["error"]["class"] == "GenericError" and len(keys()) == 2
    client.call("guest-ssh-remove-authorized-keys", {"username": "operator", "keys": ["none", long, ""]})
    assert keys() == ["ssh-ed25519 AAAA a@b"]
    assert add(*map(str, range(8)), reset=True) == {"return": {}} and keys() == list("01234567")
    with pytest.raises(AgentError, match="failed to lookup user 'root'"):
        client.call("guest-ssh-get-authorized-keys", {"username": "root"})
    with pytest.raises(AgentError, match="has no password"):
        client.call("guest-set-user-password", {"username": "operator", "password": "", "crypted": False})
    blocks = client.call("guest-set-memory-blocks", {"mem-blks": [{"phys-index": 2**64 - 1, "online": False}] * 3})
    schema.check("guest-set-memory-blocks", blocks)
    assert blocks[2] == {"phys-index": 2**64 - 1, "response": "operation-not-supported"}
    for kind in ("ram", "disk", "hybrid"):
        with pytest.raises(AgentError, match="not supported by the guest"):
            client.call(f"guest-suspend-{kind}")


def test_own_files(client):
    def read(path):
        handle = client.call("guest-file-open", {"path": path})
        data = client.call("guest-file-read", {"handle": handle})["buf-b64"]
        client.call("guest-file-close", {"handle": handle})
        return base64.b64decode(data)

    assert read("/etc/example.conf") == b"colour=green\n"
    with pytest.raises(AgentError, match="Read-only file system"):
        client.call("guest-file-open", {"path": "/etc/example.conf", "mode": "w"})
    handle = client.call("guest-file-open", {"path": "/etc/note", "mode": "w"})
    client.call("guest-file-write", {"handle": handle, "buf-b64": "aGVsbG8="})
    with pytest.raises(AgentError, match="No space left on device"):
        client.call("guest-file-write", {"handle": handle, "buf-b64": base64.b64encode(bytes(60)).decode()})
    assert read("/etc/note") == b"hello"


def test_network(client):
    interfaces = client.call("guest-network-get-interfaces")
    schema.check("guest-network-get-interfaces", interfaces)
    assert interfaces[0]["name"] == "net0"
    assert interfaces[0]["hardware-address"] == "52:54:00:12:34:56"
    assert [(a["ip-address"], a["ip-address-type"], a["prefix"]) for a in interfaces[0]["ip-addresses"]] == [
        ("10.0.2.15", "ipv4", 24), ("fe80::5054:ff:fe12:3456", "ipv6", 64)]
    routes = client.call("guest-network-get-route")
    schema.check("guest-network-get-route", routes)
    assert routes[0]["gateway"] == "10.0.2.2" and routes[1]["desprefixlen"] == "64"
    assert {n: routes[0][n] for n in ("refcnt", "use", "irtt", "window", "mtu")} == \
        {"refcnt": 0, "use": 7, "irtt": 0, "window": 0, "mtu": 1500}
    assert routes[1]["srcprefixlen"] == "0" and "mtu" not in routes[1] and "flags" not in routes[1]


def test_file_systems(client):
    found = client.call("guest-get-fsinfo")
    schema.check("guest-get-fsinfo", found)
    assert [f["mountpoint"] for f in found] == ["/ram", "/", "/data"]
    assert [(f.get("total-bytes"), f.get("total-bytes-privileged")) for f in found[1:]] == \
        [(1 << 20, 1 << 20), (1 << 20, 2 << 20)]
    trimmed = client.call("guest-fstrim", {"minimum": 4096})
    schema.check("guest-fstrim", trimmed)
    assert trimmed == {"paths": [
        {"path": "/", "error": "failed to trim: Function not implemented"},
        {"path": "/data", "minimum": 4096, "trimmed": (1 << 20) - 65536}]}
    assert client.call("guest-get-host-name") == {"host-name": "example"}


def test_processors(boot):
    """As much of the list is done as can be; only if that is nothing, there is an error."""
    client = boot(app="example", extra="-smp 3").connect()
    client.sync()

    def vcpu(i, online):
        return {"logical-id": i, "online": online}

    def set_vcpus(*vcpus):
        return client.ask("guest-set-vcpus", {"vcpus": list(vcpus)})

    assert set_vcpus() == {"return": 0}
    assert set_vcpus(vcpu(0, True), vcpu(1, True) | {"can-offline": False}, vcpu(2, True)) == {"return": 2}
    assert [v["online"] for v in client.call("guest-get-vcpus")] == [True, True, False]
    assert set_vcpus(vcpu(1, False)) == {"return": 1}
    assert set_vcpus(vcpu(0, False))["error"]["desc"] == "logical processor #0 can't be offlined"
    assert set_vcpus(vcpu(2, True))["error"]["desc"] == "logical processor #2: Function not implemented"
    assert set_vcpus(vcpu(7, True))["error"]["class"] == "GenericError"
    assert set_vcpus({"logical-id": 1})["error"]["desc"] == "Parameter 'vcpus[0].online' is missing"
    assert [v["online"] for v in client.call("guest-get-vcpus")] == [True, False, False]


def test_freeze_hooks(client):
    assert client.call("guest-fsfreeze-freeze-list", {"mountpoints": ["/data", "/none"]}) == 1
    assert client.call("guest-fsfreeze-status") == "frozen"
    assert client.call("guest-fsfreeze-thaw") == 1
    assert client.call("guest-fsfreeze-freeze") == 3
    assert client.call("guest-fsfreeze-thaw") == 3
    assert client.call("guest-fsfreeze-status") == "thawed"


def test_freeze_watchdog(client):
    """The example's is two seconds, not less; nobody has to talk to the agent meanwhile."""
    start = time.monotonic()
    assert client.call("guest-fsfreeze-freeze") == 3
    end = time.monotonic() + 2.2
    time.sleep(1)
    assert client.call("guest-fsfreeze-status") == "frozen" or time.monotonic() - start > 1.9
    time.sleep(max(0, end - time.monotonic()))
    client.call("guest-ping")  # a guest that the host let wait has now looked what time it is
    assert client.call("guest-fsfreeze-status") == "thawed"
    assert client.call("guest-fsfreeze-thaw") == 0


def test_drain_before_power_off(guest, client):
    if "guest-shutdown" not in [c["name"] for c in client.call("guest-info")["supported_commands"]]:
        pytest.skip("this board cannot power itself off")
    client.send({"execute": "guest-shutdown"})
    guest.wait()
    assert "example: at rest" in guest.log()


def test_crash_record(guest, client):
    """A program traps; the guest restarts, and its record names cause and pc."""
    with pytest.raises(AgentError, match="No such file or directory"):
        client.call("guest-file-open", {"path": "/crash"})
    client.send({"execute": "guest-exec", "arguments": {"path": "/bin/fault"}})
    guest.monitor.wait_event("RESET")
    client.sync()
    handle = client.call("guest-file-open", {"path": "/crash"})
    text = base64.b64decode(client.call("guest-file-read", {"handle": handle})["buf-b64"]).decode()
    facts = dict(line.split(" ", 1) for line in text.splitlines()[1:])
    assert text.startswith(f"bareqga crashed on {guest.variant.board}\n")
    cause = {"virt-riscv64": "breakpoint", "virt-aarch64": "BRK instruction", "x86_64": "invalid opcode"}
    assert facts["cause"].endswith(f"({cause[guest.variant.board]})")
    assert int(facts["pc"], 16) > 0
    pid = client.call("guest-exec", {"path": "dmesg", "capture-output": True})["pid"]
    status = {"exited": False}
    while not status["exited"]:
        status = client.call("guest-exec-status", {"pid": pid})
    log = base64.b64decode(status["out-data"]).decode()
    head = text[:text.index("build_id ")]
    assert len(head.splitlines()) == 5 and head in log and "restarted after a crash" in log
    assert "\n| example: hello\n" in text
    assert {"regs", "image"} < set(facts)


def test_exit_without_a_device(guest, client):
    """An application that wants to end the machine with a status is told that it cannot, and goes on."""
    if guest.variant.board == "virt-riscv64":
        pytest.skip("it always has sifive_test")
    pid = client.call("guest-exec", {"path": "/bin/exit", "arg": ["42"]})["pid"]
    status = {"exited": False}
    while not status["exited"]:
        status = client.call("guest-exec-status", {"pid": pid})
    assert status["exitcode"] == 1
    assert "no device here ends the machine with that status" in guest.log()


def test_exit_status(boot, variant):
    options, status = {"virt-riscv64": ("", 42), "virt-aarch64": ("-semihosting", 42), "x86_64": (
        "-device isa-debug-exit,iobase=0xf4,iosize=4 -fw_cfg name=opt/bareqga/debug-exit,string=0xf4", 2 * 42 + 1)}[variant.board]
    guest = boot(app="example", extra=options)
    with guest.connect() as client:
        client.sync()
        client.send({"execute": "guest-exec", "arguments": {"path": "/bin/exit", "arg": ["42"]}})
        assert guest.wait() == status
