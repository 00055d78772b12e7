#!/bin/sh
# SPDX-License-Identifier: MIT
# from-sid.sh DIRECTORY PACKAGE - unpacks a package of Debian sid into DIRECTORY/root; nothing is installed, nor what
# the package depends on. Ends with a sentence and status 3 where it is not to be had.
set -eu

package=$2
mirror=$(sh "$(dirname "$0")/mirror.sh")
dir=$(mkdir -p "$1" && cd "$1" && pwd)
give_up() {
	echo "$package: $1" >&2
	exit 3
}

command -v apt-get >/dev/null || give_up "this is not Debian"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keys ] || give_up "Debian's archive keys are not here (package debian-archive-keyring)"
[ -n "$mirror" ] || give_up "apt knows no mirror of Debian; run apt-get update"

# An apt of its own, beside DIRECTORY: its lists serve the next package too, and nothing is installed to it.
apt=$(dirname "$dir")/sid
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
apt-get -q download "$package" >>"$apt/log" 2>&1 || give_up "apt cannot download it; see $apt/log"
dpkg-deb -x "$package"_*.deb "$dir/root"
rm -rf "$apt/cache" "$apt"/*.deb
