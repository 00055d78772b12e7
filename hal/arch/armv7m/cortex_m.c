// SPDX-License-Identifier: MIT
/*
 * cortex_m.c - Arm DDI 0403 (Armv7-M), part B3, and Arm's "Semihosting for AArch32 and AArch64".
 *
 * PRIMASK is set, so nothing is ever handled: what is pending ends `wfi`, is dropped, and the
 * devices are then polled. Left out: priorities.
 */
#include "cortex_m.h"
#include "mmio.h"

enum system_control {
	SYST_CSR = 0xe000e010,  /* RW */
	SYST_RVR = 0xe000e014,  /* RW reload, 24 bits */
	SYST_CVR = 0xe000e018,  /* RW a write clears it */
	NVIC_ISER = 0xe000e100, /* RW one bit for each interrupt */
	NVIC_ICER = 0xe000e180, /* RW likewise; a 1 disables */
	NVIC_ICPR = 0xe000e280, /* RW likewise */
	ICSR = 0xe000ed04,      /* RW */
	AIRCR = 0xe000ed0c,     /* RW */
};

#define NVIC_REGISTERS    8 /* those in use: 240 interrupts */
#define SYST_ENABLE       (1u << 0)
#define SYST_TICKINT      (1u << 1)
#define SYST_CLKSOURCE    (1u << 2)
#define SYST_MAX          0xffffffu
#define ICSR_PENDSTCLR    (1u << 25)
#define AIRCR_VECTKEY     0x05fa0000u
#define AIRCR_SYSRESETREQ (1u << 2)

#define NS_PER_S UINT32_C(1000000000)

void nvic_enable(unsigned irq)
{
	mmio_write32(NVIC_ISER + irq / 32 * 4, 1u << irq % 32);
}

/* Counts of SysTick; too long a wait ends early. */
static uint32_t ticks(uint64_t ns, uint32_t clock_hz)
{
	uint32_t longest = SYST_MAX / (clock_hz / 1000000) * 1000; /* ns */

	if (ns >= longest)
		return SYST_MAX;
	return (uint32_t)ns / 1000 * (clock_hz / 1000000) + 1;
}

void cortex_m_wait(uint64_t ns, uint32_t clock_hz)
{
	if (ns == 0)
		return;
	if (ns != UINT64_MAX) {
		mmio_write32(SYST_RVR, ticks(ns, clock_hz));
		mmio_write32(SYST_CVR, 0);
		mmio_write32(SYST_CSR, SYST_ENABLE | SYST_TICKINT | SYST_CLKSOURCE);
	}
	__asm__ volatile("dsb\n\twfi" ::: "memory");
	if (ns != UINT64_MAX) {
		mmio_write32(SYST_CSR, 0);
		mmio_write32(ICSR, ICSR_PENDSTCLR);
	}
	/* Dropped before the devices are asked: what comes from now on ends the next wait. */
	mmio_write32(NVIC_ICPR, UINT32_MAX);
}

void cortex_m_reset(void)
{
	__asm__ volatile("dsb" ::: "memory");
	mmio_write32(AIRCR, AIRCR_VECTKEY | AIRCR_SYSRESETREQ);
	arch_halt();
}

/* Without interrupts, for a pending one would end every wait. */
_Noreturn void arch_halt(void)
{
	for (unsigned i = 0; i < NVIC_REGISTERS; i++)
		mmio_write32(NVIC_ICER + 4 * i, UINT32_MAX);
	for (;;)
		__asm__ volatile("cpsid i\n\twfi");
}

/* `bkpt` without anybody to answer is a fault, which start.S turns into -1. */
int semihosting(enum semihosting operation, uintptr_t parameter)
{
	register uintptr_t r0 __asm__("r0") = operation;
	register uintptr_t r1 __asm__("r1") = parameter;

	__asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
	return (int)r0;
}
