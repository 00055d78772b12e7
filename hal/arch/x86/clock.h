/* SPDX-License-Identifier: MIT */
/*
 * clock.h - time that only grows, from the time stamp counter, and the hypervisor's wall clock.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Written by KVM whenever it runs us; odd versions are being written. */
struct pvclock_vcpu_time_info {
	uint32_t version;
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags;
	uint8_t pad[2];
};

struct clock {
	struct pvclock_vcpu_time_info kvm_time __attribute__((aligned(32)));
	bool kvm;	  /* KVM tells the time; else it is measured against the 8254 */
	uint64_t ns, tsc; /* the last time told, and the counter then */
	uint64_t scale;	  /* nanoseconds for each count, times 2^32; 0: not measured yet */
};

/* Takes the clocks into use. Stops the 8254's periodic interrupt. */
void clock_init(struct clock *clock);

/* Nanoseconds since clock_init() or before. The first call may spin for two milliseconds. */
uint64_t clock_monotonic(struct clock *clock);

/* Nanoseconds that so many counts of the time stamp counter take. */
uint64_t clock_span(struct clock *clock, uint64_t counts);

/* Nanoseconds since 1970 from KVM; -1: this hypervisor does not say. */
int clock_wall(struct clock *clock, int64_t *ns);

#endif
