/* SPDX-License-Identifier: MIT */
/*
 * fdt.c - a bounded reader of flattened device trees; see fdt.h.
 */
#include "fdt.h"

#include <string.h>

/* 5.2, header; offsets of its big-endian cells. */
enum fdt_header {
	FDT_MAGIC = 0,
	FDT_TOTALSIZE = 4,
	FDT_OFF_DT_STRUCT = 8,
	FDT_OFF_DT_STRINGS = 12,
	FDT_VERSION = 20,
	FDT_LAST_COMP_VERSION = 24,
	FDT_SIZE_DT_STRINGS = 32,
	FDT_SIZE_DT_STRUCT = 36,
	FDT_HEADER_SIZE = 40,
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

/* A property as it stands in the structure block. */
struct prop {
	const uint8_t *value;
	uint32_t len;
	uint32_t name; /* offset into the strings block */
};

int fdt_open(struct fdt *fdt, const void *blob, size_t max)
{
	const uint8_t *p = blob;
	uint32_t total, node, node_size, string, string_size;

	if (max < FDT_HEADER_SIZE || fdt_be32(p + FDT_MAGIC) != FDT_MAGIC_VALUE)
		return -1;
	if (fdt_be32(p + FDT_VERSION) < FDT_OUR_VERSION ||
	    fdt_be32(p + FDT_LAST_COMP_VERSION) > FDT_OUR_VERSION)
		return -1;
	total = fdt_be32(p + FDT_TOTALSIZE);
	node = fdt_be32(p + FDT_OFF_DT_STRUCT);
	node_size = fdt_be32(p + FDT_SIZE_DT_STRUCT);
	string = fdt_be32(p + FDT_OFF_DT_STRINGS);
	string_size = fdt_be32(p + FDT_SIZE_DT_STRINGS);
	if (total > max || node > total || node_size > total - node || node % 4 || string > total ||
	    string_size > total - string)
		return -1;

	fdt->blob = p;
	fdt->node = node;
	fdt->node_end = node + (node_size & ~3u);
	fdt->string = string;
	fdt->string_end = string + string_size;
	return 0;
}

/* Takes one token, skipping NOPs; FDT_END at the end of the block, whatever stands there. */
static uint32_t take_token(const struct fdt *fdt, uint32_t *at)
{
	uint32_t token;

	do {
		if (fdt->node_end - *at < 4)
			return FDT_END;
		token = fdt_be32(fdt->blob + *at);
		*at += 4;
	} while (token == FDT_NOP);
	return token;
}

/* Takes what follows a FDT_PROP token; false: it does not fit. */
static bool take_prop(const struct fdt *fdt, uint32_t *at, struct prop *prop)
{
	uint32_t room = fdt->node_end - *at;

	if (room < 8)
		return false;
	prop->len = fdt_be32(fdt->blob + *at);
	prop->name = fdt_be32(fdt->blob + *at + 4);
	prop->value = fdt->blob + *at + 8;
	if (prop->len > room - 8)
		return false;
	*at += 8 + ((prop->len + 3) & ~3u); /* stays in: the block's size is a multiple of 4 */
	return true;
}

/* Takes the name that follows a FDT_BEGIN_NODE token; NULL: it does not end. */
static const char *take_name(const struct fdt *fdt, uint32_t *at)
{
	const uint8_t *name = fdt->blob + *at;
	const uint8_t *end = memchr(name, 0, fdt->node_end - *at);

	if (!end)
		return NULL;
	*at += ((uint32_t)(end - name) + 4) & ~3u;
	return (const char *)name;
}

static bool is_named(const struct fdt *fdt, const struct prop *prop, const char *name)
{
	const char *other = (const char *)fdt->blob + fdt->string;
	uint32_t i = prop->name, end = fdt->string_end - fdt->string;

	/* Most names differ in the first letters, which a call would cost more than. */
	for (; i < end && other[i] == *name; i++, name++)
		if (*name == '\0')
			return true;
	return false;
}

void fdt_start(struct fdt_walk *walk, const struct fdt *fdt)
{
	memset(walk, 0, sizeof *walk);
	walk->at = fdt->node;
	walk->cells[0][0] = 2; /* 2.3.5, what holds when a parent does not say */
	walk->cells[0][1] = 1;
}

/* Most nodes lack most of what is asked for, and this tells without a look at each property. */
static uint32_t initial(char c)
{
	return UINT32_C(1) << (c & 31);
}

/* Reads a node's properties for what its children need, and leaves the walk behind them. */
static bool enter(struct fdt_walk *walk, const struct fdt *fdt, uint32_t *initials)
{
	uint8_t *cells = walk->cells[walk->depth + 1];
	uint32_t at = walk->at, strings = fdt->string_end - fdt->string;
	struct prop prop;
	char first;

	cells[0] = 2;
	cells[1] = 1;
	while (take_token(fdt, &at) == FDT_PROP) {
		if (!take_prop(fdt, &at, &prop))
			return false;
		walk->at = at;
		first = prop.name < strings ? (char)fdt->blob[fdt->string + prop.name] : 0;
		*initials |= initial(first);
		if (first != '#' || prop.len != 4)
			continue;
		if (is_named(fdt, &prop, "#address-cells"))
			cells[0] = prop.value[3];
		else if (is_named(fdt, &prop, "#size-cells"))
			cells[1] = prop.value[3];
	}
	return true;
}

bool fdt_next(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node)
{
	uint32_t token;

	while ((token = take_token(fdt, &walk->at)) == FDT_END_NODE) {
		if (walk->depth == 0)
			break;
		walk->depth--;
	}
	if (token == FDT_END && walk->depth == 0)
		return false;

	walk->damaged = true;
	if (token != FDT_BEGIN_NODE || walk->depth >= FDT_DEPTH_MAX)
		return false;
	node->name = take_name(fdt, &walk->at);
	if (!node->name)
		return false;
	node->props = walk->at;
	node->depth = walk->depth;
	node->address_cells = walk->cells[walk->depth][0];
	node->size_cells = walk->cells[walk->depth][1];
	node->initials = 0;
	if (!enter(walk, fdt, &node->initials))
		return false;
	walk->depth++;
	walk->damaged = false;
	return true;
}

const uint8_t *fdt_prop(const struct fdt *fdt, const struct fdt_node *node, const char *name,
                        uint32_t *len)
{
	uint32_t at = node->props;
	struct prop prop;

	if (!(node->initials & initial(*name)))
		return NULL;
	while (take_token(fdt, &at) == FDT_PROP && take_prop(fdt, &at, &prop)) {
		if (!is_named(fdt, &prop, name))
			continue;
		if (len)
			*len = prop.len;
		return prop.value;
	}
	return NULL;
}

const char *fdt_string(const struct fdt *fdt, const struct fdt_node *node, const char *name)
{
	uint32_t len;
	const uint8_t *value = fdt_prop(fdt, node, name, &len);

	return value && memchr(value, 0, len) ? (const char *)value : NULL;
}

bool fdt_cell(const struct fdt *fdt, const struct fdt_node *node, const char *name, uint32_t index,
              uint32_t *value)
{
	uint32_t len;
	const uint8_t *cells = fdt_prop(fdt, node, name, &len);

	if (!cells || index >= len / 4)
		return false;
	*value = fdt_be32(cells + index * 4);
	return true;
}

/* A number of `cells` cells; what does not fit 64 bits loses its upper part. */
static uint64_t number(const uint8_t *p, unsigned cells)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < cells; i++)
		value = value << 32 | fdt_be32(p + i * 4);
	return value;
}

bool fdt_reg(const struct fdt *fdt, const struct fdt_node *node, uint32_t index, uint64_t *address,
             uint64_t *size)
{
	uint32_t len, entry = 4u * (node->address_cells + node->size_cells);
	const uint8_t *reg = fdt_prop(fdt, node, "reg", &len);

	if (!reg || entry == 0 || index >= len / entry)
		return false;
	reg += index * entry;
	*address = number(reg, node->address_cells);
	*size = number(reg + 4u * node->address_cells, node->size_cells);
	return true;
}

bool fdt_lists(const uint8_t *list, uint32_t len, const char *name)
{
	while (len) {
		const char *n = name;

		while (len && *list == (uint8_t)*n && *n) {
			list++, n++, len--;
		}
		if (len && *list == 0 && *n == '\0')
			return true;
		while (len && *list) /* the rest of this one */
			list++, len--;
		if (len)
			list++, len--;
	}
	return false;
}

bool fdt_compatible(const struct fdt *fdt, const struct fdt_node *node, const char *name)
{
	uint32_t len;
	const uint8_t *list = fdt_prop(fdt, node, "compatible", &len);

	return list && fdt_lists(list, len, name);
}

bool fdt_enabled(const struct fdt *fdt, const struct fdt_node *node)
{
	const char *status = fdt_string(fdt, node, "status");

	return !status || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}
