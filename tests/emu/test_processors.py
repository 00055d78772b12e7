# SPDX-License-Identifier: MIT
"""Machines as they come: what state the processor is entered in, who serves its interrupts, what it
lacks, where its memory is, how many of it there are."""
import re
import struct
import subprocess

import pytest

from debugger import Debugger, arguments
from expect import assert_answers, assert_quiet, assert_says, no_port
from guest import ROOT

pytestmark = [pytest.mark.accels("tcg"), pytest.mark.essential]

NODES = ("-smp 2 -object memory-backend-ram,id=a,size=64M -object memory-backend-ram,id=b,size=64M "
         "-numa node,memdev=a -numa node,memdev=b")
RISCV = ["virt-riscv64", "virt-riscv64-s", "virt-riscv32"]
NO_LONG_MODE = "bareqga: this processor has 32 bits, the image is for one of 64"
LACKS = "bareqga: this processor lacks instructions that the image is made of (I, M, A, C)"
RISCV_A1, RISCV_PC = 11, 32
UNHEARD = "bareqga: interrupts of the agent's device do not reach this processor; it is not used"


# --- Security states and exception levels -------------------------------------------------------------


@pytest.mark.boards("virt-aarch64")
@pytest.mark.virtios("legacy")
@pytest.mark.parametrize("extra", [
    "secure=on", "secure=on,gic-version=3", "secure=on,virtualization=on,gic-version=3",
    "virtualization=on,gic-version=4 -cpu max", "secure=on,gic-version=max -cpu max -smp 3"])
def test_arm64_states(boot, extra):
    guest = boot(extra=f"-machine {extra}")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.boards("virt-arm")
@pytest.mark.virtios("legacy")
@pytest.mark.parametrize("extra", [
    "secure=on -smp 3", "virtualization=on", "secure=on,virtualization=on", "gic-version=3 -cpu max",
    "gic-version=3,secure=on -cpu max", "gic-version=3,virtualization=on -cpu max"])
def test_arm32_states(boot, extra):
    guest = boot(extra=f"-machine {extra}")
    assert_answers(guest)
    assert_quiet(guest)


# --- Interrupt controllers ------------------------------------------------------------------------------


@pytest.mark.boards(*RISCV)
@pytest.mark.parametrize("extra", [
    "-machine aclint=on -smp 2", "-machine aia=aplic", "-machine aia=aplic-imsic -smp 3",
    "-machine aia=aplic-imsic,aia-guests=3,aclint=on", NODES, f"-machine aia=aplic {NODES}",
    f"-machine aia=aplic-imsic {NODES}"],
    ids=["aclint", "aplic", "imsic", "imsic-guests", "nodes", "aplic-nodes", "imsic-nodes"])
def test_controllers(boot, variant, extra):
    """With several nodes the devices' controller serves a hart that is not the first."""
    if variant.board == "virt-riscv64-s" and not variant.newer and extra == NODES:
        pytest.skip("QEMU 7.2 wires the second PLIC of two to machine mode alone")
    guest = boot(extra=extra, qmp=True)
    assert_answers(guest)
    assert_quiet(guest)
    guest.monitor.call("system_reset")
    guest.monitor.wait_event("RESET")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.boards("virt-riscv64-s")
@pytest.mark.virtios("legacy")
def test_hart_that_begins_twice(boot, variant, tmp_path):
    """OpenSBI 1.1 says that a hart may begin before it says where; one that looks in between comes to the entry."""
    image = ROOT / "build" / variant.board / "bareqga.elf"
    symbols = subprocess.run(["riscv64-unknown-elf-nm", image], capture_output=True, text=True, check=True).stdout
    at = {name: int(value, 16) for value, name in re.findall(r"^(\w+) \w (\w+)$", symbols, re.M)}
    guest = boot(extra=["-smp", "2", *arguments(tmp_path / "gdb")], qmp=True)
    debugger = Debugger(tmp_path / "gdb")
    debugger.run_to(at["riscv_park"])  # the second
    tree, first = struct.unpack("<QQ", debugger.read(at["arch_boot"], 16))  # either hart may be it
    assert debugger.read(tree, 4) == b"\xd0\x0d\xfe\xed"
    debugger.register(RISCV_A1, tree)
    debugger.register(RISCV_PC, at["_start"])
    debugger.leave()
    assert_answers(guest)
    hart = guest.monitor.hmp(f"xp /1gx {at['arch_boot'] + 8}")
    assert int(hart.split()[1], 16) == first, "the second has begun"
    assert_quiet(guest)
    guest.monitor.call("system_reset")
    guest.monitor.wait_event("RESET")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.boards("x86_64")
@pytest.mark.channels("virtio")
@pytest.mark.virtios("legacy")
def test_interrupt_that_nobody_has(boot):
    """One line, and then the next port: here there is none that is asked for."""
    guest = boot(extra=["-machine", "acpi=off,auto-kernel-cmdline=off", "-append",
                        "bareqga.channel=virtio virtio_mmio.device=512@0xfeb00e00:99"])
    assert_says(guest, UNHEARD, no_port("x86_64"))
    assert_quiet(guest)


# --- What a processor lacks -----------------------------------------------------------------------------


@pytest.mark.boards("virt-riscv64", "virt-riscv32")
@pytest.mark.virtios("legacy")
def test_no_counter(boot, variant):
    """Without the time CSR the counter is in memory."""
    if not variant.newer:
        pytest.skip("QEMU 7.2 cannot leave the time CSR out")
    guest = boot(extra=f"-cpu rv{variant.board[-2:]},zicntr=off")
    assert_answers(guest)
    assert_quiet(guest)


@pytest.mark.boards("virt-riscv64", "x86_64", "x86_64:q35")
@pytest.mark.parametrize("cpu,line", [("qemu32", NO_LONG_MODE), ("rv32", NO_LONG_MODE), ("max32", NO_LONG_MODE),
                                      ("rv64,c=off", LACKS), ("rv64,m=off", LACKS), ("rv64e,zicsr=on", LACKS)])
def test_wrong_processor(boot, variant, cpu, line):
    riscv = cpu != "qemu32"
    if riscv != ("riscv" in variant.board):
        pytest.skip("not of this kind")
    if riscv and not variant.newer:
        pytest.skip("QEMU 7.2 cannot start such a processor here")
    guest = boot(extra=f"-cpu {cpu}", client_first=variant.channel == "uart" and riscv)
    if variant.channel == "uart" and riscv:
        assert guest.first.recv_until(b"\n") == line.encode() + b"\r\n"
    elif variant.channel != "uart" or variant.machine == "q35":
        assert_says(guest, line)
    assert_quiet(guest)


# --- Memory and processors ------------------------------------------------------------------------------


def ranges(client):
    """Where memory is, in MiB: [(first, behind the last)]."""
    size = client.call("guest-get-memory-block-info")["size"] >> 20
    found = []
    for block in client.call("guest-get-memory-blocks"):
        start = block["phys-index"] * size
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], start + size)
        else:
            found.append((start, start + size))
    return found


@pytest.mark.boards("virt-riscv64", "virt-aarch64", "virt-arm", "x86_64", "x86_64:q35")
@pytest.mark.virtios("legacy")
@pytest.mark.parametrize("board,extra,want", [
    ("x86_64", "-m 5G", [(0, 3072), (4096, 6144)]),
    ("x86_64", "-m 128M", [(0, 128)]),
    ("x86_64:q35", "-m 5G", [(0, 2048), (4096, 7168)]),
    ("x86_64:q35", "-M pc -m 5G", [(0, 3072), (4096, 6144)]),
    ("virt-riscv64", NODES, [(2048, 2176)]),
    ("virt-riscv64", "-m 5G", [(2048, 2048 + 5120)]),
    ("virt-aarch64", NODES, [(1024, 1152)]),
    ("virt-aarch64", "-m 5G", [(1024, 1024 + 5120)]),
    ("virt-aarch64", "-machine secure=on", [(1024, 1152)]),
    ("virt-arm", "-machine secure=on", [(1024, 1152)]),
])
def test_memory(boot, variant, board, extra, want):
    if variant.name != board:
        pytest.skip("another board's")
    with boot(extra=extra).connect() as client:
        client.sync()
        assert ranges(client) == want


@pytest.mark.boards("x86_64", "x86_64:q35", "virt-riscv64", "virt-aarch64")
@pytest.mark.virtios("legacy")
@pytest.mark.parametrize("extra", ["-smp 8", "-smp 8,sockets=8 -machine acpi=off"])
def test_vcpus(boot, variant, extra):
    """One runs the agent; what is parked could be taken away, and libvirt takes no other answer. Without ACPI,
    which the SeaBIOS of QEMU 11 no longer makes itself, there is an MP table, and that has one of each package."""
    if "x86" not in variant.board and "acpi" in extra:
        pytest.skip("these boards do not look at ACPI")
    with boot(extra=extra).connect() as client:
        client.sync()
        assert client.call("guest-get-vcpus") == [
            {"logical-id": i, "online": i == 0, "can-offline": i > 0} for i in range(8)]


@pytest.mark.boards("x86_64:q35")
@pytest.mark.parametrize("extra", ["-machine q35,acpi=off", "-machine pc,acpi=off"])
def test_power_off_without_acpi(boot, extra):
    with boot(extra=extra).connect() as client:
        client.sync()
        answer = client.ask("guest-shutdown", {"mode": "powerdown"})
        assert answer["error"]["desc"] == "the requested shutdown mode is not supported by the guest"
        assert client.call("guest-ping") == {}
