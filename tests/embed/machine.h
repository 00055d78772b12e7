/* SPDX-License-Identifier: MIT */
/*
 * machine.h - the little that the example's kernel has of a machine: a serial port, a clock, a
 * sleep, interrupts, and a way to switch off. riscv64.c and aarch64.c are QEMU's `virt` of each.
 *
 * None of it is bareqga's: it stands for the kernel that an agent is put into.
 */
#ifndef EMBED_MACHINE_H
#define EMBED_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One slot for a virtio device. */
struct slot {
	uintptr_t base;
	unsigned irq;
};

#define MACHINE_SLOTS 32

/* Fills in all slots, empty or not, in the order in which QEMU's command line fills them. */
size_t machine_slots(struct slot slots[MACHINE_SLOTS]);

void machine_start(void);
void machine_enable(unsigned irq);

/* Serial port: false if there is no room for the byte now; what came, or -1; what it interrupts by. */
bool machine_put(char byte);
int machine_get(void);
unsigned machine_serial_irq(void);
/* Shall a byte that came interrupt? */
void machine_listen(bool on);

/* Nanoseconds since the start. */
uint64_t machine_now(void);

/* With interrupts off: sleeps until one is pending, `ns` at most (UINT64_MAX: no limit). */
void machine_sleep(uint64_t ns);

/* Has kernel_tick() called in `ns` (UINT64_MAX: not any more). */
void machine_alarm(uint64_t ns);

void machine_interrupts_off(void);
void machine_interrupts_on(void);

/* Returns only if the machine does not obey. */
void machine_off(bool reboot);

/* Wakes the first processor; from the second one. */
void machine_wake(void);

/* --- The kernel's: called by the machine --- */

void kernel_main(void);
/* In a handler, with interrupts off. */
void kernel_interrupt(unsigned irq);
void kernel_tick(void);

#endif
