/* SPDX-License-Identifier: MIT */
/*
 * aarch64.S - from reset to kernel_main() at EL1, and the way into a handler and back. The MMU maps
 * what there is to itself: 1 GiB of devices, 3 GiB of memory (Arm ARM DDI 0487, D8.3).
 */
	.section .boot, "ax"
	.globl	_start
_start:
	msr	daifset, #15
	ldr	x0, =tables
	ldr	x1, =(1 | 1 << 10 | 3 << 53)		/* a device, never executed */
	str	x1, [x0]
	ldr	x1, =(0x40000000 | 1 | 1 << 10 | 3 << 8 | 1 << 2)
	str	x1, [x0, #8]
	msr	ttbr0_el1, x0
	mov	x1, #0xff00
	msr	mair_el1, x1
	ldr	x1, =(32 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)
	msr	tcr_el1, x1
	dsb	sy
	isb
	tlbi	vmalle1
	dsb	sy
	isb
	ldr	x1, =(0x30d00800 | 1 | 1 << 2 | 1 << 12)
	msr	sctlr_el1, x1
	isb
	ldr	x0, =vectors
	msr	vbar_el1, x0
	ldr	x0, =__stack_top
	mov	sp, x0
	ldr	x0, =__bss_start
	ldr	x1, =__bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	bl	kernel_main
3:	wfi
	b	3b

	/* Only an interrupt at EL1 on its own stack is expected; all else stops. */
	.balign	2048
vectors:
	.rept	4
	.balign	128
	b	fault
	.endr
	.balign	128
	b	fault
	.balign	128
	b	interrupt
	.rept	10
	.balign	128
	b	fault
	.endr
fault:
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	bl	machine_fault
	b	3b

interrupt:
	sub	sp, sp, #192
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x29, [sp, #144]
	str	x30, [sp, #160]
	bl	machine_interrupt
	ldr	x30, [sp, #160]
	ldp	x18, x29, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #192
	eret

	/* Not in .bss, which is cleared with the MMU on. */
	.section .data
	.balign	4096
tables:
	.fill	512, 8, 0

	.section .note.GNU-stack, "", @progbits
