#!/bin/sh
# SPDX-License-Identifier: MIT
# setup.sh DIRECTORY PACKAGE... - sees to it that the Debian packages are there; silent when they are.
#
# It adds, and never removes, replaces or downgrades what the user has. Emulators that cannot stand beside
# it (Debian 12's, where qemu-utils is the one of backports) are unpacked into DIRECTORY instead. Two
# names stand for others: libclang-rt-dev, which only Debian 13 has, for the libraries of the clang that is
# here; qemu-system-misc for qemu-system-riscv, where the RISC-V emulators are a package of their own.
set -eu

dir=$1
shift

if ! command -v dpkg-query >/dev/null; then
	echo "setup: this is not Debian; install what these packages hold yourself: $*" >&2
	exit 0
fi

installed() {
	case $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null || :) in
	*ii*) ;;
	*) return 1 ;;
	esac
}

# there PACKAGE - whether what it is for can be used.
there() {
	case $1 in
	libclang-rt-dev)
		# By the library, for a clang that is not Debian's brings its own.
		command -v clang >/dev/null &&
			ls "$(clang -print-resource-dir)"/lib/*/*clang_rt.fuzzer* >/dev/null 2>&1
		;;
	qemu-system-misc) installed qemu-system-misc || installed qemu-system-riscv || [ -e "$dir/have/$1" ] ;;
	qemu-system-*) installed "$1" || [ -e "$dir/have/$1" ] ;;
	*) installed "$1" ;;
	esac
}

# lacking PACKAGE... - those that are not there, each with a blank before it.
lacking() {
	for package; do
		there "$package" || printf ' %s' "$package"
	done
}

# real PACKAGE... - as apt names them. A clang still to come will be the one that apt has.
real() {
	for package; do
		if [ "$package" = libclang-rt-dev ]; then
			version=$(clang -dumpversion 2>/dev/null ||
				apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-//p')
			package=libclang-rt-${version:+${version%%.*}-}dev
		fi
		printf ' %s' "$package"
	done
}

missing=$(lacking "$@")
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		as_root=sudo
	else
		echo "setup: missing packages and no right to install them; as root, run:" >&2
		echo "    apt-get install --no-install-recommends --no-remove$(real $missing)" >&2
		exit 1
	fi
fi

echo "setup: installing$missing"
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
# fits PACKAGE... - whether apt can add them without taking anything away.
fits() {
	apt-get -s -y --no-install-recommends --no-remove install "$@" >/dev/null 2>&1
}
# Twice: for the lock of the lists apt does not wait, and a mirror may be in the midst of its own update.
apt update || { sleep 10 && apt update; } || echo "setup: apt-get could not update its lists; going on with those it has" >&2

wanted=$(real $missing)
refused=
if ! fits $wanted; then
	# Mostly it is the emulators; then all others are asked about at once.
	add=
	for package in $wanted; do
		case $package in
		qemu-system-*) ;;
		*) add="$add $package" ;;
		esac
	done
	fits $add || add=
	for package in $wanted; do
		case "$add " in *" $package "*) continue ;; esac
		if fits $add "$package"; then add="$add $package"; else refused="$refused $package"; fi
	done
	wanted=$add
fi
install() {
	apt -y --no-install-recommends --no-remove install $wanted
}
[ -z "$wanted" ] || install || { apt update && install; } || :

emulators=
for package in $refused; do
	case $package in
	qemu-system-*) emulators="$emulators $package" ;;
	esac
done
if [ -n "$emulators" ]; then
	echo "setup: beside what is installed there is no place for$emulators; unpacking into $dir"
	# OpenSBI is a part of what the RISC-V emulators load, and in Debian 12 no dependency of theirs.
	sh "$(dirname "$0")/qemu-unpack.sh" "$dir" $emulators opensbi || :
fi

# What counts is what is there now.
missing=$(lacking "$@")
[ -z "$missing" ] || {
	echo "setup: still missing:$(real $missing); apt-get cannot install them, or not without removing" \
		"what is installed; its reason is above, or see: apt-get -s --no-remove install$(real $missing)" >&2
	exit 1
}
