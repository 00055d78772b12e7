/* SPDX-License-Identifier: MIT */
/*
 * assume.h - what holds, and the compiler should know: it then leaves out code for what cannot be. The
 * unit tests and the fuzzers stop where it does not hold (UBSan, -fsanitize=unreachable).
 */
#ifndef BAREQGA_JSON_ASSUME_H
#define BAREQGA_JSON_ASSUME_H

#define ASSUME(condition)                        \
	do {                                     \
		if (!(condition))                \
			__builtin_unreachable(); \
	} while (0)

#endif
