/* SPDX-License-Identifier: MIT */
/* rig.c - see rig.h. */
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "channel_end.h"
#include "rig.h"

static struct rig *current;

static void debug(void *context, const char *sentence)
{
	(void)context;
	strncat(current->sentences, sentence,
	        sizeof(current->sentences) - strlen(current->sentences) - 2);
	strcat(current->sentences, "\n");
}

/* The device sees the rig's memory at RIG_ADDRESS, and nothing else. */
static uint64_t address(void *context, const volatile void *memory, size_t size)
{
	struct rig *rig = context;
	size_t offset = (size_t)((const volatile uint8_t *)memory - rig->memory);

	if (offset > rig->memory_size || size > rig->memory_size - offset)
		abort();
	return RIG_ADDRESS + offset;
}

/*
 * Exactly as much as is promised to be enough: the sanitizer sees one byte more. The block is made once, for a fuzzer
 * makes thousands of rigs a second.
 */
void rig_resize(struct rig *rig, size_t size)
{
	static size_t room;

	if (size > room) {
		free(rig->memory);
		room = size;
		if (posix_memalign((void **)&rig->memory, QGA_VIRTIO_ALIGN, room) != 0)
			abort();
	}
	ASAN_UNPOISON_MEMORY_REGION(rig->memory, room);
	memset(rig->memory, 0xa5, size);
	ASAN_POISON_MEMORY_REGION(rig->memory + size, room - size);
	rig->memory_size = size;
	rig->config.memory = rig->memory;
	rig->config.memory_size = size;
}

/* There is one at a time, and always the same: the arrays of streams, which are most of it, are not cleared. */
struct rig *rig_new(void)
{
	static struct rig *rig;

	if (!rig)
		rig = calloc(1, sizeof(*rig));
	if (!rig)
		abort();
	memset(&rig->console, 0, sizeof(rig->console));
	rig_forget(rig);
	rig->sentences[0] = '\0';
	registers_detach_all();
	current = rig;
	rig->dma = (struct qga_virtio_dma){.context = rig, .address = address};
	for (unsigned i = 0; i < 2; i++)
		rig->devices[i] = (struct qga_virtio_device){
			.bus = &qga_virtio_mmio, .base = RIG_BASE, .dma = &rig->dma};
	rig->config = (struct qga_virtio_console_config){
		.devices = rig->devices,
		.n_devices = 1,
		.port = RIG_PORT,
		.rx_count = RIG_RX_COUNT,
		.tx_count = RIG_TX_COUNT,
		.rx_size = RIG_RX_SIZE,
		.tx_size = RIG_TX_SIZE,
		.debug = debug,
	};
	rig_resize(rig,
	           QGA_VIRTIO_CONSOLE_MEMORY(RIG_RX_COUNT, RIG_RX_SIZE, RIG_TX_COUNT, RIG_TX_SIZE,
	                                     QGA_VIRTIO_CONTROL_COUNT, QGA_VIRTIO_CONTROL_SIZE));
	return rig;
}

void rig_free(struct rig *rig)
{
	(void)rig;
	registers_detach_all();
}

bool rig_start(struct rig *rig)
{
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->memory_size, RIG_ADDRESS);
	fake_mmio_memory(&rig->fake_2.mmio, rig->memory, rig->memory_size, RIG_ADDRESS);
	if (qga_virtio_console_init(&rig->console, &rig->config) != 0)
		return false;
	rig->console.channel.ops->open(&rig->console.channel);
	rig_settle(rig);
	return true;
}

bool rig_turn(struct rig *rig)
{
	struct channel_end end = {rig->received, sizeof(rig->received), &rig->received_len};
	struct qga_channel *channel = &rig->console.channel;
	unsigned events = channel->ops->poll(channel);
	bool any = events != 0;

	channel_end_events(end, events);
	any |= channel_end_read(end, channel);
	any |= fake_console_run(&rig->fake);
	if (rig->config.n_devices > 1)
		any |= fake_console_run(&rig->fake_2);
	return any;
}

void rig_interrupt(struct rig *rig)
{
	rig->console.channel.ops->interrupt(&rig->console.channel);
}

void rig_settle(struct rig *rig)
{
	/* A turn that found nothing may wait for an interrupt; then comes another. */
	for (unsigned i = 0; rig_turn(rig); i++) {
		if (i == 10000)
			abort();
	}
	if (rig->fake.mmio.isr != 0)
		rig_interrupt(rig);
	while (rig_turn(rig))
		;
}

size_t rig_write(struct rig *rig, const void *data, size_t len)
{
	return channel_end_write(&rig->console.channel, data, len);
}

void rig_flush(struct rig *rig)
{
	rig->console.channel.ops->tx_flush(&rig->console.channel);
}

void rig_forget(struct rig *rig)
{
	rig->received_len = 0;
	rig->received[0] = '\0';
}
