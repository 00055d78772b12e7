/* SPDX-License-Identifier: MIT */
/*
 * handover.pml - how guest and device hand buffers to each other, wake each other, and begin anew (Virtual
 * I/O Device 1.2, section 2.7): the receive and transmit queue of the console, checked by spin.
 *
 *     client -- device_rx ==> rx ==> guest ==> tx ==> device_tx -- client
 *
 * Proved for all orders of their steps:
 *   - no lost wake-up: the client asks one to WINDOW questions, waits for the answers, and so for ever, so a state in
 *     which nobody can go on is one in which somebody sleeps who should not (spin: invalid end state)
 *   - no double use: `owner` of a buffer is who may touch it, asserted at each touch
 *   - each answer comes once, in order, to the client that asked; a device that is honest is never blamed
 *   - the device breaks at any time, and after its reset all of that holds again
 *
 * The guest's stores are seen by the device later, and in any order (`hidden`, process memory); a barrier
 * waits until all have been. A load may be done before one that stands above it (`early`). The device is
 * taken to keep the standard's own rules: its steps are seen at once.
 *
 * Left out: one sentence of several buffers, control messages, the timers with which the agent would look
 * once more in any case (they would hide a lost wake-up), what is specific to QEMU's lost buffers.
 *
 * "C file function(): text" says where a step is in the source; test_proofs.py looks whether it still is there.
 * Each TEETH_... takes one step away, and then spin must find a fault.
 *
 * run short handover: -DLOOKS_OFTEN -DWINDOW=2
 * run three: -DLOOKS_OFTEN
 * run notified: -DWINDOW=2
 * run resets: -DLOOKS_OFTEN -DBREAKS -DWINDOW=2
 * teeth short NO_BARRIER_AFTER_PUBLISH: -DLOOKS_OFTEN
 * teeth NO_BARRIER_BEFORE_PUBLISH: -DLOOKS_OFTEN -DWINDOW=2 -DTX_COUNT=2
 * teeth NO_BARRIER_BEFORE_ENTRIES: -DLOOKS_OFTEN -DWINDOW=2
 * teeth NO_BARRIER_AFTER_INTERRUPTS: -DLOOKS_OFTEN
 * teeth short NO_LOOK_AFTER_INTERRUPTS: -DLOOKS_OFTEN -DWINDOW=2
 * teeth LOOKS_BEFORE_PUBLISH: -DLOOKS_OFTEN
 * teeth NEVER_GIVES_BACK: -DLOOKS_OFTEN
 * teeth short GIVES_BACK_FIRST: -DLOOKS_OFTEN
 * teeth short ACKNOWLEDGES_LATE: -DLOOKS_OFTEN
 * teeth RESET_UNCONFIRMED: -DLOOKS_OFTEN -DBREAKS -DWINDOW=2
 * teeth short RESET_REMEMBERS: -DLOOKS_OFTEN -DBREAKS -DWINDOW=2
 * teeth ANSWER_OUTLIVES: -DLOOKS_OFTEN -DBREAKS -DWINDOW=2
 */
#define RX 0
#define TX 1
/* Buffers; entries of a ring; where indices wrap; how many buffers are given back to the receive queue at a time:
 * C hal/virtio/virtio_console.c console_give_back(): * 4u >= self->rx.memory.count */
#ifdef LARGE
#define RX_COUNT 3
#define TX_COUNT 2
#define BATCH 2
#define SIZE 4
#define WRAP 8
#else
#ifndef RX_COUNT
#define RX_COUNT 2
#endif
#ifndef TX_COUNT
#define TX_COUNT 1
#endif
#define BATCH 1
#ifndef SIZE
#define SIZE 2
#endif
#define WRAP (2 * SIZE)
#endif
#ifndef WINDOW
#define WINDOW 3 /* questions without an answer */
#endif

#define GUEST 0
#define DEVICE 1
#define NONE 255

#define slot(q, i) ((q) * SIZE + (i) % SIZE)
#define distance(from, to) (((to) + WRAP - (from)) % WRAP)

/* What the device sees of the guest's stores, and what it does not see yet. */
byte avail_ring[8], avail_idx[2];
bool no_interrupt[2];
byte hidden_ring[8] = NONE, hidden_idx[2] = NONE, hidden_flag[2] = NONE;
/* The device's stores. */
byte used_ring[8], used_idx[2];
bool no_notify[2];
byte rx_data[RX_COUNT], tx_data[TX_COUNT];

/* Registers. */
bool kick[2], irq, resetting = true, stopped[2] = true, broken;

/* What the guest knows; C hal/virtio/virtqueue.h struct virtq. */
byte given[2], published[2], taken[2]; /* avail_idx, published, used_idx */
bool in_flight[8];
byte next_id;
bool tx_waiting;

/* What the proof knows. */
bool owner[8];

/* The client: questions are numbered, and carry whether a client asked who has gone since. */
byte outstanding, queued, sent, expected;
bool epoch;
#define message(number) (epoch * 4 + (number) % 4)

#define all_shown (hidden_ring[0] == NONE && hidden_ring[1] == NONE && hidden_ring[2] == NONE && \
	hidden_ring[3] == NONE && hidden_ring[4] == NONE && hidden_ring[5] == NONE && hidden_ring[6] == NONE && \
	hidden_ring[7] == NONE && hidden_idx[RX] == NONE && hidden_idx[TX] == NONE && \
	hidden_flag[RX] == NONE && hidden_flag[TX] == NONE)
#define barrier() all_shown
#define show(hidden, shown) atomic { hidden != NONE -> shown = hidden; hidden = NONE }

active proctype memory()
{
	do
	:: show(hidden_ring[0], avail_ring[0])
	:: show(hidden_ring[1], avail_ring[1])
	:: show(hidden_ring[2], avail_ring[2])
	:: show(hidden_ring[3], avail_ring[3])
	:: show(hidden_ring[4], avail_ring[4])
	:: show(hidden_ring[5], avail_ring[5])
	:: show(hidden_ring[6], avail_ring[6])
	:: show(hidden_ring[7], avail_ring[7])
	:: show(hidden_idx[RX], avail_idx[RX])
	:: show(hidden_idx[TX], avail_idx[TX])
	:: show(hidden_flag[TX], no_interrupt[TX])
	od
}

active proctype client()
{
	bool waits;

	do
	:: atomic { !waits && outstanding < WINDOW -> outstanding++; queued++; sent = (sent + 1) % 4 }
	:: atomic { !waits && outstanding > 0 -> waits = true } /* until it has all answers */
	:: atomic { waits && outstanding == 0 -> waits = false }
	od
}

/* --- The device --- */

inline device_stop(q)
{
	atomic {
		seen = 0;
#ifndef LOOKS_OFTEN
		known = 0;
#endif
		kick[q] = false;
		no_notify[q] = false;
		stopped[q] = true
	}
}

/* 2.7.8: the entry, then the index. */
inline device_use(q)
{
	used_ring[slot(q, seen)] = id;
	owner[slot(q, id)] = GUEST;
	id = 0;
	seen = (seen + 1) % WRAP;
	used_idx[q] = seen
}

/* 2.7.7, after a full barrier of its own. */
inline device_interrupt(q)
{
	if
	:: !no_interrupt[q] -> irq = true
	:: else
	fi
}

/* Nothing there: notifications are wanted from here on; one that was due before did not come (2.7.13.4.1). */
inline device_sleep(q)
{
	no_notify[q] = false;
	if
	:: seen != avail_idx[q]
	:: else -> kick[q] || resetting; kick[q] = false
	fi
}

inline device_question()
{
#ifdef LOOKS_OFTEN
	no_notify[RX] = true;
#endif
	id = avail_ring[slot(RX, seen)];
	assert(id < RX_COUNT && owner[slot(RX, id)] == DEVICE);
	rx_data[id] = message(sent + 4 - queued);
	queued--;
	device_use(RX)
}

/* Looks whenever it has something, unless it found nothing before (QEMU); or only after a notification. */
active proctype device_rx()
{
	byte seen, id;
#ifndef LOOKS_OFTEN
	byte known;
#endif
	do
	:: resetting && !stopped[RX] -> device_stop(RX)
	:: !resetting && !stopped[RX] && !broken && queued > 0 ->
		if
#ifdef LOOKS_OFTEN
		:: atomic { seen != avail_idx[RX] -> device_question() }; device_interrupt(RX)
		:: else -> device_sleep(RX)
#else
		:: atomic { seen != known -> device_question() }; device_interrupt(RX)
		:: atomic { seen == known && (kick[RX] || resetting) -> kick[RX] = false; known = avail_idx[RX] }
#endif
		fi
	od
}

inline device_answer()
{
	no_notify[TX] = true;
	id = avail_ring[slot(TX, seen)];
	assert(id < TX_COUNT && owner[slot(TX, id)] == DEVICE);
	assert(tx_data[id] == message(expected));
	expected = (expected + 1) % 4;
	outstanding--;
	device_use(TX)
}

active proctype device_tx()
{
	byte seen, id;
#ifndef LOOKS_OFTEN
	byte known;
#endif

	do
	:: resetting && !stopped[TX] -> device_stop(TX)
	:: !resetting && !stopped[TX] && !broken ->
		if
		:: atomic { seen != avail_idx[TX] -> device_answer() }; device_interrupt(TX)
		:: else -> device_sleep(TX)
		fi
	od
}

#ifdef BREAKS
/* It breaks a rule, or says that it wants a reset. */
active proctype misfortune()
{
	do
	:: atomic { !resetting && !broken -> broken = true; irq = true }
	:: break /* or all is well from here on, for what breaks may not be what wakes a sleeper */
	od
}
#endif

/* --- The guest --- */

/* C hal/virtio/virtqueue.c virtq_enter(): *entry = (uint16_t)id */
inline give(q, id)
{
	atomic {
		hidden_ring[slot(q, given[q])] = id;
		given[q] = (given[q] + 1) % WRAP;
		in_flight[slot(q, id)] = true;
		assert(owner[slot(q, id)] == GUEST);
		owner[slot(q, id)] = DEVICE
	}
}

/* C hal/virtio/virtqueue.c qga_virtq_publish(): *ran_empty = qga_virtq_used_idx(q) == before */
inline publish(q)
{
	byte before = published[q];
	bool ran_empty;
#ifndef TEETH_NO_BARRIER_BEFORE_PUBLISH
	barrier(); /* C hal/virtio/virtqueue.c qga_virtq_publish(): barrier_before_publish() */
#endif
#ifdef TEETH_LOOKS_BEFORE_PUBLISH
	ran_empty = used_idx[q] == before;
#endif
	/* C hal/virtio/virtqueue.c qga_virtq_publish(): q->avail->idx = q->published = q->avail_idx */
	atomic { hidden_idx[q] = given[q]; published[q] = given[q] }
#ifndef TEETH_NO_BARRIER_AFTER_PUBLISH
	barrier(); /* C hal/virtio/virtqueue.c qga_virtq_publish(): barrier_after_publish() */
#endif
#ifndef TEETH_LOOKS_BEFORE_PUBLISH
	ran_empty = used_idx[q] == before;
#endif
	/* C hal/virtio/virtio_console_state.c qga_console_publish(): !q->memory.device_writes || ran_empty || !self->device->looks_often */
	if
#ifdef LOOKS_OFTEN
	:: !no_notify[q] && (q == TX || ran_empty) -> kick[q] = true
#else
	:: !no_notify[q] -> kick[q] = true
#endif
	:: else
	fi;
	before = 0;
	ran_empty = false
}

/* C hal/virtio/virtqueue.h qga_virtq_poll(): return VIRTQ_VIOLATION */
inline poll(q, end)
{
	if
	:: early = used_ring[slot(q, taken[q])]
	:: early = NONE
	fi;
	atomic {
		end = used_idx[q];
		assert(distance(taken[q], end) <= distance(taken[q], published[q]))
	}
#ifndef TEETH_NO_BARRIER_BEFORE_ENTRIES
	early = NONE /* C hal/virtio/virtqueue.h qga_virtq_poll(): barrier_before_entries() */
#endif
}

/* C hal/virtio/virtqueue.h qga_virtq_take(): !q->in_flight[used_id] */
inline take(q, id)
{
	atomic {
		id = (early == NONE -> used_ring[slot(q, taken[q])] : early);
		early = NONE;
		assert(in_flight[slot(q, id)] && owner[slot(q, id)] == GUEST);
		in_flight[slot(q, id)] = false;
		taken[q] = (taken[q] + 1) % WRAP
	}
}

/* C hal/virtio/virtqueue.c qga_virtq_interrupts(): q->avail->flags = on ? 0 : VIRTQ_AVAIL_F_NO_INTERRUPT */
#define tx_interrupts(on) hidden_flag[TX] = !(on)

#define tx_free (!in_flight[slot(TX, 0)] || !in_flight[slot(TX, TX_COUNT - 1)])

/* C hal/virtio/virtio_console_state.c qga_console_reclaim(): qga_virtq_reclaim(&self->tx) */
/* C hal/virtio/virtqueue.c qga_virtq_reclaim(): qga_virtq_take(q, end, &id, &len) */
inline reclaim()
{
	poll(TX, tx_end);
	do
	:: taken[TX] != tx_end -> take(TX, id)
	:: else -> break
	od;
	early = NONE;
	if
	:: tx_waiting && tx_free ->
		tx_waiting = false;
		tx_interrupts(false) /* C hal/virtio/virtio_console_state.c qga_console_reclaim(): qga_virtq_interrupts(&self->tx, false) */
	:: else
	fi;
	tx_end = 0;
	id = 0
}

/* C hal/virtio/virtio_console.c console_await_tx(): qga_virtq_interrupts(&self->tx, true) */
inline await_tx()
{
	tx_waiting = true;
	tx_interrupts(true);
#ifndef TEETH_NO_BARRIER_AFTER_INTERRUPTS
	barrier(); /* C hal/virtio/virtqueue.c qga_virtq_interrupts(): barrier_after_publish() */
#endif
#ifndef TEETH_NO_LOOK_AFTER_INTERRUPTS
	reclaim() /* C hal/virtio/virtio_console.c console_await_tx(): qga_console_reclaim(self) */
#endif
}

/* C hal/virtio/virtio_console.c console_tx_get(): if (self->tx.in_flight[id]) */
inline tx_get()
{
	if
	:: in_flight[slot(TX, next_id)] ->
		reclaim();
		if
		:: !tx_free -> await_tx()
		:: else
		fi
	:: else
	fi
}

#define other(id) (TX_COUNT - 1 - (id))
/* C hal/virtio/virtqueue.c qga_virtq_free(): while (q->in_flight[id]) */
inline answer_out()
{
	atomic {
		id = (in_flight[slot(TX, next_id)] -> other(next_id) : next_id);
		assert(owner[slot(TX, id)] == GUEST);
		tx_data[id] = answer
	}
	give(TX, id);
	atomic {
		next_id = other(id); /* C hal/virtio/virtqueue.c qga_virtq_send(): q->next_id = */
		pending = false;
		answer = 0;
		id = 0
	}
}

/* C hal/virtio/virtio_console.c console_give_back(): qga_virtq_offer(&self->rx, self->rx_id) */
inline give_back(id)
{
	give(RX, id);
	if
#ifdef TEETH_NEVER_GIVES_BACK
	:: false
#else
	:: distance(published[RX], given[RX]) >= BATCH -> publish(RX)
#endif
	:: else
	fi
}

inline request_in()
{
	take(RX, id);
#ifdef TEETH_GIVES_BACK_FIRST
	give_back(id);
#endif
	/* The agent reads the bytes, here one request, where they lie: C proto/core/run.c run_requests(): channel->ops->rx_put(channel, used) */
	atomic { assert(owner[slot(RX, id)] == GUEST); answer = rx_data[id]; pending = true };
#ifndef TEETH_GIVES_BACK_FIRST
	give_back(id);
#endif
	id = 0
}

/* C hal/virtio/virtio_device.c qga_virtio_reset(): while (status != 0 && --tries > 0) */
inline reset()
{
	resetting = true;
#ifndef TEETH_RESET_UNCONFIRMED
	stopped[RX] && stopped[TX];
#endif
	/* C hal/virtio/virtqueue.c qga_virtq_init(): q->avail_idx = q->published = q->memory.device_writes ? q->memory.count : 0 */
	atomic {
		for (id : 0 .. 2 * SIZE - 1) {
			hidden_ring[id] = NONE;
			avail_ring[id] = (id < RX_COUNT -> id : 0);
			owner[id] = (id < RX_COUNT -> DEVICE : GUEST)
		}
		hidden_idx[RX] = NONE; hidden_idx[TX] = NONE; hidden_flag[TX] = NONE;
		avail_idx[RX] = RX_COUNT; avail_idx[TX] = 0;
		used_idx[RX] = 0; used_idx[TX] = 0;
		no_interrupt[TX] = true; /* C hal/virtio/virtio_console_setup.c setup_start(): qga_virtq_interrupts(&self->tx, false) */
		given[RX] = RX_COUNT; given[TX] = 0;
		published[RX] = RX_COUNT; published[TX] = 0;
#ifndef TEETH_RESET_REMEMBERS
		/* C hal/virtio/virtio_console_setup.c setup_forget(): memset((char *)self + kept, 0, sizeof(*self) - kept) */
		taken[RX] = 0; taken[TX] = 0;
		in_flight[slot(TX, 0)] = false; in_flight[slot(TX, TX_COUNT - 1)] = false;
#endif
		for (id : 0 .. RX_COUNT - 1) {
			in_flight[slot(RX, id)] = true
		}
		id = 0;
		next_id = 0;
		tx_waiting = false;
		/* The port was closed, so who waits there knows; the agent is told that it has gone:
		 * C hal/virtio/virtio_console_setup.c setup_forget(): self->close_due = true */
#ifndef TEETH_ANSWER_OUTLIVES
		pending = false; answer = 0;
#endif
		outstanding = 0; queued = 0; sent = 0; expected = 0; epoch = !epoch;
		broken = false
	}
	/* C hal/virtio/virtio_device.c qga_virtio_driver_ok(): VIRTIO_STATUS_DRIVER_OK */
	atomic { stopped[RX] = false; stopped[TX] = false; resetting = false };
	kick[RX] = true /* C hal/virtio/virtio_console_work.c work_open_lone(): qga_virtio_notify(self->device, &self->rx) */
}

/* C proto/core/run.c run_turn(): channel->ops->poll(channel) */
active proctype guest()
{
	byte rx_end, tx_end, id, answer, early = NONE;
	bool pending, progress;

again:
	reset();
turn:
	progress = false;
	if
	:: broken -> goto again /* C hal/virtio/virtio_console_work.c work_mend_now(): qga_console_restart(self) */
	:: else
	fi;
	poll(RX, rx_end); /* C hal/virtio/virtio_console_work.c work_exchange(): qga_virtq_poll(&self->rx, &end) */
	if
	:: tx_waiting -> reclaim() /* C hal/virtio/virtio_console_work.c work_mend(): self->mend = self->tx_waiting */
	:: else
	fi;
	do
	:: !pending && taken[RX] != rx_end -> request_in(); progress = true
	:: pending ->
		tx_get();
		if
		:: tx_free -> answer_out(); progress = true
		:: else -> break
		fi
	:: !pending && taken[RX] == rx_end -> break
	od;
	early = NONE;
	rx_end = 0;
	if
	:: given[TX] != published[TX] -> publish(TX) /* C hal/virtio/virtio_console.c console_tx_flush(): qga_console_publish(self, &self->tx) */
	:: else
	fi;
	/* The look in await_tx() and this turn each do for the other. */
	if
#ifndef TEETH_NO_LOOK_AFTER_INTERRUPTS
	:: progress && pending -> goto turn /* C proto/core/run.c run_turn(): return progress && (events != 0 || qga_pending(qga)) */
#endif
	:: else
	fi;
	/* C boards/shared/machine.c board_wait(): m->irqchip->ops->settle(m->irqchip) */
	irq;
#ifdef TEETH_ACKNOWLEDGES_LATE
	poll(RX, rx_end);
	irq = false;
	goto late;
#else
	irq = false;
#endif
	goto turn
#ifdef TEETH_ACKNOWLEDGES_LATE
late:
	skip
#endif
}
