/* SPDX-License-Identifier: MIT */
/*
 * mmio.h - the only access to device registers, and the seam for tests.
 *
 * Each access is one load or store of one register, written in assembly where the compiler might
 * choose a form that a hypervisor cannot emulate (on Arm: post-index, pairs; Arm ARM DDI 0487,
 * ESR_ELx.ISV). With MMIO_TEST the functions are the test's own.
 * I/O ports of PCs: port.h.
 */
#ifndef BAREQGA_MMIO_H
#define BAREQGA_MMIO_H

#include <stdint.h>

#ifdef MMIO_TEST

uint8_t mmio_read8(uintptr_t addr);
uint16_t mmio_read16(uintptr_t addr);
uint32_t mmio_read32(uintptr_t addr);
void mmio_write8(uintptr_t addr, uint8_t value);
void mmio_write16(uintptr_t addr, uint16_t value);
void mmio_write32(uintptr_t addr, uint32_t value);

#else

#if defined(__aarch64__)
#define MMIO_LOAD(op, v, a)  __asm__ volatile(op " %w0, [%1]" : "=r"(v) : "r"(a) : "memory")
#define MMIO_STORE(op, v, a) __asm__ volatile(op " %w0, [%1]" ::"rZ"(v), "r"(a) : "memory")
#define MMIO_LOAD8           "ldrb"
#define MMIO_LOAD16          "ldrh"
#define MMIO_LOAD32          "ldr"
#define MMIO_STORE8          "strb"
#define MMIO_STORE16         "strh"
#define MMIO_STORE32         "str"
#elif defined(__arm__)
#define MMIO_LOAD(op, v, a)  __asm__ volatile(op " %0, [%1]" : "=r"(v) : "r"(a) : "memory")
#define MMIO_STORE(op, v, a) __asm__ volatile(op " %0, [%1]" ::"r"(v), "r"(a) : "memory")
#define MMIO_LOAD8           "ldrb"
#define MMIO_LOAD16          "ldrh"
#define MMIO_LOAD32          "ldr"
#define MMIO_STORE8          "strb"
#define MMIO_STORE16         "strh"
#define MMIO_STORE32         "str"
#elif defined(__riscv)
#define MMIO_LOAD(op, v, a)  __asm__ volatile(op " %0, 0(%1)" : "=r"(v) : "r"(a) : "memory")
#define MMIO_STORE(op, v, a) __asm__ volatile(op " %0, 0(%1)" ::"r"(v), "r"(a) : "memory")
#define MMIO_LOAD8           "lbu"
#define MMIO_LOAD16          "lhu"
#define MMIO_LOAD32          "lw"
#define MMIO_STORE8          "sb"
#define MMIO_STORE16         "sh"
#define MMIO_STORE32         "sw"
#elif defined(__x86_64__)
#define MMIO_LOAD(op, v, a)  __asm__ volatile(op " (%1), %0" : "=q"(v) : "r"(a) : "memory")
#define MMIO_STORE(op, v, a) __asm__ volatile(op " %0, (%1)" ::"q"(v), "r"(a) : "memory")
#define MMIO_LOAD8           "movb"
#define MMIO_LOAD16          "movw"
#define MMIO_LOAD32          "movl"
#define MMIO_STORE8          "movb"
#define MMIO_STORE16         "movw"
#define MMIO_STORE32         "movl"
#else
#error "mmio.h: unknown processor"
#endif

static inline uint8_t mmio_read8(uintptr_t addr)
{
	uint8_t value;
	MMIO_LOAD(MMIO_LOAD8, value, addr);
	return value;
}

static inline uint16_t mmio_read16(uintptr_t addr)
{
	uint16_t value;
	MMIO_LOAD(MMIO_LOAD16, value, addr);
	return value;
}

static inline uint32_t mmio_read32(uintptr_t addr)
{
	uint32_t value;
	MMIO_LOAD(MMIO_LOAD32, value, addr);
	return value;
}

static inline void mmio_write8(uintptr_t addr, uint8_t value)
{
	MMIO_STORE(MMIO_STORE8, value, addr);
}

static inline void mmio_write16(uintptr_t addr, uint16_t value)
{
	MMIO_STORE(MMIO_STORE16, value, addr);
}

static inline void mmio_write32(uintptr_t addr, uint32_t value)
{
	MMIO_STORE(MMIO_STORE32, value, addr);
}

#endif
#endif
