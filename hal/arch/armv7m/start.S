/* SPDX-License-Identifier: MIT */
/*
 * start.S - vector table, reset and faults of an Armv7-M processor (Arm DDI 0403, B1.5).
 *
 * Interrupts stay masked by PRIMASK for good: a pending one ends `wfi` all the same (B1.5.19), so
 * the table needs no entries for them. What does arrive here is a fault, or a semihosting call that
 * nobody answers; with PRIMASK set, and no fault enabled for itself, each is a HardFault (B1.5.4).
 * The stack may be what is at fault, and nobody comes back to it: firmware_trap() has its own, or, where the
 * registers are not kept, begins on it anew; and no longer as a handler, in which another fault would be a lockup.
 */
#include "arch/record.h"

	.syntax unified
	.cpu	cortex-m3
	.thumb

#define FRAME_R0	0
#define FRAME_R12	16		/* and LR */
#define FRAME_PC	24
#define FRAME_XPSR	28
#define FRAME_SIZE	32
#define FRAME_ALIGNED	(1 << 9)	/* of xPSR: 4 bytes more */
#define XPSR_T		(1 << 24)
#define BKPT_SEMIHOSTING 0xbeab		/* `bkpt 0xab` */

#if ARCH_WITH_RECORD
#define TRAP_STACK	arch_trap_stack + ARCH_TRAP_STACK
#else
#define TRAP_STACK	__stack_top
#endif

#define CFSR		0xe000ed28	/* B3.2.15 */
#define CFSR_MEM	0xff		/* MemManage: */
#define CFSR_MEM_ADDRESS (1 << 7)	/* MMARVALID */
#define CFSR_BUS	0xff00		/* BusFault: */
#define CFSR_BUS_ADDRESS (1 << 15)	/* BFARVALID */
#define CFSR_STACKING	0x1010		/* in either: there is no frame */
#define SHPR1		-0x10		/* from CFSR on; not 0: there was a fault. Nobody uses the priorities */
#define MMFAR		0x0c
#define BFAR		0x10

	.section .boot, "ax"
	.word	__stack_top
	.word	_start
	.word	fault			/* NMI */
	.word	fault			/* HardFault */

	.section .boot.rest, "ax"
	.thumb_func
	.globl	_start
	.type	_start, %function
_start:
	cpsid	i
	ldr	r0, =__bss_start
	ldr	r2, =__bss_end
	movs	r3, #0
1:	cmp	r0, r2
	itt	lo
	strlo	r3, [r0], #4
	blo	1b
	bl	arch_protect
	bl	firmware_main
2:	wfi
	b	2b

/* firmware_trap(exception number, pc, address or CFSR); a semihosting call returns -1 instead. */
	.thumb_func
	.type	fault, %function
fault:
	ldr	r3, =CFSR
	ldr	r2, [r3]
	movw	r0, #CFSR_STACKING
	tst	r2, r0
	ite	eq
	ldreq	r1, [sp, #FRAME_PC]
	movne	r1, #0
	cbnz	r2, 3f
	ldrh	r0, [r1]
	movw	r12, #BKPT_SEMIHOSTING
	cmp	r0, r12
	bne	3f
	adds	r1, #2
	str	r1, [sp, #FRAME_PC]
	mov	r2, #-1
	str	r2, [sp, #FRAME_R0]
	bx	lr
3:	ldr	r12, [r3, #SHPR1]		/* in the report of the one before: the end */
	str	r3, [r3, #SHPR1]
	cmp	r12, #0
	bne	arch_halt
#if ARCH_WITH_RECORD
	ldr	r12, =arch_registers
	add	r12, #16
	stm	r12, {r4-r11}
	sub	r12, #16
	movw	r0, #CFSR_STACKING
	tst	r2, r0
	mov	r6, sp
	itt	ne				/* what the frame would tell of */
	movne	r0, #0
	bne	1f
	ldm	sp, {r4, r5, r8, r9}
	stm	r12, {r4, r5, r8, r9}
	ldrd	r4, r5, [sp, #FRAME_R12]
	ldr	r7, [sp, #FRAME_XPSR]
	adds	r6, #FRAME_SIZE
	tst	r7, #FRAME_ALIGNED
	it	ne
	addne	r6, #4
	b	2f
1:	mov	r4, r0
	mov	r5, r0
	mov	r7, r0
	strd	r0, r0, [r12]
	strd	r0, r0, [r12, #8]
2:	strd	r4, r6, [r12, #48]
	strd	r5, r7, [r12, #56]
#endif
	mrs	r0, ipsr			/* 3: HardFault */
	cmp	r2, #0
	it	ne
	movne	r0, #6				/* UsageFault, unless */
	tst	r2, #CFSR_BUS
	it	ne
	movne	r0, #5
	tst	r2, #CFSR_MEM
	it	ne
	movne	r0, #4
	tst	r2, #CFSR_MEM_ADDRESS
	itt	ne
	ldrne	r2, [r3, #MMFAR]
	bne	4f
	tst	r2, #CFSR_BUS_ADDRESS
	it	ne
	ldrne	r2, [r3, #BFAR]
4:	ldr	r4, =TRAP_STACK			/* a frame to return to, B1.5.7 */
	mov	sp, r4
	ldr	r6, =firmware_trap
	bic	r6, #1
	ldr	r5, =arch_halt
	mov	r7, #XPSR_T
	push	{r5, r6, r7}
	push	{r0, r1, r2, r3, r4}
	mvn	lr, #6				/* to thread mode, on this stack */
	bx	lr

	.section .note.GNU-stack, "", %progbits
