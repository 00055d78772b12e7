/* SPDX-License-Identifier: MIT */
/* rig_talk.h - a console's rig that is connected, and whether both sides hear each other. Include it behind cmocka.h. */
#ifndef RIG_TALK_H
#define RIG_TALK_H

#include <string.h>

#include "rig.h"

/* On QEMU's device of that version, with a client at port 1; not started. */
static inline struct rig *rig_qemu(unsigned version)
{
	struct rig *rig = rig_new();

	fake_console_qemu(&rig->fake, RIG_BASE, version);
	fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
	return rig;
}

/* Started: the client has come, and nothing was said. */
static inline struct rig *rig_talking(unsigned version)
{
	struct rig *rig = rig_qemu(version);

	assert_true(rig_start(rig));
	assert_string_equal(rig->received, "<");
	rig_forget(rig);
	return rig;
}

static inline void rig_say(struct rig *rig, const char *text)
{
	fake_host_send(&rig->fake, 1, text, strlen(text));
}

/* A request through port nr of that device is heard, and answered. */
static inline void rig_answer(struct rig *rig, struct fake_console *fake, unsigned nr)
{
	rig_settle(rig);
	rig_forget(rig);
	fake->ports[nr].out_len = 0;
	fake_host_send(fake, nr, "ping", 4);
	rig_settle(rig);
	assert_string_equal(rig->received, "ping");
	assert_int_equal(rig_write(rig, "pong", 4), 4);
	rig_flush(rig);
}

/* The answer has come, and is taken. */
static inline void rig_assert_answered(struct fake_console *fake, unsigned nr)
{
	struct fake_port *port = &fake->ports[nr];

	assert_int_equal(port->out_len, 4);
	assert_memory_equal(port->out, "pong", 4);
	port->out_len = 0;
	assert_int_equal(fake->lost_messages, 0);
}

/* Request and answer through port nr of that device. */
static inline void assert_talks_through(struct rig *rig, struct fake_console *fake, unsigned nr)
{
	rig_answer(rig, fake, nr);
	rig_settle(rig);
	rig_assert_answered(fake, nr);
}

static inline void assert_talks(struct rig *rig)
{
	assert_talks_through(rig, &rig->fake, 1);
}

#endif
