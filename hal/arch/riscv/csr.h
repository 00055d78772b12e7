/* SPDX-License-Identifier: MIT */
/*
 * csr.h - control and status registers, in machine or supervisor mode.
 *
 * RISC-V privileged architecture 20211203, chapter 2. RISCV_SUPERVISOR chooses the mode that the
 * image is entered in: 0 machine mode (no firmware below us), 1 supervisor mode (SBI below us).
 * zicsr is switched on around each instruction, for in -march it would change the C library's
 * multilib to one that uses floating point.
 */
#ifndef BAREQGA_ARCH_RISCV_CSR_H
#define BAREQGA_ARCH_RISCV_CSR_H

#ifndef RISCV_SUPERVISOR
#define RISCV_SUPERVISOR 0
#endif

#if RISCV_SUPERVISOR
#define CSR_STATUS  sstatus
#define CSR_IE      sie
#define CSR_IP      sip
#define CSR_TVEC    stvec
#define CSR_EPC     sepc
#define CSR_CAUSE   scause
#define CSR_SCRATCH sscratch
#define CSR_TVAL    stval
#define CSR_ISELECT 0x150 /* siselect, sireg, stopei: assemblers do not know them yet */
#define CSR_IREG    0x151
#define CSR_TOPEI   0x15c
#define IRQ_TIMER   5 /* STIP */
#define IRQ_EXTERN  9 /* SEIP */
#define IP_EXTERN   (1 << IRQ_EXTERN)
#define STATUS_IE   2 /* SIE */
#else
#define CSR_STATUS  mstatus
#define CSR_IE      mie
#define CSR_IP      mip
#define CSR_TVEC    mtvec
#define CSR_EPC     mepc
#define CSR_CAUSE   mcause
#define CSR_SCRATCH mscratch
#define CSR_TVAL    mtval
#define CSR_ISELECT 0x350 /* miselect, mireg, mtopei */
#define CSR_IREG    0x351
#define CSR_TOPEI   0x35c
#define IRQ_TIMER   7  /* MTIP */
#define IRQ_EXTERN  11 /* MEIP */
/* QEMU 7.2 has the second PLIC of two drive SEIP for both modes. */
#define IP_EXTERN   (1 << IRQ_EXTERN | 1 << 9)
#define STATUS_IE   8 /* MIE */
#endif

#ifndef __ASSEMBLER__

#include <stdint.h>

#define CSR_TEXT(reg) #reg
#define CSR_NAME(reg) CSR_TEXT(reg)
#ifdef __clang__ /* which always knows these instructions */
#define CSR_INSN(insn) insn
#else
#define CSR_INSN(insn) ".option push\n\t.option arch, +zicsr\n\t" insn "\n\t.option pop"
#endif

#ifdef MMIO_TEST

uintptr_t csr_test_read(const char *name);
#define csr_read(reg) csr_test_read(CSR_NAME(reg))

#else

#define csr_read(reg)                                                                              \
	({                                                                                         \
		uintptr_t csr_value;                                                               \
		__asm__ volatile(CSR_INSN("csrr %0, " CSR_NAME(reg)) : "=r"(csr_value)::"memory"); \
		csr_value;                                                                         \
	})

#define csr_write(reg, value) \
	__asm__ volatile(CSR_INSN("csrw " CSR_NAME(reg) ", %0")::"r"((uintptr_t)(value)) : "memory")
#define csr_clear(reg, bits) \
	__asm__ volatile(CSR_INSN("csrc " CSR_NAME(reg) ", %0")::"r"((uintptr_t)(bits)) : "memory")

#endif
#endif
#endif
