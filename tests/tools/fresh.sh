#!/bin/sh
# SPDX-License-Identifier: MIT
# fresh.sh SUITE - README's commands on a fresh Debian: `make run` and `make test` of what is committed.
#
# A minimal Debian is made by debootstrap, from the mirror that this machine's apt uses. Whatever happens
# there, happens in namespaces of its own: with their end, Ctrl-C's too, all processes and mounts are gone,
# and then the directory goes. Root only; network and processor are this machine's.
#   RECOMMENDS=0   apt does not install what packages only recommend
#   SYS=0 KVM=0    without /sys; without /dev/kvm
#   NORMAL=1       packages are installed by root, the rest is done by a normal user
#   FOLDER=name    of the clone
#   COMMANDS=...   instead of README's
#   FILES=folder   that is copied to /home/files
#   KEEP=directory to make it in, which stays, and is used again as it was left
set -eu

complain() {
	echo "fresh: $1" >&2
	exit 1
}

prepare() {
	[ ! -e "$root/etc/made" ] || return 0
	mirror=$(sh "$source/tests/tools/mirror.sh" | cut -d' ' -f2)
	security=$(sh "$source/tests/tools/mirror.sh" security | cut -d' ' -f2)
	[ -n "$mirror" ] || complain "apt knows no mirror of Debian; run apt-get update"
	debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
		tail -n 5 "$root.log" "$root/debootstrap/debootstrap.log" 2>/dev/null
		complain "debootstrap has failed"
	}
	rm "$root.log"
	echo "deb $mirror $suite main" >"$root/etc/apt/sources.list"
	echo "deb $mirror $suite-updates main" >>"$root/etc/apt/sources.list"
	[ -z "$security" ] || echo "deb $security $suite-security main" >>"$root/etc/apt/sources.list"
	apt-config dump | grep -iE '^Acquire::(.*proxy|Check-)' >"$root/etc/apt/apt.conf.d/50proxy" || :
	for file in resolv.conf hosts; do
		cp -L "/etc/$file" "$root/etc/$file"
	done
	: >"$root/etc/made"
}

devices() {
	mount -t tmpfs -o mode=755 dev "$root/dev"
	mkdir "$root/dev/pts" "$root/dev/shm"
	# One that a normal user may use is a node of its own: the machine's keeps its mode.
	[ -z "${NORMAL:-}" ] || [ "${KVM:-1}" != 1 ] || [ ! -e /dev/kvm ] || mknod -m 666 "$root/dev/kvm" c 10 232 || :
	for node in null zero full random urandom tty kvm; do
		[ -e "/dev/$node" ] && { [ "$node" != kvm ] || [ "${KVM:-1}" = 1 ]; } && [ ! -e "$root/dev/$node" ] || continue
		: >"$root/dev/$node"
		mount --bind "/dev/$node" "$root/dev/$node"
	done
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 pts "$root/dev/pts"
	mount -t tmpfs shm "$root/dev/shm"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
}

# Inside of the namespaces, as their first process.
inside() {
	mount --make-rprivate /
	prepare
	mount -t proc proc "$root/proc"
	[ "${SYS:-1}" = 0 ] || mount -t sysfs -o ro sys "$root/sys"
	devices
	echo "APT::Install-Recommends \"${RECOMMENDS:-1}\";" >"$root/etc/apt/apt.conf.d/50recommends"
	clone="$root/home/${FOLDER:-bareqga}"
	rm -rf "$clone"
	git clone -q --no-hardlinks "$source" "$clone"
	umask 022
	[ -z "${FILES:-}" ] || { rm -rf "$root/home/files" && cp -r "$FILES" "$root/home/files"; }
	cat >"$root/home/commands" <<-END
		set -e
		cd "/home/${FOLDER:-bareqga}"
		echo "fresh: \$(. /etc/os-release; echo "\$PRETTY_NAME"), recommends ${RECOMMENDS:-1}, sys ${SYS:-1}, kvm ${KVM:-1}, commit \$(git rev-parse --short HEAD)"
		$commands
	END
	in="env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb http_proxy=${http_proxy:-} https_proxy=${https_proxy:-} chroot $root"
	$in sh -c 'apt-get -q -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -q -y install make git' >/dev/null 2>&1 ||
		complain "make and git cannot be installed"
	[ -z "${NORMAL:-}" ] || {
		$in sh -c "useradd -m user; cd '/home/${FOLDER:-bareqga}' && make setup"
		$in chown -R user "/home/${FOLDER:-bareqga}"
		in="$in setpriv --reuid=user --regid=user --init-groups env HOME=/home/user"
	}
	$in git config --global --add safe.directory '*'
	status=0
	$in sh /home/commands </dev/null || status=$?
	exit $status
}

suite=$1
commands=${COMMANDS:-make run && make test}
source=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${2:-}" = inside ]; then
	root=$3
	inside
fi
case $suite in
bookworm | trixie | forky | sid) ;;
*) complain "there is no SUITE=$suite; SUITE=... is one of: bookworm trixie" ;;
esac
[ "$(id -u)" = 0 ] || complain "only root can make a system of its own"
for tool in debootstrap git unshare; do
	command -v $tool >/dev/null || complain "$tool is not here; apt-get install debootstrap git util-linux"
done

root=${KEEP:-$(mktemp -d "${TMPDIR:-/var/tmp}/bareqga-fresh-XXXXXX")}
mkdir -p "$root"
chmod 755 "$root"
child=
leave() {
	trap '' INT TERM HUP
	[ -z "$child" ] || kill -KILL "$child" 2>/dev/null || :
	wait
	[ -n "${KEEP:-}" ] || rm -rf --one-file-system "$root" "$root.log"
}
trap leave EXIT
trap 'exit 130' INT TERM HUP
unshare --mount --pid --ipc --uts --fork --kill-child sh "$0" "$suite" inside "$root" &
child=$!
wait $child
