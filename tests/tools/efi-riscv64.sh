#!/bin/sh
# SPDX-License-Identifier: MIT
# efi-riscv64.sh DIRECTORY - unpacks EDK2 for QEMU's virt machine of riscv64, which Debian has from 13 on, into
# DIRECTORY: RISCV_VIRT_CODE.fd and RISCV_VIRT_VARS.fd. Ends with a sentence and status 3 where it is not to be had.
set -eu

[ ! -e "$1/RISCV_VIRT_CODE.fd" ] || exit 0
sh "$(dirname "$0")/from-debian.sh" trixie "$1" qemu-efi-riscv64
mv "$1"/root/usr/share/qemu-efi-riscv64/RISCV_VIRT_VARS.fd "$1"
mv "$1"/root/usr/share/qemu-efi-riscv64/RISCV_VIRT_CODE.fd "$1"
