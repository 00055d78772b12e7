# SPDX-License-Identifier: MIT
# PCs and microVMs, told apart when it runs: a PVH note and Linux's 64-bit entry in one ELF, and a bzImage.

SHARED    := machine.c ram.c setting.c agent_port.c vsock_port.c serial_port.c pci_devices.c pci_tree.c virtio_function.c virtio_clock.c pvpanic.c pc.c pc_power.c pc_signs.c pc_tree.c fdt_devices.c
ARCH      := x86
RAW       := bzImage
CROSS     := x86_64-linux-gnu-
# General registers only: nobody switches the FPU on.
CPUFLAGS  := -m64 -march=x86-64 -mgeneral-regs-only -mno-red-zone -fno-pic -mcmodel=small \
             -fcf-protection=none -fno-stack-protector -fno-asynchronous-unwind-tables
# Debian has no picolibc for x86; what is needed is in hal/arch/x86. Builtins: a copy of four bytes is no call.
LIBC_CFLAGS  = -ffreestanding -fbuiltin -nostdinc -isystem $(shell $(CROSS)gcc -print-file-name=include) \
               -isystem hal/arch/x86/libc
LIBC_LDFLAGS := -nostdlib -no-pie -Wl,-z,noexecstack -Wl,-z,max-page-size=4096
CLANG_FLAGS  = --target=x86_64-unknown-none-elf -ffreestanding -fbuiltin -nostdlibinc -isystem hal/arch/x86/libc
PACKAGES  := gcc qemu-system-x86

QEMU         := qemu-system-x86_64
QEMU_MACHINE  = -M $(MACHINE) -m 128M
QEMU_MACHINES := microvm q35 pc
QEMU_ACCELS   := tcg kvm
# microvm has virtio-mmio. On the others the agent is on an ISA serial port, as Proxmox attaches it with
# "agent: 1,type=isa".
ON_MICROVM     = $(filter microvm,$(MACHINE))
QEMU_CHANNELS  = $(if $(ON_MICROVM),virtio) uart
QEMU_uart      = $(if $(ON_MICROVM),-serial chardev:agent,$(QEMU_log) -device isa-serial$(comma)chardev=agent)
