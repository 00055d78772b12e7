# SPDX-License-Identifier: MIT
# The embedding example: a kernel that is not our firmware, on two machines, run in every way that
# there is. It sees what a user of the library sees: the two headers and the archive.

E            := $(BUILD)/embed
EMBED_MODES  := polling interrupt handler smp stream stream-polling least
EMBED_IMAGES := $(EMBED_MODES:%=$(E)/riscv64-%.elf) $(patsubst %,$(E)/aarch64-%.elf,$(filter-out smp,$(EMBED_MODES)))

EMBED_BOARDS       := virt-riscv64 virt-aarch64
EMBED_BOARD_riscv64 := virt-riscv64
EMBED_BOARD_aarch64 := virt-aarch64
EMBED_riscv64 := riscv64-unknown-elf-gcc -march=rv64imac -mabi=lp64 -mcmodel=medany -Wl,--defsym=BASE=0x80000000
EMBED_aarch64 := aarch64-linux-gnu-gcc -mgeneral-regs-only -mstrict-align -mno-outline-atomics -fno-pie -no-pie \
                 -fno-stack-protector -Wl,--defsym=BASE=0x40200000,--build-id=none
EMBED_FLAGS   := -std=gnu11 -O2 -g -fno-common -ffunction-sections -fdata-sections $(WARN) --specs=picolibc.specs
EMBED_polling        := -DKERNEL_POLLING
EMBED_handler        := -DKERNEL_HANDLER
EMBED_smp            := -DKERNEL_SMP
EMBED_stream         := -DKERNEL_STREAM
EMBED_stream-polling := -DKERNEL_STREAM -DKERNEL_POLLING
EMBED_SRC     := $(wildcard tests/embed/*.c)
EMBED_KERNEL  := $(filter-out %/riscv64.c %/aarch64.c,$(EMBED_SRC))
# The least there is, in place of the kernel.
kernel_of      = $(if $(filter least,$1),tests/embed/least/kernel.c,$(EMBED_KERNEL))

.PHONY: embed
embed: $(EMBED_IMAGES)

# $1: the machine, $2: how the agents are run.
define EMBED_IMAGE
$(E)/$1-$2.elf: $(call kernel_of,$2) tests/embed/$1.c tests/embed/$1.S $(wildcard tests/embed/*.h include/*.h) \
                tests/embed/embed.ld tests/embed/embed.mk $(wildcard proto/*.[ch] proto/*/*.[ch] hal/virtio/*.[ch]) | embed-$(EMBED_BOARD_$1)
	@mkdir -p $$(@D)
	$$(call say,LD)$(EMBED_$1) $(EMBED_FLAGS) $(EMBED_$2) -I$(BUILD)/$(EMBED_BOARD_$1)/lib/include -Itests/embed -nostartfiles -static \
	  -Wl,--gc-sections,--no-warn-rwx-segments -T tests/embed/embed.ld -o $$@ $$(filter tests/embed/%.c tests/embed/%.S,$$^) \
	  $(BUILD)/$(EMBED_BOARD_$1)/lib/libbareqga.a
endef
$(foreach m,$(EMBED_MODES),$(eval $(call EMBED_IMAGE,riscv64,$m))$(eval $(call EMBED_IMAGE,aarch64,$m)))

# The archive and its headers, as a user gets them.
.PHONY: $(EMBED_BOARDS:%=embed-%)
$(EMBED_BOARDS:%=embed-%): embed-%:
	@$(MAKE) --no-print-directory BOARD=$* lib
