/* SPDX-License-Identifier: MIT */
/* pci_devices.c - see pci_devices.h. */
#include "pci_devices.h"
#include "arch.h"
#include "pci_tree.h"
#include "virtio/virtio_device.h"
#include "virtio_function.h"

/* QEMU, docs/specs/pci-ids.rst. */
#define REDHAT_VENDOR_ID 0x1b36
#define PVPANIC          0x0011

/* Disks and network cards. */
#define IDLE_MAX (2 * BOARD_IDLE_MAX)

static struct {
	struct pci_host host;
	pci_irq *irq;
	bool present, walked;
	bool in_tree;      /* present, and opened when somebody asks */
	bool too_many;     /* consoles */
	unsigned consoles; /* of machine_consoles, behind those of virtio-mmio */
	struct virtio_function console[PCI_CONSOLES_MAX];
	bool has_vsock, has_clock;
	struct virtio_function vsock, clock;
	bool has_pvpanic;
	struct pci_function pvpanic;
	unsigned n_idle;
	struct pci_function idle[IDLE_MAX];
} bus;

/* --- The host bridge --- */

void pci_devices_add(struct machine *m, const struct pci_host *host, pci_irq *irq)
{
	(void)m;
	if (bus.present)
		return;
	bus.present = true;
	bus.host = *host;
	bus.irq = irq;
}

void pci_devices_add_tree(void)
{
	bus.present = bus.in_tree = true;
	bus.irq = pci_tree_irq;
}

bool pci_devices_present(void)
{
	return bus.present;
}

struct machine_irq pci_devices_irq(void)
{
	return pci_tree_first_line();
}

/* Is there PCI that can be used? */
static bool is_open(void)
{
	if (bus.present && bus.in_tree) {
		bus.in_tree = false; /* once */
		bus.present = pci_tree_open(&bus.host);
	}
	return bus.present;
}

/* --- The walk --- */

static int place_probe(struct qga_virtio_device *device);

const struct qga_virtio_bus pci_devices_place = {.probe = place_probe};

struct qga_virtio_device machine_consoles[MACHINE_CONSOLES_MAX];
_Static_assert(MACHINE_MMIO_MAX + PCI_CONSOLES_MAX <= MACHINE_CONSOLES_MAX, "each has its place");

static void keep_console(struct machine *m, const struct pci_function *function)
{
	unsigned i = bus.consoles++;

	virtio_function_keep(&bus.console[i], function);
	machine_consoles[m->n_consoles + i].context = &bus.console[i].pci;
}

static void keep_idle(struct qga_virtio_device *list, unsigned *n,
                      const struct pci_function *function)
{
	if (*n == BOARD_IDLE_MAX)
		return;
	bus.idle[bus.n_idle] = *function;
	list[*n].bus = &virtio_function_idle;
	list[*n].context = &bus.idle[bus.n_idle];
	bus.n_idle++;
	++*n;
}

static void found_function(void *context, const struct pci_function *function)
{
	struct machine *m = context;

	switch (virtio_function_id(function)) {
	case VIRTIO_ID_CONSOLE:
		if (bus.consoles == PCI_CONSOLES_MAX)
			bus.too_many = true;
		else
			keep_console(m, function);
		break;
	case VIRTIO_ID_VSOCK:
		if (!bus.has_vsock)
			virtio_function_keep(&bus.vsock, function);
		bus.has_vsock = true;
		break;
	case VIRTIO_ID_RTC:
		if (!bus.has_clock)
			virtio_function_keep(&bus.clock, function);
		bus.has_clock = true;
		break;
	case VIRTIO_ID_NET:
		keep_idle(m->board.net, &m->board.n_nets, function);
		break;
	case VIRTIO_ID_BLOCK:
		keep_idle(m->board.disk, &m->board.n_disks, function);
		break;
	default:
		if (function->vendor == REDHAT_VENDOR_ID && function->device == PVPANIC) {
			bus.pvpanic = *function;
			bus.has_pvpanic = true;
		}
		break;
	}
}

void pci_devices_find(struct machine *m)
{
	if (bus.walked || !is_open())
		return;
	bus.walked = true;
	pci_scan(&bus.host, found_function, m);
	if (bus.too_many)
		machine_log(
			"bareqga: more PCI consoles than are looked at; put the agent's port on "
			"one of the first");
}

static void count(void *context, const struct pci_function *function)
{
	unsigned id = virtio_function_id(function);

	*(unsigned *)context +=
		id == VIRTIO_ID_CONSOLE || (BOARD_WITH_VSOCK && id == VIRTIO_ID_VSOCK);
}

bool pci_devices_have_agent_device(void)
{
	unsigned n = 0;

	if (is_open())
		pci_scan(&bus.host, count, &n);
	return n > 0;
}

/* --- Devices for the agent --- */

/* Where its interrupt comes out, and its start: see virtio_function_start(). */
static int start(struct qga_virtio_device *device, struct machine_irq *irq)
{
	const struct pci_function *function = &virtio_function_of(device)->function;

	*irq = function->has_pin ? bus.irq(function) : (struct machine_irq){0};
	return virtio_function_start(device, *irq);
}

/* The first question to any of the places walks the bus. */
static int place_probe(struct qga_virtio_device *device)
{
	struct machine *m = &machine;

	pci_devices_find(m);
	device->id = 0;
	if (!device->context)
		return 0; /* nothing has taken it */
	return start(device, &m->console_irq[device - machine_consoles]);
}

bool pci_devices_add_vsock(struct machine *m)
{
	unsigned i = m->n_vsocks;

	pci_devices_find(m);
	if (!bus.has_vsock)
		return false;
	m->vsock[i].context = &bus.vsock.pci;
	if (start(&m->vsock[i], &m->vsock_irq[i]) != 0)
		return false;
	m->n_vsocks++;
	return true;
}

bool pci_devices_found_vsock(void)
{
	return bus.has_vsock;
}

bool pci_devices_add_clock(struct machine *m)
{
	if (!bus.has_clock)
		return false;
	pci_enable(&bus.clock.function);
	m->clock.context = &bus.clock.pci;
	m->clock.bus = &qga_virtio_pci;
	return true;
}

/* --- pvpanic --- */

uintptr_t pci_devices_pvpanic(struct machine *m)
{
	uint64_t at;

	pci_devices_find(m);
	if (!bus.has_pvpanic)
		return 0;
	at = pci_decode(&bus.pvpanic, 0);
	if (at == 0) {
		at = pci_tree_window();
		if (at == 0)
			return 0;
		pci_place(&bus.pvpanic, 0, (uint32_t)at);
	}
	return arch_reach(at, 1);
}
