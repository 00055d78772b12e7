/* SPDX-License-Identifier: MIT */
/*
 * byte.S - the floor of booting: one byte to the UART, then sleep for ever.
 *
 * What remains is the emulator itself: starting, loading this image, running one store. Also the
 * halted guest that idle figures are compared with. Addresses as in the boards' own board.c.
 */
	.section .text.start, "ax"
	.globl _start
_start:
#if defined(__riscv)
	bnez a0, 1f /* harts other than 0 only sleep */
	li t0, 0x10000000
	li t1, '!'
	sb t1, 0(t0)
1:	wfi
	j 1b
#elif defined(__aarch64__)
	mov x0, #0x09000000
	mov w1, #'!'
	str w1, [x0]
1:	wfi
	b 1b
#elif defined(__x86_64__)
	.code32
	mov $0x3f8, %dx
	mov $'!', %al
	out %al, %dx
1:	cli
	hlt
	jmp 1b

	/* PVH: XEN_ELFNOTE_PHYS32_ENTRY names the 32-bit entry point. */
	.section .note.pvh, "a", @note
	.align 4
	.long 4, 4, 18
	.asciz "Xen"
	.long _start
#else
#error "byte.S: unknown processor"
#endif
