/* SPDX-License-Identifier: MIT */
/*
 * test_x86.c - what a PC's tables, clocks and interrupt controllers say, as hosts other than QEMU
 * have them, and hosts that lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "acpi.h"
#include "apic.h"
#include "boot.h"
#include "clock.h"
#include "cmos.h"
#include "mp_tables.h"
#include "mptable.h"
#include "registers.h"
#include "x86.h"

/* --- The processor --- */

volatile uint32_t x86_wakes;
uintptr_t x86_low;
static uint32_t protocol;
static uintptr_t info;
extern const uint32_t x86_boot_protocol __attribute__((alias("protocol")));
extern const uintptr_t x86_boot_info __attribute__((alias("info")));
static uint64_t tsc;
static bool kvm;
static uint64_t apic_base = 0xfee00900; /* an MSR */
static uint64_t apic_bases[4];          /* what was written to it */
static unsigned n_apic_bases;
static uint32_t kvm_seconds;
static struct cpuid hypervisor = {0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d}, tsc_leaf;
static bool kvm_is_slow; /* to write the wall clock */

struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid none = {0}, first = {.ecx = (uint32_t)kvm << 31}, last = {.eax = 0x15},
		     features = {.eax = 1 << 3};

	return leaf == 0 && tsc_leaf.ecx ? last
	       : leaf == 1               ? first
	       : leaf == 0x15            ? tsc_leaf
	       : leaf == 0x40000000      ? hypervisor
	       : leaf == 0x40000001      ? features
	                                 : none;
}

uint64_t rdmsr(uint32_t msr)
{
	return msr == 0x1b ? apic_base : 0;
}

static uint64_t wall_told; /* where it is to be written, again whenever the machine is restored */

void wrmsr(uint32_t msr, uint64_t value)
{
	uint32_t *wall = (uint32_t *)(uintptr_t)value;

	if (msr == 0x1b)
		apic_bases[n_apic_bases++ % 4] = apic_base = value;
	if (msr != 0x4b564d00 || kvm_is_slow)
		return;
	wall_told = value;
	wall[0] = 2;
	wall[1] = kvm_seconds;
	wall[2] = 5;
}

/* The host lets `stall` ticks go by at that step. */
static unsigned steps, stall_at;
static uint64_t stall;

static uint64_t goes_on(unsigned ticks)
{
	if (++steps == stall_at)
		tsc += stall;
	return tsc += ticks;
}

uint64_t rdtsc(void)
{
	return goes_on(10);
}

void wait_for_interrupt(void)
{
}

/* --- Ports: the CMOS and the 8254 --- */

static uint8_t cmos[128], cmos_index;
static unsigned cmos_tears; /* so many looks at the seconds show another one each */
static uint16_t pit_count, pit_step;
static unsigned pit_reads, pit_stops_at;
static bool pit_high;
static unsigned pit_ticks; /* for each count; 0: it counts reads */

static uint32_t read_port(void *context, unsigned port, unsigned width)
{
	(void)context;
	(void)width;
	if (port == 0x71 && cmos_index == 0 && cmos_tears)
		return --cmos_tears;
	if (port == 0x71)
		return cmos[cmos_index & 127];
	if (port != 0x40)
		return 0xff;
	goes_on(240);
	pit_high = !pit_high;
	if (!pit_high)
		return pit_count >> 8;
	if (!pit_ticks && ++pit_reads < pit_stops_at)
		pit_count = (uint16_t)(pit_count - pit_step);
	return pit_count & 0xff;
}

static void write_port(void *context, unsigned port, unsigned width, uint32_t value)
{
	(void)context;
	(void)width;
	if (port == 0x43 && pit_ticks)
		pit_count = (uint16_t)(0 - goes_on(240) / pit_ticks);
	if (port == 0x70)
		cmos_index = (uint8_t)value;
	if (port == 0x71)
		cmos[cmos_index & 127] = (uint8_t)value;
}

/* --- Memory below 4 GiB, for what tables point to --- */

#define ARENA (2u << 20)

static uint8_t *arena;

static int set_up(void **state)
{
	static const struct registers ports = {
		.base = 0, .size = 0x10000, .read = read_port, .write = write_port};

	(void)state;
	if (!arena)
		arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
		             MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	assert_true(arena != MAP_FAILED);
	memset(arena, 0, ARENA);
	x86_low = (uintptr_t)arena;
	registers_detach_all();
	registers_attach(&ports);
	memset(cmos, 0, sizeof cmos);
	kvm = false;
	tsc = pit_count = pit_reads = steps = stall_at = pit_ticks = 0;
	pit_high = false;
	return 0;
}

static void put32(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, 4);
}

static uint32_t address(const uint8_t *p)
{
	return (uint32_t)(uintptr_t)p;
}

static uint8_t *table(uint32_t at, const char *signature, uint32_t length)
{
	memcpy(arena + at, signature, 4);
	put32(arena + at + 4, length);
	memcpy(arena + at + 10, "FIRECK", 6);
	return arena + at;
}

/* A root pointer at 0 and an RSDT at 0x100 with n entries, all of them the table at 0x1000. */
static void root(uint32_t n)
{
	uint8_t *rsdt = table(0x100, "RSDT", 36 + 4 * n);

	memcpy(arena, "RSD PTR ", 8);
	put32(arena + 16, address(rsdt));
	for (uint32_t i = 0; i < n && 36 + 4 * i + 4 < 0xe00; i++)
		put32(rsdt + 36 + 4 * i, address(arena + 0x1000));
}

static void test_processors(void **state)
{
	struct acpi acpi;
	uint8_t *madt = table(0x1000, "APIC", 44 + 8 + 2 * 16 + 12), *p = madt + 44;

	(void)state;
	root(1);
	memcpy(p, (uint8_t[]){0, 8, 0, 0, 1, 0, 0, 0}, 8); /* local APIC, enabled */
	memcpy(p + 8, (uint8_t[16]){9, 16, [8] = 1}, 16);  /* x2APIC, enabled */
	memcpy(p + 24, (uint8_t[16]){9, 16, [8] = 2}, 16); /* x2APIC, not yet */
	memcpy(p + 40, (uint8_t[12]){1, 12, [4] = 0, 0, 0xc0, 0xfe, 24}, 12);
	assert_int_equal(acpi_init(&acpi, address(arena)), -1); /* no FADT */
	assert_int_equal(acpi.n_cpus, 2);
	assert_int_equal(acpi.n_io, 1);
	assert_int_equal(acpi.io[0].base, 0xfec00000);
	assert_int_equal(acpi.io[0].gsi, 24);
	assert_memory_equal(acpi.oem, "FIRECK", 6);
	assert_false(acpi_can_power_off(&acpi));
	put32(madt + 4, 44 + 8 + 15); /* ends in the middle of an entry */
	acpi_init(&acpi, address(arena));
	assert_int_equal(acpi.n_cpus, 1);
}

/* Tables without end, and of the same table over and over: bounded work. */
static void test_endless(void **state)
{
	struct acpi acpi;
	uint8_t *madt = table(0x1000, "APIC", 0xf0000);

	(void)state;
	root((1u << 20) / 4 - 16);
	for (uint32_t at = 44; at + 8 < 0xf0000; at += 8)
		memcpy(madt + at, (uint8_t[]){0, 8, 0, 0, 1, 0, 0, 0}, 8);
	acpi_init(&acpi, address(arena));
	assert_int_equal(acpi.n_cpus, (0xf0000 - 44) / 8); /* once */
	put32(madt + 4, UINT32_MAX);
	acpi_init(&acpi, address(arena));
	assert_int_equal(acpi.n_cpus, 0);
	put32(arena + 16, 0xfffffff0); /* runs past 4 GiB */
	assert_int_equal(acpi_init(&acpi, address(arena)), -1);
}

static void test_power_off(void **state)
{
	struct acpi acpi;
	uint8_t *fadt = table(0x1000, "FACP", 268), *dsdt = table(0x2000, "DSDT", 64);

	(void)state;
	root(1);
	put32(fadt + 64, 0x600);
	put32(fadt + 40, address(dsdt));
	assert_int_equal(acpi_init(&acpi, address(arena)), 0);
	assert_false(acpi_can_power_off(&acpi)); /* a register, and nothing to write to it */
	memcpy(dsdt + 40, "_S5_\x12\x06\x04\x0a\x05", 9);
	assert_true(acpi_can_power_off(&acpi));
	registers_clear();
	acpi_power_off(&acpi);
	assert_int_equal(registers_log[registers_count - 1].offset, 0x600);
	assert_int_equal(registers_log[registers_count - 1].value, 5 << 10 | 1 << 13 | 1);
}

/* As Firecracker writes them, one after the other; then what AML must not lead us to. */
static void test_memory_of_signs(void **state)
{
	static const char vmgenid[] = "\x08_CID\rVM_Gen_Counter\0\x08_DDN\rVM_Gen_Counter\0"
				      "\x08"
				      "ADDR\x12\x0b\x02\x0c\xf0\xff\x0d\x00\x00";
	static const char vmclock[] =
		"\x08_CID\rVMCLOCK\0\x08_DDN\rVMCLOCK\0\x14\x09_STA\0\xa4\x0a\x0f"
		"\x08_CRS\x11\x33\x0a\x30\x8a\x2b\0\0\x0c\x02\0\0\0\0\0\0\0\0"
		"\0\xe0\x0d\0\0\0\0\0\xff\xef\x0d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\x79\0";
	uint32_t length = 36 + sizeof vmgenid + sizeof vmclock;
	uint8_t *fadt = table(0x1000, "FACP", 268), *dsdt = table(0x2000, "DSDT", length);
	uint8_t *low = dsdt + 36 + sizeof vmgenid - 6;
	struct acpi acpi;

	(void)state;
	root(1);
	put32(fadt + 40, address(dsdt));
	memcpy(dsdt + 36, vmgenid, sizeof vmgenid);
	memcpy(dsdt + 36 + sizeof vmgenid, vmclock, sizeof vmclock);
	assert_int_equal(acpi_init(&acpi, address(arena)), 0);
	assert_int_equal(acpi_vmgenid(&acpi), 0xdfff0);
	assert_int_equal(acpi_vmclock(&acpi), 0xde000);
	put32(low, 0x10); /* NULL's page */
	assert_int_equal(acpi_vmgenid(&acpi), 0);
	put32(low, 0xdfff0);
	low[-1] = 0x0e; /* no constant that it could be */
	assert_int_equal(acpi_vmgenid(&acpi), 0);
	/* Cut off anywhere, nothing is found, and nothing behind the table read. */
	for (uint32_t cut = 36; cut < length - 3; cut++) {
		put32(dsdt + 4, cut);
		acpi_init(&acpi, address(arena));
		assert_int_equal(acpi_vmclock(&acpi), 0);
	}
	/* No ACPI at all. */
	assert_int_equal(acpi_init(&acpi, address(fadt)), -1);
	assert_int_equal(acpi_vmgenid(&acpi), 0);
	assert_int_equal(acpi_vmclock(&acpi), 0);
	/* In a table that adds to the DSDT. */
	memcpy(arena + 0x1000, "SSDT", 4);
	memcpy(arena + 0x1000 + 36, vmclock, sizeof vmclock);
	acpi_init(&acpi, address(arena));
	assert_int_equal(acpi_vmclock(&acpi), 0xde000);
	memcpy(arena + 0x1000, "XSDT", 4);
	acpi_init(&acpi, address(arena));
	assert_int_equal(acpi_vmclock(&acpi), 0);
}

static void test_mptable(void **state)
{
	static const uint8_t flags[] = {3, 1, 0}; /* the last is not enabled */
	uint8_t *table_of_cpus;

	(void)state;
	assert_int_equal(mptable_cpus((uintptr_t)arena), 0);
	table_of_cpus = mp_tables(arena, "FC      ", flags, 3, true);
	assert_int_equal(mptable_cpus((uintptr_t)arena), 2);
	assert_true(mptable_by((uintptr_t)arena, "FC      "));
	assert_false(mptable_by((uintptr_t)arena, "QBOOT   "));
	table_of_cpus[7]++; /* damaged */
	assert_int_equal(mptable_cpus((uintptr_t)arena), 0);
	put32(arena + MP_POINTER + 4, 0xffffffff);
	assert_int_equal(mptable_cpus((uintptr_t)arena), 0);
}

/* --- Clocks --- */

/* Seconds of the day that the CMOS shows, or -1. */
static int64_t second_of_day(uint8_t hour, uint8_t b)
{
	int64_t ns;

	memcpy(cmos, (uint8_t[]){0x30, 0, 0x59, 0, hour, 0, 0, 0x28, 0x11, 0x26}, 10);
	cmos[0x0b] = b;
	cmos[0x32] = 0x20;
	assert_true(cmos_is_there());
	return cmos_get(&ns) ? -1 : ns / 1000000000 % 86400;
}

static void test_cmos(void **state)
{
	int64_t ns;

	(void)state;
	/* Register B says 12 hours, and the clock has 24 (Cloud Hypervisor); or says the truth. */
	for (unsigned hour = 0; hour < 24; hour++) {
		uint8_t bcd = (uint8_t)(hour / 10 << 4 | hour % 10);

		assert_int_equal(second_of_day(bcd, 0), hour * 3600 + 59 * 60 + 30);
		assert_int_equal(second_of_day(bcd, 2), hour * 3600 + 59 * 60 + 30);
	}
	assert_int_equal(second_of_day(0x81, 0), 13 * 3600 + 59 * 60 + 30); /* 1 p.m. */
	assert_int_equal(second_of_day(0x92, 0), 12 * 3600 + 59 * 60 + 30);
	assert_int_equal(second_of_day(0x24, 0), -1);
	/* A bus that reads zeroes is no clock (Firecracker); one of ones is seen at once. */
	cmos[0x0a] =
		0x80; /* an update that never ends, as QEMU shows after it has restored a machine */
	assert_int_equal(second_of_day(0x10, 2), 10 * 3600 + 59 * 60 + 30);
	memset(cmos, 0, sizeof cmos);
	assert_true(cmos_is_there());
	assert_int_equal(cmos_get(&ns), -1);
	memset(cmos, 0xff, sizeof cmos);
	assert_false(cmos_is_there());
}

/* A date that is none, field by field; and one that is always being updated, or is for once. */
static void test_cmos_is_wrong(void **state)
{
	static const uint8_t wrong[][2] = {{0x08, 0},  {0x08, 13}, {0x07, 0},  {0x07, 32},
	                                   {0x04, 24}, {0x02, 60}, {0x00, 61}, {0x32, 18}};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		memcpy(cmos, (uint8_t[]){30, 0, 59, 0, 10, 0, 0, 28, 11, 26}, 10);
		cmos[0x0b] = 6; /* binary */
		cmos[0x32] = 20;
		assert_int_equal(cmos_get(&ns), 0);
		cmos[wrong[i][0]] = wrong[i][1];
		assert_int_equal(cmos_get(&ns), -1);
	}
	cmos[0x32] = 20;
	cmos_tears = 2;
	assert_int_equal(cmos_get(&ns), 0);
	cmos_tears = 100;
	assert_int_equal(cmos_get(&ns), -1);
	cmos_tears = 0;
}

/* Set and read again: leap days, the last second of a year, both ways to write numbers. */
static void test_cmos_set(void **state)
{
	static const int64_t seconds[] = {0,          951782399,  951868799,  4107542399,
	                                  1795232666, 1798761599, 1798761600, 9214646399};
	int64_t ns;

	(void)state;
	for (unsigned b = 0; b < 8; b += 4)
		for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
			cmos[0x0b] = (uint8_t)b;
			assert_int_equal(cmos_set(seconds[i] * 1000000000 + 999999999 % (i + 1)),
			                 0);
			assert_int_equal(cmos[0x0b], b | 2);
			assert_int_equal(cmos_get(&ns), 0);
			assert_true(ns == seconds[i] * 1000000000);
		}
	assert_int_equal(cmos_set(-1), -1);
}

/* Other hypervisors' clocks are not KVM's. */
static void test_other_hypervisors(void **state)
{
	static struct clock clock;

	(void)state;
	kvm = true;
	for (unsigned i = 0; i < 3; i++) {
		struct cpuid real = hypervisor;

		*(i == 0 ? &hypervisor.ebx : i == 1 ? &hypervisor.ecx : &hypervisor.edx) = 1;
		clock_init(&clock);
		assert_false(clock.kvm);
		hypervisor = real;
	}
}

/* Its speed as the processor says it; and KVM's, faster and slower than a nanosecond, not told yet. */
static void test_speed(void **state)
{
	static struct clock clock;
	int64_t ns;

	(void)state;
	tsc_leaf = (struct cpuid){2, 100, 24000000, 0};
	tsc_leaf.ecx = 24000000;
	tsc_leaf.ebx = 100;
	assert_int_equal(clock_hz(&clock), 1200000000);
	clock.hz = 0;
	tsc_leaf.eax = 0; /* it does not say */
	pit_step = 10;
	pit_stops_at = UINT32_MAX;
	assert_in_range(clock_hz(&clock), 50000000, 70000000);
	tsc_leaf = (struct cpuid){0};
	kvm = true;
	clock_init(&clock);
	clock.last = 0;
	clock.kvm_time.tsc_to_system_mul = 0x80000000;
	clock.kvm_time.tsc_shift = 2;
	tsc = 990;
	assert_int_equal(clock_ticks(&clock), 2000);
	clock.kvm_time.tsc_shift = -1;
	clock.kvm_time.system_time = 5000;
	tsc = 1990;
	assert_int_equal(clock_ticks(&clock), 5000 + 500);
	clock.kvm_time.system_time = 0; /* a slip of KVM's: time does not go back */
	assert_int_equal(clock_ticks(&clock), 5500);
	kvm_is_slow = true;
	assert_int_equal(clock_wall(&clock, &ns), -1);
	kvm_is_slow = false;
}

static void test_kvm_clock(void **state)
{
	static struct clock clock;
	int64_t ns;

	(void)state;
	clock_init(&clock);
	assert_int_equal(clock_wall(&clock, &ns), -1);
	kvm = true;
	kvm_seconds = 1700000000;
	clock_init(&clock);
	assert_int_equal(clock_wall(&clock, &ns), 0);
	assert_int_equal(ns / 1000000000, 1700000000);
	kvm_seconds += 3600; /* restored an hour later: asked again, KVM tells the new time */
	assert_int_equal(clock_wall(&clock, &ns), 0);
	assert_int_equal(ns / 1000000000, 1700003600);
	assert_in_range(wall_told, (uintptr_t)&clock, (uintptr_t)(&clock + 1) - 12);
	assert_false(clock_was_stopped(&clock));
	clock.kvm_time.flags = 3; /* KVM_KVMCLOCK_CTRL, and that it is stable */
	assert_true(clock_was_stopped(&clock));
	clock_goes_on(&clock);
	assert_false(clock_was_stopped(&clock));
	assert_int_equal(clock.kvm_time.flags, 1);
}

/* An 8254 that counts, one that is not there, and such as stop or jump while they are watched. */
static void test_pit(void **state)
{
	static const struct {
		uint16_t step;
		unsigned stops_at;
		uint64_t low, high;
	} pits[] = {
		{10, UINT32_MAX, 50000000, 70000000}, {0, UINT32_MAX, 1000000000, 1000000000},
		{10, 50, 1000000000, 1000000000},     {0x8000, UINT32_MAX, 1, UINT64_MAX},
		{0xffff, UINT32_MAX, 1, UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pits / sizeof pits[0]; i++) {
		struct clock clock = {0};
		uint64_t hz;

		pit_step = pits[i].step;
		pit_stops_at = pits[i].stops_at;
		pit_reads = 0;
		hz = clock_hz(&clock);
		assert_true(hz >= pits[i].low && hz <= pits[i].high);
	}
}

/* The host may let any time go by at any step: the speed that is found is right, on a slow and on a fast machine. */
static void test_pit_of_a_busy_host(void **state)
{
	static const unsigned ticks_per_count[] = {50, 838, 2514};
	static const unsigned stalls_us[] = {0, 30, 1000, 5000, 54000, 56000, 1000000};

	(void)state;
	for (size_t i = 0; i < sizeof ticks_per_count / sizeof ticks_per_count[0]; i++)
		for (size_t j = 0; j < sizeof stalls_us / sizeof stalls_us[0]; j++)
			for (unsigned at = 1; at < 40000; at += 1 + at / 10) {
				struct clock clock = {0};
				uint64_t real = UINT64_C(1193182) * ticks_per_count[i];

				set_up(state);
				pit_ticks = ticks_per_count[i];
				stall = stalls_us[j] * real / 1000000;
				stall_at = at;
				assert_in_range(clock_hz(&clock), real - real / 64,
				                real + real / 64);
			}
}

/* --- The local APIC --- */

static uint32_t apic_id;

static uint32_t read_apic(void *context, unsigned offset, unsigned width)
{
	(void)context;
	assert_int_equal(apic_base & 0xc00, 0x800); /* as x2APIC it has no registers here */
	assert_int_equal(width, 4);
	return offset == 0x20 ? apic_id << 24 : 0;
}

static void write_apic(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)value;
	read_apic(context, offset, width);
}

/* A message reaches this processor, whichever it is, and also where a loader left an x2APIC. */
static void test_apic(void **state)
{
	static const struct registers registers = {
		.base = 0xfee00000, .size = 0x1000, .read = read_apic, .write = write_apic};
	struct apic apic;

	(void)state;
	registers_attach(&registers);
	apic_init(&apic);
	assert_int_equal(n_apic_bases, 0);
	assert_true(apic_message_address(&apic) == 0xfee00000);
	apic_base = 0xfee00d00;
	apic_init(&apic);
	assert_int_equal(n_apic_bases, 2);
	assert_int_equal(apic_bases[0],
	                 0xfee00100); /* not at all, in between: else it is a fault */
	assert_int_equal(apic_bases[1], 0xfee00900);
	apic_id = 0xa5;
	assert_true(apic_message_address(&apic) == 0xfeea5000);
}

/* --- What the loader says --- */

static void test_boot(void **state)
{
	uint8_t *start = arena, *map = arena + 0x100;
	uint64_t base, size, entry[3] = {0x100000000, 0x80000000, 1};
	struct boot boot;

	(void)state;
	protocol = BOOT_PVH;
	info = (uintptr_t)start;
	assert_int_equal(boot_read(&boot), -1);
	put32(start, 0x336ec578);
	put32(start + 4, 1);
	put32(start + 40, address(map));
	put32(start + 48, 2);
	memcpy(map, entry, 24);
	entry[2] = 2; /* reserved */
	memcpy(map + 24, entry, 24);
	assert_int_equal(boot_read(&boot), 0);
	assert_true(boot_ram(&boot, 0, &base, &size));
	assert_true(base == 0x100000000 && size == 0x80000000);
	assert_true(boot_ram(&boot, 1, &base, &size));
	assert_true(size == 0);
	assert_false(boot_ram(&boot, 2, &base, &size));
	put32(start + 48, UINT32_MAX); /* entries without end */
	assert_int_equal(boot_read(&boot), 0);
	assert_false(boot_ram(&boot, 128, &base, &size));
	entry[2] = 1;
	entry[0] = (uintptr_t)&boot_read & ~UINT64_C(4095);
	entry[1] = 0x8001; /* as libkrun says it */
	memcpy(map, entry, 24);
	entry[1] = 0xfff;
	memcpy(map + 24, entry, 24);
	assert_int_equal(boot_read(&boot), 0);
	assert_true(boot.ram_end == entry[0] + 0x8000);
	assert_true(boot_ram(&boot, 0, &base, &size));
	assert_true(base == entry[0] && size == 0x8000);
	assert_true(boot_ram(&boot, 1, &base, &size));
	assert_true(size == 0);
	put32(start + 40, 0xffffff00); /* a map that runs past 4 GiB */
	assert_int_equal(boot_read(&boot), 0);
	assert_false(boot_ram(&boot, 0, &base, &size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_processors, set_up),
		cmocka_unit_test_setup(test_endless, set_up),
		cmocka_unit_test_setup(test_power_off, set_up),
		cmocka_unit_test_setup(test_memory_of_signs, set_up),
		cmocka_unit_test_setup(test_mptable, set_up),
		cmocka_unit_test_setup(test_cmos, set_up),
		cmocka_unit_test_setup(test_cmos_is_wrong, set_up),
		cmocka_unit_test_setup(test_cmos_set, set_up),
		cmocka_unit_test_setup(test_other_hypervisors, set_up),
		cmocka_unit_test_setup(test_speed, set_up),
		cmocka_unit_test_setup(test_kvm_clock, set_up),
		cmocka_unit_test_setup(test_pit, set_up),
		cmocka_unit_test_setup(test_pit_of_a_busy_host, set_up),
		cmocka_unit_test_setup(test_apic, set_up),
		cmocka_unit_test_setup(test_boot, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
