/* SPDX-License-Identifier: MIT */
/*
 * fw_cfg.h - named items that QEMU hands to its guest: -fw_cfg name=opt/...,string=...
 *
 * QEMU, docs/specs/fw_cfg.rst. By DMA where the device has it, for a byte-wise item costs a
 * hypervisor one exit for each byte; else by the data register, which is on every machine.
 */
#ifndef BAREQGA_DISCOVER_FW_CFG_H
#define BAREQGA_DISCOVER_FW_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads of up to so many bytes go through memory that stays the device's, whatever it does. */
#define FW_CFG_BOUNCE 256

/* Of the DMA interface: what the register is given the address of; all big endian. */
struct fw_cfg_dma_access {
	uint32_t control;
	uint32_t length;
	uint32_t address_high, address_low;
};

struct fw_cfg {
	uintptr_t selector; /* 16 bits */
	uintptr_t data;     /* 8 bits */
	uintptr_t dma;      /* 64 bits, big endian; 0: there is none */
	uint32_t initials;  /* letters that names in the directory begin with; all, till it was read
	                     */
	bool broken;        /* it did not end a DMA, and is not asked again */
	struct fw_cfg_dma_access access;
	_Alignas(4) uint8_t bounce[FW_CFG_BOUNCE];
};

/* Returns 0 if QEMU answers there, or -1. dma is used if the device says that it is there. */
int fw_cfg_init(struct fw_cfg *fw_cfg, uintptr_t selector, uintptr_t data, uintptr_t dma);

/* Looks through the directory for an item: returns its size and its selector, or -1. */
int64_t fw_cfg_find(struct fw_cfg *fw_cfg, const char *name, uint16_t *item);

/* Is it known that the item is not there? No name begins with this letter: of which one look at all of them tells. */
bool fw_cfg_lacks(struct fw_cfg *fw_cfg, const char *name);

/*
 * Reads len bytes at offset; the caller keeps to the item's size. Returns 0, or -1: the device did
 * not. More than FW_CFG_BOUNCE bytes it writes to buf itself, and if it has not ended it may still do
 * so later: such a buffer lives for ever.
 */
int fw_cfg_read(struct fw_cfg *fw_cfg, uint16_t item, uint64_t offset, void *buf, size_t len);

#endif
