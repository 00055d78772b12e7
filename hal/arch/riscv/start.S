/* SPDX-License-Identifier: MIT */
/*
 * start.S - from reset to firmware_main() on RISC-V, machine or supervisor mode.
 *
 * In supervisor mode the raw Image has the header of Linux's (Documentation/riscv/boot-image-header.rst),
 * and is an application of UEFI, which copies itself to where it is linked. It is not relocatable.
 *
 * On entry a0 is the hart's number and a1 the device tree (RISC-V SBI 1.0, chapter 12; QEMU's reset
 * vector does the same). In machine mode all harts enter at once, and the image's first byte must
 * be its entry, whatever the ELF header says.
 */
#include "arch/record.h"
#include "csr.h"
#include "discover/efi_header.h"

#if __riscv_xlen == 64
#define SREG  sd
#define XBYTES 8
#else
#define SREG  sw
#define XBYTES 4
#endif

/* What -march says: A, C, I, and M (Privileged ISA 3.1.1). */
#define MISA_ACI (1 << 0 | 1 << 2 | 1 << 8)
#define MISA_M	 12
#define IRQ_SOFTWARE 3

#ifndef __clang__ /* which always knows these instructions */
	.option arch, +zicsr
	.option arch, +zifencei
#endif
	/* What is aligned here stays so only if the linker shortens nothing in front of it. */
	.option norelax
	.section .boot, "ax"
	.globl _start
_start:
#if RISCV_SUPERVISOR
	.2byte	0x5a4d			/* "MZ", for UEFI; as code: c.li s4, -13 */
	.option push
	.option norvc
	j	entry
	.option pop
	.org	8
	.8byte	0x200000		/* text_offset */
	.8byte	__image_size
	.8byte	0			/* flags: little endian */
	.4byte	2, 0			/* version 0.2 */
	.8byte	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\x05"
	.4byte	efi_pe - _start
	efi_header _start, EFI_MACHINE_RISCV64, efi_start

	/*
	 * UEFI 2.10, 2.3.7: memory mapped one to one or not at all, its own stack; a0 = our handle, a1 = the
	 * system table. efi_image() comes back with an error, or when nobody else is left. What was linked to
	 * be near gp is so here, too.
	 */
efi_start:
	addi	sp, sp, -64
	sd	ra, 0(sp)
	sd	gp, 8(sp)
	sd	s0, 16(sp)
	sd	s1, 24(sp)
	la	gp, __global_pointer$
	mv	s0, a0
	mv	s1, a1
	mv	a0, a1
	call	efi_boot_hart
	sd	a0, 56(sp)
	mv	a0, s0
	mv	a1, s1
	addi	a2, sp, 32		/* struct efi_placed */
	li	a3, 0
	la	a4, linked
	lwu	a4, 0(a4)
	call	efi_image
	bnez	a0, 1f
	csrw	CSR_IE, zero
	csrci	CSR_STATUS, STATUS_IE
	ld	t0, 32(sp)		/* image */
	ld	a1, 40(sp)		/* fdt */
	ld	a2, 48(sp)		/* cmdline */
	ld	a0, 56(sp)		/* hart */
	csrw	satp, zero
	sfence.vma
	fence	rw, rw
	fence.i
	la	t1, entry_efi
	la	t2, _start
	sub	t1, t1, t2
	add	t1, t1, t0
	jr	t1
1:	ld	ra, 0(sp)
	ld	gp, 8(sp)
	ld	s0, 16(sp)
	ld	s1, 24(sp)
	addi	sp, sp, 64
	ret

	.balign	4
linked:	.4byte	__link_start

	/* 1 + the hart that has begun. Among the code, that is loaded anew for each life and not protected yet. */
running: .4byte	0

entry:	li	a2, 0
entry_efi:				/* a2 = command line, or 0 */
	mv	s2, a2
#endif
	/* Whatever this processor lacks, it can execute this (RV32E). */
	.option push
	.option norvc
	csrci	CSR_STATUS, STATUS_IE	/* which are enabled, arch_wait() says */
#if !RISCV_SUPERVISOR
	csrr	a0, mhartid
	bnez	a0, park
begin:
	la	t0, early_trap
	csrw	CSR_TVEC, t0
	/* Nor what only 64 bits have, until it is known that there are so many. */
#if __riscv_xlen == 64
	li	t0, 1
	slli	t0, t0, 31
	slli	t0, t0, 1
	la	a2, too_narrow
	beqz	t0, early_say
#endif
	csrr	t0, misa
	snez	t1, t0			/* 0: it does not say */
	neg	t1, t1
	xori	t0, t0, -1
	and	t0, t0, t1
	srli	t1, t0, MISA_M
	andi	t1, t1, 1
	andi	t0, t0, MISA_ACI
	or	t0, t0, t1
	la	a2, lacks_something
	bnez	t0, early_say
#else
	la	t0, park
	csrw	CSR_TVEC, t0
	/* OpenSBI 1.1 says that a hart may begin before it says where: one that is to be parked may come here instead. */
	la	t0, running
	addi	t1, a0, 1
	fence	r, r
	lw	t2, 0(t0)
	beqz	t2, 1f
	bne	t2, t1, park		/* its own number: the machine was reset, the image not loaded anew */
1:	sw	t1, 0(t0)
#endif
	.option pop
	la	gp, __global_pointer$
	la	sp, __stack_top

	/* A reset of the machine does not clear memory. */
	la	t0, __bss_start
	la	t1, __bss_end
1:	SREG	zero, 0(t0)
	addi	t0, t0, XBYTES
	bltu	t0, t1, 1b

	call	arch_protect
#if !RISCV_SUPERVISOR
	/* Where the time CSR is not there, reading it traps (Zicntr). */
	la	t0, 1f
	csrw	CSR_TVEC, t0
	li	t1, 0
	csrr	t0, time
	li	t1, 1
	.balign 4
1:	la	t0, trap
	csrw	CSR_TVEC, t0
	la	t0, riscv_has_time
	sb	t1, 0(t0)
#else
	la	t0, trap
	csrw	CSR_TVEC, t0
#endif
	la	t0, arch_boot
	SREG	a1, 0(t0)
	SREG	a0, XBYTES(t0)
#if RISCV_SUPERVISOR
	SREG	s2, 2*XBYTES(t0)
#endif
	call	firmware_main

	/* Also where the other harts stay in supervisor mode: no interrupt is enabled. */
	.globl riscv_park
riscv_park:
	.globl arch_halt
	.balign 4
arch_halt:
	csrw	CSR_IE, zero
	.balign 4
stay:
	wfi
	j	stay

#if RISCV_SUPERVISOR
	.set	park, stay
#else
	/* Where they stay in machine mode, until somebody writes their msip. */
	.balign 4			/* which says nothing where all instructions have 4 bytes */
	.option push
	.option norvc
park:
	la	t0, stay
	csrw	CSR_TVEC, t0
	li	t0, 1 << IRQ_SOFTWARE
	csrw	CSR_IE, t0
1:	wfi
	csrr	t0, CSR_IP
	andi	t0, t0, 1 << IRQ_SOFTWARE
	beqz	t0, 1b
	csrw	CSR_IE, zero
	csrr	a0, mhartid
	j	begin

	/* Text at a2 for the first serial port, a 16550 that needs no preparation to transmit. */
	.globl	early_trap
early_trap:
	la	a2, trapped
early_say:
	la	t0, stay
	csrw	CSR_TVEC, t0
	lui	t0, %hi(__boot_uart)	/* the board's memory.ld */
1:	lbu	t1, 0(a2)
	beqz	t1, stay
2:	lbu	t2, 5(t0)		/* LSR.THRE */
	andi	t2, t2, 0x20
	beqz	t2, 2b
	sb	t1, 0(t0)
	addi	a2, a2, 1
	j	1b
	.option pop

	.section .rodata.start, "a"
too_narrow:
	.asciz	"bareqga: this processor has 32 bits, the image is for one of 64\r\n"
lacks_something:
	.asciz	"bareqga: this processor lacks instructions that the image is made of (I, M, A, C)\r\n"
trapped:
	.asciz	"bareqga: trapped before anything was started\r\n"
	.section .boot, "ax"
#endif

	/*
	 * Our stack is the other hart's from the moment it begins.
	 * void riscv_hand_over(uintptr_t msip), in machine mode: that of a parked hart, which begins.
	 * void riscv_hand_over(uintptr_t hart, uintptr_t fdt), in supervisor mode; returns if it cannot.
	 */
	.globl	riscv_hand_over
riscv_hand_over:
#if RISCV_SUPERVISOR
	la	t0, arch_halt
	csrw	CSR_TVEC, t0
	csrr	t2, satp
	csrw	satp, zero		/* the other hart will write page tables of its own there */
	sfence.vma
	la	t3, running
	lw	t4, 0(t3)
	sw	zero, 0(t3)
	mv	a2, a1
	la	a1, _start
	li	a6, 0			/* HSM, hart_start (SBI 1.0, 9.1) */
	li	a7, 0x48534d
	ecall
	beqz	a0, arch_halt
	sw	t4, 0(t3)
	csrw	satp, t2
	sfence.vma
	la	t0, trap
	csrw	CSR_TVEC, t0
	ret
#else
	li	t0, 1
	sw	t0, 0(a0)
	j	arch_halt
#endif

	/*
	 * No trap is expected. The stack may be what is at fault, and is looked through: the report has its own. A
	 * second one is the end of the report of the first, of which firmware_trap() may say so; a third is the end.
	 */
	.balign 4
trap:
	csrw	CSR_SCRATCH, t0
	la	t0, arch_registers
	.irp	n, 1,2,3,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	SREG	x\n, (\n - 1)*XBYTES(t0)
	.endr
	csrr	t1, CSR_SCRATCH
	SREG	t1, 4*XBYTES(t0)
	la	t0, trap_again
	j	1f
	.balign 4
trap_again:
	la	t0, arch_halt
1:	csrw	CSR_TVEC, t0
	csrr	a0, CSR_CAUSE
	csrr	a1, CSR_EPC
	csrr	a2, CSR_TVAL
	la	gp, __global_pointer$
	la	sp, arch_trap_stack + ARCH_TRAP_STACK
	call	firmware_trap
	j	arch_halt

	.section .note.GNU-stack, "", @progbits
