/* SPDX-License-Identifier: MIT */
/*
 * record.h - what is known of the moment of a trap: registers, and calls that had not returned.
 *
 * start.S saves the registers when the first trap comes, and goes on on a stack of its own, for what lies on
 * the other one tells who called whom. There are no frame pointers: they would cost a register and
 * instructions in every function. So the stack is searched for what a call leaves there, an address in our
 * code with a call right in front of it. Some of what is found may be left of calls that have returned.
 */
#ifndef BAREQGA_ARCH_RECORD_H
#define BAREQGA_ARCH_RECORD_H

/* 0: the image has none of this, and a trap begins on the stack anew. */
#ifndef ARCH_WITH_RECORD
#define ARCH_WITH_RECORD 1
#endif

/* Bytes of the stack on which a trap is reported. */
#ifndef ARCH_TRAP_STACK
#define ARCH_TRAP_STACK 1024
#endif

/* More than any processor has. */
#define ARCH_REGISTERS_MAX 34

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- Of each processor's start.S and traps.c --- */

/* In the order of the names, each of which has a blank behind it. */
extern uintptr_t arch_registers[ARCH_REGISTERS_MAX];
extern const char arch_register_names[];

/* Which of them is the stack pointer. */
extern const unsigned char arch_stack_pointer;

/* Is that where a call returns to: does one end right in front of it? It is an address in our code. */
bool arch_follows_call(uintptr_t address);

/* --- Of record.c --- */

/* Up to `most` addresses that calls return to, the innermost first. Returns how many. */
size_t arch_calls(uintptr_t *address, size_t most);

/* Where the image lies in memory. */
uintptr_t arch_image(void);

/* The linker's number of this very image (--build-id), and its size in bytes; NULL: it has none. */
const uint8_t *arch_build_id(size_t *size);

#endif
#endif
