# SPDX-License-Identifier: MIT
"""docs/EMBEDDING.md is one program that compiles; the reference is complete; a foreign build is refused."""
import re
import shutil
import subprocess

import pytest

import docs_embedding as embedding
from guest import ROOT

TEXT = (ROOT / "docs/EMBEDDING.md").read_text()
BLOCKS = re.findall(r"^```c(?: (\S+))?\n(.*?)^```", TEXT, re.M | re.S)
COMPILERS = {
    "gcc": ["gcc", "-std=c11", "-pedantic", "-Wconversion"],
    "clang": ["clang", "-std=c11", "-pedantic", "-Wconversion"],
    "g++": ["g++", "-std=c++20", "-pedantic", "-x", "c++"],
    "clang++": ["clang++", "-std=c++20", "-pedantic", "-x", "c++"],
}
QUIET = ["-Wall", "-Wextra", "-Werror", "-Wno-unused", "-Wno-missing-field-initializers", "-Iinclude"]


def run(*command, **more):
    return subprocess.run(command, cwd=ROOT, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)


@pytest.mark.parametrize("name", COMPILERS)
@pytest.mark.parametrize("config", [None, "my_config.h"])
def test_its_code_compiles(tmp_path, name, config):
    """As one program, without a word; also with the configuration that it shows."""
    program = "".join(block for file, block in BLOCKS if not file)
    assert program.count("\n") > 100
    for file, block in BLOCKS:
        if file:
            (tmp_path / file).write_text(block)
    (tmp_path / "program.c").write_text(program)
    options = [f"-DQGA_CONFIG_FILE=\"{config}\"", f"-I{tmp_path}"] if config else []
    done = run(*COMPILERS[name], *QUIET, *options, "-c", "-o", tmp_path / "program.o", tmp_path / "program.c")
    assert done.returncode == 0, done.stdout


def test_readme_shows_what_is_booted():
    """README's program is the one of tests/embed/least, from one mark to the other."""
    source = (ROOT / "tests/embed/least/kernel.c").read_text()
    shown = re.search(r"/\* --- README: --- \*/\n(.*)/\* --- :README --- \*/", source, re.S)[1]
    assert f"```c\n{shown}```" in (ROOT / "README.md").read_text()


def test_reference_is_complete():
    """Doxygen warns of whatever has no text, and a warning is an error."""
    assert shutil.which("doxygen"), "doxygen is not here; `make setup` installs it"
    done = run("make", "-s", "apidoc")
    assert done.returncode == 0, done.stdout
    assert (ROOT / "build/api/index.html").exists()


def test_reference_is_missed(tmp_path):
    """It would be noticed: one comment less, and doxygen says of what."""
    config = (ROOT / "docs/Doxyfile").read_text().replace("= include", f"= {tmp_path}")
    text = (ROOT / "include/bareqga.h").read_text()
    without = re.sub(r"/\*(?:(?!\*/).)*\*/\n(uint64_t qga_run\()", r"\1", text, flags=re.S)
    assert without != text
    (tmp_path / "bareqga.h").write_text(without)
    done = subprocess.run(["doxygen", "-"], cwd=ROOT, input=config, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={"PATH": "/usr/bin:/bin", "APIDOC": str(tmp_path / "api"),
                                                         "BAREQGA_VERSION": "0"})
    assert done.returncode != 0 and "qga_run" in done.stdout, done.stdout


OTHER = ["-DQGA_TINY=1", "-DQGA_SMALL=1", "-DQGA_WITH_TIME=0", "-DQGA_WITH_INVENTORY=0", "-DQGA_WITH_FILES=0",
         "-DQGA_WITH_EXEC=0", "-DQGA_WITH_FREEZE=0", "-DQGA_WITH_HOOKS=0", "-DQGA_NESTING_MAX=31",
         "-DQGA_COMMANDS_MAX=65", "-DQGA_NAME_MAX=24", "-DQGA_ARGS_MAX=5", "-DQGA_STEP_MAX=1024", "-DQGA_FILES_MAX=4",
         "-DQGA_JOBS_MAX=2"]
FOREIGN = """
#include <stdio.h>
#include <string.h>
#include <bareqga.h>
static struct { struct qga agent; unsigned char guard[8192]; } memory;
static char request[256];
static int tokens[64 * QGA_TOKEN_SIZE / sizeof(int)];
static const struct qga_env env;
int main(void)
{
	struct qga_config config = {.env = &env, .version = "1", .request = request, .request_size = sizeof request,
	                            .tokens = tokens, .tokens_size = sizeof tokens};
	unsigned char *byte = (unsigned char *)&memory;
	int fault;

	memset(&memory, 0x5A, sizeof memory);
	fault = qga_init(&memory.agent, &config);
	for (size_t i = fault ? 0 : sizeof memory.agent; i < sizeof memory; i++)
		if (byte[i] != 0x5A)
			return 2;
	puts(qga_strerror(fault));
	return fault != 0;
}
"""


def test_a_foreign_build_is_refused(tmp_path):
    """A program that was compiled with other values than the library: one sentence, and nothing is written."""
    source, program = tmp_path / "foreign.c", tmp_path / "foreign"
    source.write_text(FOREIGN)
    library = embedding.archive(tmp_path, "gcc", [])
    for options in [[], *([o] for o in OTHER)]:
        done = run("gcc", "-std=c11", "-Wall", "-Werror", *options, "-Iinclude", "-o", program, source, library)
        assert done.returncode == 0, done.stdout
        done = run(program)
        if options:
            assert (done.returncode, done.stdout) == (1, embedding.sentence("QGA_FAULT_BUILD") + "\n"), options
        else:
            assert (done.returncode, done.stdout) == (0, "nothing is wrong\n")
