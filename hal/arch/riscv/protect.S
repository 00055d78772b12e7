/* SPDX-License-Identifier: MIT */
/*
 * protect.S - what ../protect.h promises, on RISC-V: in machine mode by physical memory protection
 * (Privileged ISA 20211203, 3.7), in supervisor mode by page tables (4.4, Sv39).
 */
#include "csr.h"

#ifndef __clang__
	.option arch, +zicsr
#endif
	.section .text.arch_protect, "ax"

#if !RISCV_SUPERVISOR

/*
 * Entries are ranges up to an address (A = TOR), the first that fits decides, and those that hold for
 * machine mode (L) stay as they are until a reset: QEMU before 8.2 keeps them even then, so that
 * what lies below the image must remain executable, for that is where a reset goes on.
 */
#define NONE	0x88			/* L, TOR */
#define R	(NONE | 1)
#define RW	(NONE | 3)
#define RX	(NONE | 5)
#define OFF	0

#define CFG_LOW	 (NONE | OFF << 8 | RX << 16 | R << 24)	/* NULL, below the image, code, constants */
#define CFG_HIGH (RW | NONE << 8 | RW << 16)		/* up to the guard, the guard, the rest */

	.macro	entry n, end
	la	t0, \end
	srli	t0, t0, 2
	csrw	pmpaddr\n, t0
	.endm

	/* Changes t0, t1. A hart without the unit traps at the first of these, and goes on behind them. */
	.globl	arch_protect
arch_protect:
	csrr	t1, mtvec
	la	t0, 1f
	csrw	mtvec, t0
	li	t0, 0x1000 >> 2
	csrw	pmpaddr0, t0
	entry	1, __image_start
	entry	2, __rodata_start
	entry	3, __code_end
	entry	4, __stack_guard
	entry	5, __data_start
	li	t0, -1
	csrw	pmpaddr6, t0
#if __riscv_xlen == 64
	li	t0, CFG_HIGH << 32 | CFG_LOW
	csrw	pmpcfg0, t0
#else
	li	t0, CFG_HIGH
	csrw	pmpcfg1, t0
	li	t0, CFG_LOW
	csrw	pmpcfg0, t0
#endif
	.balign	4
1:	csrw	mtvec, t1
	ret

#endif

	.section .note.GNU-stack, "", @progbits
