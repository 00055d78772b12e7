/* SPDX-License-Identifier: MIT */
/*
 * pc_processor.h - the processor of a PC that a board is booted on: what CPUID and MSRs say, time that goes on when it
 * is read, and waits that are counted. Include it behind cmocka.h, in one file of a program.
 */
#ifndef PC_PROCESSOR_H
#define PC_PROCESSOR_H

#include "x86.h"

volatile uint32_t x86_wakes;

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

#endif
