// SPDX-License-Identifier: MIT
/*
 * pc.c - the parts of a PC put together; see pc.h.
 *
 * Without ACPI tables (-M microvm,acpi=off; Firecracker) there is no register that switches off, so
 * that is not offered. A reset is always possible: in the end by a triple fault.
 */
#include "cmos.h"
#include "mmio.h"
#include "pc.h"
#include "x86.h"

enum port {
	UART_SCR = 7, /* RW scratch register of a 16550 */
	I8042_COMMAND = 0x64,
};

#define I8042_PULSE_RESET 0xfe
#define FLOATING_BUS	  0xff

/* Long enough for a hypervisor to act on what another of its threads must carry out. */
#define POWER_PATIENCE_NS 2000000000u

int pc_init(struct pc *pc)
{
	int error = boot_read(&pc->boot);
	unsigned i;

	clock_init(&pc->clock);
	acpi_init(&pc->acpi, pc->boot.rsdp);
	pc->has_cmos = cmos_present();
	for (i = 0; i < pc->acpi.n_io; i++)
		pc->apic.io[i] = pc->acpi.io[i];
	pc->apic.n_io = pc->acpi.n_io;
	if (pc->apic.n_io == 0) {
		pc->apic.io[0].base = APIC_IO_DEFAULT;
		pc->apic.io[0].gsi = 0;
		pc->apic.n_io = 1;
	}
	apic_init(&pc->apic);
	return error;
}

bool pc_has_uart(uint16_t port)
{
	mmio_write8(port + UART_SCR, 0x5a);
	if (mmio_read8(port + UART_SCR) != 0x5a)
		return false;
	mmio_write8(port + UART_SCR, 0xa5);
	return mmio_read8(port + UART_SCR) == 0xa5;
}

void pc_wait(struct pc *pc, uint64_t ns)
{
	uint64_t start = rdtsc();

	apic_wait(&pc->apic, ns, &pc->clock);
	pc->idle += rdtsc() - start;
}

uint64_t pc_idle(struct pc *pc)
{
	return clock_span(&pc->clock, pc->idle);
}

bool pc_has_rtc(const struct pc *pc)
{
	return pc->has_cmos || pc->clock.kvm;
}

int pc_rtc_get(struct pc *pc, int64_t *ns)
{
	return pc->has_cmos ? cmos_get(ns) : clock_wall(&pc->clock, ns);
}

int pc_rtc_set(struct pc *pc, int64_t ns)
{
	return pc->has_cmos ? cmos_set(ns) : -1;
}

unsigned pc_powers(const struct pc *pc)
{
	unsigned powers = 1u << PC_HALT | 1u << PC_REBOOT;

	return acpi_can_power_off(&pc->acpi) ? powers | 1u << PC_POWERDOWN : powers;
}

/* The processor runs on for a while after a request; the next way is for those who did not hear. */
static void be_patient(struct pc *pc)
{
	uint64_t start = clock_monotonic(&pc->clock);

	while (clock_monotonic(&pc->clock) - start < POWER_PATIENCE_NS)
		__asm__ volatile("pause");
}

static void reset(struct pc *pc)
{
	if (pc->acpi.fadt) {
		acpi_reset(&pc->acpi);
		be_patient(pc);
	}
	if (mmio_read8(I8042_COMMAND) != FLOATING_BUS) {
		mmio_write8(I8042_COMMAND, I8042_PULSE_RESET);
		be_patient(pc);
	}
	x86_triple_fault();
}

void pc_power(struct pc *pc, enum pc_power mode)
{
	switch (mode) {
	case PC_POWERDOWN:
		acpi_power_off(&pc->acpi);
		be_patient(pc);
		break;
	case PC_REBOOT:
		reset(pc);
		break;
	case PC_HALT:
		for (;;)
			__asm__ volatile("cli\n\thlt");
	}
}
