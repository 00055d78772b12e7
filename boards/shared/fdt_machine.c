/* SPDX-License-Identifier: MIT */
/*
 * fdt_machine.c - finds a machine's devices in its device tree.
 *
 * Devicetree Specification 0.4; bindings as in Linux, Documentation/devicetree/bindings. The tree
 * is walked once; devices are started after the walk, in an order that does not depend on theirs.
 */
#include "machine.h"
#include "arch.h"

/* No device tree of a virtual machine is larger; QEMU's on Arm says 1 MiB. */
#define FDT_SIZE_MAX (2u << 20)

extern char __data_start[], __image_end[]; /* linker/sections.ld */

void found_chosen(struct machine *m, const struct fdt_node *node,
                  const struct machine_device *device)
{
	(void)device;
	m->board.cmdline = fdt_string(node, FDT_BOOTARGS);
	m->stdout_path = node->prop[FDT_STDOUT_PATH];
}

void found_cpus(struct machine *m, const struct fdt_node *node, const struct machine_device *device)
{
	(void)device;
	m->timebase = node->prop[FDT_TIMEBASE_FREQUENCY].cell;
}

void found_cpu(struct machine *m, const struct fdt_node *node, const struct machine_device *device)
{
	uintptr_t hart = device->base;

	if (node->prop[FDT_REG].len && hart == arch_boot.hart)
		m->board.cpu = m->board.n_cpus;
	m->board.n_cpus++;
	m->cpu_number = hart;
	if (hart < 64)
		m->cpus |= (uint64_t)1 << hart;
}

void found_memory(struct machine *m, const struct fdt_node *node,
                  const struct machine_device *device)
{
	uint64_t base, size;

	(void)device;
	if (!fdt_enabled(node)) /* as memory of the secure world is for all others */
		return;
	for (uint32_t i = 0; fdt_reg(node, i, &base, &size); i++) {
		board_add_ram(&m->board, base, size);
		if ((uintptr_t)__data_start >= base && (uintptr_t)__image_end - 1 - base < size)
			m->image_ram_end = base + size;
	}
}

/*
 * What is left of the memory that the image lies in: up to its end, to the device tree, or to the
 * end of the 1 GiB that arch/ maps as memory.
 */
static void find_spare(struct machine *m, uintptr_t fdt)
{
	uintptr_t start = ((uintptr_t)__image_end + 4095) & ~(uintptr_t)4095;
	uint64_t end = ((uint64_t)start | ((1u << 30) - 1)) + 1;

	if (m->image_ram_end < end)
		end = m->image_ram_end;
	if (fdt >= start && fdt < end)
		end = fdt & ~(uintptr_t)4095;
	if (start < end) {
		m->board.spare = (void *)start;
		m->board.spare_size = (size_t)(end - start);
	}
}

static int fail(const char *text)
{
	machine_log(text);
	return -1;
}

int machine_discover(struct machine *m)
{
	const void *blob = (const void *)(arch_boot.fdt ? arch_boot.fdt : machine_board.fdt);
	const char *missing;
	struct fdt fdt;
	bool whole;

	if (!blob || fdt_open(&fdt, blob, FDT_SIZE_MAX)) {
		m->uart[m->n_uarts++] = machine_board.uart;
		return fail("bareqga: there is no device tree where the machine said");
	}
	whole = machine_walk(m, &fdt, machine_board.drivers);
	if (arch_boot.cmdline)
		m->board.cmdline = arch_boot.cmdline;
	if (!whole && m->n_uarts == 0)
		m->uart[m->n_uarts++] = machine_board.uart;
	if (!whole)
		machine_log("bareqga: the device tree is damaged; going on with what was found");
	if (m->image_ram_end == 0 && m->board.n_ram != 0)
		return fail("bareqga: the machine has too little memory for this image");
	find_spare(m, (uintptr_t)blob);
	missing = machine_board.start(m);
	return missing ? fail(missing) : 0;
}

bool machine_sign(void)
{
	return false;
}

bool machine_take_sign(void)
{
	return false;
}
