/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tiny.c - libFuzzer: any bytes at all to the smallest agent (proto/tiny/), in big and in
 * small pieces. The first four bytes choose the sizes, as those of fuzz_agent.c.
 */
#include "pieces.h"

static int set_time(void *context, int64_t ns)
{
	(void)context;
	return ns % 3 ? 0 : QGA_EIO;
}

static int shut_down(void *context, enum qga_power_mode mode)
{
	(void)context;
	return mode == QGA_HALT ? QGA_ENOSYS : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct qga_clock clock = {.set = set_time};
	static const struct qga_power power = {.shutdown = shut_down};
	struct talk like = {.env = {.clock = &clock, .power = &power}};

	if (len < 4)
		return 0;
	like.chunk = 1U + data[2];
	like.pull = 1U + data[3];
	pieces_talk(&like, QGA_REQUEST_MIN + 4U * data[0],
	            QGA_TOKENS_MIN + data[1] % (QGA_SMALL_TOKENS - QGA_TOKENS_MIN), data + 4,
	            len - 4);
	return 0;
}
