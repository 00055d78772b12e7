/* SPDX-License-Identifier: MIT */
/*
 * setup.S - what a bzImage has in front of the image: a PE header for UEFI, which goes to efi_start, and
 * Linux's setup header with the entry in real mode
 * (Documentation/arch/x86/boot.rst, protocol 2.15), from which we go on as from any loader that jumps
 * to linux32 in start.S, with a zero page of our own.
 *
 * The image is not relocatable: wherever it was loaded, it moves itself to pref_address. Left out:
 * video modes, EDD, APM, a memory map by other calls than E820 (without one there is no spare memory).
 */
#define ZERO_PAGE    0x1000		/* of 4 KiB, in our segment, as the stack: it has 64 KiB */
#define STACK	     0x3000
#define E820_ENTRIES (ZERO_PAGE + 0x1e8)
#define E820_TABLE   (ZERO_PAGE + 0x2d0)
#define E820_MAX     128
#define E820_SIZE    20
#define SMAP	     0x534d4150

#define LOADED_HIGH  0x01		/* loadflags */
#define KERNEL_64    0x01		/* xloadflags: there is an entry at 0x200 of the image */
#define KERNEL_INFO  0x1f0		/* start.S has it, too */

#define SETUP_SIZE   1024		/* linker/x86.ld has it, too */

#define CODE32	     0x10
#define DATA32	     0x18

	.section .setup, "", @progbits
	.code16
setup:
	.ascii	"MZ"			/* as code: dec %bp; pop %dx */
	/* Written to a disk and booted from there, at 0x7c00. */
	ljmpw	$0x7c0, $1f
	.org	0x3c
	.long	pe

	/* PE32+, for UEFI (Microsoft PE and COFF Specification): one section, the image behind us. */
pe:	.ascii	"PE\0\0"
	.word	0x8664			/* Machine: x64 */
	.word	1			/* NumberOfSections */
	.long	0, 0, 0			/* TimeDateStamp, symbols */
	.word	sections - optional
	.word	0x206			/* Characteristics: executable, no line numbers, no symbols */
optional:
	.word	0x20b			/* Magic: PE32+ */
	.byte	2, 0			/* linker version */
	.long	__image_bytes, 0, 0	/* SizeOfCode, of initialised and other data */
	.long	__efi_entry		/* AddressOfEntryPoint */
	.long	SETUP_SIZE		/* BaseOfCode */
	.quad	0			/* ImageBase */
	.long	32, 32			/* SectionAlignment, FileAlignment */
	.word	0, 0, 0, 0, 0, 0	/* versions */
	.long	0
	.long	__efi_bytes		/* SizeOfImage */
	.long	SETUP_SIZE		/* SizeOfHeaders */
	.long	0			/* CheckSum */
	.word	10			/* Subsystem: EFI application */
	.word	0			/* DllCharacteristics */
	.quad	0, 0, 0, 0		/* stack and heap */
	.long	0
	.long	6			/* NumberOfRvaAndSizes: none of them is there */
	.quad	0, 0, 0, 0, 0, 0
sections:
	.ascii	".text\0\0\0"
	.long	__image_bytes, SETUP_SIZE	/* in memory */
	.long	__image_bytes, SETUP_SIZE	/* in the file */
	.long	0, 0, 0
	.long	0xe0000020		/* code, to be read, written and executed */

1:	pushw	%cs
	popw	%ds
	movw	$needs_loader, %si
	cld
2:	lodsb
	testb	%al, %al
	jz	3f
	movb	$0x0e, %ah		/* INT 10h: teletype */
	movw	$7, %bx
	int	$0x10
	jmp	2b
3:	hlt
	jmp	3b
needs_loader:
	.asciz	"bareqga: a bzImage is started by a boot loader\r\n"

	.org	0x1f1
header:
	.byte	(setup_end - setup) / 512 - 1	/* 1f1 setup_sects */
	.word	0				/* 1f2 root_flags */
	.long	__image_paragraphs		/* 1f4 syssize */
	.word	0, 0, 0				/* 1f8 ram_size, vid_mode, root_dev */
	.word	0xaa55				/* 1fe boot_flag */
	.byte	0xeb, header_end - 1f		/* 200 jump */
1:	.ascii	"HdrS"				/* 202 header */
	.word	0x20f				/* 206 version */
	.long	0				/* 208 realmode_swtch */
	.word	0				/* 20c start_sys_seg */
	.word	version - 0x200			/* 20e kernel_version */
	.byte	0				/* 210 type_of_loader */
	.byte	LOADED_HIGH			/* 211 loadflags */
	.word	0				/* 212 setup_move_size */
code32_start:
	.long	0x100000			/* 214 code32_start */
	.long	0, 0, 0				/* 218 ramdisk_image, ramdisk_size, bootsect_kludge */
	.word	0				/* 224 heap_end_ptr */
	.byte	0, 0				/* 226 ext_loader_ver, ext_loader_type */
	.long	0				/* 228 cmd_line_ptr */
	.long	0x7fffffff			/* 22c initrd_addr_max */
	.long	0x200000			/* 230 kernel_alignment */
	.byte	0, 21				/* 234 relocatable_kernel, min_alignment */
	.word	KERNEL_64			/* 236 xloadflags */
	.long	2047				/* 238 cmdline_size */
	.long	0				/* 23c hardware_subarch */
	.quad	0				/* 240 hardware_subarch_data */
	.long	0, 0				/* 248 payload_offset, payload_length */
	.quad	0				/* 250 setup_data */
	.quad	__image_start			/* 258 pref_address */
	.long	__image_init_size		/* 260 init_size */
	.long	0				/* 264 handover_offset */
	.long	KERNEL_INFO			/* 268 kernel_info_offset */
header_end:

	/* CS is 0x20 beyond the other segments, interrupts are off. */
	cld
	movw	%ds, %ax
	movw	%ax, %es
	movw	%ax, %ss
	movl	$STACK, %esp
	pushw	%ax
	pushw	$4f
	lretw

4:	movw	$ZERO_PAGE, %di
	xorl	%eax, %eax
	movw	$(4096 / 4), %cx
	rep stosl
	movw	$header, %si
	movw	$(ZERO_PAGE + 0x1f1), %di
	movw	$(header_end - header), %cx
	rep movsb

	movw	$E820_TABLE, %di	/* INT 15h, AX = E820h */
	xorl	%ebx, %ebx
5:	movl	$0xe820, %eax
	movl	$SMAP, %edx
	movl	$E820_SIZE, %ecx
	int	$0x15
	jc	6f
	cmpl	$SMAP, %eax
	jne	6f
	incb	E820_ENTRIES
	addw	$E820_SIZE, %di
	testl	%ebx, %ebx
	jz	6f
	cmpw	$(E820_TABLE + E820_MAX * E820_SIZE), %di
	jb	5b

6:	cli				/* a BIOS may have switched them on */
	inb	$0x92, %al		/* A20, where nobody has opened it */
	orb	$2, %al
	andb	$~1, %al
	outb	%al, $0x92
	xorl	%ebp, %ebp
	movw	%ds, %bp
	shll	$4, %ebp		/* where we are */
	addl	%ebp, gdtr + 2
	addl	%ebp, entry
	lgdtl	gdtr
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	*entry

	.code32
protected:
	movl	$DATA32, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	leal	ZERO_PAGE(%ebp), %esi
	movl	code32_start(%ebp), %eax
	xorl	%ebp, %ebp
	xorl	%edi, %edi
	xorl	%ebx, %ebx
	jmp	*%eax

	.balign	8
gdt:	.quad	0, 0
	.quad	0x00cf9b000000ffff	/* CODE32 */
	.quad	0x00cf93000000ffff	/* DATA32 */
gdtr:	.word	. - gdt - 1
	.long	gdt
entry:	.long	protected
	.word	CODE32
version:
	.asciz	"bareqga"
	.balign	512
setup_end:

	.section .note.GNU-stack, "", @progbits
