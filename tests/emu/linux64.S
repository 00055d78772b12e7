/* SPDX-License-Identifier: MIT */
/*
 * linux64.S - a loader: QEMU starts it by PVH, it starts an x86 image as Firecracker and crosvm do.
 *
 * Linux, Documentation/arch/x86/boot.rst, "64-bit Boot Protocol": long mode, memory mapped one to one,
 * selectors 0x10 and 0x18, RSI = zero page. What it says - memory, command line, ACPI root pointer - is
 * what QEMU said to us. Addresses are Firecracker's; only the first GiB is mapped, as there. The image
 * is put into memory by QEMU, and so are its entry and what the header's magic shall be (HANDOVER).
 */
#define HANDOVER  0x7ff000 /* two words: e_entry, "HdrS" */
#define GDT       0x500
#define ZERO_PAGE 0x7000
#define STACK     0x8ff0
#define PML4      0x9000
#define PDPT      0xa000
#define PD        0xb000
#define CMDLINE   0x20000

#define CR0_PE   (1 << 0)
#define CR0_PG   (1 << 31)
#define CR4_PAE  (1 << 5)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)

#define BOOT_CS 0x10
#define BOOT_DS 0x18

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	_start

	.text
	.code32
	.globl	_start
_start:	cli
	cld
	movl	%ebx, %ebp		/* hvm_start_info */

	xorl	%eax, %eax		/* the zero page and the page tables behind it */
	movl	$ZERO_PAGE, %edi
	movl	$((PD + 4096 - ZERO_PAGE) / 4), %ecx
	rep stosl
	movw	$0xaa55, ZERO_PAGE + 0x1fe	/* boot_flag */
	movl	HANDOVER + 4, %eax
	movl	%eax, ZERO_PAGE + 0x202		/* header */
	movb	$0xff, ZERO_PAGE + 0x210	/* type_of_loader */
	movl	$CMDLINE, ZERO_PAGE + 0x228	/* cmd_line_ptr */
	movl	$0x1000000, ZERO_PAGE + 0x230	/* kernel_alignment */
	movl	32(%ebp), %eax			/* rsdp_paddr */
	movl	%eax, ZERO_PAGE + 0x070		/* acpi_rsdp_addr */

	movl	24(%ebp), %esi			/* cmdline_paddr */
	movl	$CMDLINE, %edi
1:	lodsb
	stosb
	testb	%al, %al
	jnz	1b
	subl	$(CMDLINE + 1), %edi
	movl	%edi, ZERO_PAGE + 0x238		/* cmdline_size */

	movl	40(%ebp), %esi			/* memmap_paddr: entries of 24 bytes */
	movl	48(%ebp), %edx			/* memmap_entries */
	movl	$(ZERO_PAGE + 0x2d0), %edi	/* e820_table: of 20 bytes */
	movb	%dl, ZERO_PAGE + 0x1e8		/* e820_entries */
2:	movl	$5, %ecx
	rep movsl
	addl	$4, %esi
	decl	%edx
	jnz	2b

	movl	$(PDPT + 3), PML4
	movl	$(PD + 3), PDPT
	movl	$PD, %edi
	movl	$0x83, %eax
3:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$0x200000, %eax
	cmpl	$(PD + 4096), %edi
	jb	3b

	movl	$gdt, %esi
	movl	$GDT, %edi
	movl	$8, %ecx
	rep movsl
	lgdt	gdtr
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$PML4, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$(CR0_PG | CR0_PE), %eax
	movl	%eax, %cr0
	ljmp	$BOOT_CS, $4f

	.code64
4:	movl	$BOOT_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$STACK, %esp
	movl	$ZERO_PAGE, %esi
	movl	HANDOVER, %eax
	jmp	*%rax

	.balign	8
gdt:	.quad	0, 0
	.quad	0x00af9b000000ffff	/* BOOT_CS */
	.quad	0x00cf93000000ffff	/* BOOT_DS */
gdtr:	.word	31
	.long	GDT

	.section .note.GNU-stack, "", @progbits
