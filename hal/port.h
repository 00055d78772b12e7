/* SPDX-License-Identifier: MIT */
/*
 * port.h - registers of devices that PCs have at I/O ports, and other machines in memory.
 *
 * A driver of such a device uses these in the place of mmio.h's. Which of the two it is, is known
 * when it is compiled: nobody has to ask at each access.
 */
#ifndef BAREQGA_PORT_H
#define BAREQGA_PORT_H

#include "mmio.h"

#if defined(__x86_64__) && !defined(MMIO_TEST)

#define PORTS 0x10000 /* so many of them */

#define PORT_ACCESS(bits, type, suffix)                                                     \
	static inline type port_read##bits(uintptr_t port)                                  \
	{                                                                                   \
		type value;                                                                 \
		__asm__ volatile("in" suffix " %w1, %0"                                     \
		                 : "=a"(value)                                              \
		                 : "Nd"((uint16_t)port)                                     \
		                 : "memory");                                               \
		return value;                                                               \
	}                                                                                   \
	static inline void port_write##bits(uintptr_t port, type value)                     \
	{                                                                                   \
		__asm__ volatile("out" suffix " %0, %w1" ::"a"(value), "Nd"((uint16_t)port) \
		                 : "memory");                                               \
	}

PORT_ACCESS(8, uint8_t, "b")
PORT_ACCESS(16, uint16_t, "w")
PORT_ACCESS(32, uint32_t, "l")

#else

/* Tests of what only PCs have say PORT_TEST: ports are registers below all others. */
#ifdef PORT_TEST
#define PORTS 0x10000
#else
#define PORTS 0
#endif

#define port_read8   mmio_read8
#define port_read16  mmio_read16
#define port_read16  mmio_read16
#define port_read32  mmio_read32
#define port_write8  mmio_write8
#define port_write16 mmio_write16
#define port_write32 mmio_write32

#endif
#endif
