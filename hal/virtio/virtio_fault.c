/* SPDX-License-Identifier: MIT */
/* virtio_fault.c - what may be wrong with a configuration or a device, in sentences. */
#include "bareqga_virtio.h"

#define VIRTIO_FAULT_FIRST QGA_VIRTIO_FAULT_NULL

const char *qga_virtio_strerror(int fault)
{
	static const char *const texts[] = {
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_NULL] =
			"devices, a device's bus, port or memory is NULL",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_BUILD] =
			"application and library were compiled with different versions or "
			"configurations of bareqga_virtio.h",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_DEVICES] =
			"n_devices is not from 1 to QGA_VIRTIO_DEVICES_MAX",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_COUNT] =
			"a count of buffers is not from 1 to QGA_VIRTQ_MAX",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_SIZE] =
			"a size of buffers is not from 1 to QGA_VIRTIO_SIZE_MAX",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_NAME] =
			"port is empty, or longer than control_size - 10",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_ALIGNMENT] =
			"memory is not aligned to QGA_VIRTIO_ALIGN",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_MEMORY] =
			"memory_size is less than QGA_VIRTIO_CONSOLE_MEMORY() of these buffers",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_NO_CONSOLE] =
			"none of the virtio devices is a console",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_NO_DEVICE] = "there is no virtio device",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_VERSION] =
			"virtio device is of a version that is not known",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_RESET] =
			"virtio device does not finish its reset",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_FEATURES] =
			"virtio device refuses our features",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_VERSION_1] =
			"virtio device of version 2 does not offer VERSION_1",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_QUEUE_BUSY] =
			"virtio queue is in use after a reset",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_QUEUE_SMALL] = "virtio queue is too small",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_QUEUE_LARGE] =
			"virtio device insists on larger queues than fit into memory_size; see "
			"QGA_VIRTIO_CONSOLE_MEMORY_FIXED()",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_TOO_HIGH] =
			"virtio queue lies too high for a legacy device",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_DMA_ADDRESS] =
			"virtio device has no address for the memory, or none that is aligned",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_UNNAMED] =
			"virtio console has no names for its ports, and unnamed is not set",
		[VIRTIO_FAULT_FIRST - QGA_VIRTIO_FAULT_BROKEN] =
			"virtio console does not recover and is left alone",
	};
	int i = VIRTIO_FAULT_FIRST - fault;

	if (fault == 0)
		return "nothing is wrong";
	if (fault > VIRTIO_FAULT_FIRST || fault < QGA_VIRTIO_FAULT_BROKEN || texts[i] == NULL)
		return "no fault of virtio has this number";
	return texts[i];
}
