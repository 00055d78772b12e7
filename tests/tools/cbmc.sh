#!/bin/sh
# SPDX-License-Identifier: MIT
# cbmc.sh DIRECTORY - unpacks the model checker CBMC of Debian 13 into DIRECTORY, with the C libraries that it wants;
# nothing is installed. DIRECTORY/cbmc is then the program; where the system has one, that.
# Ends with a sentence and status 3 where it is not to be had.
set -eu

dir=$(mkdir -p "$1" && cd "$1" && pwd)
[ ! -e "$dir/cbmc" ] || exit 0
give_up() {
	echo "cbmc: $1" >&2
	exit 3
}

if system=$(command -v cbmc); then
	ln -s "$system" "$dir/cbmc"
	exit 0
fi
command -v apt-get >/dev/null || give_up "this is not Debian"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e $keys ] || give_up "Debian's archive keys are not here (package debian-archive-keyring)"
mirror=$(sh "$(dirname "$0")/mirror.sh")
[ -n "$mirror" ] || give_up "apt knows no mirror of Debian; run apt-get update"

# An apt of its own: its lists are below DIRECTORY, and nothing is installed to it.
apt=$dir/apt
mkdir -p "$apt/none" "$apt/lists/partial" "$apt/cache/archives/partial"
echo "deb [signed-by=$keys] ${mirror#* } trixie main" >"$apt/sources"
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
apt-get -q update >"$apt/log" 2>&1 || give_up "the package lists of trixie cannot be had; see $apt/log"
cd "$apt"
apt-get -q download cbmc minisat libc6 libgcc-s1 libstdc++6 >>"$apt/log" 2>&1 || give_up "apt cannot download cbmc; see $apt/log"
for deb in *.deb; do
	dpkg-deb -x "$deb" "$dir/root"
done
rm -rf "$apt/lists" "$apt/cache" "$apt"/*.deb
find "$dir/root/usr/bin" -type f ! -name cbmc -delete
rm -rf "$dir/root/usr/share"

# By its own loader, so that the gcc that it calls finds the system's libraries.
libraries=$(find "$dir/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
loader=$(find "$dir/root" -name 'ld-linux*' | head -n 1)
cat >"$dir/cbmc.new" <<END
#!/bin/sh
exec $loader --library-path $libraries $dir/root/usr/bin/cbmc "\$@"
END
chmod +x "$dir/cbmc.new"
"$dir/cbmc.new" --version >>"$apt/log" 2>&1 || give_up "cbmc does not start here; see $apt/log"
mv "$dir/cbmc.new" "$dir/cbmc"
