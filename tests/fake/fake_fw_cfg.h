/* SPDX-License-Identifier: MIT */
/* fake_fw_cfg.h - QEMU's fw_cfg without DMA: docs/specs/fw_cfg.rst. */
#ifndef FAKE_FW_CFG_H
#define FAKE_FW_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes its registers: in memory (data at `base`), or at ports (selector at `base`). No items at first. */
void fake_fw_cfg_start(uintptr_t base, bool ports);

/* An item; its bytes must live on. The same name again is another item. */
void fake_fw_cfg_add(const char *name, const void *bytes, size_t size);

#endif
