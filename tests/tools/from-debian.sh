#!/bin/sh
# SPDX-License-Identifier: MIT
# from-debian.sh SUITE DIRECTORY PACKAGE... - unpacks packages of that Debian into DIRECTORY/root; nothing is installed,
# nor what they depend on. Ends with a sentence and status 3 where they are not to be had.
set -eu

suite=$1
dir=$(mkdir -p "$2" && cd "$2" && pwd)
shift 2
mirror=$(sh "$(dirname "$0")/mirror.sh")
give_up() {
	echo "${dir##*/}: $1" >&2
	exit 3
}

command -v apt-get >/dev/null || give_up "this is not Debian"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keys ] || give_up "Debian's archive keys are not here (package debian-archive-keyring)"
[ -n "$mirror" ] || give_up "apt knows no mirror of Debian; run apt-get update"

# An apt of its own, beside DIRECTORY: its lists serve the next one too, and nothing is installed to it.
apt=$(dirname "$dir")/debian-$suite
mkdir -p "$apt/none" "$apt/lists/partial" "$apt/cache/archives/partial"
echo "deb [signed-by=$keys] ${mirror#* } $suite main" >"$apt/sources"
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
apt-get -q update >"$apt/log" 2>&1 || give_up "the package lists of $suite cannot be had; see $apt/log"
cd "$apt"
rm -f ./*.deb
apt-get -q download "$@" >>"$apt/log" 2>&1 || give_up "apt cannot download $*; see $apt/log"
for deb in *.deb; do
	dpkg-deb -x "$deb" "$dir/root"
done
rm -rf "$apt/cache" "$apt"/*.deb
