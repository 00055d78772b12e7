/* SPDX-License-Identifier: MIT */
/*
 * vsock_rig_talk.h - programs of the host that connect to a socket's rig, and whether both sides hear each other.
 * Include it behind cmocka.h.
 */
#ifndef VSOCK_RIG_TALK_H
#define VSOCK_RIG_TALK_H

#include "vsock_rig.h"

/* The program at that port gets a connection. */
static inline void vsock_rig_connect(struct vsock_rig *rig, uint32_t port)
{
	vsock_rig_say(rig, port, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, port, VSOCK_RESPONSE, NULL));
	assert_int_equal(rig->guest_alloc, rig->config.window);
}

/* What either side heard so far. */
static inline void vsock_rig_forget(struct vsock_rig *rig)
{
	rig->received_len = rig->heard_len = 0;
	rig->received[0] = rig->heard[0] = '\0';
}

/* What the program at that port says next is heard. */
static inline void assert_hears(struct vsock_rig *rig, uint32_t port)
{
	vsock_rig_say(rig, port, VSOCK_RW, 0, "ping", 4);
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, "ping");
}

/* Request and answer of the program at that port. */
static inline void assert_talks(struct vsock_rig *rig, uint32_t port)
{
	vsock_rig_forget(rig);
	assert_hears(rig, port);
	assert_int_equal(vsock_rig_write(rig, "pong", 4), 4);
	assert_true(vsock_rig_hears(rig, port, VSOCK_RW, NULL));
	assert_string_equal(rig->heard, "pong");
	rig->forwarded += 4;
}

#endif
