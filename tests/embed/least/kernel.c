/* SPDX-License-Identifier: MIT */
/*
 * kernel.c - the least there is: an agent on a virtio console, by interrupt. README shows what is
 * between its two marks; a test compares, and another one boots it.
 */
#include "machine.h"

static struct slot slot;
#define CONSOLE_BASE  slot.base
#define CONSOLE_IRQ   slot.irq
#define sleep_at_most machine_sleep

/* --- README: --- */
#include <bareqga.h>
#include <bareqga_virtio.h>

static struct qga_virtio_device device = {.bus = &qga_virtio_mmio};
static uint8_t memory[QGA_VIRTIO_CONSOLE_MEMORY(4, 512, 4, 512, 16, 32)]
	__attribute__((aligned(QGA_VIRTIO_ALIGN)));
static const struct qga_virtio_console_config port = {
	.devices = &device,
	.n_devices = 1,
	.port = "org.qemu.guest_agent.0",
	.rx_count = 4,
	.tx_count = 4,
	.rx_size = 512,
	.tx_size = 512,
	.control_count = 16,
	.control_size = 32,
	.memory = memory,
	.memory_size = sizeof memory,
};
static struct qga_virtio_console console;
static char request[4096];
static int tokens[256 * QGA_TOKEN_SIZE / sizeof(int)];
static const struct qga_env env = {.clock = NULL}; /* what it may do: here, nothing */
static const struct qga_config config = {
	.env = &env,
	.version = "1.0",
	.channel = &console.channel,
	.request = request,
	.request_size = sizeof request,
	.tokens = tokens,
	.tokens_size = sizeof tokens,
};
static struct qga agent;

void kernel_interrupt(unsigned irq) /* any handler, thread or processor */
{
	if (irq == CONSOLE_IRQ)
		qga_interrupt(&agent);
}

static const char *serve(void) /* returns only if something is wrong, and says what */
{
	int fault;

	device.base = CONSOLE_BASE;
	if ((fault = qga_virtio_console_init(&console, &port)))
		return qga_virtio_strerror(fault);
	if ((fault = qga_init(&agent, &config)))
		return qga_strerror(fault);
	machine_enable(CONSOLE_IRQ);
	for (;;) {
		uint64_t ns = qga_run(&agent);

		machine_interrupts_off();
		if (ns > 0 && qga_idle(&agent))
			sleep_at_most(ns); /* ends when an interrupt is pending */
		machine_interrupts_on();
	}
}
/* --- :README --- */

void kernel_tick(void)
{
}

void kernel_main(void)
{
	struct slot slots[MACHINE_SLOTS];
	const char *sentence;

	machine_slots(slots);
	slot = slots[0];
	machine_start();
	for (sentence = serve(); *sentence; sentence++)
		machine_put(*sentence);
}
