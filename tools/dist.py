# SPDX-License-Identifier: MIT
"""dist.py DIRECTORY PART... - what a stranger downloads, of what is committed.

    source      bareqga-VERSION.tar.gz and -amalgamation.tar.gz
    images      images/BOARD/: bareqga.elf, and what else the board is started from
    disks       bareqga.iso, bareqga.qcow2
    qgactl      one file that needs no library, with its manual page

and always LICENSE, CHANGELOG.md, a bill of materials (SPDX 2.3) and SHA256SUMS. All is built from the source tarball, so
it is the same bytes wherever and whenever it is done with the same tools; times are those of the commit.
$BOARDS: those of images, if not all. $SIGN: the file of an SSH key, which signs SHA256SUMS (ssh-keygen(1), -Y sign).
"""
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Debian package -> licence, of what ends up in each part.
INSIDE = {"images": {"libjsmn-dev": "MIT", "picolibc-riscv64-unknown-elf": "BSD-3-Clause", "picolibc-arm-none-eabi": "BSD-3-Clause",
                     "picolibc-aarch64-linux-gnu": "BSD-3-Clause"},
          "disks": {"grub-pc-bin": "GPL-3.0-or-later"},
          "qgactl": {"libc6-dev": "LGPL-2.1-or-later", "libjansson-dev": "MIT", "libedit-dev": "BSD-3-Clause",
                     "libncurses-dev": "X11", "libbsd-dev": "BSD-3-Clause", "libmd-dev": "BSD-3-Clause"}}


def output(*words, cwd=ROOT):
    return subprocess.run(words, cwd=cwd, text=True, stdout=subprocess.PIPE, check=True).stdout.strip()


class Dist:
    def __init__(self, directory):
        self.out, self.src = directory, directory.parent / f"{directory.name}.d" / "source"
        self.epoch = output("git", "log", "-1", "--format=%ct")
        header = output("git", "show", "HEAD:include/bareqga.h")
        self.version = re.search(r'^#define BAREQGA_VERSION +"(.*)"', header, re.M)[1]
        self.name = f"bareqga-{self.version}"
        self.env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD", "BOARD")}
        self.env |= {"SOURCE_DATE_EPOCH": self.epoch, "LC_ALL": "C", "TZ": "UTC"}
        for path in (self.out, self.src):
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(["tar", "-C", self.src, "-x"], input=archive, check=True)

    def make(self, *words):
        """In the source that is given out; what compilers note of places is cut off."""
        done = subprocess.run(["make", "-s", f"-j{os.cpu_count()}", f"EXTRA_CFLAGS=-ffile-prefix-map={self.src}=.", *words], cwd=self.src,
                              env=self.env, text=True, stdout=subprocess.PIPE)
        if done.returncode:
            sys.exit(f"dist: make {' '.join(words)} has failed")
        return done.stdout.strip()

    def tar(self, folder, name):
        """A folder as a tarball in which nothing tells who made it, where and when."""
        def alike(info):
            info.mtime, info.uid, info.gid, info.uname, info.gname = int(self.epoch), 0, 0, "", ""
            info.mode = 0o755 if info.mode & 0o100 else 0o644
            return info
        with open(self.out / f"{name}.tar.gz", "wb") as raw, \
                gzip.GzipFile("", "wb", 9, raw, int(self.epoch)) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
            for path in sorted(p for p in folder.rglob("*") if not p.is_dir()):
                tar.add(path, f"{name}/{path.relative_to(folder)}", filter=alike)

    def strip(self, path, to, *how):
        to.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*how, path, to], check=True)

    # Parts

    def source(self):
        self.tar(self.src, self.name)
        folder = self.src.parent / "amalgamation"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        subprocess.run([sys.executable, self.src / "tools" / "amalgamate.py", folder], check=True)
        self.tar(folder, f"{self.name}-amalgamation")

    def images(self):
        for board in os.environ.get("BOARDS", "").split() or self.make("list").split():
            if self.make(f"BOARD={board}", "print-NATIVE"):
                continue
            self.make(f"BOARD={board}", "all")
            built, to = self.src / "build" / board, self.out / "images" / board
            cross = self.make(f"BOARD={board}", "print-CROSS")
            self.strip(built / "bareqga.elf", to / "bareqga.elf", f"{cross}objcopy", "--strip-debug")
            for other in ("Image", "bzImage"):
                if (built / f"bareqga.{other}").exists():
                    shutil.copy(built / f"bareqga.{other}", to)
            if (self.src / "boards" / board / "flash.ld").exists():
                self.make(f"BOARD={board}", "flash")
                for ending in ("bin", "hex"):
                    shutil.copy(self.src / "build" / f"{board}-flash" / f"bareqga.{ending}", to / f"bareqga-flash.{ending}")

    def disks(self):
        self.make("iso", "disk")
        for ending in ("iso", "qcow2"):
            shutil.copy(self.src / "build" / f"bareqga.{ending}", self.out / f"{self.name}.{ending}")

    def qgactl(self):
        self.make("STATIC=1", f"QGACTL_VERSION={self.version}", "qgactl")
        to = self.out / f"qgactl-{self.version}-{os.uname().machine}"
        self.strip(self.src / "build" / "qgactl-static", to, "objcopy", "--strip-all")
        to.chmod(0o755)
        shutil.copy(self.src / "tools" / "qgactl" / "qgactl.1", self.out)

    # What tells what it is

    def files(self):
        return sorted(p for p in self.out.rglob("*") if p.is_file())

    def materials(self, parts):
        """SPDX 2.3: each file, and what of others is inside."""
        packages = {package: licence for part in parts for package, licence in INSIDE.get(part, {}).items()}
        document = {
            "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": self.name,
            "documentNamespace": f"https://spdx.org/spdxdocs/{self.name}-{output('git', 'rev-parse', 'HEAD')}",
            "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(self.epoch))),
                             "creators": [f"Tool: bareqga-dist-{self.version}"]},
            "packages": [self.package("bareqga", self.version, "MIT")], "files": [],
            "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                               "relatedSpdxElement": "SPDXRef-bareqga"}]}
        for name, licence in packages.items():
            done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], text=True, capture_output=True)
            document["packages"].append(self.package(name, done.stdout or "NOASSERTION", licence))
            document["relationships"].append({"spdxElementId": "SPDXRef-bareqga", "relationshipType": "CONTAINS",
                                              "relatedSpdxElement": f"SPDXRef-{name}"})
        for at, path in enumerate(self.files()):
            data = path.read_bytes()
            document["files"].append({
                "SPDXID": f"SPDXRef-File-{at}", "fileName": f"./{path.relative_to(self.out)}", "copyrightText": "NOASSERTION",
                "licenseConcluded": "NOASSERTION", "checksums": [
                    {"algorithm": kind.upper(), "checksumValue": hashlib.new(kind, data).hexdigest()} for kind in ("sha1", "sha256")]})
            document["relationships"].append({"spdxElementId": "SPDXRef-bareqga", "relationshipType": "CONTAINS",
                                              "relatedSpdxElement": f"SPDXRef-File-{at}"})
        (self.out / f"{self.name}.spdx.json").write_text(json.dumps(document, indent=1) + "\n")

    @staticmethod
    def package(name, version, licence):
        return {"SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
                "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION"}

    def sums(self):
        lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(self.out)}\n" for path in self.files()]
        (self.out / "SHA256SUMS").write_text("".join(lines))

    def sign(self, key):
        """SHA256SUMS.sig, of the namespace "bareqga", so that no signature for something else passes for one."""
        if subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "bareqga", "-f", key, self.out / "SHA256SUMS"]).returncode:
            sys.exit(f"dist: SHA256SUMS is not signed: SIGN={key} names no SSH key that signs")


def main(directory, *parts):
    key = os.environ.get("SIGN")
    if key and not pathlib.Path(key).is_file():
        sys.exit(f"dist: SIGN={key}: there is no such file; ssh-keygen makes a key")
    if key and not shutil.which("ssh-keygen"):
        sys.exit("dist: SIGN= wants ssh-keygen; on Debian: apt-get install openssh-client")
    if subprocess.run(["git", "rev-parse", "-q", "--verify", "HEAD"], cwd=ROOT, capture_output=True).returncode:
        sys.exit("dist: this is no git repository, and what is given out is what git has")
    dist = Dist(pathlib.Path(directory).resolve())
    for part in parts:
        getattr(dist, part)()
    for name in ("LICENSE", "CHANGELOG.md"):
        shutil.copy(dist.src / name, dist.out)
    dist.materials(parts)
    dist.sums()
    if key:
        dist.sign(key)
    for path in dist.files():
        print(f"{path.stat().st_size:>10,}  {path.relative_to(dist.out)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
