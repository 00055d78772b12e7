# SPDX-License-Identifier: MIT
# qgactl.mk - the host command qgactl: `make qgactl`, STATIC=1 for one file that runs everywhere.
#
# The linker's warnings about glibc in static programs (users' names, hosts' names) are of no consequence here.
# SANITIZE=1 is for the tests; each of the three has its own objects. CC=clang compiles with clang.

PACKAGES_qgactl := libedit-dev libjansson-dev libncurses-dev
# Its tests: a terminal, and who reads its manual page and its completions.
PACKAGES_qgactl += tmux mandoc zsh fish

QGACTL_SRC    := $(wildcard tools/qgactl/*.c)
QGACTL_CC      = $(if $(findstring clang,$(CC)),$(CC),gcc)
QGACTL_KIND    = $(if $(STATIC),-static)$(if $(SANITIZE),-sanitize)$(if $(findstring clang,$(CC)),-clang)
QGACTL_O       = $(BUILD)/qgactl$(QGACTL_KIND).d
QGACTL         = $(BUILD)/qgactl$(QGACTL_KIND)
QGACTL_VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo unknown)
QGACTL_FLAGS   = -std=gnu11 -O2 -g -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Wall -Wextra -Wshadow -Wstrict-prototypes \
                 -Wmissing-prototypes -Wundef -Wvla -Werror \
                 $(if $(SANITIZE),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
QGACTL_LIBS    = $(if $(STATIC),-static -Wl$(comma)--no-warnings$(comma)--build-id=none -ljansson -ledit -lncursesw -ltinfo -lbsd -lmd -lm,-ljansson -ledit -lncursesw -ltinfo -lm)

.PHONY: qgactl
qgactl: ## build the host command qgactl, for any QGA agent: build/qgactl; STATIC=1
	@$(MAKE) --no-print-directory $(QGACTL)

$(QGACTL): $(QGACTL_SRC:%.c=$(QGACTL_O)/%.o)
	$(call say,LD)$(QGACTL_CC) $(QGACTL_FLAGS) $(if $(SANITIZE),$(STAY)) -o $@ $^ $(QGACTL_LIBS)
$(QGACTL_O)/%.o: %.c $(QGACTL_O)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(QGACTL_CC) $(QGACTL_FLAGS) $(if $(filter %/main.c,$<),-DQGACTL_VERSION='"$(QGACTL_VERSION)"') -MMD -MP -c -o $@ $<
$(QGACTL_O)/tools/qgactl/conformance_data.o: tools/qgactl/conformance.json
$(QGACTL_O)/flags: FORCE
	@mkdir -p $(@D); echo '$(QGACTL_CC) $(QGACTL_FLAGS) $(QGACTL_SRC)' | cmp -s - $@ || echo '$(QGACTL_CC) $(QGACTL_FLAGS) $(QGACTL_SRC)' >$@
-include $(QGACTL_SRC:%.c=$(QGACTL_O)/%.d)

# The hostile agent of the tests, by libFuzzer: tests/qgactl/fuzz_answers.c in the place of clock.c.
$(BUILD)/qgactl-fuzz: tests/qgactl/fuzz_answers.c $(QGACTL_SRC) $(wildcard tools/qgactl/*.h)
	$(call say,LD)clang $(filter-out -Werror,$(QGACTL_FLAGS)) -O1 -Itools/qgactl -Dmain=qgactl_main \
	  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(STAY) -o $@ $(filter-out %/clock.c,$(filter %.c,$^)) $(QGACTL_LIBS)

.PHONY: fuzz-answers
fuzz-answers: $(BUILD)/qgactl-fuzz ## random answers to all that qgactl asks, under sanitizers: T=seconds
	@mkdir -p $(BUILD)/fuzz/answers
	@$< -timeout=20 -max_total_time=$(T) -max_len=4096 -dict=tests/fuzz/json.dict -artifact_prefix=$(BUILD)/fuzz/answers- \
	  -verbosity=0 -print_final_stats=1 $(BUILD)/fuzz/answers tests/qgactl/seeds >/dev/null

# DESTDIR= PREFIX=
PREFIX ?= /usr/local
.PHONY: install-qgactl
install-qgactl: qgactl
	install -D $(QGACTL) $(DESTDIR)$(PREFIX)/bin/qgactl
	install -D -m 644 tools/qgactl/qgactl.1 $(DESTDIR)$(PREFIX)/share/man/man1/qgactl.1
	install -D -m 644 tools/qgactl/completion/qgactl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/qgactl
	install -D -m 644 tools/qgactl/completion/_qgactl $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_qgactl
	install -D -m 644 tools/qgactl/completion/qgactl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/qgactl.fish
