/* SPDX-License-Identifier: MIT */
/*
 * pci_access.h - the ways to a configuration space: ECAM (PCI Express Base 4.0, 7.2.2), and the ports CF8 and CFC
 * (PCI Local Bus 3.0, 3.2.2.3.2).
 */
#ifndef PCI_ACCESS_H
#define PCI_ACCESS_H

#include "registers.h"

struct pci_access {
	/* `at` is slot and function, in 5 and 3 bits. */
	uint32_t (*read)(unsigned bus, unsigned at, unsigned reg, unsigned width);
	void (*write)(unsigned bus, unsigned at, unsigned reg, unsigned width, uint32_t value);
	void (*astray)(
		void); /* the ports are used as they are not meant to be; NULL: that reaches nothing */
	uint32_t address; /* what CF8 holds */
	struct registers ecam, ports;
};

static inline uint32_t pci_ecam_read(void *context, unsigned offset, unsigned width)
{
	const struct pci_access *access = context;

	return access->read(offset >> 20, offset >> 12 & 0xff, offset & 0xfff, width);
}

static inline void pci_ecam_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	const struct pci_access *access = context;

	access->write(offset >> 20, offset >> 12 & 0xff, offset & 0xfff, width, value);
}

static inline uint32_t pci_port_read(void *context, unsigned offset, unsigned width)
{
	const struct pci_access *access = context;

	if (offset < 4 || !(access->address >> 31)) {
		if (access->astray)
			access->astray();
		return UINT32_MAX;
	}
	return access->read(access->address >> 16 & 0xff, access->address >> 8 & 0xff,
	                    (access->address & 0xfc) + offset - 4, width);
}

static inline void pci_port_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	struct pci_access *access = context;

	if (offset == 0 && width == 4)
		access->address = value;
	else if (offset >= 4)
		access->write(access->address >> 16 & 0xff, access->address >> 8 & 0xff,
		              (access->address & 0xfc) + offset - 4, width, value);
	else if (access->astray)
		access->astray();
}

/* The ECAM area of 256 buses, and the two ports, answer from here on. 0: not that one. */
static inline void pci_access_start(struct pci_access *access, uintptr_t ecam, uintptr_t ports)
{
	access->ecam = (struct registers){ecam, 256u << 20, pci_ecam_read, pci_ecam_write, access};
	access->ports = (struct registers){ports, 8, pci_port_read, pci_port_write, access};
	if (ecam)
		registers_attach(&access->ecam);
	if (ports)
		registers_attach(&access->ports);
}

#endif
