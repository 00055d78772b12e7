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

int fdt_open(struct fdt *fdt, const void *blob, size_t max)
{
	const uint8_t *p = blob;
	uint32_t h[FDT_HEADER_CELLS], end, faults;
	uint64_t node_end, string_end;

	if (max < sizeof h)
		return -1;
	for (unsigned i = 0; i < FDT_HEADER_CELLS; i++)
		h[i] = fdt_be32(p + 4 * i);
	end = h[FDT_TOTALSIZE];
	node_end = (uint64_t)h[FDT_OFF_DT_STRUCT] + h[FDT_SIZE_DT_STRUCT];
	string_end = (uint64_t)h[FDT_OFF_DT_STRINGS] + h[FDT_SIZE_DT_STRINGS];
	/* Counted, and looked at once: six blocks of a boot less than as many conditions. */
	faults = h[FDT_MAGIC] != FDT_MAGIC_VALUE;
	faults += h[FDT_VERSION] < FDT_OUR_VERSION;
	faults += h[FDT_LAST_COMP_VERSION] > FDT_OUR_VERSION;
	faults += end > max;
	faults += h[FDT_OFF_DT_STRUCT] % 4 != 0;
	faults += node_end > end;
	faults += string_end > end;
	if (faults)
		return -1;

	fdt->blob = p;
	fdt->node = h[FDT_OFF_DT_STRUCT];
	fdt->node_end = (uint32_t)node_end & ~3u;
	fdt->string = h[FDT_OFF_DT_STRINGS];
	fdt->string_end = (uint32_t)string_end;
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

/* Goes into a node; false: it is too deep, or its name does not end before the last token. */
static bool take_name(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	uint32_t start = walk->at, at = start, last = fdt->node_end - 4;

	if (walk->depth >= FDT_DEPTH_MAX)
		return false;
	memset(node->prop, 0, sizeof node->prop);
	node->prop[FDT_ADDRESS_CELLS].cell = 2;
	node->prop[FDT_SIZE_CELLS].cell = 1;
	node->depth = walk->depth;
	node->address_cells = walk->cells[walk->depth][0];
	node->size_cells = walk->cells[walk->depth][1];
	do {
		if (at >= last)
			return false;
	} while (fdt->blob[at++] != '\0');
	walk->at = (at + 3) & ~3u; /* stays in: the block's size is a multiple of 4 */
	node->prop[FDT_NODE_NAME].value = fdt->blob + start;
	node->prop[FDT_NODE_NAME].len = at - start;
	return true;
}

/* A name ends within the block of them: its last byte is NUL, see fdt_open(). */
static enum fdt_name name_of(const char *name)
{
	unsigned i;

	for (i = 0; i < FDT_NAMES; i++)
		for (unsigned at = 0; name[at] == names[i][at]; at++)
			if (name[at] == '\0')
				return i;
	return FDT_OTHER;
}

/* Takes a FDT_PROP token, and what follows it; false: it does not fit. */
static bool take_prop(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	const uint8_t *p = fdt->blob + walk->at;
	uint32_t room = fdt->node_end - walk->at, len, name;
	struct fdt_prop *prop;

	if (room < 16)
		return false; /* not even for the token that must follow */
	len = fdt_be32(p + 4);
	name = fdt_be32(p + 8);
	if (len > room - 16 || name >= fdt->string_end - fdt->string)
		return false;
	prop = &node->prop[name_of((const char *)fdt->blob + fdt->string + name)];
	prop->value = p + 12;
	prop->len = len;
	prop->cell = len < 4 ? 0 : fdt_be32(p + 12);
	walk->at += 12 + ((len + 3) & ~3u);
	return true;
}

/* Takes what follows a FDT_BEGIN_NODE token, up to what is no property; false: it does not fit. */
static bool take_node(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	bool fits = take_name(walk, fdt, node);
	uint32_t token;

	while (fits) {
		/* There is one: whatever was taken has left room for it. */
		token = fdt_be32(fdt->blob + walk->at);
		if (token == FDT_PROP) {
			fits = take_prop(walk, fdt, node);
		} else if (token == FDT_NOP && walk->at < fdt->node_end - 4) {
			walk->at += 4;
		} else {
			walk->depth++;
			walk->cells[walk->depth][0] = (uint8_t)node->prop[FDT_ADDRESS_CELLS].cell;
			walk->cells[walk->depth][1] = (uint8_t)node->prop[FDT_SIZE_CELLS].cell;
			return true;
		}
	}
	return false;
}

bool fdt_next(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	uint32_t token;

	for (;;) {
		token = walk->at < fdt->node_end ? fdt_be32(fdt->blob + walk->at) : FDT_END;
		walk->at += 4;
		if (token == FDT_BEGIN_NODE) {
			walk->damaged = !take_node(walk, fdt, node);
			return !walk->damaged;
		}
		if (token == FDT_END_NODE && walk->depth > 0)
			walk->depth--;
		else if (token != FDT_NOP)
			break;
	}
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
	uint32_t at = 0, wrong = 0, found = 0;

	for (uint32_t i = 0; i < prop->len; i++) {
		char c = (char)prop->value[i];

		wrong += c != string[at];
		at += wrong == 0; /* it stays at what differs, so within the string */
		if (c == '\0') {
			found += wrong == 0;
			wrong = 0;
			at = 0;
		}
	}
	return found > 0;
}

bool fdt_enabled(const struct fdt_node *node)
{
	const struct fdt_prop *status = &node->prop[FDT_STATUS];

	return status->len == 0 || fdt_lists(status, "okay") || fdt_lists(status, "ok");
}
