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
#define FW_CFG_FILES_AT_ONCE (FW_CFG_BOUNCE / sizeof(struct fw_cfg_file))

/* The bit in fw_cfg.initials of names that begin with this letter. */
static uint32_t initial(const char *name)
{
	return UINT32_C(1) << (name[0] & 31);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#define FW_CFG_DMA_ERROR 0x01u
#define FW_CFG_DMA_READ  0x02u
#define FW_CFG_DMA_SKIP  0x04u

/* Reading the address of a DMA gives "QEMU CFG", where there is DMA; these are the first four bytes of it. */
#define FW_CFG_DMA_SAYS ('Q' | 'E' << 8 | 'M' << 16 | (uint32_t)'U' << 24)

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "fw_cfg.c: for little endian processors"
#endif

/* To big endian; not as a builtin, which RISC-V calls a function of the library for. */
static uint32_t swap32(uint32_t value)
{
	return value >> 24 | (value >> 8 & 0xff00) | (value & 0xff00) << 8 | value << 24;
}

/* The device has done its part before the register's store ends; a broken one must not hold us. */
#define DMA_TRIES 1000000

/* Selecting an item starts it at its first byte. The register is big endian, but for a port. */
static void select_item(const struct fw_cfg *fw_cfg, uint16_t item)
{
	if (!PORTS)
		item = (uint16_t)(item << 8 | item >> 8);
	port_write16(fw_cfg->selector, item);
}

/* The halves of an address as the device takes them. */
static uint32_t upper(const void *p)
{
	return swap32((uint32_t)((uint64_t)(uintptr_t)p >> 32));
}

static uint32_t lower(const void *p)
{
	return swap32((uint32_t)(uintptr_t)p);
}

/*
 * Has the device read (into buf) or skip the next len bytes. A device that is abandoned still holds
 * the addresses, so it is never asked again.
 */
static int dma(struct fw_cfg *fw_cfg, uint32_t operation, void *buf, uint32_t len)
{
	volatile struct fw_cfg_dma_access *access = &fw_cfg->access;
	uint32_t control = swap32(operation);
	unsigned tries;

	if (fw_cfg->broken)
		return -1;
	access->control = control;
	access->length = swap32(len);
	access->address_high = upper(buf);
	access->address_low = lower(buf);
	BARRIER_WRITE_DEVICE();
	port_write32(fw_cfg->dma, upper((void *)access));
	port_write32(fw_cfg->dma + 4, lower((void *)access));
	for (tries = 0; (control & ~swap32(FW_CFG_DMA_ERROR)) && tries < DMA_TRIES; tries++)
		control = access->control;
	BARRIER_READ_READ();
	fw_cfg->broken = tries == DMA_TRIES;
	return control ? -1 : 0;
}

/*
 * The next bytes, as many as fit in there, to bounce. Called, not inlined: each copy would be translated anew by an
 * emulator that boots.
 */
static __attribute__((noinline)) int read_on(struct fw_cfg *fw_cfg, size_t len)
{
	if (fw_cfg->dma)
		return dma(fw_cfg, FW_CFG_DMA_READ, fw_cfg->bounce, (uint32_t)len);
	for (size_t i = 0; i < len; i++)
		fw_cfg->bounce[i] = port_read8(fw_cfg->data);
	return 0;
}

static int skip(struct fw_cfg *fw_cfg, uint64_t len)
{
	if (fw_cfg->dma && len <= UINT32_MAX)
		return dma(fw_cfg, FW_CFG_DMA_SKIP, NULL, (uint32_t)len);
	while (len--)
		port_read8(fw_cfg->data);
	return 0;
}

int fw_cfg_init(struct fw_cfg *fw_cfg, uintptr_t selector, uintptr_t data, uintptr_t dma_address)
{
	uint8_t said[4];

	fw_cfg->selector = selector;
	fw_cfg->data = data;
	fw_cfg->dma = 0;
	fw_cfg->initials = UINT32_MAX;
	fw_cfg->broken = false;
	if (port_read32(dma_address) == FW_CFG_DMA_SAYS) {
		fw_cfg->dma = dma_address;
		return 0;
	}
	(void)fw_cfg_read(fw_cfg, FW_CFG_SIGNATURE, 0, said, sizeof said);
	return memcmp(said, "QEMU", sizeof said) == 0 ? 0 : -1;
}

bool fw_cfg_lacks(struct fw_cfg *fw_cfg, const char *name)
{
	uint16_t item;

	if (fw_cfg->initials == UINT32_MAX)
		(void)fw_cfg_find(fw_cfg, name, &item);
	return !(fw_cfg->initials & initial(name));
}

static bool is_named(const struct fw_cfg_file *file, const char *name)
{
	size_t len = strlen(name) + 1;

	return len <= sizeof file->name && memcmp(file->name, name, len) == 0;
}

int64_t fw_cfg_find(struct fw_cfg *fw_cfg, const char *name, uint16_t *item)
{
	struct fw_cfg_file *files = (struct fw_cfg_file *)fw_cfg->bounce, *file;
	int64_t size = -1;
	uint32_t initials = 0, i, n;

	select_item(fw_cfg, FW_CFG_FILE_DIR);
	if (read_on(fw_cfg, 4))
		return -1;
	n = be32(fw_cfg->bounce);
	if (n > FW_CFG_FILES_MAX)
		return -1;
	for (i = 0; i < n; i++) {
		file = &files[i % FW_CFG_FILES_AT_ONCE];
		/* Behind the last one there are zeroes to read. */
		if (file == files && read_on(fw_cfg, sizeof fw_cfg->bounce))
			return -1;
		initials |= initial(file->name);
		if (file->name[0] == name[0] && is_named(file, name)) {
			*item = (uint16_t)(file->select[0] << 8 | file->select[1]);
			size = be32(file->size);
		}
	}
	fw_cfg->initials = initials;
	return size;
}

int fw_cfg_read(struct fw_cfg *fw_cfg, uint16_t item, uint64_t offset, void *buf, size_t len)
{
	uint8_t *to = buf;
	size_t part;

	select_item(fw_cfg, item);
	if (offset && skip(fw_cfg, offset))
		return -1;
	if (fw_cfg->dma && len > sizeof fw_cfg->bounce)
		return dma(fw_cfg, FW_CFG_DMA_READ, buf, (uint32_t)len);
	for (; len > 0; to += part, len -= part) {
		part = len < sizeof fw_cfg->bounce ? len : sizeof fw_cfg->bounce;
		if (read_on(fw_cfg, part))
			return -1;
		memcpy(to, fw_cfg->bounce, part);
	}
	return 0;
}
