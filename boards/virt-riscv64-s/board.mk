# SPDX-License-Identifier: MIT
# QEMU -M virt, riscv64 in S-mode above OpenSBI, as under KVM, where there is no M-mode for a guest.

ARCH      := riscv
RAW       := Image
SHARED    := machine.c ram.c setting.c fdt_machine.c fdt_devices.c agent_port.c vsock_port.c serial_port.c pci_devices.c pci_tree.c virtio_function.c virtio_clock.c pvpanic.c riscv_virt.c riscv_intc.c
CROSS     := riscv64-unknown-elf-
# Without zicsr, as on virt-riscv64.
CPUFLAGS  := -march=rv64imac -mabi=lp64 -mcmodel=medany
DEFINES   := -DRISCV_SUPERVISOR=1
CLANG_FLAGS  := -msmall-data-limit=0 --target=riscv64-unknown-elf -isystem /usr/lib/picolibc/riscv64-unknown-elf/include
LIBC_CFLAGS  := --specs=picolibc.specs
LIBC_LDFLAGS := --specs=picolibc.specs
PACKAGES  := gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc opensbi

QEMU         := qemu-system-riscv64
QEMU_MACHINE := -M virt -m 128M
# OpenSBI greets on the only serial port, so that it cannot be the agent's from the first byte on.
QEMU_CHANNELS := virtio
