/* SPDX-License-Identifier: MIT */
/*
 * start_a32.S - from reset to firmware_main() on ARMv7-A with the Large Physical Address Extension
 * (Cortex-A7, A15, A17), entered in supervisor, monitor or hypervisor mode.
 *
 * r2 is the device tree, or 0 (Linux, Documentation/arm/booting.rst). MMU and caches come first,
 * for the reasons that start_a64.S gives, and with the very same table: four descriptors of
 * 1 GiB (Arm ARM DDI 0406, B3.6).
 */
#ifdef __arm__
#include "arch/record.h"

#define SCTLR_M		(1 << 0)
#define SCTLR_A		(1 << 1)
#define SCTLR_C		(1 << 2)
#define SCTLR_I		(1 << 12)

#define BLOCK		(1 | 1 << 10)			/* valid, accessed */
#define BLOCK_MEMORY	(BLOCK | 1 << 2 | 3 << 8)	/* attribute 1, inner shareable */
#define BLOCK_DEVICE	BLOCK				/* attribute 0 */
#define BLOCK_NO_EXEC	(3 << 21)			/* upper half: XN, PXN */
#define MAIR0		0xff00				/* 0: strongly ordered, 1: write-back */
/* EAE; 4 GiB; walks cached and shareable; the upper half unused. */
#define TTBCR		(1 << 31 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)

	.syntax unified
	.section .boot, "ax"
	.arm
	.globl	_start
_start:
	mrc	p15, 0, r0, c0, c0, 5		/* MPIDR */
	lsls	r0, r0, #8			/* affinity; in the secure state all processors */
	bne	park				/* come here */
	mov	r9, r2
	mrs	r0, cpsr
	and	r0, r0, #0x1f
	cmp	r0, #0x1a
	bne	at_pl1

	/* Hyp mode is not for us: leave it, with nothing trapped on the way. */
	.arch_extension virt
	mov	r0, #0
	mcr	p15, 4, r0, c1, c1, 0		/* HCR */
	mcrr	p15, 4, r0, r0, c14		/* CNTVOFF */
	mov	r0, #3
	mcr	p15, 4, r0, c14, c1, 0		/* CNTHCTL: PL1 may use counter and timer */
	ldr	r0, =0x33ff
	mcr	p15, 4, r0, c1, c1, 2		/* HCPTR */
	mrc	p15, 0, r0, c0, c0, 0
	mcr	p15, 4, r0, c0, c0, 0		/* VPIDR = MIDR */
	mrc	p15, 0, r0, c0, c0, 5
	mcr	p15, 4, r0, c0, c0, 5		/* VMPIDR = MPIDR */
	mrc	p15, 0, r0, c0, c1, 1		/* ID_PFR1 */
	lsrs	r0, r0, #28			/* GIC: system registers */
	movne	r0, #9				/* SRE, Enable */
	mcrne	p15, 4, r0, c12, c9, 5		/* ICC_HSRE */
	isb
	mov	r0, #0x1d3			/* supervisor, everything masked */
	msr	spsr_cxsf, r0
	adr	r0, at_pl1
	msr	ELR_hyp, r0
	eret

at_pl1:
	cpsid	aif, #0x13
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0		/* VBAR */

	mov	r0, #0
	mcr	p15, 0, r0, c13, c0, 4		/* TPIDRPRW: traps so far */

	ldr	r0, =boot_page_table
	ldr	r3, =BLOCK_DEVICE
	ldr	r4, =BLOCK_MEMORY
	ldr	r5, =BLOCK_NO_EXEC
	mov	r6, #0
	mov	r1, #0
1:	orr	r2, r3, r1, lsl #30
	str	r2, [r0], #4
	str	r5, [r0], #4
	add	r1, r1, #1
	cmp	r1, #4
	bne	1b
	ldr	r0, =boot_page_table
	ldr	r1, =__stack_top
	lsr	r1, r1, #30
	orr	r2, r4, r1, lsl #30
	add	r8, r0, r1, lsl #3
	stm	r8, {r2, r6}
	lsrs	r1, r9, #30			/* 0: none given */
	orrne	r2, r4, r1, lsl #30
	addne	r8, r0, r1, lsl #3
	stmne	r8, {r2, r6}

	dsb
	mcr	p15, 0, r0, c7, c6, 1		/* DCIMVAC: caches must not hide the table */
	ldr	r1, =MAIR0
	mcr	p15, 0, r1, c10, c2, 0
	ldr	r1, =TTBCR
	mcr	p15, 0, r1, c2, c0, 2
	mcrr	p15, 0, r0, r6, c2		/* TTBR0 */
	mcr	p15, 0, r6, c8, c7, 0		/* TLBIALL */
	mcr	p15, 0, r6, c7, c5, 0		/* ICIALLU */
	dsb
	isb
	mrc	p15, 0, r1, c1, c0, 0
	bic	r1, r1, #SCTLR_A
	orr	r1, r1, #SCTLR_M | SCTLR_C
	orr	r1, r1, #SCTLR_I
	mcr	p15, 0, r1, c1, c0, 0
	isb

	ldr	r0, =__bss_start
	ldr	r1, =__bss_end
1:	cmp	r0, r1
	strlo	r6, [r0], #4
	blo	1b

	ldr	sp, =__stack_top
	ldr	r0, =arch_boot
	str	r9, [r0]
	bl	arch_protect
	bl	firmware_main

	.globl	arch_halt
	.type	arch_halt, %function
arch_halt:
	cpsid	aif
	mov	r0, #0
	mcr	p15, 0, r0, c14, c3, 1		/* CNTV_CTL */
park:
	wfi
	b	park

	/* void arm_use_tables(const uint64_t *tables) */
	.globl	arm_use_tables
	.type	arm_use_tables, %function
arm_use_tables:
	mov	r1, #0
	mrc	p15, 0, r2, c1, c0, 0		/* SCTLR */
	bic	r3, r2, #SCTLR_M
	dsb
	mcr	p15, 0, r3, c1, c0, 0
	isb
	mcrr	p15, 0, r0, r1, c2		/* TTBR0 */
	isb
	mcr	p15, 0, r1, c8, c7, 0		/* TLBIALL */
	dsb
	isb
	mcr	p15, 0, r2, c1, c0, 0
	isb
	bx	lr

	/* uintptr_t arm_semihosting(uintptr_t operation, const void *parameter) */
	.globl	arm_semihosting
	.type	arm_semihosting, %function
arm_semihosting:
	mov	r12, lr				/* the call may be an exception, of the mode we are in */
	svc	#0x123456
semihosting:
	bx	r12

	/* What is expected, stack, second and third as in start_a64.S. TPIDRURW and TPIDRURO are nobody's. */
	.balign	32
vectors:
	b	.
	b	undefined
	b	supervisor
	b	prefetch
	b	data
	b	.
	b	interrupt
	b	interrupt
	.macro	vector, name, number
\name:	mcr	p15, 0, r0, c13, c0, 2		/* TPIDRURW */
	mov	r0, #\number << 16
	b	trap
	.endm
	vector	undefined, 1
	vector	supervisor, 2
	vector	prefetch, 3
	vector	data, 4
	vector	interrupt, 6

trap:	/* r0: number of the vector << 16, lr: near the pc */
	mcr	p15, 0, r1, c13, c0, 3		/* TPIDRURO */
	mrc	p15, 0, r1, c13, c0, 4		/* TPIDRPRW */
	cmp	r1, #0
	bne	1f
	ldr	r1, =arch_registers + 8
	stm	r1!, {r2-r12}
	mrc	p15, 0, r2, c13, c0, 2
	mrc	p15, 0, r3, c13, c0, 3
	sub	r1, r1, #52
	stm	r1, {r2, r3}
1:	mrs	r3, spsr
	mov	r1, lr
	cpsid	aif, #0x13
	mrc	p15, 0, r2, c13, c0, 4
	cmp	r2, #0
	bne	2f
	ldr	r2, =arch_registers + 52
	str	sp, [r2]
	str	lr, [r2, #4]
	str	r3, [r2, #8]
	adr	r2, semihosting
	cmp	r1, r2
	cmpeq	r0, #2 << 16
	mvneq	r0, #0
	bxeq	r1
2:
	/* Arm DDI 0406, B1.8.3: how far the pc is behind. */
	cmp	r0, #3 << 16
	subeq	r1, r1, #4
	subhi	r1, r1, #8
	tst	r3, #1 << 5			/* T */
	movne	r3, #2
	moveq	r3, #4
	cmp	r0, #3 << 16
	sublo	r1, r1, r3
	/* Fault status and address. */
	mrceq	p15, 0, r3, c5, c0, 1		/* IFSR */
	mrceq	p15, 0, r2, c6, c0, 2		/* IFAR */
	mrchi	p15, 0, r3, c5, c0, 0		/* DFSR */
	mrchi	p15, 0, r2, c6, c0, 0		/* DFAR */
	orrhs	r0, r0, r3
	movlo	r2, #0
	mrc	p15, 0, r3, c13, c0, 4
	cmp	r3, #2
	bhs	arch_halt
	add	r3, r3, #1
	mcr	p15, 0, r3, c13, c0, 4
	ldr	sp, =arch_trap_stack + ARCH_TRAP_STACK
	bl	firmware_trap
	b	arch_halt
	.ltorg

	.section .noinit.page_table, "aw", %nobits
	.balign	64
	.globl	boot_page_table
boot_page_table:
	.skip	4 * 8

#endif
	.section .note.GNU-stack, "", %progbits
