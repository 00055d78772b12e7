/* SPDX-License-Identifier: MIT */
/*
 * test_board_pc.c - PCs, microvm, and what boots like them: where devices are found, who is asked for time, and in
 * what order the ways of ending a machine are tried.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "acpi.h"
#include "boot.h"
#include "fake_fw_cfg.h"
#include "fake_pci.h"
#include "fake_uart.h"
#include "mp_tables.h"
#include "shared/pc.h"
#include "shared/pci_devices.h"
#include "uart/ns16550.h"
#include "x86.h"

/* --- The processor --- */

struct machine machine;

const struct machine_board machine_board = {
	.name = "x86_64",
	.machine = "x86_64",
	.message = pc_message,
	.uart = {.init = ns16550_init, .base = 0x3f8, .stride = 1},
};

volatile uint32_t x86_wakes;
static uint32_t protocol = BOOT_PVH;
static uintptr_t info;
extern const uint32_t x86_boot_protocol __attribute__((alias("protocol")));
extern const uintptr_t x86_boot_info __attribute__((alias("info")));

/* The first MiB; what tables point to lies there, too. */
static uint8_t low[1 << 20] __attribute__((aligned(4096)));
uintptr_t x86_low = (uintptr_t)low;

static uint64_t tsc, tsc_step = 1000000; /* of 1 GHz */
static bool kvm;
static uint32_t kvm_seconds;
static unsigned waits;
static bool null_is_reached;

struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid none = {0}, last = {.eax = 0x15}, hz = {1, 1, 1000000000, 0},
		     first = {.ecx = (uint32_t)kvm << 31},
		     signature = {0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d}, features = {.eax = 8};

	return leaf == 0            ? last
	       : leaf == 1          ? first
	       : leaf == 0x15       ? hz
	       : leaf == 0x40000000 ? signature
	       : leaf == 0x40000001 ? features
	                            : none;
}

uint64_t rdmsr(uint32_t msr)
{
	assert_int_equal(msr, 0x1b);
	return 0xfee00900;
}

void wrmsr(uint32_t msr, uint64_t value)
{
	uint32_t *wall = (uint32_t *)(uintptr_t)value;

	if (msr == 0x4b564d00) {
		wall[0] = 2;
		wall[1] = kvm_seconds;
		wall[2] = 0;
	}
}

uint64_t rdtsc(void)
{
	return tsc += tsc_step;
}

void wait_for_interrupt(void)
{
	waits++;
}

void x86_reach_null(bool yes)
{
	assert_true(yes != null_is_reached);
	null_is_reached = yes;
}

uintptr_t x86_reach_far(uint64_t address, uint64_t size)
{
	(void)size;
	return (uintptr_t)((address & 0xfffff) | 0xd0000000);
}

/* --- Ports: what was written to them, in order; ends of the machine as words --- */

static uint8_t port[0x10000];
static char ends[64];
static jmp_buf ended;

void x86_triple_fault(void)
{
	strcat(ends, "fault ");
	longjmp(ended, 1);
}

static uint8_t cmos_index, cmos[128];

static uint32_t read_port(void *context, unsigned at, unsigned width)
{
	uint32_t value = 0;

	(void)context;
	if (at == 0x71)
		return cmos[cmos_index & 127];
	memcpy(&value, port + at, width);
	return value;
}

static void write_port(void *context, unsigned at, unsigned width, uint32_t value)
{
	(void)context;
	if (at == 0x70)
		cmos_index = (uint8_t)value;
	if (at == 0x71)
		cmos[cmos_index & 127] = (uint8_t)value;
	if (at == 0x604)
		snprintf(ends + strlen(ends), 20, "acpi:%x ", value);
	if (at == 0x64)
		snprintf(ends + strlen(ends), 20, "8042:%x ", value);
	if (at == 0xcf9)
		snprintf(ends + strlen(ends), 20, "reset:%x ", value);
	if (at == 0x501 || at == 0xf4)
		snprintf(ends + strlen(ends), 20, "%x:%x ", at, value);
	if (at >= 0x505 && at < 0x508)
		memcpy(port + at, &value, width);
}

/* --- An I/O APIC at its usual place, or at others --- */

static struct {
	struct registers registers;
	uint32_t selected, version, redirect[48];
} io[3];

static uint32_t io_read(void *context, unsigned offset, unsigned width)
{
	unsigned i = (unsigned)(uintptr_t)context;

	assert_true(offset == 0x10 && width == 4);
	return io[i].selected == 1 ? io[i].version : io[i].redirect[io[i].selected - 16];
}

static void io_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	unsigned i = (unsigned)(uintptr_t)context;

	assert_int_equal(width, 4);
	if (offset == 0)
		io[i].selected = value;
	else
		io[i].redirect[io[i].selected - 16] = value;
}

static void add_io_apic(unsigned i, uintptr_t base, uint32_t version)
{
	io[i].version = version;
	io[i].registers = (struct registers){base, 0x20, io_read, io_write, (void *)(uintptr_t)i};
	registers_attach(&io[i].registers);
}

/* --- The machine --- */

static struct fake_uart com[2];
static unsigned n_coms = 1;
static uint32_t *local_apic;
static struct {
	uint32_t magic, version, flags, modules;
	uint64_t modlist, cmdline, rsdp, map;
	uint32_t entries, reserved;
} start_info;
static struct {
	uint64_t base, size;
	uint32_t type, reserved;
} map[128];

static void put32(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, 4);
}

static uint32_t address(const void *p)
{
	return (uint32_t)(uintptr_t)p;
}

/* No devices at ports but one 16550; 256 MiB; this command line. */
static void pc(const char *cmdline)
{
	static const struct registers ports = {0, 0x10000, read_port, write_port, NULL};
	static char line[256];

	strcpy(line, cmdline);
	memset(port, 0xff, sizeof port);
	memset(cmos, 0xff, sizeof cmos);
	for (unsigned i = 0; i < n_coms; i++) {
		fake_uart_attach(&com[i], FAKE_16550_QEMU, i == 0 ? 0x3f8 : 0x2f8);
		com[i].registers.size = 8;
	}
	local_apic = rig_cells(0xfee00000, 0x1000);
	registers_attach(&ports);
	start_info.magic = 0x336ec578;
	start_info.version = 1;
	start_info.cmdline = address(line);
	start_info.map = address(map);
	start_info.entries = 3;
	map[0].size = 0x9fc00;
	map[0].type = 1;
	map[1].base = 0x100000;
	map[1].size = 0x0ff00000;
	map[1].type = 1;
	map[2].base = 0xf0000;
	map[2].size = 0x10000;
	map[2].type = 2;
	info = address(&start_info);
}

/* Devices at ports are found before the rest of them: fw_cfg, PCI. */
static void with_fw_cfg(void)
{
	fake_fw_cfg_start(0x510, true);
}

static void with_pci(void)
{
	fake_pci_start(0, 0xcf8);
	fake_pci_add(-1, 0, 0x12378086)->config[0x3d] = 0;
}

/* A table at this place of the first MiB. */
static uint8_t *table(uint32_t at, const char *signature, uint32_t length)
{
	memcpy(low + at, signature, 4);
	put32(low + at + 4, length);
	memcpy(low + at + 10, "BOCHS ", 6);
	return low + at;
}

enum {
	RSDP = 0xe0010,
	RSDT = 0xe1000,
	FADT = 0xe2000,
	MADT = 0xe3000,
	DSDT = 0xe4000,
};

#define S5 "_S5_\x12\x06\x04\x0a\x05"

/* Tables with a FADT whose PM1a control is port 604h; processors; and I/O APICs, if there is a version. */
static void with_acpi(unsigned n_cpus, bool io_apic)
{
	uint8_t *rsdt = table(RSDT, "RSDT", 36 + 8), *fadt = table(FADT, "FACP", 268);
	uint8_t *madt = table(MADT, "APIC", 44 + 8 * n_cpus + (io_apic ? 12 : 0)),
		*entry = madt + 44;

	memcpy(low + RSDP, "RSD PTR ", 8);
	put32(low + RSDP + 16, address(rsdt));
	put32(rsdt + 36, address(fadt));
	put32(rsdt + 40, address(madt));
	put32(fadt + 64, 0x604);
	put32(fadt + 40, address(table(DSDT, "DSDT", 128)));
	memcpy(low + DSDT + 40, S5, 9);
	for (unsigned i = 0; i < n_cpus; i++, entry += 8)
		memcpy(entry, (uint8_t[]){0, 8, 0, 0, 1, 0, 0, 0}, 8);
	if (io_apic)
		memcpy(entry, (uint8_t[12]){1, 12, [4] = 0, 0, 0xc0, 0xfe}, 12);
}

/* A reset register at port CF9h. */
static void with_reset(void)
{
	uint8_t *fadt = low + FADT;

	put32(fadt + 112, 1 << 10);
	fadt[116] = 1;
	put32(fadt + 120, 0xcf9);
	fadt[128] = 6;
}

/* --- Booting --- */

static void test_pc(void **state)
{
	int64_t ns;

	(void)state;
	with_fw_cfg();
	with_pci();
	n_coms = 2;
	pc("quiet");
	with_acpi(3, true);
	add_io_apic(0, 0xfec00000, 0x00170020);
	memset(cmos, 0, sizeof cmos);
	memcpy(cmos, (uint8_t[]){0x30, 0, 0x59, 0, 0x10, 0, 0, 0x28, 0x11, 0x26}, 10);
	cmos[0x32] = 0x20;
	assert_non_null(board_init());
	assert_string_equal(rig_said(), "");
	assert_string_equal(machine.board.cmdline, "quiet");
	assert_int_equal(machine.board.n_cpus, 3); /* for there is no tree, ACPI is read at once */
	assert_true(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_int_equal(machine.board.n_ram, 2);
	assert_true(machine.board.ram[1].base == 0x100000);
	assert_int_equal((uintptr_t)machine.board.spare + machine.board.spare_size, 0x10000000);
	assert_true(machine.has_fw_cfg);
	assert_true(pci_devices_present());
	assert_int_equal(machine.n_uarts, 2);
	assert_int_equal(machine.uart[1].number, 1);
	assert_int_equal(machine.uart[0].irq.number, 4);
	assert_true(machine.irqchip->ops->enable(machine.irqchip, 4, true));
	assert_int_equal(io[0].redirect[2 * 4], VECTOR_WAKE);
	assert_false(machine.irqchip->ops->enable(machine.irqchip, 24, true));
	assert_true(machine.board.has_rtc);
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns / 1000000000 % 86400, 10 * 3600 + 59 * 60 + 30);
	assert_int_equal(board_rtc_set(ns + 3600000000000), 0);
	assert_int_equal(cmos[4], 0x11);
}

/* No ACPI: the I/O APIC is where all have it. */
static void test_no_acpi(void **state)
{
	(void)state;
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	assert_non_null(board_init());
	assert_int_equal(x86_apic.n_io, 1);
	assert_int_equal(machine.board.n_cpus, 1);
	assert_false(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_false(machine.board.has_rtc);
	assert_false(pci_devices_present());
}

/* Not even that: a PC of 8259s (-M isapc). */
static void test_8259(void **state)
{
	(void)state;
	pc("");
	add_io_apic(0, 0xfec00000, UINT32_MAX);
	assert_non_null(board_init());
	assert_int_equal(x86_apic.n_io, 0);
	assert_ptr_not_equal(machine.irqchip, &x86_apic.chip);
	assert_true(machine.irqchip->ops->enable(machine.irqchip, 4, true));
	assert_false(machine.irqchip->ops->enable(machine.irqchip, 2, true));
	assert_false(machine.irqchip->ops->enable(machine.irqchip, 16, true));
	assert_int_equal(local_apic[0x350 / 4], 7 << 8);
	x86_wakes = 1;
	machine.irqchip->ops->settle(machine.irqchip);
	assert_int_equal(x86_wakes, 0);
}

static void test_no_loader(void **state)
{
	(void)state;
	pc("");
	start_info.magic = 0;
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the loader gave neither a PVH start info nor a zero page\n");
	assert_int_equal(com[0].heard_len, strlen(rig_said()) + 1);
	assert_false(null_is_reached);
}

static void test_too_little_memory(void **state)
{
	(void)state;
	pc("");
	map[1].base = (uintptr_t)&boot_read & ~(uintptr_t)4095;
	map[1].size = 4096;
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the machine has too little memory for this image\n");
}

/* Of the memory map nothing is known. */
static void test_no_map(void **state)
{
	(void)state;
	pc("");
	start_info.version = 0;
	add_io_apic(0, 0xfec00000, 0);
	assert_non_null(board_init());
	assert_int_equal(machine.board.n_ram, 0);
	assert_int_equal(machine.board.spare_size, 0);
}

/* Spare memory is no more than what start.S maps. */
static void test_much_memory(void **state)
{
	(void)state;
	pc("");
	map[1].size = UINT64_C(16) << 30;
	add_io_apic(0, 0xfec00000, 0x00170020);
	assert_non_null(board_init());
	assert_true((uintptr_t)machine.board.spare + machine.board.spare_size == BOOT_MAPPED);
}

/* Linux's zero page, its e820 table packed. */
static void test_zero_page(void **state)
{
	static uint8_t page[4096];
	struct e820_entry entry = {0, 0x10000000, 1};

	(void)state;
	pc("");
	protocol = BOOT_LINUX;
	info = address(page);
	add_io_apic(0, 0xfec00000, 0x00170020);
	put32(page + ZERO_PAGE_HDR_MAGIC, ZERO_PAGE_HDRS);
	put32(page + ZERO_PAGE_CMD_LINE_PTR, 16); /* in the first page: there is none later */
	page[ZERO_PAGE_E820_ENTRIES] = 255;
	memcpy(page + ZERO_PAGE_E820_TABLE, &entry, sizeof entry);
	assert_non_null(board_init());
	assert_string_equal(machine.board.cmdline, "");
	assert_int_equal(machine.board.n_ram, 1);
}

static void test_zero_page_of_nobody(void **state)
{
	static uint8_t page[4096];

	(void)state;
	pc("");
	protocol = BOOT_LINUX;
	info = address(page);
	assert_null(board_init());
}

/* --- microvm --- */

enum {
	IO_APIC = 0xfec00000,
	IO_APIC_2 = 0xfec10000,
	VIRTIO = 0xfeb00000,
};

static void tree_io_apic(uint32_t base, uint32_t phandle)
{
	rig_node("ioapic", "intel,ce4100-ioapic", base, 0x1000);
	RIG_CELLS("phandle", phandle);
	rig_end();
}

static void tree_device(const char *compatible, uint64_t base, uint32_t parent, uint32_t pin)
{
	rig_node("device", compatible, base, 0x200);
	RIG_CELLS("interrupt-parent", parent);
	RIG_CELLS("interrupts", pin, 0);
	rig_end();
}

static uint32_t seal(uint32_t cell)
{
	rig_end();
	fdt_tree_cell(&rig_tree, cell);
	return fdt_tree_seal(&rig_tree);
}

/* Lines of the second I/O APIC come behind those of the first, in whatever order the tree has them. */
static void test_microvm(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	with_acpi(2, true);
	add_io_apic(0, IO_APIC, 0x00170020);
	add_io_apic(1, IO_APIC_2, 0x00170020);
	rig_slot(VIRTIO, 3);
	rig_slot(VIRTIO + 0x200, 2);
	rig_start();
	tree_device("virtio,mmio", VIRTIO, 2, 5);
	tree_io_apic(IO_APIC_2, 2);
	tree_io_apic(IO_APIC, 1);
	tree_io_apic(0xfec20000, 3);
	tree_io_apic(0xfec30000, 4);
	tree_io_apic(0xfec40000, 5); /* one more than is kept */
	tree_device("virtio,mmio", VIRTIO + 0x200, 1, 6);
	tree_device("virtio,mmio", 0x1000, 1, 7); /* among the ports */
	tree_device("ns16550", 0x2f8, 1, 3);
	tree_device("ns16550", 0x700, 1, 9);
	tree_device("ns16550", UINT64_C(0xd0000000), 1, 4); /* in memory */
	for (unsigned i = 0; i < 3; i++)
		tree_device("ns16550", 0x3e8, 1, 4);
	rig_node("pcie", "pci-host-ecam-generic", 0xc0000000, 0x10000000);
	rig_end();
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	fake_pci_start(0xc0000000, 0);
	fake_pci_add(-1, 1, 0x10431af4);
	assert_non_null(board_init());
	assert_string_equal(rig_said(), "");
	assert_int_equal(x86_apic.n_io, IOAPICS_MAX);
	assert_int_equal(machine.n_consoles, 1);
	assert_int_equal(machine.console_irq[0].number, 24 + 5);
	assert_int_equal(machine.board.n_disks, 1);
	assert_int_equal(machine.n_uarts, MACHINE_UARTS_MAX);
	assert_int_equal(machine.uart[0].number, 1);
	assert_int_equal(machine.uart[0].irq.number, 3);
	assert_int_equal(machine.uart[1].number, 4); /* none of the four */
	assert_true(pci_devices_have_agent_device());
	assert_int_equal(pci_devices_irq().number, 16);
	/* Processors and power are looked for when somebody asks. */
	assert_int_equal(machine.board.n_cpus, 1);
	machine.board.learn();
	assert_int_equal(machine.board.n_cpus, 2);
	assert_null(machine.board.learn);
	assert_true(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_ptr_equal(pc_acpi()->fadt.at, low + FADT);
}

static void test_microvm_with_one_io_apic(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	rig_start();
	tree_io_apic(IO_APIC, 1);
	rig_node("pcie", "pci-host-ecam-generic", 0xc0000000, 0x10000000);
	rig_end();
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	fake_pci_start(0xc0000000, 0);
	assert_non_null(board_init());
	assert_false(pci_devices_have_agent_device());
	assert_int_equal(pci_devices_irq().number, 12);
	assert_int_equal(machine.n_uarts, 1); /* looked for, as the tree told of none */
}

/* The tree is the beginning of a megabyte of nothing, and says so. */
static void test_large_tree(void **state)
{
	static uint8_t blob[1 << 20];
	uint32_t size, strings;

	(void)state;
	with_fw_cfg();
	pc("");
	rig_start();
	tree_io_apic(IO_APIC, 1);
	rig_slot(VIRTIO, 3);
	tree_device("virtio,mmio", VIRTIO, 1, 5);
	size = seal(9);
	memcpy(blob, rig_tree.blob, size);
	put32(blob + 4, __builtin_bswap32(sizeof blob));
	memcpy(&strings, blob + 12, 4);
	fake_fw_cfg_add("etc/fdt", blob, sizeof blob);
	assert_non_null(board_init());
	assert_int_equal(machine.n_consoles, 1);
}

static void test_damaged_tree(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	rig_start();
	tree_io_apic(IO_APIC, 1);
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(77));
	assert_non_null(board_init());
	assert_int_equal(x86_apic.n_io, 1);
	assert_string_equal(rig_said(),
	                    "bareqga: the device tree is damaged; going on with what was found\n");
}

static void test_no_tree(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	fake_fw_cfg_add("etc/fdt", "", 0);
	assert_non_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the device tree is damaged; going on with what was found\n");
}

/* The command line names all devices, or none; what is written wrong is told of. */
static void test_command_line(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("virtio_mmio.device=nonsense virtio_mmio.device=512@0xfeb00600:7 "
	   "virtio_mmio.device=512@0xfeb00800:8 virtio_mmio.device=512@0x100:9");
	rig_slot(VIRTIO, 3);
	rig_slot(VIRTIO + 0x200, 17);
	rig_slot(VIRTIO + 0x600, 3);
	rig_slot(VIRTIO + 0x800, 19);
	rig_start();
	tree_io_apic(IO_APIC, 1);
	tree_device("virtio,mmio", VIRTIO, 1, 5);
	tree_device("virtio,mmio", VIRTIO + 0x200, 1, 6);
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	assert_non_null(board_init());
	assert_string_equal(rig_said(), "bareqga: virtio_mmio.device= on the command line is not "
	                                "SIZE@ADDRESS:IRQ and not used\n");
	assert_int_equal(machine.n_consoles, 1);
	assert_int_equal(machine.console_irq[0].number, 7);
	assert_int_equal(machine.n_vsocks, 1);
	assert_null(machine.clock.bus); /* forgotten, as all that the tree told of */
}

/* --- Ends --- */

static void boot_pc(const char *cmdline)
{
	pc(cmdline);
	add_io_apic(0, 0xfec00000, 0x00170020);
	with_acpi(1, true);
}

static const char *end_by(enum board_power mode)
{
	ends[0] = '\0';
	if (setjmp(ended) == 0)
		board_power(mode);
	return ends;
}

/* ACPI; where that is not heard nothing else is. */
static void test_power_off(void **state)
{
	uint64_t before;

	(void)state;
	boot_pc("");
	with_reset();
	port[0x64] = 0;
	assert_non_null(board_init());
	before = tsc;
	assert_string_equal(end_by(BOARD_POWERDOWN), "acpi:3401 ");
	assert_true(tsc - before >= 2000000000); /* two seconds of patience */
	assert_string_equal(end_by(BOARD_REBOOT), "reset:6 8042:fe fault ");
	port[0x64] = 0xff;
	assert_string_equal(end_by(BOARD_REBOOT), "reset:6 fault ");
}

/* Firecracker's ACPI knows of no sleep; a reset ends the machine, for who asks to switch off, too. */
static void test_firecracker(void **state)
{
	(void)state;
	boot_pc("");
	memcpy(low + RSDT + 10, "FIRECK", 6);
	low[DSDT + 40] = 'x';
	port[0x64] = 0;
	assert_non_null(board_init());
	assert_true(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_string_equal(end_by(BOARD_POWERDOWN), "8042:fe ");
	assert_string_equal(end_by(BOARD_REBOOT), "8042:fe fault ");
}

/* The same, by the table of before ACPI; not with fw_cfg, for then it is QEMU, and a reset is a reset. */
static void boot_by_mptable(const char *oem)
{
	static const uint8_t enabled[] = {1, 1};

	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	mp_tables(low, oem, enabled, 2, false);
	port[0x64] = 0;
	assert_non_null(board_init());
}

static void test_kvmtool(void **state)
{
	(void)state;
	boot_by_mptable("KVMCPU00");
	assert_int_equal(machine.board.n_cpus, 2);
	assert_string_equal(end_by(BOARD_POWERDOWN), "8042:fe ");
}

static void test_old_firecracker(void **state)
{
	(void)state;
	boot_by_mptable("FC      ");
	assert_string_equal(end_by(BOARD_POWERDOWN), "8042:fe ");
}

static void test_qemu_without_acpi(void **state)
{
	(void)state;
	with_fw_cfg();
	boot_by_mptable("FC      ");
	assert_false(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_string_equal(end_by(BOARD_POWERDOWN), "");
}

static void test_somebody_elses_table(void **state)
{
	(void)state;
	boot_by_mptable("QBOOT   ");
	assert_string_equal(end_by(BOARD_POWERDOWN), "");
	port[0x64] = 0xff;
	assert_string_equal(end_by(BOARD_REBOOT), "fault ");
}

/* isa-debug-exit: where the setting says, or at QEMU's own address for it, if something reads 0 there. */
static const char *exit_with(const char *cmdline, unsigned status)
{
	ends[0] = '\0';
	machine.board.cmdline = cmdline;
	board_exit(status);
	return ends;
}

#define NO_EXIT "bareqga: setting debug-exit is no port in hexadecimal digits and not used\n"

static void test_exit(void **state)
{
	static const char *const wrong[] = {"0", "0x", "10000", "xyz", "f4h", "123456789", "-1"};
	char text[64];

	(void)state;
	with_fw_cfg();
	boot_pc("");
	assert_non_null(board_init());
	/* Ports 510h to 51bh are the fake's, so the device is not at QEMU's own place but beside it. */
	port[0x501] = 0;
	assert_string_equal(exit_with("", 3), "501:3 ");
	port[0x501] = 0xff;
	assert_string_equal(exit_with("", 3), "");
	assert_string_equal(exit_with("bareqga.debug-exit=0xf4", 5), "f4:5 ");
	assert_string_equal(exit_with("bareqga.debug-exit=F4", 5), "f4:5 ");
	assert_string_equal(rig_said(), "");
	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(text, sizeof text, "bareqga.debug-exit=%s", wrong[i]);
		machine.board.said = NULL;
		com[0].heard_len = 0;
		assert_string_equal(exit_with(text, 5), "");
		assert_int_equal(com[0].heard_len, strlen(NO_EXIT) + 1);
	}
}

/* Nobody looks for it where there is no QEMU. */
static void test_exit_elsewhere(void **state)
{
	(void)state;
	boot_pc("");
	assert_non_null(board_init());
	port[0x501] = 0;
	assert_string_equal(exit_with("", 3), "");
}

static void test_pvpanic(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	fake_fw_cfg_add("etc/pvpanic-port", "\x05\x05", 2);
	assert_non_null(board_init());
	port[0x505] = 3;
	board_panicked();
	assert_int_equal(port[0x505], MACHINE_PANICKED);
	port[0x505] = 2; /* takes something else */
	board_panicked();
	assert_int_equal(port[0x505], 2);
}

static void test_pvpanic_nowhere(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	fake_fw_cfg_add("etc/pvpanic-port", "\x05", 1);
	assert_non_null(board_init());
	port[0x505] = 3;
	board_panicked();
	assert_int_equal(port[0x505], 3);
}

/* --- Time --- */

static void test_kvm_time(void **state)
{
	int64_t ns;

	(void)state;
	kvm = true;
	kvm_seconds = 1700000000;
	boot_pc("");
	assert_non_null(board_init());
	assert_true(machine.board.has_rtc);
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns / 1000000000, 1700000000);
	assert_int_equal(board_rtc_set(5), 0); /* only our own changes */
}

/* --- Signs --- */

static void test_signs_of_kvm(void **state)
{
	(void)state;
	kvm = true;
	boot_pc("");
	assert_non_null(board_init());
	x86_clock.kvm_time.flags = 2;
	assert_false(machine_sign()); /* nobody asked yet: nobody is to be told */
	assert_false(machine.board.disturbed());
	assert_false(machine.board.disturbed());
	x86_clock.kvm_time.flags = 2;
	assert_true(machine_sign());
	assert_true(machine.board.disturbed());
	assert_false(machine_sign());
}

/* QEMU's vmgenid, where firmware has written it. */
static void test_vmgenid(void **state)
{
	static uint64_t identity[2] __attribute__((aligned(16)));
	static uint64_t where;

	(void)state;
	with_fw_cfg();
	boot_pc("");
	where = address(identity);
	fake_fw_cfg_add("etc/vmgenid_addr", &where, 8);
	assert_non_null(board_init());
	assert_false(machine.board.disturbed());
	for (unsigned i = 0; i < 2; i++) {
		identity[i]++;
		assert_true(machine_sign());
		assert_true(machine.board.disturbed());
		assert_false(machine_sign());
	}
}

/* It lies, or firmware has not written it: such memory is not looked at. */
static void vmgenid_is_not_at(uint64_t at)
{
	static uint64_t where;

	with_fw_cfg();
	boot_pc("");
	where = at;
	fake_fw_cfg_add("etc/vmgenid_addr", &where, 8);
	assert_non_null(board_init());
	assert_false(machine.board.disturbed());
	assert_false(machine.board.disturbed());
}

static void test_vmgenid_in_first_page(void **state)
{
	(void)state;
	vmgenid_is_not_at(0x10);
}

static void test_vmgenid_above(void **state)
{
	(void)state;
	vmgenid_is_not_at(UINT64_C(0x100000000));
}

static void test_vmgenid_unaligned(void **state)
{
	(void)state;
	vmgenid_is_not_at(0xfffffee1);
}

/* vmclock, as Firecracker's AML has it. */
static void vmclock(const void *at)
{
	static const uint8_t aml[] =
		"\x08_CID\rVMCLOCK\0\x08_CRS\x11\x33\x0a\x30\x8a\x2b\0\0\x0c\x02";
	uint64_t where = address(at);
	uint8_t *to = low + DSDT + 60;

	boot_pc("");
	put32(low + DSDT + 4, 256);
	memcpy(to, aml, sizeof aml);
	memcpy(to + sizeof aml - 1 - 6 + 14, &where, 8);
	assert_non_null(board_init());
	assert_false(machine.board.disturbed());
}

static struct {
	uint32_t magic, size;
	uint16_t version;
	uint8_t counter, type;
	uint32_t sequence;
	uint64_t marker;
} clock_page __attribute__((aligned(4096)));

static void test_vmclock(void **state)
{
	(void)state;
	clock_page.magic = 0x4b4c4356;
	clock_page.marker = 5;
	vmclock(&clock_page);
	clock_page.marker++;
	assert_true(machine.board.disturbed());
	assert_false(machine.board.disturbed());
}

static void test_no_vmclock(void **state)
{
	(void)state;
	vmclock(&clock_page); /* without its magic number */
	clock_page.marker++;
	assert_false(machine.board.disturbed());
}

static void test_unaligned_vmclock(void **state)
{
	(void)state;
	clock_page.magic = 0x4b4c4356;
	vmclock((uint8_t *)&clock_page + 4);
	assert_false(machine.board.disturbed());
}

/* --- PCI by ports --- */

/* Lines are as firmware notes them; what has none, or says that it has none, wakes by a message. */
static void test_pci(void **state)
{
	struct fake_pci_function *f;
	struct qga_virtio_device *device = &machine_consoles[0];

	(void)state;
	with_pci();
	boot_pc("");
	port[0x64] = 0xff;
	f = fake_pci_virtio(-1, 3, 3, 0xe0000000, NULL, 1);
	f->config[0x3c] = 11;
	f = fake_pci_virtio(-1, 4, 3, 0xe0010000, NULL, 1);
	f->config[0x3c] = 0xff;
	f = fake_pci_virtio(-1, 5, 3, 0xe0020000, NULL, 0); /* no table */
	f->config[0x3d] = 0;
	f = fake_pci_virtio(-1, 6, 3, 0xe0030000, NULL, 1);
	f->config[0x3d] = 0;
	f->config[0x24] = 0x20; /* far off: reached by a page */
	f->config[0x20] |= 4;
	f->registers.base = 0xd0030000;
	assert_non_null(board_init());
	for (unsigned i = 0; i < 4; i++)
		device[i].bus = &pci_devices_place;
	assert_int_equal(device[0].bus->probe(&device[0]), 0);
	assert_int_equal(machine.console_irq[0].number, 11);
	assert_int_equal(io[0].redirect[2 * 11] & 0xff, VECTOR_WAKE);
	assert_int_equal(device[1].bus->probe(&device[1]), 0);
	assert_int_equal(machine.console_irq[1].number, 0);
	assert_int_not_equal(device[2].bus->probe(&device[2]), 0);
	assert_non_null(strstr(rig_said(), "do not reach this processor"));
	assert_int_equal(device[3].bus->probe(&device[3]), 0); /* registers and table above 4 GiB */
	assert_int_equal(((struct qga_virtio_pci *)device[3].context)->common.mapped, 0xd0030000);
	/* The message: to the local APIC, that vector. */
	local_apic[0x20 / 4] = 5u << 24;
	f = &fake_pci.function[2];
	assert_int_equal(
		((struct qga_virtio_pci *)device[1].context)
			->access->vector(((struct qga_virtio_pci *)device[1].context)->context),
		0);
	assert_int_equal(*(uint32_t *)(void *)(f->memory + FAKE_PCI_TABLE), 0xfee05000);
	assert_int_equal(*(uint32_t *)(void *)(f->memory + FAKE_PCI_TABLE + 8), VECTOR_WAKE);
	/* With a line there is none. */
	assert_int_equal(
		((struct qga_virtio_pci *)device[0].context)
			->access->vector(((struct qga_virtio_pci *)device[0].context)->context),
		-1);
}

/* --- Waits --- */

static void test_wait(void **state)
{
	(void)state;
	boot_pc("");
	assert_non_null(board_init());
	tsc_step = 1000;
	board_wait(1000000); /* the first measures the timer */
	assert_int_equal(waits, 0);
	board_wait(1000000);
	assert_int_equal(waits, 1);
	board_wait(UINT64_MAX);
	assert_int_equal(waits, 2);
	x86_wakes = 1;
	board_wait(UINT64_MAX);
	assert_int_equal(waits, 2);
	assert_int_equal(x86_wakes, 0);
	board_wait(1); /* is over before it begins */
	assert_int_equal(waits, 2);
}

/* A sign ends a wait, and has who is to be reminded look at once; also where an interrupt waits already. */
static unsigned noticed;

static void notice(void)
{
	noticed++;
}

static void test_wait_for_sign(void **state)
{
	(void)state;
	kvm = true;
	boot_pc("");
	assert_non_null(board_init());
	x86_clock.kvm_time.tsc_to_system_mul = 0x80000000;
	x86_clock.kvm_time.tsc_shift = 1;
	assert_false(machine.board.disturbed());
	machine.board.remind(UINT64_C(3600000000000), notice);
	board_wait(1000000);
	assert_int_equal(noticed, 0);
	x86_clock.kvm_time.flags = 2;
	board_wait(1000000);
	assert_int_equal(noticed, 1);
	x86_wakes = 1;
	board_wait(1000000);
	assert_int_equal(noticed, 2);
}

/* Microvm reads ACPI no earlier than somebody wants to switch it off, or asks where its signs are. */
static void boot_microvm(void)
{
	with_fw_cfg();
	pc("");
	with_acpi(2, true);
	rig_start();
	tree_io_apic(IO_APIC, 1);
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	assert_non_null(board_init());
	assert_non_null(machine.board.learn);
}

static void test_learns_for_power(void **state)
{
	(void)state;
	boot_microvm();
	assert_string_equal(end_by(BOARD_POWERDOWN), "acpi:3401 ");
	assert_null(machine.board.learn);
}

static void test_learns_for_signs(void **state)
{
	(void)state;
	boot_microvm();
	assert_false(machine.board.disturbed());
	assert_null(machine.board.learn);
}

/* Zeroes are read where there is no host bridge on some machines. */
static void test_no_bridge(void **state)
{
	(void)state;
	boot_pc("");
	memset(port + 0xcfc, 0, 4);
	assert_non_null(board_init());
	assert_false(pci_devices_present());
}

/* A CMOS that is there and has no date (Firecracker): KVM is asked, and cannot be set. */
static void test_empty_cmos(void **state)
{
	int64_t ns;

	(void)state;
	kvm = true;
	kvm_seconds = 1700000000;
	boot_pc("");
	memset(cmos, 0, sizeof cmos);
	assert_non_null(board_init());
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns / 1000000000, 1700000000);
	assert_int_equal(board_rtc_set(ns), 0);
	assert_int_equal(cmos[9], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_pc),
		ALONE(test_no_acpi),
		ALONE(test_8259),
		ALONE(test_no_loader),
		ALONE(test_too_little_memory),
		ALONE(test_no_map),
		ALONE(test_much_memory),
		ALONE(test_zero_page),
		ALONE(test_zero_page_of_nobody),
		ALONE(test_microvm),
		ALONE(test_microvm_with_one_io_apic),
		ALONE(test_large_tree),
		ALONE(test_damaged_tree),
		ALONE(test_no_tree),
		ALONE(test_command_line),
		ALONE(test_power_off),
		ALONE(test_firecracker),
		ALONE(test_kvmtool),
		ALONE(test_old_firecracker),
		ALONE(test_qemu_without_acpi),
		ALONE(test_somebody_elses_table),
		ALONE(test_exit),
		ALONE(test_exit_elsewhere),
		ALONE(test_pvpanic),
		ALONE(test_pvpanic_nowhere),
		ALONE(test_kvm_time),
		ALONE(test_signs_of_kvm),
		ALONE(test_vmgenid),
		ALONE(test_vmgenid_in_first_page),
		ALONE(test_vmgenid_above),
		ALONE(test_vmgenid_unaligned),
		ALONE(test_vmclock),
		ALONE(test_no_vmclock),
		ALONE(test_unaligned_vmclock),
		ALONE(test_pci),
		ALONE(test_wait),
		ALONE(test_wait_for_sign),
		ALONE(test_learns_for_power),
		ALONE(test_learns_for_signs),
		ALONE(test_no_bridge),
		ALONE(test_empty_cmos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
