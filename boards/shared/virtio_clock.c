/* SPDX-License-Identifier: MIT */
/*
 * virtio_clock.c - a virtio clock, where the machine has one: it shows the host's time to the nanosecond, in the place of
 * a clock of seconds. Started when somebody first asks for the time.
 */
#include "machine.h"
#include "pci_devices.h"
#include "virtio/virtio_rtc.h"

#define NOINIT __attribute__((section(".noinit")))

static NOINIT __attribute__((aligned(QGA_VIRTIO_ALIGN))) uint8_t memory[QGA_VIRTIO_RTC_MEMORY];
static struct qga_virtio_rtc clock;
static enum {
	UNKNOWN,
	WORKS,
	NONE
} state;

static bool start(struct machine *m)
{
	if (!m->clock.bus && !pci_devices_add_clock(m))
		return false;
	if (qga_virtio_rtc_start(&clock, &m->clock, memory) == 0)
		return true;
	machine_log("bareqga: the virtio clock does not show the time and is not used");
	return false;
}

bool machine_has_virtio_clock(void)
{
	if (state == UNKNOWN)
		state = start(&machine) ? WORKS : NONE;
	return state == WORKS;
}

int machine_virtio_clock(int64_t *ns)
{
	return qga_virtio_rtc_get(&clock, ns);
}
