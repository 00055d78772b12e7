# SPDX-License-Identifier: MIT
# The same agent as a process of this machine, on a unix socket: for tests, fuzzing and measuring.

NATIVE     := yes
NATIVE_SRC  = $(FIRMWARE_ENV) boards/shared/setting.c hal/virtio/virtio_device.c hal/virtio/virtio_mmio.c hal/virtio/virtqueue.c
CROSS      :=
PACKAGES   := gcc libc6-dev

QEMU_CHANNELS := socket
LAUNCH         = $(abspath $(IMAGE)) -p $(SOCK)
