/* SPDX-License-Identifier: MIT */
/*
 * rig.h - a console driver on a fake device, and the loop of a firmware that only reads and writes.
 */
#ifndef RIG_H
#define RIG_H

#include "fake_console.h"
#include "virtio/virtio_console_state.h"

#define RIG_BASE     0x10008000
#define RIG_BASE_2   0x10007000
#define RIG_ADDRESS  0x80000000u /* where the device sees our memory */
#define RIG_PORT     "org.qemu.guest_agent.0"
#define RIG_RX_COUNT 8
#define RIG_RX_SIZE  64
#define RIG_TX_COUNT 4
#define RIG_TX_SIZE  128

struct rig {
	struct fake_console fake, fake_2;
	struct qga_virtio_console console;
	struct qga_virtio_console_config config;
	struct qga_virtio_device devices[2];
	struct qga_virtio_dma dma; /* memory is the devices' at RIG_ADDRESS */
	uint8_t *memory;
	size_t memory_size;
	char sentences[1024];   /* what was said on the debug channel, each ended by '\n' */
	char received[1 << 17]; /* bytes of the host, '<' and '>' where it opened and closed */
	size_t received_len;
};

/* What is behind the console. */
static inline struct virtio_console *rig_console(struct rig *rig)
{
	return (struct virtio_console *)&rig->console;
}

/*
 * A rig whose fake is not set up yet: call one of fake_console_...() on rig->fake next. It is the one before,
 * if there was one.
 */
struct rig *rig_new(void);
void rig_free(struct rig *rig);

/* Gives it other memory: so many bytes, before it is started. */
void rig_resize(struct rig *rig, size_t size);

/* Starts the driver; opens its end. False if it could not: the reason is qga_virtio_console_fault(). */
bool rig_start(struct rig *rig);

/* The interrupt's handler. */
void rig_interrupt(struct rig *rig);

/*
 * Lets the driver and its device go on until neither has anything to do; reads all, writes nothing.
 */
void rig_settle(struct rig *rig);

/* One turn of that; true if anything was done. */
bool rig_turn(struct rig *rig);

/* Writes an answer, as far as there is room, without a flush; returns how much it was. */
size_t rig_write(struct rig *rig, const void *data, size_t len);
void rig_flush(struct rig *rig);

/* Empties rig->received. */
void rig_forget(struct rig *rig);

#endif
