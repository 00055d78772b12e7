/* SPDX-License-Identifier: MIT */
/* host.h - what board.c and main.c of this board tell each other. */
#ifndef HOST_H
#define HOST_H

#include "board.h"

/* The loop has waited so long. */
void host_waited(uint64_t ns);

#endif
