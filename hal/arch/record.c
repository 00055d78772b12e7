/* SPDX-License-Identifier: MIT */
/* record.c - see record.h. Left out: tables to find frames by (.eh_frame). */
#include "arch/record.h"

/* linker/: code lies between the first two, the stack between the others. */
extern char __image_start[], __text_start[], __rodata_start[], __stack_start[], __stack_top[];
extern const uint8_t __build_id_start[], __build_id_end[];

/* ELF note: sizes of name and contents, type, the name "GNU". */
#define NOTE_HEADER 16

/* How far below the stack its pointer may be when that was the fault. */
#define OVERFLOW 4096

__attribute__((used, section(".noinit.trap"))) uintptr_t arch_registers[ARCH_REGISTERS_MAX];
__attribute__((used, section(".noinit.trap"), aligned(16)))
uint8_t arch_trap_stack[ARCH_TRAP_STACK];

static bool is_code(uintptr_t address)
{
	return address > (uintptr_t)__text_start + 8 && address < (uintptr_t)__rodata_start;
}

size_t arch_calls(uintptr_t *address, size_t most)
{
	uintptr_t at = arch_registers[arch_stack_pointer];
	size_t n = 0;

	if (at < (uintptr_t)__stack_start && (uintptr_t)__stack_start - at <= OVERFLOW)
		at = (uintptr_t)__stack_start;
	if (at < (uintptr_t)__stack_start)
		return 0;
	at = (at + sizeof at - 1) & ~(sizeof at - 1);
	for (; at < (uintptr_t)__stack_top && n < most; at += sizeof at) {
		uintptr_t word = *(const uintptr_t *)at;

		if (is_code(word) && arch_follows_call(word))
			address[n++] = word;
	}
	return n;
}

uintptr_t arch_image(void)
{
	return (uintptr_t)__image_start;
}

const uint8_t *arch_build_id(size_t *size)
{
	size_t note = (uintptr_t)__build_id_end - (uintptr_t)__build_id_start;

	*size = note > NOTE_HEADER ? note - NOTE_HEADER : 0;
	return *size ? __build_id_start + NOTE_HEADER : NULL;
}
