/* SPDX-License-Identifier: MIT */
/*
 * fw_cfg.c - named items that QEMU hands to its guest; see fw_cfg.h.
 */
#include "fw_cfg.h"
#include "barrier.h"
#include "port.h"

#include <string.h>

enum fw_cfg_item {
	FW_CFG_SIGNATURE = 0x0000,
	FW_CFG_ID = 0x0001,
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
#define FW_CFG_FILES_MAX     256
#define FW_CFG_FILES_AT_ONCE 4

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Of the DMA interface: what the register is given the address of; all big endian. */
struct fw_cfg_dma_access {
	uint32_t control;
	uint32_t length;
	uint32_t address_high, address_low;
};

#define FW_CFG_DMA_READ 0x02u
#define FW_CFG_DMA_SKIP 0x04u
#define FW_CFG_ID_DMA   (1u << 1)

/* The device has done its part before the register's store ends; a broken one must not hold us. */
#define DMA_TRIES 1000000

/* Selecting an item starts it at its first byte. */
static void select_item(const struct fw_cfg *fw_cfg, uint16_t item)
{
	if (!fw_cfg->selector_le)
		item = (uint16_t)(item << 8 | item >> 8);
	port_write16(fw_cfg->selector, item);
}

/* The halves of an address as the device takes them. */
static uint32_t upper(const void *p)
{
	return __builtin_bswap32((uint32_t)((uint64_t)(uintptr_t)p >> 32));
}

static uint32_t lower(const void *p)
{
	return __builtin_bswap32((uint32_t)(uintptr_t)p);
}

/* Has the device read (into buf) or skip the next len bytes. */
static void dma(const struct fw_cfg *fw_cfg, uint32_t operation, void *buf, uint32_t len)
{
	volatile struct fw_cfg_dma_access access = {
		.control = __builtin_bswap32(operation),
		.length = __builtin_bswap32(len),
		.address_high = upper(buf),
		.address_low = lower(buf),
	};
	unsigned tries;

	BARRIER_WRITE_DEVICE();
	port_write32(fw_cfg->dma, upper((void *)&access));
	port_write32(fw_cfg->dma + 4, lower((void *)&access));
	for (tries = 0; access.control && tries < DMA_TRIES; tries++)
		;
	BARRIER_READ_READ();
}

static void read_on(const struct fw_cfg *fw_cfg, void *buf, size_t len)
{
	uint8_t *to = buf;

	if (fw_cfg->dma && len > sizeof(struct fw_cfg_dma_access)) {
		dma(fw_cfg, FW_CFG_DMA_READ, buf, (uint32_t)len);
		return;
	}
	while (len--)
		*to++ = port_read8(fw_cfg->data);
}

int fw_cfg_init(struct fw_cfg *fw_cfg, uintptr_t selector, uintptr_t data, uintptr_t dma_address,
                bool selector_le)
{
	char signature[4];
	uint8_t id[1];

	*fw_cfg = (struct fw_cfg){.selector = selector, .data = data, .selector_le = selector_le};
	fw_cfg_read(fw_cfg, FW_CFG_SIGNATURE, 0, signature, sizeof signature);
	if (memcmp(signature, "QEMU", 4) != 0)
		return -1;
	fw_cfg_read(fw_cfg, FW_CFG_ID, 0, id, sizeof id);
	if (id[0] & FW_CFG_ID_DMA)
		fw_cfg->dma = dma_address;
	return 0;
}

int64_t fw_cfg_find(struct fw_cfg *fw_cfg, const char *name, uint16_t *item)
{
	struct fw_cfg_file files[FW_CFG_FILES_AT_ONCE], *file;
	bool user_items = false;
	uint8_t count[4];
	uint32_t left, n;

	if (fw_cfg->no_user_items && strncmp(name, "opt/", 4) == 0)
		return -1;
	select_item(fw_cfg, FW_CFG_FILE_DIR);
	read_on(fw_cfg, count, sizeof count);
	left = be32(count);
	if (left > FW_CFG_FILES_MAX)
		return -1;
	for (; left; left -= n) {
		n = left < FW_CFG_FILES_AT_ONCE ? left : FW_CFG_FILES_AT_ONCE;
		read_on(fw_cfg, files, n * sizeof files[0]);
		for (file = files; file < files + n; file++) {
			user_items |= memcmp(file->name, "opt/", 4) == 0;
			if (strncmp(file->name, name, sizeof file->name) != 0)
				continue;
			*item = (uint16_t)(file->select[0] << 8 | file->select[1]);
			return be32(file->size);
		}
	}
	fw_cfg->no_user_items = !user_items;
	return -1;
}

void fw_cfg_read(const struct fw_cfg *fw_cfg, uint16_t item, uint64_t offset, void *buf, size_t len)
{
	select_item(fw_cfg, item);
	if (fw_cfg->dma && offset && offset <= UINT32_MAX) {
		dma(fw_cfg, FW_CFG_DMA_SKIP, NULL, (uint32_t)offset);
		offset = 0;
	}
	for (; offset; offset--)
		port_read8(fw_cfg->data);
	read_on(fw_cfg, buf, len);
}
