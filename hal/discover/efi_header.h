/* SPDX-License-Identifier: MIT */
/*
 * efi_header.h - for assemblers: what makes an Image an application of UEFI (Microsoft PE and COFF
 * Specification, PE32+). One section, all that is behind the header; linker/sections.ld has the sizes.
 */
#ifndef EFI_HEADER_H
#define EFI_HEADER_H

#define EFI_HEADER 512 /* linker/sections.ld has it, too */

#define EFI_MACHINE_RISCV64 0x5064
#define EFI_MACHINE_AARCH64 0xaa64

/* No C from here on. */
/* clang-format off */

/* The header, and behind it the next instruction; \image is where the image begins, \entry UEFI's way in. */
.macro efi_header image, machine, entry
efi_pe:	.ascii	"PE\0\0"
	.2byte	\machine
	.2byte	1			/* NumberOfSections */
	.4byte	0, 0, 0			/* TimeDateStamp, symbols */
	.2byte	efi_sections - efi_optional
	.2byte	0x206			/* Characteristics: executable, no line numbers, no symbols */
efi_optional:
	.2byte	0x20b			/* Magic: PE32+ */
	.byte	2, 0			/* linker version */
	.4byte	__efi_loaded, 0, 0	/* SizeOfCode, of initialised and other data */
	.4byte	\entry - \image		/* AddressOfEntryPoint */
	.4byte	EFI_HEADER		/* BaseOfCode */
	.8byte	0			/* ImageBase */
	.4byte	32, 32			/* SectionAlignment, FileAlignment */
	.2byte	0, 0, 0, 0, 0, 0	/* versions */
	.4byte	0
	.4byte	__efi_size		/* SizeOfImage */
	.4byte	EFI_HEADER		/* SizeOfHeaders */
	.4byte	0			/* CheckSum */
	.2byte	10			/* Subsystem: EFI application */
	.2byte	0			/* DllCharacteristics */
	.8byte	0, 0, 0, 0		/* stack and heap */
	.4byte	0
	.4byte	6			/* NumberOfRvaAndSizes: none of them is there */
	.8byte	0, 0, 0, 0, 0, 0
efi_sections:
	.ascii	".text\0\0\0"
	.4byte	__efi_section, EFI_HEADER	/* in memory */
	.4byte	__efi_loaded, EFI_HEADER	/* in the file */
	.4byte	0, 0, 0
	.4byte	0xe0000020		/* code, to be read, written and executed */
	.org	EFI_HEADER
.endm

#endif
