/* SPDX-License-Identifier: MIT */
/* riscv64.S - from reset to kernel_main() in machine mode, and the way into a handler and back. */

	.option arch, +zicsr
	.section .boot, "ax"
	.globl	_start
_start:
	csrw	mie, zero
	csrci	mstatus, 8
	la	t0, trap
	csrw	mtvec, t0
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
	csrr	t0, mhartid
	bnez	t0, second

	la	sp, __stack_top
	la	t0, __bss_start
	la	t1, __bss_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b
	call	kernel_main
2:	wfi
	j	2b

	/* Another processor waits until the first one has something for it to do. */
second:
	li	t1, 1
	bne	t0, t1, 2b
	la	sp, __second_stack_top
	call	second_main
	j	2b

	/* What a C function may change is saved on the stack of whoever was interrupted. */
	.balign 4
trap:
	addi	sp, sp, -128
	.set	at, 0
	.irp	reg, ra, t0, t1, t2, t3, t4, t5, t6, a0, a1, a2, a3, a4, a5, a6, a7
	sd	\reg, at(sp)
	.set	at, at + 8
	.endr
	csrr	a0, mcause
	csrr	a1, mepc
	call	machine_trap
	.set	at, 0
	.irp	reg, ra, t0, t1, t2, t3, t4, t5, t6, a0, a1, a2, a3, a4, a5, a6, a7
	ld	\reg, at(sp)
	.set	at, at + 8
	.endr
	addi	sp, sp, 128
	mret

	.section .note.GNU-stack, "", @progbits
