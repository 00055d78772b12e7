#!/bin/sh
# SPDX-License-Identifier: MIT
# cbmc.sh DIRECTORY - unpacks the model checker CBMC of Debian 13 into DIRECTORY, with the C libraries that it wants;
# nothing is installed. DIRECTORY/cbmc is then the program; where the system has one, that.
# Ends with a sentence and status 3 where it is not to be had.
set -eu

dir=$(mkdir -p "$1" && cd "$1" && pwd)
[ ! -e "$dir/cbmc" ] || exit 0
if system=$(command -v cbmc); then
	ln -s "$system" "$dir/cbmc"
	exit 0
fi
sh "$(dirname "$0")/from-debian.sh" trixie "$dir" cbmc minisat libc6 libgcc-s1 libstdc++6
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
"$dir/cbmc.new" --version >"$dir/log" 2>&1 || {
	echo "cbmc: it does not start here; see $dir/log" >&2
	exit 3
}
mv "$dir/cbmc.new" "$dir/cbmc"
