/* SPDX-License-Identifier: MIT */
/*
 * pc.h - what every x86 machine has, put together: how it was booted, how it waits, tells the time
 * and is switched off.
 */
#ifndef PC_H
#define PC_H

#include <stdbool.h>
#include <stdint.h>

#include "acpi.h"
#include "apic.h"
#include "boot.h"
#include "clock.h"

/* COM1 and COM2, by custom. */
#define PC_COM1	    0x3f8
#define PC_COM1_IRQ 4
#define PC_COM2	    0x2f8
#define PC_COM2_IRQ 3

struct pc {
	struct boot boot;
	struct acpi acpi;
	struct apic apic;
	struct clock clock;
	uint64_t idle; /* counts of the time stamp counter */
	bool has_cmos;
};

enum pc_power {
	PC_POWERDOWN,
	PC_HALT,
	PC_REBOOT
};

/* Reads the boot information and starts all of it. Returns 0, or -1: unknown boot information; what
 * can be known without it is there. */
int pc_init(struct pc *pc);

/* A 16550 answers at that port. */
bool pc_has_uart(uint16_t port);

void pc_wait(struct pc *pc, uint64_t ns);
uint64_t pc_idle(struct pc *pc);

/* The hardware clock: the CMOS, else KVM's. */
bool pc_has_rtc(const struct pc *pc);
int pc_rtc_get(struct pc *pc, int64_t *ns);
int pc_rtc_set(struct pc *pc, int64_t ns);

/* 1 << enum pc_power that the machine can do. */
unsigned pc_powers(const struct pc *pc);
void pc_power(struct pc *pc, enum pc_power mode);

#endif
