// SPDX-License-Identifier: MIT
/*
 * pic.c - interrupts of a PC without an I/O APIC (Intel 8259A data sheet; SDM volume 3, 11.5.1).
 *
 *   device --line--> 8259 --LINT0, ExtINT--> local APIC --a wake vector--> wait_for_interrupt()
 *
 * Left out: levels (no ISA device has one), and other processors.
 */
#include "pic.h"
#include "mmio.h"
#include "port.h"
#include "x86.h"

enum port {
	PIC1_COMMAND = 0x20,
	PIC1_DATA = 0x21,
	PIC2_COMMAND = 0xa0,
	PIC2_DATA = 0xa1,
};

#define ICW1       0x11 /* edges, two of them, ICW4 follows */
#define ICW4_8086  0x01
#define OCW2_EOI   0x20
#define CASCADE    2 /* the line of the first that the second is at */
#define LINES      16
#define APIC_EOI   0x0b0
#define APIC_LINT0 0x350
#define LVT_EXTINT (7u << 8)

_Static_assert(VECTOR_WAKE % 8 == 0 && VECTOR_SPURIOUS == VECTOR_WAKE + LINES - 1, "start.S");

static void write_masks(const struct pic *pic)
{
	port_write8(PIC1_DATA, (uint8_t)pic->masked);
	port_write8(PIC2_DATA, (uint8_t)(pic->masked >> 8));
}

static bool enable(struct irqchip *chip, uint32_t line, bool edge)
{
	struct pic *pic = (struct pic *)chip;

	(void)edge;
	if (line == 0 || line >= LINES || line == CASCADE)
		return false;
	pic->masked &= (uint16_t) ~(1u << line);
	write_masks(pic);
	return true;
}

/* Ends what is in service, wherever it came from; where nothing is, that does nothing. */
static void settle(struct irqchip *chip)
{
	struct pic *pic = (struct pic *)chip;

	chip->acknowledge();
	if (x86_wakes == 0)
		return;
	x86_wakes = 0;
	port_write8(PIC2_COMMAND, OCW2_EOI);
	port_write8(PIC1_COMMAND, OCW2_EOI);
	mmio_write32(pic->apic->local + APIC_EOI, 0); /* the timer's */
}

static const struct irqchip_ops ops = {.enable = enable, .settle = settle};

void pic_init(struct pic *pic, struct apic *apic)
{
	pic->chip.ops = &ops;
	pic->apic = apic;
	pic->masked = (uint16_t) ~(1u << CASCADE);
	port_write8(PIC1_COMMAND, ICW1);
	port_write8(PIC1_DATA, VECTOR_WAKE);
	port_write8(PIC1_DATA, 1 << CASCADE);
	port_write8(PIC1_DATA, ICW4_8086);
	port_write8(PIC2_COMMAND, ICW1);
	port_write8(PIC2_DATA, VECTOR_WAKE + 8);
	port_write8(PIC2_DATA, CASCADE);
	port_write8(PIC2_DATA, ICW4_8086);
	write_masks(pic);
	mmio_write32(apic->local + APIC_LINT0, LVT_EXTINT);
}
