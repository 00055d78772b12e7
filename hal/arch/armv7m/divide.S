/* SPDX-License-Identifier: MIT */
/*
 * divide.S - 64-bit division without sign (Run-time ABI for the Arm Architecture, 4.3.1), a bit at a
 * time: in a twentieth of the room of libgcc's, whose speed nothing here needs.
 *
 * Left out: divisors of zero and of 64 bits, which nobody has.
 */
	.syntax unified
	.cpu	cortex-m3
	.thumb

	.section .text.__aeabi_uldivmod, "ax"
	.globl	__aeabi_uldivmod
	.type	__aeabi_uldivmod, %function
	.thumb_func
__aeabi_uldivmod:			/* r1:r0 / r3:r2; quotient in r1:r0, remainder in r3:r2 */
	push	{r4, r5, r6, lr}
	movs	r4, #0			/* r5:r4: remainder so far */
	movs	r5, #0
	movs	r6, #64
1:	adds	r0, r0, r0		/* the next bit leaves the dividend on top, ... */
	adcs	r1, r1, r1
	adcs	r4, r4, r4
	adcs	r5, r5, r5
	subs	r4, r4, r2
	sbcs	r5, r5, r3
	blo	2f
	adds	r0, #1			/* ... and a bit of the quotient comes in below */
	b	3f
2:	adds	r4, r4, r2		/* it did not go in */
	adcs	r5, r5, r3
3:	subs	r6, #1
	bne	1b
	mov	r2, r4
	mov	r3, r5
	pop	{r4, r5, r6, pc}

	.section .note.GNU-stack, "", %progbits
