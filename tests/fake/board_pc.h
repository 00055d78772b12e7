/* SPDX-License-Identifier: MIT */
/*
 * board_pc.h - a PC for tests of boards: its memory, ports, I/O APICs and tables, to which they add, and the
 * ways of ending it, which are noted. Include it behind board_rig.h, in one file of a program, with setjmp.h before
 * cmocka.h.
 */
#ifndef BOARD_PC_H
#define BOARD_PC_H

#include <stdio.h>

#include "boot.h"
#include "fake_fw_cfg.h"
#include "fake_pci.h"
#include "fake_uart.h"
#include "mp_tables.h"
#include "pc_processor.h"
#include "shared/pc.h"

static uint32_t protocol = BOOT_PVH;
static uintptr_t info;
extern const uint32_t x86_boot_protocol __attribute__((alias("protocol")));
extern const uintptr_t x86_boot_info __attribute__((alias("info")));

/* The first MiB; what tables point to lies there, too. */
static uint8_t low[1 << 20] __attribute__((aligned(4096)));
uintptr_t x86_low = (uintptr_t)low;

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

static inline uint32_t read_port(void *context, unsigned at, unsigned width)
{
	uint32_t value = 0;

	(void)context;
	if (at == 0x71)
		return cmos[cmos_index & 127];
	memcpy(&value, port + at, width);
	return value;
}

static inline void write_port(void *context, unsigned at, unsigned width, uint32_t value)
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

static inline uint32_t io_read(void *context, unsigned offset, unsigned width)
{
	unsigned i = (unsigned)(uintptr_t)context;

	assert_true(offset == 0x10 && width == 4);
	return io[i].selected == 1 ? io[i].version : io[i].redirect[io[i].selected - 16];
}

static inline void io_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	unsigned i = (unsigned)(uintptr_t)context;

	assert_int_equal(width, 4);
	if (offset == 0)
		io[i].selected = value;
	else
		io[i].redirect[io[i].selected - 16] = value;
}

static inline void add_io_apic(unsigned i, uintptr_t base, uint32_t version)
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

static inline void put32(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, 4);
}

static inline uint32_t address(const void *p)
{
	return (uint32_t)(uintptr_t)p;
}

/* No devices at ports but one 16550; 256 MiB; this command line. */
static inline void pc(const char *cmdline)
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
static inline void with_fw_cfg(void)
{
	fake_fw_cfg_start(0x510, true);
}

static inline void with_pci(void)
{
	fake_pci_start(0, 0xcf8);
	fake_pci_add(-1, 0, 0x12378086)->config[0x3d] = 0;
}

/* --- ACPI --- */

/* A table at this place of the first MiB. */
static inline uint8_t *table(uint32_t at, const char *signature, uint32_t length)
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
static inline void with_acpi(unsigned n_cpus, bool io_apic)
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
static inline void with_reset(void)
{
	uint8_t *fadt = low + FADT;

	put32(fadt + 112, 1 << 10);
	fadt[116] = 1;
	put32(fadt + 120, 0xcf9);
	fadt[128] = 6;
}

/* A PC with ACPI and an I/O APIC, to be started. */
static inline void boot_pc(const char *cmdline)
{
	pc(cmdline);
	add_io_apic(0, 0xfec00000, 0x00170020);
	with_acpi(1, true);
}

/* What was written to end the machine, one after the other; "" if nothing. */
static inline const char *end_by(enum board_power mode)
{
	ends[0] = '\0';
	if (setjmp(ended) == 0)
		board_power(mode);
	return ends;
}

#endif
