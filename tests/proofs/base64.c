/* SPDX-License-Identifier: MIT */
/*
 * base64.c - what is written lies in the room that base64.h asks for, what is read in the text, whatever
 * the bytes are; each byte comes back as it was.
 *
 * Bound: LENGTH bytes or characters, QGA_SMALL's code. Not the loops over whole words: with tables of 12 KiB CBMC
 * does not come to an end; fuzz_base64 compares them with the plain way.
 *
 * run short prove_encode: -DQGA_SMALL=1 -DLENGTH=7 --unwind 20
 * run short prove_decode: -DQGA_SMALL=1 -DLENGTH=9 --unwind 20
 * run short prove_return: -DQGA_SMALL=1 -DLENGTH=4 --unwind 20
 * teeth short prove_encode: proto/cmd/base64.c: bool two = len - n == 2; => bool two = true;
 * teeth prove_encode: proto/cmd/base64.c: for (; n + 3 <= len; n += 3 => for (; n + 1 <= len; n += 3
 * teeth short prove_decode: proto/cmd/base64.c: while (src < end) => while (src <= end)
 * teeth prove_decode: proto/cmd/base64.c: if (++n < 4) => if (++n < 3)
 * teeth short prove_return: proto/cmd/base64.c: if (last[1] != '=') => if (1)
 * teeth prove_return: proto/cmd/base64.c: if (last[0] != '=') => if (1)
 */
#include "cmd/base64.c"

#include <stdlib.h>

#ifndef LENGTH
#define LENGTH 25
#endif
#ifndef SKIP
#define SKIP 0
#endif
#define TEXT ((LENGTH + 2) / 3 * 4)

/* From these places on, with exactly so much room behind: each access beyond is a finding. */
static void *room(size_t size, size_t skip)
{
	char *memory = malloc(size + skip);

	__CPROVER_assume(memory != NULL);
	return memory + skip;
}

void prove_encode(void)
{
	const uint8_t *bytes = room(LENGTH, SKIP);
	char *text = room(TEXT, SKIP % 2);

	__CPROVER_assert(qga_base64_encode(text, bytes, LENGTH) == TEXT,
	                 "its length is known before");
}

/* LENGTH characters, which need not be a multiple of four. */
void prove_decode(void)
{
	const char *text = room(LENGTH, 0);
	uint8_t *bytes = room(LENGTH / 4 * 3, SKIP);
	int64_t n = qga_base64_decode(bytes, text, LENGTH);

	__CPROVER_assert(n >= -1 && n <= LENGTH / 4 * 3, "no more than three of four");
}

void prove_return(void)
{
	uint8_t bytes[LENGTH], back[LENGTH + 2]; /* any */
	char text[TEXT];

	__CPROVER_assert(qga_base64_encode(text, bytes, LENGTH) == TEXT, "as long as it should be");
	__CPROVER_assert(qga_base64_decode(back, text, TEXT) == LENGTH, "as many");
	for (size_t i = 0; i < LENGTH; i++)
		__CPROVER_assert(back[i] == bytes[i], "and the same");
}
