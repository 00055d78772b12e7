/* SPDX-License-Identifier: MIT */
/*
 * board.h - the contract between a board and the firmware.
 *
 * One image is one board, so these are plain functions, found at link time. A board directory holds
 * board.mk (tools, flags, QEMU line), board.c (its data) and memory.ld (its regions); what boards
 * have in common (device tree discovery, the processor's own parts) is in hal/.
 * Interrupts stay masked: an armed interrupt ends board_wait(), and devices are then polled.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bareqga_virtio.h"

enum board_power {
	BOARD_POWERDOWN,
	BOARD_HALT,
	BOARD_REBOOT
};

/* Ranges of memory that are told of; a machine that has more has them left out. */
#ifndef BOARD_RAM_MAX
#define BOARD_RAM_MAX 16
#endif

/* In bytes. */
struct board_ram {
	uint64_t base, size;
};

/* Disks, and network cards, that are told of; 0: the machine can have none. */
#ifndef BOARD_IDLE_MAX
#define BOARD_IDLE_MAX 8
#endif

/* What was found; valid after board_init(). Strings live for ever. */
struct board {
	const char *name;    /* directory name: "virt-riscv64" */
	const char *machine; /* as uname -m */
	const char *cmdline; /* the kernel command line, "" if the boot protocol has none */
	bool nothing_set;    /* the host has made no setting: none need be looked for */
	struct board_ram ram[BOARD_RAM_MAX]; /* by address, and none touches the next */
	unsigned n_ram;                      /* 0: nothing is known of memory */
	/*
	 * RAM that nobody else uses; 0 bytes if there is none. At the same place after a reset, and
	 * outside the image's segments, so that what is written there is found again.
	 */
	void *spare;
	size_t spare_size;
	/* Virtio devices that nobody drives, in the order they were found; see find_idle(). */
	struct qga_virtio_device disk[BOARD_IDLE_MAX], net[BOARD_IDLE_MAX];
	unsigned n_disks, n_nets;
	unsigned n_cpus; /* processors of the machine ... */
	unsigned cpu;    /* ... and which of them runs us */
	bool has_rtc, has_rtc_set;
	unsigned powers; /* 1 << enum board_power that the machine can do */
	/*
	 * Completes n_cpus and powers, which before say no more than that there are some: the first
	 * answer need not wait for what this reads. NULL: they are complete.
	 */
	void (*learn)(void);
	/* Likewise for disk and net. */
	void (*find_idle)(void);
	/*
	 * What the board has to do beside the agent, from when the agent can answer: called before each
	 * wait; returns after how many ns again, or UINT64_MAX. NULL: nothing.
	 */
	uint64_t (*poll)(void);
	/* The guest will be switched off; poll() goes on. NULL: nobody is told. */
	void (*stopping)(void);
	/*
	 * Has notice() called, once, at the end of the first board_wait() that ends `ns` from now or
	 * later. Wakes nobody. NULL: the board cannot.
	 */
	void (*remind)(uint64_t ns, void (*notice)(void));
	/*
	 * Has the host said, since the last call, that it stopped, restored or cloned the machine? false from the
	 * first one, which may have to find out where to look. Where it is said while somebody is to be reminded, the
	 * reminder comes at once. NULL: the host cannot say.
	 */
	bool (*disturbed)(void);
	bool is_line; /* the agent's channel is a serial line: no client is seen to leave */
	/*
	 * How long the host needs to notice that our port has closed, if it must before the power
	 * goes off; 0: it need not.
	 */
	uint64_t power_delay_ns;
	/*
	 * Lines that the board has said, each ended by LF, for the log, which it does not know; whoever
	 * has taken them empties it. NULL: it keeps none.
	 */
	char *said;
};

/* Adds memory to a board's list. What cannot be, or ends above 2^64, is left out. */
void board_add_ram(struct board *board, uint64_t base, uint64_t size);

/*
 * Finds and starts the devices; returns NULL (after one line on the debug channel) if the machine
 * cannot work at all.
 */
const struct board *board_init(void);

/*
 * The channel the agent answers on, or NULL (after one line on the debug channel): there is none.
 */
struct qga_channel *board_channel(void);

/*
 * Waits for an interrupt, or for `ns` nanoseconds (UINT64_MAX: no limit; 0: does not wait). Returns
 * early whenever it likes. Costs no host CPU while waiting. An interrupt that came after
 * the last channel poll ends it at once.
 */
void board_wait(uint64_t ns);

/* Nanoseconds since the machine started or board_init() was called; never goes back. */
uint64_t board_monotonic(void);

/* Nanoseconds spent in board_wait(). */
uint64_t board_idle(void);

/* The hardware clock, in ns since 1970-01-01 UTC; 0 or -1. */
int board_rtc_get(int64_t *ns);
int board_rtc_set(int64_t ns);

/* Does it; returns only if the machine cannot. Halt stops the processor for good. */
void board_power(enum board_power mode);

#define BOARD_EXIT_MAX 127

/*
 * Ends the machine so that who runs it is given a status, 0 to BOARD_EXIT_MAX: QEMU's own exit status is then that, or
 * where the device is x86's isa-debug-exit, which knows odd ones only, 2 * status + 1. 0 is a power-off where
 * that is all that tells of it. Returns only if there is no device for that.
 */
void board_exit(unsigned status);

/*
 * Tells the host that the guest has crashed, where there is a device for that: it may stop or end the
 * machine then. Returns if it does not.
 */
void board_panicked(void);

/*
 * One line of text for a person, without the newline. On the agent's channel only between answers, where the host has
 * set that they share a port.
 */
void board_debug(const char *text, size_t len);

/* The agent has stopped for good: from here on lines go out at once, wherever they go. */
void board_last_words(void);

/* Has a line of 240 bytes room now? Else it may be lost: who has many waits. */
bool board_debug_ready(void);

/*
 * A named item the host hands over (fw_cfg file); returns its size and, through *data or piece by
 * piece with board_item_read(), its bytes; -1: no such item.
 */
int64_t board_item_size(const char *name);
int64_t board_item_read(const char *name, uint64_t offset, void *buf, size_t len);

/*
 * A setting of the host by the name of its item, opt/bareqga/NAME: fw_cfg's, or of the command
 * line, where it is bareqga.NAME=. Fills value, NUL-ended, and returns its length; 0: it is not
 * set; -1: it is too long for so many bytes.
 */
int board_setting(const char *item, const char *cmdline, char *value, size_t size);

/* The firmware's part: called by the processor's start code, on the boot stack, .bss cleared. */
void firmware_main(void);

/* A trap: cause and pc as the processor names them. Does not return. */
void firmware_trap(uintptr_t cause, uintptr_t pc, uintptr_t value);

#endif
