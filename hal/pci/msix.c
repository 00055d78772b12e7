/* SPDX-License-Identifier: MIT */
/* msix.c - see msix.h. */
#include "msix.h"
#include "mmio.h"

/* 6.8.2, Figure 6-12: offsets within the capability. */
enum capability {
	MESSAGE_CONTROL = 2, /* RW 16 */
	TABLE = 4,           /* R  32 which BAR in bits 2..0, and the offset there */
	CAPABILITY_SIZE = 12,
};

#define CONTROL_ENABLE (1u << 15)
#define CONTROL_MASK   (1u << 14)
#define TABLE_BAR      7u

/* Figure 6-11: an entry. */
enum entry {
	ADDRESS = 0,         /* RW 32 */
	UPPER_ADDRESS = 4,   /* RW 32 */
	DATA = 8,            /* RW 32 */
	VECTOR_CONTROL = 12, /* RW 32 bit 0: masked */
	ENTRY_SIZE = 16,
};

bool pci_msix_find(const struct pci_function *f,
                   uintptr_t (*reach)(uint64_t address, uint64_t size), struct pci_msix *msix)
{
	unsigned left = PCI_CAPABILITIES_MAX;
	unsigned at = pci_capability(f, PCI_CAPABILITY_MSIX, 0, &left);
	uint64_t base, size;
	uint32_t table;

	*msix = (struct pci_msix){0};
	if (at == 0 || at > 256 - CAPABILITY_SIZE)
		return false;
	table = pci_read(f, at + TABLE, 4);
	size = pci_bar_size(f, table & TABLE_BAR);
	base = pci_decode(f, table & TABLE_BAR);
	table &= ~TABLE_BAR;
	if (base == 0 || size < ENTRY_SIZE || table > size - ENTRY_SIZE || base > UINT64_MAX - size)
		return false;
	msix->entry = reach(base + table, ENTRY_SIZE);
	msix->capability = (uint8_t)at;
	return msix->entry != 0;
}

static bool sends(const struct pci_msix *msix, const struct pci_message *message)
{
	return mmio_read32(msix->entry + ADDRESS) == (uint32_t)message->address &&
	       mmio_read32(msix->entry + UPPER_ADDRESS) == (uint32_t)(message->address >> 32) &&
	       mmio_read32(msix->entry + DATA) == message->data &&
	       mmio_read32(msix->entry + VECTOR_CONTROL) == 0;
}

void pci_msix_send(const struct pci_function *f, const struct pci_msix *msix,
                   const struct pci_message *message)
{
	uint32_t control = pci_read(f, msix->capability + MESSAGE_CONTROL, 2);

	if ((control & (CONTROL_ENABLE | CONTROL_MASK)) == CONTROL_ENABLE && sends(msix, message))
		return;
	/* An entry does not change while it may be sent. */
	pci_write(f, msix->capability + MESSAGE_CONTROL, 2,
	          control | CONTROL_ENABLE | CONTROL_MASK);
	mmio_write32(msix->entry + ADDRESS, (uint32_t)message->address);
	mmio_write32(msix->entry + UPPER_ADDRESS, (uint32_t)(message->address >> 32));
	mmio_write32(msix->entry + DATA, message->data);
	mmio_write32(msix->entry + VECTOR_CONTROL, 0);
	pci_write(f, msix->capability + MESSAGE_CONTROL, 2,
	          (control | CONTROL_ENABLE) & ~CONTROL_MASK);
}
