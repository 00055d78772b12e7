/* SPDX-License-Identifier: MIT */
/*
 * traps.c - names of what firmware_trap() is told: the vector (Intel SDM volume 3, 6.15); and how calls
 * and registers look.
 */
#include "arch.h"
#include "arch/record.h"

#include <stddef.h>

static const char *const names[] = {
	[0] = "divide error",
	[1] = "debug",
	[2] = "NMI",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range exceeded",
	[6] = "invalid opcode",
	[7] = "device not available",
	[8] = "double fault",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack fault",
	[13] = "general protection",
	[14] = "page fault",
	[16] = "floating-point error",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD floating-point error",
};

const char *arch_trap_name(uintptr_t cause)
{
	return cause < sizeof names / sizeof names[0] ? names[cause] : NULL;
}

const char arch_register_names[] =
	"rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rflags ";
const unsigned char arch_stack_pointer = 7;

/*
 * Bytes of a ModRM byte and what belongs to it, where it makes FF a near call (SDM volume 2, 2.1.5 and
 * CALL); 0: it does not.
 */
static unsigned modrm_size(const uint8_t *modrm)
{
	unsigned mod = modrm[0] >> 6, rm = modrm[0] & 7, size = 1;

	if ((modrm[0] >> 3 & 7) != 2)
		return 0;
	if (mod == 3)
		return size;
	if (rm == 4)
		size++; /* SIB */
	if (mod == 1)
		return size + 1;
	if (mod == 2 || rm == 5 || (rm == 4 && (modrm[1] & 7) == 5))
		return size + 4;
	return size;
}

bool arch_follows_call(uintptr_t address)
{
	const uint8_t *code = (const uint8_t *)address;

	if (code[-5] == 0xe8)
		return true;
	for (int i = 2; i <= 7; i++)
		if (code[-i] == 0xff && modrm_size(code - i + 1) == (unsigned)i - 1)
			return true;
	return false;
}
