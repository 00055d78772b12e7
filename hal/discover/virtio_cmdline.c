/* SPDX-License-Identifier: MIT */
/*
 * virtio_cmdline.c - see virtio_cmdline.h.
 *
 * SIZE and ID are checked and not used: the registers that we need are in the first page. Left out:
 * octal numbers, sizes beyond G, and "-" for "_" in the name.
 */
#include "virtio_cmdline.h"
#include "number.h"

#include <stdbool.h>
#include <string.h>

#define BLANKS " \t\r\n"

/* Decimal or 0x...; moves *text behind it. False: there is none, or it is above `max`. */
static bool number(const char **text, uint32_t max, uint32_t *value)
{
	bool hexadecimal = number_has_0x(*text);

	*text += hexadecimal ? 2 : 0;
	return number_read(text, hexadecimal ? 16 : 10, max, value);
}

/* SIZE@ADDRESS:IRQ[:ID] up to a blank or the end. */
static bool device(const char *p, uintptr_t *base, uint32_t *irq)
{
	uint32_t size, address, id;

	if (!number(&p, UINT32_MAX, &size))
		return false;
	if (*p && strchr("KkMmGg", *p))
		p++;
	if (*p++ != '@' || !number(&p, UINT32_MAX, &address))
		return false;
	if (*p++ != ':' || !number(&p, INT32_MAX, irq))
		return false;
	if (*p == ':' && (p++, !number(&p, INT32_MAX, &id)))
		return false;
	*base = address;
	return *p == '\0' || strchr(BLANKS, *p);
}

int virtio_cmdline_next(const char **text, uintptr_t *base, uint32_t *irq)
{
	static const char key[] = "virtio_mmio.device=";
	const char *word;

	while (**text) {
		word = *text;
		*text += strchr(BLANKS, *word) ? 1 : strcspn(word, BLANKS);
		if (strncmp(word, key, sizeof key - 1) == 0)
			return device(word + sizeof key - 1, base, irq) ? 1 : -1;
	}
	return 0;
}
