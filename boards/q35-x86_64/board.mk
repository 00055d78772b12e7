# SPDX-License-Identifier: MIT
# QEMU -M q35 and -M pc without their PCI devices: the agent on an ISA serial port, as Proxmox
# attaches it with "agent: 1,type=isa".

include boards/microvm-x86_64/board.mk

QEMU_MACHINE  := -M q35 -m 128M
# KVM is left to microvm: the BIOS takes longer there than tests wait, where KVM itself is emulated.
QEMU_ACCELS   := tcg
QEMU_CHANNELS := uart
QEMU_uart      = $(QEMU_log) -device isa-serial,chardev=agent
