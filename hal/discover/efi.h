/* SPDX-License-Identifier: MIT */
/*
 * efi.h - what an image that UEFI has started asks of it, and how it gets rid of it (UEFI Specification
 * 2.10). Nothing here has state, or needs more than a stack: it runs before .bss is cleared.
 *
 * For processors of 64 bits. Left out: an initrd, a frame buffer, runtime services.
 */
#ifndef EFI_H
#define EFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
#define EFIAPI __attribute__((ms_abi)) /* 2.3.4.2 */
#else
#define EFIAPI
#endif

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

enum efi_memory_type { /* 7.2.1 */
	EFI_LOADER_CODE = 1,
	EFI_BOOT_SERVICES_DATA = 4,
	EFI_CONVENTIONAL_MEMORY = 7,
};

struct efi_memory { /* 7.2.3, EFI_MEMORY_DESCRIPTOR */
	uint32_t type;
	uint64_t base;
	uint64_t virtual_base;
	uint64_t pages;
	uint64_t attribute;
};

#define EFI_PAGE 4096

struct efi_boot_services { /* 4.4.1 */
	uint8_t header[24];
	void *unused1[4];
	EFIAPI uint64_t (*get_memory_map)(uint64_t *size, uint8_t *map, uint64_t *key,
	                                  uint64_t *stride, uint32_t *version);
	void *unused2[11];
	EFIAPI uint64_t (*handle_protocol)(void *handle, const struct efi_guid *protocol,
	                                   void **interface);
	void *unused3[9];
	EFIAPI uint64_t (*exit_boot_services)(void *image, uint64_t key);
	void *unused4[10];
	EFIAPI uint64_t (*locate_protocol)(const struct efi_guid *protocol, void *registration,
	                                   void **interface);
};

struct efi_table { /* 4.6.1, EFI_CONFIGURATION_TABLE */
	struct efi_guid guid;
	uint64_t address;
};

struct efi_text_output { /* 12.4.1 */
	void *reset;
	EFIAPI uint64_t (*output_string)(struct efi_text_output *output, const uint16_t *text);
};

struct efi_system { /* 4.3.1 */
	uint8_t header[24];
	void *unused1[5];
	struct efi_text_output *out;
	void *unused2[3];
	struct efi_boot_services *boot;
	uint64_t n_tables;
	const struct efi_table *table;
};

/* The map of memory: descriptors, `stride` bytes each. */
struct efi_map {
	uint8_t *bytes; /* the caller's, aligned to 8 */
	uint64_t size;  /* of what may be written there; afterwards, of what was */
	uint64_t stride;
};

/* The address of the configuration table of that name; 0: there is none. */
uint64_t efi_table(const struct efi_system *system, const struct efi_guid *guid);

/*
 * The command line, with its NUL, in `size` bytes at `text`: first what the file bareqga.env says on the
 * disk that the image was started from, then the load options. What is not ASCII becomes a question mark,
 * and what does not fit is left out. The file is GRUB's as well: lines NAME=VALUE, those with a # in front
 * say nothing, a backslash is left out, and what it stands before taken as it is. Ours is `cmdline`.
 */
void efi_cmdline(const struct efi_system *system, void *image, char *text, size_t size);

/* Reads the map and leaves boot services. Returns 0, or the firmware's error: then it is still there. */
uint64_t efi_leave(const struct efi_system *system, void *image, struct efi_map *map);

/* On RISC-V: the number of the hart that we run on (RISC-V UEFI Protocol 1.0); 0 where nobody says. */
uint64_t efi_boot_hart(const struct efi_system *system);

/* True if nobody but us has anything in such memory once boot services are left. */
bool efi_is_free(uint32_t type);

#endif
