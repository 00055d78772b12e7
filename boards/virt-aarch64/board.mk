# SPDX-License-Identifier: MIT
# QEMU -M virt, aarch64: one position-independent image, as ELF or as raw Image, EL1 or EL2, GICv2 or v3.

ARCH      := arm
RAW       := Image
SHARED    := machine.c ram.c setting.c fdt_machine.c fdt_devices.c agent_port.c vsock_port.c serial_port.c pci_devices.c pci_tree.c virtio_function.c virtio_clock.c pvpanic.c arm_virt.c
CROSS     := aarch64-linux-gnu-
# No FP registers, which trap; nothing unaligned, for what runs before the MMU is on.
CPUFLAGS  := -mgeneral-regs-only -mstrict-align -mno-outline-atomics -fvisibility=hidden \
             $(if $(FLASH),-fno-pie,-fpie) -fno-stack-protector -fno-asynchronous-unwind-tables
CLANG_FLAGS  := --target=aarch64-linux-gnu -isystem /usr/lib/picolibc/aarch64-linux-gnu/include
LIBC_CFLAGS  := --specs=picolibc.specs
LIBC_LDFLAGS := --specs=picolibc.specs $(if $(FLASH),-no-pie,-Wl,-pie,--no-dynamic-linker,-Bsymbolic,-z,norelro)
DEFINES      := $(if $(FLASH),-DBOARD_FLASH)
FLASH_SIZE := 64M
PACKAGES  := gcc-aarch64-linux-gnu picolibc-aarch64-linux-gnu qemu-system-arm

QEMU         := qemu-system-aarch64
QEMU_MACHINE := -M virt -cpu cortex-a53 -m 128M
