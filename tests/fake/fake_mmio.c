/* SPDX-License-Identifier: MIT */
/* fake_mmio.c - see fake_mmio.h. Written from Virtual I/O Device 1.2, not from the driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_mmio.h"

void fake_object(const char *sentence, unsigned value)
{
	fprintf(stderr, "fake device: %s (0x%x)\n", sentence, value);
	abort();
}

/* --- Rings --- */

void *fake_mmio_at(const struct fake_mmio *m, uint64_t address, uint64_t len)
{
	if (address < m->memory_address || len > m->memory_size ||
	    address - m->memory_address > m->memory_size - len)
		fake_object("an address outside the guest's memory", (unsigned)address);
	return m->memory + (address - m->memory_address);
}

uint16_t fake_mmio_get16(const struct fake_mmio *m, uint64_t address)
{
	return *(volatile uint16_t *)fake_mmio_at(m, address, 2);
}

bool fake_mmio_is_live(const struct fake_mmio *m)
{
	return (m->status & 4) != 0 && (m->status & (m->halts ? 0xc0 : 0x80)) == 0;
}

int fake_mmio_peek(const struct fake_mmio *m, unsigned queue)
{
	const struct fake_queue *q = &m->queues[queue];
	uint16_t given;

	if (!fake_mmio_is_live(m) || q->ready == 0 || q->next == fake_mmio_get16(m, q->avail + 2))
		return -1;
	given = (uint16_t)(fake_mmio_get16(m, q->avail + 2) - q->next);
	if (given > q->num && m->lies)
		return -1;
	if (given > q->num)
		fake_object("the guest publishes more than the ring holds", queue);
	return fake_mmio_get16(m, q->avail + 4 + 2 * (q->next % q->num));
}

struct fake_desc fake_mmio_desc(const struct fake_mmio *m, unsigned queue, uint16_t id)
{
	const struct fake_queue *q = &m->queues[queue];
	uint64_t at = q->desc + 16 * id;
	struct fake_desc desc;

	if (id >= q->num)
		fake_object("no such descriptor", id);
	desc.len = *(uint32_t *)fake_mmio_at(m, at + 8, 4);
	desc.flags = fake_mmio_get16(m, at + 12);
	desc.next = fake_mmio_get16(m, at + 14);
	desc.data = fake_mmio_at(m, *(uint64_t *)fake_mmio_at(m, at, 8), desc.len);
	return desc;
}

/* For the entry `idx` of the used ring: used_event is behind the available one, if that was agreed on (2.7.7). */
static bool interrupts(const struct fake_mmio *m, const struct fake_queue *q, uint16_t idx)
{
	if ((m->accepted[0] & 1u << 29) != 0)
		return fake_mmio_get16(m, q->avail + 4 + 2 * q->num) == idx;
	return (fake_mmio_get16(m, q->avail) & 1) == 0;
}

void fake_mmio_complete(struct fake_mmio *m, unsigned queue, uint32_t id, uint32_t len)
{
	struct fake_queue *q = &m->queues[queue];
	uint16_t *idx = fake_mmio_at(m, q->used + 2, 2);
	uint32_t *entry = fake_mmio_at(m, q->used + 4 + 8 * (*idx % q->num), 8);

	entry[0] = id;
	entry[1] = len;
	++*idx;
	if (!interrupts(m, q, (uint16_t)(*idx - 1)))
		return;
	m->isr |= 1;
	m->interrupts++;
}

void fake_mmio_break(struct fake_mmio *m)
{
	m->status |= 0x40;
	m->isr |= 2;
}

/* --- Registers --- */

static void reset(struct fake_mmio *m)
{
	m->resets++;
	if (m->no_reset && (m->status & 4) != 0) {
		m->status |= 0x80;
		return;
	}
	m->status = m->isr = m->features_sel = m->driver_sel = m->page_size = m->queue_sel = 0;
	memset(m->accepted, 0, sizeof(m->accepted));
	memset(m->queues, 0, sizeof(m->queues));
	m->ops->reset(m);
}

static void write_status(struct fake_mmio *m, uint32_t value)
{
	static const uint32_t modern[] = {0, 1, 3, 0xb, 0xf}, legacy[] = {0, 1, 3, 7, 7};
	const uint32_t *steps = m->version == 1 ? legacy : modern;

	if (value == 0) {
		reset(m);
		return;
	}
	if (m->all_queues && (value & 4) != 0 && (value & 0x80) == 0)
		for (unsigned i = 0; i < m->ops->queues(m); i++)
			if (m->queues[i].ready == 0)
				fake_object("DRIVER_OK without a queue", i);
	if (m->steps && (value & 0x80) == 0) {
		for (unsigned i = 0; i < 4; i++) {
			if (m->status == steps[i] && value == steps[i + 1]) {
				m->status = value;
				return;
			}
		}
		fake_object("Status not written step by step", value);
	}
	m->status = value;
}

/* The state in which features, or queues, may be set up. */
static void only_in(const struct fake_mmio *m, uint32_t status, unsigned offset)
{
	if (m->steps && m->status != status)
		fake_object("a register written in the wrong state", offset);
}

static void only_version(const struct fake_mmio *m, unsigned version, unsigned offset)
{
	if (m->version != version)
		fake_object("a register of the other version", offset);
}

static struct fake_queue *selected(struct fake_mmio *m, unsigned offset)
{
	only_in(m, m->version == 1 ? 3 : 0xb, offset);
	if (m->queue_sel >= m->ops->queues(m))
		fake_object("a queue that the device does not have", m->queue_sel);
	return &m->queues[m->queue_sel];
}

static bool is_busy(const struct fake_mmio *m)
{
	return m->busy_queue == m->queue_sel && m->busy_queue > 0;
}

/* Legacy: descriptors, available and used ring in one piece (2.7.2). */
static void set_pfn(struct fake_mmio *m, struct fake_queue *q, uint32_t pfn)
{
	if (pfn == 0) {
		reset(m);
		return;
	}
	if (m->fixed_num)
		q->num = m->queue_max;
	q->pfn = pfn;
	q->desc = (uint64_t)pfn * m->page_size;
	q->avail = q->desc + 16 * q->num;
	q->used = (q->avail + 6 + 2 * q->num + q->align - 1) / q->align * q->align;
	q->ready = 1;
	fake_mmio_at(m, q->desc, q->used - q->desc + 6 + 8 * q->num);
}

static void set_ready(struct fake_mmio *m, struct fake_queue *q, uint32_t ready)
{
	if (m->fixed_num)
		q->num = m->queue_max;
	if (q->desc % 16 != 0 || q->avail % 2 != 0 || q->used % 4 != 0)
		fake_object("a ring that is not aligned", m->queue_sel);
	fake_mmio_at(m, q->desc, 16 * q->num);
	fake_mmio_at(m, q->avail, 6 + 2 * q->num);
	fake_mmio_at(m, q->used, 6 + 8 * q->num);
	q->ready = ready;
}

static void set_address(struct fake_mmio *m, unsigned offset, uint32_t value)
{
	struct fake_queue *q = selected(m, offset);
	uint64_t *address = (offset & 0xf0) == 0x80   ? &q->desc
	                    : (offset & 0xf0) == 0x90 ? &q->avail
	                                              : &q->used;

	if ((offset & 4) != 0)
		*address = (*address & UINT32_MAX) | (uint64_t)value << 32;
	else
		*address = (*address & ~(uint64_t)UINT32_MAX) | value;
}

static void accept(struct fake_mmio *m, uint32_t features, unsigned offset)
{
	only_in(m, 3, offset);
	if (m->driver_sel > (m->version == 1 ? 0u : 1u))
		fake_object("a feature word that is not there", m->driver_sel);
	if (features & ~(m->driver_sel == 0 ? m->features : m->features_high))
		fake_object("features that were not offered", features);
	m->accepted[m->driver_sel] = features;
}

static void notify(struct fake_mmio *m, uint32_t queue)
{
	if ((m->status & 4) == 0)
		fake_object("a notification before DRIVER_OK", queue);
	if (queue >= FAKE_QUEUES || m->queues[queue].ready == 0)
		fake_object("a notification of a queue that is not set up", queue);
	m->queues[queue].notified = m->any_notified = true;
	m->notifications++;
	if (m->ops->notified != NULL)
		m->ops->notified(m);
}

static void write_reg(void *context, unsigned offset, unsigned width, uint32_t value)
{
	struct fake_mmio *m = context;

	if (width != 4)
		fake_object("a register access that is not of 32 bits", offset);
	switch (offset) {
	case 0x14:
		m->features_sel = value;
		return;
	case 0x20:
		accept(m, value, offset);
		return;
	case 0x24:
		m->driver_sel = value;
		return;
	case 0x28:
		only_version(m, 1, offset);
		m->page_size = value;
		return;
	case 0x30:
		m->queue_sel = value;
		return;
	case 0x38:
		if (value == 0 || value > m->queue_max || (value & (value - 1)) != 0)
			fake_object("a queue size that cannot be", value);
		selected(m, offset)->num = value;
		return;
	case 0x3c:
		only_version(m, 1, offset);
		selected(m, offset)->align = value;
		return;
	case 0x40:
		only_version(m, 1, offset);
		set_pfn(m, selected(m, offset), value);
		return;
	case 0x44:
		only_version(m, 2, offset);
		set_ready(m, selected(m, offset), value);
		return;
	case 0x50:
		notify(m, value);
		return;
	case 0x64:
		if (value & ~3u)
			fake_object("an interrupt that is not defined", value);
		m->isr &= ~value;
		return;
	case 0x70:
		write_status(m, value);
		return;
	case 0x80:
	case 0x84:
	case 0x90:
	case 0x94:
	case 0xa0:
	case 0xa4:
		only_version(m, 2, offset);
		set_address(m, offset, value);
		return;
	default:
		fake_object("a write to a register that is not there", offset);
	}
}

static uint32_t read_reg(void *context, unsigned offset, unsigned width)
{
	struct fake_mmio *m = context;

	if (offset >= 0x100)
		return m->ops->config(m, offset - 0x100);
	if (width != 4)
		fake_object("a register access that is not of 32 bits", offset);
	switch (offset) {
	case 0x00:
		return 0x74726976;
	case 0x04:
		return m->version;
	case 0x08:
		return m->device_id;
	case 0x0c:
		return m->vendor;
	case 0x10:
		return m->features_sel == 0   ? m->features
		       : m->features_sel == 1 ? m->features_high
		                              : 0;
	case 0x34:
		return m->queue_max;
	case 0x40:
		only_version(m, 1, offset);
		return selected(m, offset)->pfn + is_busy(m);
	case 0x44:
		only_version(m, 2, offset);
		return selected(m, offset)->ready + is_busy(m);
	case 0x60:
		return m->isr;
	case 0x70:
		return m->stuck ? 0x80 : m->refuses ? m->status & ~8u : m->status;
	case 0xfc:
		only_version(m, 2, offset);
		return m->generation;
	default:
		fake_object("a read of a register that is not there", offset);
	}
}

void fake_mmio_set_up(struct fake_mmio *m, const struct fake_mmio_ops *ops, uintptr_t base,
                      unsigned version, uint32_t device_id)
{
	m->registers = (struct registers){base, 0x200, read_reg, write_reg, m};
	m->ops = ops;
	m->version = version;
	m->device_id = device_id;
	registers_attach(&m->registers);
}

void fake_mmio_memory(struct fake_mmio *m, void *memory, size_t size, uint64_t address)
{
	m->memory = memory;
	m->memory_size = size;
	m->memory_address = address;
}
