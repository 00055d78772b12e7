# SPDX-License-Identifier: MIT
"""Starts an image on libkrun, which is a library and has no program: docs/MICROVMS.md says what of it is called.

    krun.py libkrun.so.1 --kernel bareqga.elf --cpus 1 --mem 128 --channel virtio|uart|vsock [--cmdline WORDS]

On the console's port and on COM1 the agent has the standard input and output; on vsock it is agent.sock in this folder,
and guests may call port 8888, which is agent.sock_8888.
"""
import argparse
import ctypes
import os
import sys

ELF = 1  # KRUN_KERNEL_FORMAT_ELF


def main():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("library")
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--cpus", type=int, required=True)
    parser.add_argument("--mem", type=int, required=True, help="MiB")
    parser.add_argument("--channel", choices=["virtio", "uart", "vsock"], required=True)
    parser.add_argument("--cmdline", default="")
    args = parser.parse_args()
    library = ctypes.CDLL(args.library)

    def krun(name, *words):
        """Calls krun_NAME(); what it returns, if that is no error."""
        status = getattr(library, f"krun_{name}")(*words)
        if status < 0:
            sys.exit(f"krun_{name}: {os.strerror(-status)}")
        return status

    vm = krun("create_ctx")
    krun("set_vm_config", vm, args.cpus, args.mem)
    krun("disable_implicit_console", vm)
    krun("disable_implicit_vsock", vm)
    krun("set_kernel", vm, args.kernel.encode(), ELF, None, args.cmdline.encode())
    if args.channel == "virtio":
        console = krun("add_virtio_console_multiport", vm)
        krun("add_console_port_inout", vm, console, b"org.qemu.guest_agent.0", 0, 1)
    elif args.channel == "uart":
        krun("add_serial_console_default", vm, 0, 1)
    else:
        krun("add_vsock", vm, 0)
        krun("add_vsock_port2", vm, 1234, b"agent.sock", ctypes.c_bool(True))
        krun("add_vsock_port2", vm, 8888, b"agent.sock_8888", ctypes.c_bool(False))
    krun("start_enter", vm)  # ends this process when the guest ends


main()
