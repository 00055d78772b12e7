/* SPDX-License-Identifier: MIT */
/*
 * bareqga_virtio.h - the agent's channel over virtio (Virtual I/O Device 1.2), by polling or by
 * interrupt, on whatever bus the device is.
 *
 *     1  the bus: how registers of a device are reached; virtio-mmio is built in
 *     2  DMA: where the device sees our memory, and caches that it does not see
 *     3  what may be wrong, in sentences
 *     4  the console: one port of it as a struct qga_channel
 *     5  the socket device: one listening port of it likewise
 *     6  starting them
 *
 *     static struct qga_virtio_device device = {.bus = &qga_virtio_mmio, .base = 0x10008000};
 *     static uint8_t memory[QGA_VIRTIO_CONSOLE_MEMORY(4, 512, 4, 512, 16, 32)]
 *             __attribute__((aligned(QGA_VIRTIO_ALIGN)));
 *     static const struct qga_virtio_console_config config = {
 *             .devices = &device, .n_devices = 1, .port = "org.qemu.guest_agent.0",
 *             .rx_count = 4, .tx_count = 4, .rx_size = 512, .tx_size = 512,
 *             .control_count = 16, .control_size = 32,
 *             .memory = memory, .memory_size = sizeof(memory),
 *     };
 *     static struct qga_virtio_console console;
 *
 *     fault = qga_virtio_console_init(&console, &config);     // then &console.channel
 *
 * C11 and C++17; names and QGA_CONFIG_FILE as in bareqga.h. Sections in comments are of the standard.
 */
#ifndef BAREQGA_VIRTIO_H
#define BAREQGA_VIRTIO_H

#include "bareqga.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Most buffers of a queue; a power of two from 4 to 256. Each costs four bytes of a console. */
#ifndef QGA_VIRTQ_MAX
#define QGA_VIRTQ_MAX 128
#endif

/* Devices that have a `dma`. 0 in an image none of whose devices has one: it is shorter. */
#ifndef QGA_WITH_DMA
#define QGA_WITH_DMA 1
#endif

/* --- 1. The bus ------------------------------------------------------------------------------ */

struct qga_virtio_bus;
struct qga_virtio_dma;

/*
 * A device. Owned by the caller, who fills in the first four members, the others being zero; belongs
 * to its driver from that one's start on.
 */
struct qga_virtio_device {
	const struct qga_virtio_bus *bus;
	uintptr_t base;                   /* the bus's: virtio-mmio, address of the registers */
	void *context;                    /* the bus's: whatever else it needs */
	const struct qga_virtio_dma *dma; /* NULL: coherent, and addresses are the same */

	/* probe() fills these in. */
	uint32_t id;      /* 5: 3 is a console; 0: nothing there */
	bool legacy;      /* no FEATURES_OK, no second word of features (2.2.3), layout of 2.7.2 */
	bool fixed_size;  /* takes its largest queue size whatever it is told (kvmtool) */
	bool looks_often; /* finds new receive buffers unasked, unless it had run out (QEMU) */

	/* The driver's. */
	uint8_t status; /* 2.1, as last written */
};

/* A queue as a bus has to know it. */
struct qga_virtio_queue {
	uint16_t index; /* its number */
	uint16_t size;  /* entries, a power of two */
	/*
	 * The device's addresses of the three parts (2.7). They lie in one piece as 2.7.2 has it, with
	 * QGA_VIRTQ_USED_ALIGN before `device`; `desc` is a multiple of QGA_VIRTIO_ALIGN.
	 */
	uint64_t desc, driver, device;
	uintptr_t notify; /* the bus's, from queue() to notify() */
};

/*
 * What a driver needs of a bus. All but probe() may rely on its having been called and having found
 * something. None waits or retries: what buses share (the steps of 3.1.1, a bounded reset, a
 * configuration that changes while it is read, ...) is done once above them. Const.
 */
struct qga_virtio_bus {
	/*
	 * Looks what is there, without changing it: 0, or an enum qga_virtio_fault. An empty slot
	 * is id 0 and no fault.
	 */
	int (*probe)(struct qga_virtio_device *device);
	/*
	 * The device's features, bits 32 * word and up, and those of them that we accept (2.2).
	 * Word 1 is not asked for if it is legacy.
	 */
	uint32_t (*features)(struct qga_virtio_device *device, unsigned word);
	/* Likewise. */
	void (*accept)(struct qga_virtio_device *device, unsigned word, uint32_t features);
	/* 2.1; writing 0 is a reset, done when 0 is read back. */
	uint8_t (*status)(struct qga_virtio_device *device);
	/* Likewise. */
	void (*set_status)(struct qga_virtio_device *device, uint8_t status);
	/* Most entries of a queue, 0: there is no such; or an enum qga_virtio_fault. */
	int (*queue_max)(struct qga_virtio_device *device, unsigned index);
	/* Sets a queue up and enables it; 0, or an enum qga_virtio_fault. */
	int (*queue)(struct qga_virtio_device *device, struct qga_virtio_queue *queue);
	/* Makes the device look at a queue. What was stored before is visible to it. */
	void (*notify)(struct qga_virtio_device *device, const struct qga_virtio_queue *queue);
	/*
	 * The interrupt line falls, whatever the interrupt is about. From a handler, another thread or
	 * another processor, beside any of the others: of the device it may use the first four members
	 * alone.
	 */
	void (*acknowledge)(struct qga_virtio_device *device);
	/* Device configuration (2.5): `width` is 1, 2 or 4 bytes at a multiple of that. */
	uint32_t (*config)(struct qga_virtio_device *device, unsigned offset, unsigned width);
	/* Changes whenever the configuration does; 0 if it is legacy. */
	uint32_t (*generation)(struct qga_virtio_device *device);
};

/* virtio-mmio (4.2), both register versions. */
extern const struct qga_virtio_bus qga_virtio_mmio;

/* Configuration space of a PCI function, as the kernel at hand reaches it. Const. */
struct qga_pci_access {
	/* `width` is 1, 2 or 4 bytes at a multiple of that below 256. */
	uint32_t (*read)(void *context, unsigned offset, unsigned width);
	/* Likewise. */
	void (*write)(void *context, unsigned offset, unsigned width, uint32_t value);
	/* Where memory BAR n is mapped, or 0: then its registers go through configuration space
	 * (4.1.4.9), slower, and with acknowledge() not to be called beside other functions. NULL:
	 * none is mapped. */
	uintptr_t (*bar)(void *context, unsigned n);
	/*
	 * Interrupts by message (4.1.5.1.2): the entry of the function's MSI-X table that all of the
	 * device's are to use, filled in and enabled; or -1: its line (INTx). Called for each queue that
	 * is set up, for a reset of the device may have cleared the table (Firecracker). NULL: the line.
	 */
	int (*vector)(void *context);
};

/* A piece of a BAR. */
struct qga_virtio_pci_region {
	uintptr_t mapped; /* its address, or 0 */
	uint32_t offset, length;
	uint8_t bar;
};

/*
 * What device->context is on virtio-pci. Owned by the caller, who fills in the first two members, the
 * others being zero, and lets the function be a bus master before the device is started.
 */
struct qga_virtio_pci {
	const struct qga_pci_access *access;
	void *context; /* the access's */

	/* The bus's, found by probe(). */
	struct qga_virtio_pci_region common, notify, isr, device;
	uint32_t notify_multiplier;
	uint32_t window_offset; /* what the window shows */
	uint8_t window_bar, window_width;
	uint8_t window; /* the window's capability; 0: there is none */
	bool messages;  /* it has no line to be acknowledged */
};

/* virtio-pci (4.1), modern and transitional devices. */
extern const struct qga_virtio_bus qga_virtio_pci;

/* --- 2. DMA ---------------------------------------------------------------------------------- */

/*
 * For devices that see memory at other addresses than we do (a translated kernel, an IOMMU), or that
 * do not see our caches. Each may be NULL. Const.
 *
 * Nothing that the device writes shares a cache line of 64 bytes with anything that we write, if
 * rx_size and tx_size are multiples of that.
 */
struct qga_virtio_dma {
	void *context; /* the callbacks get it first */
	/*
	 * The device's address of a piece of memory; UINT64_MAX: it has none, or not in one piece.
	 * Called for each ring and buffer whenever a device is started. NULL: the same as ours.
	 */
	uint64_t (*address)(void *context, const volatile void *memory, size_t size);
	/* Writes back what we wrote there; when it returns, the device can read it. */
	void (*clean)(void *context, const volatile void *memory, size_t size);
	/* Drops what the cache holds of it, so that we read what the device wrote. */
	void (*invalidate)(void *context, const volatile void *memory, size_t size);
};

/* --- 3. What may be wrong -------------------------------------------------------------------- */

/* Beside those of enum qga_fault. */
enum qga_virtio_fault {
	/* Of a configuration. */
	QGA_VIRTIO_FAULT_NULL = -65,      /* devices, a device's bus, port or memory */
	QGA_VIRTIO_FAULT_BUILD = -66,     /* application and library were compiled differently */
	QGA_VIRTIO_FAULT_DEVICES = -67,   /* n_devices is not from 1 to QGA_VIRTIO_DEVICES_MAX */
	QGA_VIRTIO_FAULT_COUNT = -68,     /* a count is not from 1 to QGA_VIRTQ_MAX */
	QGA_VIRTIO_FAULT_SIZE = -69,      /* a size is not from 1 to QGA_VIRTIO_SIZE_MAX */
	QGA_VIRTIO_FAULT_NAME = -70,      /* port is empty, or longer than control_size - 10 */
	QGA_VIRTIO_FAULT_ALIGNMENT = -71, /* memory is not aligned to QGA_VIRTIO_ALIGN */
	QGA_VIRTIO_FAULT_MEMORY = -72, /* memory_size is less than QGA_VIRTIO_CONSOLE_MEMORY(), or
	                                     QGA_VIRTIO_VSOCK_MEMORY() */

	/* Of a device. */
	QGA_VIRTIO_FAULT_NO_CONSOLE = -73,  /* none is a console that can be used */
	QGA_VIRTIO_FAULT_NO_DEVICE = -74,   /* something other than a virtio device */
	QGA_VIRTIO_FAULT_VERSION = -75,     /* registers of a version that is not known */
	QGA_VIRTIO_FAULT_RESET = -76,       /* never finishes its reset */
	QGA_VIRTIO_FAULT_FEATURES = -77,    /* does not take the features we chose */
	QGA_VIRTIO_FAULT_VERSION_1 = -78,   /* is not legacy, yet lacks VERSION_1 */
	QGA_VIRTIO_FAULT_QUEUE_BUSY = -79,  /* a queue is in use after a reset */
	QGA_VIRTIO_FAULT_QUEUE_SMALL = -80, /* a queue that is missing, or of too few entries */
	QGA_VIRTIO_FAULT_QUEUE_LARGE =
		-81,                     /* insists on rings for which memory_size is too small */
	QGA_VIRTIO_FAULT_TOO_HIGH = -82, /* legacy, and memory is beyond what it can be told */
	QGA_VIRTIO_FAULT_DMA_ADDRESS =
		-83,                     /* dma.address() gives none, or one that is not aligned */
	QGA_VIRTIO_FAULT_UNNAMED = -84,  /* ports without names, and `unnamed` is not set */
	QGA_VIRTIO_FAULT_BROKEN = -85,   /* breaks the protocol again and again */
	QGA_VIRTIO_FAULT_NO_VSOCK = -86, /* none is a socket device that can be used */
	QGA_VIRTIO_FAULT_NO_VECTOR = -87 /* does not take the interrupt vector we chose */
};

/* A sentence for an enum qga_virtio_fault or any other number; never NULL. */
const char *qga_virtio_strerror(int fault);

/* --- 4. The console -------------------------------------------------------------------------- */

/*
 * One port of a virtio console (5.3), found by its name, whatever its number, on the first of the
 * given devices that has it, beside any other ports and consoles; or plugged in later.
 *
 *     -device virtio-serial-device -chardev socket,id=c,path=SOCK,server=on,wait=off
 *     -device virtserialport,chardev=c,name=org.qemu.guest_agent.0
 */

/* Devices of a console. */
#define QGA_VIRTIO_DEVICES_MAX 32
/* Bytes of one of its buffers. */
#define QGA_VIRTIO_SIZE_MAX (4u << 20)

/* Alignment of a console's memory, ... */
#define QGA_VIRTIO_ALIGN 256
/* ... and within it. */
#define QGA_VIRTQ_USED_ALIGN 64

/*
 * Control buffers. QEMU loses what it finds none for, and announces all ports of a device in one go:
 * so many ports are safe. One must hold 8 bytes and the longest name of a port that a device may have;
 * QEMU cuts longer ones off, so that for QEMU strlen(port) + 10 bytes will do.
 */
#define QGA_VIRTIO_CONTROL_COUNT (QGA_VIRTQ_MAX < 32 ? QGA_VIRTQ_MAX : 32)
/* Bytes of such a buffer: the names of all hosts fit. */
#define QGA_VIRTIO_CONTROL_SIZE 72

/* Entries of a ring for n buffers, 256 at most: a power of two, at least 4. */
#define QGA_VIRTQ_SIZE(n) \
	((size_t)4 << (((n) > 4) + ((n) > 8) + ((n) > 16) + ((n) > 32) + ((n) > 64) + ((n) > 128)))

/* Rounded up to a multiple. */
#define QGA_VIRTIO_ROUND(bytes, to) (((bytes) + (to)-1) / (to) * (to))
/* Bytes before the used ring, ... */
#define QGA_VIRTQ_USED_OFFSET(size) QGA_VIRTIO_ROUND((size_t)18 * (size) + 6, QGA_VIRTQ_USED_ALIGN)
/* ... and of a whole ring, of that many entries (2.7). */
#define QGA_VIRTQ_BYTES(size) \
	QGA_VIRTIO_ROUND(QGA_VIRTQ_USED_OFFSET(size) + 6 + (size_t)8 * (size), QGA_VIRTIO_ALIGN)

/* Bytes of all buffers of a queue. */
#define QGA_VIRTQ_BUFFERS(count, size) \
	QGA_VIRTIO_ROUND((size_t)(count) * (size), QGA_VIRTQ_USED_ALIGN)

/* Memory that a configuration needs, in bytes: a constant expression. */
#define QGA_VIRTIO_CONSOLE_MEMORY(rx_count, rx_size, tx_count, tx_size, control_count,           \
                                  control_size)                                                  \
	(QGA_VIRTQ_BYTES(QGA_VIRTQ_SIZE(rx_count)) + QGA_VIRTQ_BYTES(QGA_VIRTQ_SIZE(tx_count)) + \
	 QGA_VIRTQ_BYTES(QGA_VIRTQ_SIZE(control_count)) + QGA_VIRTQ_BYTES(QGA_VIRTQ_SIZE(1)) +   \
	 QGA_VIRTQ_BUFFERS(rx_count, rx_size) + QGA_VIRTQ_BUFFERS(tx_count, tx_size) +           \
	 QGA_VIRTQ_BUFFERS(control_count, control_size) + QGA_VIRTQ_BUFFERS(1, 8))

/*
 * And what it needs on a device with one port and no names that insists on `entries` in each ring:
 * 128 with kvmtool. Give the larger of the two if it is to be used there.
 */
#define QGA_VIRTIO_CONSOLE_MEMORY_FIXED(rx_count, rx_size, tx_count, tx_size, entries) \
	(2 * QGA_VIRTQ_BYTES(entries) + QGA_VIRTQ_BUFFERS(rx_count, rx_size) +         \
	 QGA_VIRTQ_BUFFERS(tx_count, tx_size))

/* Const, owned by the caller, outlives the console. */
struct qga_virtio_console_config {
	struct qga_virtio_device *devices; /* to try, in this order; those that are no console are
	                                      skipped. Not shared with another driver */
	unsigned n_devices;                /* rows of `devices` */
	const char *port;                  /* its name */
	bool unnamed; /* without such a port, take a console that has just one port and no names */
	uint16_t rx_count, tx_count; /* buffers, 1 to QGA_VIRTQ_MAX; */
	uint32_t rx_size, tx_size;   /* bytes of each. Many of 4096 are best on QEMU */
	uint16_t control_count;      /* 0: QGA_VIRTIO_CONTROL_COUNT */
	uint16_t control_size;       /* bytes of each; 0: QGA_VIRTIO_CONTROL_SIZE */
	void *memory; /* the console's own, aligned to QGA_VIRTIO_ALIGN; need not be cleared */
	size_t memory_size; /* bytes, QGA_VIRTIO_CONSOLE_MEMORY() at least */
	void *context;      /* for debug() */
	/* A sentence that a person should know; may be NULL. */
	void (*debug)(void *context, const char *sentence);
};

/* Bytes of a console's internals. */
#define QGA_VIRTIO_CONSOLE_SIZE (4 * (QGA_VIRTQ_MAX) + 440 + 30 * QGA_POINTER)

/* A console. Any memory will do, aligned as any type; all but `channel` is the library's own. */
struct qga_virtio_console {
	struct qga_channel channel;
	union {
		uint64_t align;
		void *pointer;
		unsigned char bytes[QGA_VIRTIO_CONSOLE_SIZE];
	} opaque;
};

/* --- 5. The socket device -------------------------------------------------------------------- */

/*
 * One listening port of a virtio socket device (5.10), for hosts that reach their guests by vsock:
 * one client at a time, and the next one as soon as it has gone.
 *
 *     firecracker: "vsock": {"guest_cid": 3, "uds_path": "vm.sock"}       then CONNECT 1234 there
 *
 * A client that comes while another is there is refused, and the other is asked for a sign of life:
 * one that gave none has to make room for the next that comes. So has one that has sent all that it may
 * and takes no answers, when others have been refused for ten seconds: its end of the connection lives,
 * and it may be dead. For that the driver needs a clock.
 */

/* Of a buffer, before the data. */
#define QGA_VIRTIO_VSOCK_HEADER 44
/* Most bytes of one of its buffers: Firecracker takes no packet with more than 64 KiB of data. */
#define QGA_VIRTIO_VSOCK_SIZE_MAX (QGA_VIRTIO_VSOCK_HEADER + (64u << 10))
/* Most buffers of a queue: header and data have a descriptor each. */
#define QGA_VIRTIO_VSOCK_COUNT_MAX (QGA_VIRTQ_MAX < 128 ? QGA_VIRTQ_MAX : 128)

/* Memory that a configuration needs, in bytes: a constant expression. */
#define QGA_VIRTIO_VSOCK_MEMORY(rx_count, rx_size, tx_count, tx_size, window)                   \
	(QGA_VIRTQ_BYTES(QGA_VIRTQ_SIZE(2 * (rx_count))) +                                      \
	 QGA_VIRTQ_BYTES(QGA_VIRTQ_SIZE(2 * (tx_count))) + QGA_VIRTQ_BYTES(QGA_VIRTQ_SIZE(4)) + \
	 QGA_VIRTQ_BUFFERS(rx_count, rx_size) + QGA_VIRTQ_BUFFERS(tx_count, tx_size) +          \
	 QGA_VIRTQ_BUFFERS(4, 16) + QGA_VIRTQ_BUFFERS(1, window))

/* Const, owned by the caller, outlives the driver. */
struct qga_virtio_vsock_config {
	/* To try, in this order; those that are no socket device are skipped. Not shared. */
	struct qga_virtio_device *devices;
	unsigned n_devices;          /* rows of `devices`, to QGA_VIRTIO_DEVICES_MAX */
	uint32_t port;               /* that is listened on; for agents it is 1234 */
	uint16_t rx_count, tx_count; /* buffers, 1 to QGA_VIRTIO_VSOCK_COUNT_MAX; */
	uint32_t rx_size, tx_size;   /* bytes of each, 44 of them a header; 45 to 44 + 64 Ki */
	uint32_t window;    /* bytes that a client may send ahead, 1 to QGA_VIRTIO_SIZE_MAX */
	void *memory;       /* the driver's own, aligned to QGA_VIRTIO_ALIGN; need not be cleared */
	size_t memory_size; /* bytes, QGA_VIRTIO_VSOCK_MEMORY() at least */
	void *context;      /* for debug() and monotonic() */
	/* A sentence that a person should know; may be NULL. */
	void (*debug)(void *context, const char *sentence);
	/* ns since any moment, never less than before; may be NULL, see above. */
	uint64_t (*monotonic)(void *context);
};

/* What has become of a call. */
enum qga_virtio_call {
	QGA_VIRTIO_CALL_NONE = 0,  /* there was none */
	QGA_VIRTIO_CALL_GOING = 1, /* it is not over */
	QGA_VIRTIO_CALL_TOLD = 2,  /* the text was taken */
	QGA_VIRTIO_CALL_FAILED = 3 /* it was not */
};

/* Bytes of a driver's internals. */
#define QGA_VIRTIO_VSOCK_SIZE (3 * (QGA_VIRTQ_MAX) + 448 + 34 * QGA_POINTER)

/* A driver. Any memory will do, aligned as any type; all but `channel` is the library's own. */
struct qga_virtio_vsock {
	struct qga_channel channel;
	union {
		uint64_t align;
		void *pointer;
		unsigned char bytes[QGA_VIRTIO_VSOCK_SIZE];
	} opaque;
};

/* --- 6. Starting them ------------------------------------------------------------------------ */

/* As QGA_BUILD: sizes ... */
#define QGA_VIRTIO_BUILD_VSOCK                                                  \
	QGA_MIX(QGA_MIX(UINT32_C(2166136261), sizeof(struct qga_virtio_vsock)), \
	        sizeof(struct qga_virtio_vsock_config))
/* ... and all. */
#define QGA_VIRTIO_BUILD                                                                \
	QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_VIRTIO_BUILD_VSOCK, \
	                                                        BAREQGA_VERSION_MAJOR), \
	                                                BAREQGA_VERSION_MINOR),         \
	                                        sizeof(struct qga_virtio_console)),     \
	                                sizeof(struct qga_virtio_console_config)),      \
	                        sizeof(struct qga_virtio_device)),                      \
	                sizeof(struct qga_virtio_bus)),                                 \
	        (QGA_VIRTQ_MAX) << 1 | (QGA_WITH_DMA))

/* qga_virtio_console_init(), for whoever was compiled with `build`. */
int qga_virtio_console_init_build(struct qga_virtio_console *console,
                                  const struct qga_virtio_console_config *config, uint32_t build);

/*
 * Prepares *console, whatever it held before, and starts the first device that may have the port.
 * Returns 0, or an enum qga_virtio_fault: what is wrong with the configuration or, if no device can
 * be used, with the first console that cannot. The channel is &console->channel; its poll() does the
 * work, also the rest of the search.
 *
 * A device that breaks the rules, or asks for it, is reset a bounded number of times, then left
 * alone.
 */
static inline int qga_virtio_console_init(struct qga_virtio_console *console,
                                          const struct qga_virtio_console_config *config)
{
	return qga_virtio_console_init_build(console, config, QGA_VIRTIO_BUILD);
}

/* Why the console has stopped for good, an enum qga_virtio_fault; 0: it has not. */
int qga_virtio_console_fault(const struct qga_virtio_console *console);

/* qga_virtio_vsock_init(), for whoever was compiled with `build`. */
int qga_virtio_vsock_init_build(struct qga_virtio_vsock *vsock,
                                const struct qga_virtio_vsock_config *config, uint32_t build);

/*
 * Prepares *vsock, whatever it held before, and starts the first of the devices that can be used.
 * Returns 0, or an enum qga_virtio_fault: what is wrong with the configuration or, if no device can
 * be used, with the first socket device that cannot. The channel is &vsock->channel; clients get no
 * answer to their request for a connection before its open().
 *
 * Its close() ends the connection, but leaves the device running with the memory that it was given:
 * there are devices that cannot be stopped (Firecracker's).
 */
static inline int qga_virtio_vsock_init(struct qga_virtio_vsock *vsock,
                                        const struct qga_virtio_vsock_config *config)
{
	return qga_virtio_vsock_init_build(vsock, config, QGA_VIRTIO_BUILD);
}

/* Why the driver has stopped for good, an enum qga_virtio_fault; 0: it has not. */
int qga_virtio_vsock_fault(const struct qga_virtio_vsock *vsock);

/*
 * Calls a program that listens at a port beside us (the host's CID is 2), tells it a text that is
 * shorter than a buffer and lives on, and hangs up: "READY=1\n". Beside the port's client, whom it
 * does not disturb; poll() goes on with it. One that is going on is forgotten. Who waits for its end,
 * which need not come, has a time-out of his own and then hangs up.
 */
void qga_virtio_vsock_call(struct qga_virtio_vsock *vsock, uint32_t cid, uint32_t port,
                           const char *text);

/* Ends the call, if one is going on: it has failed. */
void qga_virtio_vsock_hang_up(struct qga_virtio_vsock *vsock);

/* What has become of the last call. */
enum qga_virtio_call qga_virtio_vsock_called(const struct qga_virtio_vsock *vsock);

#ifdef __cplusplus
}
#endif

#endif
