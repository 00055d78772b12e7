/* SPDX-License-Identifier: MIT */
/*
 * check.h - can this configuration work? All that can be seen before the first request; callbacks
 * are not called.
 */
#ifndef BAREQGA_CORE_CHECK_H
#define BAREQGA_CORE_CHECK_H

#include "bareqga.h"

/* 0, or the first enum qga_fault that there is. */
int qga_check(const struct qga_config *config);

#endif
