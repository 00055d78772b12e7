// SPDX-License-Identifier: MIT
/*
 * apic.c - interrupts as wake-ups (Intel SDM volume 3, chapter 11; 82093AA I/O APIC, 3.0).
 *
 *   device --GSI--> I/O APIC pin --VECTOR_WAKE--> local APIC --> wait_for_interrupt()
 *
 * Pins are edge triggered: hypervisors signal with pulses (irqfd), and QEMU's level lines have
 * edges too, for drivers acknowledge their device before they look for work. Left out: x2APIC
 * (a loader that switches it on is refused by nothing, but QEMU, Firecracker and crosvm do not),
 * and interrupts to other processors.
 */
#include "apic.h"
#include "mmio.h"
#include "x86.h"

enum local_apic {
	APIC_SVR = 0x0f0,	    /* RW spurious vector, software enable */
	APIC_EOI = 0x0b0,	    /* W */
	APIC_ID = 0x020,	    /* R  bits 31..24 */
	APIC_TPR = 0x080,	    /* RW */
	APIC_LVT_TIMER = 0x320,	    /* RW */
	APIC_TIMER_INITIAL = 0x380, /* RW 0 stops */
	APIC_TIMER_CURRENT = 0x390, /* R  counts down */
	APIC_TIMER_DIVIDE = 0x3e0,  /* RW */
};

#define APIC_SVR_ENABLE	  (1u << 8)
#define APIC_LVT_MASKED	  (1u << 16)
#define APIC_TIMER_DIV_16 0x3u
#define MSR_APIC_BASE	  0x1b
#define APIC_BASE_ADDRESS 0xfffff000u

enum io_apic {
	IOREGSEL = 0x00, /* RW */
	IOWIN = 0x10,	 /* RW */
};

enum io_apic_register {
	IOAPICVER = 0x01, /* R  bits 23..16: last pin */
	IOREDTBL = 0x10,  /* RW two for each pin: low, high */
};

enum port {
	PIC1_DATA = 0x21,
	PIC2_DATA = 0xa1,
};

#define CALIBRATION_NS 500000
#define NS_PER_S       UINT64_C(1000000000)

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

void apic_init(struct apic *apic)
{
	mmio_write8(PIC1_DATA, 0xff);
	mmio_write8(PIC2_DATA, 0xff);

	apic->local = rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS;
	apic->timer_hz = 0;
	mmio_write32(apic->local + APIC_TPR, 0);
	mmio_write32(apic->local + APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_WAKE);
	mmio_write32(apic->local + APIC_TIMER_DIVIDE, APIC_TIMER_DIV_16);
	mmio_write32(apic->local + APIC_SVR, APIC_SVR_ENABLE | VECTOR_SPURIOUS);
}

int apic_enable(struct apic *apic, uint32_t gsi)
{
	unsigned i;

	for (i = 0; i < apic->n_io; i++) {
		const struct ioapic *io = &apic->io[i];
		uint32_t pin = gsi - io->gsi;

		if (gsi < io->gsi || pin >= io_pins(io))
			continue;
		/* Fixed delivery, physical destination: us. */
		io_write(io, IOREDTBL + 2 * pin + 1, mmio_read32(apic->local + APIC_ID));
		io_write(io, IOREDTBL + 2 * pin, VECTOR_WAKE);
		return 0;
	}
	return -1;
}

/* Spins for half a millisecond of `clock` to see how fast the timer counts. */
static void measure_timer(struct apic *apic, struct clock *clock)
{
	uint64_t start, ns;
	uint32_t ticks;

	mmio_write32(apic->local + APIC_TIMER_INITIAL, UINT32_MAX);
	start = clock_monotonic(clock);
	do
		ns = clock_monotonic(clock) - start;
	while (ns < CALIBRATION_NS);
	ticks = UINT32_MAX - mmio_read32(apic->local + APIC_TIMER_CURRENT);
	mmio_write32(apic->local + APIC_TIMER_INITIAL, 0);
	apic->timer_hz = (uint32_t)(ticks * NS_PER_S / ns);
	if (apic->timer_hz == 0)
		apic->timer_hz = 1;
}

/* Starts the one-shot timer; too long a wait ends early. */
static void arm_timer(struct apic *apic, uint64_t ns)
{
	uint64_t ticks;

	if (ns > NS_PER_S)
		ns = NS_PER_S;
	ticks = ns * apic->timer_hz / NS_PER_S + 1;
	if (ticks > UINT32_MAX)
		ticks = UINT32_MAX;
	mmio_write32(apic->local + APIC_LVT_TIMER, VECTOR_WAKE);
	mmio_write32(apic->local + APIC_TIMER_INITIAL, (uint32_t)ticks);
}

static void disarm_timer(struct apic *apic)
{
	mmio_write32(apic->local + APIC_TIMER_INITIAL, 0);
	mmio_write32(apic->local + APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_WAKE);
}

void apic_wait(struct apic *apic, uint64_t ns, struct clock *clock)
{
	if (ns == 0)
		return;
	/* Ends the interrupt that ended the wait before; harmless if there was none. */
	mmio_write32(apic->local + APIC_EOI, 0);
	if (ns != UINT64_MAX) {
		if (!apic->timer_hz) {
			measure_timer(apic, clock);
			return;
		}
		arm_timer(apic, ns);
	}
	wait_for_interrupt();
	if (ns != UINT64_MAX)
		disarm_timer(apic);
}
