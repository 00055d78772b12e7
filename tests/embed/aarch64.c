/* SPDX-License-Identifier: MIT */
/* aarch64.c - machine.h on qemu-system-aarch64 -M virt: GICv2, the generic timer, a PL011, PSCI. */
#include "machine.h"

#define GICD 0x8000000u
#define GICC 0x8010000u
#define UART 0x9000000u

#define TIMER_IRQ  27 /* PPI of the virtual timer */
#define SERIAL_IRQ 33
#define NS_PER_S   UINT64_C(1000000000)

#define REG32(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REG8(address)  (*(volatile uint8_t *)(uintptr_t)(address))

static uint64_t start;

static uint64_t ticks(void)
{
	uint64_t value;

	__asm__ volatile("isb\nmrs %0, cntvct_el0" : "=r"(value)::"memory");
	return value;
}

static uint64_t hz(void)
{
	uint64_t value;

	__asm__("mrs %0, cntfrq_el0" : "=r"(value));
	return value;
}

size_t machine_slots(struct slot slots[MACHINE_SLOTS])
{
	size_t i;

	/* QEMU's first device is in the last one. */
	for (i = 0; i < 32; i++)
		slots[i] = (struct slot){0xA000000u + (31 - i) * 0x200, (unsigned)(48 + 31 - i)};
	return 32;
}

void machine_start(void)
{
	start = ticks();
	REG32(GICD) = 1;
	REG32(GICC + 4) = 0xFF;
	REG32(GICC) = 1;
	machine_enable(TIMER_IRQ);
}

void machine_enable(unsigned irq)
{
	REG8(GICD + 0x400 + irq) = 0x80;
	if (irq >= 32)
		REG8(GICD + 0x800 + irq) = 1;
	REG32(GICD + 0x100 + irq / 32 * 4) = 1u << irq % 32;
}

bool machine_put(char byte)
{
	if (REG32(UART + 0x18) & 1u << 5)
		return false;
	REG32(UART) = (uint8_t)byte;
	return true;
}

int machine_get(void)
{
	return REG32(UART + 0x18) & 1u << 4 ? -1 : (int)(REG32(UART) & 0xFF);
}

unsigned machine_serial_irq(void)
{
	return SERIAL_IRQ;
}

void machine_listen(bool on)
{
	REG32(UART + 0x38) = on ? 1u << 4 : 0;
}

uint64_t machine_now(void)
{
	uint64_t passed = ticks() - start;

	return passed / hz() * NS_PER_S + passed % hz() * NS_PER_S / hz();
}

void machine_alarm(uint64_t ns)
{
	uint64_t enable = ns != UINT64_MAX;

	if (enable)
		__asm__ volatile("msr cntv_cval_el0, %0" ::"r"(
			ticks() + ns / NS_PER_S * hz() + ns % NS_PER_S * hz() / NS_PER_S + 1));
	__asm__ volatile("msr cntv_ctl_el0, %0\nisb" ::"r"(enable) : "memory");
}

void machine_sleep(uint64_t ns)
{
	if (ns != UINT64_MAX)
		machine_alarm(ns);
	__asm__ volatile("dsb sy\nwfi" ::: "memory");
}

void machine_interrupts_off(void)
{
	__asm__ volatile("msr daifset, #2" ::: "memory");
}

void machine_interrupts_on(void)
{
	__asm__ volatile("msr daifclr, #2" ::: "memory");
}

/* PSCI (DEN0022): SYSTEM_OFF and SYSTEM_RESET. */
void machine_off(bool reboot)
{
	register uint64_t function __asm__("x0") = reboot ? 0x84000009u : 0x84000008u;

	__asm__ volatile("hvc #0" : "+r"(function)::"x1", "x2", "x3", "memory");
}

void machine_wake(void)
{
}

void machine_interrupt(void);

void machine_interrupt(void)
{
	uint32_t taken = REG32(GICC + 0xC), irq = taken & 0x3FF;

	if (irq >= 1020)
		return;
	if (irq == TIMER_IRQ) {
		machine_alarm(UINT64_MAX);
		kernel_tick();
	} else {
		kernel_interrupt(irq);
	}
	REG32(GICC + 0x10) = taken;
}

void machine_fault(uint64_t syndrome, uint64_t pc);

void machine_fault(uint64_t syndrome, uint64_t pc)
{
	const char *text = "fault\n";

	(void)syndrome, (void)pc;
	while (*text)
		machine_put(*text++);
}
