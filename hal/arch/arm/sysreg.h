/* SPDX-License-Identifier: MIT */
/*
 * sysreg.h - the system registers we use, under the names of AArch64; on ARMv7-A their numbers in
 * coprocessor 15 (Arm ARM DDI 0487, D17 and G8).
 */
#ifndef BAREQGA_ARCH_ARM_SYSREG_H
#define BAREQGA_ARCH_ARM_SYSREG_H

#include <stdint.h>

#if defined(__aarch64__)

#define ISR_EL1         "isr_el1"
#define MPIDR_EL1       "mpidr_el1"
#define CNTFRQ_EL0      "cntfrq_el0"
#define CNTVCT_EL0      "cntvct_el0"
#define CNTV_CTL_EL0    "cntv_ctl_el0"
#define CNTV_CVAL_EL0   "cntv_cval_el0"
#define ICC_SRE_EL1     "S3_0_C12_C12_5"
#define ICC_PMR_EL1     "S3_0_C4_C6_0"
#define ICC_IGRPEN1_EL1 "S3_0_C12_C12_7"
#define ICC_IAR1_EL1    "S3_0_C12_C12_0"
#define ICC_EOIR1_EL1   "S3_0_C12_C12_1"

#define sysreg_read(name)                                                         \
	({                                                                        \
		uint64_t sysreg_value;                                            \
		__asm__ volatile("mrs %0, " name : "=r"(sysreg_value)::"memory"); \
		sysreg_value;                                                     \
	})
#define sysreg_write(name, value) \
	__asm__ volatile("msr " name ", %0" ::"r"((uint64_t)(value)) : "memory")
#define sysreg_read64  sysreg_read
#define sysreg_write64 sysreg_write

#else

#define ISR_EL1         "p15, 0, %0, c12, c1, 0"
#define MPIDR_EL1       "p15, 0, %0, c0, c0, 5"
#define CNTFRQ_EL0      "p15, 0, %0, c14, c0, 0"
#define CNTVCT_EL0      "p15, 1, %Q0, %R0, c14"
#define CNTV_CTL_EL0    "p15, 0, %0, c14, c3, 1"
#define CNTV_CVAL_EL0   "p15, 3, %Q0, %R0, c14"
#define ICC_SRE_EL1     "p15, 0, %0, c12, c12, 5"
#define ICC_PMR_EL1     "p15, 0, %0, c4, c6, 0"
#define ICC_IGRPEN1_EL1 "p15, 0, %0, c12, c12, 7"
#define ICC_IAR1_EL1    "p15, 0, %0, c12, c12, 0"
#define ICC_EOIR1_EL1   "p15, 0, %0, c12, c12, 1"

#define sysreg_read(name)                                                     \
	({                                                                    \
		uint32_t sysreg_value;                                        \
		__asm__ volatile("mrc " name : "=r"(sysreg_value)::"memory"); \
		sysreg_value;                                                 \
	})
#define sysreg_write(name, value) __asm__ volatile("mcr " name ::"r"((uint32_t)(value)) : "memory")
#define sysreg_read64(name)                                                    \
	({                                                                     \
		uint64_t sysreg_value;                                         \
		__asm__ volatile("mrrc " name : "=r"(sysreg_value)::"memory"); \
		sysreg_value;                                                  \
	})
#define sysreg_write64(name, value) \
	__asm__ volatile("mcrr " name ::"r"((uint64_t)(value)) : "memory")

#endif

/* A descriptor of the page table was changed. */
static inline void sysreg_forget_mappings(const volatile void *descriptor)
{
#ifdef __aarch64__
	__asm__ volatile("dc cvac, %0\n\tdsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" ::"r"(descriptor)
	                 : "memory");
#else
	__asm__ volatile(
		"mcr p15, 0, %0, c7, c10, 1\n\tdsb sy\n\t" /* DCCMVAC */
		"mcr p15, 0, %0, c8, c7, 0\n\tdsb sy\n\tisb" /* TLBIALL */ ::"r"(descriptor)
		: "memory");
#endif
}

static inline void sysreg_barrier(void)
{
	__asm__ volatile("isb" ::: "memory");
}

#endif
