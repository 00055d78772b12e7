/* SPDX-License-Identifier: MIT */
/*
 * pc_signs.c - what tells on a PC that it was stopped, restored from a snapshot, or cloned: bytes that the host
 * writes before it lets us go on, so there is nothing to do but to look.
 *
 *     KVM's clock      a bit that says that time stood still: clock.h               Firecracker, QEMU
 *     vmgenid          an identity that changes: QEMU, docs/specs/vmgenid.rst       Firecracker, QEMU
 *     vmclock          a number that changes: QEMU, docs/specs/vmclock.rst          Firecracker, QEMU from 10.1
 *
 * Where they are, AML says (acpi_memory.c); of QEMU's vmgenid, firmware that gave it room has written it
 * to fw_cfg. Left out: the events that ACPI tells of, for AML says what to do about them; the time that
 * vmclock can tell, for neither host fills it in.
 */
#include "machine.h"
#include "acpi.h"
#include "arch/protect.h"
#include "pc.h"
#include "x86.h"

#include <string.h>

#define ADDRESS_ITEM "etc/vmgenid_addr"

/* The beginning of struct vmclock_abi (Linux, include/uapi/linux/vmclock-abi.h). */
struct vmclock {
	uint32_t magic;
	uint32_t size;
	uint16_t version;
	uint8_t counter_id;
	uint8_t time_type;
	uint32_t seq_count;
	uint64_t disruption_marker;
};

_Static_assert(offsetof(struct vmclock, disruption_marker) == 16, "vmclock-abi.h");

#define VMCLOCK_MAGIC 0x4b4c4356u /* "VCLK" */

static struct {
	bool known; /* where they are */
	const volatile uint64_t *identity;
	const volatile struct vmclock *clock;
	uint64_t last_identity[2], last_marker;
} seen;

static uintptr_t find_identity(const struct acpi *acpi)
{
	uint64_t address;

	if (board_item_read(ADDRESS_ITEM, 0, &address, sizeof address) != sizeof address)
		return acpi_vmgenid(acpi);
	/* The first page is nobody's. */
	return address >= ARCH_NULL_SIZE && address <= UINT32_MAX - sizeof seen.last_identity
	               ? (uintptr_t)address
	               : 0;
}

static void find(void)
{
	const struct acpi *acpi = pc_acpi();
	uintptr_t identity = find_identity(acpi), clock = acpi_vmclock(acpi);

	seen.known = true;
	if (identity % sizeof(uint64_t) == 0)
		seen.identity = (const volatile uint64_t *)identity;
	if (clock % sizeof(uint64_t) == 0)
		seen.clock = (const volatile struct vmclock *)clock;
	if (seen.clock && seen.clock->magic != VMCLOCK_MAGIC)
		seen.clock = NULL;
}

bool machine_sign(void)
{
	if (!seen.known)
		return false;
	return clock_was_stopped(&x86_clock) ||
	       (seen.identity && (seen.identity[0] != seen.last_identity[0] ||
	                          seen.identity[1] != seen.last_identity[1])) ||
	       (seen.clock && seen.clock->disruption_marker != seen.last_marker);
}

bool machine_take_sign(void)
{
	bool sign = machine_sign();

	if (!seen.known)
		find();
	clock_goes_on(&x86_clock);
	for (unsigned i = 0; seen.identity && i < 2; i++)
		seen.last_identity[i] = seen.identity[i];
	if (seen.clock)
		seen.last_marker = seen.clock->disruption_marker;
	return sign;
}
