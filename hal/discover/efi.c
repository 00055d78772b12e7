// SPDX-License-Identifier: MIT
/*
 * efi.c - see efi.h.
 */
#ifdef __LP64__

#include <string.h>

#include "discover/efi.h"

struct efi_loaded_image { /* 9.1.1 */
	uint32_t revision;
	void *unused1[2];
	void *device;
	void *unused2[2];
	uint32_t options_size; /* in bytes */
	const uint16_t *options;
};

struct efi_file { /* 13.5.1 */
	uint64_t revision;
	EFIAPI uint64_t (*open)(struct efi_file *folder, struct efi_file **file,
	                        const uint16_t *name, uint64_t mode, uint64_t attributes);
	EFIAPI uint64_t (*close)(struct efi_file *file);
	void *unused;
	EFIAPI uint64_t (*read)(struct efi_file *file, uint64_t *size, void *bytes);
};

struct efi_file_system { /* 13.4.1 */
	uint64_t revision;
	EFIAPI uint64_t (*open_volume)(struct efi_file_system *fs, struct efi_file **root);
};

_Static_assert(offsetof(struct efi_boot_services, get_memory_map) == 0x38, "4.4.1");
_Static_assert(offsetof(struct efi_boot_services, handle_protocol) == 0x98, "4.4.1");
_Static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 0xe8, "4.4.1");
_Static_assert(offsetof(struct efi_boot_services, locate_protocol) == 0x140, "4.4.1");
_Static_assert(offsetof(struct efi_system, boot) == 0x60, "4.3.1");
_Static_assert(offsetof(struct efi_loaded_image, options) == 0x38, "9.1.1");
_Static_assert(offsetof(struct efi_file, read) == 0x20, "13.5.1");

#define EFI_FILE_MODE_READ 1
#define FILE_SIZE          1024 /* as much of it as is read; GRUB writes as much */
#define RETRIES            8

static const struct efi_guid loaded_image = {
	0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const struct efi_guid simple_file_system = {
	0x964e5b22, 0x6459, 0x11d2, {0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};

uint64_t efi_table(const struct efi_system *system, const struct efi_guid *guid)
{
	for (uint64_t i = 0; i < system->n_tables; i++)
		if (memcmp(&system->table[i].guid, guid, sizeof *guid) == 0)
			return system->table[i].address;
	return 0;
}

/* Reads as much of the file as fits; the number of bytes, 0 if there is none. */
static size_t read_file(const struct efi_system *system, void *device, void *bytes, size_t room)
{
	struct efi_file_system *fs;
	struct efi_file *root, *file;
	void *found;
	uint64_t size = room;

	if (system->boot->handle_protocol(device, &simple_file_system, &found))
		return 0;
	fs = found;
	if (fs->open_volume(fs, &root))
		return 0;
	if (root->open(root, &file, u"bareqga.env", EFI_FILE_MODE_READ, 0) == 0) {
		if (file->read(file, &size, bytes))
			size = 0;
		file->close(file);
	} else {
		size = 0;
	}
	root->close(root);
	return (size_t)size;
}

/* Where the value of cmdline begins, or NULL. */
static const char *find_value(const char *p, const char *end)
{
	static const char name[] = "cmdline=";

	while ((size_t)(end - p) >= sizeof name - 1) {
		if (memcmp(p, name, sizeof name - 1) == 0)
			return p + sizeof name - 1;
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			break;
		p++;
	}
	return NULL;
}

void efi_cmdline(const struct efi_system *system, void *image, char *text, size_t size)
{
	const struct efi_loaded_image *loaded;
	char bytes[FILE_SIZE];
	const char *p, *end;
	void *found;
	size_t n = 0;

	text[0] = '\0';
	if (system->boot->handle_protocol(image, &loaded_image, &found))
		return;
	loaded = found;
	end = bytes + read_file(system, loaded->device, bytes, sizeof bytes);
	p = find_value(bytes, end);
	for (; p && p < end && *p != '\n' && *p != '\r' && n < size - 1; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		text[n++] = *p;
	}
	if (n && n < size - 1)
		text[n++] = ' ';
	for (uint32_t i = 0; loaded->options && i < loaded->options_size / 2; i++) {
		if (!loaded->options[i] || n == size - 1)
			break;
		text[n++] = loaded->options[i] < 0x80 ? (char)loaded->options[i] : '?';
	}
	text[n] = '\0';
}

/* The map may change as long as the firmware runs: its key then fits no more (7.4.6). */
uint64_t efi_leave(const struct efi_system *system, void *image, struct efi_map *map)
{
	uint64_t room = map->size, key, status;
	uint32_t version, tries = 0;

	do {
		map->size = room;
		status = system->boot->get_memory_map(&map->size, map->bytes, &key, &map->stride,
		                                      &version);
		if (status)
			return status;
		status = system->boot->exit_boot_services(image, key);
	} while (status && ++tries < RETRIES);
	return status;
}

struct riscv_boot {
	uint64_t revision;
	EFIAPI uint64_t (*hart)(struct riscv_boot *self, uint64_t *hart);
};

static const struct efi_guid riscv_boot = {
	0xccd15fec, 0x6f73, 0x4eec, {0x83, 0x95, 0x3e, 0x69, 0xe4, 0xb9, 0x40, 0xbf}};

uint64_t efi_boot_hart(const struct efi_system *system)
{
	struct riscv_boot *boot;
	uint64_t hart;
	void *found;

	if (system->boot->locate_protocol(&riscv_boot, NULL, &found))
		return 0;
	boot = found;
	return boot->hart(boot, &hart) ? 0 : hart;
}

bool efi_is_free(uint32_t type)
{
	return (type >= EFI_LOADER_CODE && type <= EFI_BOOT_SERVICES_DATA) ||
	       type == EFI_CONVENTIONAL_MEMORY;
}

#endif
