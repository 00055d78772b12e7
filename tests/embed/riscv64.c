/* SPDX-License-Identifier: MIT */
/* riscv64.c - machine.h on qemu-system-riscv64 -M virt -bios none: CLINT, PLIC, a 16550. */
#include "machine.h"

#define CLINT 0x2000000u
#define PLIC  0xC000000u
#define UART  0x10000000u
#define TEST  0x100000u

#define MSIP       (CLINT + 0x0)
#define MTIMECMP   (CLINT + 0x4000)
#define MTIME      (CLINT + 0xBFF8)
#define TICK_NS    100
#define SERIAL_IRQ 10

/* Who takes the devices' interrupts: the context of a processor's machine mode. */
#ifdef KERNEL_SMP
#define CONTEXT 2
#else
#define CONTEXT 0
#endif
#define PLIC_ENABLE (PLIC + 0x2000 + 0x80 * CONTEXT)
#define PLIC_CLAIM  (PLIC + 0x200004 + 0x1000 * CONTEXT)

#define MIE_SOFT     (1u << 3)
#define MIE_TIMER    (1u << 7)
#define MIE_EXTERNAL (1u << 11)
#define MSTATUS_MIE  8

#define REG8(address)  (*(volatile uint8_t *)(uintptr_t)(address))
#define REG32(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define REG64(address) (*(volatile uint64_t *)(uintptr_t)(address))
#define CSR_SET(csr, bits)                                                \
	__asm__ volatile(".option push\n.option arch, +zicsr\ncsrs " #csr \
	                 ", %0\n.option pop" ::"r"(bits)                  \
	                 : "memory")
#define CSR_CLEAR(csr, bits)                                              \
	__asm__ volatile(".option push\n.option arch, +zicsr\ncsrc " #csr \
	                 ", %0\n.option pop" ::"r"(bits)                  \
	                 : "memory")

static uint64_t start;
static volatile bool second_may_run;

size_t machine_slots(struct slot slots[MACHINE_SLOTS])
{
	size_t i;

	/* QEMU's first device is in the last one. */
	for (i = 0; i < 8; i++)
		slots[i] = (struct slot){0x10008000u - i * 0x1000, (unsigned)(8 - i)};
	return 8;
}

void machine_start(void)
{
	start = REG64(MTIME);
	REG64(MTIMECMP) = UINT64_MAX;
	CSR_SET(mie, MIE_TIMER | MIE_SOFT);
#ifdef KERNEL_SMP
	second_may_run = true;
	__asm__ volatile("fence" ::: "memory");
	REG32(MSIP + 4) = 1;
#else
	CSR_SET(mie, MIE_EXTERNAL);
#endif
}

void machine_enable(unsigned irq)
{
	REG32(PLIC + 4 * irq) = 1;
	REG32(PLIC_ENABLE) |= 1u << irq;
}

bool machine_put(char byte)
{
	if (!(REG8(UART + 5) & 0x20))
		return false;
	REG8(UART) = (uint8_t)byte;
	return true;
}

int machine_get(void)
{
	return REG8(UART + 5) & 1 ? REG8(UART) : -1;
}

unsigned machine_serial_irq(void)
{
	return SERIAL_IRQ;
}

void machine_listen(bool on)
{
	REG8(UART + 1) = on;
}

uint64_t machine_now(void)
{
	return (REG64(MTIME) - start) * TICK_NS;
}

void machine_alarm(uint64_t ns)
{
	REG64(MTIMECMP) = ns == UINT64_MAX ? ns : REG64(MTIME) + ns / TICK_NS + 1;
}

void machine_sleep(uint64_t ns)
{
	if (ns != UINT64_MAX)
		machine_alarm(ns);
	__asm__ volatile("wfi" ::: "memory");
}

void machine_interrupts_off(void)
{
	CSR_CLEAR(mstatus, MSTATUS_MIE);
}

void machine_interrupts_on(void)
{
	CSR_SET(mstatus, MSTATUS_MIE);
}

void machine_off(bool reboot)
{
	REG32(TEST) = reboot ? 0x7777 : 0x5555;
}

void machine_wake(void)
{
	REG32(MSIP) = 1;
}

static void external(void)
{
	uint32_t irq = REG32(PLIC_CLAIM);

	if (irq) {
		kernel_interrupt(irq);
		REG32(PLIC_CLAIM) = irq;
	}
}

void machine_trap(uint64_t cause, uint64_t pc);

void machine_trap(uint64_t cause, uint64_t pc)
{
	const char *text = "trap\n";

	(void)pc;
	switch (cause) {
	case UINT64_C(1) << 63 | 3:
		REG32(MSIP) = 0;
		break;
	case UINT64_C(1) << 63 | 7:
		machine_alarm(UINT64_MAX);
		kernel_tick();
		break;
	case UINT64_C(1) << 63 | 11:
		external();
		break;
	default:
		while (*text)
			machine_put(*text++);
		for (;;)
			__asm__ volatile("wfi");
	}
}

void second_main(void);

/* The second processor takes the devices' interrupts, and has no other part in it. */
void second_main(void)
{
	CSR_SET(mie, MIE_SOFT);
	while (!second_may_run)
		__asm__ volatile("wfi" ::: "memory");
	__asm__ volatile("fence" ::: "memory");
	REG32(MSIP + 4) = 0;
	CSR_CLEAR(mie, MIE_SOFT);
	CSR_SET(mie, MIE_EXTERNAL);
	for (;;) {
		__asm__ volatile("wfi" ::: "memory");
		external();
	}
}
