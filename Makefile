# SPDX-License-Identifier: MIT
# All of the build. `make help` lists what it can do; a board's own facts are in boards/BOARD/board.mk.

BOARD   ?= virt-riscv64
VIRTIO  ?= legacy
CHANNEL ?= virtio
ACCEL   ?= tcg
BUILD   ?= build
O       := $(BUILD)/$(BOARD)

BOARDS := $(sort $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk)))

ifeq ($(filter $(BOARD),$(BOARDS)),)
$(error there is no board "$(BOARD)"; BOARD=... is one of: $(BOARDS))
endif

include boards/$(BOARD)/board.mk

CC       := $(CROSS)gcc
OPT      ?= -O2
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror
CFLAGS   := -std=gnu11 $(OPT) -g -ffunction-sections -fdata-sections -fno-common $(WARN) \
            $(CPUFLAGS) $(LIBC_CFLAGS) $(DEFINES) $(EXTRA_CFLAGS)
LDFLAGS  := $(CPUFLAGS) -nostartfiles -static -Wl,--gc-sections -Wl,--build-id=none \
            -Llinker -T boards/$(BOARD)/memory.ld $(LIBC_LDFLAGS)

# Layering: the objects of a folder see only what that folder may use.
INC_proto    := -Iproto -I$(BUILD)/deps
INC_hal      := -Ihal
INC_boards   := -Iboards -Ihal
INC_firmware := -Ifirmware -Iproto -Iboards -Ihal

SRC_proto    := $(wildcard proto/*.c proto/cmd/*.c)
SRC_hal      := $(wildcard hal/*.c hal/arch/$(ARCH)/*.c hal/arch/$(ARCH)/*.S)
SRC_boards   := $(wildcard boards/*.c boards/$(BOARD)/*.c)
SRC_firmware := $(wildcard firmware/*.c)
SRC          := $(SRC_proto) $(SRC_hal) $(SRC_boards) $(SRC_firmware)
OBJ          := $(patsubst %,$(O)/%.o,$(SRC))

.PHONY: all
all: $(O)/bareqga.elf ## build the firmware of BOARD

$(O)/bareqga.elf: $(OBJ) boards/$(BOARD)/memory.ld $(wildcard linker/*.ld)
	$(CC) $(LDFLAGS) -Wl,-Map=$(O)/bareqga.map -o $@ $(OBJ) $(LIBC_LIBS)

# A change of flags rebuilds.
$(O)/flags: FORCE
	@mkdir -p $(@D); echo '$(CC) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(LDFLAGS)' > $@
FORCE:

$(O)/%.o: % $(O)/flags | $(BUILD)/deps/jsmn.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INC_$(firstword $(subst /, ,$*))) -MMD -MP -c -o $@ $<

# jsmn is one header; only it may be seen of the host's /usr/include.
$(BUILD)/deps/jsmn.h: /usr/include/jsmn.h
	@mkdir -p $(@D); cp $< $@

.PHONY: boards
boards: ## build the firmware of every board
	@for b in $(BOARDS); do $(MAKE) --no-print-directory BOARD=$$b all || exit 1; done

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@echo; echo "BOARD=  $(BOARDS)"; echo "VIRTIO= legacy modern   CHANNEL= virtio uart   ACCEL= tcg kvm"

-include $(OBJ:.o=.d)
