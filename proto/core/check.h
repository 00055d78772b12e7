/* SPDX-License-Identifier: MIT */
/*
 * check.h - qga_init(): can this configuration work? All that can be seen before the first request;
 * callbacks are not called.
 */
#ifndef BAREQGA_CORE_CHECK_H
#define BAREQGA_CORE_CHECK_H

#include "bareqga.h"

/* What is behind the checks; alone, for an image whose configuration is constants. */
void qga_init_unchecked(struct qga *qga, const struct qga_config *config);

#endif
