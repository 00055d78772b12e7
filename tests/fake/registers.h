/* SPDX-License-Identifier: MIT */
/*
 * registers.h - the test's end of hal/mmio.h: devices at addresses, and a list of all accesses.
 *
 * An access that no device answers fails the test, as it would stop a machine.
 */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stddef.h>
#include <stdint.h>

#define REGISTERS_DEVICES 24
#define REGISTERS_LOG     4096

struct registers {
	uintptr_t base;
	size_t size;
	uint32_t (*read)(void *context, unsigned offset, unsigned width);
	void (*write)(void *context, unsigned offset, unsigned width, uint32_t value);
	void *context;
};

struct registers_access {
	char op; /* 'R' or 'W' */
	unsigned offset;
	uint32_t value;
};

/* The accesses since registers_clear(); later ones than fit are only counted. */
extern struct registers_access registers_log[REGISTERS_LOG];
extern unsigned registers_count;

void registers_clear(void);                            /* empties the log */
void registers_detach_all(void);                       /* and forgets all devices */
void registers_attach(const struct registers *device); /* which must live on */

/* How many of the logged accesses went to this register. */
unsigned registers_accesses(char op, unsigned offset);

#endif
