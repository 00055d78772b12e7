/* SPDX-License-Identifier: MIT */
/* virtio_fault.c - what may be wrong with a configuration or a device, in sentences. */
#include "virtio_device.h"

#define FIRST_FAULT        QGA_VIRTIO_FAULT_NULL
#define FIRST_DEVICE_FAULT QGA_VIRTIO_FAULT_NO_CONSOLE
#define LAST_DEVICE_FAULT  QGA_VIRTIO_FAULT_NO_VECTOR

const char *qga_virtio_device_text(int fault)
{
	static const char *const texts[] = {
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_NO_CONSOLE] =
			"none of the virtio devices is a console",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_NO_DEVICE] = "there is no virtio device",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_VERSION] =
			"virtio device is of a version that is not known",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_RESET] =
			"virtio device does not finish its reset",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_FEATURES] =
			"virtio device refuses our features",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_VERSION_1] =
			"virtio device of version 2 does not offer VERSION_1",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_QUEUE_BUSY] =
			"virtio queue is in use after a reset",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_QUEUE_SMALL] = "virtio queue is too small",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_QUEUE_LARGE] =
			("virtio device insists on larger queues than fit into memory_size; see "
	                 "QGA_VIRTIO_CONSOLE_MEMORY_FIXED()"),
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_TOO_HIGH] =
			"virtio queue lies too high for a legacy device",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_DMA_ADDRESS] =
			"virtio device has no address for the memory, or none that is aligned",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_UNNAMED] =
			"virtio console has no names for its ports, and unnamed is not set",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_BROKEN] =
			"virtio device does not recover and is left alone",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_NO_VSOCK] =
			"none of the virtio devices is a socket device",
		[FIRST_DEVICE_FAULT - QGA_VIRTIO_FAULT_NO_VECTOR] =
			"virtio device refuses its interrupt vector",
	};

	return fault <= FIRST_DEVICE_FAULT && fault >= LAST_DEVICE_FAULT
	               ? texts[FIRST_DEVICE_FAULT - fault]
	               : NULL;
}

const char *qga_virtio_strerror(int fault)
{
	static const char *const texts[] = {
		[FIRST_FAULT - QGA_VIRTIO_FAULT_NULL] =
			"devices, a device's bus, port or memory is NULL",
		[FIRST_FAULT - QGA_VIRTIO_FAULT_BUILD] =
			("application and library were compiled with different versions or "
	                 "configurations of bareqga_virtio.h"),
		[FIRST_FAULT - QGA_VIRTIO_FAULT_DEVICES] =
			"n_devices is not from 1 to QGA_VIRTIO_DEVICES_MAX",
		[FIRST_FAULT - QGA_VIRTIO_FAULT_COUNT] =
			"a count of buffers is not from 1 to QGA_VIRTQ_MAX",
		[FIRST_FAULT - QGA_VIRTIO_FAULT_SIZE] =
			"a size of buffers is not from 1 to QGA_VIRTIO_SIZE_MAX",
		[FIRST_FAULT - QGA_VIRTIO_FAULT_NAME] =
			"port is empty, or longer than control_size - 10",
		[FIRST_FAULT - QGA_VIRTIO_FAULT_ALIGNMENT] =
			"memory is not aligned to QGA_VIRTIO_ALIGN",
		[FIRST_FAULT - QGA_VIRTIO_FAULT_MEMORY] =
			"memory_size is less than QGA_VIRTIO_CONSOLE_MEMORY() of these buffers, or QGA_VIRTIO_VSOCK_MEMORY()",
	};
	const char *text = qga_virtio_device_text(fault);

	if (text != NULL)
		return text;
	if (fault == 0)
		return "nothing is wrong";
	if (fault <= FIRST_FAULT && fault > FIRST_DEVICE_FAULT)
		return texts[FIRST_FAULT - fault];
	return "no fault of virtio has this number";
}
