/* SPDX-License-Identifier: MIT */
/* symbols.c - see symbols.h. The file is read by its segments and sections (System V ABI, chapters 4 and 5). */
#include "symbols.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"

enum {
	ADDRESSES_MAX = 64
};

/* --- The ELF file --- */

static int read_file(const char *path, struct buffer *b)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file)
		return fail(FAIL_LOCAL, "%s: %s", path, strerror(errno));
	do {
		n = fread(buffer_room(b, 65536), 1, 65536, file);
		b->len += n;
	} while (n > 0);
	if (ferror(file)) {
		fclose(file);
		return fail(FAIL_LOCAL, "%s: %s", path, strerror(errno));
	}
	fclose(file);
	return OK;
}

/* Copies `size` bytes at `at`; false: they are not there. */
static bool take(const struct buffer *b, uint64_t at, void *to, size_t size)
{
	if (at > b->len || size > b->len - at)
		return false;
	memcpy(to, b->data + at, size);
	return true;
}

/* The number in a note (NT_GNU_BUILD_ID). */
static void take_note(const struct buffer *b, uint64_t at, uint64_t size, struct image *image)
{
	Elf32_Nhdr note; /* that of 64 bits is the same */
	unsigned char id[BUILD_ID_MAX / 2];
	char name[4];

	if (size < sizeof(note) + sizeof(name) || !take(b, at, &note, sizeof(note)) ||
	    !take(b, at + sizeof(note), name, sizeof(name)) || note.n_type != NT_GNU_BUILD_ID ||
	    memcmp(name, "GNU", 4) != 0 || note.n_descsz >= sizeof(id) ||
	    !take(b, at + sizeof(note) + sizeof(name), id, note.n_descsz))
		return;
	for (size_t i = 0; i < note.n_descsz; i++)
		sprintf(image->build_id + 2 * i, "%02x", id[i]);
}

/* The same for both classes. */
#define READ(bits)                                                                           \
	static bool read##bits(const struct buffer *b, struct image *image)                  \
	{                                                                                    \
		Elf##bits##_Ehdr head;                                                       \
		bool found = false;                                                          \
                                                                                             \
		if (!take(b, 0, &head, sizeof(head)))                                        \
			return false;                                                        \
		for (unsigned i = 0; !found && i < head.e_phnum; i++) {                      \
			Elf##bits##_Phdr segment;                                            \
                                                                                             \
			if (!take(b, head.e_phoff + (uint64_t)i * sizeof(segment), &segment, \
			          sizeof(segment)))                                          \
				return false;                                                \
			found = segment.p_type == PT_LOAD && (segment.p_flags & PF_X);       \
			image->address = segment.p_vaddr;                                    \
		}                                                                            \
		for (unsigned i = 0; i < head.e_shnum; i++) {                                \
			Elf##bits##_Shdr section;                                            \
                                                                                             \
			if (!take(b, head.e_shoff + (uint64_t)i * sizeof(section), &section, \
			          sizeof(section)))                                          \
				return false;                                                \
			if (section.sh_type == SHT_NOTE)                                     \
				take_note(b, section.sh_offset, section.sh_size, image);     \
		}                                                                            \
		return found;                                                                \
	}

READ(32)
READ(64)

int image_read(struct image *image, const char *path)
{
	struct buffer b = {0};
	unsigned char ident[EI_NIDENT];
	int status = read_file(path, &b);
	bool good = !status && take(&b, 0, ident, sizeof(ident)) &&
	            memcmp(ident, ELFMAG, SELFMAG) == 0 && ident[EI_DATA] == ELFDATA2LSB;

	memset(image, 0, sizeof(*image));
	if (good)
		good = ident[EI_CLASS] == ELFCLASS64 ? read64(&b, image) : read32(&b, image);
	buffer_free(&b);
	if (!status && !good)
		return fail(FAIL_LOCAL, "%s is no ELF file of a little-endian processor", path);
	return status;
}

/* --- addr2line --- */

/* Runs one; its output is read to the end. False: it is not there, or it failed. */
static bool run(char *const argv[], struct buffer *out)
{
	int ends[2], status;
	pid_t pid;
	ssize_t n;

	if (pipe(ends) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	do {
		n = read(ends[0], buffer_room(out, 4096), 4096);
		out->len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	close(ends[0]);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

int image_lines(const char *path, const uint64_t *address, size_t n, struct buffer *lines)
{
	static const char *const programs[] = {"addr2line", "llvm-addr2line"};
	char text[ADDRESSES_MAX][20];
	char *argv[ADDRESSES_MAX + 4] = {NULL, "-afipe", (char *)path};
	const char *wanted = getenv("ADDR2LINE");

	for (size_t i = 0; i < n && i < ADDRESSES_MAX; i++) {
		sprintf(text[i], "0x%" PRIx64, address[i]);
		argv[3 + i] = text[i];
	}
	for (size_t i = 0; i < (wanted ? 1 : sizeof(programs) / sizeof(programs[0])); i++) {
		argv[0] = (char *)(wanted ? wanted : programs[i]);
		lines->len = 0;
		if (run(argv, lines))
			return OK;
	}
	return fail(FAIL_LOCAL,
	            "%s did not tell; install binutils or llvm, or name a program like "
	            "addr2line in $ADDR2LINE",
	            wanted ? wanted : "addr2line");
}
