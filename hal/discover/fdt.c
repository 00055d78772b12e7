/* SPDX-License-Identifier: MIT */
/*
 * fdt.c - a bounded reader of flattened device trees; see fdt.h.
 *
 * It runs once, before the first answer: short code is fast code here.
 */
#include "fdt.h"

#include <string.h>

/* 5.2, header: its big-endian cells. */
enum fdt_header {
	FDT_MAGIC = 0,
	FDT_TOTALSIZE = 1,
	FDT_OFF_DT_STRUCT = 2,
	FDT_OFF_DT_STRINGS = 3,
	FDT_VERSION = 5,
	FDT_LAST_COMP_VERSION = 6,
	FDT_SIZE_DT_STRINGS = 8,
	FDT_SIZE_DT_STRUCT = 9,
	FDT_HEADER_CELLS = 10,
};

#define FDT_MAGIC_VALUE 0xd00dfeed
#define FDT_OUR_VERSION 17

/* 5.4.1, tokens. */
enum fdt_token {
	FDT_BEGIN_NODE = 1,
	FDT_END_NODE = 2,
	FDT_PROP = 3,
	FDT_NOP = 4,
	FDT_END = 9,
};

static const char names[FDT_NAMES][24] = {
	[FDT_ADDRESS_CELLS] = "#address-cells",
	[FDT_SIZE_CELLS] = "#size-cells",
	[FDT_BOOTARGS] = "bootargs",
	[FDT_BUS_RANGE] = "bus-range",
	[FDT_COMPATIBLE] = "compatible",
	[FDT_DEVICE_TYPE] = "device_type",
	[FDT_INTERRUPT_MAP] = "interrupt-map",
	[FDT_INTERRUPT_PARENT] = "interrupt-parent",
	[FDT_INTERRUPTS] = "interrupts",
	[FDT_INTERRUPTS_EXTENDED] = "interrupts-extended",
	[FDT_METHOD] = "method",
	[FDT_MSI_PARENT] = "msi-parent",
	[FDT_PHANDLE] = "phandle",
	[FDT_RANGES] = "ranges",
	[FDT_REG] = "reg",
	[FDT_REG_SHIFT] = "reg-shift",
	[FDT_RISCV_CHILDREN] = "riscv,children",
	[FDT_RISCV_GUEST_INDEX_BITS] = "riscv,guest-index-bits",
	[FDT_RISCV_HART_INDEX_BITS] = "riscv,hart-index-bits",
	[FDT_RISCV_NDEV] = "riscv,ndev",
	[FDT_RISCV_NUM_SOURCES] = "riscv,num-sources",
	[FDT_STATUS] = "status",
	[FDT_STDOUT_PATH] = "stdout-path",
	[FDT_TIMEBASE_FREQUENCY] = "timebase-frequency",
};

/* Does a block lie within a tree of so many bytes? */
static bool fits(uint32_t offset, uint32_t size, uint32_t end)
{
	return (uint64_t)offset + size <= end;
}

int fdt_open(struct fdt *fdt, const void *blob, size_t max)
{
	const uint8_t *p = blob;
	uint32_t h[FDT_HEADER_CELLS], end;

	if (max < sizeof h)
		return -1;
	for (unsigned i = 0; i < FDT_HEADER_CELLS; i++)
		h[i] = fdt_be32(p + 4 * i);
	end = h[FDT_TOTALSIZE];
	if (h[FDT_MAGIC] != FDT_MAGIC_VALUE || h[FDT_VERSION] < FDT_OUR_VERSION ||
	    h[FDT_LAST_COMP_VERSION] > FDT_OUR_VERSION || end > max)
		return -1;
	if (h[FDT_OFF_DT_STRUCT] % 4 != 0 ||
	    !fits(h[FDT_OFF_DT_STRUCT], h[FDT_SIZE_DT_STRUCT], end) ||
	    !fits(h[FDT_OFF_DT_STRINGS], h[FDT_SIZE_DT_STRINGS], end))
		return -1;

	fdt->blob = p;
	fdt->node = h[FDT_OFF_DT_STRUCT];
	fdt->node_end = fdt->node + (h[FDT_SIZE_DT_STRUCT] & ~3u);
	fdt->string = h[FDT_OFF_DT_STRINGS];
	fdt->string_end = fdt->string + h[FDT_SIZE_DT_STRINGS];
	return fdt->string_end > fdt->string && p[fdt->string_end - 1] != '\0' ? -1 : 0;
}

void fdt_start(struct fdt_walk *walk, const struct fdt *fdt)
{
	walk->at = fdt->node;
	walk->depth = 0;
	walk->cells[0][0] = 2; /* 2.3.5, what holds when a parent does not say */
	walk->cells[0][1] = 1;
	walk->damaged = false;
}

/* Goes into a node; false: it is too deep, or its name does not end. */
static bool take_name(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	uint32_t start = walk->at, at = start;

	if (walk->depth >= FDT_DEPTH_MAX)
		return false;
	memset(node->prop, 0, sizeof node->prop);
	node->prop[FDT_ADDRESS_CELLS].cell = 2;
	node->prop[FDT_SIZE_CELLS].cell = 1;
	node->depth = walk->depth;
	node->address_cells = walk->cells[walk->depth][0];
	node->size_cells = walk->cells[walk->depth][1];
	do {
		if (at == fdt->node_end)
			return false;
	} while (fdt->blob[at++] != '\0');
	walk->at = (at + 3) & ~3u; /* stays in: the block's size is a multiple of 4 */
	node->prop[FDT_NODE_NAME].value = fdt->blob + start;
	node->prop[FDT_NODE_NAME].len = at - start;
	return true;
}

/* A name that has `room` bytes to the end of its block. */
static enum fdt_name name_of(const char *name, uint32_t room)
{
	unsigned i;

	for (i = 0; i < FDT_NAMES; i++)
		for (unsigned at = 0; at < room && name[at] == names[i][at]; at++)
			if (name[at] == '\0')
				return i;
	return FDT_OTHER;
}

/* Takes what follows a FDT_PROP token; false: it does not fit. */
static bool take_prop(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	const uint8_t *p = fdt->blob + walk->at;
	uint32_t room = fdt->node_end - walk->at, len, name;
	struct fdt_prop *prop;

	if (room < 12)
		return false; /* not even for the token that must follow */
	len = fdt_be32(p);
	name = fdt_be32(p + 4);
	if (len > room - 12 || name >= fdt->string_end - fdt->string)
		return false;
	prop = &node->prop[name_of((const char *)fdt->blob + fdt->string + name,
	                           fdt->string_end - fdt->string - name)];
	prop->value = p + 8;
	prop->len = len;
	prop->cell = len < 4 ? 0 : fdt_be32(p + 8);
	walk->at += 8 + ((len + 3) & ~3u);
	return true;
}

bool fdt_next(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	bool inside = false, fits = true;
	uint32_t token;

	do {
		token = walk->at < fdt->node_end ? fdt_be32(fdt->blob + walk->at) : FDT_END;
		if (inside && token != FDT_PROP && token != FDT_NOP) {
			walk->depth++;
			walk->cells[walk->depth][0] = (uint8_t)node->prop[FDT_ADDRESS_CELLS].cell;
			walk->cells[walk->depth][1] = (uint8_t)node->prop[FDT_SIZE_CELLS].cell;
			return true;
		}
		walk->at += 4;
		/* Most tokens are of the first kind. */
		if (token == FDT_PROP) {
			fits = inside && take_prop(walk, fdt, node);
		} else if (token == FDT_BEGIN_NODE) {
			fits = inside = take_name(walk, fdt, node);
		} else if (token == FDT_END_NODE) {
			fits = walk->depth > 0;
			walk->depth--;
		} else {
			fits = token == FDT_NOP;
		}
	} while (fits);
	walk->damaged = token != FDT_END || walk->depth != 0;
	return false;
}

const char *fdt_text(const struct fdt_prop *prop)
{
	return prop->len && prop->value[prop->len - 1] == '\0' ? (const char *)prop->value : "";
}

bool fdt_range(const struct fdt_prop *reg, uint32_t address_cells, uint32_t size_cells,
               uint32_t index, uint64_t *address, uint64_t *size)
{
	uint32_t cells = address_cells + size_cells;
	uint64_t start = (uint64_t)4 * cells * index;
	uint64_t number[2] = {0, 0};
	const uint8_t *p;

	if (cells == 0 || start + 4 * cells > reg->len)
		return false;
	p = reg->value + start;
	for (unsigned i = 0; i < cells; i++, p += 4) {
		uint64_t *n = &number[i >= address_cells];

		*n = *n << 32 | fdt_be32(p); /* what does not fit 64 bits loses its upper part */
	}
	*address = number[0];
	*size = number[1];
	return true;
}

bool fdt_lists(const struct fdt_prop *prop, const char *string)
{
	bool same = true;
	uint32_t at = 0;

	for (uint32_t i = 0; i < prop->len; i++) {
		char c = (char)prop->value[i];
		bool here = c == string[at];

		same = same && here;
		at += same; /* it stays at what differs, so within the string */
		if (c != '\0')
			continue;
		if (same)
			return true;
		same = true;
		at = 0;
	}
	return false;
}

bool fdt_enabled(const struct fdt_node *node)
{
	const struct fdt_prop *status = &node->prop[FDT_STATUS];

	return status->len == 0 || fdt_lists(status, "okay") || fdt_lists(status, "ok");
}
