/* SPDX-License-Identifier: MIT */
/* pc.h - what the parts of an x86 machine share. */
#ifndef PC_H
#define PC_H

#include "acpi.h"

/* The machine's ACPI tables, which are looked for if nobody has done so. */
const struct acpi *pc_acpi(void);

#endif
