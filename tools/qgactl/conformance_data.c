/* SPDX-License-Identifier: MIT */
/* conformance_data.c - conformance.json as a part of the program; tests/tools/conformance.py writes it. */
#include <string.h>

#include "conformance.h"

__asm__(".pushsection .rodata\n"
        "conformance_json:\n"
        ".incbin \"tools/qgactl/conformance.json\"\n"
        "conformance_json_end:\n"
        ".byte 0\n"
        ".popsection\n");
extern const char conformance_json[], conformance_json_end[];

json_t *conformance_data(void)
{
	return json_loadb(conformance_json, (size_t)(conformance_json_end - conformance_json), 0,
	                  NULL);
}
