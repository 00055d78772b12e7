#!/bin/sh
# SPDX-License-Identifier: MIT
# vhost-vsock.sh DIRECTORY - unpacks vhost-device-vsock of Debian sid, the other end of QEMU's
# vhost-user-vsock-device, into DIRECTORY; nothing is installed. It needs no more than the libc and libgcc of
# Debian 12. DIRECTORY/vhost-device-vsock is then the program.
# Ends with a sentence and status 3 where it is not to be had.
set -eu

mirror=$(sh "$(dirname "$0")/mirror.sh")
dir=$(mkdir -p "$1" && cd "$1" && pwd)
[ ! -e "$dir/vhost-device-vsock" ] || exit 0
give_up() {
	echo "vhost-vsock: $1" >&2
	exit 3
}

command -v apt-get >/dev/null || give_up "this is not Debian"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keys ] || give_up "Debian's archive keys are not here (package debian-archive-keyring)"
[ -n "$mirror" ] || give_up "apt knows no mirror of Debian; run apt-get update"

# An apt of its own: its lists are below DIRECTORY, and nothing is installed to it.
apt=$dir/apt
mkdir -p "$apt/none" "$apt/lists/partial" "$apt/cache/archives/partial"
echo "deb [signed-by=$keys] ${mirror#* } sid main" >"$apt/sources"
: >"$apt/status"
cat >"$apt/conf" <<END
Dir::Etc::SourceList "$apt/sources";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::PreferencesParts "$apt/none";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
END
export APT_CONFIG="$apt/conf"
apt-get -q update >"$apt/log" 2>&1 || give_up "the package lists of sid cannot be had; see $apt/log"
cd "$apt"
apt-get -q download vhost-device-vsock >>"$apt/log" 2>&1 || give_up "apt cannot download vhost-device-vsock; see $apt/log"
dpkg-deb -x vhost-device-vsock_*.deb "$dir/root"
rm -rf "$apt/lists" "$apt/cache" "$apt"/*.deb
program=$dir/root/usr/bin/vhost-device-vsock
"$program" --version >>"$apt/log" 2>&1 || give_up "vhost-device-vsock does not start here; see $apt/log"
mv "$program" "$dir/vhost-device-vsock"
