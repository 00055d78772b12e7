# SPDX-License-Identifier: MIT
"""Nothing is documented that is not executed: README's commands, its transcript, its tables."""
import os
import re
import shlex
import signal
import subprocess
from xml.etree import ElementTree

import pytest

from guest import ROOT, TIMEOUT, choice, machines

README = ROOT / "README.md"
TEXT = README.read_text() if README.exists() else ""
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.M | re.S)
COMMANDS = [line.split("#")[0].strip() for kind, block in BLOCKS if kind == "sh"
            for line in block.splitlines() if line.startswith("make")]
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def sh(line, **more):
    return subprocess.run(line, shell=True, cwd=ROOT, env=ENVIRONMENT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20 * TIMEOUT, **more)


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_command_exists(command):
    """make knows it; what it does is tested under its own name."""
    done = sh(command.replace("make", "make -n", 1))
    assert done.returncode == 0, done.stdout


READERS = [block for kind, block in BLOCKS if kind == "sh"][:3]


@pytest.mark.xdist_group("readers")
@pytest.mark.parametrize("block", READERS, ids=["host-software", "unikernel", "microvm"])
def test_three_commands_for_each_reader(block, tmp_path):
    """They are run as they stand, but for where sockets and files go."""
    lines = [line.partition("  #")[0].rstrip() for line in block.splitlines()]
    assert len(lines) == 3 and "/tmp/" in block
    script = "\n".join(["set -e", "trap 'kill $! 2>/dev/null || :' EXIT", *lines]).replace("/tmp/", f"{tmp_path}/")
    locks = "flock build/.lock flock build/.lock-qgactl"
    (ROOT / "build").mkdir(exist_ok=True)
    done = sh(f"{locks} bash -c {shlex.quote(script)}")
    assert done.returncode == 0, done.stdout
    if lines[-1].startswith("PKG_CONFIG"):
        assert "-lbareqga" in done.stdout
        assert (ROOT / "build/embed/riscv64-least.elf").exists()


def test_pictures_are_of_what_is_shown():
    """`make run` as README has it, but for numbers; both are XML without anything that runs or is fetched."""
    def shown(name):
        tree = ElementTree.parse(ROOT / "docs" / name)
        tags = {element.tag.partition("}")[2] for element in tree.iter()}
        assert tags <= {"svg", "title", "rect", "circle", "text"}, tags
        return [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    transcript = re.search(r"<!-- transcript -->\n```\n(.*?)```", TEXT, re.S)[1]
    words = re.sub(r"\d+", "N", " ".join(shown("run.svg")[1:])).split()
    assert words == re.sub(r"\d+", "N", transcript).split()
    assert any(line.endswith("answers") for line in shown("top.svg"))


def test_help_names_what_can_be_set():
    text = sh("make -s help").stdout
    for name in ("BOARD TARGET VIRTIO CHANNEL ACCEL APP FLASH OPT CC BUILD V SOCK QMP LOG QEMU_EXTRA QEMU_PREFIX "
                 "QEMU_NEW VMM MACHINE").split():
        assert re.search(rf"(^|\s){name}=", text), name


@pytest.mark.parametrize("target", ("run", "shell", "qemu-cmd"))
def test_wrong_choice_costs_nothing(target, tmp_path):
    """It is said before anything is installed, compiled or started."""
    for choice in "CHANNEL=bar", "ACCEL=bar", "VIRTIO=bar":
        done = sh(f"make BUILD={tmp_path}/build BOARD=virt-riscv64 {choice} {target}")
        assert done.returncode == 2, done.stdout
        name = choice.partition("=")[0]
        assert re.fullmatch(rf"Makefile:\d+: \*\*\* BOARD=virt-riscv64 has no {choice}; {name}=... is one of: .*\. +Stop\.\n",
                            done.stdout)
        assert not (tmp_path / "build").exists()


def test_qemu_that_is_asked_for(tmp_path):
    """QEMU_NEW and QEMU_PREFIX name the QEMU that is printed, or what is missing."""
    name = tmp_path / "qemu-new/bin/qemu-system-riscv64"
    asked = f"make -s BUILD={tmp_path} QEMU_NEW=1 qemu-cmd"
    assert f'*** {name} is not here; "make qemu-new" unpacks it' in sh(asked).stdout
    name.parent.mkdir(parents=True)
    name.touch()
    for line in asked, f"make -s QEMU_PREFIX={name.parent}/ qemu-cmd":
        assert sh(line).stdout.startswith(f"{name} -M virt"), line
    assert sh("make -s qemu-cmd").stdout.split()[0].split("/")[-1] == "qemu-system-riscv64"
    assert f"{tmp_path}/x/qemu-system-riscv64 is not here" in sh(f"make -s QEMU_PREFIX={tmp_path}/x/ qemu-cmd").stdout


@pytest.mark.parametrize("board", [*machines(), "x86_64:pc"])
def test_run(board):
    done = sh(f"make -s {' '.join(choice(board))} run")
    assert done.returncode == 0, done.stdout
    assert re.search(r'guest-sync-delimited", "arguments": \{"id": (\d+)\}\}\n +\\xff \{"return": \1\}', done.stdout)


def test_shell_and_the_lines_it_prints():
    """Both ready-to-paste lines work as they are printed; Ctrl-C ends the guest and removes its socket."""
    process = subprocess.Popen(["make", "-s", "shell"], cwd=ROOT, env=ENVIRONMENT, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
    try:
        printed = []
        for line in process.stdout:
            printed.append(line.strip())
            if "Ctrl-C" in line:
                break
        lines = [line for line in printed if "UNIX-CONNECT" in line and "READLINE" not in line or
                 line.startswith("python3")]
        assert len(lines) == 2, printed
        for line in lines:
            # A second for the answer is enough for a person, not always beside other tests.
            done = sh(line.replace("socat -t1 ", "socat -t10 "))
            assert done.returncode == 0 and '{"return": {' in done.stdout, (line, done.stdout)
        sock = printed[0].split()[-1]
        assert os.path.exists(sock)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
    assert not os.path.exists(sock)


@pytest.mark.parametrize("command, says", [
    ("make BOARD=no-such-board", "there is no board \"no-such-board\"; BOARD=... is one of: "),
    ("make BOARD=q35-x86_64", "there is no board \"q35-x86_64\": it is BOARD=x86_64 MACHINE=q35 now"),
    ("make -s BOARD=x86_64 MACHINE=isapc run", "MACHINE=... is one of: microvm q35 pc"),
    ("make -s BOARD=virt-arm MACHINE=q35 run", "BOARD=virt-arm has no MACHINE=q35"),
    ("make TARGET=vax lib", "there is no target \"vax\"; TARGET=... is one of: "),
    ("make CONFIG=nowhere.h lib", "there is no configuration \"nowhere.h\""),
    ("make -s CHANNEL=pigeon qemu-cmd", "CHANNEL=... is one of: "),
    ("make -s VIRTIO=baroque qemu-cmd", "VIRTIO=... is one of: legacy modern"),
    ("make -s SOCK='/tmp/a b' qemu-cmd", "SOCK=/tmp/a b has a blank, at which a shell would split it"),
    ("make -s VMM=firecracker shell", 'VMM=firecracker is for "make run"'),
    ("make -s fresh SUITE=potato", "there is no SUITE=potato; SUITE=... is one of: bookworm trixie"),
    ("make -s QEMU_PREFIX=/nowhere/ run", "/nowhere/qemu-system-riscv64 is not here"),
])
def test_wrong_choices_are_told_in_a_sentence(command, says):
    done = sh(command)
    assert done.returncode != 0 and says in done.stdout
    assert len(done.stdout.strip().splitlines()) <= 2, done.stdout


def test_folder_with_a_blank_is_refused(tmp_path):
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    done = sh(f"make -C '{folder}' --no-print-directory run")
    assert done.returncode != 0 and "has a blank in its name, which make cannot work with" in done.stdout
    assert len(done.stdout.strip().splitlines()) == 1


@pytest.mark.parametrize("target", ["help", "list"])
def test_boardless_targets_take_any_board(target):
    assert sh(f"make -s BOARD=no-such-board {target}").returncode == 0


def test_tables_are_current():
    """README's generated parts, the transcript of `make run` too, are what `make docs` would write."""
    done = sh("/usr/bin/python3 tests/tools/docs.py --check")
    assert done.returncode == 0, done.stdout
    if done.stdout:
        pytest.skip(f"all but sizes is current; {'; '.join(done.stdout.splitlines())}")


def test_links_lead_somewhere():
    lost = []
    for path in [README, *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)[#)]", path.read_text()):
            if not (path.parent / link).exists():
                lost.append(f"{path.name}: {link}")
    assert not lost
