# SPDX-License-Identifier: MIT
# Disks that boot without -kernel: make iso, make disk; included by the Makefile. See tools/mkdisk.py.
#
# One disk is for all processors. CMDLINE= is the command line that it says at first; APP= as elsewhere.
# SOURCE_DATE_EPOCH= are the times in it; the same sources, tools and times make the same bytes.

DISK           := $(BUILD)/bareqga$(APP:%=-%)
DISK_BOARDS    := x86_64:bzImage virt-aarch64:Image virt-riscv64-s:Image
DISK_IMAGES    := $(foreach b,$(DISK_BOARDS),$(BUILD)/$(firstword $(subst :, ,$b))$(APP:%=-%)/bareqga.$(lastword $(subst :, ,$b)))
PACKAGES_disk  := grub-common grub-pc-bin mtools xorriso qemu-utils
CMDLINE        ?=

.PHONY: iso disk disk-images
iso: $(DISK).iso ## a CD that boots on PCs by BIOS or UEFI, and elsewhere by UEFI: build/bareqga.iso
disk: $(DISK).raw $(DISK).qcow2 ## the same as a disk: build/bareqga.raw, .qcow2; CMDLINE=

disk-images:
	@$(SETUP) $(PACKAGES_disk) $(sort $(foreach b,$(DISK_BOARDS),$(shell sed -n 's/^PACKAGES *:= *//p' boards/$(firstword $(subst :, ,$b))/board.mk)))
	+@set -e; for b in $(DISK_BOARDS); do $(MAKE_ALL) BOARD=$${b%:*} all; done

$(DISK).iso $(DISK).raw: disk-images
	$(call say,GEN)$(PYTHON) tools/mkdisk.py $@ '$(subst ','\'',$(CMDLINE))' $(DISK_IMAGES)
$(DISK).qcow2: $(DISK).raw
	$(call say,GEN)qemu-img convert -O qcow2 $< $@
