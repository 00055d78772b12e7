// SPDX-License-Identifier: MIT
/*
 * clock.c - kvmclock (Linux, Documentation/virt/kvm/x86/msr.rst and cpuid.rst) where KVM offers it;
 * else the time stamp counter, its speed taken from CPUID 15H (Intel SDM volume 2) or measured
 * against the 8254 (Intel 8254, "Mode 0"), which is in every PC and in microvm.
 *
 * Nothing is measured until somebody asks for the time: a boot should not spin. Left out:
 * processors whose time stamp counter stops or changes its speed.
 */
#include <stddef.h>

#include "clock.h"
#include "port.h"
#include "x86.h"

#define NS_PER_S UINT64_C(1000000000)

enum cpuid_leaf {
	CPUID_TSC = 0x15,              /* EBX / EAX * ECX Hz */
	CPUID_HYPERVISOR = 0x40000000, /* EBX, ECX, EDX: signature */
	CPUID_KVM_FEATURES = 0x40000001,
};

#define KVM_FEATURE_CLOCKSOURCE2 (1u << 3)

#define MSR_KVM_WALL_CLOCK_NEW  0x4b564d00
#define MSR_KVM_SYSTEM_TIME_NEW 0x4b564d01

#define PVCLOCK_GUEST_STOPPED (1u << 1)

_Static_assert(sizeof(struct pvclock_vcpu_time_info) == 32, "msr.rst");

enum i8254 {
	PIT_COUNTER0 = 0x40, /* RW low byte, then high */
	PIT_CONTROL = 0x43,  /* W */
};

#define PIT_HZ     1193182u
#define PIT_LATCH0 0x00
#define PIT_MODE0  0x30 /* counter 0, both bytes, interrupt on terminal count */
#define PIT_TRIES  100000
#define PIT_WINDOW 2400 /* counts: two milliseconds */

#define PIT_LONGEST 48000 /* counts: below 65536, that go by unseen */

/* As many as there are counts in the window; one that jumps about is not believed any longer. */
#define PIT_SAMPLES 10000

/* What a reading took may be this part of what lies between two, or they are taken anew, so many times. */
#define PIT_EXACT    64
#define PIT_ATTEMPTS 8

/* a * b / 2^32 */
static uint64_t multiply(uint64_t a, uint64_t b)
{
	return (uint64_t)((unsigned __int128)a * b >> 32);
}

static bool kvm_offers_clock(void)
{
	struct cpuid id;

	if (!(cpuid(1).ecx >> 31)) /* no hypervisor */
		return false;
	id = cpuid(CPUID_HYPERVISOR);
	if (id.ebx != 0x4b4d564b || id.ecx != 0x564b4d56 || id.edx != 0x4d) /* KVMKVMKVM */
		return false;
	return cpuid(CPUID_KVM_FEATURES).eax & KVM_FEATURE_CLOCKSOURCE2;
}

/* Nanoseconds since KVM made us, or since a system reset. */
static uint64_t kvm_now(const struct clock *clock)
{
	const volatile struct pvclock_vcpu_time_info *time = &clock->kvm_time;
	uint32_t version;
	uint64_t delta, ns;

	do {
		version = time->version;
		delta = rdtsc() - time->tsc_timestamp;
		delta = time->tsc_shift < 0 ? delta >> -time->tsc_shift : delta << time->tsc_shift;
		ns = time->system_time + multiply(delta, time->tsc_to_system_mul);
	} while ((version & 1) || version != time->version);
	return ns;
}

/* One reading, and the time stamp counter before and after: a busy host may let long pass in between. */
struct pit_sample {
	uint64_t before, after;
	uint16_t count;
};

static uint16_t pit_read(void)
{
	uint16_t low;

	port_write8(PIT_CONTROL, PIT_LATCH0);
	low = port_read8(PIT_COUNTER0);
	return (uint16_t)(low | port_read8(PIT_COUNTER0) << 8);
}

/* Waits for the next count, so that both halves belong together; false: there is no 8254. */
static bool sample_pit(struct pit_sample *sample)
{
	uint16_t count = pit_read();
	unsigned tries;

	for (tries = 0; tries < PIT_TRIES; tries++) {
		sample->before = rdtsc();
		sample->count = pit_read();
		sample->after = rdtsc();
		if (sample->count != count)
			return true;
	}
	return false;
}

/* Counts down through 65536 for ever and interrupts nobody. */
static void pit_start(void)
{
	port_write8(PIT_CONTROL, PIT_MODE0);
	port_write8(PIT_COUNTER0, 0);
	port_write8(PIT_COUNTER0, 0);
}

enum measured {
	PIT_IS_NOT_THERE,
	PIT_WAS_NOT_WATCHED, /* the whole time: *hz is what it comes to all the same */
	PIT_TELLS,
};

/* Spins for two milliseconds, or longer where a reading takes long. */
static enum measured measure(uint64_t *hz)
{
	struct pit_sample start, last, now;
	uint64_t span = 0, widths = 0, gap = 0;
	uint16_t counts = 0;
	unsigned samples;

	if (!sample_pit(&start))
		return PIT_IS_NOT_THERE;
	now = start;
	for (samples = 0; samples < PIT_SAMPLES && counts < PIT_LONGEST; samples++) {
		last = now;
		if (!sample_pit(&now))
			return PIT_IS_NOT_THERE;
		counts = (uint16_t)(start.count - now.count);
		span = now.after - start.after;
		widths = start.after - start.before + now.after - now.before;
		if (now.after - last.after > gap)
			gap = now.after - last.after;
		if (counts >= PIT_WINDOW && widths * PIT_EXACT <= span)
			break;
	}
	*hz = counts ? span * PIT_HZ / counts : NS_PER_S;
	/* In a long gap it may have counted through 65536. */
	return widths * PIT_EXACT <= span && gap <= span / 2 ? PIT_TELLS : PIT_WAS_NOT_WATCHED;
}

/* Without an 8254 either, counts are taken for nanoseconds. */
static uint64_t hz_from_pit(void)
{
	enum measured measured = PIT_WAS_NOT_WATCHED;
	uint64_t hz = NS_PER_S;
	unsigned attempts;

	for (attempts = 0; attempts < PIT_ATTEMPTS && measured == PIT_WAS_NOT_WATCHED; attempts++)
		measured = measure(&hz);
	return measured == PIT_IS_NOT_THERE ? NS_PER_S : hz;
}

static uint64_t hz_from_cpuid(void)
{
	struct cpuid id;

	if (cpuid(0).eax < CPUID_TSC)
		return 0;
	id = cpuid(CPUID_TSC);
	return id.eax ? (uint64_t)id.ecx * id.ebx / id.eax : 0;
}

void clock_init(struct clock *clock)
{
	pit_start();
	clock->kvm = kvm_offers_clock();
	clock->hz = clock->kvm ? NS_PER_S : 0;
	if (clock->kvm)
		wrmsr(MSR_KVM_SYSTEM_TIME_NEW, (uintptr_t)&clock->kvm_time | 1);
}

uint64_t clock_ticks(struct clock *clock)
{
	uint64_t now = clock->kvm ? kvm_now(clock) : rdtsc();

	if (now > clock->last) /* a hypervisor's slip must not turn time back */
		clock->last = now;
	return clock->last;
}

uint64_t clock_hz(struct clock *clock)
{
	if (!clock->hz)
		clock->hz = hz_from_cpuid();
	if (!clock->hz)
		clock->hz = hz_from_pit();
	return clock->hz;
}

int clock_wall(struct clock *clock, int64_t *ns)
{
	volatile struct pvclock_wall_clock *wall = &clock->kvm_wall;

	if (!clock->kvm)
		return -1;
	wall->version = 1;
	wrmsr(MSR_KVM_WALL_CLOCK_NEW, (uintptr_t)wall);
	if (wall->version & 1)
		return -1;
	*ns = (int64_t)(wall->sec * NS_PER_S + wall->nsec + kvm_now(clock));
	return 0;
}

bool clock_was_stopped(const struct clock *clock)
{
	return *(const volatile uint8_t *)&clock->kvm_time.flags & PVCLOCK_GUEST_STOPPED;
}

/* KVM keeps what we write here. */
void clock_goes_on(struct clock *clock)
{
	*(volatile uint8_t *)&clock->kvm_time.flags &= (uint8_t)~PVCLOCK_GUEST_STOPPED;
}
