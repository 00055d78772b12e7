#!/bin/sh
# SPDX-License-Identifier: MIT
# packages.sh SUITE - the Debian packages of what is committed, built here, installed by apt on a fresh Debian (fresh.sh), where
# qgactl asks a guest of bareqga-images, and a program is linked with libbareqga-dev. Root only; SUITE is this machine's release.
#   IMAGES=boards  that bareqga-images is to have, virt-riscv64 among them; none: all
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
for tool in dpkg-buildpackage dh lintian; do
	command -v $tool >/dev/null || { echo "packages: $tool is not here; apt-get install dpkg-dev debhelper lintian" >&2; exit 1; }
done
[ -n "${IMAGES:-}" ] || unset IMAGES
work=$(mktemp -d "${TMPDIR:-/var/tmp}/bareqga-packages-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
git clone -q --no-hardlinks "$source" "$work/bareqga"
# Those that need other boards' compilers are not asked for if there are none of these boards.
(cd "$work/bareqga" && unset MAKEFLAGS MFLAGS MAKELEVEL && dpkg-buildpackage -b -us -uc ${IMAGES:+-d}) >"$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	echo "packages: dpkg-buildpackage has failed" >&2
	exit 1
}
lintian --allow-root --fail-on error "$work"/*.changes
mkdir "$work/debs"
mv "$work"/*.deb "$work/debs"
RECOMMENDS=0 FILES=$work/debs COMMANDS=$(cat <<'END'
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q -q -y install qemu-system-misc gcc libc6-dev pkg-config /home/files/*.deb >/dev/null
	cd /tmp
	qemu-system-riscv64 -M virt -bios none -m 128M -display none -kernel /usr/share/bareqga/virt-riscv64/bareqga.elf \
	  -chardev socket,path=/tmp/agent.sock,server=on,wait=off,id=a -device virtio-serial-device \
	  -device virtserialport,chardev=a,name=org.qemu.guest_agent.0 &
	export QGACTL_TARGET=unix:/tmp/agent.sock
	qgactl wait -t 60
	qgactl ping
	qgactl info
	echo carried >/tmp/there
	qgactl put --check /tmp/there /tmp/
	test "$(qgactl cat /tmp/there)" = carried
	qgactl shutdown --wait
	wait $!
	printf '#include <bareqga.h>\nint main(void) { return *qga_library_version() != 48; }\n' >version.c
	gcc version.c $(pkg-config --cflags --libs bareqga) -o version
	./version
	echo "packages: installed, asked and linked"
END
) sh "$source/tests/tools/fresh.sh" "$1"
