/* SPDX-License-Identifier: MIT */
/*
 * start_a64.S - from reset to firmware_main() on AArch64, entered at EL1, EL2 or EL3.
 *
 * Three ways in, one image (Linux, Documentation/arm64/booting.rst): as a raw Image, anywhere in
 * the first 4 GiB, with the device tree in x0; as an ELF file, with x0 = 0; and the Image as an
 * application of UEFI, which copies itself to where it may be and goes on as in the first. Written in an order
 * that a real machine needs and QEMU's TCG does not notice:
 *   - MMU and caches come first. Without them every access is to device memory, where unaligned
 *     ones fault, and a hypervisor's cached view of the virtqueues is not ours.
 *   - Then what was linked for another address is relocated, .bss is cleared, C may run.
 * No floating point: its registers stay disabled (CPACR_EL1), so a stray use traps.
 */
#ifdef __aarch64__
#include "arch/record.h"
#include "discover/efi_header.h"

#define R_AARCH64_RELATIVE 1027		/* ELF for the Arm 64-bit Architecture, 5.7.12 */
#define SCTLR_EL1_RES1	0x30d00800
#define SCTLR_M		(1 << 0)
#define SCTLR_C		(1 << 2)
#define SCTLR_I		(1 << 12)

/* Arm ARM DDI 0487, D8.3: block descriptors of level 1, 1 GiB each. */
#define BLOCK		(1 | 1 << 10)			/* valid, accessed */
#define BLOCK_MEMORY	(BLOCK | 1 << 2 | 3 << 8)	/* attribute 1, inner shareable */
#define BLOCK_DEVICE	(BLOCK | 3 << 53)		/* attribute 0, never executed */
#define MAIR		0xff00				/* 0: device-nGnRnE, 1: write-back */
/* 4 GiB from 0 on, 4 KiB granule, walks cached and shareable; the upper half unused. */
#define TCR		(32 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)

	.section .boot, "ax"
	.globl	_start
_start:
	.long	0xfa405a4d		/* "MZ", for UEFI; as code: ccmp x18, #0, #13, pl */
	b	entry
	.quad	0			/* text_offset */
	.quad	__image_size
	.quad	1 << 3 | 1 << 1		/* anywhere, 4 KiB pages, little endian */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
#ifdef BOARD_FLASH
	.long	0
#else
	.long	efi_pe - _start

	efi_header _start, EFI_MACHINE_AARCH64, efi_start

fdt_left:
	.long	__boot_fdt		/* the board's memory.ld */

	/*
	 * UEFI 2.10, 2.3.6: memory mapped one to one, caches on, its own stack; x0 = our handle, x1 = the
	 * system table. efi_image() comes back with an error, or when nobody else is left.
	 */
efi_start:
	stp	x29, x30, [sp, #-48]!
	str	x19, [sp, #16]
	add	x2, sp, #24		/* struct efi_placed */
	ldr	w3, fdt_left
	mov	x4, xzr			/* anywhere */
	bl	efi_image
	cbz	x0, 1f
	ldr	x19, [sp, #16]
	ldp	x29, x30, [sp], #48
	ret
1:	msr	daifset, #15
	ldp	x4, x0, [sp, #24]	/* image, fdt */
	ldr	x1, [sp, #40]		/* cmdline */

	/*
	 * What is executed without MMU, and what is written before it is on again, must not be in a cache:
	 * the copy, with all that it has in memory, and the few instructions here.
	 */
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4		/* DminLine, in words */
	mov	x3, #4
	lsl	x2, x3, x2
	mov	x3, x4
	adrp	x5, __image_end
	add	x5, x5, :lo12:__image_end
	adr	x6, _start
	sub	x5, x5, x6
	add	x5, x5, x4
2:	dc	civac, x3
	add	x3, x3, x2
	cmp	x3, x5
	b.lo	2b
	adr	x3, 3f
	dc	civac, x3
	adr	x3, 6f
	dc	civac, x3
	dsb	sy
	adr	x6, entry_efi
	adr	x5, _start
	sub	x6, x6, x5
	add	x6, x6, x4
	mrs	x2, CurrentEL
	mov	x3, #SCTLR_M | SCTLR_C
	orr	x3, x3, #SCTLR_I
	cmp	x2, #2 << 2
	b.eq	4f
	mrs	x2, sctlr_el1
	bic	x2, x2, x3
	b	5f
4:	mrs	x2, sctlr_el2
	bic	x2, x2, x3
	msr	sctlr_el2, x2
	b	3f
5:	msr	sctlr_el1, x2
3:	isb
	ic	iallu
	dsb	sy
	isb
6:	br	x6
#endif

entry:
	mov	x1, xzr
entry_efi:				/* x1 = command line, or 0 */
	msr	daifset, #15
	mov	x19, x0
	mov	x20, x1
	mrs	x0, CurrentEL
	cmp	x0, #2 << 2
	b.lo	at_el1
	b.eq	at_el2

	/*
	 * EL3 neither: to EL1 of the same, secure state, where all memory and devices are, too. Nobody
	 * was there before us, so all processors come here.
	 */
	mrs	x0, mpidr_el1
	tst	x0, #0xffffff		/* affinity */
	b.ne	park
	mov	x0, #1 << 10 | 3 << 4	/* SCR_EL3: RW, RES1; interrupts are EL1's */
	orr	x0, x0, #1 << 8		/* HCE */
	msr	scr_el3, x0
	msr	cptr_el3, xzr
	mrs	x0, id_aa64pfr0_el1
	ubfx	x0, x0, #24, #4		/* GIC: system registers */
	cbz	x0, 1f
	mov	x0, #15			/* SRE, no bypass, Enable */
	msr	S3_6_C12_C12_5, x0	/* ICC_SRE_EL3 */
	isb
1:	ldr	x0, =SCTLR_EL1_RES1
	msr	sctlr_el1, x0
	mov	x0, #0x3c5		/* EL1h, everything masked */
	msr	spsr_el3, x0
	adr	x0, at_el1
	msr	elr_el3, x0
	eret

park:
	wfi
	b	park

at_el2:
	/* EL2 is not for us: leave it, with nothing trapped on the way. */
	mov	x0, #1 << 31		/* HCR_EL2.RW */
	msr	hcr_el2, x0
	mov	x0, #3			/* EL1 may use counter and timer */
	msr	cnthctl_el2, x0
	msr	cntvoff_el2, xzr
	mov	x0, #0x33ff
	msr	cptr_el2, x0
	mrs	x0, midr_el1
	msr	vpidr_el2, x0
	mrs	x0, mpidr_el1
	msr	vmpidr_el2, x0
	mrs	x0, id_aa64pfr0_el1
	ubfx	x0, x0, #24, #4		/* GIC: system registers */
	cbz	x0, 1f
	mrs	x0, S3_4_C12_C9_5	/* ICC_SRE_EL2 */
	mov	x1, #9			/* SRE, Enable */
	orr	x0, x0, x1
	msr	S3_4_C12_C9_5, x0
	isb
1:	ldr	x0, =SCTLR_EL1_RES1
	msr	sctlr_el1, x0
	mov	x0, #0x3c5		/* EL1h, everything masked */
	msr	spsr_el2, x0
	adr	x0, at_el1
	msr	elr_el2, x0
	eret

at_el1:
	adrp	x0, vectors
	add	x0, x0, :lo12:vectors
	msr	vbar_el1, x0

	msr	tpidr_el1, xzr			/* traps so far */

	/* Four blocks: all device, but for where we and the device tree lie; protect.c divides them. */
	adrp	x0, boot_page_table
	add	x0, x0, :lo12:boot_page_table
	ldr	x3, =BLOCK_DEVICE
	ldr	x4, =BLOCK_MEMORY
	mov	x5, #1 << 30
	add	x1, x3, x5
	stp	x3, x1, [x0]
	add	x1, x1, x5
	add	x2, x1, x5
	stp	x1, x2, [x0, #16]
	adrp	x1, __stack_top
	lsr	x1, x1, #30
	orr	x2, x4, x1, lsl #30
	str	x2, [x0, x1, lsl #3]
	lsr	x1, x19, #30
	cbz	x1, 2f			/* none given, or out of reach: */
	cmp	x1, #4
	b.hs	2f			/* firmware_main() will not find one */
	orr	x2, x4, x1, lsl #30
	str	x2, [x0, x1, lsl #3]
2:
#ifdef BOARD_FLASH
	/* Flash, its first 2 MiB, is executed and read as memory. */
	adrp	x5, flash_table
	add	x5, x5, :lo12:flash_table
	mov	x1, #0
3:	cmp	x1, #0
	csel	x2, x4, x3, eq
	orr	x2, x2, x1, lsl #21
	add	x6, x5, x1, lsl #3
	str	x2, [x6]
	dc	ivac, x6
	add	x1, x1, #1
	cmp	x1, #512
	b.ne	3b
	orr	x2, x5, #3
	str	x2, [x0]
#endif
	/* What was written past the caches must not be hidden by what they hold. */
	dsb	sy
	dc	ivac, x0
	mov	x1, #MAIR
	msr	mair_el1, x1
	mrs	x2, id_aa64mmfr0_el1
	ldr	x1, =TCR
	bfi	x1, x2, #32, #3		/* IPS = PARange, up to 48 bits */
	msr	tcr_el1, x1
	msr	ttbr0_el1, x0
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	ldr	x1, =SCTLR_EL1_RES1 | SCTLR_M | SCTLR_C | SCTLR_I
	msr	sctlr_el1, x1
	isb

	/* Where we were linked for is where we are: nothing to relocate. */
	adr	x2, _start
	adrp	x3, __link_address	/* a literal would be relocated itself */
	ldr	x3, [x3, :lo12:__link_address]
	subs	x2, x2, x3
	b.eq	2f
	/* The only kind a static image has, but for empty entries: offset, type, addend. */
	adrp	x0, __rela_start
	add	x0, x0, :lo12:__rela_start
	adrp	x1, __rela_end
	add	x1, x1, :lo12:__rela_end
1:	cmp	x0, x1
	b.hs	2f
	ldp	x3, x4, [x0], #16
	ldr	x5, [x0], #8
	cmp	x4, #R_AARCH64_RELATIVE
	b.ne	1b
	add	x5, x5, x2
	str	x5, [x3, x2]
	b	1b
2:
	b	clear			/* from here on not in the first page, which protect.c takes away */

	.section .boot.rest, "ax"
	/*
	 * No exception is expected, but for a call that no debugger answers. The stack may be what is at fault, and
	 * is looked through: the report has its own. A second one is the end of the report of the first, of which
	 * firmware_trap() may say so; a third is the end. TPIDR_EL0 is nobody's.
	 */
	.balign	2048
vectors:
	.rept	16
	b	trap
	.balign	128
	.endr
trap:
	msr	tpidr_el0, x0
	mrs	x0, tpidr_el1
	cbnz	x0, 1f
	adrp	x0, arch_registers
	add	x0, x0, :lo12:arch_registers
	str	x1, [x0, #8]
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	mov	x1, sp
	stp	x30, x1, [x0, #240]
	mrs	x1, tpidr_el0
	str	x1, [x0]
	mrs	x1, spsr_el1
	str	x1, [x0, #256]
	mrs	x1, elr_el1
	adr	x2, semihosting
	cmp	x1, x2
	b.ne	1f
	add	x1, x1, #4
	msr	elr_el1, x1
	mov	x0, #-1
	eret
1:	mrs	x0, tpidr_el1
	cmp	x0, #2
	b.hs	arch_halt
	add	x0, x0, #1
	msr	tpidr_el1, x0
	adrp	x0, arch_trap_stack + ARCH_TRAP_STACK
	add	x0, x0, :lo12:arch_trap_stack + ARCH_TRAP_STACK
	mov	sp, x0
	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	bl	firmware_trap
	b	arch_halt

clear:	adrp	x0, __bss_start
	add	x0, x0, :lo12:__bss_start
	adrp	x1, __bss_end
	add	x1, x1, :lo12:__bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b

	adrp	x0, __stack_top
	add	x0, x0, :lo12:__stack_top
	mov	sp, x0
	adrp	x0, arch_boot
	add	x0, x0, :lo12:arch_boot
	str	x19, [x0]
	str	x20, [x0, #16]
	bl	arch_protect
	bl	firmware_main

	.globl	arch_halt
arch_halt:
	msr	daifset, #15
	msr	cntv_ctl_el0, xzr
1:	wfi
	b	1b

	/* uintptr_t arm_semihosting(uintptr_t operation, const void *parameter) */
	.globl	arm_semihosting
arm_semihosting:
semihosting:
	hlt	#0xf000
	ret

	/* void arm_use_tables(const uint64_t *tables) */
	.globl	arm_use_tables
arm_use_tables:
	mrs	x1, sctlr_el1
	bic	x2, x1, #SCTLR_M
	dsb	sy
	msr	sctlr_el1, x2
	isb
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	dsb	sy
	isb
	msr	sctlr_el1, x1
	isb
	ret

	.ltorg

	.section .noinit.page_table, "aw", %nobits
	.balign	64
	.globl	boot_page_table
boot_page_table:
	.skip	4 * 8
#ifdef BOARD_FLASH
	.balign	4096
flash_table:
	.skip	512 * 8
#endif

#endif
	.section .note.GNU-stack, "", %progbits
