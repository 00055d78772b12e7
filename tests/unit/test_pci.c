/* SPDX-License-Identifier: MIT */
/*
 * test_pci.c - the walk over buses, and the virtio-pci transport, against a configuration space that
 * is a tree of functions: bridges pass on what their secondary bus number says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pci/pci.h"
#include "pci_access.h"
#include "virtio/virtio_pci.h"

#define ECAM      0x40000000u
#define BAR4      0xfe000000u
#define FUNCTIONS 300
#define ROOT      (-1)
#define VIRTIO    0x10431af4u /* a modern console */

struct function {
	int behind; /* the bridge, or ROOT */
	uint8_t at; /* slot and function */
	uint8_t config[256];
};

static struct function functions[FUNCTIONS];
static int n_functions;
static bool gone;            /* all functions, as when the host takes them out */
static uint8_t bar4[0x4000]; /* the device's registers */
static unsigned read_only;   /* one of them, of 16 bits */

/* --- The fake --- */

static struct function *function_at(unsigned bus, unsigned at)
{
	for (int i = 0; i < n_functions && !gone; i++) {
		struct function *f = &functions[i];

		if (f->at != at)
			continue;
		if (f->behind == ROOT ? bus == 0
		                      : bus != 0 && functions[f->behind].config[0x19] == bus)
			return f;
	}
	return NULL;
}

static void put(uint8_t *at, uint32_t value, unsigned width)
{
	memcpy(at, &value, width);
}

/* The window's data: what of the device's registers it shows; NULL: it shows none. */
static uint8_t *shown(struct function *f, unsigned reg, unsigned width)
{
	unsigned window = f->config[0xff]; /* the test's note of where it is */
	uint32_t offset, length;

	if (window == 0 || reg != window + 16)
		return NULL;
	memcpy(&offset, f->config + window + 8, 4);
	memcpy(&length, f->config + window + 12, 4);
	assert_int_equal(length, width);
	assert_int_equal(f->config[window + 4], 4);
	assert_true(offset % width == 0 && offset + width <= sizeof bar4);
	return bar4 + offset;
}

static uint32_t config_read(unsigned bus, unsigned at, unsigned reg, unsigned width)
{
	struct function *f = function_at(bus, at);
	uint32_t value = 0;

	assert_true(reg + width <= 256);
	if (!f)
		return UINT32_MAX >> (32 - 8 * width);
	memcpy(&value, shown(f, reg, width) ? shown(f, reg, width) : f->config + reg, width);
	return value;
}

static void config_write(unsigned bus, unsigned at, unsigned reg, unsigned width, uint32_t value)
{
	struct function *f = function_at(bus, at);

	assert_true(reg + width <= 256);
	/* What a BAR is cannot be written. */
	if (f && f->config[PCI_HEADER_TYPE] == 0 && reg >= PCI_BAR && reg < PCI_BAR + 24)
		value = (value & ~15u) | (f->config[reg] & 15);
	if (f && shown(f, reg, width) != bar4 + read_only)
		put(shown(f, reg, width) ? shown(f, reg, width) : f->config + reg, value, width);
}

static void astray(void)
{
	fail();
}

static uint32_t bar_read(void *context, unsigned offset, unsigned width)
{
	uint32_t value = 0;

	(void)context;
	memcpy(&value, bar4 + offset, width);
	return value;
}

static void bar_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	put(bar4 + offset, value, width);
}

static struct pci_access ways = {.read = config_read, .write = config_write, .astray = astray};
static const struct registers bar_device = {BAR4, sizeof bar4, bar_read, bar_write, NULL};
static const struct pci_host ecam = {.ecam = ECAM, .first = 0, .last = 255};
static const struct pci_host ports = {.first = 0, .last = 255};

static int set_up(void **state)
{
	(void)state;
	memset(functions, 0, sizeof functions);
	memset(bar4, 0, sizeof bar4);
	n_functions = 0;
	gone = false;
	read_only = sizeof bar4;
	registers_detach_all();
	pci_access_start(&ways, ECAM, 0xcf8);
	registers_attach(&bar_device);
	return 0;
}

static int add(int behind, unsigned slot, unsigned function, uint32_t id, uint8_t type)
{
	struct function *f = &functions[n_functions];

	assert_true(n_functions < FUNCTIONS);
	f->behind = behind;
	f->at = (uint8_t)(slot << 3 | function);
	put(f->config, id, 4);
	f->config[PCI_HEADER_TYPE] = type;
	f->config[PCI_INTERRUPT_PIN] = 1;
	return n_functions++;
}

static int add_bridge(int behind, unsigned slot, unsigned secondary)
{
	int i = add(behind, slot, 0, 0x000c1b36, PCI_HEADER_BRIDGE);

	functions[i].config[PCI_SECONDARY_BUS] = (uint8_t)secondary;
	return i;
}

/* --- The walk --- */

static struct pci_function found[FUNCTIONS];
static unsigned n_found;

static void note(void *context, const struct pci_function *function)
{
	assert_null(context);
	found[n_found++] = *function;
}

static void scan(const struct pci_host *host)
{
	n_found = 0;
	pci_scan(host, note, NULL);
}

static void test_functions_of_a_slot(void **state)
{
	(void)state;
	add(ROOT, 0, 0, 0x00081b36, 0);
	add(ROOT, 0, 3, 0x11111111, 0); /* is not there: its slot has one function */
	add(ROOT, 5, 0, 0x22222222, PCI_HEADER_MANY);
	add(ROOT, 5, 7, 0x33333333, 0);
	add(ROOT, 31, 0, VIRTIO, 0);
	add(ROOT, 9, 1, 0x44444444, 0); /* there is no function 0 */
	for (unsigned i = 0; i < 2; i++) {
		scan(i == 0 ? &ecam : &ports);
		assert_int_equal(n_found, 4);
		assert_int_equal(found[1].address, 5 << 3);
		assert_int_equal(found[2].address, 5 << 3 | 7);
		assert_int_equal(found[3].address, 31 << 3);
		assert_int_equal(found[3].vendor, 0x1af4);
		assert_int_equal(found[3].device, 0x1043);
	}
}

/* Nobody has numbered them: depth first, and each ends where its last one does. */
static void test_bridges_without_numbers(void **state)
{
	int a, b, c;

	(void)state;
	a = add_bridge(ROOT, 1, 0);
	b = add_bridge(a, 0, 0);
	c = add_bridge(ROOT, 2, 0);
	add(b, 3, 0, VIRTIO, 0);
	add(c, 0, 0, VIRTIO, 0);
	for (unsigned i = 0; i < 2; i++) { /* the second time they have numbers */
		scan(&ecam);
		assert_int_equal(n_found, 2);
		assert_int_equal(found[0].address, 2 << 8 | 3 << 3);
		assert_int_equal(found[1].address, 3 << 8);
		assert_int_equal(functions[a].config[PCI_SECONDARY_BUS], 1);
		assert_int_equal(functions[a].config[PCI_SUBORDINATE], 2);
		assert_int_equal(functions[b].config[PCI_PRIMARY_BUS], 1);
		assert_int_equal(functions[b].config[PCI_SUBORDINATE], 2);
		assert_int_equal(functions[c].config[PCI_SUBORDINATE], 3);
		assert_int_equal(functions[c].config[PCI_COMMAND], 6);
	}
}

/* Firmware has, and what it wrote stays. */
static void test_bridges_with_numbers(void **state)
{
	int a, b;

	(void)state;
	a = add_bridge(ROOT, 1, 7);
	functions[a].config[PCI_SUBORDINATE] = 9;
	b = add_bridge(ROOT, 2, 0); /* forgotten; what is free is not known */
	add(a, 0, 0, VIRTIO, 0);
	add(b, 0, 0, VIRTIO, 0);
	scan(&ports);
	assert_int_equal(n_found, 1);
	assert_int_equal(found[0].address, 7 << 8);
	assert_int_equal(functions[a].config[PCI_SUBORDINATE], 9);
	assert_int_equal(functions[b].config[PCI_SECONDARY_BUS], 0);
}

/* A bridge to a bus that was seen, to one above, or to the one that it is on. */
static void test_bridges_that_loop(void **state)
{
	int a;

	(void)state;
	a = add_bridge(ROOT, 1, 5);
	add_bridge(ROOT, 2, 5);
	add_bridge(a, 0, 5);
	add_bridge(a, 1, 3);
	add(a, 2, 0, VIRTIO, 0);
	scan(&ecam);
	assert_int_equal(n_found, 1);
}

static void test_eight_levels(void **state)
{
	int bridge = ROOT;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		bridge = add_bridge(bridge, 0, 0);
		add(bridge, 1, 0, VIRTIO, 0);
	}
	scan(&ecam);
	assert_int_equal(n_found, 7); /* the root bus is a level */
	assert_int_equal(functions[0].config[PCI_SUBORDINATE], 7);
}

/* More bridges than there are numbers: 255 of them get one. */
static void test_all_buses(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 32 * 8; i++) {
		int bridge =
			add(ROOT, i / 8, i % 8, 0x000c1b36, PCI_HEADER_BRIDGE | PCI_HEADER_MANY);

		assert_int_equal(bridge, i);
	}
	add(254, 0, 0, VIRTIO, 0);
	add(255, 0, 0, VIRTIO, 0);
	scan(&ecam);
	assert_int_equal(functions[254].config[PCI_SECONDARY_BUS], 255);
	assert_int_equal(functions[255].config[PCI_SECONDARY_BUS], 0);
	assert_int_equal(n_found, 1);
}

static void test_few_buses(void **state)
{
	const struct pci_host few = {.ecam = ECAM, .first = 0, .last = 1};

	(void)state;
	add(add_bridge(ROOT, 1, 0), 0, 0, VIRTIO, 0);
	add(add_bridge(ROOT, 2, 0), 0, 0, VIRTIO, 0);
	scan(&few);
	assert_int_equal(n_found, 1);
}

/* Bridge 1.2, 9.1: INTA# of slot 3 is INTD# of the bridge, whose own slot is 2. */
static void test_pins(void **state)
{
	int a, b, f;

	(void)state;
	a = add_bridge(ROOT, 2, 0);
	b = add_bridge(a, 5, 0);
	f = add(b, 3, 0, VIRTIO, 0);
	scan(&ecam);
	assert_int_equal(found[0].slot, 2);
	assert_int_equal(found[0].pin, (0 + 3 + 5) & 3);
	assert_true(found[0].has_pin);
	functions[f].config[PCI_INTERRUPT_PIN] = 0;
	scan(&ecam);
	assert_false(found[0].has_pin);
}

static void test_capabilities(void **state)
{
	unsigned left = PCI_CAPABILITIES_MAX;
	int i = add(ROOT, 0, 0, VIRTIO, 0);
	uint8_t *config = functions[i].config;

	(void)state;
	scan(&ecam);
	config[PCI_CAPABILITIES] = 0x40;
	put(config + 0x40, 0x5001, 2);
	put(config + 0x50, 0x4009, 2);                               /* and round again */
	assert_int_equal(pci_capability(&found[0], 9, 0, &left), 0); /* it says that it has none */
	config[PCI_STATUS] = PCI_STATUS_CAPABILITIES;
	assert_int_equal(pci_capability(&found[0], 9, 0, &left), 0x50);
	assert_int_equal(pci_capability(&found[0], 5, 0x50, &left), 0);
	assert_int_equal(left, 0);
}

static void test_bars(void **state)
{
	int i = add(ROOT, 0, 0, VIRTIO, 0);
	uint8_t *config = functions[i].config;

	(void)state;
	scan(&ecam);
	put(config + PCI_BAR + 16, 0xfe00000c, 4);
	put(config + PCI_BAR + 20, 1, 4);
	put(config + PCI_BAR, 0xc001, 4);
	assert_int_equal(pci_bar(&found[0], 4), 0); /* does not decode */
	config[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	assert_true(pci_bar(&found[0], 4) == 0x1fe000000);
	assert_int_equal(pci_bar(&found[0], 0), 0);
	assert_int_equal(pci_bar(&found[0], 1), 0);
	assert_int_equal(pci_bar(&found[0], 6), 0);
	pci_enable(&found[0]);
	assert_int_equal(config[PCI_COMMAND], PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	gone = true;
	assert_int_equal(pci_bar(&found[0], 4), 0);
}

/* A register of each width, by either way. */
static void test_widths(void **state)
{
	uint8_t *config = functions[add(ROOT, 3, 0, VIRTIO, 0)].config;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		scan(i == 0 ? &ecam : &ports);
		for (unsigned width = 1; width <= 4; width *= 2) {
			memset(config + 0x80, 0, 12);
			pci_write(&found[0], 0x84, width, 0x11223344u >> (32 - 8 * width));
			assert_int_equal(pci_read(&found[0], 0x84, width),
			                 0x11223344u >> (32 - 8 * width));
			assert_memory_equal(config + 0x80, "\0\0\0\0", 4);
			assert_memory_equal(config + 0x84 + width, "\0\0\0\0", 4);
		}
	}
}

/* The last BAR cannot be of 64 bits, whatever it says: nothing of a register behind it is read. */
static void test_last_bar(void **state)
{
	uint8_t *config = functions[add(ROOT, 0, 0, VIRTIO, 0)].config;

	(void)state;
	scan(&ecam);
	config[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	put(config + PCI_BAR + 20, 0xfe000004, 4);
	put(config + PCI_BAR + 24, 0x12345678, 4);
	assert_true(pci_bar(&found[0], 5) == 0xfe000000);
	assert_int_equal(pci_bar_size(&found[0], 5), 16);
	assert_memory_equal(config + PCI_BAR + 24, "\x78\x56\x34\x12", 4);
	assert_int_equal(pci_bar_size(&found[0], 6), 0);
}

/* A BAR that nobody has set: bridges that lead to it pass it on, others stay as they are. */
static void test_placed(void **state)
{
	int closed, set, other, behind, device;

	(void)state;
	other = add_bridge(ROOT, 0, 0); /* its buses end before */
	closed = add_bridge(ROOT, 1, 0);
	put(functions[closed].config + PCI_MEMORY_WINDOW, 0x0000fff0, 4);
	set = add_bridge(closed, 0, 0);
	put(functions[set].config + PCI_MEMORY_WINDOW, 0x41004000, 4);
	behind = add_bridge(ROOT, 2, 0); /* and this one's begin behind it */
	device = add(set, 3, 0, 0x00111b36, 0);
	scan(&ecam);
	assert_int_equal(n_found, 1);
	pci_place(&found[0], 0, 0x40100000);
	assert_int_equal(pci_read(&found[0], PCI_BAR, 4), 0x40100000);
	assert_int_equal(functions[device].config[PCI_COMMAND], PCI_COMMAND_MEMORY);
	assert_true(pci_bar(&found[0], 0) == 0x40100000);
	assert_memory_equal(functions[closed].config + PCI_MEMORY_WINDOW, "\x10\x40\x10\x40", 4);
	assert_memory_equal(functions[set].config + PCI_MEMORY_WINDOW, "\x00\x40\x00\x41", 4);
	assert_memory_equal(functions[other].config + PCI_MEMORY_WINDOW, "\0\0\0\0", 4);
	assert_memory_equal(functions[behind].config + PCI_MEMORY_WINDOW, "\0\0\0\0", 4);
	/* A window that is all zero is what a reset leaves. */
	put(functions[closed].config + PCI_MEMORY_WINDOW, 0, 4);
	pci_place(&found[0], 0, 0x40200000);
	assert_memory_equal(functions[closed].config + PCI_MEMORY_WINDOW, "\x20\x40\x20\x40", 4);
}

/* --- The transport --- */

static struct qga_virtio_pci pci;
static struct qga_virtio_device device;
static uintptr_t mapped; /* BAR 4 */
static uint8_t *config;

static uint32_t access_read(void *context, unsigned offset, unsigned width)
{
	return pci_read(context, offset, width);
}

static void access_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	pci_write(context, offset, width, value);
}

static uintptr_t access_bar(void *context, unsigned n)
{
	(void)context;
	return n == 4 ? mapped : 0;
}

static int vector, asked_for_vector;

static int access_vector(void *context)
{
	(void)context;
	asked_for_vector++;
	return vector;
}

static const struct qga_pci_access how = {access_read, access_write, access_bar, access_vector};

static void capability(unsigned at, unsigned next, unsigned type, uint32_t offset, uint32_t length)
{
	put(config + at, 9 | next << 8 | 16u << 16 | type << 24, 4);
	config[at + 4] = 4;
	put(config + at + 8, offset, 4);
	put(config + at + 12, length, 4);
}

/* As QEMU has it. */
static int set_up_device(void **state)
{
	set_up(state);
	config = functions[add(ROOT, 0, 0, VIRTIO, 0)].config;
	config[PCI_STATUS] = PCI_STATUS_CAPABILITIES;
	config[PCI_CAPABILITIES] = 0x84;
	capability(0x84, 0x70, VIRTIO_PCI_CAP_PCI_CFG, 0, 0);
	capability(0x70, 0x60, VIRTIO_PCI_CAP_NOTIFY_CFG, 0x3000, 0x1000);
	put(config + 0x80, 4, 4);
	capability(0x60, 0x50, VIRTIO_PCI_CAP_DEVICE_CFG, 0x2000, 0x1000);
	capability(0x50, 0x40, VIRTIO_PCI_CAP_ISR_CFG, 0x1000, 0x1000);
	capability(0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 0, 0x1000);
	config[0xff] = 0x84;
	mapped = 0;
	vector = -1;
	asked_for_vector = 0;
	scan(&ecam);
	pci = (struct qga_virtio_pci){.access = &how, .context = &found[0]};
	device = (struct qga_virtio_device){.bus = &qga_virtio_pci, .context = &pci};
	return 0;
}

static int probe(void)
{
	return qga_virtio_pci.probe(&device);
}

static void use_queue(void)
{
	struct qga_virtio_queue queue = {.index = 4, .size = 8, .desc = 0x123456789000};

	put(bar4 + VIRTIO_PCI_NUM_QUEUES, 64, 2);
	put(bar4 + VIRTIO_PCI_QUEUE_SIZE, 128, 2);
	put(bar4 + VIRTIO_PCI_QUEUE_NOTIFY_OFF, 4, 2);
	assert_int_equal(probe(), 0);
	assert_int_equal(device.id, 3);
	assert_int_equal(qga_virtio_pci.queue_max(&device, 64), 0);
	assert_int_equal(qga_virtio_pci.queue_max(&device, 4), 128);
	assert_int_equal(qga_virtio_pci.queue(&device, &queue), 0);
	assert_int_equal(bar4[VIRTIO_PCI_QUEUE_SIZE], 8);
	assert_int_equal(bar4[VIRTIO_PCI_QUEUE_ENABLE], 1);
	assert_memory_equal(bar4 + VIRTIO_PCI_QUEUE_DESC, "\0\x90\x78\x56\x34\x12\0", 8);
	qga_virtio_pci.notify(&device, &queue);
	assert_int_equal(bar4[0x3010], 4);
	qga_virtio_pci.set_status(&device, 11);
	assert_int_equal(bar4[VIRTIO_PCI_DEVICE_STATUS], 11);
	put(bar4 + 0x2004, 31, 4);
	assert_int_equal(qga_virtio_pci.config(&device, 4, 4), 31);
	assert_int_equal(qga_virtio_pci.config(&device, 0xffe, 4), 0);
	bar4[VIRTIO_PCI_DEVICE_STATUS] = 7;
	assert_int_equal(qga_virtio_pci.status(&device), 7);
}

static void test_window(void **state)
{
	struct qga_virtio_queue queue = {.index = 4, .notify = 16};

	(void)state;
	use_queue();
	qga_virtio_pci.notify(&device, &queue);
	registers_clear();
	qga_virtio_pci.notify(&device, &queue);
	assert_int_equal(registers_count, 1); /* it is aimed there already */
}

/* A device that is found again is aimed at again, for others have used its window meanwhile. */
static void test_window_of_others(void **state)
{
	(void)state;
	use_queue();
	config[0x84 + 4] = 0;
	put(config + 0x84 + 12, 0, 4);
	bar4[VIRTIO_PCI_QUEUE_ENABLE] = 0;
	use_queue();
}

/* Which of several of a kind a capability is stands behind its BAR, and is not a part of that. */
static void test_capability_has_an_id(void **state)
{
	(void)state;
	for (unsigned at = 0x40; at <= 0x60; at += 0x10)
		config[at + 5] = 0xa5;
	config[0x70 + 5] = 0xa5;
	use_queue();
}

static void test_mapped(void **state)
{
	(void)state;
	mapped = BAR4;
	capability(0x84, 0x70, 99, 0, 0); /* no window */
	config[0xff] = 0;
	use_queue();
}

/* By its line: then vectors are left alone, and reading the status lets the line fall. */
static void test_line(void **state)
{
	(void)state;
	put(bar4 + VIRTIO_PCI_CONFIG_MSIX_VECTOR, 0xffff, 2);
	put(bar4 + VIRTIO_PCI_QUEUE_MSIX_VECTOR, 0xffff, 2);
	use_queue();
	assert_int_equal(asked_for_vector, 1);
	assert_memory_equal(bar4 + VIRTIO_PCI_CONFIG_MSIX_VECTOR, "\xff\xff", 2);
	assert_memory_equal(bar4 + VIRTIO_PCI_QUEUE_MSIX_VECTOR, "\xff\xff", 2);
	registers_clear();
	qga_virtio_pci.acknowledge(&device);
	assert_int_not_equal(registers_count, 0);
}

static void test_messages(void **state)
{
	(void)state;
	mapped = BAR4;
	put(bar4 + VIRTIO_PCI_CONFIG_MSIX_VECTOR, 0xffff, 2);
	put(bar4 + VIRTIO_PCI_QUEUE_MSIX_VECTOR, 0xffff, 2);
	vector = 0;
	use_queue();
	assert_int_equal(asked_for_vector, 1); /* of one queue */
	assert_memory_equal(bar4 + VIRTIO_PCI_CONFIG_MSIX_VECTOR, "\0", 2);
	assert_memory_equal(bar4 + VIRTIO_PCI_QUEUE_MSIX_VECTOR, "\0", 2);
	registers_clear();
	qga_virtio_pci.acknowledge(&device);
	assert_int_equal(registers_count, 0);
}

/* A device that has no more vectors says so by another number; its queue must then not start. */
static void test_vector_refused(void **state)
{
	struct qga_virtio_queue queue = {.index = 4, .size = 8};

	(void)state;
	vector = 1;
	read_only = VIRTIO_PCI_CONFIG_MSIX_VECTOR;
	put(bar4 + read_only, 0xffff, 2);
	assert_int_equal(probe(), 0);
	assert_int_equal(qga_virtio_pci.queue(&device, &queue), QGA_VIRTIO_FAULT_NO_VECTOR);
	read_only = VIRTIO_PCI_QUEUE_MSIX_VECTOR;
	assert_int_equal(qga_virtio_pci.queue(&device, &queue), QGA_VIRTIO_FAULT_NO_VECTOR);
	assert_int_equal(bar4[VIRTIO_PCI_QUEUE_ENABLE], 0);
	read_only = sizeof bar4;
	assert_int_equal(qga_virtio_pci.queue(&device, &queue), 0);
}

/* kvmtool's sizes cannot be changed: then rings are as large as those. */
static void test_fixed_size(void **state)
{
	(void)state;
	put(bar4 + VIRTIO_PCI_NUM_QUEUES, 64, 2);
	put(bar4 + VIRTIO_PCI_QUEUE_SIZE, 128, 2);
	assert_int_equal(probe(), 0);
	assert_int_equal(qga_virtio_pci.queue_max(&device, 0), 128);
	assert_false(device.fixed_size);
	put(bar4 + VIRTIO_PCI_QUEUE_SIZE, 128, 2);
	read_only = VIRTIO_PCI_QUEUE_SIZE;
	assert_int_equal(qga_virtio_pci.queue_max(&device, 0), 128);
	assert_true(device.fixed_size);
	put(bar4 + VIRTIO_PCI_QUEUE_SIZE, 0, 2); /* a queue that is not there */
	assert_int_equal(qga_virtio_pci.queue_max(&device, 0), 0);
	assert_false(device.fixed_size);
}

static void test_transitional(void **state)
{
	(void)state;
	put(config, 0x10031af4, 4);
	config[PCI_SUBSYSTEM] = 3;
	assert_int_equal(probe(), 0);
	assert_int_equal(device.id, 3);
	assert_true(device.looks_often);
}

static void test_what_is_no_modern_device(void **state)
{
	(void)state;
	put(config, 0x10801af4, 4);
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_NO_DEVICE);
	put(config, 0x0fff1af4, 4);
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_NO_DEVICE);
	put(config, 0x10438086, 4);
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_NO_DEVICE);
	put(config, VIRTIO, 4);
	config[PCI_STATUS] = 0;
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	config[PCI_STATUS] = PCI_STATUS_CAPABILITIES;
	assert_int_equal(probe(), 0);
	gone = true;
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_NO_DEVICE);
}

/* A capability that lies is none. */
static void test_bad_capabilities(void **state)
{
	(void)state;
	config[0x40 + 4] = 6; /* BARs are 0 to 5 */
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	capability(0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 0, 0);
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	capability(0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 0, 0x37);
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	capability(0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 0xfffffff0, 0x1000);
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	capability(0x40, 0, VIRTIO_PCI_CAP_COMMON_CFG, 2, 0x1000);
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	capability(0x40, 0xfc, VIRTIO_PCI_CAP_COMMON_CFG, 0, 0x1000);
	config[0xfc] = 9; /* reaches beyond configuration space */
	config[0xfd] = 0x40;
	assert_int_equal(probe(), 0);
}

/* All three regions are needed, and a way to reach each; the configuration is not. */
static void test_missing_capabilities(void **state)
{
	static const unsigned needed[] = {0x40, 0x50, 0x70};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		config[needed[i] + 3] = 99;
		assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
		set_up_device(NULL);
	}
	put(config + 0x70 + 12, 1, 4); /* too short for a notification */
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	set_up_device(NULL);
	config[0x60 + 3] = 99;
	assert_int_equal(probe(), 0);
	assert_int_equal(qga_virtio_pci.config(&device, 0, 4), 0);
	set_up_device(NULL);
	config[0x84 + 3] = 99; /* no window, and nothing is mapped */
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
}

/* Others are passed over, and so are a second window, and longer ones that do not fit. */
static void test_capabilities_among_others(void **state)
{
	(void)state;
	config[0x40 + 1] = 0x94;
	put(config + 0x94, 0x0011 | 0x98 << 8, 4); /* MSI-X */
	capability(0x98, 0xf0, VIRTIO_PCI_CAP_PCI_CFG, 0, 0);
	capability(0xf0, 0, VIRTIO_PCI_CAP_PCI_CFG, 0, 0);
	assert_int_equal(probe(), 0);
	assert_int_equal(pci.window, 0x84);
	config[0x84 + 3] = 99;
	config[0x40 + 1] = 0xf0; /* now it is the only one */
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
	set_up_device(NULL);
	config[0x70 + 3] = 99;
	config[0x40 + 1] = 0xf0;
	capability(0xf0, 0, VIRTIO_PCI_CAP_NOTIFY_CFG, 0x3000, 0x1000);
	config[0xff] = 0x84; /* the length's last byte is the test's note */
	assert_int_equal(probe(), QGA_VIRTIO_FAULT_VERSION);
}

/* Who gives access to configuration space alone. */
static void test_least_access(void **state)
{
	static const struct qga_pci_access least = {.read = access_read, .write = access_write};

	(void)state;
	pci.access = &least;
	use_queue();
	assert_int_equal(asked_for_vector, 0);
}

static void test_notification_elsewhere(void **state)
{
	struct qga_virtio_queue queue = {.index = 4, .size = 8};

	(void)state;
	put(config + 0x80, 0x100000, 4);
	put(bar4 + VIRTIO_PCI_QUEUE_NOTIFY_OFF, 4, 2);
	assert_int_equal(probe(), 0);
	assert_int_equal(qga_virtio_pci.queue(&device, &queue), QGA_VIRTIO_FAULT_QUEUE_SMALL);
	put(config + 0x80, 1, 4); /* of 16 bits, at an odd place */
	put(bar4 + VIRTIO_PCI_QUEUE_NOTIFY_OFF, 3, 2);
	assert_int_equal(probe(), 0);
	assert_int_equal(qga_virtio_pci.queue(&device, &queue), QGA_VIRTIO_FAULT_QUEUE_SMALL);
	put(config + 0x80, UINT32_MAX, 4);
	put(bar4 + VIRTIO_PCI_QUEUE_NOTIFY_OFF, 0xffff, 2);
	assert_int_equal(probe(), 0);
	assert_int_equal(qga_virtio_pci.queue(&device, &queue), QGA_VIRTIO_FAULT_QUEUE_SMALL);
	assert_int_equal(bar4[VIRTIO_PCI_QUEUE_ENABLE], 0);
}

/* Taken out while it is in use: all ones are a status that asks for a reset, and no queues. */
static void test_vanished(void **state)
{
	(void)state;
	assert_int_equal(probe(), 0);
	gone = true;
	assert_int_equal(qga_virtio_pci.status(&device), 0xff);
	assert_int_equal(qga_virtio_pci.queue_max(&device, 0), QGA_VIRTIO_FAULT_QUEUE_BUSY);
	assert_int_equal(qga_virtio_start(&device, 0, &(uint64_t){0}), QGA_VIRTIO_FAULT_RESET);
}

#define WALK(test)   cmocka_unit_test_setup(test, set_up)
#define DEVICE(test) cmocka_unit_test_setup(test, set_up_device)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WALK(test_functions_of_a_slot),
		WALK(test_bridges_without_numbers),
		WALK(test_bridges_with_numbers),
		WALK(test_bridges_that_loop),
		WALK(test_eight_levels),
		WALK(test_all_buses),
		WALK(test_few_buses),
		WALK(test_pins),
		WALK(test_capabilities),
		WALK(test_bars),
		WALK(test_widths),
		WALK(test_last_bar),
		WALK(test_placed),
		DEVICE(test_window),
		DEVICE(test_window_of_others),
		DEVICE(test_capability_has_an_id),
		DEVICE(test_mapped),
		DEVICE(test_line),
		DEVICE(test_messages),
		DEVICE(test_vector_refused),
		DEVICE(test_fixed_size),
		DEVICE(test_transitional),
		DEVICE(test_what_is_no_modern_device),
		DEVICE(test_bad_capabilities),
		DEVICE(test_missing_capabilities),
		DEVICE(test_capabilities_among_others),
		DEVICE(test_least_access),
		DEVICE(test_notification_elsewhere),
		DEVICE(test_vanished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
