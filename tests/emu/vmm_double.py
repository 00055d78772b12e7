#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Plays the VMM that it is called as: takes only options and members that the real one has (Firecracker 1.17, Cloud
Hypervisor 54, crosvm of 2026-08, Alioth 0.12, kvmtool of 2024-07), and lets board `host` answer where the guest would."""
import argparse
import errno
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from guest import die_with_parent  # noqa: E402


def parser(*options, arguments=()):
    p = argparse.ArgumentParser(allow_abbrev=False)
    for option in options:
        p.add_argument(option)
    for argument in arguments:
        p.add_argument(argument)
    return p


def members(text, *known):
    """Of size=128M,shared=on: a dict."""
    found = dict(part.partition("=")[::2] for part in text.split(","))
    assert found.keys() <= set(known), text
    return found


def kernel(path):
    head = pathlib.Path(path).read_bytes()[:0x206]
    assert head[:4] == b"\x7fELF" or head[0x202:] == b"HdrS", f"{path} is no kernel"


def firecracker(words):
    p = parser("--config-file", "--api-sock", "--id")
    p.add_argument("--no-api", action="store_true")
    p.add_argument("--enable-pci", action="store_true")
    args = p.parse_args(words)
    assert args.no_api, "it would wait for its API"
    config = json.loads(pathlib.Path(args.config_file).read_text())
    assert config.keys() <= {"boot-source", "drives", "machine-config", "logger", "vsock", "network-interfaces", "entropy"}
    assert config["boot-source"].keys() <= {"kernel_image_path", "initrd_path", "boot_args"}
    assert config["logger"].keys() <= {"log_path", "level", "show_level", "show_log_origin"}
    assert pathlib.Path(config["logger"]["log_path"]).exists() and isinstance(config["drives"], list)
    machine = config["machine-config"]
    assert machine.keys() <= {"vcpu_count", "mem_size_mib", "smt", "track_dirty_pages"}
    assert 1 <= machine["vcpu_count"] <= 32 and machine["mem_size_mib"] > 0
    kernel(config["boot-source"]["kernel_image_path"])
    if "vsock" not in config:
        return serve_pipes()
    assert config["vsock"].keys() == {"guest_cid", "uds_path"} and config["vsock"]["guest_cid"] >= 3
    return serve_sockets(config["vsock"]["uds_path"])


def cloud_hypervisor(words):
    args = parser("--kernel", "--cpus", "--memory", "--serial", "--console", "--vsock", "--cmdline").parse_args(words)
    kernel(args.kernel)
    assert int(members(args.cpus, "boot", "max")["boot"]) > 0
    assert members(args.memory, "size", "shared")["size"][-1] in "MG"
    if args.console == "tty":
        assert os.isatty(0) and not args.serial and not args.vsock
        return serve_pipes()
    assert args.console == "off"
    if args.vsock:
        vsock = members(args.vsock, "cid", "socket")
        assert int(vsock["cid"]) >= 3
        return serve_sockets(vsock["socket"])
    os.execv(*agent(members(args.serial, "socket")["socket"]))


def crosvm(words):
    assert words[0] == "run"
    p = parser("--cpus", "--mem", "-p", arguments=["kernel"])
    p.add_argument("--disable-sandbox", action="store_true")
    p.add_argument("--serial", action="append")
    args = p.parse_args(words[1:])
    kernel(args.kernel)
    assert int(args.cpus) > 0 and int(args.mem) > 0
    *others, agents = [members(text, "type", "hardware", "num", "stdin", "path", "console", "name") for text in args.serial]
    if others:
        assert others == [{"type": "sink", "hardware": "serial", "num": "1"}] and agents.pop("name") == "org.qemu.guest_agent.0"
    assert agents == {"type": "stdout", "hardware": "virtio-console" if others else "serial", "num": "1", "stdin": "true"}
    return serve_pipes()


def alioth(words):
    assert words[0] == "boot"
    args = parser("--pvh", "--kernel", "--cpu", "--memory", "--cmdline", "--vsock", "--console").parse_args(words[1:])
    kernel(args.pvh or args.kernel)
    assert int(members(args.cpu, "count")["count"]) > 0 and members(args.memory, "size", "backend")["size"]
    if args.vsock:
        kind, _, text = args.vsock.partition(",")
        vsock = members(text, "cid", "path")
        assert kind == "uds" and int(vsock["cid"]) >= 3 and args.console.startswith("log,path=")
        return serve_sockets(vsock["path"])
    assert os.isatty(0)
    return serve_pipes()


def kvmtool(words):
    assert words[0] == "run"
    args = parser("-k", "-c", "-m", "-n", "--console", "-p").parse_args(words[1:])
    kernel(args.k)
    assert pathlib.Path(args.k).read_bytes()[:4] != b"\x7fELF", "it would be started in real mode"
    assert int(args.c) > 0 and int(args.m) > 0 and args.n == "mode=none" and args.console in ("serial", "virtio")
    assert os.isatty(0) and os.isatty(1)
    return serve_pipes()


def agent(path):
    program = str(ROOT / "build/host/bareqga")
    return program, [program, "-p", path]


def started(path):
    return subprocess.Popen(agent(path)[1], stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)


def pump(read, write):
    while data := read(65536):
        write(data)


def joined(process, path):
    """Its socket has a name soon, and somebody who listens there a little later."""
    s = socket.socket(socket.AF_UNIX)
    while process.poll() is None and s.connect_ex(path) in (errno.ENOENT, errno.ECONNREFUSED):
        time.sleep(0.001)
    return s


def serve_pipes():
    with tempfile.TemporaryDirectory() as folder:
        process = started(f"{folder}/agent")
        s = joined(process, f"{folder}/agent")
        threading.Thread(target=pump, args=(lambda n: os.read(0, n), s.sendall), daemon=True).start()
        pump(s.recv, lambda data: os.write(1, data))
        return process.wait()


def serve_sockets(path):
    """One client, as its host side knows it."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        process = started(f"{folder}/agent")
        listener.bind(path)
        listener.listen()
        client, _ = listener.accept()
        word, _, rest = client.recv(100).partition(b"\n")
        assert word == b"CONNECT 1234" and not rest
        client.sendall(b"OK 1073741824\n")
        s = joined(process, f"{folder}/agent")
        threading.Thread(target=pump, args=(client.recv, s.sendall), daemon=True).start()
        pump(s.recv, client.sendall)
        return process.wait()


sys.exit(globals()[pathlib.Path(sys.argv[0]).name.replace("-", "_")](sys.argv[1:]))
