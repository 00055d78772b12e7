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

	/*
	 * Changes t0, and where traps go. A hart without the unit traps at the first of these, and goes on behind
	 * them.
	 */
	.globl	arch_protect
arch_protect:
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
1:	ret

#else

/*
 * All addresses of 38 bits one to one, 1 GiB each, but for the first 2 MiB and those of code and the guard,
 * which are pages. Leaves are accessed and dirty from the start (4.3.1).
 */
#define TABLE	1			/* V */
#define R	(1 | 1 << 1 | 1 << 6)
#define RX	(R | 1 << 3)
#define RW	(R | 1 << 2 | 1 << 7)
#define GIB	(1 << 28)		/* in an entry */
#define MIB_2	(1 << 19)
#define KIB_4	(1 << 10)
#define SV39	8

	/* The first entry of a table leads to the next table; or that of the image, at index (address >> shift) % 512. */
	.macro	lead_first table, next
	la	t1, \table
	la	t0, \next
	srli	t0, t0, 2
	ori	t0, t0, TABLE
	sd	t0, (t1)
	.endm

	.macro	lead_image table, shift, next
	la	t0, __image_start
	srli	t0, t0, \shift
	andi	t0, t0, 511
	slli	t0, t0, 3
	la	t1, \table
	add	t1, t1, t0
	la	t0, \next
	srli	t0, t0, 2
	ori	t0, t0, TABLE
	sd	t0, (t1)
	.endm

	/* Keeps a0 to a2. */
	.globl	arch_protect
arch_protect:
	mv	t2, ra
	mv	t4, a0
	mv	t5, a1
	mv	t6, a2
	la	a0, all
	li	a1, RW
	li	a2, GIB
	li	a3, 256
	call	fill
	la	a0, low
	li	a1, RW
	li	a2, MIB_2
	li	a3, 512
	call	fill
	la	a0, low_pages
	li	a1, RW
	li	a2, KIB_4
	call	fill
	la	t0, low_pages
	sd	zero, (t0)
	la	a1, __image_start
	srli	a1, a1, 30
	slli	a1, a1, 28
	ori	a1, a1, RW
	la	a0, near
	li	a2, MIB_2
	call	fill
	la	a1, __image_start
	srli	a1, a1, 21
	slli	a1, a1, 19
	ori	a1, a1, RW
	la	a0, pages
	li	a2, KIB_4
	call	fill
	lead_first	all, low
	lead_first	low, low_pages
	lead_image	all, 30, near
	lead_image	near, 21, pages
	la	a4, __image_start
	la	a5, __rodata_start
	li	a1, RX
	call	set
	la	a5, __code_end
	li	a1, R
	call	set
	la	a5, __data_start
	li	a1, 0
	call	set
	la	t0, all
	srli	t0, t0, 12
	li	t1, SV39 << 60
	or	t0, t0, t1
	sfence.vma
	csrw	satp, t0		/* ignored where there is no such mode */
	sfence.vma
	mv	a0, t4
	mv	a1, t5
	mv	a2, t6
	jr	t2

	/* a3 entries from a1 on, a2 apart, to a0. */
fill:	mv	t0, a3
1:	sd	a1, (a0)
	add	a1, a1, a2
	addi	a0, a0, 8
	addi	t0, t0, -1
	bnez	t0, 1b
	ret

	/* Pages a4 to a5 are what a1 says of them; a4 is then a5. */
set:	beq	a4, a5, 2f
	srli	t0, a4, 12
	andi	t0, t0, 511
	slli	t0, t0, 3
	la	t1, pages
	add	t0, t0, t1
	srli	t1, a4, 2
	snez	t3, a1
	neg	t3, t3
	and	t1, t1, t3		/* nothing at all */
	or	t1, t1, a1
	sd	t1, (t0)
	li	t0, 4096
	add	a4, a4, t0
	j	set
2:	ret

	.section .noinit.page_table, "aw", @nobits
	.balign	4096
all:	.skip	4096			/* all addresses */
low:	.skip	4096			/* the first GiB */
low_pages:
	.skip	4096
near:	.skip	4096			/* the image's */
pages:	.skip	4096

#endif

	.section .note.GNU-stack, "", @progbits
