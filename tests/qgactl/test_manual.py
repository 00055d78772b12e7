# SPDX-License-Identifier: MIT
"""What is written about qgactl, and what completes it: nothing is missing, nothing is wrong."""
import re
import shutil
import subprocess

import pytest

import guest as guests
from guest import HAS_SYS, ROOT

SOURCE = ROOT / "tools" / "qgactl"


def rows(qgactl, *name):
    return [line.split("\t")[0] for line in qgactl.ok("--list", *name).splitlines()]


def test_manual_page_has_every_command_and_option(qgactl):
    page = subprocess.run(["mandoc", "-Tascii", SOURCE / "qgactl.1"], text=True, capture_output=True, check=True).stdout
    page = re.sub(r".\x08", "", page)
    for command in rows(qgactl):
        assert re.search(rf"^ {{5}}([a-z]+ \| )*{command}\b", page, re.M), command
        for option in rows(qgactl, command):
            assert option in page or f"{option} " in page, (command, option)


def test_manual_page_is_well_formed():
    done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", SOURCE / "qgactl.1"], text=True, capture_output=True)
    assert done.stdout == "" and done.returncode == 0, done.stdout


def test_exit_statuses_are_documented():
    codes = dict(re.findall(r"^\t(FAIL_\w+|OK) = (\d+)", (SOURCE / "fail.h").read_text(), re.M))
    page = (SOURCE / "qgactl.1").read_text().split(".Sh EXIT STATUS")[1]
    assert len(codes) == 12
    for name, code in codes.items():
        assert re.search(rf"^\.It {code}$|\b{code} if", page, re.M), (name, code)


def test_guide_runs(agent):
    """docs/QGACTL.md: each line of its transcripts that begins with qgactl is run."""
    text = (ROOT / "docs" / "QGACTL.md").read_text()
    lines = [line[2:].split("#")[0] for line in re.findall(r"^    (\$ qgactl .*)$", text, re.M)]
    assert len(lines) >= 8
    (agent.dir / "test.sh").write_text("echo well\n")
    (agent.dir / "bin").mkdir()
    (agent.dir / "bin" / "qgactl").symlink_to(agent.program)
    env = agent.env | {"PATH": f"{agent.dir}/bin:{agent.env['PATH']}"}
    for line in lines:
        if line.startswith("qgactl exec -- sh") and not agent.linux:
            continue
        if re.match("qgactl (disks|cpus)", line) and agent.linux and not HAS_SYS:
            continue
        done = subprocess.run(["sh", "-c", line], env=env, cwd=agent.dir, stdin=subprocess.DEVNULL,
                              text=True, capture_output=True, timeout=60)
        assert done.returncode == 0, (line, done)


@pytest.fixture
def path(qgactl):
    (qgactl.dir / "bin").mkdir()
    (qgactl.dir / "bin" / "qgactl").symlink_to(qgactl.program)
    return qgactl.env | {"PATH": f"{qgactl.dir}/bin:/usr/bin:/bin"}


def complete_bash(path, *words):
    script = f"""source {SOURCE}/completion/qgactl.bash
        compopt() {{ :; }}
        COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}
        _qgactl; printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "--norc", "-c", script], env=path, text=True, capture_output=True)
    assert done.returncode == 0 and done.stderr == "", done
    return done.stdout.split()


def complete_fish(path, *words):
    line = " ".join(words)
    done = subprocess.run(["fish", "--no-config", "-c", f"source {SOURCE}/completion/qgactl.fish; complete -C '{line}'"],
                          env=path, text=True, capture_output=True)
    assert done.returncode == 0 and done.stderr == "", done
    return [entry.split("\t")[0] for entry in done.stdout.splitlines()]


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_completion(path, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    complete = {"bash": complete_bash, "fish": complete_fish}[shell]
    assert set(complete(path, "qgactl", "sh")) == {"shell", "shutdown"}
    assert set(complete(path, "qgactl", "-T", "unix:/x", "pi")) == {"ping"}
    assert "--resume" in complete(path, "qgactl", "get", "--re")
    assert "--resume" not in complete(path, "qgactl", "ping", "--")
    assert "unix:" in complete(path, "qgactl", "-T", "un")
    assert set(complete(path, "qgactl", "ping", "--color", "al")) == {"always"}


def test_completion_of_zsh_parses():
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    subprocess.run(["zsh", "-n", SOURCE / "completion" / "_qgactl"], check=True)


def test_zsh_completes(path, tmp_path):
    """In a terminal, as nothing else calls it."""
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    from screen import Screen
    (tmp_path / ".zshrc").write_text(f"fpath=({SOURCE}/completion $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"
                                     f"PATH={path['PATH']}\nPS1='> '\n")
    env = path | {"QGACTL_TARGET": "", "HOME": str(tmp_path)}
    with Screen(tmp_path, 100, 40, ["zsh"], env) as screen:
        screen.wait_for(">")
        screen.keys("qgactl crash --ver", "Tab")
        screen.wait_for("qgactl crash --verbose")
        screen.keys("C-u", "qgactl shutd", "Tab")
        screen.wait_for("qgactl shutdown")


def test_installs(tmp_path):
    guests.make_alone(f"DESTDIR={tmp_path}", "PREFIX=/usr", "install-qgactl", lock="-qgactl")
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"usr/bin/qgactl", "usr/share/man/man1/qgactl.1", "usr/share/bash-completion/completions/qgactl",
                     "usr/share/zsh/site-functions/_qgactl", "usr/share/fish/vendor_completions.d/qgactl.fish"}
    assert subprocess.run([tmp_path / "usr/bin/qgactl", "--version"], text=True, capture_output=True).stdout.startswith("qgactl ")


@pytest.mark.parametrize("how", [["STATIC=1"], ["CC=clang"]])
def test_other_builds(agent, how):
    """One file without libraries, and another compiler: they are built without a warning, and they work."""
    from conftest import build
    agent.program = build(*how)
    agent.ok("ping")
    agent.ok("info")
    if how == ["STATIC=1"]:
        said = subprocess.run(["file", agent.program], text=True, capture_output=True).stdout
        assert "statically linked" in said
