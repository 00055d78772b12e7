/* SPDX-License-Identifier: MIT */
/*
 * fake_console.h - a virtio console behind virtio-mmio, as the monitors of this world make it.
 *
 * One struct, all knobs; what it objects to is told in fake_mmio.h. fake_console_qemu() and its sisters
 * set the knobs to what each one does.
 */
#ifndef FAKE_CONSOLE_H
#define FAKE_CONSOLE_H

#include "fake_mmio.h"

#define FAKE_PORTS  (FAKE_QUEUES / 2 - 1)
#define FAKE_STREAM (1 << 13)

struct fake_port {
	bool plugged, console, host_open, host_reads;
	char name[80];
	unsigned name_len; /* with its NUL if it has one; 0: nameless */

	/* Changes while it runs. */
	bool ready, guest_open;
	int held; /* descriptor of the buffer that waits for the reader, or -1 (QEMU: throttled) */
	uint32_t held_len;
	unsigned in_len, out_len;
	/* Last, for they are not cleared. */
	uint8_t in[FAKE_STREAM];  /* from the host, not yet taken by the guest */
	uint8_t out[FAKE_STREAM]; /* what the host has read */
};

struct fake_console {
	struct fake_mmio mmio;

	/* What it is. */
	uint32_t max_ports;
	bool silent_tx;   /* never interrupts when it has sent something (kvmtool) */
	bool names_early; /* PORT_NAME comes with PORT_ADD, value 0 (crosvm) */
	bool no_close;    /* does not tell when the host has gone (crosvm) */
	bool deferred;    /* notifications are handled in fake_console_run() (KVM's ioeventfd) */
	bool leaks;       /* loses the held buffer when its reader goes (QEMU) */
	unsigned most;    /* buffers that go through a port at a time, the rest later; 0: all */

	/* Changes while it runs. */
	unsigned lost_messages, moved;
	unsigned leaked, leaked_before; /* since the last reset, and until then; see leaks */
	struct fake_port ports[FAKE_PORTS];
};

/* Zero and set up *fake, at register address `base`; its memory is fake_mmio_memory()'s to set. */
void fake_console_qemu(struct fake_console *fake, uintptr_t base, unsigned version);
void fake_console_crosvm(struct fake_console *fake, uintptr_t base);
void fake_console_kvmtool(struct fake_console *fake, uintptr_t base, unsigned version);

/* A port with a name (crosvm's without, QEMU's with a NUL at the end), from the start. */
struct fake_port *fake_console_port(struct fake_console *fake, unsigned nr, const char *name);

/* Handles what is due; true if there was something. */
bool fake_console_run(struct fake_console *fake);

/* The host's side. */
void fake_host_connect(struct fake_console *fake, unsigned nr);
void fake_host_disconnect(struct fake_console *fake, unsigned nr);
void fake_host_send(struct fake_console *fake, unsigned nr, const void *data, size_t len);
void fake_host_read(struct fake_console *fake, unsigned nr, bool reads);
void fake_host_unplug(struct fake_console *fake, unsigned nr);
void fake_host_plug(struct fake_console *fake, unsigned nr, const char *name);

/* A control message of any kind; false: the guest had no buffer for it. */
bool fake_control(struct fake_console *fake, uint32_t id, uint16_t event, uint16_t value,
                  const void *more, unsigned len);

/* fake_mmio_complete() for one that may have a silent_tx. */
void fake_complete(struct fake_console *fake, unsigned queue, uint32_t id, uint32_t len);

#endif
