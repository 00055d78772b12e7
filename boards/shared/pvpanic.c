/* SPDX-License-Identifier: MIT */
/*
 * pvpanic.c - tells the host of the guest's end by the device that is there for it:
 *
 *   -device pvpanic       a port of a PC, which fw_cfg names            event GUEST_PANICKED,
 *   -device pvpanic-pci   a function of PCI, with one register          and GUEST_PVSHUTDOWN since QEMU 9.1
 *
 * QEMU, docs/specs/pvpanic.rst; the item "etc/pvpanic-port", 16 bits, little endian: hw/misc/pvpanic-isa.c.
 * It is looked for when there is something to be told.
 */
#include "machine.h"
#include "pci_devices.h"
#include "port.h"

#define NOBODY 0xff

/* What the device takes, as it says itself. */
static bool takes(uint8_t events, enum machine_event event)
{
	return events != NOBODY && (events & event) != 0;
}

static void by_port(enum machine_event event)
{
	uint8_t port[2];
	uintptr_t at;

	if (board_item_read("etc/pvpanic-port", 0, port, sizeof port) != sizeof port)
		return;
	at = port[0] | (uintptr_t)port[1] << 8;
	if (takes(port_read8(at), event))
		port_write8(at, (uint8_t)event);
}

void machine_tell(struct machine *m, enum machine_event event)
{
	uintptr_t at = pci_devices_pvpanic(m);

	if (at && takes(mmio_read8(at), event))
		mmio_write8(at, (uint8_t)event);
	if (PORTS)
		by_port(event);
}
