// SPDX-License-Identifier: MIT
/*
 * pc_power.c - the ways to end an x86 machine, each tried when the one before was not heard: ACPI's registers, the
 * keyboard controller's reset, a triple fault; and isa-debug-exit.
 */
#include "machine.h"
#include "acpi.h"
#include "pc.h"
#include "arch.h"
#include "discover/number.h"
#include "mptable.h"
#include "port.h"
#include "x86.h"

#include <string.h>

enum port {
	I8042_COMMAND = 0x64,
	DEBUG_EXIT = 0x501,
};

#define I8042_PULSE_RESET 0xfe
#define FLOATING_BUS      0xff
#define POWER_PATIENCE_S  2

/*
 * The processor runs on for a while after a request; the next way is for hosts that did not hear.
 */
static void be_patient(void)
{
	uint64_t end = arch_ticks() + POWER_PATIENCE_S * arch_ticks_hz();

	while (arch_ticks() < end)
		__asm__ volatile("pause");
}

static void pulse_reset(void)
{
	port_write8(I8042_COMMAND, I8042_PULSE_RESET);
	be_patient();
}

/* Where to look for the table of processors, a BIOS has noted in the first page. Firecracker's and kvmtool's. */
static bool mptable_knows_no_off(void)
{
	bool yes;

	x86_reach_null(true);
	yes = mptable_by(x86_low, "FC      ") || mptable_by(x86_low, "KVMCPU00");
	x86_reach_null(false);
	return yes;
}

/* Firecracker, libkrun that comes of it, and kvmtool know no other end of a machine than its reset. */
static bool reset_is_the_end(const struct acpi *acpi)
{
	return !machine.has_fw_cfg && port_read8(I8042_COMMAND) != FLOATING_BUS &&
	       (memcmp(acpi->oem, "FIRECK", sizeof acpi->oem) == 0 || mptable_knows_no_off());
}

void pc_power_off(struct machine *m)
{
	const struct acpi *acpi = pc_acpi();

	(void)m;
	if (acpi_can_power_off(acpi)) {
		acpi_power_off(acpi);
		be_patient();
	}
	if (reset_is_the_end(acpi))
		pulse_reset();
}

void pc_reboot(struct machine *m)
{
	(void)m;
	if (acpi_reset(pc_acpi()))
		be_patient();
	if (port_read8(I8042_COMMAND) != FLOATING_BUS)
		pulse_reset();
	x86_triple_fault();
}

/* A port in hexadecimal digits, with or without 0x; 0: it is none. */
static uintptr_t port_of(const char *text)
{
	uint32_t port;

	text += number_has_0x(text) ? 2 : 0;
	return number_read(&text, 16, PORTS - 1, &port) && *text == '\0' ? port : 0;
}

/*
 * QEMU's isa-debug-exit, which makes its status 2 * v + 1. Nothing tells where it is: the setting `debug-exit`
 * does, or something that reads as 0 is at QEMU's own address for it (hw/misc/debugexit.c).
 */
void pc_exit(struct machine *m, unsigned status)
{
	char text[8] = "";
	int len = board_setting("opt/bareqga/debug-exit", m->board.cmdline, text, sizeof text);
	uintptr_t port = len > 0 ? port_of(text) : DEBUG_EXIT;

	if (len < 0 || port == 0)
		machine_log(
			"bareqga: setting debug-exit is no port in hexadecimal digits and not used");
	else if (len > 0 || (m->has_fw_cfg && port_read8(port) == 0))
		port_write8(port, (uint8_t)status);
}

bool pc_can_power_off(const struct acpi *acpi)
{
	return acpi_can_power_off(acpi) || reset_is_the_end(acpi);
}
