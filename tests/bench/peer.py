#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Builds what a user would run today: a Linux guest whose only process is the real qemu-ga.

    tests/bench/peer.py ARCH [--lean] [--suite SUITE] [--out DIR]      ARCH: riscv64 arm64 amd64

Everything comes from Debian packages, fetched through a private apt configuration of that
architecture (nothing is installed, no foreign architecture is added to the system). The result is
DIR/ARCH/{kernel,initrd,origin}: busybox, qemu-ga with its libraries, and from the stock kernel the
four or five modules that the agent's port needs. --lean compiles Debian's linux-source for this one
purpose (allnoconfig plus lean.config, nothing modular): the leanest Linux that still runs qemu-ga.

`make peers` installs what all of them need to be built, and builds them.

Debian 12 has no riscv64 port, so that guest comes from Debian 13; SUITE names another release, for
when a mirror's index of one is not whole. Left out: networking, a shell to log in to, everything
that would only slow the peer down.
"""
import argparse
import functools
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITE = {"riscv64": "trixie", "arm64": "bookworm", "amd64": "bookworm"}
MODULES = ["virtio_mmio", "virtio_console"]
SOURCE = "linux-source-6.1"

# What does the work, and the packages that have it: for all guests, and for a kernel. `make peers` installs them.
TOOLS = {"cpio": "cpio", "readelf": "binutils", KEYRING: "debian-archive-keyring"}
LEAN_TOOLS = {"make": "make", "gcc": "gcc", "flex": "flex", "bison": "bison", "bc": "bc", "xz": "xz-utils",
              "/usr/include/stdio.h": "libc6-dev", "/usr/include/gelf.h": "libelf-dev"}
CROSS_PACKAGE = {"riscv64-linux-gnu-": "gcc-riscv64-linux-gnu", "aarch64-linux-gnu-": "gcc-aarch64-linux-gnu"}

# Lean kernels: make's ARCH, the cross prefix, the image, what only this architecture needs.
LEAN = {
    "riscv64": ("riscv", "riscv64-linux-gnu-", "arch/riscv/boot/Image",
                "SMP=n MMU=y FPU=y SOC_VIRT=y SERIAL_8250=y SERIAL_8250_CONSOLE=y "
                "SERIAL_OF_PLATFORM=y RISCV_SBI=y"),
    "arm64": ("arm64", "aarch64-linux-gnu-", "arch/arm64/boot/Image",
              "SERIAL_AMBA_PL011=y SERIAL_AMBA_PL011_CONSOLE=y"),
    "amd64": ("x86", "", "vmlinux",
              "64BIT=y HYPERVISOR_GUEST=y PARAVIRT=y KVM_GUEST=y PVH=y SERIAL_8250=y "
              "SERIAL_8250_CONSOLE=y VIRTIO_MMIO_CMDLINE_DEVICES=y X86_X2APIC=y"),
}

# The first and only process's predecessor. Waits for the port (no udev here), then becomes qemu-ga.
INIT = """#!/bin/busybox sh
export PATH=/bin LD_LIBRARY_PATH=/lib
busybox mount -t devtmpfs dev /dev 2>/dev/null
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
%s
busybox mkdir -p /run /tmp /var/run
until [ -e /dev/vport%s ]; do busybox usleep 1000; done
exec /bin/qemu-ga -m virtio-serial -p /dev/vport%s -t /run -f /run/qga.pid
"""


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, **options)


def output(*command, **options):
    return run(*command, stdout=subprocess.PIPE, text=True, **options).stdout


@functools.lru_cache(maxsize=None)
def mirror():
    """Where this machine's own apt gets Debian from."""
    said = output("sh", HERE.parent / "tools/mirror.sh").split()
    if not said:
        sys.exit("peer: no guests of Linux: apt knows no mirror of Debian; run apt-get update")
    return said[1]


def missing(arch, lean):
    """The packages of what is needed and is not here."""
    tools = dict(TOOLS)
    if lean:
        cross = LEAN[arch][1]
        tools |= LEAN_TOOLS | ({f"{cross}gcc": CROSS_PACKAGE[cross]} if cross else {})
    return [package for tool, package in tools.items() if not (os.path.exists(tool) if tool[0] == "/" else shutil.which(tool))]


class Packages:
    """A private apt of one architecture under `root`; never touches the system's own."""

    def __init__(self, arch, suite, root):
        self.root = root
        for sub in ("lists/partial", "cache/archives/partial", "etc/none", "deb"):
            (root / sub).mkdir(parents=True, exist_ok=True)
        (root / "status").touch()
        (root / "etc/sources.list").write_text(
            f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n")
        (root / "apt.conf").write_text(f"""
APT::Architecture "{arch}";
APT::Architectures {{ "{arch}"; }};
APT::Sandbox::User "";
Dir::State "{root}";
Dir::State::status "{root}/status";
Dir::State::lists "{root}/lists";
Dir::Cache "{root}/cache";
Dir::Etc "{root}/etc";
Dir::Etc::parts "{root}/etc/none";
Dir::Etc::sourceparts "{root}/etc/none";
Dir::Etc::preferencesparts "{root}/etc/none";
""")
        self.env = dict(os.environ, APT_CONFIG=str(root / "apt.conf"), LC_ALL="C")
        if not list((root / "lists").glob("*Packages*")):
            run("apt-get", "-q", "update", env=self.env)

    def depends(self, package, only):
        text = output("apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests",
                      "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", package,
                      env=self.env)
        names = {line for line in text.splitlines() if line and line[0].isalnum()}
        return sorted(n for n in names if re.fullmatch(only, n))

    def unpack(self, package, target):
        """Downloads a package once and unpacks it under target."""
        deb = next(iter((self.root / "deb").glob(f"{package}_*.deb")), None)
        if deb is None:
            run("apt-get", "-q", "download", package, env=self.env, cwd=self.root / "deb",
                stdout=subprocess.DEVNULL)
            deb = next((self.root / "deb").glob(f"{package}_*.deb"))
        run("dpkg-deb", "-x", deb, target)


def libraries(root, program):
    """The shared libraries a program needs, directly and indirectly, and its interpreter."""
    found, todo = {}, [program]
    while todo:
        path = todo.pop()
        text = output("readelf", "-dlW", path)
        names = re.findall(r"\(NEEDED\).*\[(.*)\]", text)
        names += [pathlib.Path(p).name for p in re.findall(r"interpreter: (.*)\]", text)]
        for name in names:
            if name not in found:
                hits = [p for p in root.rglob(name) if p.exists()]
                if not hits:
                    sys.exit(f"peer: no package brought {name}, which {path.name} needs")
                found[name] = hits[0].resolve()
                todo.append(hits[0].resolve())
    interpreter = re.search(r"interpreter: (.*)\]", output("readelf", "-lW", program)).group(1)
    return found, interpreter


def kernel_modules(root, target):
    """Copies MODULES and what they depend on; returns their file names in the order of loading."""
    files = {re.sub(r"\.ko.*", "", p.name).replace("-", "_"): p for p in root.rglob("*.ko*")}
    order = []

    def add(name):
        if name not in files or f"{name}.ko" in order:  # built in, or there already
            return
        data = files[name].read_bytes()
        if files[name].suffix == ".xz":
            data = lzma.decompress(data)
        depends = re.search(rb"\0depends=([^\0]*)\0", data).group(1).decode()
        for other in filter(None, depends.split(",")):
            add(other.replace("-", "_"))
        (target / f"{name}.ko").write_bytes(data)
        order.append(f"{name}.ko")

    for name in MODULES:
        add(name)
    return order


def lean_kernel(arch, work, out):
    """Compiles linux-source with allnoconfig and our few options; minutes on one core."""
    march, cross, image, extra = LEAN[arch]
    host = Packages("amd64", SUITE["amd64"], work / "host")
    tree = work / "linux"
    if not (tree / "Makefile").exists():
        host.unpack(SOURCE, work / "source")
        tree.mkdir(exist_ok=True)
        archive = next((work / "source/usr/src").glob("linux-source-*.tar.*"))
        run("tar", "-xf", archive, "-C", tree, "--strip-components=1")
    build = work / f"lean-{arch}"
    build.mkdir(exist_ok=True)
    wanted = (HERE / "lean.config").read_text().split("\n") + extra.split()
    fragment = build / "wanted"
    fragment.write_text("".join(f"CONFIG_{line}\n" for line in wanted if re.match(r"\w+=", line)))
    make = ["make", "-C", tree, f"O={build}", f"ARCH={march}", f"CROSS_COMPILE={cross}"]
    run(*make, "allnoconfig", f"KCONFIG_ALLCONFIG={fragment}", stdout=subprocess.DEVNULL)
    config = (build / ".config").read_text()
    for line in fragment.read_text().split():
        if line.endswith("=y") and line not in config:
            print(f"peer: {arch}: the kernel dropped {line}", file=sys.stderr)
    with open(build / "log", "w") as log:
        done = subprocess.run(list(map(str, ["nice", *make, "-j1", pathlib.Path(image).name])), stdout=log,
                              stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        said = "\n".join((build / "log").read_text().splitlines()[-10:])
        sys.exit(f"{said}\npeer: no {arch} guest: its kernel could not be built; more is in {build / 'log'}")
    shutil.copy(build / image, out)
    if image == "vmlinux":
        run("strip", "-g", out)


def build(arch, suite, lean, top):
    name = f"{arch}-lean" if lean else arch
    out, work = top / name, top / "work"
    if (out / "origin").exists():  # written last
        return out
    out.mkdir(parents=True, exist_ok=True)
    work_arch = work / f"{arch}-{suite}"
    packages = Packages(arch, suite, work_arch)
    root = work_arch / "root"
    only = r"lib.*|busybox-static|qemu-guest-agent|gcc-\d+-base"
    for package in [*packages.depends("qemu-guest-agent", only), "busybox-static"]:
        packages.unpack(package, root)

    stage = work_arch / ("stage-lean" if lean else "stage")
    shutil.rmtree(stage, ignore_errors=True)
    for sub in ("bin", "lib", "dev", "proc", "sys", "run", "tmp", "etc"):
        (stage / sub).mkdir(parents=True)
    shutil.copy(next(root.rglob("bin/busybox")), stage / "bin")
    agent = next(root.rglob("sbin/qemu-ga"))
    shutil.copy(agent, stage / "bin")
    found, interpreter = libraries(root, agent)
    for library, path in found.items():
        shutil.copy(path, stage / "lib" / library)
    target = stage / interpreter.lstrip("/")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to("/lib/" + pathlib.Path(interpreter).name)
    (stage / "etc/os-release").write_text('NAME="peer"\n')

    if lean:
        lean_kernel(arch, work, out / "kernel")
        names = []
    else:
        # Since Debian 14 the kernel and its modules are packages of their own.
        only = r"linux-(image|binary|modules)-[0-9].*"
        for package in packages.depends(f"linux-image-{arch}", only):
            packages.unpack(package, work_arch / "kernel")
        shutil.copy(next((work_arch / "kernel").rglob("vmlinu[xz]*")), out / "kernel")
        names = kernel_modules(work_arch / "kernel", stage / "lib")
    load = "\n".join(f"busybox insmod /lib/{n}" for n in names)
    # A virtserialport never is port 0; the devices of a run have one port each.
    (stage / "init").write_text(INIT % (load, "0p1", "0p1"))
    (stage / "init").chmod(0o755)
    files = output("find", ".", "-mindepth", "1", cwd=stage)
    with open(out / "initrd", "wb") as initrd:
        run("cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet", cwd=stage, input=files.encode(),
            stdout=initrd)
    (out / "origin").write_text(f"Debian {suite}\n")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("arch", choices=SUITE)
    parser.add_argument("--lean", action="store_true")
    parser.add_argument("--suite", help="Debian's release to take packages of")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/peer"))
    args = parser.parse_args()
    if lacking := missing(args.arch, args.lean):
        sys.exit(f"peer: no {args.arch} guest: to build it, as root: apt-get install --no-install-recommends {' '.join(lacking)}")
    try:
        suite = args.suite or SUITE[args.arch]
        print(build(args.arch, suite, args.lean, args.out.resolve()))
    except subprocess.CalledProcessError as error:
        sys.exit(f"peer: no {args.arch} guest: {' '.join(map(str, error.cmd))} failed")


if __name__ == "__main__":
    main()
