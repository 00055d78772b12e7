#!/bin/sh
# SPDX-License-Identifier: MIT
# setup.sh PACKAGE... - installs those of the Debian packages that are missing; silent when none is.
set -eu

if ! command -v dpkg-query >/dev/null; then
	echo "setup: this is not Debian; install what these packages hold yourself: $*" >&2
	exit 0
fi

missing=
for package; do
	case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || :) in
	*ii*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		as_root=sudo
	else
		echo "setup: missing packages and no right to install them; as root, run:" >&2
		echo "    apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
fi

echo "setup: installing$missing"
install() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
if ! { install -q update && install -q -y --no-install-recommends install $missing; }; then
	echo "setup: apt-get could not install$missing; its reason is above" >&2
	exit 1
fi
