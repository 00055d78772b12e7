// SPDX-License-Identifier: MIT
/*
 * protect.c - what ../protect.h promises, on x86: of the page tables of start.S, which are for all of the
 * first 4 GiB, the 2 MiB at address 0 and those of the image become pages of 4 KiB (Intel SDM volume 3, 4.5).
 */
#include "arch/protect.h"
#include "x86.h"

#define PRESENT  1u
#define WRITABLE 2u
#define USED     0x60u /* accessed and dirty */
#define NO_EXEC  (UINT64_C(1) << 63)

#define CPUID_EXTENDED 0x80000001u
#define CPUID_EDX_NX   (1u << 20)
#define MSR_EFER       0xc0000080u
#define EFER_NXE       (1u << 11)
#define CPUID_WIDTHS   0x80000008u         /* of physical addresses, in EAX */
#define CR0_WP         (UINT64_C(1) << 16) /* what is read-only is so for us, too */

#define PAGE    4096u
#define ENTRIES 512u
#define GIBS    4

#define LARGE_PAGE (PAGE * ENTRIES)
#define FAR_PAGES  8u
#define FAR_FIRST  (GIBS * ENTRIES - FAR_PAGES) /* of x86_pd; start.S has the caches off there */
#define ADDRESS    UINT64_C(0x000fffffffe00000)

/* start.S */
extern uint64_t x86_pdpt[ENTRIES], x86_pd[GIBS * ENTRIES];
/* linker/x86.ld */
extern char __image_start[], __rodata_start[], __code_end[], __stack_guard[], __stack_start[];

#define IMAGE_ENTRY ((uintptr_t)__image_start / PAGE / ENTRIES) /* of x86_pd */

#define PAGE_TABLE __attribute__((section(".noinit.page_table"), aligned(4096)))
static PAGE_TABLE uint64_t low[ENTRIES], near[ENTRIES];

/* The pages of 2 MiB from a base on. */
static void fill(uint64_t *table, uint64_t base, uint64_t no_exec)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		table[i] = (base + i * PAGE) | PRESENT | WRITABLE | USED | no_exec;
}

static uint64_t lead(const uint64_t *table)
{
	return (uintptr_t)table | PRESENT | WRITABLE | USED;
}

static void set(const char *from, const char *to, uint64_t flags)
{
	for (; from < to; from += PAGE)
		near[(uintptr_t)from / PAGE % ENTRIES] = flags ? (uintptr_t)from | flags : 0;
}

static void forget_mappings(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0\n\tmov %0, %%cr3" : "=r"(cr3)::"memory");
}

void arch_protect(void)
{
	uint64_t no_exec = cpuid(CPUID_EXTENDED).edx & CPUID_EDX_NX ? NO_EXEC : 0, cr0;

	if (no_exec)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	fill(low, 0, no_exec);
	low[0] = 0;
	fill(near, IMAGE_ENTRY * ENTRIES * PAGE, no_exec);
	set(__image_start, __rodata_start, PRESENT | USED);
	set(__rodata_start, __code_end, PRESENT | USED | no_exec);
	set(__stack_guard, __stack_start, 0);

	/* Whoever walks these tables at any moment finds that this code may be executed. */
	x86_pd[IMAGE_ENTRY] = lead(near);
	for (unsigned i = 0; i < ENTRIES; i++)
		if (i != IMAGE_ENTRY)
			x86_pd[i] |= no_exec;
	x86_pd[0] = lead(low);
	for (unsigned i = 1; i < GIBS; i++)
		x86_pdpt[i] |= no_exec;
	forget_mappings();
	__asm__ volatile("mov %%cr0, %0\n\tor %1, %0\n\tmov %0, %%cr0"
	                 : "=&r"(cr0)
	                 : "r"(CR0_WP)
	                 : "memory");
}

void x86_reach_null(bool yes)
{
	low[0] = yes ? PRESENT : 0;
	forget_mappings();
}

uintptr_t x86_reach_far(uint64_t address, uint64_t size)
{
	uint64_t page = address & ADDRESS, within = address % LARGE_PAGE;

	if (address >> (cpuid(CPUID_WIDTHS).eax & 0x3f) != 0 || size > LARGE_PAGE - within)
		return 0;
	for (unsigned i = FAR_FIRST; i < FAR_FIRST + FAR_PAGES; i++) {
		uint64_t own = (uint64_t)i * LARGE_PAGE;

		if ((x86_pd[i] & ADDRESS) == own) {
			x86_pd[i] = (x86_pd[i] & ~ADDRESS) | page;
			forget_mappings();
		}
		if ((x86_pd[i] & ADDRESS) == page)
			return own + within;
	}
	return 0;
}
