/* SPDX-License-Identifier: MIT */
/*
 * divide.S - 64-bit division without sign on RV32, a bit at a time, under the names that GCC calls:
 * in a twentieth of the room of libgcc's, whose speed nothing here needs.
 *
 * Left out: divisors of zero and of 64 bits, which nobody has.
 */
#if __riscv_xlen == 32

	.section .text.divide, "ax"
	.globl	__udivdi3
	.type	__udivdi3, @function
__udivdi3:				/* a1:a0 / a3:a2, in a1:a0 */
	mv	t0, ra
divide:
	li	a4, 0			/* a5:a4: remainder so far */
	li	a5, 0
	li	a6, 64
1:	srli	t1, a1, 31		/* the next bit leaves the dividend on top, ... */
	srli	t2, a0, 31
	slli	a1, a1, 1
	slli	a0, a0, 1
	or	a1, a1, t2
	srli	t2, a4, 31
	slli	a5, a5, 1
	slli	a4, a4, 1
	or	a5, a5, t2
	or	a4, a4, t1
	sltu	t1, a4, a2
	sub	t2, a5, a3
	sub	t2, t2, t1
	bltz	t2, 2f
	sub	a4, a4, a2
	mv	a5, t2
	addi	a0, a0, 1		/* ... and a bit of the quotient comes in below */
2:	addi	a6, a6, -1
	bnez	a6, 1b
	jr	t0

	.globl	__umoddi3
	.type	__umoddi3, @function
__umoddi3:				/* a1:a0 % a3:a2, in a1:a0 */
	jal	t0, divide
	mv	a0, a4
	mv	a1, a5
	ret

#endif
	.section .note.GNU-stack, "", @progbits
