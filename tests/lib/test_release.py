# SPDX-License-Identifier: MIT
"""`make dist`: the same bytes in another directory at another time, and what it says of itself is so.

Of images only the smallest board's: all of them, the disks too, are compared by hand, for it takes minutes.
"""
import hashlib
import json
import os
import re
import subprocess

import pytest

from guest import ROOT

PARTS = ["DIST=source images qgactl", "BOARDS=mps2-an385-min"]


def release(directory, of=ROOT):
    directory.parent.mkdir(parents=True)
    subprocess.run(["git", "clone", "-q", "--shared", of, directory], check=True)
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")} | {"TZ": "Asia/Tokyo"}
    subprocess.run(["make", "-s", "dist", *PARTS], cwd=directory, env=env, stdout=subprocess.DEVNULL, check=True)
    return directory / "build" / "dist"


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    return release(tmp_path_factory.mktemp("one") / "a" / "bareqga")


def files(dist):
    return {str(p.relative_to(dist)): p for p in dist.rglob("*") if p.is_file()}


def test_same_bytes_elsewhere(dist, tmp_path):
    again = release(tmp_path / "a-longer-name" / "below" / "x", of=dist.parents[1])
    one, two = files(dist), files(again)
    assert set(one) == set(two)
    assert [name for name in one if one[name].read_bytes() != two[name].read_bytes()] == []


def test_sums_and_materials(dist):
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=dist, check=True)
    listed = {line.split(maxsplit=1)[1] for line in (dist / "SHA256SUMS").read_text().splitlines()}
    assert listed == set(files(dist)) - {"SHA256SUMS"}
    assert {"images/mps2-an385-min/bareqga.elf", "CHANGELOG.md", "LICENSE"} <= listed
    bill = json.loads(next(dist.glob("*.spdx.json")).read_text())
    assert bill["spdxVersion"] == "SPDX-2.3"
    for row in bill["files"]:
        data = (dist / row["fileName"]).read_bytes()
        for sum_ in row["checksums"]:
            assert hashlib.new(sum_["algorithm"].lower(), data).hexdigest() == sum_["checksumValue"]
    assert {row["fileName"][2:] for row in bill["files"]} == listed - {f"{next(dist.glob('*.spdx.json')).name}"}
    known = {row["SPDXID"] for row in bill["files"] + bill["packages"]} | {"SPDXRef-DOCUMENT"}
    for row in bill["relationships"]:
        assert {row["spdxElementId"], row["relatedSpdxElement"]} <= known
    assert all(row["versionInfo"] != "NOASSERTION" for row in bill["packages"] if row["name"] == "libjansson-dev")


def test_signed(dist, tmp_path):
    """As SECURITY.md says: what was signed verifies, neither another list nor another's key does; no key, no release."""
    key = tmp_path / "key"
    for path in key, tmp_path / "other":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    source = dist.parents[1]

    def make(signer):
        return subprocess.run(["make", "-s", "dist", "DIST=", f"SIGN={signer}", f"BUILD={tmp_path}"], cwd=source, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert make(key).returncode == 0
    signed = tmp_path / "dist"
    line = re.search(r"^ssh-keygen -Y verify.*$", (ROOT / "SECURITY.md").read_text(), re.M)[0]

    def verifies(public):
        (signed / "signers").write_text(f"release@example.org {public.read_text()}")
        return subprocess.run(line, shell=True, cwd=signed, capture_output=True).returncode == 0
    assert verifies(tmp_path / "key.pub") and not verifies(tmp_path / "other.pub")
    with open(signed / "SHA256SUMS", "a") as sums:
        sums.write(f"{'0' * 64}  trojan\n")
    assert not verifies(tmp_path / "key.pub")

    for signer, says in (tmp_path / "none", "there is no such file"), (ROOT / "LICENSE", "names no SSH key that signs"):
        refused = make(signer)
        assert refused.returncode and "dist: " in refused.stderr and says in refused.stderr


def test_nothing_tells_where_it_was_made(dist):
    """Neither in images nor in qgactl, which runs by itself."""
    place = str(dist.parents[1]).encode()
    for name, path in files(dist).items():
        assert place not in path.read_bytes(), name
    program = next(dist.glob("qgactl-*-*"))
    said = subprocess.run([program, "--version"], env={}, text=True, capture_output=True, check=True).stdout
    assert said.strip() == f"qgactl {program.name.split('-')[1]}"
    assert b"statically linked" in subprocess.run(["file", program], capture_output=True, check=True).stdout
