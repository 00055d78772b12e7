#!/bin/sh
# SPDX-License-Identifier: MIT
# packages.sh SUITE - the Debian packages of what is committed, installed by apt on a fresh Debian (fresh.sh), where qgactl
# asks a guest of bareqga-images, and a program is linked with libbareqga-dev. Root only. They are built here, or, for
# another release than this machine's, on a fresh one of that, with what debian/control asks for.
#   IMAGES=boards  that bareqga-images is to have, virt-riscv64 among them; none: all
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
here=$(sh "$source/tests/tools/mirror.sh")
elsewhere=1 tools=debootstrap
[ "$1" != "${here% *}" ] || elsewhere= tools="dpkg-buildpackage dh lintian"
for tool in $tools; do
	command -v $tool >/dev/null || { echo "packages: $tool is not here; apt-get install dpkg-dev debhelper lintian debootstrap" >&2; exit 1; }
done
[ -n "${IMAGES:-}" ] || unset IMAGES
work=$(mktemp -d "${TMPDIR:-/var/tmp}/bareqga-packages-XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
# In a clone, whose parent gets the packages. Those that need other boards' compilers are not asked for if there are none
# of these boards.
build="dpkg-buildpackage -b -us -uc ${IMAGES:+-d} >../log 2>&1 || {
		tail -n 20 ../log >&2
		echo 'packages: dpkg-buildpackage has failed' >&2
		exit 1
	}
	lintian --allow-root --fail-on error ../*.changes
	mkdir ../debs
	mv ../*.deb ../debs"
if [ -n "$elsewhere" ]; then
	KEEP=$work/root RECOMMENDS=0 COMMANDS="export DEBIAN_FRONTEND=noninteractive ${IMAGES:+IMAGES='$IMAGES'}
		apt-get -q -q -y install dpkg-dev debhelper lintian >/dev/null
		apt-get -q -q -y build-dep . >/dev/null
		$build" sh "$source/tests/tools/fresh.sh" "$1"
	mv "$work/root/home/debs" "$work/debs"
	rm -rf --one-file-system "$work/root"
else
	git clone -q --no-hardlinks "$source" "$work/bareqga"
	(cd "$work/bareqga" && unset MAKEFLAGS MFLAGS MAKELEVEL && sh -ec "$build")
fi
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
