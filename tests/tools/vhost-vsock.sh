#!/bin/sh
# SPDX-License-Identifier: MIT
# vhost-vsock.sh DIRECTORY - unpacks vhost-device-vsock of Debian sid, the other end of QEMU's
# vhost-user-vsock-device, into DIRECTORY; nothing is installed. It needs no more than the libc and libgcc of
# Debian 12. DIRECTORY/vhost-device-vsock is then the program.
# Ends with a sentence and status 3 where it is not to be had.
set -eu

[ ! -e "$1/vhost-device-vsock" ] || exit 0
sh "$(dirname "$0")/from-debian.sh" sid "$1" vhost-device-vsock
program=$1/root/usr/bin/vhost-device-vsock
"$program" --version >"$1/log" 2>&1 || {
	echo "vhost-vsock: vhost-device-vsock does not start here; see $1/log" >&2
	exit 3
}
mv "$program" "$1/vhost-device-vsock"
