// SPDX-License-Identifier: MIT
/*
 * apic.c - interrupts as wake-ups (Intel SDM volume 3, chapter 11; 82093AA I/O APIC, 3.0).
 *
 *   device --GSI--> I/O APIC pin --VECTOR_WAKE--> local APIC --> wait_for_interrupt()
 *   PCI function without a line --message--------^
 *
 * Left out: interrupts to other processors, and so x2APIC, which a loader may have left on.
 */
#include "apic.h"
#include "mmio.h"
#include "port.h"
#include "x86.h"

enum local_apic {
	APIC_SVR = 0x0f0,           /* RW spurious vector, software enable */
	APIC_EOI = 0x0b0,           /* W */
	APIC_ID = 0x020,            /* R  bits 31..24 */
	APIC_TPR = 0x080,           /* RW */
	APIC_LVT_TIMER = 0x320,     /* RW */
	APIC_TIMER_INITIAL = 0x380, /* RW 0 stops */
	APIC_TIMER_CURRENT = 0x390, /* R  counts down */
	APIC_TIMER_DIVIDE = 0x3e0,  /* RW */
};

#define APIC_SVR_ENABLE   (1u << 8)
#define APIC_LVT_MASKED   (1u << 16)
#define APIC_TIMER_DIV_16 0x3u
#define MSR_APIC_BASE     0x1b
#define APIC_BASE_ADDRESS 0xfffff000u
#define APIC_BASE_X2APIC  (1u << 10)
#define APIC_BASE_ENABLE  (1u << 11)
#define MESSAGE_ADDRESS   0xfee00000u
#define MESSAGE_APIC_ID   0xff000u

enum io_apic {
	IOREGSEL = 0x00, /* RW */
	IOWIN = 0x10,    /* RW */
};

enum io_apic_register {
	IOAPICVER = 0x01, /* R  bits 23..16: last pin */
	IOREDTBL = 0x10,  /* RW two for each pin: low, high */
};

enum port {
	PIC1_DATA = 0x21,
	PIC2_DATA = 0xa1,
};

#define IOREDTBL_LEVEL (1u << 15)

#define CALIBRATIONS_PER_S 2000
#define CALIBRATION_EXACT  8 /* by this part may a window be longer, or another is tried */
#define CALIBRATION_TRIES  8

static uint32_t io_read(const struct ioapic *io, uint32_t index)
{
	mmio_write32(io->base + IOREGSEL, index);
	return mmio_read32(io->base + IOWIN);
}

static void io_write(const struct ioapic *io, uint32_t index, uint32_t value)
{
	mmio_write32(io->base + IOREGSEL, index);
	mmio_write32(io->base + IOWIN, value);
}

/* All of them are masked after a reset (3.2.4). */
static uint32_t io_pins(const struct ioapic *io)
{
	return (io_read(io, IOAPICVER) >> 16 & 0xff) + 1;
}

bool apic_has_io(uintptr_t base)
{
	uint32_t version = io_read(&(struct ioapic){.base = base}, IOAPICVER);

	return version != 0 && version != UINT32_MAX;
}

static bool enable(struct irqchip *chip, uint32_t gsi, bool edge)
{
	struct apic *apic = (struct apic *)chip;
	unsigned i;

	for (i = 0; i < apic->n_io; i++) {
		const struct ioapic *io = &apic->io[i];
		uint32_t pin = gsi - io->gsi;

		if (gsi < io->gsi || pin >= io_pins(io))
			continue;
		/* Fixed delivery, physical destination: us. */
		io_write(io, IOREDTBL + 2 * pin + 1, mmio_read32(apic->local + APIC_ID));
		io_write(io, IOREDTBL + 2 * pin, VECTOR_WAKE | (edge ? 0 : IOREDTBL_LEVEL));
		return true;
	}
	return false;
}

static void settle(struct irqchip *chip)
{
	struct apic *apic = (struct apic *)chip;

	chip->acknowledge();
	if (x86_wakes == 0)
		return;
	x86_wakes = 0;
	mmio_write32(apic->local + APIC_EOI, 0);
}

static const struct irqchip_ops ops = {.enable = enable, .settle = settle};

uint64_t apic_message_address(const struct apic *apic)
{
	/* Fixed delivery, physical destination: us. */
	return MESSAGE_ADDRESS | (mmio_read32(apic->local + APIC_ID) >> 12 & MESSAGE_APIC_ID);
}

/* From x2APIC the only way back is through none at all (11.12.5). */
static uint64_t leave_x2apic(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (base & APIC_BASE_X2APIC) {
		base &= ~(uint64_t)(APIC_BASE_X2APIC | APIC_BASE_ENABLE);
		wrmsr(MSR_APIC_BASE, base);
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	}
	return base;
}

void apic_init(struct apic *apic)
{
	apic->chip.ops = &ops;
	apic->local = leave_x2apic() & APIC_BASE_ADDRESS;
	apic->timer_rate = 0;
	port_write8(PIC1_DATA, 0xff);
	port_write8(PIC2_DATA, 0xff);
	mmio_write32(apic->local + APIC_TPR, 0);
	mmio_write32(apic->local + APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_WAKE);
	mmio_write32(apic->local + APIC_TIMER_DIVIDE, APIC_TIMER_DIV_16);
	mmio_write32(apic->local + APIC_SVR, APIC_SVR_ENABLE | VECTOR_SPURIOUS);
}

/*
 * Spins for half a millisecond to see how fast the timer counts. The longest that it can have counted for is taken:
 * a wait may end early, but not late. Where a busy host let long pass while the timer was started or read, that is
 * much too long, and it is tried again.
 */
static void measure_timer(struct apic *apic, struct clock *clock)
{
	uint64_t window = clock_hz(clock) / CALIBRATIONS_PER_S;
	uint64_t before, started, now, after;
	unsigned tries = 0;
	uint32_t counts;

	do {
		before = clock_ticks(clock);
		mmio_write32(apic->local + APIC_TIMER_INITIAL, UINT32_MAX);
		started = clock_ticks(clock);
		do
			now = clock_ticks(clock);
		while (now - started < window);
		counts = UINT32_MAX - mmio_read32(apic->local + APIC_TIMER_CURRENT);
		after = clock_ticks(clock);
		mmio_write32(apic->local + APIC_TIMER_INITIAL, 0);
	} while (after - before > window + window / CALIBRATION_EXACT &&
	         ++tries < CALIBRATION_TRIES);
	apic->timer_rate = ((uint64_t)counts << 32) / (after - before) + 1;
}

/* Starts the one-shot timer; too long a wait ends early. */
static void arm_timer(struct apic *apic, uint64_t ticks)
{
	uint64_t longest = (UINT64_C(1) << 63) / apic->timer_rate;
	uint64_t counts = ((ticks < longest ? ticks : longest) * apic->timer_rate >> 32) + 1;

	mmio_write32(apic->local + APIC_LVT_TIMER, VECTOR_WAKE);
	mmio_write32(apic->local + APIC_TIMER_INITIAL, (uint32_t)counts);
}

static void disarm_timer(struct apic *apic)
{
	mmio_write32(apic->local + APIC_TIMER_INITIAL, 0);
	mmio_write32(apic->local + APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_WAKE);
}

void apic_wait(struct apic *apic, uint64_t ticks, struct clock *clock)
{
	if (ticks == UINT64_MAX) {
		wait_for_interrupt();
	} else if (!apic->timer_rate) {
		measure_timer(apic, clock);
	} else {
		arm_timer(apic, ticks);
		wait_for_interrupt();
		disarm_timer(apic);
	}
}
