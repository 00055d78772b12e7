# SPDX-License-Identifier: MIT
# What tests, fuzzes, measures and documents; included by the Makefile. `make help` lists the targets.

# --- Tests ---------------------------------------------------------------------------------------
#
# Unit tests: each tests/unit/test_*.c is a program of this machine, with ASan and UBSan. It is linked
# with an archive of everything that can run here, so it gets just what it uses (`ar q`: some file names
# are there twice); registers are its own (MMIO_TEST), and the firmware has an application, the test's or
# tests/fake/fake_app.c (FIRMWARE_APP). The fuzzers are built likewise.

# Two for each processor: most tests wait for a guest most of the time (a third of two processors was used).
PYTEST     := $(PYTHON) -m pytest -n $(shell expr 2 '*' $$(nproc)) --dist loadgroup
HOSTCC     := gcc
U          := $(BUILD)/unit
HERE       := $(PROTO_ALL) $(HAL) $(addprefix boards/shared/,ram.c setting.c) $(FIRMWARE_ENV) \
              $(addprefix firmware/,fault/channel.c fault/request.c fault/rules.c example/commands.c example/people.c) $(wildcard tests/fake/*.c)
HERE_FLAGS := -std=gnu11 -O1 -g -fno-sanitize-recover=all -fno-omit-frame-pointer \
              -DMMIO_TEST -DFIRMWARE_APP $(WARN) -Iinclude -Iproto -I$(BUILD)/deps -Ihal -Iboards -Ifirmware -Itests/fake
# The smallest agent has the names of the other's functions, so its test is a program of its own.
TINY       := -DQGA_TINY=1 -DQGA_NAME_MAX=24 -DQGA_STEP_MAX=128
UNIT_FLAGS := $(HERE_FLAGS) -fsanitize=address,undefined
UNIT_OBJ   := $(HERE:%=$(U)/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(U)/%,$(wildcard tests/unit/test_*.c))

# Boards, without the machines that they are for: tests/unit/test_board_*.c have those, but the PC its own. Three kinds need an image of
# their own, for constants differ: those with a device tree, RISC-V's above SBI, and PCs, which have ports.
BOARD_HERE := $(filter-out %/pc.c %/pc_power.c %/pc_signs.c %/pc_tree.c,$(wildcard boards/shared/*.c))
BOARD_INC  := -Ihal/arch/arm -Ihal/arch/riscv
S_FLAGS    := $(BOARD_INC) -DRISCV_SUPERVISOR=1
PC_HERE    := $(filter-out hal/discover/efi%,$(HAL)) $(addprefix tests/fake/,registers.c fdt_tree.c fake_pci.c fake_fw_cfg.c fake_uart.c) \
              $(filter-out boards/shared/riscv% boards/shared/arm% boards/shared/fdt_machine.c,$(wildcard boards/shared/*.c)) \
              boards/x86_64/board.c $(addprefix hal/arch/x86/,acpi.c acpi_memory.c apic.c arch.c boot.c clock.c cmos.c mptable.c pic.c)
PC_FLAGS   := -DPORT_TEST -Ihal/arch/x86
PC_TESTS   := $(filter $(U)/test_x86% $(U)/test_board_pc_%,$(UNIT_TESTS))

$(U)/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(UNIT_FLAGS) -MMD -MP -c -o $@ $<
$(U)/all.a: $(UNIT_OBJ)
	@rm -f $@; ar qcs $@ $^
$(filter-out %/test_tiny %/test_threads $(U)/test_x86% $(U)/test_board_%,$(UNIT_TESTS)): $(U)/%: $(U)/tests/unit/%.c.o $(U)/all.a
	$(call say,LD)$(HOSTCC) $(UNIT_FLAGS) -o $@ $^ -lcmocka
$(U)/boards/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(UNIT_FLAGS) $(BOARD_INC) -MMD -MP -c -o $@ $<
$(U)/boards_s/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(UNIT_FLAGS) $(S_FLAGS) -MMD -MP -c -o $@ $<
$(U)/pc/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(UNIT_FLAGS) $(PC_FLAGS) -MMD -MP -c -o $@ $<
$(U)/boards.a: $(BOARD_HERE:%=$(U)/boards/%.o)
	@rm -f $@; ar qcs $@ $^
$(U)/boards_s.a: $(BOARD_HERE:%=$(U)/boards_s/%.o)
	@rm -f $@; ar qcs $@ $^
$(U)/pc.a: $(PC_HERE:%=$(U)/pc/%.o)
	@rm -f $@; ar qcs $@ $^
$(filter-out $(PC_TESTS) %/test_board_riscv_s,$(filter $(U)/test_board_%,$(UNIT_TESTS))): $(U)/%: $(U)/boards/tests/unit/%.c.o $(U)/boards.a $(U)/all.a
	$(call say,LD)$(HOSTCC) $(UNIT_FLAGS) -o $@ $^ -lcmocka
$(U)/test_board_riscv_s: $(U)/boards_s/tests/unit/test_board_riscv_s.c.o $(U)/boards_s.a $(U)/all.a
	$(call say,LD)$(HOSTCC) $(UNIT_FLAGS) -o $@ $^ -lcmocka
$(PC_TESTS): $(U)/%: $(U)/pc/tests/unit/%.c.o $(U)/pc.a
	$(call say,LD)$(HOSTCC) $(UNIT_FLAGS) -no-pie -o $@ $^ -lcmocka
$(U)/tiny/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(UNIT_FLAGS) $(TINY) -MMD -MP -c -o $@ $<
$(U)/tiny/all.a: $(PROTO_TINY:%=$(U)/tiny/%.o)
	@rm -f $@; ar rcs $@ $^
$(U)/test_tiny: $(U)/tiny/tests/unit/test_tiny.c.o $(U)/tiny/all.a
	$(call say,LD)$(HOSTCC) $(UNIT_FLAGS) -o $@ $^ -lcmocka
-include $(PROTO_TINY:%=$(U)/tiny/%.d) $(U)/tiny/tests/unit/test_tiny.c.d
# What QGA_SMALL chooses instead: the agent once more, under tests of what differs there.
SMALL_TESTS := $(addprefix $(U)/small/test_,agent base64 commands families file_callbacks hooks jobs line writer)
$(U)/small/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(UNIT_FLAGS) -DQGA_SMALL=1 -MMD -MP -c -o $@ $<
$(U)/small/all.a: $(PROTO_ALL:%=$(U)/small/%.o)
	@rm -f $@; ar rcs $@ $^
$(SMALL_TESTS): $(U)/small/%: $(U)/small/tests/unit/%.c.o $(U)/small/all.a
	$(call say,LD)$(HOSTCC) $(UNIT_FLAGS) -o $@ $^ -lcmocka
.SECONDARY: $(SMALL_TESTS:$(U)/small/%=$(U)/small/tests/unit/%.c.o)
-include $(PROTO_ALL:%=$(U)/small/%.d) $(SMALL_TESTS:$(U)/small/%=$(U)/small/tests/unit/%.c.d)
# Threads are watched by another sanitizer.
$(U)/test_threads: tests/unit/test_threads.c $(PROTO_ALL) $(wildcard include/*.h proto/*.h proto/*/*.h) Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,LD)$(HOSTCC) $(HERE_FLAGS) -fsanitize=thread -pthread -o $@ $(filter %.c,$^) -lcmocka
UNIT_DEP   := $(patsubst $(U)/%,tests/unit/%.c.d,$(UNIT_TESTS))
.SECONDARY: $(UNIT_TESTS:$(U)/%=$(U)/tests/unit/%.c.o) $(UNIT_DEP:%.d=$(U)/boards/%.o) $(UNIT_DEP:%.d=$(U)/boards_s/%.o) $(UNIT_DEP:%.d=$(U)/pc/%.o)
-include $(UNIT_OBJ:.o=.d) $(UNIT_DEP:%=$(U)/%) $(UNIT_DEP:%=$(U)/boards/%) $(UNIT_DEP:%=$(U)/boards_s/%) $(UNIT_DEP:%=$(U)/pc/%)
-include $(BOARD_HERE:%=$(U)/boards/%.d) $(BOARD_HERE:%=$(U)/boards_s/%.d) $(PC_HERE:%=$(U)/pc/%.d)

.PHONY: unit unit-build emu check test
unit-build: $(UNIT_TESTS) $(SMALL_TESTS)
unit: unit-build ## build and run the unit tests
	@$(PYTHON) tests/tools/summary.py --unit $(UNIT_TESTS) $(SMALL_TESTS)
emu: boards $(if $(QEMU_NEW),qemu-new) ## run the emulator tests; ARGS="-k riscv64 -x" goes to pytest
	@$(PYTEST) tests/emu $(ARGS)
check: boards ## format, layering, licence lines, warnings of GCC and clang, static analysis
	@$(PYTEST) tests/check $(ARGS)
.PHONY: analyze
analyze: $(BUILD)/deps/jsmn.h ## all static analysis, also clang's of paths, which takes minutes
	@$(SETUP) $(PACKAGES_test)
	@status=0; for t in cppcheck tidy gcc deep; do echo $$t; $(PYTHON) tests/tools/analyze.py $$t || status=1; done; exit $$status
test: ## everything that must pass; installs what it needs
	@$(SETUP) $(PACKAGES_test)
	+@mkdir -p $(BUILD); flock $(BUILD)/.lock $(MAKE_ALL) boards unit-build  # one at a time, for two tests side by side
	@sh tests/tools/qemu-new.sh $(BUILD)/qemu-new || echo 'its tests are skipped'
	@sh tests/tools/vhost-vsock.sh $(BUILD)/vhost-vsock || echo 'its tests are skipped'
	@sh tests/tools/efi-riscv64.sh $(BUILD)/efi-riscv64 || echo 'its test is skipped'
	@sh tests/tools/cbmc.sh $(BUILD)/cbmc || echo 'its tests are skipped'
	@$(PYTHON) tests/tools/summary.py --unit $(UNIT_TESTS) $(SMALL_TESTS) --pytest $(wordlist 4,99,$(PYTEST)) tests $(ARGS)

# Starts an x86 image the other way; see tests/emu/test_linux64.py.
$(O)/linux64.elf: tests/emu/linux64.S
	@mkdir -p $(@D)
	$(call say,LD)$(CROSS)gcc $(CPUFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-Ttext-segment=0x800000 -o $@ $<

# Counts what streams cost the agent; see tests/diff/test_linear.py.
$(BUILD)/diff/cost: tests/diff/cost.c $(PROTO_ALL) $(wildcard proto/*.h proto/*/*.h) | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,LD)$(HOSTCC) -std=gnu11 -O2 -g $(WARN) -Iinclude -Iproto -I$(BUILD)/deps -o $@ $(filter %.c,$^)

# Random streams to the real qemu-ga and to ours; T= seconds, SEED= plays the same streams again.
T ?= 60
.PHONY: fuzz-diff
fuzz-diff: ## play random streams to qemu-ga and to us and compare the answers: T=seconds
	@$(SETUP) $(PACKAGES_test)
	@$(PYTHON) tests/diff/fuzz.py $(T) $(SEED)

# tests/emu/NAME.c in the place of firmware/: what only the machine itself can show.
$(O)/test-%.elf: $(O)/tests/emu/%.c.o $(filter $(O)/hal/% $(O)/boards/%,$(OBJ)) $(SCRIPTS)
	$(call say,LD)$(CROSS)gcc $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBC_LIBS)
# With the image's own record of a crash.
$(O)/test-protect.elf: $(filter $(O)/firmware/env/env_crash.c.o $(O)/firmware/env/log.c.o $(O)/firmware/env/small.c.o,$(OBJ))
.SECONDARY: $(O)/tests/emu/divide.c.o $(O)/tests/emu/protect.c.o

include tests/embed/embed.mk

# libFuzzer, T seconds for all targets together, one on each processor; what it finds is left in build/fuzz. A finding
# ends its own target, and after the others the whole fails. The tests run each target over its seeds once.
F           := $(BUILD)/fuzz
FUZZ        := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
# A kernel that moves programs far (vm.mmap_rnd_bits=32, Ubuntu 24.04's, whatever the container) puts every fifth on the heap of
# GCC 12's and clang 14's sanitizers. These are not moved; unit tests are, for addresses above 4 GiB, and summary.py asks for less.
STAY        := -no-pie
FUZZ_FLAGS  := $(HERE_FLAGS:-O1=-O2) -D_GNU_SOURCE -fsanitize=fuzzer-no-link,address,undefined
FUZZ_OBJ    := $(HERE:%=$(F)/%.o)

# To tell libFuzzer of each comparison takes half of the agent's time and more of a driver's, and finds no more: words are
# in json.dict, and what a device says is chosen, not met. Device trees and PCI have numbers that must be met.
$(F)/proto/%.o $(F)/hal/virtio/%.o $(F)/tests/%.o $(F)/race/%.o $(F)/fuzz_tiny: private FUZZ_FLAGS += -fno-sanitize-coverage=trace-cmp
$(F)/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)clang $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(F)/all.a: $(FUZZ_OBJ)
	@rm -f $@; ar qcs $@ $^
$(filter-out %/fuzz_tiny %/fuzz_race,$(FUZZ:%=$(F)/fuzz_%)): $(F)/fuzz_%: $(F)/tests/fuzz/fuzz_%.c.o $(F)/all.a
	@mkdir -p $(F)/$*
	$(call say,LD)clang $(FUZZ_FLAGS) $(STAY) -fsanitize=fuzzer -o $@ $^
$(F)/fuzz_tiny: tests/fuzz/fuzz_tiny.c $(PROTO_TINY) $(wildcard proto/*.h proto/*/*.h) tests/fuzz/pieces.h tests/fake/talk.h Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(F)/tiny
	$(call say,LD)clang $(FUZZ_FLAGS) $(STAY) $(TINY) -fsanitize=fuzzer -o $@ $(filter %.c,$^)
# The agent tells of each load, so it is compiled once more: each load that the source has, for the
# compiler that leaves out the second may be another one.
$(F)/race/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)clang $(FUZZ_FLAGS) -O0 -fsanitize-coverage=trace-loads -MMD -MP -c -o $@ $<
$(F)/fuzz_race: $(F)/tests/fuzz/fuzz_race.c.o $(PROTO_ALL:%=$(F)/race/%.o)
	@mkdir -p $(F)/race
	$(call say,LD)clang $(FUZZ_FLAGS) $(STAY) -fsanitize=fuzzer -o $@ $^
-include $(PROTO_ALL:%=$(F)/race/%.d)
# The streams of tests/diff/corpus are seeds, too.
$(F)/streams: tests/fuzz/streams.py tests/diff/stream.py $(wildcard tests/diff/corpus/*.txt)
	$(call say,GEN)$(PYTHON) $< $@
.SECONDARY: $(FUZZ:%=$(F)/tests/fuzz/fuzz_%.c.o)
-include $(FUZZ_OBJ:.o=.d) $(FUZZ:%=$(F)/tests/fuzz/fuzz_%.c.d)

.PHONY: fuzz
fuzz: $(FUZZ:%=$(F)/fuzz_%) $(F)/streams ## feed random bytes to the parser and the drivers under sanitizers: T=seconds
	@printf '%s\n' $(FUZZ) | xargs -P $$(nproc) -I % sh -c 'case % in agent|tiny|console|vsock_device) most=2048;; *) most=8192;; esac; \
	    ASAN_OPTIONS=quarantine_size_mb=4 $(F)/fuzz_% -max_len=$$most -dict=tests/fuzz/json.dict \
	    -max_total_time=$$(( $(T) * $$(nproc) / $(words $(FUZZ)) + 1 )) -artifact_prefix=$(F)/%- -verbosity=0 \
	    -print_final_stats=1 $(F)/% $$(ls -d tests/fuzz/seeds/% $(F)/streams/% 2>/dev/null) >$(F)/%.log 2>&1; \
	  status=$$?; echo fuzz_%; cat $(F)/%.log; exit $$status'

# The agent, its loop and its drivers in a world that a number decides. The world goes on between any two functions
# of what is compiled here once more.
S            := $(BUILD)/simulate
SIMULATE     := $(wildcard hal/virtio/*.c hal/uart/*.c) proto/core/run.c
SIMULATE_CC  := $(HOSTCC) $(UNIT_FLAGS) -D_GNU_SOURCE
SIMULATE_OBJ := $(patsubst tests/simulate/%.c,$(S)/%.o,$(wildcard tests/simulate/*.c))

$(S)/%.o: tests/simulate/%.c $(wildcard tests/simulate/*.h tests/fake/*.h include/*.h hal/*/*.h) Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(SIMULATE_CC) -c -o $@ $<
$(S)/restless/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(SIMULATE_CC) -finstrument-functions -MMD -MP -c -o $@ $<
$(S)/simulate: $(SIMULATE_OBJ) $(SIMULATE:%=$(S)/restless/%.o) $(U)/all.a
	$(call say,LD)$(SIMULATE_CC) $(STAY) -o $@ $^
-include $(SIMULATE:%=$(S)/restless/%.d)

SEEDS ?= 1000
.PHONY: simulate simulate-bugs simulate-cc chaos
simulate: $(S)/simulate ## the agent in a world that a number decides, SEEDS= of them from SEED= on
	@$(S)/simulate $(if $(filter command,$(firstword $(origin SEED))),$(if $(filter command,$(firstword $(origin SEEDS))),$(SEEDS),1) $(SEED),$(SEEDS))
simulate-bugs: $(S)/simulate ## put the bugs of tests/simulate/bugs.toml back, one at a time: does the simulation find each?
	@$(PYTHON) tests/simulate/test_simulate.py
simulate-cc: $(S)/simulate
	@echo '$(SIMULATE_CC) -finstrument-functions'
chaos: ## N= rounds of bad luck on guests in QEMU; BOARD=, CHANNEL=, VIRTIO=, NEWER=1 and SEED= choose
	@$(PYTHON) tests/chaos/chaos.py $(N) $(foreach v,BOARD CHANNEL VIRTIO NEWER SEED,$(if $(filter command,$(firstword $(origin $v))),--$v=$($v)))

# --- Benchmark -----------------------------------------------------------------------------------
#
# tests/bench/ECHO.c takes the place of firmware/ (what answering costs at least), byte.S of everything
# (what booting costs at least). `make peers` builds the Linux guests to compare with, kernels included.

PACKAGES_bench := $(PACKAGES_test) python3-matplotlib valgrind binutils
PACKAGES_peers := cpio binutils debian-archive-keyring make gcc flex bison bc xz-utils libc6-dev libelf-dev gcc-aarch64-linux-gnu gcc-riscv64-linux-gnu
INC_tests      := $(INC_firmware)
BENCH_OBJ      := $(filter $(O)/hal/% $(O)/boards/% $(O)/proto/cmd/base64.c.o,$(OBJ))
BYTE_virt-riscv64   := 0x80000000
BYTE_virt-aarch64   := 0x40200000
BYTE_x86_64 := 0x200000

$(O)/bench-byte.elf: tests/bench/byte.S tests/bench/byte.ld
	@mkdir -p $(@D)
	$(call say,LD)$(CROSS)gcc $(CPUFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--defsym=BASE=$(BYTE_$(BOARD)) -T $(word 2,$^) -o $@ $<
$(O)/bench-%.elf: $(O)/tests/bench/%.c.o $(BENCH_OBJ) $(SCRIPTS)
	$(call say,LD)$(CROSS)gcc $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBC_LIBS)
.SECONDARY: $(O)/tests/bench/echo.c.o $(O)/tests/bench/base64.c.o

.PHONY: bench peers
peers: ## build the Linux + qemu-ga guests that bench compares with; takes a while
	@$(SETUP) $(PACKAGES_peers)
	@no=; for a in amd64 riscv64 arm64; do for k in --lean ''; do $(PYTHON) tests/bench/peer.py $$a $$k || no=1; done; done; [ -z "$$no" ]
bench: ## measure beside Linux and qemu-ga and write docs/PERFORMANCE.md; QUICK=1 only to build/bench
	@$(SETUP) $(PACKAGES_bench)
	@$(PYTHON) tests/bench/bench.py $(if $(QUICK),--quick,$(if $(ARGS),,--docs docs)) $(ARGS)

# --- Documents ---------------------------------------------------------------------------------

.PHONY: figures docs apidoc pictures
pictures: ## draw docs/run.svg and docs/top.svg, of what a terminal shows
	@$(SETUP) $(PACKAGES_run) $(PACKAGES_qgactl)
	@$(PYTHON) tests/tools/pictures.py
apidoc: ## write the reference of the public headers: build/api/index.html
	@mkdir -p $(BUILD)/api
	@APIDOC=$(BUILD)/api BAREQGA_VERSION=$$(sed -n 's/^#define BAREQGA_VERSION  *"\(.*\)".*/\1/p' include/bareqga.h) doxygen docs/Doxyfile
figures: boards ## print what each board's image costs: flash, RAM, deepest stack
	@$(PYTHON) tests/tools/figures.py
docs: boards ## write what is generated: README's transcript and board table, tables of commands, limits, differences
	@$(PYTHON) tests/tools/docs.py

# --- How much the tests see ------------------------------------------------------------------------

# Lines and branches that the unit tests and the fuzzers' seeds reach, as HTML: the same programs once more,
# without sanitizers, for those add branches of their own.
C           := $(BUILD)/coverage
COVER_FLAGS := $(filter-out -O1 -fno-sanitize-recover=all,$(HERE_FLAGS)) -O0 --coverage
COVER_PC    := $(PC_TESTS:$(U)/%=$(C)/own/%)
COVER_OWN   := $(C)/own/test_tiny $(COVER_PC) $(C)/own/test_board_riscv_s
COVER_BOARD := $(patsubst tests/unit/%.c,$(C)/%,$(filter-out tests/unit/test_board_pc_% %_riscv_s.c,$(wildcard tests/unit/test_board_*.c)))
COVER_TESTS := $(patsubst tests/unit/%.c,$(C)/%,$(filter-out %/test_threads.c %/test_tiny.c tests/unit/test_x86% tests/unit/test_board_%,$(wildcard tests/unit/test_*.c)))
COVER_SEEDS := $(C)/own/fuzz_tiny
COVER_FUZZ  := $(patsubst tests/fuzz/%.c,$(C)/%,$(filter-out %/fuzz_tiny.c %/fuzz_race.c,$(wildcard tests/fuzz/fuzz_*.c)))

$(C)/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(COVER_FLAGS) -MMD -MP -c -o $@ $<
$(C)/all.a: $(HERE:%=$(C)/%.o)
	@rm -f $@; ar qcs $@ $^
$(COVER_TESTS): $(C)/%: $(C)/tests/unit/%.c.o $(C)/all.a
	$(call say,LD)$(HOSTCC) $(COVER_FLAGS) -o $@ $^ -lcmocka
$(C)/own/test_tiny: tests/unit/test_tiny.c $(PROTO_TINY) $(wildcard proto/*.h proto/*/*.h) Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,LD)$(HOSTCC) $(COVER_FLAGS) $(TINY) -o $@ $(filter %.c,$^) -lcmocka
$(C)/own/fuzz_tiny: tests/fuzz/fuzz_tiny.c tests/tools/play.c $(PROTO_TINY) $(wildcard proto/*.h proto/*/*.h) Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,LD)$(HOSTCC) $(COVER_FLAGS) -D_GNU_SOURCE $(TINY) -o $@ $(filter %.c,$^)
$(C)/own/pc/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(COVER_FLAGS) $(PC_FLAGS) -MMD -MP -c -o $@ $<
$(C)/own/s/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(COVER_FLAGS) $(S_FLAGS) -MMD -MP -c -o $@ $<
$(C)/boards.a: $(BOARD_HERE:%=$(C)/%.o)
	@rm -f $@; ar qcs $@ $^
$(C)/own/pc.a: $(PC_HERE:%=$(C)/own/pc/%.o)
	@rm -f $@; ar qcs $@ $^
$(COVER_BOARD): $(C)/%: $(C)/tests/unit/%.c.o $(C)/boards.a $(C)/all.a
	$(call say,LD)$(HOSTCC) $(COVER_FLAGS) -o $@ $^ -lcmocka
$(COVER_PC): $(C)/own/%: $(C)/own/pc/tests/unit/%.c.o $(C)/own/pc.a
	$(call say,LD)$(HOSTCC) $(COVER_FLAGS) -no-pie -o $@ $^ -lcmocka
$(C)/own/s.a: $(BOARD_HERE:%=$(C)/own/s/%.o)
	@rm -f $@; ar qcs $@ $^
$(C)/own/test_board_riscv_s: $(C)/own/s/tests/unit/test_board_riscv_s.c.o $(C)/own/s.a $(C)/all.a
	$(call say,LD)$(HOSTCC) $(COVER_FLAGS) -o $@ $^ -lcmocka
$(COVER_FUZZ): $(C)/%: $(C)/tests/fuzz/%.c.o $(C)/all.a $(C)/tests/tools/play.c.o
	$(call say,LD)$(HOSTCC) $(COVER_FLAGS) -o $@ $^
$(COVER_FUZZ:$(C)/%=$(C)/tests/fuzz/%.c.o): private COVER_FLAGS += -D_GNU_SOURCE
$(C)/boards/%.o $(C)/tests/unit/test_board_%.o: private COVER_FLAGS += $(BOARD_INC)
.SECONDARY: $(COVER_PC:$(C)/own/%=$(C)/own/pc/tests/unit/%.c.o) $(C)/own/s/tests/unit/test_board_riscv_s.c.o
.SECONDARY: $(COVER_BOARD:$(C)/%=$(C)/tests/unit/%.c.o) $(COVER_TESTS:$(C)/%=$(C)/tests/unit/%.c.o) $(COVER_FUZZ:$(C)/%=$(C)/tests/fuzz/%.c.o)
-include $(HERE:%=$(C)/%.d) $(COVER_TESTS:$(C)/%=$(C)/tests/unit/%.c.d) $(COVER_BOARD:$(C)/%=$(C)/tests/unit/%.c.d) $(COVER_FUZZ:$(C)/%=$(C)/tests/fuzz/%.c.d)
-include $(C)/own/s/tests/unit/test_board_riscv_s.c.d
-include $(BOARD_HERE:%=$(C)/%.d) $(BOARD_HERE:%=$(C)/own/s/%.d) $(PC_HERE:%=$(C)/own/pc/%.d) $(COVER_PC:$(C)/own/%=$(C)/own/pc/tests/unit/%.c.d)

.PHONY: coverage coverage-target mutate
coverage-target: boards ## lines that the emulator tests execute on the boards themselves, start-up and traps among them
	@rm -rf $(BUILD)/executed; mkdir -p $(BUILD)/executed
	@TRACE_GUESTS=$(abspath $(BUILD))/executed $(PYTEST) tests/emu $(ARGS)
	@$(PYTHON) tests/tools/coverage_target.py $(BUILD)/executed
coverage: $(COVER_TESTS) $(COVER_BOARD) $(COVER_OWN) $(COVER_FUZZ) $(COVER_SEEDS) $(F)/streams ## lines and branches that unit tests and seeds reach: build/coverage/index.html and a table
	@$(SETUP) $(PACKAGES_test) gcovr
	@$(PYTHON) tests/tools/coverage.py $(C) $(F)/streams $(COVER_TESTS) $(COVER_BOARD) $(COVER_OWN) -- $(COVER_FUZZ) $(COVER_SEEDS)

# The unit tests without sanitizers or optimisation, which is what compiles, links and runs in the shortest time.
M            := $(BUILD)/mutate
MUTATE_FLAGS := $(filter-out -O1 -g -fno-sanitize-recover=all -fno-omit-frame-pointer,$(HERE_FLAGS)) -O0
MUTATE_UNIT  := $(patsubst %,$(M)/%.o,$(filter-out %/test_tiny.c %/test_threads.c tests/unit/test_x86% tests/unit/test_board_%,$(wildcard tests/unit/test_*.c)))
MUTATE_TINY  := $(PROTO_TINY:%=$(M)/tiny/%.o)

$(M)/tiny/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(MUTATE_FLAGS) $(TINY) -MMD -MP -c -o $@ $<
$(M)/%.o: % Makefile | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(HOSTCC) $(MUTATE_FLAGS) -MMD -MP -c -o $@ $<
$(M)/all.a: $(HERE:%=$(M)/%.o)
	@rm -f $@; ar rcs $@ $^
$(M)/tiny/all.a: $(MUTATE_TINY)
	@rm -f $@; ar rcs $@ $^
-include $(HERE:%=$(M)/%.d) $(MUTATE_UNIT:.o=.d) $(MUTATE_TINY:.o=.d)

.PHONY: mutate-build unit-cc
unit-cc:
	@echo '$(HOSTCC) $(UNIT_FLAGS)'
mutate-build: $(M)/all.a $(M)/tiny/all.a $(MUTATE_UNIT) $(M)/tiny/tests/unit/test_tiny.c.o
N    ?= 1000
SEED ?= 1
mutate: mutate-build $(U)/all.a $(U)/tiny/all.a $(MUTATE_UNIT:$(M)/%=$(U)/%) $(U)/tiny/tests/unit/test_tiny.c.o $(S)/simulate ## change N= places of proto/ and the virtio code, one at a time, chosen by SEED=: do the tests notice?
	@$(PYTHON) tests/tools/mutate.py $(SEED) $(N) $(ARGS) -- $(HOSTCC) $(MUTATE_FLAGS) -- $(HOSTCC) $(UNIT_FLAGS) -- $(SIMULATE_CC)
.PHONY: prove
prove: ## check the proofs of tests/proofs, and that each notices a fault put in on purpose: spin and CBMC
	@$(SETUP) $(PACKAGES_test)
	@sh tests/tools/cbmc.sh $(BUILD)/cbmc
	@$(PYTHON) tests/tools/prove.py $(BUILD)/cbmc/cbmc $(ARGS)
.PHONY: trust
trust: unit-build ## run what docs/TRUST.md has figures of, and write them there
	@$(PYTHON) tests/tools/trust.py
