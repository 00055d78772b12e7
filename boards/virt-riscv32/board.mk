# SPDX-License-Identifier: MIT
# QEMU -M virt, riscv32, one hart in M-mode (-bios none).

ARCH      := riscv
SHARED    := machine.c fdt_machine.c found.c agent_port.c riscv_virt.c
CROSS     := riscv64-unknown-elf-
# Without zicsr, as on virt-riscv64.
CPUFLAGS  := -march=rv32imac -mabi=ilp32 -mcmodel=medany
OPT          := -Os
CLANG_FLAGS  := -msmall-data-limit=0 --target=riscv32-unknown-elf -isystem /usr/lib/picolibc/riscv64-unknown-elf/include
LIBC_CFLAGS  := --specs=picolibc.specs
LIBC_LDFLAGS := --specs=picolibc.specs
PACKAGES  := gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc

QEMU         := qemu-system-riscv32
QEMU_MACHINE := -M virt -bios none -m 128M
