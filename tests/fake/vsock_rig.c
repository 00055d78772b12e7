/* SPDX-License-Identifier: MIT */
/* vsock_rig.c - see vsock_rig.h. */
#include <stdlib.h>
#include <string.h>

#include "channel_end.h"
#include "vsock_rig.h"

static void debug(void *context, const char *sentence)
{
	struct vsock_rig *rig = context;

	strncat(rig->sentences, sentence, sizeof(rig->sentences) - strlen(rig->sentences) - 2);
	strcat(rig->sentences, "\n");
}

/* The device sees the rig's memory at VRIG_ADDRESS, and nothing else. */
static uint64_t address(void *context, const volatile void *memory, size_t size)
{
	struct vsock_rig *rig = context;
	size_t offset = (size_t)((const volatile uint8_t *)memory - rig->memory);

	if (offset > rig->config.memory_size || size > rig->config.memory_size - offset)
		abort();
	return VRIG_ADDRESS + offset;
}

struct vsock_rig *vsock_rig_new(void)
{
	struct vsock_rig *rig = calloc(1, sizeof(*rig));
	size_t size =
		QGA_VIRTIO_VSOCK_MEMORY(VRIG_COUNT, VRIG_SIZE, VRIG_COUNT, VRIG_SIZE, VRIG_WINDOW);

	registers_detach_all();
	if (posix_memalign((void **)&rig->memory, QGA_VIRTIO_ALIGN, size) != 0)
		abort();
	memset(rig->memory, 0xa5, size);
	rig->dma = (struct qga_virtio_dma){.context = rig, .address = address};
	rig->device = (struct qga_virtio_device){
		.bus = &qga_virtio_mmio, .base = VRIG_BASE, .dma = &rig->dma};
	rig->config = (struct qga_virtio_vsock_config){
		.devices = &rig->device,
		.n_devices = 1,
		.port = VRIG_PORT,
		.rx_count = VRIG_COUNT,
		.tx_count = VRIG_COUNT,
		.rx_size = VRIG_SIZE,
		.tx_size = VRIG_SIZE,
		.window = VRIG_WINDOW,
		.memory = rig->memory,
		.memory_size = size,
		.context = rig,
		.debug = debug,
	};
	rig->credit = VRIG_CREDIT;
	return rig;
}

void vsock_rig_free(struct vsock_rig *rig)
{
	registers_detach_all();
	free(rig->memory);
	free(rig);
}

bool vsock_rig_start(struct vsock_rig *rig)
{
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->config.memory_size, VRIG_ADDRESS);
	if (qga_virtio_vsock_init(&rig->vsock, &rig->config) != 0)
		return false;
	rig->vsock.channel.ops->open(&rig->vsock.channel);
	vsock_rig_settle(rig);
	return true;
}

/* As qga_run() has it: a look, then all there is, then one flush. */
static bool turn(struct vsock_rig *rig)
{
	struct channel_end end = {rig->received, sizeof(rig->received), &rig->received_len};
	struct qga_channel *channel = &rig->vsock.channel;
	unsigned events = channel->ops->poll(channel);
	bool any = (events & ~(unsigned)QGA_CLOSING) != 0;

	channel_end_events(end, events);
	if (!rig->deaf)
		any |= channel_end_read(end, channel);
	channel->ops->tx_flush(channel);
	return fake_vsock_run(&rig->fake) || any;
}

void vsock_rig_settle(struct vsock_rig *rig)
{
	for (unsigned i = 0; turn(rig); i++)
		if (i == 10000)
			abort();
	if (rig->fake.mmio.isr != 0)
		rig->vsock.channel.ops->interrupt(&rig->vsock.channel);
	while (turn(rig))
		;
}

size_t vsock_rig_write(struct vsock_rig *rig, const void *data, size_t len)
{
	size_t done = channel_end_write(&rig->vsock.channel, data, len);

	rig->vsock.channel.ops->tx_flush(&rig->vsock.channel);
	fake_vsock_run(&rig->fake);
	return done;
}

void vsock_rig_say(struct vsock_rig *rig, uint32_t port, unsigned op, uint32_t flags,
                   const void *data, uint32_t len)
{
	struct fake_vsock_header header = {.src_cid = VRIG_HOST,
	                                   .dst_cid = rig->fake.cid,
	                                   .src_port = port,
	                                   .dst_port = VRIG_PORT,
	                                   .len = len,
	                                   .type = 1,
	                                   .op = (uint16_t)op,
	                                   .flags = flags,
	                                   .buf_alloc = rig->credit};

	if (op == VSOCK_REQUEST)
		rig->forwarded = rig->sent = 0;
	header.fwd_cnt = rig->forwarded;
	rig->sent += len;
	fake_vsock_send(&rig->fake, &header, data);
}

bool vsock_rig_hears(struct vsock_rig *rig, uint32_t port, unsigned op,
                     struct fake_vsock_header *header)
{
	struct fake_vsock_header it;

	if (header == NULL)
		header = &it;
	if (!fake_vsock_hear(&rig->fake, header, rig->heard + rig->heard_len,
	                     sizeof(rig->heard) - rig->heard_len - 1))
		return false;
	rig->heard_len += header->len;
	rig->heard[rig->heard_len] = '\0';
	if (header->op == VSOCK_RW || header->op == VSOCK_RESPONSE ||
	    header->op == VSOCK_CREDIT_UPDATE) {
		rig->guest_alloc = header->buf_alloc;
		rig->guest_forwarded = header->fwd_cnt;
	}
	return header->op == op && header->dst_port == port && header->dst_cid == VRIG_HOST &&
	       header->src_cid == rig->fake.cid;
}

unsigned vsock_rig_listen(struct vsock_rig *rig)
{
	struct fake_vsock_header header = {.op = 0};

	do {
		header = (struct fake_vsock_header){.op = 0};
		vsock_rig_hears(rig, 0, 0, &header);
		rig->forwarded += header.len;
	} while (header.op == VSOCK_RW);
	return header.op;
}
