/* SPDX-License-Identifier: MIT */
/*
 * far_end.h - an agent that runs on a stream (struct qga_stream) whose other end is the test: what
 * the host sends, takes, opens and closes; a clock and a power switch that the test turns.
 */
#ifndef FAR_END_H
#define FAR_END_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bareqga.h"

#define FAR_END_TEXT 65536

struct far_end {
	/* The host's side. */
	const char *sent; /* has not been read by the stream */
	size_t sent_len;
	size_t read_max;  /* bytes of one read(), or 0: all */
	size_t write_max; /* bytes of one write(), or 0: all */
	size_t takes;     /* bytes that the host will still take */
	size_t busy;      /* bytes that are said to be under way */
	unsigned events;  /* enum qga_channel_event, told once */
	char heard[FAR_END_TEXT];
	size_t heard_len;

	/* What was called, a letter each: open, close, drain, interrupt, shutdown, off, read. */
	char called[256];
	bool drained;
	int refuse;                        /* result of shutdown() */
	uint64_t now;                      /* ns */
	void (*in_read)(struct far_end *); /* happens while the agent looks */

	struct qga agent;
	struct qga_stream stream;
	struct qga_stream_config stream_config;
	struct qga_clock clock;
	struct qga_power power;
	struct qga_env env;
	struct qga_config config;
	char request[4096], *rx, *tx;
	uint64_t tokens[256 * QGA_TOKEN_SIZE / 8];
};

static inline void far_end_note(struct far_end *far, char what)
{
	size_t n = strlen(far->called);

	if (n + 1 < sizeof(far->called))
		far->called[n] = what;
}

static inline size_t far_end_read(void *context, void *buf, size_t size)
{
	struct far_end *far = context;
	size_t n;

	if (far->in_read)
		far->in_read(far);
	n = far->sent_len < size ? far->sent_len : size;
	if (far->read_max && n > far->read_max)
		n = far->read_max;
	if (n)
		memcpy(buf, far->sent, n);
	far->sent += n;
	far->sent_len -= n;
	return n;
}

static inline size_t far_end_write(void *context, const void *data, size_t len)
{
	struct far_end *far = context;
	size_t n = len < far->takes ? len : far->takes;

	if (far->write_max && n > far->write_max)
		n = far->write_max;
	if (far->heard_len + n > sizeof(far->heard))
		abort();
	memcpy(far->heard + far->heard_len, data, n);
	far->heard_len += n;
	far->takes -= n;
	return n;
}

static inline unsigned far_end_events(void *context)
{
	struct far_end *far = context;
	unsigned events = far->events;

	far->events = 0;
	return events;
}

static inline size_t far_end_busy(void *context)
{
	return ((struct far_end *)context)->busy;
}

static inline void far_end_open(void *context)
{
	far_end_note(context, 'o');
}

static inline void far_end_close(void *context)
{
	far_end_note(context, 'c');
}

static inline void far_end_interrupt(void *context)
{
	far_end_note(context, 'i');
}

static inline uint64_t far_end_monotonic(void *context)
{
	return ((struct far_end *)context)->now;
}

static inline int far_end_shutdown(void *context, enum qga_power_mode mode)
{
	struct far_end *far = context;

	(void)mode;
	far_end_note(far, 's');
	return far->refuse;
}

static inline bool far_end_drain(void *context, enum qga_power_mode mode)
{
	struct far_end *far = context;

	(void)mode;
	far_end_note(far, 'd');
	return far->drained;
}

static inline void far_end_off(void *context, enum qga_power_mode mode)
{
	static const char letters[] = {[QGA_POWERDOWN] = 'P', [QGA_HALT] = 'H', [QGA_REBOOT] = 'R'};

	far_end_note(context, letters[mode]);
}

/* Fills in everything; the caller may change it before far_end_begin(). */
static inline struct far_end *far_end_new(size_t rx_size, size_t tx_size)
{
	struct far_end *far = calloc(1, sizeof(*far));

	far->takes = SIZE_MAX;
	far->drained = true;
	far->now = 1000;
	far->clock = (struct qga_clock){.context = far, .monotonic = far_end_monotonic};
	far->power = (struct qga_power){.context = far,
	                                .shutdown = far_end_shutdown,
	                                .drain = far_end_drain,
	                                .off = far_end_off};
	far->env = (struct qga_env){.clock = &far->clock, .power = &far->power};
	/* Of exactly that size: ASan looks on. */
	far->rx = malloc(rx_size);
	far->tx = malloc(tx_size);
	far->stream_config = (struct qga_stream_config){
		.context = far,
		.read = far_end_read,
		.write = far_end_write,
		.events = far_end_events,
		.busy = far_end_busy,
		.open = far_end_open,
		.close = far_end_close,
		.interrupt = far_end_interrupt,
		.rx = far->rx,
		.tx = far->tx,
		.rx_size = rx_size,
		.tx_size = tx_size,
	};
	far->config = (struct qga_config){
		.env = &far->env,
		.version = "test",
		.channel = &far->stream.channel,
		.request = far->request,
		.request_size = sizeof(far->request),
		.tokens = far->tokens,
		.tokens_size = sizeof(far->tokens),
	};
	return far;
}

static inline void far_end_begin(struct far_end *far)
{
	int fault = qga_stream_init(&far->stream, &far->stream_config);

	if (!fault)
		fault = qga_init(&far->agent, &far->config);
	if (fault) {
		fprintf(stderr, "%s\n", qga_strerror(fault));
		abort();
	}
}

static inline void far_end_free(struct far_end *far)
{
	free(far->rx);
	free(far->tx);
	free(far);
}

static inline void far_end_send(struct far_end *far, const char *text)
{
	far->sent = text;
	far->sent_len = strlen(text);
}

/* Runs until one may wait; returns for how long. */
static inline uint64_t far_end_run(struct far_end *far)
{
	uint64_t ns;
	unsigned turns = 0;

	while ((ns = qga_run(&far->agent)) == 0)
		if (++turns > 100000)
			abort();
	return ns;
}

/* What was taken by the host since the last call. */
static inline const char *far_end_heard(struct far_end *far)
{
	far->heard[far->heard_len] = '\0';
	far->heard_len = 0;
	return far->heard;
}

/* What was called since the last call. */
static inline const char *far_end_called(struct far_end *far)
{
	static char called[sizeof(far->called)];

	memcpy(called, far->called, sizeof(called));
	memset(far->called, 0, sizeof(far->called));
	return called;
}

#endif
