/* SPDX-License-Identifier: MIT */
/*
 * fdt_machine.c - finds a machine's devices in its device tree.
 *
 * Devicetree Specification 0.4; bindings as in Linux, Documentation/devicetree/bindings. The tree
 * is walked once; devices are started after the walk, in an order that does not depend on theirs.
 */
#include "machine.h"
#include "arch.h"
#include "fdt.h"

#include <string.h>

/* No device tree of a virtual machine is larger; QEMU's on Arm says 1 MiB. */
#define FDT_SIZE_MAX (2u << 20)

extern char __data_start[], __image_end[]; /* linker/sections.ld */

/* "/chosen": the command line, and which UART is for people. */
static void read_chosen(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	const char *cmdline = fdt_string(fdt, node, "bootargs");

	if (cmdline)
		m->board.cmdline = cmdline;
	m->stdout_path = fdt_string(fdt, node, "stdout-path");
}

static void read_memory(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	uint64_t base, size;

	for (uint32_t i = 0; fdt_reg(fdt, node, i, &base, &size); i++) {
		if (m->board.ram_size == 0 || base < m->board.ram_base)
			m->board.ram_base = base;
		m->board.ram_size += size;
		if ((uintptr_t)__data_start >= base && (uintptr_t)__image_end - 1 - base < size)
			m->image_ram_end = base + size;
	}
}

static void read_cpu(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	uint64_t hart, size;

	m->board.n_cpus++;
	m->in_boot_cpu = false;
	if (!fdt_reg(fdt, node, 0, &hart, &size))
		return;
	m->in_boot_cpu = hart == arch_boot.hart;
	if (hart < 64)
		m->cpus |= 1ull << hart;
}

/* Nodes that are known by name or type, on every machine. */
static void read_common(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	const char *type = fdt_string(fdt, node, "device_type");

	if (node->depth == 1 && strcmp(node->name, "chosen") == 0)
		read_chosen(m, fdt, node);
	else if (node->depth == 1 && strcmp(node->name, "cpus") == 0)
		fdt_cell(fdt, node, "timebase-frequency", 0, &m->timebase);
	else if (type && strcmp(type, "memory") == 0)
		read_memory(m, fdt, node);
	else if (type && strcmp(type, "cpu") == 0)
		read_cpu(m, fdt, node);
}

static void read_node(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	const uint8_t *compatible;
	uint32_t len;

	read_common(m, fdt, node);
	compatible = fdt_prop(fdt, node, "compatible", &len);
	if (!compatible)
		return;
	for (const struct machine_driver *driver = machine_board.drivers; driver->compatible;
	     driver++) {
		if (fdt_lists(compatible, len, driver->compatible)) {
			if (fdt_enabled(fdt, node))
				driver->found(m, fdt, node);
			return;
		}
	}
}

/* True if the path's last part, without options, is the node's name. */
static bool path_ends(const char *path, const char *name)
{
	const char *last = strrchr(path, '/');
	size_t len = strlen(name);

	return last && strncmp(last + 1, name, len) == 0 &&
	       (last[1 + len] == '\0' || last[1 + len] == ':');
}

/* The UART for people, before all else, so that what is wrong can be said. */
static void start_uarts(struct machine *m)
{
	for (unsigned i = 0; i < m->n_uarts; i++) {
		const struct machine_uart *found = &m->uart[i];

		found->init(&m->uart_device[i], found->base, found->stride);
		if (!m->log || (m->stdout_path && path_ends(m->stdout_path, found->name)))
			m->log = &m->uart_device[i];
	}
}

/*
 * What is left of the memory that the image lies in: up to its end, to the device tree, or to the
 * end of the 1 GiB that arch/ maps as memory.
 */
static void find_spare(struct machine *m, uintptr_t fdt)
{
	uintptr_t start = ((uintptr_t)__image_end + 4095) & ~(uintptr_t)4095;
	uintptr_t end = (start | ((1u << 30) - 1)) + 1;

	if (m->image_ram_end < end || end == 0)
		end = (uintptr_t)m->image_ram_end;
	if (fdt >= start && fdt < end)
		end = fdt & ~(uintptr_t)4095;
	if (start < end) {
		m->board.spare = (void *)start;
		m->board.spare_size = end - start;
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
	struct fdt_walk walk;
	struct fdt_node node;
	struct fdt fdt;

	if (!blob || fdt_open(&fdt, blob, FDT_SIZE_MAX)) {
		m->uart[m->n_uarts++] = machine_board.uart;
		start_uarts(m);
		return fail("bareqga: there is no device tree where the machine said");
	}
	fdt_start(&walk, &fdt);
	while (fdt_next(&walk, &fdt, &node))
		read_node(m, &fdt, &node);
	if (!m->n_uarts && walk.damaged)
		m->uart[m->n_uarts++] = machine_board.uart;
	start_uarts(m);
	if (walk.damaged)
		machine_log("bareqga: the device tree is damaged; going on with what was found");
	if (m->board.ram_size && !m->image_ram_end)
		return fail("bareqga: the machine has too little memory for this image");
	find_spare(m, (uintptr_t)blob);
	missing = machine_board.start(m);
	return missing ? fail(missing) : 0;
}
