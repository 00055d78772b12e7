# SPDX-License-Identifier: MIT
# QEMU -M virt, riscv64, one hart in M-mode (-bios none).

SHARED    := machine.c ram.c setting.c fdt_machine.c fdt_devices.c agent_port.c vsock_port.c serial_port.c pci_devices.c pci_tree.c virtio_function.c virtio_clock.c pvpanic.c riscv_virt.c riscv_intc.c
ARCH      := riscv
CROSS     := riscv64-unknown-elf-
# zicsr in -march would pick a hard-float multilib; it is switched on around CSR instructions instead.
CPUFLAGS  := -march=rv64imac -mabi=lp64 -mcmodel=medany
CLANG_FLAGS  := -msmall-data-limit=0 --target=riscv64-unknown-elf -isystem /usr/lib/picolibc/riscv64-unknown-elf/include
LIBC_CFLAGS  := --specs=picolibc.specs
LIBC_LDFLAGS := --specs=picolibc.specs
FLASH_SIZE := 32M
PACKAGES  := gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc

QEMU         := qemu-system-riscv64
QEMU_MACHINE := -M virt -bios none -m 128M
