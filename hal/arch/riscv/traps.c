/* SPDX-License-Identifier: MIT */
/*
 * traps.c - names of what firmware_trap() is told: mcause, scause (Privileged ISA 20211203, table
 * 3.6); and how calls and registers look (Unprivileged ISA 20191213, 2.5.1, 16.8, chapter 25).
 */
#include "arch.h"
#include "arch/record.h"

#include <stddef.h>

static const char *const names[] = {
	[0] = "instruction address misaligned",
	[1] = "instruction access fault",
	[2] = "illegal instruction",
	[3] = "breakpoint",
	[4] = "load address misaligned",
	[5] = "load access fault",
	[6] = "store address misaligned",
	[7] = "store access fault",
	[8] = "environment call from U-mode",
	[9] = "environment call from S-mode",
	[11] = "environment call from M-mode",
	[12] = "instruction page fault",
	[13] = "load page fault",
	[15] = "store page fault",
};

const char *arch_trap_name(uintptr_t cause)
{
	return cause < sizeof names / sizeof names[0] ? names[cause] : NULL;
}

const char arch_register_names[] = "ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 "
				   "s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 ";
const unsigned char arch_stack_pointer = 1;

#define OPCODE_RD 0xfff /* with the register that gets the address */
#define JAL_RA    0x0ef
#define JALR_RA   0x0e7

bool arch_follows_call(uintptr_t address)
{
	const uint16_t *code = (const uint16_t *)address;
	unsigned last = code[-1];

	if (address & 1)
		return false;
	if ((last & 0xf07f) == 0x9002 && (last & 0xf80) != 0) /* C.JALR */
		return true;
	if (__riscv_xlen == 32 && (last & 0xe003) == 0x2001) /* C.JAL */
		return true;
	return (code[-2] & OPCODE_RD) == JAL_RA || (code[-2] & OPCODE_RD) == JALR_RA;
}
