#!/bin/sh
# SPDX-License-Identifier: MIT
# qemu-unpack.sh DIRECTORY PACKAGE... - unpacks Debian packages of QEMU's emulators, or its guest agent, and all they
# need, into DIRECTORY; nothing is installed, and nothing that is installed is touched. DIRECTORY/bin then has
# the programs. What is unpacked already stays: DIRECTORY/have/PACKAGE says so.
# APT_CONFIG, where set, says what else apt is to know: other sources, another release.
# Ends with a sentence and status 3 where the packages are not to be had.
set -eu

dir=$(mkdir -p "$1/have" "$1/bin" && cd "$1" && pwd)
shift
give_up() {
	echo "qemu-unpack: $1" >&2
	exit 3
}

missing=
for package; do
	[ -e "$dir/have/$package" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

# To this apt nothing is installed, so nothing that is can stand in the way, and all that is needed comes.
apt=$dir/apt
rm -rf "$apt/debs"
mkdir -p "$apt/cache/archives/partial" "$apt/debs"
: >"$apt/status"
cd "$apt/debs"
apt() {
	apt-get -q -o Dir::State::Status="$apt/status" -o Dir::Cache="$apt/cache" -o Debug::NoLocking=true \
		-o APT::Sandbox::User=root "$@" 2>>"$apt/log" </dev/null
}
apt -s --no-install-recommends install $missing >"$apt/plan" || give_up "apt does not know$missing; see $apt/log"
# The system's libc must go with the system's loader, and one that is too old for what comes with its own.
libc() {
	sed 's/-[^-]*$//; s/^[0-9]*://'
}
needed=$(sed -n 's/^Inst libc6 (\([^ ]*\) .*/\1/p' "$apt/plan" | libc)
own=
if [ -n "$needed" ] && dpkg --compare-versions "$needed" gt "$(dpkg-query -W -f '${Version}' libc6 | libc)"; then
	own=1
else
	sed -i '/^Inst libc6 /d' "$apt/plan"
fi
debs=$(sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' "$apt/plan")
apt download $debs >>"$apt/log" || give_up "apt cannot download$missing; see $apt/log"
for deb in *.deb; do
	dpkg-deb -x "$deb" "$dir/root"
done
cd "$dir"
rm -rf "$apt/cache" "$apt/debs"

loader=$(echo "$dir"/root/usr/lib64/ld-linux-*.so.*)
libraries=$(find "$dir/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
# Not every QEMU looks for its files beside itself; the system's may be of another version, or not be there.
files="-L $dir/root/usr/share/qemu -L $dir/root/usr/share/seabios -L $dir/root/usr/lib/ipxe/qemu"
for program in "$dir"/root/usr/bin/qemu-system-* "$dir"/root/usr/sbin/qemu-ga; do
	[ "${program##*/}" != qemu-ga ] || files=
	# Programs that it starts are the system's, and are to have the system's libraries.
	start="LD_LIBRARY_PATH=$libraries exec $program"
	[ -z "$own" ] || start="exec $loader --argv0 $program --library-path $libraries $program"
	cat >"$dir/bin/now" <<-END
		#!/bin/sh
		$start $files "\$@"
	END
	chmod +x "$dir/bin/now"
	# Some are scripts or links to what is not here; those are left out.
	if "$dir/bin/now" --version >>"$apt/log" 2>&1; then
		mv "$dir/bin/now" "$dir/bin/${program##*/}"
	fi
done
rm -f "$dir/bin/now"
ls "$dir"/bin/* >/dev/null 2>&1 || give_up "none of$missing starts here; see $apt/log"
for package in $missing; do
	: >"$dir/have/$package"
done
