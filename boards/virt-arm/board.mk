# SPDX-License-Identifier: MIT
# QEMU -M virt, 32-bit Arm with the Large Physical Address Extension.

ARCH      := arm
SHARED    := machine.c ram.c setting.c fdt_machine.c fdt_devices.c agent_port.c vsock_port.c serial_port.c pci_devices.c pci_tree.c virtio_function.c virtio_clock.c pvpanic.c arm_virt.c
CROSS     := arm-none-eabi-
CPUFLAGS  := -march=armv7-a -mthumb -mfloat-abi=soft -mno-unaligned-access
OPT          := -Os
LIBC_CFLAGS  := --specs=picolibc.specs
LIBC_LDFLAGS := --specs=picolibc.specs -Wl,-z,noexecstack
PACKAGES  := gcc-arm-none-eabi picolibc-arm-none-eabi qemu-system-arm

QEMU         := qemu-system-arm
QEMU_MACHINE := -M virt -cpu cortex-a15 -m 128M
