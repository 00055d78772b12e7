# SPDX-License-Identifier: MIT
# All of the build. `make help` lists what it can do; a board's own facts are in boards/BOARD/board.mk.

# Make splits names at blanks, quoted or not.
ifneq ($(words [$(CURDIR)]),1)
$(error "$(CURDIR)" has a blank in its name, which make cannot work with: move the folder to a place without one)
endif

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:

BUILD   ?= build
PYTHON  := /usr/bin/python3

# A read-only checkout, or another user's build/.
ifneq ($(filter-out help list qemu-cmd variants facts has-clang print-%,$(or $(MAKECMDGOALS),all)),)
ifeq ($(shell d='$(BUILD)'; while [ ! -e "$$d" ]; do d=$$(dirname "$$d"); done; test -w "$$d" && echo yes),)
$(error $(abspath $(BUILD)) may not be written to; make BUILD=/elsewhere builds there)
endif
endif

# V=1 shows the commands; otherwise one word for each file, and with make -s nothing.
SHORT := $(filter-out --% %=%,$(firstword $(MAKEFLAGS)))
say    = $(if $(V),,@$(if $(findstring s,$(SHORT)),,echo '  $1 $(or $2,$@)';))
MAKE_ALL  = $(MAKE) --no-print-directory $(if $(findstring j,$(MAKEFLAGS)),,-j$(shell nproc))

# --- What to build: BOARD ------------------------------------------------------------------------
#
# A board.mk says what the board is made with:
#   ARCH            hal/arch/ARCH is linked in
#   CROSS           prefix of GCC and binutils
#   CPUFLAGS        for the compiler and the linker
#   CLANG_FLAGS     what clang needs beside CPUFLAGS to compile for it; empty: clang cannot
#   GCC_FLAGS       what GCC alone is told, to compile and to link
#   LIBC_CFLAGS LIBC_LDFLAGS LIBC_LIBS    the C library
#   MEM             hal/arch/mem.c, or empty: the C library copies memory; it is slower, and smaller
#   RECORD          empty: of a trap neither registers nor calls are kept, and ARCH_WITH_RECORD is 0
#   SHARED          files of boards/shared/ that it is made with
#   BORROWED        files of another board that it is made with
#   PROTO           files of proto/, if not all but tiny/; PROTO_TINY makes the smallest agent
#   FIRMWARE        files of firmware/, if not all but env/small.c
#   DEFINES         -D of agent_config.h and the like
#   FLASH_SIZE      of the flash that flash.ld puts the image into
#   RAW             Image: without ELF around it as well; bzImage: as Linux for x86 is loaded
#   LTO             empty: each file is compiled for itself
#   PACKAGES        Debian packages to build and run it, on one line
#   NATIVE          yes: a program of this machine, made of proto/, NATIVE_SRC and the board itself
# and how it is launched: see "QEMU" below.

# TARGET=... asks for a board by its processor, for `make lib`.
TARGETS := host=host riscv64=virt-riscv64 riscv32=virt-riscv32 aarch64=virt-aarch64 arm=virt-arm \
           x86_64=x86_64 armv7m=mps2-an385
ifdef TARGET
override BOARD := $(patsubst $(TARGET)=%,%,$(filter $(TARGET)=%,$(TARGETS)))
ifeq ($(BOARD),)
$(error there is no target "$(TARGET)"; TARGET=... is one of: $(foreach t,$(TARGETS),$(firstword $(subst =, ,$t))))
endif
endif

# VMM=firecracker runs an image elsewhere than in QEMU: what there is, is in tests/vmms.py.
VMM    ?=
BOARD  ?= $(if $(VMM),x86_64,virt-riscv64)
BOARDS := $(sort $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk)))

# What needs no board may be asked for with any BOARD.
BOARDLESS := boards list setup fresh fresh-packages systems qemu-new vhost-vsock efi-riscv64 unit emu test check analyze coverage coverage-target mutate prove simulate simulate-bugs simulate-cc chaos trust fuzz fuzz-answers fuzz-diff bench peers figures docs pictures apidoc qgactl embed dist crate iso disk clean help
ifneq ($(filter $(BOARD),$(BOARDS)),)
include boards/$(BOARD)/board.mk
else ifneq ($(filter-out $(BOARDLESS),$(or $(MAKECMDGOALS),all)),)
$(error there is no board "$(BOARD)"$(if $(filter microvm-x86_64 q35-x86_64,$(BOARD)),: it is BOARD=x86_64 MACHINE=$(BOARD:%-x86_64=%) now,; BOARD=... is one of: $(BOARDS)))
endif

# APP=example links an application with the firmware: firmware/APP/*.c, see firmware/app.h.
APP  ?=
APPS := $(filter-out env,$(patsubst firmware/%/,%,$(sort $(dir $(wildcard firmware/*/*.c)))))
ifneq ($(filter-out $(APPS),$(APP)),)
$(error there is no application "$(APP)"; APP=... is one of: $(APPS))
endif

# FLASH=1 makes an image that executes in place, from the board's flash: its regions are in flash.ld.
FLASH   ?=
override FLASH := $(if $(FLASH),1)
MEMORY  := boards/$(BOARD)/$(if $(FLASH),flash,memory).ld
ifneq ($(FLASH),)
ifeq ($(wildcard $(MEMORY)),)
$(error BOARD=$(BOARD) has no flash to execute from; those that have: $(patsubst boards/%/flash.ld,%,$(wildcard boards/*/flash.ld)))
endif
endif

# CC=clang compiles with clang (GCC still links); everything else means the board's GCC.
CLANG   := $(findstring clang,$(CC))
COMPILE  = $(if $(CLANG),$(CC) $(CLANG_FLAGS),$(CROSS)gcc $(GCC_FLAGS))
O       := $(BUILD)/$(BOARD)$(if $(CLANG),-clang)$(if $(APP),-$(APP))$(FLASH:%=-flash)
OPT     ?= -O2
# The whole image is optimised at once: less code, and fewer instructions for each command.
LTO     ?= $(if $(NATIVE)$(CLANG),,-flto)
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror
# What GCC does even with -Os, and makes code longer.
SMALLER := -fno-expensive-optimizations -fno-move-loop-invariants -fno-tree-loop-im -fno-ipa-cp -fno-caller-saves
# What is kept across a loop, or copied to spare a jump, is code that a boot runs once: 5 to 12 blocks, and 1.3 to 1.9 KB.
ONCE    := -fno-tree-loop-im --param=max-jump-thread-duplication-stmts=4
override GCC_FLAGS += $(if $(filter -Os,$(OPT)),$(SMALLER)) $(if $(NATIVE),,$(if $(filter -O2,$(OPT)),$(ONCE)))
# Notes who calls whom and what stack that takes, for tests/tools/figures.py.
CALLS   := $(if $(CLANG),,-fcallgraph-info=su)
# The build id is one of debug information, too: it must not tell where the sources are.
HERE_IS := -fdebug-prefix-map=$(CURDIR)=.
CFLAGS   = -std=gnu11 $(OPT) -g $(HERE_IS) -ffunction-sections -fdata-sections -fno-common $(WARN) \
           $(CPUFLAGS) $(if $(CLANG),,$(LIBC_CFLAGS)) $(DEFINES) $(WITH_APP) $(EXTRA_CFLAGS)
LDFLAGS  = $(CPUFLAGS) $(LIBC_LDFLAGS) $(if $(LTO),$(LTO) $(OPT) $(HERE_IS) $(GCC_FLAGS) -flto-partition=one $(CALLS)) -Wl,--gc-sections $(if $(NATIVE),,-nostartfiles -static \
           -Wl,--build-id=$(BUILD_ID) -Wl,--fatal-warnings -Llinker -T $(MEMORY))

# What only an application can back is there only with one; no machine here needs hooks for DMA.
WITH_APP := $(if $(APP),-DFIRMWARE_APP,$(if $(NATIVE),,-DQGA_WITH_HOOKS=0)) $(if $(NATIVE),,-DQGA_WITH_DMA=0)

# What a trap's record is made of, but for the smallest image.
RECORD   ?= hal/arch/record.c
BUILD_ID ?= $(if $(RECORD),sha1,none)
MEM     ?= $(if $(filter arm riscv,$(ARCH)),hal/arch/mem.c)

# Layering: the objects of a folder see only what that folder may use.
INC_proto    := -Iinclude -Iproto -I$(BUILD)/deps
INC_hal      := -Iinclude -Ihal -Ihal/arch/$(ARCH)
INC_boards   := -Iboards $(INC_hal)
PROTO_TINY   := $(wildcard proto/tiny/*.c) $(addprefix proto/,commands.c json/json_out.c json/utf8.c core/check.c core/fault.c core/line.c core/policy.c core/run.c core/stream.c \
                  $(addprefix cmd/,info.c ping.c power.c sync.c time.c))
PROTO_ALL    := $(filter-out proto/tiny/%,$(wildcard proto/*.c proto/*/*.c))
PROTO        ?= $(PROTO_ALL)
HAL          := $(filter-out hal/arch/%,$(wildcard hal/*/*.c))
FIRMWARE_ENV := $(filter-out firmware/env/small.c,$(wildcard firmware/env/*.c))
FIRMWARE     ?= firmware/main.c $(FIRMWARE_ENV)
INC_firmware := -Iinclude -Ifirmware -Iproto -Iboards -Ihal

ifdef NATIVE
INC_boards   := -Iinclude -Iboards/$(BOARD) -Iboards -Ihal -Iproto -Ifirmware
SRC          := $(PROTO) $(wildcard boards/$(BOARD)/*.c $(APP:%=firmware/%/*.c)) $(NATIVE_SRC)
IMAGE        := $(O)/bareqga
else
SRC          := $(PROTO) $(HAL) $(wildcard hal/arch/$(ARCH)/*.c hal/arch/$(ARCH)/*.S \
                  $(MEM) $(RECORD) \
                  $(addprefix boards/shared/,$(SHARED)) $(BORROWED) boards/$(BOARD)/*.c boards/$(BOARD)/*.S $(FIRMWARE) \
                  $(APP:%=firmware/%/*.c))
IMAGE        := $(O)/bareqga.elf
SCRIPTS      := $(MEMORY) $(wildcard linker/*.ld)
endif
OBJ          := $(patsubst %,$(O)/%.o,$(SRC))

.PHONY: all
all: $(IMAGE) $(if $(FLASH),flash,$(RAW:%=$(O)/bareqga.%)) ## build the firmware of BOARD: build/BOARD/bareqga.elf

$(IMAGE): $(OBJ) $(SCRIPTS)
	$(call say,LD)$(CROSS)gcc $(LDFLAGS) $(if $(NATIVE),,-Wl,-Map=$(O)/bareqga.map) -o $@ $(OBJ) $(LIBC_LIBS)

# The same image in other forms.
$(O)/bareqga.Image $(O)/bareqga.bin: $(IMAGE)
	$(CROSS)objcopy -O binary $< $@
$(O)/bareqga.hex: $(IMAGE)
	$(CROSS)objcopy -O ihex $< $@
# What setup.S says to loaders, then the image.
$(O)/bareqga.bzImage: $(IMAGE)
	$(call say,GEN)$(CROSS)objcopy -O binary -j .setup --set-section-flags .setup=alloc,load $< $@
	@$(CROSS)objcopy -O binary $< $@.image; cat $@.image >>$@; rm $@.image
# QEMU wants a flash image to be as large as the flash.
$(O)/bareqga.flash: $(O)/bareqga.bin
	@cp $< $@; truncate -s $(FLASH_SIZE) $@

.PHONY: flash
ifneq ($(FLASH),)
flash: $(O)/bareqga.bin $(O)/bareqga.hex $(O)/bareqga.flash
else
flash: ## images that execute in place: build/BOARD-flash/bareqga.bin and .hex
	@$(MAKE) --no-print-directory BOARD=$(BOARD) FLASH=1 flash
endif

$(O)/%.o: % $(O)/flags | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(CFLAGS) $(LTO) $(CALLS) $(INC_$(firstword $(subst /, ,$*))) -MMD -MP -c -o $@ $<

# What compilers put calls to of their own accord must be there when they do.
$(O)/hal/arch/mem.c.o $(O)/hal/arch/x86/libc.c.o: private LTO :=

# Changed flags, and a file added or removed, build anew. Each make has its own note, for some run side by side.
$(O)/flags: NOW = $@.$(shell echo $$PPID)
$(O)/flags: FORCE
	@command -v $(CROSS)gcc >/dev/null || { echo '$(CROSS)gcc is not here; "make setup" installs it' >&2; exit 1; }
	@$(shell mkdir -p $(@D))$(file >$(NOW),$(COMPILE) $(CFLAGS) $(LDFLAGS) $(SRC))
	@cmp -s $(NOW) $@ && rm $(NOW) || { find $(O) -name '*.ci' -delete; mv $(NOW) $@; }
.PHONY: FORCE
FORCE:

# jsmn is one header, and all that may be seen of the host's /usr/include. A second make that finds it missing, too, does not
# take it away from the first one's compiler, nor make it newer than what that has compiled.
$(BUILD)/deps/jsmn.h: /usr/include/jsmn.h
	@mkdir -p $(@D); cp -p $< $@.$$$$ && mv $@.$$$$ $@
/usr/include/jsmn.h:
	@echo '$@ is not here; "make setup" installs it' >&2; exit 1

-include $(OBJ:.o=.d)

.PHONY: boards list
boards: ## build the firmware of every board
	+@set -e; for b in $(BOARDS); do $(MAKE_ALL) BOARD=$$b all; done
list: ## print the names of all boards
	@echo $(BOARDS)

include tools/qgactl/qgactl.mk
include tools/disk.mk

# --- QEMU ----------------------------------------------------------------------------------------
#
# A board.mk says how it is launched:
#   QEMU            qemu-system-...
#   QEMU_MACHINE    machine, processor, memory
#   QEMU_MACHINES   what MACHINE may be, where one image runs on several machines; the first is the default
#   QEMU_CHANNELS   what the agent's channel may be; the first is the default
#   QEMU_ACCELS     likewise
#   QEMU_uart       how the chardev "agent" becomes the UART the agent speaks on
#   QEMU_kvm        what ACCEL=kvm changes, beside -accel kvm
#   QEMU_KERNEL     how the image is loaded
#   LAUNCH          the whole command, for a board that is no machine
# All of them vary by SOCK= QMP= LOG= QEMU_EXTRA= and by the choices:

VIRTIO  ?= legacy
ON_VMM  := $(VMM) $(BOARD) $(CHANNEL)
MACHINE ?= $(firstword $(QEMU_MACHINES))
CHANNEL ?= $(firstword $(QEMU_CHANNELS))
ACCEL   ?= $(firstword $(QEMU_ACCELS))

QEMU_CHANNELS ?= virtio uart
QEMU_ACCELS   ?= tcg
QEMU_KERNEL   ?= $(if $(FLASH),-drive if=pflash$(comma)format=raw$(comma)readonly=on$(comma)file=$(abspath $(O))/bareqga.flash,-kernel $(abspath $(IMAGE)))
QEMU_log       = -serial $(if $(LOG),$(if $(filter stdio,$(LOG)),stdio,file:$(LOG)),null)
QEMU_uart     ?= -serial chardev:agent
QEMU_virtio    = $(QEMU_log) $(if $(filter modern,$(VIRTIO)),-global virtio-mmio.force-legacy=off) \
                 -device virtio-serial-device -device virtserialport,chardev=agent,id=agent0,name=org.qemu.guest_agent.0
SOCK          ?= $(abspath $(O)/agent.sock)
LAUNCH        ?= $(or $(QEMU_PREFIX),$(QEMU_OWN))$(QEMU) $(QEMU_MACHINE) -nodefaults -no-user-config -display none -accel $(ACCEL) \
                 $(QEMU_$(ACCEL)) $(QEMU_KERNEL) -chardev socket,id=agent,path=$(SOCK),server=on,wait=off \
                 $(QEMU_$(CHANNEL)) $(if $(QMP),-qmp unix:$(QMP)$(comma)server=on$(comma)wait=off) $(QEMU_EXTRA)
comma         := ,
# QEMU_PREFIX=DIRECTORY/ takes QEMU from elsewhere; QEMU_NEW=1 takes the one of Debian's backports.
QEMU_PREFIX := $(or $(QEMU_PREFIX),$(if $(QEMU_NEW),$(abspath $(BUILD))/qemu-new/bin/))
export QEMU_PREFIX
# Where `make setup` has unpacked the emulator, if there was no place for it in the system.
QEMU_OWN       = $(if $(wildcard $(BUILD)/qemu/bin/$(QEMU)),$(if $(shell command -v $(QEMU)),,$(abspath $(BUILD)/qemu/bin)/))

# Says what a board or a choice lacks, in one sentence.
choice = $(if $(filter $($1),$2),,$(error BOARD=$(BOARD) has no $1=$($1)$(if $2,; $1=... is one of: $2)))
choices = $(if $(VMM),$(error VMM=$(VMM) is for "make run"))$(if $(MACHINE),$(call choice,MACHINE,$(QEMU_MACHINES)))$(call choice,CHANNEL,$(QEMU_CHANNELS))$(call choice,ACCEL,$(QEMU_ACCELS))$(call choice,VIRTIO,legacy modern)
# What is printed is split at blanks by the shell that it is pasted into, or that runs $(make -s qemu-cmd).
whole = $(if $(word 2,$($1)),$(error $1=$($1) has a blank, at which a shell would split it))
# A QEMU that was asked for is there.
chosen = $(if $(and $(QEMU_PREFIX),$(QEMU)),$(if $(wildcard $(QEMU_PREFIX)$(QEMU)),,$(error $(QEMU_PREFIX)$(QEMU) is not here$(if $(QEMU_NEW),; "make qemu-new" unpacks it))))

.PHONY: qemu-cmd variants has-clang facts
qemu-cmd: ## print the command that boots BOARD with the agent on the unix socket SOCK
	$(choices)$(chosen)$(call whole,SOCK)$(call whole,QMP)$(call whole,LOG)
	@echo '$(strip $(LAUNCH))'

# For the tests: a variable; one line for each way to launch BOARD on MACHINE: CHANNEL VIRTIO ACCEL; can clang compile it?
variants:
	@for a in $(QEMU_ACCELS); do for c in $(QEMU_CHANNELS); do \
	  if [ $$c = virtio ]; then echo "$$c legacy $$a"; echo "$$c modern $$a"; else echo "$$c legacy $$a"; fi; \
	done; done
has-clang:
	@echo $(if $(NATIVE)$(CLANG_FLAGS),yes,no)
print-%:
	@echo '$($*)'
facts:
	@echo 'CROSS=$(CROSS)'; echo 'IMAGE=$(IMAGE)'; echo 'DEFINES=$(DEFINES)'

.PHONY: qemu-new
qemu-new: ## unpack the QEMU of Debian's backports below build/, for QEMU_NEW=1
	@sh tests/tools/qemu-new.sh $(BUILD)/qemu-new

.PHONY: vhost-vsock
vhost-vsock: ## unpack Debian sid's vhost-device-vsock below build/, for the tests of the socket device
	@sh tests/tools/vhost-vsock.sh $(BUILD)/vhost-vsock

.PHONY: efi-riscv64
efi-riscv64: ## unpack Debian 13's EDK2 for riscv64 below build/, for its test
	@sh tests/tools/efi-riscv64.sh $(BUILD)/efi-riscv64

.PHONY: fresh
fresh: ## `make run` and `make test` on a fresh Debian, which goes afterwards: SUITE=bookworm|trixie
	@RECOMMENDS=$(RECOMMENDS) SYS=$(SYS) KVM=$(KVM) sh tests/tools/fresh.sh '$(SUITE)'

.PHONY: fresh-packages
fresh-packages: ## build the packages of debian/, install them on a fresh Debian, ask a guest there: SUITE=, IMAGES= boards
	@IMAGES='$(IMAGES)' sh tests/tools/packages.sh '$(SUITE)'

.PHONY: systems
systems: ## measure on fresh Debians of both releases what their tools make of the sources: the table in docs/SYSTEMS.md
	@$(PYTHON) tests/tools/systems.py

.PHONY: setup run shell
SETUP         := sh tests/tools/setup.sh $(BUILD)/qemu
PACKAGES_run  := make gcc libc6-dev libjsmn-dev python3 $(PACKAGES)
PACKAGES_test := $(sort make gcc g++ spin cmake pkg-config python3-yaml python3-kconfiglib libc6-dev libjsmn-dev python3 python3-pytest python3-pytest-xdist libcmocka-dev clang libclang-rt-dev clang-format clang-tidy cppcheck \
                   git file socat openssh-client ovmf qemu-guest-agent libvirt-daemon libvirt-clients \
                   libvirt-daemon-driver-qemu debian-archive-keyring valgrind doxygen python3-simplejson qemu-utils \
                   json-schema-test-suite golang-github-valyala-fastjson-dev $(PACKAGES_qgactl) $(PACKAGES_disk) qemu-efi-aarch64 u-boot-qemu $(shell sed -n 's/^PACKAGES *:= *//p' boards/*/board.mk))
setup: ## install the Debian packages that building and testing every board needs
	@$(SETUP) $(PACKAGES_test)

run: ## boot BOARD, talk to its agent, power it off: see it work; VMM=firecracker does so without QEMU
	$(if $(VMM),,$(choices)$(chosen))
	$(if $(VMM),@$(PYTHON) tests/tools/run.py --vmm --check $(ON_VMM))
	@$(SETUP) $(PACKAGES_run)
	+@$(MAKE_ALL) all
	@$(PYTHON) tests/tools/run.py $(if $(VMM),--vmm $(ON_VMM),$(BOARD) $(CHANNEL) $(VIRTIO) $(ACCEL) $(MACHINE))

shell: ## boot BOARD and leave it running; prints how to talk to it
	$(choices)$(chosen)
	@$(SETUP) $(PACKAGES_run) socat
	+@$(MAKE_ALL) all
	@$(PYTHON) tests/tools/run.py --shell $(BOARD) $(CHANNEL) $(VIRTIO) $(ACCEL) $(MACHINE)

include lib.mk
include tests/tests.mk

# --- The rest ------------------------------------------------------------------------------------

.PHONY: clean help
clean: ## remove everything that was built
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile lib.mk tools/disk.mk tests/tests.mk | expand -t 16
	@echo; echo 'BOARD=   $(BOARDS)'
	@echo 'TARGET=  $(foreach t,$(TARGETS),$(firstword $(subst =, ,$t)))    for lib, in the place of BOARD'
	@echo 'VIRTIO=  legacy modern    CHANNEL= virtio uart    ACCEL= tcg kvm    where the board has the choice'
	@echo 'MACHINE= microvm q35 pc    QEMU'\''s, for BOARD=x86_64'
	@echo 'APP=     $(APPS)    an application linked with the firmware'
	@echo 'VMM=     firecracker cloud-hypervisor crosvm alioth kvmtool libkrun    for run, in the place of QEMU; FIRECRACKER=... is where it is'
	@echo 'FLASH=1  executes in place, from flash    OPT=-O2    CC=clang    BUILD=build    V=1 shows the commands'
	@echo 'SOCK=    the unix socket of the agent, for qemu-cmd    QMP= that of the monitor    LOG= a file, or stdio, for lines of text'
	@echo 'QEMU_EXTRA=   more options    QEMU_PREFIX= DIRECTORY/ of another QEMU    QEMU_NEW=1 the one of qemu-new'
