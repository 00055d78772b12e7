/* SPDX-License-Identifier: MIT */
/*
 * fw_cfg.c - named items that QEMU hands to its guest; see fw_cfg.h.
 */
#include "fw_cfg.h"
#include "mmio.h"

#include <string.h>

enum fw_cfg_item {
	FW_CFG_SIGNATURE = 0x0000,
	FW_CFG_FILE_DIR = 0x0019,
};

/* One entry of the directory; size and selector are big endian. */
struct fw_cfg_file {
	uint8_t size[4];
	uint8_t select[2];
	uint8_t reserved[2];
	char name[56];
};

_Static_assert(sizeof(struct fw_cfg_file) == 64, "fw_cfg.rst, struct FWCfgFile");

/* More entries than any QEMU has are a damaged directory. */
#define FW_CFG_FILES_MAX 256

/* Selecting an item starts it at its first byte. */
static void select_item(const struct fw_cfg *fw_cfg, uint16_t item)
{
	if (!fw_cfg->selector_le)
		item = (uint16_t)(item << 8 | item >> 8);
	mmio_write16(fw_cfg->selector, item);
}

static void read_on(const struct fw_cfg *fw_cfg, void *buf, size_t len)
{
	uint8_t *to = buf;

	while (len--)
		*to++ = mmio_read8(fw_cfg->data);
}

int fw_cfg_init(struct fw_cfg *fw_cfg, uintptr_t selector, uintptr_t data, bool selector_le)
{
	char signature[4];

	*fw_cfg = (struct fw_cfg){.selector = selector, .data = data, .selector_le = selector_le};
	fw_cfg_read(fw_cfg, FW_CFG_SIGNATURE, 0, signature, sizeof signature);
	return memcmp(signature, "QEMU", 4) == 0 ? 0 : -1;
}

int64_t fw_cfg_find(const struct fw_cfg *fw_cfg, const char *name, uint16_t *item)
{
	struct fw_cfg_file file;
	uint8_t count[4];
	uint32_t left;

	select_item(fw_cfg, FW_CFG_FILE_DIR);
	read_on(fw_cfg, count, sizeof count);
	left = (uint32_t)count[0] << 24 | (uint32_t)count[1] << 16 | (uint32_t)count[2] << 8 |
	       count[3];
	if (left > FW_CFG_FILES_MAX)
		return -1;
	for (; left; left--) {
		read_on(fw_cfg, &file, sizeof file);
		if (strncmp(file.name, name, sizeof file.name) != 0)
			continue;
		*item = (uint16_t)(file.select[0] << 8 | file.select[1]);
		return (int64_t)((uint32_t)file.size[0] << 24 | (uint32_t)file.size[1] << 16 |
				 (uint32_t)file.size[2] << 8 | file.size[3]);
	}
	return -1;
}

void fw_cfg_read(const struct fw_cfg *fw_cfg, uint16_t item, uint64_t offset, void *buf, size_t len)
{
	select_item(fw_cfg, item);
	while (offset--)
		mmio_read8(fw_cfg->data);
	read_on(fw_cfg, buf, len);
}
