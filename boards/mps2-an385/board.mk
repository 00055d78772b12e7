# SPDX-License-Identifier: MIT
# Arm MPS2 with the Cortex-M3 of AN385 (QEMU -M mps2-an385): what a microcontroller makes of it.

ARCH      := armv7m
CROSS     := arm-none-eabi-
CPUFLAGS  := -mcpu=cortex-m3 -mthumb
LIBC_CFLAGS  := --specs=picolibc.specs
LIBC_LDFLAGS := --specs=picolibc.specs -Wl,-z,noexecstack
CLANG_FLAGS  := --target=thumbv7m-none-eabi -fshort-enums -fomit-frame-pointer -isystem /usr/lib/picolibc/arm-none-eabi/include
OPT       ?= $(if $(CLANG),-Oz,-Os)
DEFINES   := -DQGA_SMALL=1 -DFIRMWARE_REQUEST_SIZE=2048 -DFIRMWARE_TOKENS=96 -DUART_RX_SIZE=64 \
             -DUART_TX_SIZE=256 -DQGA_FILES_MAX=4 -DQGA_JOBS_MAX=2 -DRAM_FILES_MAX=8 \
             -DENV_SETTINGS_SIZE=0 -DBOARD_IDLE_MAX=0 -DBOARD_RAM_MAX=1 -DARCH_TRAP_STACK=256
PACKAGES  := gcc-arm-none-eabi picolibc-arm-none-eabi qemu-system-arm

# The agent has the first serial port, log lines the second one; power-off and time need semihosting.
QEMU          := qemu-system-arm
QEMU_MACHINE  := -M mps2-an385 -semihosting
QEMU_CHANNELS := uart
QEMU_uart      = -serial chardev:agent $(QEMU_log)
