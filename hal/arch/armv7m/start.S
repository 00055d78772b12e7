/* SPDX-License-Identifier: MIT */
/*
 * start.S - vector table, reset and faults of an Armv7-M processor (Arm DDI 0403, B1.5).
 *
 * Interrupts stay masked by PRIMASK for good: a pending one ends `wfi` all the same (B1.5.19), so
 * the table needs no entries for them. What does arrive here is a fault, or a semihosting call that
 * nobody answers; with PRIMASK set, and no fault enabled for itself, each is a HardFault (B1.5.4).
 */
	.syntax unified
	.cpu	cortex-m3
	.thumb

#define FRAME_R0	0
#define FRAME_PC	24
#define BKPT_SEMIHOSTING 0xbeab		/* `bkpt 0xab` */

	.section .boot, "ax"
	.word	__stack_top
	.word	_start
	.word	fault			/* NMI */
	.word	fault			/* HardFault */

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
	bl	firmware_main
2:	wfi
	b	2b

/* firmware_trap(exception number, pc, CFSR); a semihosting call returns -1 instead. */
	.thumb_func
	.type	fault, %function
fault:
	mov	r0, sp
	ldr	r1, [r0, #FRAME_PC]
	ldrh	r2, [r1]
	movw	r3, #BKPT_SEMIHOSTING
	cmp	r2, r3
	bne	3f
	adds	r1, #2
	str	r1, [r0, #FRAME_PC]
	mov	r2, #-1
	str	r2, [r0, #FRAME_R0]
	bx	lr
3:	mrs	r0, ipsr
	ldr	r2, =0xe000ed28			/* CFSR, B3.2.15 */
	ldr	r2, [r2]
	bl	firmware_trap
	b	2b

	.section .note.GNU-stack, "", %progbits
