# SPDX-License-Identifier: MIT
"""The files of Zephyr, Unikraft and PlatformIO, as far as Debian's packages allow.

None of the three is there: Kconfig is read by kconfiglib, and stand-ins of this file's own do with the rest
what their documentation says, for this machine. So a file that is missing, a setting that does not arrive
and names of objects that clash are seen here, what the real build systems make of it is not.
"""
import json
import re
import shutil
import sys

import pytest

from guest import ROOT
from shipped import HAS_VIRTIO, HERE, answers_ping, ask, make, sh

sys.path.append("/usr/lib/python3/dist-packages")
kconfiglib = pytest.importorskip("kconfiglib", reason="python3-kconfiglib is not installed")
yaml = pytest.importorskip("yaml", reason="python3-yaml is not installed")

CHOICES = {"all": {}, "tiny": {"BAREQGA_TINY": "y"}, "some": {"BAREQGA_SMALL": "y", "BAREQGA_EXEC": "n", "BAREQGA_TIME": "n"}}
INFO = b'{"execute": "guest-info"}\n'
ZEPHYR = """\
cmake_minimum_required(VERSION 3.20)
project(zephyr C)
include(config.cmake)
add_library(zephyr_interface INTERFACE)
target_compile_options(zephyr_interface INTERFACE -Wall -Wextra -Werror "SHELL:-imacros ${CMAKE_SOURCE_DIR}/autoconf.h")
macro(zephyr_include_directories)
  target_include_directories(zephyr_interface INTERFACE ${ARGV})
endmacro()
macro(zephyr_compile_definitions)
  target_compile_definitions(zephyr_interface INTERFACE ${ARGV})
endmacro()
macro(zephyr_library_named name)
  set(ZEPHYR_CURRENT_LIBRARY ${name})
  add_library(${name} STATIC "")
  target_link_libraries(${name} PUBLIC zephyr_interface)
endmacro()
macro(zephyr_library_sources)
  target_sources(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endmacro()
macro(zephyr_library_include_directories)
  target_include_directories(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endmacro()
add_subdirectory(${MODULE}/zephyr bareqga)
add_executable(app foreign.c)
target_link_libraries(app PRIVATE bareqga)
"""
UNIKRAFT = """\
include .config
uc = $(shell echo $(1) | tr a-z A-Z)
define addlib_s =
ifeq ($(2),y)
UK_LIBS += $(1)
$(eval $(call uc,$(1))_BASE := $(MODULE))
$(eval $(call uc,$(1))_BUILD := $(CURDIR)/$(1))
endif
endef
include $(MODULE)/Makefile.uk
base = $(basename $(notdir $(firstword $(subst |, ,$(1)))))
object = libbareqga/$(call base,$(1))$(addprefix .,$(word 2,$(subst |, ,$(1)))).o
OBJECTS := $(foreach s,$(LIBBAREQGA_SRCS-y),$(call object,$s))
ifneq ($(words $(OBJECTS)),$(words $(sort $(OBJECTS))))
$(error two sources have the same object)
endif
COMMON := -Wall -Wextra -Werror -std=gnu11 -D__Unikraft__ -Iinclude $(CINCLUDES-y)
app: foreign.c $(OBJECTS)
	gcc $(COMMON) -o $@ $^
define rule =
$(call object,$(1)): $(firstword $(subst |, ,$(1))) | $(UK_FETCH-y)
	gcc $(COMMON) $(LIBBAREQGA_CINCLUDES-y) -c -o $$@ $$<
endef
$(foreach s,$(LIBBAREQGA_SRCS-y),$(eval $(call rule,$s)))
"""


def configured(kconfig, switch, choice, where):
    """What Kconfig makes of a choice: .config and autoconf.h in `where`, and its symbols."""
    k = kconfiglib.Kconfig(str(kconfig), warn_to_stderr=False)
    k.syms[switch].set_value("y")
    for name, value in {**CHOICES[choice], **({"BAREQGA_VIRTIO": "y"} if HAS_VIRTIO else {})}.items():
        assert k.syms[name].set_value(value), name
    assert not k.warnings
    k.write_config(str(where / ".config"))
    k.write_autoconf(str(where / "autoconf.h"))
    return k


def check(program, choice):
    answers_ping(program)
    info = ask([program], INFO)["return"]
    offered = {c["name"] for c in info["supported_commands"]}
    assert "guest-ping" in offered
    assert ("guest-get-timezone" in offered) == (choice != "tiny")


@pytest.mark.parametrize("choice", CHOICES)
def test_zephyr(choice, repository, tmp_path):
    k = configured(repository / "zephyr/Kconfig", "BAREQGA", choice, tmp_path)
    lines = [f"set(CONFIG_{s.name} {s.str_value})" for s in k.unique_defined_syms if s.str_value not in ("n", "")]
    (tmp_path / "config.cmake").write_text("\n".join(lines))
    (tmp_path / "CMakeLists.txt").write_text(ZEPHYR)
    shutil.copy(HERE / "foreign.c", tmp_path)
    sh("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DMODULE={repository}")
    sh("cmake", "--build", tmp_path / "build", "-j2")
    check(tmp_path / "build" / "app", choice)


def test_zephyr_module():
    """Keys that Zephyr's scripts/zephyr_module.py knows, and files that are there."""
    module = yaml.safe_load((ROOT / "zephyr" / "module.yml").read_text())
    assert set(module) <= {"name", "build", "tests", "samples", "boards", "blobs"} and module["name"] == "bareqga"
    assert set(module["build"]) == {"cmake", "kconfig"}
    assert (ROOT / module["build"]["cmake"] / "CMakeLists.txt").is_file()
    assert (ROOT / module["build"]["kconfig"]).is_file()


@pytest.mark.parametrize("choice", CHOICES)
def test_unikraft(choice, repository, tmp_path):
    configured(repository / "Config.uk", "LIBBAREQGA", choice, tmp_path)
    (tmp_path / "include/uk").mkdir(parents=True)
    (tmp_path / "autoconf.h").rename(tmp_path / "include/uk/config.h")
    (tmp_path / "libbareqga").mkdir()
    (tmp_path / "Makefile").write_text(UNIKRAFT)
    shutil.copy(HERE / "foreign.c", tmp_path)
    sh("make", "-s", "-j2", f"MODULE={repository}", "app", cwd=tmp_path)
    check(tmp_path / "app", choice)


def test_one_set_of_options():
    """Zephyr and Unikraft ask the same, but for the name of the library's own switch."""
    zephyr = (ROOT / "zephyr/Kconfig").read_text()
    assert zephyr.replace("config BAREQGA\n", "menuconfig LIBBAREQGA\n", 1).replace("if BAREQGA\n", "if LIBBAREQGA\n") == \
        (ROOT / "Config.uk").read_text()


def test_platformio(repository, tmp_path):
    library = json.loads((repository / "library.json").read_text())
    assert library["version"] == make("print-VERSION").strip()
    assert (repository / library["build"]["includeDir"] / library["headers"]).is_file()
    sources = set()
    for sign, pattern in re.findall(r"([+-])<(.*?)>", " ".join(library["build"]["srcFilter"])):
        root = repository / library["build"]["srcDir"]
        found = set(root.rglob("*.c") if pattern == "*" else (root / pattern).rglob("*.c"))
        sources = sources | found if sign == "+" else sources - found
    if not HAS_VIRTIO:
        sources = {s for s in sources if "hal" not in s.relative_to(repository).parts}
    exported = library["export"]["include"]
    assert all(s.relative_to(repository).parts[0] in exported for s in sources)
    flags = [f"-I{repository / f.removeprefix('-I')}" for f in library["build"]["flags"]]
    program = tmp_path / "foreign"
    sh("gcc", "-std=gnu11", f"-I{repository}/include", *flags, *sorted(sources), HERE / "foreign.c", "-o", program)
    answers_ping(program)
