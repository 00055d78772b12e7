/* SPDX-License-Identifier: MIT */
/*
 * x86.h - processor instructions that C has no words for (Intel SDM volume 2), and what start.S
 * hands over. Ports are reached through port.h.
 */
#ifndef BAREQGA_ARCH_X86_X86_H
#define BAREQGA_ARCH_X86_X86_H

#include <stdbool.h>
#include <stdint.h>

#include "apic.h"
#include "clock.h"

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

#ifdef MMIO_TEST

struct cpuid cpuid(uint32_t leaf);
uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t value);
uint64_t rdtsc(void);
void wait_for_interrupt(void);
extern uintptr_t x86_low;

#else

/* Where the first MiB of memory is. */
#define x86_low ((uintptr_t)0)

static inline struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r;
	__asm__ volatile("cpuid"
	                 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
	                 : "a"(leaf), "c"(0));
	return r;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
	                 : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

/* `sti` takes effect after the next instruction: an interrupt cannot slip in before `hlt`. */
static inline void wait_for_interrupt(void)
{
	__asm__ volatile("sti\n\thlt\n\tcli" ::: "memory");
}

#endif

/* Interrupt vectors of start.S. All that wakes shares one: who it was is found by polling. */
#define VECTOR_WAKE     0x20
#define VECTOR_SPURIOUS 0x2f

/* Interrupts taken; start.S counts, apic.c sets it back. */
extern volatile uint32_t x86_wakes;

/* How we were entered; written by start.S. */
enum boot_protocol {
	BOOT_PVH = 1,
	BOOT_LINUX = 2
};

extern const uint32_t x86_boot_protocol; /* enum boot_protocol */
extern const uintptr_t x86_boot_info;    /* hvm_start_info, or Linux's zero page */

/* Taken into use by x86_init(); a board fills in x86_apic.io first. */
extern struct apic x86_apic;
extern struct clock x86_clock;
void x86_init(void);

/* The first page, which is nobody's, is there to be read after all, or no longer: some of it is a BIOS's. */
void x86_reach_null(bool yes);

/*
 * What lies above 4 GiB, mapped below: where the ROM of the firmware is, which nobody needs. `size` bytes
 * within 2 MiB; 0: too large, no processor of this kind has such an address, or there are eight others already.
 */
uintptr_t x86_reach_far(uint64_t address, uint64_t size);

/* Forces a reset: an exception that nobody can handle. Does not return. */
void x86_triple_fault(void);

#endif
