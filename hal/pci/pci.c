/* SPDX-License-Identifier: MIT */
/* pci.c - see pci.h. */
#include "pci.h"
#include "mmio.h"
#include "port.h"

#include <string.h>

enum {
	CONFIG_ADDRESS = 0xcf8, /* 32, 3.2.2.3.2 */
	CONFIG_DATA = 0xcfc,
};

#define CONFIG_ENABLE 0x80000000u

/* Bridges behind each other; no topology in the field has half as many. */
#define DEPTH_MAX 8

#define NOBODY 0xffffffffu /* what is read of a function that is not there */

/* --- Registers --- */

static uintptr_t config_at(const struct pci_function *f, unsigned offset)
{
	if (f->host->ecam)
		return f->host->ecam + ((uintptr_t)(f->address - (f->host->first << 8)) << 12) +
		       offset;
	port_write32(CONFIG_ADDRESS, CONFIG_ENABLE | (uint32_t)f->address << 8 | (offset & 0xfc));
	return CONFIG_DATA + (offset & 3);
}

uint32_t pci_read(const struct pci_function *f, unsigned offset, unsigned width)
{
	uintptr_t at = config_at(f, offset);

	if (f->host->ecam)
		return width == 1 ? mmio_read8(at) : width == 2 ? mmio_read16(at) : mmio_read32(at);
	return width == 1 ? port_read8(at) : width == 2 ? port_read16(at) : port_read32(at);
}

void pci_write(const struct pci_function *f, unsigned offset, unsigned width, uint32_t value)
{
	uintptr_t at = config_at(f, offset);

	if (f->host->ecam && width == 1)
		mmio_write8(at, (uint8_t)value);
	else if (f->host->ecam && width == 2)
		mmio_write16(at, (uint16_t)value);
	else if (f->host->ecam)
		mmio_write32(at, value);
	else if (width == 1)
		port_write8(at, (uint8_t)value);
	else if (width == 2)
		port_write16(at, (uint16_t)value);
	else
		port_write32(at, value);
}

/* --- The walk --- */

/* A bus that is being looked at. */
struct level {
	uint16_t bus;
	uint16_t next;   /* slot and function to look at next */
	bool many;       /* the slot at hand has more than one function */
	bool numbered;   /* by us: its bridge is to be told where its range ends */
	uint16_t bridge; /* address of the one that leads to it; not for the root bus */
};

struct walk {
	const struct pci_host *host;
	struct level level[DEPTH_MAX];
	unsigned depth;
	uint32_t seen[8]; /* a bit for each bus */
	uint16_t free;    /* the next number that nobody has */
	bool reused;      /* somebody has numbered buses */
};

static bool is_seen(struct walk *w, unsigned bus)
{
	bool seen = w->seen[bus / 32] >> bus % 32 & 1;

	w->seen[bus / 32] |= 1u << bus % 32;
	return seen;
}

static void enter(struct walk *w, unsigned bus, const struct pci_function *bridge, bool numbered)
{
	struct level *level = &w->level[++w->depth];

	*level = (struct level){
		.bus = (uint16_t)bus, .numbered = numbered, .bridge = bridge->address};
	pci_write(bridge, PCI_COMMAND, 2,
	          pci_read(bridge, PCI_COMMAND, 2) | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* Goes behind a bridge, if there is a bus with a number that was not looked at. */
static void cross(struct walk *w, const struct pci_function *bridge)
{
	unsigned bus = pci_read(bridge, PCI_SECONDARY_BUS, 1), primary = bridge->address >> 8;

	if (w->depth + 1 == DEPTH_MAX)
		return;
	if (bus != 0) {
		w->reused = true;
		if (bus > primary && bus <= w->host->last && !is_seen(w, bus))
			enter(w, bus, bridge, false);
		return;
	}
	/* Among buses that have numbers, none that is free is known. */
	if (w->reused || w->free > w->host->last)
		return;
	bus = w->free++;
	is_seen(w, bus);
	pci_write(bridge, PCI_PRIMARY_BUS, 1, primary);
	pci_write(bridge, PCI_SECONDARY_BUS, 1, bus);
	pci_write(bridge, PCI_SUBORDINATE, 1, w->host->last);
	enter(w, bus, bridge, true);
}

static void leave(struct walk *w)
{
	const struct level *level = &w->level[w->depth--];
	struct pci_function bridge = {.host = w->host, .address = level->bridge};

	if (level->numbered)
		pci_write(&bridge, PCI_SUBORDINATE, 1, w->free - 1u);
}

/* The function at hand, and moves on; false: nobody is there. */
static bool look(struct walk *w, struct pci_function *f, uint8_t *type)
{
	struct level *level = &w->level[w->depth];
	unsigned at = level->next;
	uint32_t id;

	*f = (struct pci_function){.host = w->host, .address = (uint16_t)(level->bus << 8 | at)};
	level->next = (uint16_t)(at + 1);
	id = pci_read(f, PCI_VENDOR, 4);
	if (id == NOBODY || id == 0) {
		if (at % 8 == 0)
			level->next = (uint16_t)(at + 8); /* function 0 is always there */
		return false;
	}
	*type = (uint8_t)pci_read(f, PCI_HEADER_TYPE, 1);
	if (at % 8 == 0)
		level->many = (*type & PCI_HEADER_MANY) != 0;
	if (!level->many)
		level->next = (uint16_t)((at | 7) + 1);
	f->vendor = (uint16_t)id;
	f->device = (uint16_t)(id >> 16);
	return true;
}

/* Where its interrupt comes out: each bridge turns the pins by the slot (Bridge 1.2, 9.1). */
static void route(const struct walk *w, struct pci_function *f)
{
	unsigned pin = pci_read(f, PCI_INTERRUPT_PIN, 1), slot = f->address >> 3 & 31;

	f->has_pin = pin >= 1 && pin <= 4;
	pin--;
	for (unsigned depth = w->depth; depth > 0; depth--) {
		pin += slot;
		slot = w->level[depth].bridge >> 3 & 31;
	}
	f->slot = (uint8_t)slot;
	f->pin = pin & 3;
}

void pci_scan(const struct pci_host *host,
              void (*found)(void *context, const struct pci_function *function), void *context)
{
	struct walk w;
	struct pci_function f;
	uint8_t type;

	memset(&w, 0, sizeof w);
	w.host = host;
	w.level[0].bus = host->first;
	w.free = host->first + 1u;
	for (;;) {
		if (w.level[w.depth].next == 256) {
			if (w.depth == 0)
				return;
			leave(&w);
		} else if (look(&w, &f, &type)) {
			if ((type & ~PCI_HEADER_MANY) == PCI_HEADER_BRIDGE) {
				cross(&w, &f);
			} else {
				route(&w, &f);
				found(context, &f);
			}
		}
	}
}

/* --- What a function has --- */

unsigned pci_capability(const struct pci_function *f, uint8_t id, unsigned at, unsigned *left)
{
	unsigned link = at ? at + 1 : PCI_CAPABILITIES;

	if (!at && !(pci_read(f, PCI_STATUS, 2) & PCI_STATUS_CAPABILITIES))
		return 0;
	while (*left > 0) {
		--*left;
		at = pci_read(f, link, 1) & 0xfc;
		if (at < 0x40)
			return 0;
		if (pci_read(f, at, 1) == id)
			return at;
		link = at + 1;
	}
	return 0;
}

uint64_t pci_bar(const struct pci_function *f, unsigned n)
{
	uint32_t low, high = 0;

	if (n > 5 || !(pci_read(f, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY))
		return 0;
	low = pci_read(f, PCI_BAR + 4 * n, 4);
	if (low == NOBODY || (low & 1) != 0) /* gone; or of ports */
		return 0;
	if ((low & 6) == 4 && n < 5) /* of 64 bits */
		high = pci_read(f, PCI_BAR + 4 * n + 4, 4);
	return (uint64_t)high << 32 | (low & ~15u);
}

/* What a BAR's register reads after all of its bits were set; it is then as it was. */
static uint32_t bar_mask(const struct pci_function *f, unsigned n)
{
	uint32_t value = pci_read(f, PCI_BAR + 4 * n, 4), mask;

	pci_write(f, PCI_BAR + 4 * n, 4, NOBODY);
	mask = pci_read(f, PCI_BAR + 4 * n, 4);
	pci_write(f, PCI_BAR + 4 * n, 4, value);
	return mask;
}

uint64_t pci_bar_size(const struct pci_function *f, unsigned n)
{
	uint32_t command = pci_read(f, PCI_COMMAND, 2), low, high = NOBODY;

	if (n > 5)
		return 0;
	pci_write(f, PCI_COMMAND, 2, command & ~(uint32_t)PCI_COMMAND_MEMORY);
	low = bar_mask(f, n);
	if ((low & 6) == 4 && n < 5)
		high = bar_mask(f, n + 1);
	pci_write(f, PCI_COMMAND, 2, command);
	return low == 0 || (low & 1) != 0 ? 0 : ~((uint64_t)high << 32 | (low & ~15u)) + 1;
}

uint64_t pci_decode(const struct pci_function *f, unsigned n)
{
	uint32_t command = pci_read(f, PCI_COMMAND, 2);
	uint64_t at;

	pci_write(f, PCI_COMMAND, 2, command | PCI_COMMAND_MEMORY);
	at = pci_bar(f, n);
	if (at == 0)
		pci_write(f, PCI_COMMAND, 2, command);
	return at;
}

/* A bridge passes nothing on: its window ends before it begins, or is what a reset may leave. */
static bool is_closed(const struct pci_function *bridge)
{
	uint32_t window = pci_read(bridge, PCI_MEMORY_WINDOW, 4);

	return window == 0 || (window & 0xfff0) > window >> 16;
}

void pci_place(const struct pci_function *f, unsigned n, uint32_t address)
{
	struct pci_function bridge = {.host = f->host};
	unsigned bus = f->address >> 8;
	uint32_t mib = address >> 16 & 0xfff0;

	for (unsigned at = f->host->first << 8; at < bus << 8; at++) {
		bridge.address = (uint16_t)at;
		if ((pci_read(&bridge, PCI_HEADER_TYPE, 1) & ~PCI_HEADER_MANY) ==
		            PCI_HEADER_BRIDGE &&
		    pci_read(&bridge, PCI_SECONDARY_BUS, 1) <= bus &&
		    pci_read(&bridge, PCI_SUBORDINATE, 1) >= bus && is_closed(&bridge))
			pci_write(&bridge, PCI_MEMORY_WINDOW, 4, mib << 16 | mib);
	}
	pci_write(f, PCI_BAR + 4 * n, 4, address);
	pci_write(f, PCI_COMMAND, 2, pci_read(f, PCI_COMMAND, 2) | PCI_COMMAND_MEMORY);
}

void pci_enable(const struct pci_function *f)
{
	uint32_t command = pci_read(f, PCI_COMMAND, 2);

	pci_write(f, PCI_COMMAND, 2,
	          (command | PCI_COMMAND_MASTER) & ~(uint32_t)PCI_COMMAND_NO_INTX);
}
