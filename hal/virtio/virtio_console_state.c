/* SPDX-License-Identifier: MIT */
/* virtio_console_state.c - see virtio_console_state.h. */
#include "virtio_console_state.h"

void qga_console_say(const struct virtio_console *self, const char *sentence)
{
	if (self->config->debug != NULL)
		self->config->debug(self->config->context, sentence);
}

/*
 * 2.7.10 would have a notification each time. QEMU looks at a receive queue by itself whenever
 * there is something to receive, unless it found it empty before.
 */
__attribute__((noinline)) void qga_console_publish(struct virtio_console *self, struct virtq *q)
{
	bool ran_empty = false;

	if (!qga_virtq_publish(q, &ran_empty))
		return;
	if (!q->memory.device_writes || ran_empty || !self->device->looks_often)
		qga_virtio_notify(self->device, q);
}

void qga_console_restart_due(struct virtio_console *self)
{
	if (self->saw_close) /* in peace, just before */
		self->restarts = 0;
	if (self->host_open && self->state == VIRTIO_CONSOLE_FOUND)
		self->saw_close = true;
	self->state = VIRTIO_CONSOLE_RESTARTING;
	self->rx_end = self->rx_seen = self->rx.used_idx;
}

__attribute__((cold, noinline)) void qga_console_break_off(struct virtio_console *self)
{
	self->violation = true;
	qga_console_restart_due(self);
}

void qga_console_reclaim(struct virtio_console *self)
{
	uint16_t before = self->tx.used_idx;

	if (qga_virtq_reclaim(&self->tx) == VIRTQ_VIOLATION)
		qga_console_break_off(self);
	if (self->tx_waiting && self->tx.used_idx != before) {
		self->tx_waiting = false;
		qga_virtq_interrupts(&self->tx, false);
	}
}
