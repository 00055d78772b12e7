/* SPDX-License-Identifier: MIT */
/*
 * clock.h - time that only grows, from the time stamp counter, and the hypervisor's wall clock.
 */
#ifndef BAREQGA_ARCH_X86_CLOCK_H
#define BAREQGA_ARCH_X86_CLOCK_H

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

/* Written when we ask, and by whoever restores the machine: the host keeps the address. */
struct pvclock_wall_clock {
	uint32_t version;
	uint32_t sec;
	uint32_t nsec;
};

struct clock {
	struct pvclock_vcpu_time_info kvm_time __attribute__((aligned(32)));
	struct pvclock_wall_clock kvm_wall;
	bool kvm;      /* KVM tells the time; else it is the time stamp counter */
	uint64_t last; /* ticks told before */
	uint64_t hz;   /* 0: not known yet */
};

/* Takes the clocks into use. Stops the 8254's periodic interrupt. */
void clock_init(struct clock *clock);

/*
 * Ticks that only grow, and how many there are in a second; the first clock_hz() may spin for two
 * milliseconds to find out, or for a few dozen where the host is busy.
 */
uint64_t clock_ticks(struct clock *clock);
uint64_t clock_hz(struct clock *clock);

/* Nanoseconds since 1970 from KVM; -1: this hypervisor does not say. */
int clock_wall(struct clock *clock, int64_t *ns);

/*
 * Has the machine been stopped, or restored, since clock_goes_on()? So the monitor tells through KVM (KVM_KVMCLOCK_CTRL),
 * as Firecracker and QEMU do; false: it does not. One byte is read.
 */
bool clock_was_stopped(const struct clock *clock);
void clock_goes_on(struct clock *clock);

#endif
