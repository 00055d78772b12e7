/* SPDX-License-Identifier: MIT */
/*
 * efi_image.h - an Image as an application of UEFI: copies itself to where start.S can go on as with any other loader.
 *
 * linker/sections.ld gives it 40 KiB behind itself, for the map of memory and the command line.
 */
#ifndef EFI_IMAGE_H
#define EFI_IMAGE_H

#include "discover/efi.h"

struct efi_placed { /* start.S knows its layout */
	uintptr_t image;
	uintptr_t fdt;
	uintptr_t cmdline;
};

/*
 * Finds the device tree, leaves boot services, and copies the image, the tree and the command line to
 * memory that is free: the image to its start, or to the address `fixed` if that is not 0, and the others
 * to its end, so that what is between them is spare. Where UEFI names no tree, the one at `fdt_left` is
 * taken, if there is one. Returns 0 when the firmware is gone; else its error, after saying what is wrong:
 * it then lives on. The image is not relocated yet, and .bss not cleared: nothing here has variables or
 * tables of addresses.
 */
uint64_t efi_image(void *image, const struct efi_system *system, struct efi_placed *placed,
                   uintptr_t fdt_left, uintptr_t fixed);

#endif
