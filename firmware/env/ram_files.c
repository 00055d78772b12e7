/* SPDX-License-Identifier: MIT */
/* ram_files.c - see ram_files.h. */
#include <string.h>

#include "bareqga.h"
#include "ram_files.h"

#define RAM_NONE UINT32_MAX

void ram_init(struct ram_files *ram, void *memory, size_t size)
{
	const size_t table = RAM_FILES_MAX * sizeof(*ram->file);
	size_t n = size > table ? (size - table) / (RAM_BLOCK + sizeof(*ram->next)) : 0;

	ram->n_blocks = n < RAM_NONE ? (uint32_t)n : RAM_NONE - 1;
	ram->file = memory;
	ram->blocks = (uint8_t *)memory + table;
	ram->next = (uint32_t *)(void *)(ram->blocks + (size_t)ram->n_blocks * RAM_BLOCK);
	ram->free_first = RAM_NONE;
}

/* --- Blocks --- */

static uint32_t take_block(struct ram_files *ram)
{
	uint32_t block = ram->free_first;

	if (block == RAM_NONE)
		return ram->untouched++;
	ram->free_first = ram->next[block];
	ram->n_free--;
	return block;
}

static void free_blocks(struct ram_files *ram, struct ram_file *file)
{
	while (file->first != RAM_NONE) {
		uint32_t block = file->first;

		file->first = ram->next[block];
		ram->next[block] = ram->free_first;
		ram->free_first = block;
		ram->n_free++;
	}
	file->n_blocks = 0;
	file->at_index = 0;
	file->size = 0;
}

/* Block number `index` of a file, which has it. Walks on from the last access if it can. */
static uint8_t *block_at(struct ram_files *ram, struct ram_file *file, uint32_t index)
{
	if (file->at_index == 0 || index < file->at_index) {
		file->at_index = 0;
		file->at_block = file->first;
	}
	for (; file->at_index < index; file->at_index++)
		file->at_block = ram->next[file->at_block];
	return ram->blocks + (size_t)file->at_block * RAM_BLOCK;
}

/* Appends blocks until there are n. There must be enough free ones. */
static void grow(struct ram_files *ram, struct ram_file *file, uint32_t n)
{
	while (file->n_blocks < n) {
		uint32_t block = take_block(ram);

		ram->next[block] = RAM_NONE;
		if (file->n_blocks == 0) {
			file->first = block;
		} else {
			block_at(ram, file, file->n_blocks - 1);
			ram->next[file->at_block] = block;
		}
		file->n_blocks++;
	}
}

size_t ram_total(const struct ram_files *ram)
{
	return (size_t)ram->n_blocks * RAM_BLOCK;
}

size_t ram_used(const struct ram_files *ram)
{
	return (size_t)(ram->untouched - ram->n_free) * RAM_BLOCK;
}

/* --- Names --- */

static struct ram_file *find(struct ram_files *ram, const char *name, size_t len)
{
	for (size_t i = 0; i < ram->n_files; i++) {
		struct ram_file *file = &ram->file[i];

		if (file->name_len == len && memcmp(file->name, name, len) == 0)
			return file;
	}
	return NULL;
}

static struct ram_file *find_free(struct ram_files *ram)
{
	for (size_t i = 0; i < ram->n_files; i++)
		if (ram->file[i].name_len == 0 && ram->file[i].users == 0)
			return &ram->file[i];
	return ram->n_files < RAM_FILES_MAX ? &ram->file[ram->n_files++] : NULL;
}

int ram_open(struct ram_files *ram, const char *name, size_t len, bool create, bool truncate,
             struct ram_file **file)
{
	struct ram_file *f = len > 0 && len <= RAM_NAME_MAX ? find(ram, name, len) : NULL;

	if (!f && !create)
		return QGA_ENOENT;
	if (len == 0 || len > RAM_NAME_MAX)
		return QGA_ENAMETOOLONG;
	if (!f) {
		f = find_free(ram);
		if (!f)
			return QGA_ENOSPC;
		*f = (struct ram_file){.name_len = (uint8_t)len, .first = RAM_NONE};
		memcpy(f->name, name, len);
	}
	if (truncate)
		free_blocks(ram, f);
	f->users++;
	*file = f;
	return 0;
}

void ram_close(struct ram_files *ram, struct ram_file *file)
{
	if (--file->users == 0 && file->name_len == 0)
		free_blocks(ram, file);
}

int ram_remove(struct ram_files *ram, const char *name, size_t len)
{
	struct ram_file *file = len > 0 && len <= RAM_NAME_MAX ? find(ram, name, len) : NULL;

	if (!file)
		return QGA_ENOENT;
	file->name_len = 0;
	if (file->users == 0)
		free_blocks(ram, file);
	return 0;
}

/* --- Bytes --- */

/* The part of [offset, offset + len) that lies in one block. */
static size_t in_block(size_t offset, size_t len)
{
	size_t room = RAM_BLOCK - offset % RAM_BLOCK;

	return len < room ? len : room;
}

/* Where a byte of a file lies, in a block that is there. */
static uint8_t *byte_at(struct ram_files *ram, struct ram_file *file, size_t offset)
{
	return block_at(ram, file, (uint32_t)(offset / RAM_BLOCK)) + offset % RAM_BLOCK;
}

size_t ram_read(struct ram_files *ram, struct ram_file *file, uint64_t offset, void *buf,
                size_t len)
{
	size_t at = (size_t)offset, n;
	uint8_t *to = buf;

	if (offset >= file->size)
		return 0;
	if (len > file->size - at)
		len = file->size - at;
	for (size_t left = len; left > 0; left -= n, at += n, to += n) {
		n = in_block(at, left);
		memcpy(to, byte_at(ram, file, at), n);
	}
	return len;
}

/* Writes to blocks that are there; a NULL buf writes zeros. */
static void put(struct ram_files *ram, struct ram_file *file, size_t offset, const uint8_t *buf,
                size_t len)
{
	for (size_t n; len > 0; offset += n, len -= n) {
		uint8_t *to = byte_at(ram, file, offset);

		n = in_block(offset, len);
		if (buf) {
			memcpy(to, buf, n);
			buf += n;
		} else {
			memset(to, 0, n);
		}
	}
}

int64_t ram_write(struct ram_files *ram, struct ram_file *file, uint64_t offset, const void *buf,
                  size_t len)
{
	size_t at = (size_t)offset, end = at + len;
	uint32_t blocks = (uint32_t)((end + RAM_BLOCK - 1) / RAM_BLOCK);

	if (len == 0)
		return 0;
	if (offset + len > ram_total(ram))
		return QGA_ENOSPC;
	if (blocks > file->n_blocks &&
	    blocks - file->n_blocks > ram->n_blocks - ram->untouched + ram->n_free)
		return QGA_ENOSPC;
	grow(ram, file, blocks);
	if (at > file->size)
		put(ram, file, file->size, NULL, at - file->size);
	put(ram, file, at, buf, len);
	if (end > file->size)
		file->size = end;
	return (int64_t)len;
}
