# SPDX-License-Identifier: MIT
"""The short form of `make prove`: each proof once, and for each a fault that it must notice."""
import shutil

import pytest

import prove
from guest import ROOT

CBMC = ROOT / "build/cbmc/cbmc"
FILES = sorted([*prove.PROOFS.glob("*.pml"), *prove.PROOFS.glob("*.c")])
SHORT = [(proof, *line) for proof in FILES for line in prove.lines(proof, short=True)]


@pytest.mark.parametrize("proof, kind, name, rest", SHORT, ids=[f"{p.name}-{k}-{n}" for p, k, n, _ in SHORT])
def test_holds_and_bites(proof, kind, name, rest):
    if proof.suffix == ".pml" and not shutil.which("spin"):
        pytest.skip("spin is not here")
    if proof.suffix == ".c" and not CBMC.exists():
        pytest.skip("tests/tools/cbmc.sh has not brought cbmc")
    good, said = prove.prove(str(CBMC), proof, kind, name, rest)
    assert good, said


@pytest.mark.parametrize("proof", FILES, ids=lambda p: p.name)
def test_each_proof_runs_and_has_teeth(proof):
    for short in True, False:
        kinds = [kind for kind, _, _ in prove.lines(proof, short)]
        assert "run" in kinds and "teeth" in kinds
    runs = {name for kind, name, _ in prove.lines(proof) if kind == "run"}
    if proof.suffix == ".c":
        assert runs == {name for kind, name, _ in prove.lines(proof) if kind == "teeth"}


@pytest.mark.parametrize("path, function, text", prove.places(prove.PROOFS / "handover.pml"),
                         ids=lambda at: at if "(" not in at else "")
def test_a_step_of_the_model_is_in_the_source(path, function, text):
    body = prove.body(path, function)
    assert body, f"{path} has no {function}()"
    assert " ".join(text.split()) in body


def test_the_places_are_found():
    """As many as are written down; and a text that is not there is missed."""
    model = prove.PROOFS / "handover.pml"
    assert len(prove.places(model)) == model.read_text().count("(): ") - 1 > 20
    assert "barrier_before_publish()" not in prove.body("hal/virtio/virtqueue.c", "qga_virtq_free")
    assert prove.body("hal/virtio/virtqueue.c", "qga_virtq_none") is None


@pytest.mark.parametrize("proof", [f for f in FILES if f.suffix == ".c"], ids=lambda p: p.name)
def test_each_tooth_changes_the_source(proof):
    for kind, _, rest in prove.lines(proof):
        if kind == "teeth":
            path, text = prove.change_of(proof, rest)
            assert text != (ROOT / path).read_text()


def test_each_tooth_of_the_model_is_run():
    model = prove.PROOFS / "handover.pml"
    named = {name for kind, name, _ in prove.lines(model) if kind == "teeth"}
    assert named == set(prove.re.findall(r"TEETH_([A-Z][A-Z_]+)", model.read_text().partition("*/")[2]))
