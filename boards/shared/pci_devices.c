/* SPDX-License-Identifier: MIT */
/* pci_devices.c - see pci_devices.h. */
#include "pci_devices.h"
#include "arch.h"
#include "pci/msix.h"
#include "virtio/virtio_pci.h"

#include <string.h>

/* QEMU, docs/specs/pci-ids.rst. */
#define REDHAT_VENDOR_ID 0x1b36
#define PVPANIC          0x0011

#define WINDOW_MEMORY_32 2 /* PCI Bus Binding to IEEE 1275, 2.2.1.1 */

/* Disks and network cards. */
#define IDLE_MAX (2 * BOARD_IDLE_MAX)

/* A function whose device the agent may be on. */
struct place {
	struct pci_function function; /* first: an access's context is one */
	struct qga_virtio_pci pci;    /* of it */
	struct pci_msix msix;         /* if it has no line */
};

static struct {
	struct pci_host host;
	pci_irq *irq;
	bool present, walked;
	bool in_tree; /* ... of devices, whose node says this of it; understood when somebody asks */
	struct fdt_prop reg, range, map, windows;
	uint8_t address_cells, size_cells; /* of reg, the first also of addresses in windows */
	struct machine_irq line;           /* where the root bus's slot 0, INTA# comes out */
	uint32_t default_line;
	bool too_many;     /* consoles */
	unsigned consoles; /* of machine_consoles, behind those of virtio-mmio */
	struct place console[PCI_CONSOLES_MAX];
	bool has_vsock, has_clock;
	struct place vsock, clock;
	bool has_pvpanic;
	struct pci_function pvpanic;
	unsigned n_idle;
	struct pci_function idle[IDLE_MAX];
	struct qga_virtio_pci
		asked; /* of the idle one that was probed last: nobody asks two at once */
} bus;

/* --- Registers of a function --- */

static const struct pci_function *function_of(void *context)
{
	return (const struct pci_function *)context;
}

static uint32_t config_read(void *context, unsigned offset, unsigned width)
{
	return pci_read(function_of(context), offset, width);
}

static void config_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	pci_write(function_of(context), offset, width, value);
}

/* Registers that are reached without a window that has other uses; of those that are far off, a page. */
static uintptr_t reach_bar(uint64_t at, uint64_t size)
{
	if (at <= UINT32_MAX)
		return (uintptr_t)at;
	return machine_board.message ? arch_reach(at, size) : 0;
}

/* Where firmware has put it, if we can reach that. */
static uintptr_t config_bar(void *context, unsigned n)
{
	return reach_bar(pci_bar(function_of(context), n), 1);
}

/* Again after each reset: see bareqga_virtio.h. */
static int place_vector(void *context)
{
	const struct place *place = (const struct place *)context;
	struct pci_message message;

	if (!machine_board.message || !place->msix.entry)
		return -1;
	machine_board.message(&message);
	pci_msix_send(&place->function, &place->msix, &message);
	return 0;
}

static const struct qga_pci_access idle_access = {
	.read = config_read,
	.write = config_write,
	.bar = config_bar,
};

/* Of a struct place. */
static const struct qga_pci_access place_access = {
	.read = config_read,
	.write = config_write,
	.bar = config_bar,
	.vector = place_vector,
};

/* --- In a device tree --- */

#define BUS_SHIFT     20 /* bytes of configuration space for each bus */
#define MAP_SLOTS     4 /* of interrupt-map: slots and pins that differ, the others being like these */
#define MAP_PINS      4
#define GIC_SPI_FIRST 32 /* shared interrupts are counted from here */

/*
 * An entry of interrupt-map has the function's address and pin, in four cells, the controller's
 * phandle and address, and the line as the controller has it. On all that have one, lines count up
 * with slots and pins, so that the first entry tells all: the first cell that is behind the
 * controller's address. A GIC's has two cells there, and its line three of them.
 */
static struct machine_irq first_line(const struct fdt_prop *map)
{
	uint32_t cells = map->len / 4 / (MAP_SLOTS * MAP_PINS);
	struct machine_irq irq = {0};

	if (cells < 6)
		return irq;
	irq.parent = fdt_be32(map->value + 4 * 4);
	irq.number = cells < 10 ? fdt_be32(map->value + 4 * 5)
	                        : fdt_be32(map->value + 4 * 8) + GIC_SPI_FIRST;
	return irq;
}

struct machine_irq pci_devices_irq(void)
{
	return bus.line;
}

void pci_devices_default_line(uint32_t number)
{
	bus.default_line = number;
}

static struct machine_irq tree_irq(const struct pci_function *function)
{
	struct machine_irq irq = bus.line;

	if (irq.number) /* else nothing says where any comes out */
		irq.number += (function->slot + function->pin) & 3u;
	return irq;
}

void found_pci_host(struct machine *m, const struct fdt_node *node,
                    const struct machine_device *device)
{
	(void)m;
	if (bus.present || device->size >> BUS_SHIFT == 0)
		return;
	bus.present = bus.in_tree = true;
	bus.reg = node->prop[FDT_REG];
	bus.range = node->prop[FDT_BUS_RANGE];
	bus.map = node->prop[FDT_INTERRUPT_MAP];
	bus.windows = node->prop[FDT_RANGES];
	bus.address_cells = node->address_cells;
	bus.size_cells = node->size_cells;
}

/* Makes a host bridge of what was found in the tree; false, after a line of text: it cannot be used. */
static bool open_tree(void)
{
	uint32_t first = bus.range.cell;
	uint32_t last = bus.range.len >= 8 ? fdt_be32(bus.range.value + 4) : 255;
	uint64_t base = 0, size = 0, buses;

	bus.in_tree = false; /* once */
	fdt_range(&bus.reg, bus.address_cells, bus.size_cells, 0, &base, &size);
	buses = size >> BUS_SHIFT;
	if (last > 255)
		last = 255;
	if (first > last)
		return false;
	if (last - first >= buses)
		last = first + (uint32_t)buses - 1;
	bus.host.first = (uint8_t)first;
	bus.host.last = (uint8_t)last;
	bus.host.ecam = arch_reach(base, buses << BUS_SHIFT);
	if (!bus.host.ecam) {
		machine_log("bareqga: PCI configuration space is out of reach; PCI is not used");
		return false;
	}
	bus.irq = tree_irq;
	bus.line = first_line(&bus.map);
	if (bus.line.number == 0)
		bus.line.number = bus.default_line;
	return true;
}

/* Is there PCI that can be used? */
static bool is_open(void)
{
	if (bus.present && bus.in_tree)
		bus.present = open_tree();
	return bus.present;
}

/* --- The walk --- */

static int place_probe(struct qga_virtio_device *device);

const struct qga_virtio_bus pci_devices_place = {.probe = place_probe};

struct qga_virtio_device machine_consoles[MACHINE_CONSOLES_MAX];
_Static_assert(MACHINE_MMIO_MAX + PCI_CONSOLES_MAX <= MACHINE_CONSOLES_MAX, "each has its place");

static void keep(struct place *place, const struct pci_function *function)
{
	place->function = *function;
	place->pci.access = &place_access;
	place->pci.context = place;
}

static void keep_console(struct machine *m, const struct pci_function *function)
{
	unsigned i = bus.consoles++;
	struct place *place = &bus.console[i];

	keep(place, function);
	machine_consoles[m->n_consoles + i].context = &place->pci;
}

static int idle_probe(struct qga_virtio_device *device)
{
	bus.asked.access = &idle_access;
	bus.asked.context = device->context;
	device->context = &bus.asked;
	device->bus = &qga_virtio_pci;
	return qga_virtio_pci.probe(device);
}

/* Who asks an idle device probes a copy of this, which then is one of the bus. */
static const struct qga_virtio_bus idle = {.probe = idle_probe};

static void keep_idle(struct qga_virtio_device *list, unsigned *n,
                      const struct pci_function *function)
{
	if (*n == BOARD_IDLE_MAX)
		return;
	bus.idle[bus.n_idle] = *function;
	list[*n].bus = &idle;
	list[*n].context = &bus.idle[bus.n_idle];
	bus.n_idle++;
	++*n;
}

/*
 * What virtio device a function is, 0: none that is kept. By its number, modern or transitional
 * (Virtual I/O Device 1.2, 4.1.2); never by its class.
 */
static unsigned virtio_id(const struct pci_function *function)
{
	if (function->vendor != VIRTIO_PCI_VENDOR_ID)
		return 0;
	switch (function->device) {
	case VIRTIO_PCI_TRANSITIONAL:
	case VIRTIO_PCI_MODERN + VIRTIO_ID_NET:
		return VIRTIO_ID_NET;
	case VIRTIO_PCI_TRANSITIONAL + 1:
	case VIRTIO_PCI_MODERN + VIRTIO_ID_BLOCK:
		return VIRTIO_ID_BLOCK;
	case VIRTIO_PCI_TRANSITIONAL + 3:
	case VIRTIO_PCI_MODERN + VIRTIO_ID_CONSOLE:
		return VIRTIO_ID_CONSOLE;
	case VIRTIO_PCI_MODERN + VIRTIO_ID_VSOCK:
		return VIRTIO_ID_VSOCK;
	case VIRTIO_PCI_MODERN + VIRTIO_ID_RTC:
		return VIRTIO_ID_RTC;
	default:
		return 0;
	}
}

static void found_function(void *context, const struct pci_function *function)
{
	struct machine *m = context;

	switch (virtio_id(function)) {
	case VIRTIO_ID_CONSOLE:
		if (bus.consoles == PCI_CONSOLES_MAX)
			bus.too_many = true;
		else
			keep_console(m, function);
		break;
	case VIRTIO_ID_VSOCK:
		if (!bus.has_vsock)
			keep(&bus.vsock, function);
		bus.has_vsock = true;
		break;
	case VIRTIO_ID_RTC:
		if (!bus.has_clock)
			keep(&bus.clock, function);
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
	unsigned id = virtio_id(function);

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

/* The device of a function gets its interrupt, and answers for itself from here on; or it is none any more. */
static int take_place(struct qga_virtio_device *device, struct machine_irq *irq)
{
	struct place *place = (struct place *)((struct qga_virtio_pci *)device->context)->context;
	const struct pci_function *function = &place->function;
	bool wakes;

	*irq = function->has_pin ? bus.irq(function) : (struct machine_irq){0};
	wakes = machine_board.message && irq->number == 0 &&
	        pci_msix_find(function, reach_bar, &place->msix);
	if (!wakes && !machine_enable(&machine, *irq)) {
		device->context = NULL; /* so that it is told of once */
		return QGA_VIRTIO_FAULT_NO_DEVICE;
	}
	pci_enable(function);
	device->bus = &qga_virtio_pci;
	return qga_virtio_pci.probe(device);
}

/* The first question to any of the places walks the bus. */
static int place_probe(struct qga_virtio_device *device)
{
	struct machine *m = &machine;

	pci_devices_find(m);
	device->id = 0;
	if (!device->context)
		return 0; /* nothing has taken it */
	return take_place(device, &m->console_irq[device - machine_consoles]);
}

bool pci_devices_add_vsock(struct machine *m)
{
	unsigned i = m->n_vsocks;

	pci_devices_find(m);
	if (!bus.has_vsock)
		return false;
	m->vsock[i].context = &bus.vsock.pci;
	if (take_place(&m->vsock[i], &m->vsock_irq[i]) != 0)
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

/*
 * The first address of a window for memory below 4 GiB: an entry of `ranges` has three cells of PCI (the first
 * one says what kind it is), the address on our side, and two cells of size. 0: there is none that is the same
 * on both sides.
 */
static uint32_t first_window(void)
{
	uint32_t size = (3 + bus.address_cells + 2) * 4;

	for (uint32_t at = 0; at + size <= bus.windows.len; at += size) {
		const uint8_t *entry = bus.windows.value + at;
		uint32_t address = fdt_be32(entry + 8);

		if ((fdt_be32(entry) >> 24 & 3) == WINDOW_MEMORY_32 &&
		    fdt_be32(entry + 8 + 4 * bus.address_cells) == address)
			return address;
	}
	return 0;
}

uintptr_t pci_devices_pvpanic(struct machine *m)
{
	uint64_t at;

	pci_devices_find(m);
	if (!bus.has_pvpanic)
		return 0;
	at = pci_decode(&bus.pvpanic, 0);
	if (at == 0) {
		at = first_window();
		if (at == 0)
			return 0;
		pci_place(&bus.pvpanic, 0, (uint32_t)at);
	}
	return arch_reach(at, 1);
}

void pci_devices_add(struct machine *m, const struct pci_host *host, pci_irq *irq)
{
	(void)m;
	if (bus.present)
		return;
	bus.present = true;
	bus.host = *host;
	bus.irq = irq;
}

bool pci_devices_present(void)
{
	return bus.present;
}
