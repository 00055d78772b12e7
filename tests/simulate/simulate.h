/* SPDX-License-Identifier: MIT */
/*
 * simulate.h - the real agent, its real loop and a real driver in a world that one number decides: what
 * the host sends, when the device does what, what fails, and what time it is.
 *
 *     simulate.c    the world: what happens next, sleep and waking, rest
 *     between.c     what happens in the midst of a turn of the guest
 *     client.c      what a client sends, and what is due to it
 *     guest.c       the agent, its clock and its commands
 *     line_*.c      the ways between the two: a console, a serial port, a socket device
 *
 * A guest sleeps as firmware does: until qga_run()'s time is over or an interrupt comes, and for ever if
 * none does. What must not be ends the program with a sentence and the seed.
 */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "fake_uart.h"
#include "rig.h"
#include "vsock_rig.h"

#define SIM_COUNTS  4096 /* sim-count requests of a seed */
#define SIM_DUE     4096 /* answers that are due at once */
#define SIM_OUT     (1 << 17)
#define SIM_TEXT    1500 /* longest string of a request that is not too long */
#define SIM_REQUEST 2048
#define SIM_TOKENS  (256 * QGA_TOKEN_SIZE)
#define SIM_MS      UINT64_C(1000000)
#define SIM_TORSO   (1000 * SIM_MS)

struct sim;

/* A way between host and guest. */
struct sim_line {
	const char *name;
	void (*plug)(struct sim *sim); /* the device, at the beginning */
	void (*start)(
		struct sim *sim); /* the driver, whenever the machine starts; sets config.channel */
	void (*unplug)(struct sim *sim);
	/* The device goes on with what it was told; a little, or all. False: nothing to do. */
	bool (*device)(struct sim *sim, unsigned most);
	/* Is there a reason for an interrupt? And it comes. */
	bool (*irq)(const struct sim *sim);
	void (*interrupt)(struct sim *sim);
	/* The function of the driver that asks for interrupts. */
	const void *(*arms)(const struct sim *sim);
	/* The client. send() returns what was taken; hear() what came. */
	void (*connect)(struct sim *sim);
	void (*disconnect)(struct sim *sim);
	void (*reads)(struct sim *sim, bool reads);
	size_t (*send)(struct sim *sim, const char *data, size_t len);
	size_t (*hear)(struct sim *sim, char *data, size_t size);
	/* Bytes are on their way to the guest. */
	bool (*backlog)(const struct sim *sim);
	/* Something that takes what is under way with it; false: there is no such thing now. */
	bool (*trouble)(struct sim *sim);
	/* NULL, or: has what was under way with this client been lost since this was asked last? */
	bool (*lost)(struct sim *sim);
	/* NULL, or: the device has lost all that the guest could answer with, and a client has to go. */
	bool (*excused)(const struct sim *sim);
	bool apart; /* clients have connections of their own, which end with the device */
	bool once;  /* the machine cannot start again */
	bool tells; /* the guest learns of clients that come and go */
	bool quiet; /* a guest at rest touches no register, even if it is asked to look */
	uint64_t torso_ns;
};

extern const struct sim_line sim_qemu_legacy, sim_qemu_modern, sim_crosvm, sim_vsock_qemu,
	sim_vsock_firecracker, sim_16550_qemu, sim_16550_vmm, sim_pl011, sim_cmsdk;

/* What a client sees next. */
struct sim_due {
	bool until; /* anything, up to and with text; else text alone */
	int count;  /* of sim-count, or -1 */
	char *text;
	size_t len;
};

struct sim {
	uint64_t seed, chance, now;
	const struct sim_line *line;

	/* The guest. */
	bool awake, in_turn;
	bool own_loop, woken; /* its loop is not qga_run(), and has been interrupted */
	uint32_t restless;    /* function calls between two things that happen in a turn */
	uint64_t sleep_until;
	struct qga agent;
	struct qga_config config;
	struct qga_env env;
	char *request; /* of just that size, as the tokens: the sanitizer sees one byte more */
	void *tokens;
	bool ran[SIM_COUNTS]; /* sim-count: was run, ... */
	int last_ran;         /* ... in this order */

	/* The way. */
	struct rig *rig;
	unsigned port;
	struct vsock_rig *vrig;
	struct {
		uint32_t port; /* the client's */
		bool open;     /* the guest has accepted it */
		uint32_t told; /* of what the client has taken */
		bool asked;    /* it waits for a CREDIT_UPDATE */
		char held[2 * VRIG_CREDIT];
		size_t n; /* not taken yet */
	} vsock;
	struct fake_uart fake_uart;
	struct uart uart;
	uint8_t rx_ring[UART_RX_SIZE], tx_ring[UART_TX_SIZE];

	/* The client. */
	bool connected, reads;
	bool patient; /* asks nothing more before it is answered: nothing else will wake the guest */
	bool loose;   /* not in step yet: may see anything */
	bool rested;  /* nothing has happened since the last one had gone */
	bool breaks;  /* the device asks for a reset */
	unsigned resets; /* of the device, that the client has felt */
	char out[SIM_OUT];
	size_t out_len;
	char heard[SIM_OUT];
	size_t heard_len;
	struct sim_due due[SIM_DUE];
	unsigned due_first, due_end;
	int next_count;
	bool never[SIM_COUNTS]; /* a torso, not to be run */
	uint32_t next_id;
	unsigned grain; /* bytes that go at once */

	uint64_t commands, excused;
};

/* Ends the simulation; `more` may be NULL. */
void sim_fail(struct sim *sim, const char *sentence, const char *more) __attribute__((noreturn));

/* 0 to n - 1; and true once in n times. */
uint32_t sim_below(struct sim *sim, uint32_t n);
static inline bool sim_one_in(struct sim *sim, uint32_t n)
{
	return sim_below(sim, n) == 0;
}

/* The machine starts, or starts anew. */
void sim_guest_start(struct sim *sim);
/* What happens in the midst of this one's turns is up to chance. */
void sim_goes_on_between(struct sim *sim);
/* One turn of the loop. */
void sim_guest_turn(struct sim *sim);
/* An interrupt of a virtio device; and where its driver asks for them. */
void sim_virtio_interrupt(struct sim *sim);
const void *sim_virtio_arms(const struct sim *sim);
/* A virtio device says that it needs a reset, and gets one. */
void sim_device_breaks(struct sim *sim, struct fake_mmio *mmio);

/* A client comes: strictly, if it may see nothing but its own. It goes. */
void sim_client_come(struct sim *sim, bool strictly);
void sim_client_go(struct sim *sim);
/* It has something to send. */
void sim_client_ask(struct sim *sim);
/* 0xFF and a sync: what is sent from here on is answered, to the byte. */
void sim_client_sync(struct sim *sim);
/* All that was under way may be lost. */
void sim_client_lost(struct sim *sim);
/* Bytes go, and come; true if any did. */
bool sim_client_send(struct sim *sim, size_t most);
bool sim_client_hear(struct sim *sim);

#endif
