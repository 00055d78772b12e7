# SPDX-License-Identifier: MIT
"""`qgactl conformance`: it finds nothing where nothing is, and something where something is."""
import json
import re
import shutil
import subprocess

import pytest

import agents
import conformance
import peers
import stream
from conftest import NO_SYS, Agent, start_agent
from guest import HAS_SYS, ROOT

DATA = json.loads(conformance.DATA.read_text())
VERDICTS = ["same", "wording", "known", "differs", "skipped"]


def board(agent, *words, code=0):
    done = agent.run("-q", "--timeout", "30", "conformance", "--json", *words, timeout=400)
    found = json.loads(done.out)
    assert done.code == code, (done, [row for row in found["others"] if row["verdict"] == "differs"])
    return found


@pytest.fixture(scope="module")
def host(program, tmp_path_factory):
    """bareqga as a process, with files and programs."""
    import test_corpus
    import guest as guests
    guests.build(test_corpus.HOST.board, test_corpus.HOST.app)
    with agents.Bareqga(test_corpus.HOST) as peer:
        peer.socket.close()
        yield Agent(program, peer.socket_path, tmp_path_factory.mktemp("host"), "host", peer)


@pytest.fixture(scope="module")
def real(program, tmp_path_factory):
    import contextlib
    with contextlib.ExitStack() as stack:
        sock, where = start_agent("qemu-ga", stack)
        yield Agent(program, sock, tmp_path_factory.mktemp("real"), "qemu-ga", where)


def test_real_qemu_ga(real):
    """Whole; nothing but the words may be other than recorded, with a version that was not recorded."""
    if not HAS_SYS:
        pytest.skip(NO_SYS)
    process = real.start("-q", "--timeout", "30", "conformance", "--json", "--destructive")
    found = json.loads(process.communicate(timeout=400)[0])
    assert process.returncode == 0 and found["all"]["differs"] == found["all"]["known"] == 0, found["others"]
    assert found["all"]["same"] + found["all"]["wording"] > 4500
    if agents.version() in found["references"]:
        assert found["all"]["wording"] == 0, found["others"]
    assert not list(agents.pathlib.Path("/tmp").glob(f"qgactl-conformance-{process.pid}-*"))


def test_bareqga(host):
    found = board(host, "--destructive")
    assert found["all"]["differs"] == 0, found["others"]
    known = {row["why"] for row in found["others"] if row["verdict"] == "known"}  # a busy machine may skip long streams
    assert {"infinity", "nesting", "directory"} <= known <= {"infinity", "size", "count", "nesting", "directory"}
    assert sum(found["all"].values()) == len(DATA["cases"])


def test_boards(agent):
    """As in docs/CONFORMANCE.md, in topics that cost little."""
    if agent.linux:
        pytest.skip("the real agent is held by test_real_qemu_ga")
    topics = ["framing", "files", "exec", "timing", "reconnect"]
    found = board(agent, *(word for topic in topics for word in ("--topic", topic)))
    assert found["all"]["differs"] == 0, found["others"]
    assert found["all"]["same"] > 300
    if agent.kind.endswith("-vsock"):
        return  # the document has the other channels
    text = (ROOT / "docs" / "CONFORMANCE.md").read_text()
    heading = re.search(r"^\| agent \| (.*) \|$", text, re.M)[1].split(" | ")
    row = re.search(rf"^\| `{agent.kind.split('-legacy')[0].removesuffix('-uart')}`, (?:{'uart' if 'uart' in agent.kind else 'virtio'}) \| (.*) \|$", text, re.M)
    cells = dict(zip(heading, row[1].split(" | ")))
    assert {t: conformance.cell(found["topics"][t]) for t in topics} == {t: cells[t] for t in topics}


def test_its_streams_are_those_of_the_corpus():
    """As they stand there; with bytes one by one, or a pause, there are more of some."""
    corpus = {case.name: case.written for case in stream.load()}
    played = {row["name"]: row["stream"] for row in DATA["cases"] if "/" not in row["name"]}
    assert len(played) > 4400
    assert {name: text for name, text in played.items() if corpus.get(name) != text} == {}


def test_nothing_differs_in_the_document():
    text = (ROOT / "docs" / "CONFORMANCE.md").read_text()
    rows = re.findall(r"^\| (?:qemu-ga|`).*$", text, re.M)
    assert len(rows) >= 10 and not [row for row in rows if "differ" in row]


def test_harm_only_when_asked(host):
    """The streams that might: not one byte of them is sent."""
    harmful = {row["name"] for row in DATA["cases"] if row.get("harm")}
    assert len(harmful) > 200
    words = " ".join(d.decode() for d in agents.DANGEROUS).split()
    for row in DATA["cases"]:
        assert row.get("harm") or not any(f"-{word}" in row["stream"] for word in words), row
    found = board(host, "--topic", "arguments")
    assert {r["name"] for r in found["others"] if r.get("why") == "--destructive"} <= harmful
    found = host.run("-v", "-q", "conformance", "--topic", "arguments")
    assert "guest-shutdown" not in found.err


@pytest.mark.parametrize("wrong, says", [
    ("class", "differs"), ("twice", "differs"), ("value", "differs"), ("words", "wording"), ("id", "differs")])
def test_what_an_agent_does_wrong_is_found(host, wrong, says):
    """A bareqga whose answers are changed on the way."""
    change = {
        "class": lambda line: line.replace(b'"CommandNotFound"', b'"GenericError"'),
        "twice": lambda line: line + line if line == b'{"return": {}}' + b"\n" else line,
        "value": lambda line: line.replace(b'{"return": {}', b'{"return": []'),
        "words": lambda line: line.replace(b"JSON parse error", b"no JSON"),
        "id": lambda line: line.replace(b'"id": 1', b'"id": 2')}[wrong]

    def handle(client):
        import socket
        import threading
        inner = socket.socket(socket.AF_UNIX)
        inner.connect(str(host.sock))

        def back():
            for line in inner.makefile("rb"):
                client.sendall(change(line))
        threading.Thread(target=back, daemon=True).start()
        while data := client.recv(1 << 16):
            inner.sendall(data)
        inner.shutdown(socket.SHUT_RDWR)
        inner.close()

    with peers.Server(host.dir, handle) as server:
        bad = Agent(host.program, server.path, host.dir, "bad", None)
        found = board(bad, "--topic", "framing", "--topic", "arguments", code=7 if says == "differs" else 0)
        assert found["all"][says] > 5
        if says == "wording":
            assert board(bad, "--strict", "--topic", "framing", code=7)["all"]["wording"] > 5
    server.listener.close()
    (host.dir / "peer.sock").unlink()


def test_an_agent_that_dies(host, tmp_path):
    """It comes back, and each stream is one that differs."""
    def answer(line, n):
        if b"guest-info" in line:
            return b'{"return": {"version": "1", "supported_commands": []}}\n'
        raise ConnectionError

    with peers.Server(tmp_path, peers.agent(answer)) as server:
        bad = Agent(host.program, server.path, host.dir, "bad", None)
        done = bad.run("-q", "--timeout", "10", "conformance", "--json", "--topic", "reconnect")
        found = json.loads(done.out)
        assert done.code == 7 and found["all"]["differs"] > 5
        assert {"the connection ended", "no answer"} & {row.get("why") for row in found["others"]}


def test_bad_words(host):
    host.fails(2, "conformance", "--topic", "nothing", says="no topic 'nothing'")
    host.fails(6, "conformance", "--topic", "reconnect", "--html", "/nowhere/x.html", says="/nowhere/x.html")


def test_page(host):
    """In a browser: every row is there, nothing lies over anything, nothing is fetched."""
    browser = shutil.which("chromium")
    if not browser:
        pytest.skip("chromium is not installed")
    done = host.run("-q", "conformance", "--topic", "limits", "--topic", "framing", "--html", "page.html")
    assert done.code == 0
    page = host.dir / "page.html"
    text = page.read_text()
    assert "http" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.S) and "<script" not in text
    run = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={host.dir}/profile"]
    dom = subprocess.run([*run, "--dump-dom", page.as_uri()], text=True, capture_output=True, timeout=120).stdout
    cells = re.findall(r"<td[^>]*>(\d+)</td>", dom)
    assert len(cells) == 3 * len(VERDICTS)
    assert cells[-5:] == re.search(r"^all +(.*)$", done.out, re.M)[1].split()
    assert dom.count("<details") == len(re.findall("<details>", text)) > 10
    picture = ROOT / "build" / "qgactl-pictures" / "conformance.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([*run, f"--screenshot={picture}", "--window-size=1100,1400", page.as_uri()], capture_output=True, timeout=120)
    assert picture.read_bytes().startswith(b"\x89PNG")
