# SPDX-License-Identifier: MIT
# The library as a product: make lib, install, uninstall, dist; included by the Makefile.
#
# make lib TARGET=... or BOARD=... makes build/BOARD/lib/libbareqga.a and include/ beside it: all of proto/
# and the virtio drivers, for the board's processor, and nothing of the board. Its objects are compiled with
# just the headers that are installed. CONFIG=my_config.h is a configuration (include/bareqga.h, section 1):
# it becomes a part of these headers, so that whoever includes them has the library's own.

PREFIX     ?= /usr/local
INCLUDEDIR ?= $(PREFIX)/include
LIBDIR     ?= $(PREFIX)/lib
DOCDIR     ?= $(PREFIX)/share/doc/bareqga
CONFIG     ?=
ifneq ($(CONFIG)$(wildcard $(CONFIG)),$(CONFIG)$(CONFIG))
$(error there is no configuration "$(CONFIG)"; CONFIG=... is a header for the library, see include/bareqga.h)
endif

VERSION    := $(shell sed -n 's/^\#define BAREQGA_VERSION  *"\([^"]*\)".*/\1/p' include/bareqga.h)
HEADERS    := bareqga.h $(notdir $(wildcard include/bareqga_virtio.h))
L          := $(O)/lib
LIB        := $(L)/libbareqga.a
LIB_SRC    := $(wildcard proto/*.c proto/*/*.c) $(if $(filter bareqga_virtio.h,$(HEADERS)),$(wildcard hal/virtio/*.c))
LIB_OBJ    := $(LIB_SRC:%=$(L)/%.o)
LIB_CFLAGS  = -std=c11 $(OPT) -g -ffunction-sections -fdata-sections -fno-common $(WARN) $(CPUFLAGS) \
              $(if $(CLANG),,$(LIBC_CFLAGS)) $(EXTRA_CFLAGS)
LIB_INC_proto := -I$(L)/include -Iproto -I$(BUILD)/deps
LIB_INC_hal   := -I$(L)/include -Ihal

.PHONY: lib install uninstall dist crate
lib: $(LIB) ## the library: build/BOARD/lib/libbareqga.a; TARGET=processor, CONFIG=header

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(call say,AR)$(CROSS)ar rcs $@ $^

$(L)/%.o: % $(L)/flags $(HEADERS:%=$(L)/include/%) | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(if $(CLANG),$(CC) $(CLANG_FLAGS),$(CROSS)gcc) $(LIB_CFLAGS) $(LIB_INC_$(firstword $(subst /, ,$*))) -MMD -MP -c -o $@ $<

# The lines that include a configuration become the one that includes this one.
$(L)/include/bareqga.h: include/bareqga.h $(CONFIG) $(L)/flags
	@mkdir -p $(@D); rm -f $(@D)/bareqga_config.h
ifeq ($(CONFIG),)
	@cp $< $@
else
	@cp $(CONFIG) $(@D)/bareqga_config.h
	@sed '/^#ifdef QGA_CONFIG_FILE$$/,/^#endif$$/c #include "bareqga_config.h"' $< >$@; grep -q bareqga_config.h $@
endif
$(L)/include/bareqga_virtio.h: include/bareqga_virtio.h
	@mkdir -p $(@D); cp $< $@

# As with an image, what is changed is built anew.
$(L)/flags: NOW = $@.$(shell echo $$PPID)
$(L)/flags: FORCE
	@command -v $(CROSS)gcc >/dev/null || { echo '$(CROSS)gcc is not here; "make setup" installs it' >&2; exit 1; }
	@$(shell mkdir -p $(@D))$(file >$(NOW),$(CROSS)gcc $(CC) $(LIB_CFLAGS) $(CONFIG) $(LIB_SRC))
	@cmp -s $(NOW) $@ && rm $(NOW) || mv $(NOW) $@

-include $(LIB_OBJ:.o=.d)

# --- Installing ----------------------------------------------------------------------------------

FILL        = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@PREFIX@|$(PREFIX)|g' \
              -e 's|@PC_LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|g' -e 's|@PC_INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|g' \
              -e 's|@TARGET@|$(BOARD)|g' -e 's|@CPUFLAGS@|$(strip $(CPUFLAGS))|g' \
              -e 's|@TO_LIB@|../..|g' -e "s|@TO_INCLUDE@|$$(realpath -m --relative-to='$(LIBDIR)/cmake/bareqga' '$(INCLUDEDIR)')|g"
DOCS        = LICENSE README.md CHANGELOG.md $(wildcard docs/EMBEDDING.md docs/PROTOCOL.md docs/COMMANDS.md)
CMAKE_FILES = bareqga-config.cmake bareqga-config-version.cmake

install: lib ## install the library: headers, pkg-config, CMake; PREFIX= DESTDIR=
	@install -d $(foreach d,$(INCLUDEDIR) $(LIBDIR)/pkgconfig $(LIBDIR)/cmake/bareqga $(DOCDIR),'$(DESTDIR)$d')
	@rm -f '$(DESTDIR)$(INCLUDEDIR)/bareqga_config.h'
	install -m 644 $(L)/include/*.h '$(DESTDIR)$(INCLUDEDIR)'
	install -m 644 $(LIB) '$(DESTDIR)$(LIBDIR)'
	install -m 644 $(DOCS) '$(DESTDIR)$(DOCDIR)'
	@$(FILL) packaging/bareqga.pc.in >'$(DESTDIR)$(LIBDIR)/pkgconfig/bareqga.pc'
	@$(foreach f,$(CMAKE_FILES),$(FILL) packaging/$f.in >'$(DESTDIR)$(LIBDIR)/cmake/bareqga/$f' &&) :

uninstall: ## remove what install has put there
	rm -f $(foreach f,$(HEADERS) bareqga_config.h,'$(DESTDIR)$(INCLUDEDIR)/$f') '$(DESTDIR)$(LIBDIR)/libbareqga.a' \
	  '$(DESTDIR)$(LIBDIR)/pkgconfig/bareqga.pc' $(CMAKE_FILES:%='$(DESTDIR)$(LIBDIR)/cmake/bareqga/%') \
	  $(foreach f,$(DOCS),'$(DESTDIR)$(DOCDIR)/$(notdir $f)')
	@for d in '$(DESTDIR)$(LIBDIR)/cmake/bareqga' '$(DESTDIR)$(DOCDIR)'; do [ ! -d "$$d" ] || rmdir --ignore-fail-on-non-empty "$$d"; done

# --- Releasing -----------------------------------------------------------------------------------

D    := $(BUILD)/dist
DIST ?= source images disks qgactl

# All is made of what is committed, in a folder of its own: tools/dist.py.
dist: ## what a stranger downloads, the same bytes whoever builds it: build/dist; DIST= parts of it, BOARDS=, SIGN= an SSH key
	@BOARDS='$(if $(filter command environment,$(firstword $(origin BOARDS))),$(BOARDS))' SIGN='$(SIGN)' $(PYTHON) tools/dist.py $(D) $(DIST)

# The crates hold the amalgamation, which is made here and is no part of the repository: cargo calls that dirty.
CARGO ?= cargo
crate: ## the Rust crates: build/rust/package/*.crate; see rust/bareqga/README.md
	@command -v $(CARGO) >/dev/null || { echo 'there is no $(CARGO); on Debian: apt-get install cargo, or see https://rustup.rs' >&2; exit 1; }
	@rm -rf rust/bareqga-sys/c; $(PYTHON) tools/amalgamate.py rust/bareqga-sys/c && rm rust/bareqga-sys/c/bareqga_virtio.*
	cd rust && CARGO_TARGET_DIR=$(abspath $(BUILD))/rust $(CARGO) package --workspace --locked --allow-dirty $(CARGO_FLAGS)
