/* SPDX-License-Identifier: MIT */
/*
 * machine.h - a board as data: what it is, what was found, which drivers were started.
 *
 * machine.c answers board.h from a struct machine; fdt_machine.c fills it from a device tree with
 * the help of fdt_devices.c; agent_port.c opens the agent's channel. A board defines `machine_board` and
 * the empty `machine`. What a machine lacks stays NULL, and is then not offered.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "board.h"
#include "bareqga_virtio.h"
#include "discover/fdt.h"
#include "discover/fw_cfg.h"
#include "irqchip.h"
#include "rtc.h"
#include "uart/uart.h"

struct machine;
struct pci_message;

#define MACHINE_CONSOLES_MAX 8 /* of virtio-mmio four, and as many of PCI */
#define MACHINE_MMIO_MAX     4
#define MACHINE_UARTS_MAX    4
#define MACHINE_VSOCKS_MAX   2 /* the first one of virtio-mmio, and of PCI */

/* Can the agent answer on a socket device? 0 makes the image smaller. */
#ifndef BOARD_WITH_VSOCK
#define BOARD_WITH_VSOCK 1
#endif
/*
 * Its buffers, and what a client may send ahead: together as much memory as a console has. A back end in a
 * process of its own makes a system call or two of each packet, and wakes its VMM: so few, and large.
 */
#ifndef BOARD_VSOCK_COUNT
#define BOARD_VSOCK_COUNT 12
#endif
#ifndef BOARD_VSOCK_SIZE
#define BOARD_VSOCK_SIZE (16 * 1024)
#endif
#ifndef BOARD_VSOCK_WINDOW
#define BOARD_VSOCK_WINDOW (128 * 1024)
#endif
#define BOARD_VSOCK_MEMORY                                                              \
	QGA_VIRTIO_VSOCK_MEMORY(BOARD_VSOCK_COUNT, BOARD_VSOCK_SIZE, BOARD_VSOCK_COUNT, \
	                        BOARD_VSOCK_SIZE, BOARD_VSOCK_WINDOW)

/* With its NUL; QEMU, docs/specs/fw_cfg.rst: struct FWCfgFile. */
#define MACHINE_ITEM_NAME_SIZE 56

/* An interrupt line. */
struct machine_irq {
	uint32_t number; /* 0: none */
	uint32_t
		parent; /* phandle of the controller, where the node itself names it; 0: it does not */
	bool edge;
};

struct machine_uart {
	void (*init)(struct uart *uart, uintptr_t base, unsigned stride);
	uintptr_t base;
	unsigned stride; /* bytes from one register to the next */
	struct machine_irq irq;
	const char *name; /* of its node */
	unsigned number;  /* n of ttySn, or of ttyAMAn: as Linux would number it */
};

/* What a node says of a device. */
struct machine_device {
	uintptr_t base, size;   /* of its first registers; 0: none; base, too: out of reach */
	struct machine_irq irq; /* the one that the driver's row names */
	uint32_t which;         /* as in the driver's row */
};

/*
 * One kind of node that a board knows: one with this string in this property. found() is called for
 * each; of devices, which `compatible` names, for each that is enabled; of names, below the root.
 */
struct machine_driver {
	enum fdt_name by;
	const char *name;
	void (*found)(struct machine *m, const struct fdt_node *node,
	              const struct machine_device *device);
	uint32_t which; /* of its interrupts; of several kinds, where found() has use for that */
};

/* Ends a table of them. */
#define MACHINE_DRIVERS_END   \
	{                     \
		.found = NULL \
	}

/* The board's own data. */
struct machine_board {
	const char *name;                     /* as its directory */
	const char *machine;                  /* as uname -m */
	const struct machine_driver *drivers; /* by MACHINE_DRIVERS_END */
	/* Starts interrupts, time and power from what was found; NULL, or what is missing. */
	const char *(*start)(struct machine *m);
	/* The message that ends a wait, for functions of PCI without a line; NULL: such have none here.
	 * arch_reach() must then keep what it was asked for. */
	void (*message)(struct pci_message *message);
	uintptr_t fdt; /* the device tree, when the boot protocol names none; 0: nowhere */
	struct machine_uart uart; /* for what is to be said before any has been found */
};

extern const struct machine_board machine_board;
extern struct machine machine;

/*
 * Where the agent's port is searched: what was found on virtio-mmio, then places that the first question
 * to one of them fills with what is on PCI; see pci_devices.h.
 */
extern struct qga_virtio_device machine_consoles[MACHINE_CONSOLES_MAX];

struct machine {
	struct board board;

	/* Started drivers; NULL: there is none. */
	struct irqchip *irqchip;
	struct rtc *rtc;
	struct uart *log;
	void (*power_off)(struct machine *m);
	void (*reboot)(struct machine *m);
	void (*exit)(struct machine *m, unsigned status); /* of board_exit(), but for 0 */
	uint64_t virtio_power_delay_ns;                   /* power_delay_ns with a virtio port */
	bool looked; /* all ports were found, or there are none */
	bool uarts_started;
	bool shares_console; /* the log is on the agent's serial port ... */
	bool alone;          /* ... and the agent has stopped for good */
	uint64_t start;      /* ticks when board_init() was called */
	uint64_t idle;       /* ticks spent waiting */
	uint64_t remind_at;  /* ticks; UINT64_MAX: nothing to be reminded of */
	void (*notice)(void);
	bool told;             /* machine_say_disturbed() */
	uint64_t disturbed_at; /* ticks; 0: not yet */
	struct uart *serial;   /* the agent's port, or one that may be; see board_wait() */

	/* Found in the device tree. */
	uint64_t image_ram_end; /* of the memory that the image lies in; 0: it lies in none */
	struct fdt_prop stdout_path;
	struct machine_irq console_irq[MACHINE_CONSOLES_MAX]; /* of machine_consoles */
	unsigned n_consoles;                                  /* of virtio-mmio */
	struct qga_virtio_device vsock[MACHINE_VSOCKS_MAX];
	struct machine_irq vsock_irq[MACHINE_VSOCKS_MAX];
	unsigned n_vsocks;
	struct qga_virtio_device clock; /* the last one; bus NULL: there is none */
	struct machine_uart uart[MACHINE_UARTS_MAX];
	unsigned n_uarts;
	uintptr_t intc_base[2]; /* the interrupt controller's registers */
	uintptr_t intc_size;    /* of the second of them */
	uint64_t cpus;          /* a bit for each processor with a number below 64 */
	uint32_t timebase;      /* Hz */
	struct machine_irq timer_irq;
	uintptr_t power;
	struct fdt_prop power_method; /* PSCI's conduit: smc, or hvc */
	uintptr_t cpu_number;         /* of the processor whose node came last */

	/* The drivers' own. */
	struct fw_cfg fw_cfg;
	struct rtc rtc_device;
	struct uart uart_device[MACHINE_UARTS_MAX];
	bool has_fw_cfg;
	char item_name[MACHINE_ITEM_NAME_SIZE]; /* found last; "" before */
	uint16_t item;
	int64_t item_size;
};

/* Finds everything; 0, or -1 after a line of text. */
int machine_discover(struct machine *m);

/*
 * Starts the serial ports, if that was not done: when something is to be said, or the agent is to be on
 * one. The log is on the tree's stdout-path, or on the first.
 */
void machine_start_uarts(struct machine *m);

/*
 * Does the machine's memory say that it was stopped, restored or cloned since machine_take_sign(), of which the
 * first call only makes this so? Cheap: each wait asks. See pc_signs.c; constant where there is no such memory.
 */
bool machine_sign(void);
bool machine_take_sign(void);

/* As board.disturbed: that, and what machine_say_disturbed() told. */
bool machine_disturbed(void);

/*
 * A device says that the machine was restored or moved. Has everybody look who is to be reminded, before anything
 * that the device brings is answered.
 */
void machine_say_disturbed(void);

/*
 * Is there a virtio clock? And the time that it shows, in ns since 1970-01-01 UTC; 0, or -1: it does not say. It is then not to
 * be mixed with another clock's, which QEMU has started with a whole second.
 */
bool machine_has_virtio_clock(void);
int machine_virtio_clock(int64_t *ns);

/* What the host may be told; numbers as in QEMU, docs/specs/pvpanic.rst. */
enum machine_event {
	MACHINE_PANICKED = 1 << 0,
	MACHINE_SHUTDOWN = 1 << 2,
};

/* Tells the host, if there is a device for it that takes this; see pvpanic.c. The machine may end at once. */
void machine_tell(struct machine *m, enum machine_event event);

/* One line for a person. */
void machine_log(const char *text);

/*
 * Goes through a tree, and calls found() of the first row that fits a node. False: it is damaged.
 */
bool machine_walk(struct machine *m, const struct fdt *fdt, const struct machine_driver *drivers);

/* Lets a line end waits; false, after a line of text: it does not reach this processor. */
bool machine_enable(struct machine *m, struct machine_irq irq);

/* If it has a socket device: does the setting `vsock-port` not switch it off? */
bool machine_wants_vsock(const struct machine *m);

/* The agent's port on it, in memory for its queues; or NULL, after a line of text. */
struct qga_channel *machine_vsock_channel(struct machine *m, void *memory, size_t size);

/* The number in a serial port's name: that of ttyS3 or ttyAMA3 is 3; options follow. Or -1. */
int machine_tty_number(const char *name);

/* The serial port of this number, or else the first one. */
const struct machine_uart *machine_serial_port(const struct machine *m, int number);

/* The agent on the serial port of this number, or, below 0, whichever it is; NULL: there is none. */
struct qga_channel *machine_serial_channel(struct machine *m, int number);

/*
 * Asks for the setting `console`, before the agent gets a serial port: from there on, if it is shared, lines for a
 * person go out between answers.
 */
void machine_share_console(struct machine *m);
void machine_say_shared(const char *text, size_t len);

/* Sends what has not gone yet, where the agent goes on no more. */
void machine_last_words(void);

/* The interrupt of the device that the agent will answer on, as far as can be said now. */
struct machine_irq machine_agent_irq(const struct machine *m);

/* What is in the virtio-mmio slot at an address. */
void found_virtio(struct machine *m, uintptr_t base, struct machine_irq irq);

/* Rows for what every tree has, of fdt_machine.c; a board's table begins with them. */
#define MACHINE_DRIVERS_COMMON                                                              \
	{FDT_NODE_NAME, "chosen", found_chosen, 0}, {FDT_NODE_NAME, "cpus", found_cpus, 0}, \
		{FDT_DEVICE_TYPE, "cpu", found_cpu, 0},                                     \
	{                                                                                   \
		FDT_DEVICE_TYPE, "memory", found_memory, 0                                  \
	}

void found_chosen(struct machine *m, const struct fdt_node *node,
                  const struct machine_device *device);
void found_cpus(struct machine *m, const struct fdt_node *node,
                const struct machine_device *device);
void found_cpu(struct machine *m, const struct fdt_node *node, const struct machine_device *device);
void found_memory(struct machine *m, const struct fdt_node *node,
                  const struct machine_device *device);

/* found() of devices that several boards have. */
void found_virtio_mmio(struct machine *m, const struct fdt_node *node,
                       const struct machine_device *device);
void found_ns16550(struct machine *m, const struct fdt_node *node,
                   const struct machine_device *device);
void found_pl011(struct machine *m, const struct fdt_node *node,
                 const struct machine_device *device);
void found_fw_cfg(struct machine *m, const struct fdt_node *node,
                  const struct machine_device *device);

#endif
