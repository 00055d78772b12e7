/* SPDX-License-Identifier: MIT */
/* kernel.c - somebody's kernel of a screenful, on the serial port of QEMU -M virt (RISC-V), polled. */
#include <bareqga.h>

/* QEMU, hw/riscv/virt.c: VIRT_UART0, a 16550. */
static volatile uint8_t *const uart = (volatile uint8_t *)0x10000000;

__asm__(".section .text.start, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "	la	sp, stack_end\n"
        "	call	main\n");
unsigned char stack[16384] __attribute__((aligned(16)));
__asm__(".globl stack_end\n"
        ".set stack_end, stack + 16384\n");

static size_t from_host(void *context, void *buf, size_t size)
{
	uint8_t *to = buf;
	size_t n = 0;

	(void)context;
	while (n < size && (uart[5] & 1))
		to[n++] = uart[0];
	return n;
}

static size_t to_host(void *context, const void *data, size_t len)
{
	const uint8_t *from = data;

	(void)context;
	for (size_t i = 0; i < len; i++) {
		while (!(uart[5] & 0x20))
			;
		uart[0] = from[i];
	}
	return len;
}

int main(void)
{
	static char rx[64], tx[64], request[1024];
	static int tokens[64 * QGA_TOKEN_SIZE / sizeof(int)];
	static struct qga_stream stream;
	static struct qga agent;
	static const struct qga_env env;
	static const struct qga_stream_config stream_config = {
		.read = from_host,
		.write = to_host,
		.rx = rx,
		.rx_size = sizeof(rx),
		.tx = tx,
		.tx_size = sizeof(tx),
	};
	static const struct qga_config config = {
		.env = &env,
		.version = BAREQGA_VERSION,
		.channel = &stream.channel,
		.request = request,
		.request_size = sizeof(request),
		.tokens = tokens,
		.tokens_size = sizeof(tokens),
	};

	if (qga_stream_init(&stream, &stream_config) == 0 && qga_init(&agent, &config) == 0)
		for (;;)
			qga_run(&agent);
	for (;;)
		;
}
