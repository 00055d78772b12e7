/* SPDX-License-Identifier: MIT */
/*
 * start.S - from the ways we are entered to firmware_main(), and the traps.
 *
 *   pvh_start   x86/HVM direct boot ABI (Xen, docs/misc/pvh.pandoc): 32-bit protected mode, paging
 *               off, EBX = hvm_start_info. QEMU, Cloud Hypervisor and newer Firecracker find it by
 *               the ELF note.
 *   linux32     32-bit boot protocol of Linux (Documentation/arch/x86/boot.rst): protected mode, ESI =
 *               zero page. At the start of the image, where setup.S and loaders of a bzImage jump to.
 *   _start      64-bit boot protocol of Linux: long mode, RSI = zero page. 0x200 behind the start, and
 *               the ELF's own entry, for Firecracker and crosvm.
 *   efi_start   UEFI's, for a bzImage as its application: efi.c makes a zero page, and jumps to _start.
 *
 * All end in long mode with the first 4 GiB mapped one to one. A bzImage may lie anywhere but here, where
 * it is linked (pref_address): it moves itself, and must not be nearer than its own size. Interrupts are taken only inside
 * wait_for_interrupt(). An exception has a stack of its own, for the other may be what is at fault, and is looked
 * through: nobody comes back from it. Left out: SSE, other processors (they wait for an INIT that never comes).
 */
#include "arch/record.h"

#define CR0_PE  (1 << 0)
#define CR0_PG  (1 << 31)
#define CR4_PAE (1 << 5)

#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)

#define CODE64 0x08
#define DATA   0x10
#define TSS    0x18

#define TSS_SIZE	104		/* SDM volume 3, 8.7 */
#define TSS_IST1	36
#define TSS_AVAILABLE	0x89
#define GATE		0x8e00		/* interrupt gate, present; its low bits choose the stack */

#define RFLAGS_IF (1 << 9)

#define STACK_SIZE 8192

#define SCRATCH	    0x1e8		/* of the zero page: the end of four bytes for the kernel's use */
#define EFI_CON_OUT	   0x40		/* of the system table */
#define EFI_BOOT_SERVICES  0x60
#define EFI_ALLOCATE_PAGES 0x28		/* of boot services */
#define EFI_OUTPUT_STRING  0x08		/* of the console */
#define KERNEL_INFO 0x1f0		/* setup.S has it, too */

	.section .note.pvh, "a", @note
	.balign 4
	.long	4, 8, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.quad	pvh_start

	.section .boot, "ax"
	.code32
linux32:
	cli
	cld
	movl	%esi, %ebx
	leal	SCRATCH(%ebx), %esp
	call	1f
1:	popl	%esi
	subl	$(1b - linux32), %esi
	movl	$linux32, %edi
	cmpl	%edi, %esi
	je	2f
	movl	$__image_words, %ecx
	rep movsl
2:	movl	$2, %ebp		/* BOOT_LINUX */
	movl	$protected_mode, %eax
	jmp	*%eax

	.globl	pvh_start
pvh_start:
	cli
	cld
	movl	$1, %ebp		/* BOOT_PVH */
protected_mode:
	movl	%ebx, %esi
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	btl	$29, %edx		/* LM */
	jnc	no_long_mode
	movl	%esi, %ebx
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$(CR0_PG | CR0_PE), %eax
	movl	%eax, %cr0
	lgdt	gdtr
	ljmp	$CODE64, $long_mode

/* Says so on COM1, a 16550 that needs no preparation to transmit. */
no_long_mode:
	movl	$too_narrow, %esi
1:	lodsb
	movb	%al, %cl
	testb	%al, %al
	jz	3f
	movw	$0x3fd, %dx		/* LSR.THRE */
2:	inb	%dx, %al
	testb	$0x20, %al
	jz	2b
	movb	%cl, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	1b
3:	hlt
	jmp	3b

/*
 * UEFI: 64 bits, memory mapped one to one, its own stack; RCX = our handle, RDX = the system table, and
 * what its compiler keeps must be kept, for we may come back.
 */
	.code64
efi_start:
	cld
	pushq	%rsi
	pushq	%rdi
	pushq	%rbx
	pushq	%rbp
	subq	$40, %rsp
	movq	%rcx, %rbx
	movq	%rdx, %rbp
	movq	$linux32, 32(%rsp)
	movl	$2, %ecx		/* AllocateAddress */
	movl	$1, %edx		/* EfiLoaderCode */
	movl	$__image_pages, %r8d
	leaq	32(%rsp), %r9
	movq	EFI_BOOT_SERVICES(%rbp), %rax
	call	*EFI_ALLOCATE_PAGES(%rax)
	testq	%rax, %rax
	jnz	1f
	leaq	linux32(%rip), %rsi
	movl	$linux32, %edi
	movl	$__image_words, %ecx
	rep movsl
	movq	%rbx, %rdi
	movq	%rbp, %rsi
	movl	$efi_boot, %eax
	call	*%rax
1:	movq	%rax, %rbx
	movq	EFI_CON_OUT(%rbp), %rcx
	leaq	efi_sorry(%rip), %rdx
	call	*EFI_OUTPUT_STRING(%rcx)
	movq	%rbx, %rax
	addq	$40, %rsp
	popq	%rbp
	popq	%rbx
	popq	%rdi
	popq	%rsi
	ret

	.org	KERNEL_INFO
	.ascii	"LToP"
	.long	16, 16, 0		/* size, size with what follows, no setup_data is known */

	.org	0x200
	.code64
	.globl	_start, efi_start
_start:
	cli
	cld
	movq	%rsi, %rbx
	leaq	linux32(%rip), %rsi
	movl	$linux32, %edi
	cmpq	%rdi, %rsi
	je	1f
	movl	$__image_words, %ecx
	rep movsl
1:	movl	$2, %ebp		/* BOOT_LINUX */
	movl	$2f, %eax
	jmp	*%rax
2:	movl	$stack_top, %esp
	lgdt	gdtr
	movl	$pml4, %eax
	movq	%rax, %cr3
	movl	$CR4_PAE, %eax		/* nor is anything left of the loader's mappings */
	movq	%rax, %cr4
	pushq	$CODE64
	pushq	$long_mode
	lretq

long_mode:
	movl	$DATA, %eax		/* for iretq; DS and ES do not count in long mode */
	movl	%eax, %ss
	movl	$stack_top, %esp

	movl	$__bss_start, %edi	/* not zero after a reset of the machine */
	movl	$__bss_end, %ecx
	subl	%edi, %ecx
	shrl	$3, %ecx
	xorl	%eax, %eax
	rep stosq

	movl	%ebp, x86_boot_protocol
	movq	%rbx, x86_boot_info

	movl	$tss, %eax		/* for the stack of exceptions */
	movw	%ax, gdt + TSS + 2
	shrl	$16, %eax
	movb	%al, gdt + TSS + 4
	movb	%ah, gdt + TSS + 7
	movb	$TSS_AVAILABLE, gdt + TSS + 5
	movl	$(arch_trap_stack + ARCH_TRAP_STACK), tss + TSS_IST1
	movl	$TSS, %eax
	ltr	%ax

	/* Interrupt gates (SDM volume 3, 6.14.1): the handlers are 16 bytes apart. */
	movl	$idt, %edi
	movl	$vectors, %eax
	movl	$(GATE + 1), %ebx
1:	cmpl	$vector_wake, %eax
	jne	3f
	movl	$GATE, %ebx
3:	movw	%ax, (%rdi)
	movw	$CODE64, 2(%rdi)
	movw	%bx, 4(%rdi)
	movl	%eax, %edx
	shrl	$16, %edx
	movw	%dx, 6(%rdi)
	addl	$16, %eax
	addl	$16, %edi
	cmpl	$idt_end, %edi
	jb	1b
	lidt	idtr

	call	arch_protect
	xorl	%ebp, %ebp
	call	firmware_main
2:	cli
	hlt
	jmp	2b

/* Exceptions 0..31, then interrupts. Those in the mask push an error code themselves. */
#define HAS_ERROR_CODE 0x60227d00

	.balign	16
vectors:
	.set	n, 0
	.rept	32
	.balign	16
	.ifeq	(HAS_ERROR_CODE >> n) & 1
	pushq	$0
	.endif
	pushq	$n
	jmp	trap
	.set	n, n + 1
	.endr

	.balign	16
vector_wake:				/* VECTOR_WAKE, up to VECTOR_SPURIOUS */
	.rept	16
	.balign	16
	jmp	woken
	.endr

	/* One interrupt for each wait: go back with interrupts off. Its end (EOI) comes later. */
woken:	incl	x86_wakes
	andl	$~RFLAGS_IF, 16(%rsp)
	iretq

trap:					/* firmware_trap(cause, pc, value); a third one is the end */
	incb	traps
	cmpb	$2, traps
	ja	2b
	je	4f
	.set	n, 0
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15
	movq	%\r, arch_registers + n
	.set	n, n + 8
	.endr
	movq	40(%rsp), %rax		/* rsp, rflags: SDM volume 3, 6.14.2 */
	movq	%rax, arch_registers + 7*8
	movq	32(%rsp), %rax
	movq	%rax, arch_registers + 16*8
4:
	popq	%rdi
	popq	%rdx			/* the error code */
	popq	%rsi
	cmpl	$14, %edi		/* a page fault: the address */
	jne	3f
	movq	%cr2, %rdx
3:	andq	$~15, %rsp
	call	firmware_trap
	jmp	2b

	.globl	x86_triple_fault
x86_triple_fault:
	lidt	no_idtr
	ud2

	.section .rodata.start, "a"
	.balign	8
gdt:	.quad	0
	.quad	0x00af9b000000ffff	/* 64-bit code */
	.quad	0x00cf93000000ffff	/* data */
	.quad	TSS_SIZE - 1, 0
gdtr:	.word	. - gdt - 1
	.quad	gdt
idtr:	.word	idt_end - idt - 1
	.quad	idt
no_idtr:
	.word	0
	.quad	0
too_narrow:
	.asciz	"bareqga: this processor has 32 bits, the image is for one of 64\r\n"

/*
 * Page tables (SDM volume 3, 4.5): 4 GiB in pages of 2 MiB; accessed and dirty from the start. They
 * are data, not code that fills them: a boot must not cost 2048 turns of a loop.
 * protect.c makes pages of some. The last 32 MiB, where the interrupt controllers and devices are, bypass the caches (PCD).
 */
#define PRESENT_WRITABLE 0x23		/* and accessed */
#define LARGE		 0xc0		/* and dirty */
#define PCD		 0x10

	.section .data.start, "aw"
	.balign	4096
pml4:	.quad	pdpt + PRESENT_WRITABLE
	.fill	511, 8, 0
	.globl	x86_pdpt, x86_pd
x86_pdpt:
pdpt:	.quad	pd + PRESENT_WRITABLE
	.quad	pd + 4096 + PRESENT_WRITABLE
	.quad	pd + 8192 + PRESENT_WRITABLE
	.quad	pd + 12288 + PRESENT_WRITABLE
	.fill	508, 8, 0
x86_pd:
pd:	.set	n, 0
	.rept	2032
	.quad	n * 0x200000 + PRESENT_WRITABLE + LARGE
	.set	n, n + 1
	.endr
	.rept	16
	.quad	n * 0x200000 + PRESENT_WRITABLE + LARGE + PCD
	.set	n, n + 1
	.endr

	.section .stack, "aw", @nobits
	.balign	16
	.skip	STACK_SIZE
	.globl	__stack_top
__stack_top:
stack_top:

	.section .bss.start, "aw", @nobits
	.balign	16
idt:	.skip	48 * 16
idt_end:
tss:	.skip	TSS_SIZE
	.globl	x86_boot_info, x86_boot_protocol, x86_wakes
x86_boot_info:
	.skip	8
x86_boot_protocol:
	.skip	4
x86_wakes:
	.skip	4
traps:	.skip	1

	.section .note.GNU-stack, "", @progbits
