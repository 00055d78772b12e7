/* SPDX-License-Identifier: MIT */
/*
 * protect.h - what each processor's protect.c or protect.S does before C runs, and what a board may rely on.
 *
 *     code        __image_start    read, execute         All else that there is, RAM behind the image
 *     constants   __rodata_start   read                  and devices, is read and written, never
 *     the guard   __stack_guard    nothing               executed.
 *     data        __data_start     read, write
 *
 * These names are the linker script's; each is on the boundary of a page, and the stack is what data
 * begins with, so that a stack that is too deep ends in the guard. Address 0 and its page are nobody's:
 * a NULL that is read or written traps (ARCH_NULL_SIZE bytes of it). A trap is reported on a stack of its own
 * (record.h), or from the top of the same one, for nobody comes back to what was on it; a trap in the report is the end of it.
 *
 * Where a processor has no such unit, or where firmware below us keeps it for itself, the image runs
 * without.
 */
#ifndef BAREQGA_ARCH_PROTECT_H
#define BAREQGA_ARCH_PROTECT_H

/* Bytes from address 0 on that are nobody's; a device there is reached by arch_reach(). */
#define ARCH_NULL_SIZE 4096

/* Called by start.S, once: on the stack, .bss cleared, the image as it will be. */
void arch_protect(void);

#endif
