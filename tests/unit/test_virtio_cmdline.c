/* SPDX-License-Identifier: MIT */
/* virtio_mmio.device= on the kernel command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "discover/virtio_cmdline.h"

/* What is found: "ADDRESS/IRQ " for each, "? " for what is written wrong. */
static const char *found(const char *text)
{
	static char out[256];
	uintptr_t base;
	uint32_t irq;
	int status;

	out[0] = '\0';
	while ((status = virtio_cmdline_next(&text, &base, &irq)) != 0) {
		char *end = out + strlen(out);

		assert_true(end + 32 < out + sizeof out);
		if (status > 0)
			sprintf(end, "%lx/%u ", (unsigned long)base, irq);
		else
			strcpy(end, "? ");
	}
	assert_int_equal(*text, '\0');
	return out;
}

/* clang-format off */
static const struct {
	const char *text, *found;
} lines[] = {
	{"", ""},
	{"   ", ""},
	{"quiet console=ttyS0 bareqga.channel=virtio", ""},
	/* QEMU, Firecracker, and what Linux's documentation has. */
	{" virtio_mmio.device=512@0xfeb00e00:12", "feb00e00/12 "},
	{"reboot=k pci=off virtio_mmio.device=4K@0xd0000000:5 virtio_mmio.device=4K@0xd0001000:6",
	 "d0000000/5 d0001000/6 "},
	{"virtio_mmio.device=1K@0x100b0000:48:7", "100b0000/48 "},
	/* Sizes and addresses in other forms; they may be as large as they can be. */
	{"virtio_mmio.device=0x200@4273999360:12 quiet", "fec00e00/12 "},
	{"virtio_mmio.device=1M@0XFEB00E00:012", "feb00e00/12 "},
	{"virtio_mmio.device=4294967295G@0xffffffff:2147483647:2147483647", "ffffffff/2147483647 "},
	{"virtio_mmio.device=4k@0xFEBabcdef:1", "? "},
	{"virtio_mmio.device=4k@0xFEBabcde:1", "febabcde/1 "},
	{"virtio_mmio.device=1g@0:0", "0/0 "},
	/* Too large. */
	{"virtio_mmio.device=4294967296@0xd0000000:5", "? "},
	{"virtio_mmio.device=512@0x100000000:5", "? "},
	{"virtio_mmio.device=512@0x1000000000000000000000000000000feb00e00:5", "? "},
	{"virtio_mmio.device=512@18446744077982502400:5", "? "}, /* 2^64 + 0xfeb00e00 */
	{"virtio_mmio.device=512@0xd0000000:2147483648", "? "},
	{"virtio_mmio.device=512@0xd0000000:5:99999999999999999999", "? "},
	/* Something is missing, or too much. */
	{"virtio_mmio.device=", "? "},
	{"virtio_mmio.device= 512@0xd0000000:5", "? "},
	{"virtio_mmio.device=512", "? "},
	{"virtio_mmio.device=512K", "? "},
	{"virtio_mmio.device=512@", "? "},
	{"virtio_mmio.device=512@:5", "? "},
	{"virtio_mmio.device=512@0x:5", "? "},
	{"virtio_mmio.device=512@0xd0000000", "? "},
	{"virtio_mmio.device=512@0xd0000000:", "? "},
	{"virtio_mmio.device=512@0xd0000000:5:", "? "},
	{"virtio_mmio.device=512@0xd0000000:5:1:2", "? "},
	{"virtio_mmio.device=@0xd0000000:5", "? "},
	{"virtio_mmio.device=0x@0xd0000000:5", "? "},
	{"virtio_mmio.device=512KK@0xd0000000:5", "? "},
	{"virtio_mmio.device=512T@0xd0000000:5", "? "},
	{"virtio_mmio.device=512@d0000000:5", "? "},
	{"virtio_mmio.device=512@0xd0000000K:5", "? "},
	{"virtio_mmio.device=512@0xd0000000:0x5", "d0000000/5 "}, /* Linux takes none in hexadecimal */
	{"virtio_mmio.device=512@0xd0000000:-5", "? "},
	{"virtio_mmio.device=-512@0xd0000000:5", "? "},
	{"virtio_mmio.device=512@0xd0000000:5,", "? "},
	{"virtio_mmio.device=512 @0xd0000000:5", "? "},
	{"virtio_mmio.device=\xff\xff@\xb0:5", "? "},
	{"virtio_mmio.device=512@0x;<=>?:5", "? "},
	/* One that is wrong is no reason to overlook the next. */
	{"virtio_mmio.device=512 virtio_mmio.device=512@0xfeb00e00:12", "? feb00e00/12 "},
	/* It is a word, not part of one. */
	{"xvirtio_mmio.device=512@0xfeb00e00:12", ""},
	{"a=virtio_mmio.device=512@0xfeb00e00:12", ""},
	{"virtio_mmio.device", ""},
	{"virtio_mmio.devices=512@0xfeb00e00:12", ""},
	{"virtio_mmio.device=virtio_mmio.device=512@0xfeb00e00:12", "? "},
};
/* clang-format on */

static void test_lines(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (strcmp(found(lines[i].text), lines[i].found) != 0)
			fail_msg("%s: found %s", lines[i].text, found(lines[i].text));
	}
}

/* As many as somebody likes to write. */
static void test_many(void **state)
{
	static const char one[] = "virtio_mmio.device=512@0xfeb00e00:12 ";
	static char text[1000 * (sizeof one - 1) + 1];
	const char *p = text;
	uintptr_t base;
	uint32_t irq;
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		memcpy(text + i * (sizeof one - 1), one, sizeof one);
	while (virtio_cmdline_next(&p, &base, &irq) == 1 && base == 0xfeb00e00 && irq == 12)
		n++;
	assert_int_equal(n, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
