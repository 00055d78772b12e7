/* SPDX-License-Identifier: MIT */
/*
 * pci.c - whatever a function's configuration space says, and says anew each time it is asked:
 * pci_capability() reads registers of that function alone, each whole, ends, and gives a place where a
 * capability may be (PCI Local Bus 3.0, 6.7); pci_bar() gives an address without flags.
 *
 * Bound: the walk's own, PCI_CAPABILITIES_MAX steps.
 *
 * run short prove: --unwind 49
 * teeth short prove: hal/pci/pci.c: & 0xfc; =>  ;
 * teeth prove: hal/pci/pci.c: if (at < 0x40) => if (at < 0x20)
 * teeth prove: hal/pci/pci.c: --*left; => ;
 * teeth prove: hal/pci/pci.c: if (n > 5 || => if (
 * teeth prove: hal/pci/pci.c: | (low & ~15u); => | low;
 */
#include "pci/pci.c"

uint32_t nondet_unsigned(void);
_Bool nondet_bool(void);

#define ECAM    0x30000000u
#define ADDRESS 0x1234u

/* A register of the function at ADDRESS, whole. */
static uint32_t load(uintptr_t at, unsigned width)
{
	uintptr_t offset = at - ECAM - ((uintptr_t)ADDRESS << 12);

	__CPROVER_assert(offset < 256, "one of its own first 256 bytes");
	__CPROVER_assert(offset % width == 0, "no part of two registers");
	return nondet_unsigned();
}

uint8_t mmio_read8(uintptr_t at)
{
	return (uint8_t)load(at, 1);
}

uint16_t mmio_read16(uintptr_t at)
{
	return (uint16_t)load(at, 2);
}

uint32_t mmio_read32(uintptr_t at)
{
	return load(at, 4);
}

void mmio_write8(uintptr_t at, uint8_t value)
{
	__CPROVER_assert(0, "nothing is written");
}

void mmio_write16(uintptr_t at, uint16_t value)
{
	__CPROVER_assert(0, "nothing is written");
}

void mmio_write32(uintptr_t at, uint32_t value)
{
	__CPROVER_assert(0, "nothing is written");
}

void prove(void)
{
	const struct pci_host host = {.ecam = ECAM, .last = 255};
	const struct pci_function f = {.host = &host, .address = ADDRESS};
	unsigned left = nondet_unsigned(), before, at = 0;
	uint64_t bar;

	__CPROVER_assume(left <= PCI_CAPABILITIES_MAX);
	if (nondet_bool()) { /* behind one that was found */
		at = nondet_unsigned();
		__CPROVER_assume(at >= 0x40 && at <= 0xfc && at % 4 == 0);
	}
	before = left;
	at = pci_capability(&f, (uint8_t)nondet_unsigned(), at, &left);
	__CPROVER_assert(at == 0 || (at >= 0x40 && at <= 0xfc && at % 4 == 0), "a place of one");
	__CPROVER_assert(at == 0 ? left <= before : left < before, "so the whole walk ends");
	bar = pci_bar(&f, nondet_unsigned());
	__CPROVER_assert(bar % 16 == 0, "an address");
}
