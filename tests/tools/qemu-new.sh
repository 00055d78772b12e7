#!/bin/sh
# SPDX-License-Identifier: MIT
# qemu-new.sh DIRECTORY [PACKAGE...] - unpacks the QEMU, or these packages of it, of the backports of this
# machine's Debian into DIRECTORY, with the libraries that are needed; nothing is installed. DIRECTORY/bin then
# has the programs; QEMU_PREFIX takes it.
#   RELEASE=trixie   the backports of that release; what needs its libc is started with that
# Ends with a sentence and status 3 where it is not to be had.
set -eu

unpack=$(dirname "$0")/qemu-unpack.sh
dir=$(mkdir -p "$1" && cd "$1" && pwd)
[ ! -e "$dir/complete" ] || exit 0
give_up() {
	echo "qemu-new: $1" >&2
	exit 3
}

command -v apt-get >/dev/null || give_up "this is not Debian"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keys ] || give_up "Debian's archive keys are not here (package debian-archive-keyring)"
# Backports are beside the release on whatever mirror this machine uses.
release=$(sh "$(dirname "$0")/mirror.sh")
mirror=${release#* }
release=${RELEASE:-${release% *}}
[ -n "$mirror" ] || give_up "apt knows no mirror of Debian; run apt-get update"

# An apt of its own: its lists are below DIRECTORY.
apt=$dir/apt
mkdir -p "$apt/none" "$apt/lists/partial"
cat >"$apt/sources" <<END
deb [signed-by=$keys] $mirror $release main
deb [signed-by=$keys] $mirror $release-backports main
END
cat >"$apt/conf" <<END
Dir::Etc::SourceList "$apt/sources";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::Preferences "$apt/preferences";
Dir::Etc::PreferencesParts "$apt/none";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
APT::Default-Release "$release-backports";
APT::Sandbox::User "root";
END
: >"$apt/preferences"
export APT_CONFIG="$apt/conf"
apt-get -q update >"$apt/log" 2>&1 || give_up "the package lists of $release-backports cannot be had; see $apt/log"
apt-get -q indextargets 'Created-By: Packages' | grep -q backports || give_up "$mirror has no $release-backports"
shift
[ $# -gt 0 ] || set -- qemu-system-riscv qemu-system-arm qemu-system-x86
sh "$unpack" "$dir" "$@"
rm -rf "$apt/lists"
: >"$dir/complete"
