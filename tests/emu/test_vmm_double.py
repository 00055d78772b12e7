# SPDX-License-Identifier: MIT
"""`make run VMM=...` without any VMM: vmm_double.py takes what the real ones take, and no more."""
import os
import re
import subprocess

import pytest

import guest as guests
from vmms import VMMS, Box, VmmGuest

DOUBLE = guests.ROOT / "tests/emu/vmm_double.py"
WAYS = [(vmm, way) for vmm in VMMS for way in VMMS[vmm].channels]
PROGRAMS = [vmm for vmm in VMMS if not VMMS[vmm].launcher]  # libkrun is a library


def run(*words):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(["make", "-s", "run", *words], cwd=guests.ROOT, env=env, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20 * guests.TIMEOUT)


def double(folder, vmm):
    program = folder / vmm
    program.symlink_to(DOUBLE)
    return f"{Box(vmm).variable}={program}"


@pytest.mark.parametrize("vmm, way", [(vmm, next(iter(VMMS[vmm].channels))) for vmm in PROGRAMS] + [("firecracker", "uart")])
def test_run(tmp_path, vmm, way):
    """The transcript, to its end, from the command line and the files that were written for the VMM."""
    guests.build("host")
    done = run(f"VMM={vmm}", f"CHANNEL={way}", double(tmp_path, vmm))
    assert done.returncode == 0, done.stdout
    assert re.search(r'guest-sync-delimited", "arguments": \{"id": (\d+)\}\}\n +\\xff \{"return": \1\}', done.stdout)
    assert done.stdout.endswith('{"execute": "guest-shutdown"}\n    (the guest has powered off; exit status 0)\n')


@pytest.mark.parametrize("vmm, way", [(vmm, way) for vmm, way in WAYS if vmm in PROGRAMS])
def test_way(monkeypatch, tmp_path, vmm, way):
    """Each way of being started and reached."""
    guests.build("host")
    name, _, program = double(tmp_path, vmm).partition("=")
    monkeypatch.setenv(name, program)
    with VmmGuest(Box(vmm, way)) as guest, guest.connect() as client:
        client.sync()
        assert client.call("guest-ping") == {}


@pytest.mark.parametrize("kernel", ["elf", "bzImage"])
@pytest.mark.parametrize("vmm, way", WAYS)
def test_command(tmp_path, vmm, way, kernel):
    """Processors, memory, image and words of the command line are in what the VMM is told."""
    box = Box(vmm, way, kernel, cpus=3, mib=5120, words="bareqga.hostname=x quiet")
    told = VMMS[vmm].command(box, tmp_path)
    told += (tmp_path / "config.json").read_text().split("\n") if vmm == "firecracker" else []
    for part in ("3", "5120", f"bareqga.{kernel}", "bareqga.hostname=x quiet"):
        assert any(part in word for word in told), part


@pytest.mark.parametrize("words, says", [
    (["VMM=firecracker", "FIRECRACKER=/nowhere/fc"], "firecracker: /nowhere/fc is not here; FIRECRACKER=/path/to/it names it\n"),
    (["VMM=firecracker", "CHANNEL=virtio"], "firecracker: VMM=firecracker has no CHANNEL=virtio; CHANNEL=... is one of: vsock uart vsock-pci\n"),
    (["VMM=vax"], "vax: there is no VMM=vax; VMM=... is one of: firecracker cloud-hypervisor crosvm alioth kvmtool libkrun\n"),
    (["VMM=libkrun", "LIBKRUN=/nowhere/libkrun.so"], "libkrun: /nowhere/libkrun.so is not here; LIBKRUN=/path/to/it names it\n"),
    (["VMM=firecracker", "BOARD=virt-riscv64"], "firecracker: VMM=firecracker starts x86 images, not BOARD=virt-riscv64\n")])
def test_refused(words, says):
    done = run(*words)
    assert done.returncode != 0 and done.stdout.startswith(says), done.stdout


def test_vmm_that_ends(tmp_path):
    """It is told what it said."""
    program = tmp_path / "crosvm"
    program.write_text("#!/bin/sh\necho 'no such option' >&2; exit 7\n")
    program.chmod(0o755)
    done = run("VMM=crosvm", f"CROSVM={program}")
    assert done.returncode != 0 and "no such option" in done.stdout, done.stdout
