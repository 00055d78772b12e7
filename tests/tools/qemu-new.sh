#!/bin/sh
# SPDX-License-Identifier: MIT
# qemu-new.sh DIRECTORY - unpacks the QEMU of Debian 12's backports into DIRECTORY, with the libraries it
# needs; nothing is installed. DIRECTORY/bin then has programs to set QEMU_PREFIX to.
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
# Backports are beside bookworm on whatever mirror this machine uses.
mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
	sed -n 's/^bookworm //p' | head -n 1)
[ -n "$mirror" ] || give_up "apt knows no Debian 12 mirror; run apt-get update"

# An apt of its own: its lists are below DIRECTORY.
apt=$dir/apt
mkdir -p "$apt/none" "$apt/lists/partial"
cat >"$apt/sources" <<END
deb [signed-by=$keys] $mirror bookworm main
deb [signed-by=$keys] $mirror bookworm-backports main
END
cat >"$apt/conf" <<END
Dir::Etc::SourceList "$apt/sources";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::Preferences "$apt/preferences";
Dir::Etc::PreferencesParts "$apt/none";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
APT::Default-Release "bookworm-backports";
APT::Sandbox::User "root";
END
: >"$apt/preferences"
export APT_CONFIG="$apt/conf"
apt-get -q update >"$apt/log" 2>&1 || give_up "the package lists of backports cannot be had; see $apt/log"
sh "$unpack" "$dir" qemu-system-riscv qemu-system-arm qemu-system-x86
rm -rf "$apt/lists"
: >"$dir/complete"
