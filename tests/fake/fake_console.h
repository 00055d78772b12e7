/* SPDX-License-Identifier: MIT */
/*
 * fake_console.h - a virtio console behind virtio-mmio, as the monitors of this world make it.
 *
 * One struct, all knobs. What a careful device would object to (a register in the wrong state, an
 * address outside the memory it was given, a queue that it does not have) ends the test with a
 * sentence. fake_console_qemu() and its sisters set the knobs to what each one does.
 */
#ifndef FAKE_CONSOLE_H
#define FAKE_CONSOLE_H

#include <stdbool.h>

#include "registers.h"

#define FAKE_PORTS  40
#define FAKE_QUEUES (2 * FAKE_PORTS + 2)
#define FAKE_STREAM (1 << 13)

struct fake_queue {
	uint32_t num, align, pfn, ready;
	uint64_t desc, avail, used;
	uint16_t next; /* entry of the available ring we look at next */
	bool notified;
};

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
	struct registers registers;

	/* What it is. */
	uint32_t version, vendor, device_id, features, features_high, queue_max, max_ports;
	bool steps;          /* insists on Status being written step by step (Firecracker) */
	bool fixed_num;      /* ignores QueueNum (kvmtool) */
	bool silent_tx;      /* never interrupts when it has sent something (kvmtool) */
	bool names_early;    /* PORT_NAME comes with PORT_ADD, value 0 (crosvm) */
	bool no_close;       /* does not tell when the host has gone (crosvm) */
	bool deferred;       /* notifications are handled in fake_console_run() (KVM's ioeventfd) */
	bool leaks;          /* loses the held buffer when its reader goes (QEMU) */
	bool stuck;          /* a reset never ends */
	bool refuses;        /* does not take FEATURES_OK */
	unsigned busy_queue; /* in use after a reset; 0: none */
	unsigned most;       /* buffers that go through a port at a time, the rest later; 0: all */
	bool lies;           /* breaks rules, and so expects no reason in what it hears */
	uint8_t *memory;     /* which the guest may give it, */
	uint64_t memory_size;
	uint64_t memory_address; /* and where it is seen */

	/* Changes while it runs. */
	uint32_t status, features_sel, driver_sel, accepted[2], page_size, queue_sel, isr;
	unsigned resets, lost_messages, moved;
	unsigned leaked, leaked_before; /* since the last reset, and until then; see leaks */
	bool any_notified;              /* of the queues */
	struct fake_queue queues[FAKE_QUEUES];
	struct fake_port ports[FAKE_PORTS];
};

/* Zero and set up *fake, at register address `base`, with memory[size] seen at `address`. */
void fake_console_qemu(struct fake_console *fake, uintptr_t base, unsigned version);
void fake_console_crosvm(struct fake_console *fake, uintptr_t base);
void fake_console_kvmtool(struct fake_console *fake, uintptr_t base, unsigned version);
void fake_console_memory(struct fake_console *fake, void *memory, size_t size, uint64_t address);

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

/* A completion of any kind, for devices that break the rules. */
void fake_complete(struct fake_console *fake, unsigned queue, uint32_t id, uint32_t len);

#endif
