/* SPDX-License-Identifier: MIT */
/*
 * start.S - from reset to firmware_main() on RISC-V, machine or supervisor mode.
 *
 * On entry a0 is the hart's number and a1 the device tree (RISC-V SBI 1.0, chapter 12; QEMU's reset
 * vector does the same). In machine mode all harts enter at once, and the image's first byte must
 * be its entry, whatever the ELF header says.
 */
#include "csr.h"

#if __riscv_xlen == 64
#define SREG  sd
#define XBYTES 8
#else
#define SREG  sw
#define XBYTES 4
#endif

#ifndef __clang__ /* which always knows these instructions */
	.option arch, +zicsr
#endif
	.section .boot, "ax"
	.globl _start
_start:
	csrw	CSR_IE, zero
	csrci	CSR_STATUS, STATUS_IE
#if !RISCV_SUPERVISOR
	csrr	a0, mhartid
	bnez	a0, park
#endif
	la	t0, park
	csrw	CSR_TVEC, t0
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
	la	sp, __stack_top

	/* A reset of the machine does not clear memory. */
	la	t0, __bss_start
	la	t1, __bss_end
1:	SREG	zero, 0(t0)
	addi	t0, t0, XBYTES
	bltu	t0, t1, 1b

	la	t0, arch_boot
	SREG	a1, 0(t0)
	SREG	a0, XBYTES(t0)
	la	t0, trap
	csrw	CSR_TVEC, t0
	call	firmware_main

	/* Also where the other harts stay: no interrupt is enabled, so wfi does not end. */
	.globl riscv_park
riscv_park:
	.globl arch_halt
	.balign 4
arch_halt:
	csrw	CSR_IE, zero
	.balign 4
park:
	wfi
	j	park

	/* No trap is expected; a second one, in the report of the first, ends here. */
	.balign 4
trap:
	la	t0, park
	csrw	CSR_TVEC, t0
	csrr	a0, CSR_CAUSE
	csrr	a1, CSR_EPC
	csrr	a2, CSR_TVAL
	la	sp, __stack_top
	call	firmware_trap
	j	arch_halt

	.section .note.GNU-stack, "", @progbits
