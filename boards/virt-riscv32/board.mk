# SPDX-License-Identifier: MIT
# QEMU -M virt, riscv32, one hart in M-mode (-bios none).

ARCH      := riscv
SHARED    := machine.c ram.c setting.c fdt_machine.c fdt_devices.c agent_port.c vsock_port.c serial_port.c pci_devices.c pci_tree.c virtio_function.c virtio_clock.c pvpanic.c riscv_virt.c riscv_intc.c
CROSS     := riscv64-unknown-elf-
# Without zicsr, as on virt-riscv64. On RV32 medlow reaches all there is.
CPUFLAGS  := -march=rv32imac -mabi=ilp32 -mcmodel=medlow
OPT          := -Os
# Strings need no alignment; registers are saved by a shared piece of code, which -Os alone does not say to LTO.
GCC_FLAGS    := -msave-restore -malign-data=natural -mtune=size -fno-jump-tables
# At most 256 values in a request, and base64 without tables: an embedded processor is what this board stands for.
DEFINES      := -DQGA_SMALL=1 -DFIRMWARE_TOKENS=256
MEM          :=
CLANG_FLAGS  := -msmall-data-limit=0 --target=riscv32-unknown-elf -isystem /usr/lib/picolibc/riscv64-unknown-elf/include
LIBC_CFLAGS  := --specs=picolibc.specs
LIBC_LDFLAGS := --specs=picolibc.specs
PACKAGES  := gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc

QEMU         := qemu-system-riscv32
QEMU_MACHINE := -M virt -bios none -m 128M
