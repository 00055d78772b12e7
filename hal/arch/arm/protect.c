/* SPDX-License-Identifier: MIT */
/*
 * protect.c - what ../protect.h promises, on Arm, 32 and 64 bits: page tables with pages of 4 KiB for code,
 * constants, the guard and address 0 (Arm ARM DDI 0487, D8.3; DDI 0406, B3.6: the same descriptors).
 *
 * start_*.S has mapped blocks of 1 GiB, so that caches are on while the tables are made here; they are
 * taken into use with the MMU off for a moment, for a block that is in use may not be split (D8.14.1).
 */
#include "arch/protect.h"
#include "arm_protect.h"
#include "sysreg.h"

#define TABLE     UINT64_C(3)
#define BLOCK     UINT64_C(1)
#define PAGE      UINT64_C(3)
#define KIND      UINT64_C(3)
#define READ_ONLY (UINT64_C(1) << 7)
#define NO_EXEC   (UINT64_C(3) << 53)
#define ADDRESS   UINT64_C(0xfffffffff000) /* of the next table, or of what is mapped */
#define ENTRIES   512
#define TABLES_MAX \
	4 /* two of the first GiB, two of the image's; with flash that is the first one */

#define GIB_SHIFT   30
#define MIB_2_SHIFT 21
#define PAGE_SHIFT  12

extern uint64_t boot_page_table[4]; /* start_*.S */
extern char __image_start[], __rodata_start[], __code_end[], __stack_guard[], __data_start[];

#define PAGE_TABLE __attribute__((section(".noinit.page_table")))
PAGE_TABLE __attribute__((aligned(64))) uint64_t arch_page_table[4];
static PAGE_TABLE __attribute__((aligned(4096))) uint64_t tables[TABLES_MAX][ENTRIES];
static unsigned n_tables;

/* Makes a table of a block, in which nothing may be executed; or the table that there is. */
static uint64_t *split(uint64_t *entry, unsigned shift, uint64_t kind)
{
	uint64_t next, *table;

	if ((*entry & KIND) == TABLE)
		return (uint64_t *)(uintptr_t)(*entry & ADDRESS);
	next = (*entry & ~KIND) | kind | NO_EXEC;
	table = tables[n_tables++ % TABLES_MAX];
	for (unsigned i = 0; i < ENTRIES; i++, next += UINT64_C(1) << shift)
		table[i] = next;
	*entry = (uintptr_t)table | TABLE;
	return table;
}

static uint64_t *page_of(uintptr_t address)
{
	uint64_t *table = split(&arch_page_table[address >> GIB_SHIFT], MIB_2_SHIFT, BLOCK);

	table = split(&table[address >> MIB_2_SHIFT & (ENTRIES - 1)], PAGE_SHIFT, PAGE);
	return &table[address >> PAGE_SHIFT & (ENTRIES - 1)];
}

/*
 * Of pages from one address up to another: bits that go, and bits that come. Called, not inlined: each copy would be
 * translated anew by an emulator that boots.
 */
static __attribute__((noinline)) void set(uintptr_t from, uintptr_t to, uint64_t gone,
                                          uint64_t come)
{
	for (; from < to; from += 1u << PAGE_SHIFT) {
		uint64_t *page = page_of(from);

		*page = (*page & ~gone) | come;
	}
}

void arch_protect(void)
{
	for (unsigned i = 0; i < 4; i++)
		arch_page_table[i] =
			boot_page_table[i] | ((boot_page_table[i] & KIND) == TABLE ? 0 : NO_EXEC);
	set((uintptr_t)__image_start, (uintptr_t)__rodata_start, NO_EXEC, READ_ONLY);
	set((uintptr_t)__rodata_start, (uintptr_t)__code_end, 0, READ_ONLY);
	set((uintptr_t)__stack_guard, (uintptr_t)__data_start, UINT64_MAX, 0);
	set(0, 1u << PAGE_SHIFT, KIND, 0);
	arm_use_tables(arch_page_table);
}

void arm_reach_null(void)
{
	*page_of(0) |= PAGE;
	sysreg_forget_mappings(page_of(0));
}
