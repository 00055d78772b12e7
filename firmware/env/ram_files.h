/* SPDX-License-Identifier: MIT */
/*
 * ram_files.h - files in a bounded piece of RAM: created, written, read back, removed.
 *
 * The memory holds a table of files and a pool of blocks; each file is a chain of these. What no
 * file has used yet is never touched. Names are whole paths. Left out: directories, times, owners,
 * hard links.
 */
#ifndef RAM_FILES_H
#define RAM_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAM_NAME_MAX 96

#ifndef RAM_BLOCK
#define RAM_BLOCK 4096
#endif
#ifndef RAM_FILES_MAX
#define RAM_FILES_MAX 64
#endif

struct ram_file {
	char name[RAM_NAME_MAX];
	uint8_t name_len; /* 0: free, or removed and still open */
	uint16_t users;   /* open handles */
	uint32_t first;   /* block, or RAM_NONE */
	uint32_t n_blocks;
	uint32_t at_index,
		at_block; /* where the last access was: block number at_index is at_block */
	size_t size;
};

struct ram_files {
	struct ram_file *file; /* RAM_FILES_MAX of them */
	uint32_t n_files;      /* of these have been used */
	uint8_t *blocks;
	uint32_t *next; /* of each block: the next one of its file, or of the free chain */
	uint32_t n_blocks, untouched, free_first, n_free;
};

/* The memory that files of so many bytes together take, a number of whole blocks. */
#define RAM_FOR(bytes)                                                  \
	((size_t)(bytes) / RAM_BLOCK * (RAM_BLOCK + sizeof(uint32_t)) + \
	 RAM_FILES_MAX * sizeof(struct ram_file))

/* Takes `size` bytes of memory, aligned to 8. *ram must be zero. */
void ram_init(struct ram_files *ram, void *memory, size_t size);

/* Finds a file, creates it, empties it. Returns 0 and *file, or a negative enum qga_errno. */
int ram_open(struct ram_files *ram, const char *name, size_t len, bool create, bool truncate,
             struct ram_file **file);
void ram_close(struct ram_files *ram, struct ram_file *file);

/* Takes the name away; the blocks go when nobody has it open. */
int ram_remove(struct ram_files *ram, const char *name, size_t len);

/* Returns how many bytes were read. */
size_t ram_read(struct ram_files *ram, struct ram_file *file, uint64_t offset, void *buf,
                size_t len);

/* All or nothing: returns len, or QGA_ENOSPC and nothing has changed. A gap becomes zeros. */
int64_t ram_write(struct ram_files *ram, struct ram_file *file, uint64_t offset, const void *buf,
                  size_t len);

/* Bytes of all blocks, and of those in use. */
size_t ram_total(const struct ram_files *ram);
size_t ram_used(const struct ram_files *ram);

#endif
