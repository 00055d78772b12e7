# SPDX-License-Identifier: MIT
"""Every command that has no hook needs no application: shapes, truth, policy, settings."""
import time

import pytest

import schema
from guest import TIMEOUT, AgentError

pytestmark = [pytest.mark.channels("virtio"), pytest.mark.virtios("legacy"), pytest.mark.accels("tcg"),
              pytest.mark.boards("virt-riscv64", "virt-aarch64", "x86_64")]

MACHINES = {"virt-riscv64": "riscv64", "virt-aarch64": "aarch64", "x86_64": "x86_64"}

# Offered by every one of these boards, without arguments and without consequences.
PLAIN = ["guest-ping", "guest-info", "guest-get-time", "guest-get-osinfo", "guest-get-host-name",
         "guest-get-users", "guest-get-timezone", "guest-get-vcpus", "guest-get-memory-blocks",
         "guest-get-memory-block-info", "guest-get-load", "guest-get-cpustats", "guest-get-disks",
         "guest-get-diskstats", "guest-network-get-interfaces", "guest-get-fsinfo",
         "guest-fsfreeze-status", "guest-fsfreeze-thaw"]

OFFERED = PLAIN + ["guest-sync", "guest-sync-delimited", "guest-set-time", "guest-shutdown",
                   "guest-file-open", "guest-file-close", "guest-file-read", "guest-file-write",
                   "guest-file-seek", "guest-file-flush", "guest-exec", "guest-exec-status",
                   "guest-fsfreeze-freeze", "guest-fsfreeze-freeze-list"]


def listed(client):
    return {c["name"]: c for c in client.call("guest-info")["supported_commands"]}


def refused(client, command, arguments=None):
    """The error of a command that must fail."""
    answer = client.ask(command, arguments)
    assert "error" in answer, answer
    return answer["error"]


def test_shapes(client):
    """What is listed answers, in the schema's shape; what is not listed is not there."""
    for command in PLAIN:
        schema.check(command, client.call(command))
    commands = listed(client)
    assert set(commands) == set(OFFERED)
    for name, entry in commands.items():
        silent = schema.commands[name]["returns"] == "silence"
        assert entry == {"name": name, "enabled": True, "success-response": not silent}
    for command in set(schema.commands) - set(OFFERED):
        assert refused(client, command) == {
            "class": "CommandNotFound", "desc": f"The command {command} has not been found"}


def test_identity(client, variant):
    assert client.call("guest-get-osinfo")["machine"] == MACHINES[variant.board]
    assert client.call("guest-get-osinfo")["id"] == "bareqga"
    assert client.call("guest-get-host-name") == {"host-name": "localhost"}
    assert client.call("guest-get-timezone") == {"zone": "UTC", "offset": 0}
    assert client.call("guest-get-users") == []


def test_processors_and_memory(boot):
    client = boot(extra="-smp 3 -m 192M").connect()
    client.sync()
    assert client.call("guest-get-vcpus") == [
        {"logical-id": i, "online": i == 0, "can-offline": i > 0} for i in range(3)]
    size = client.call("guest-get-memory-block-info")["size"]
    blocks = client.call("guest-get-memory-blocks")
    assert 0 <= size * len(blocks) - (192 << 20) <= size  # the outer ones may be partly memory
    assert all(b["online"] and not b["can-offline"] for b in blocks)
    assert len({b["phys-index"] for b in blocks}) == len(blocks)


def test_idle_time_is_idle(client):
    """Asked once a second, the guest has waited for nearly all of it; but for seconds in which the host let it wait while it worked."""
    deadline = time.monotonic() + TIMEOUT
    idle = system = 0
    while idle < 800 or system > 200:
        assert time.monotonic() < deadline, (idle, system)
        before = client.call("guest-get-cpustats")[0]
        time.sleep(1)
        after = client.call("guest-get-cpustats")[0]
        idle, system = (after[kind] - before[kind] for kind in ("idle", "system"))
    assert client.call("guest-get-load")["load1m"] <= 1


def test_disks_and_network_cards(boot, variant, tmp_path):
    bus = "device"
    image = tmp_path / "disk"
    image.write_bytes(bytes(3 << 20))
    client = boot(extra=f"-drive file={image},if=none,id=d,format=raw -device virtio-blk-{bus},drive=d "
                  f"-netdev user,id=n,restrict=on -device virtio-net-{bus},netdev=n,mac=52:54:00:ab:cd:ef").connect()
    client.sync()
    disks = client.call("guest-get-disks")
    schema.check("guest-get-disks", disks)
    assert [d["name"] for d in disks] == ["/dev/vda"]
    assert disks[0]["address"]["bus-type"] == "virtio"
    stats = client.call("guest-get-diskstats")
    schema.check("guest-get-diskstats", stats)
    assert [(s["name"], s["stats"]["read-ios"]) for s in stats] == [("vda", 0)]
    cards = client.call("guest-network-get-interfaces")
    schema.check("guest-network-get-interfaces", cards)
    assert [c["hardware-address"] for c in cards] == ["52:54:00:ab:cd:ef"]


# --- Time -----------------------------------------------------------------------------------------

def test_set_time_is_what_get_time_says(client):
    for wanted in (1_000_000_000_123_456_789, 0, 2_000_000_000_900_000_000):
        start = time.monotonic_ns()
        assert client.call("guest-set-time", {"time": wanted}) == {}
        got = client.call("guest-get-time")
        assert 0 <= got - wanted <= (time.monotonic_ns() - start) * 1.02 + 1_000_000  # x86's clock is right to a percent or two
    assert refused(client, "guest-set-time", {"time": 3155760000 * 10**9})["class"] == "GenericError"
    assert 0 <= client.call("guest-get-time") - wanted <= (time.monotonic_ns() - start) * 1.02 + 1_000_000


def assert_host_time(client):
    """Within a second, which is how QEMU sets its clocks, and the half that ours may be early."""
    before = time.time_ns()
    got = client.call("guest-get-time")
    assert before - 1_100_000_000 <= got <= time.time_ns() + 600_000_000
    return got


def test_clock_is_the_hosts(client):
    """And it runs with the resolution of a counter, forwards only."""
    times = [assert_host_time(client)]
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        times.append(assert_host_time(client))
    assert times == sorted(times) and len(set(times)) > len(times) / 4


def test_clock_after_a_stop(boot):
    """What a host does after it has resumed a guest: set-time without argument."""
    guest = boot(qmp=True)
    client = guest.connect()
    client.sync()
    client.call("guest-get-time")
    guest.monitor.call("stop")
    time.sleep(3)
    guest.monitor.call("cont")
    assert client.call("guest-set-time") == {}
    assert_host_time(client)


# --- Settings and policy ----------------------------------------------------------------------------

@pytest.mark.boards("virt-aarch64", "x86_64")  # QEMU 7.2 takes no -fw_cfg on RISC-V
def test_settings_by_fw_cfg(boot, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    os_release = 'NAME="A guest"\nID=guest\nVERSION_ID=\'1.2\'\nVARIANT=x\n'
    client = boot(extra=["-fw_cfg", "name=opt/bareqga/hostname,string=vm-é",
                         "-fw_cfg", f"name=opt/bareqga/os-release,string={os_release}",
                         "-fw_cfg", "name=opt/bareqga/block-rpcs,string=guest-exec,,guest-ping",
                         "-fw_cfg", f"name=opt/bareqga/allow-rpcs,file={empty}"]).connect()
    client.sync()
    assert client.call("guest-get-host-name") == {"host-name": "vm-é"}
    info = client.call("guest-get-osinfo")
    schema.check("guest-get-osinfo", info)
    assert {k: info[k] for k in ("name", "id", "version-id", "variant")} == {
        "name": "A guest", "id": "guest", "version-id": "1.2", "variant": "x"}
    assert "pretty-name" not in info and "machine" in info
    for command in ("guest-exec", "guest-ping"):
        assert refused(client, command) == {
            "class": "CommandNotFound", "desc": f"Command {command} has been disabled"}
    assert {n for n, c in listed(client).items() if not c["enabled"]} == {"guest-exec", "guest-ping"}


def test_settings_by_command_line(boot):
    client = boot(extra=["-append", 'x bareqga.hostname="a b" bareqga.allow-rpcs=guest-sync,'
                         'guest-sync-delimited,guest-info,guest-get-host-name y']).connect()
    client.sync()
    assert client.call("guest-get-host-name") == {"host-name": "a b"}
    assert refused(client, "guest-ping")["desc"] == "Command guest-ping has been disabled"
    assert {n for n, c in listed(client).items() if c["enabled"]} == {
        "guest-sync", "guest-sync-delimited", "guest-info", "guest-get-host-name"}


# --- Freeze -----------------------------------------------------------------------------------------

def test_freeze_of_the_ram_files(client):
    """One file system even without an application, and what is refused meanwhile."""
    assert [f["mountpoint"] for f in client.call("guest-get-fsinfo")] == ["/ram"]
    assert client.call("guest-fsfreeze-freeze-list", {"mountpoints": ["/other"]}) == 0
    assert client.call("guest-fsfreeze-status") == "thawed"
    assert client.call("guest-fsfreeze-freeze") == 1
    assert client.call("guest-fsfreeze-status") == "frozen"
    commands = listed(client)
    for name, entry in commands.items():
        assert entry["enabled"] == schema.commands[name]["frozen"]
    assert refused(client, "guest-fsfreeze-freeze") == {
        "class": "CommandNotFound",
        "desc": "Command guest-fsfreeze-freeze has been disabled: the agent is in frozen state"}
    assert client.call("guest-fsfreeze-thaw") == 1
    assert client.call("guest-fsfreeze-thaw") == 0
    assert client.call("guest-fsfreeze-freeze-list", {"mountpoints": ["/ram", "/ram"]}) == 1
    assert client.call("guest-fsfreeze-thaw") == 1
