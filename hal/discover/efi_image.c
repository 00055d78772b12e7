// SPDX-License-Identifier: MIT
/*
 * efi_image.c - see efi_image.h. Devicetree Specification 0.4, 5.2 for the tree's header.
 */
#ifdef __LP64__

#include <string.h>

#include "discover/efi_image.h"

#define MAP_SIZE     32768
#define CMDLINE_SIZE 2048

/* Processors reach 4 GiB, and take for memory the GiB that the image is in (hal/arch/arm/start_a64.S). */
#define REACH (UINT64_C(1) << 32)
#define BLOCK (UINT64_C(1) << 30)

#define FDT_MAGIC    0xd00dfeed
#define FDT_SIZE_MAX (2u << 20)

#define EFI_OUT_OF_RESOURCES (UINT64_C(1) << 63 | 9) /* appendix D */
#define EFI_NOT_FOUND        (UINT64_C(1) << 63 | 14)

static const struct efi_guid device_tree = {/* 4.6.1.3 */
                                            0xb1b621d5,
                                            0xf19c,
                                            0x41a5,
                                            {0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}};

/* linker/sections.ld. Hidden: where they are must not be looked up in a table that is not relocated yet. */
#pragma GCC visibility push(hidden)
extern uint8_t __image_start[], __image_loaded[], __image_end[];
#pragma GCC visibility pop

static uint32_t big_endian(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The size of the tree at that address; 0: none is there. */
static size_t fdt_size(const uint8_t *fdt)
{
	size_t size = fdt && big_endian(fdt) == FDT_MAGIC ? big_endian(fdt + 4) : 0;

	return size <= FDT_SIZE_MAX ? size : 0;
}

static uint64_t up(uint64_t n)
{
	return (n + EFI_PAGE - 1) & ~(uint64_t)(EFI_PAGE - 1);
}

/*
 * The largest piece of memory that nobody has, within one block; or what there is from `fixed` on. Its size.
 */
static uint64_t find_place(const struct efi_map *map, uint64_t fixed, uint64_t *place)
{
	uint64_t largest = 0;

	if (map->stride < sizeof(struct efi_memory)) /* it would have no end */
		return 0;
	for (uint64_t at = 0; at + sizeof(struct efi_memory) <= map->size; at += map->stride) {
		const struct efi_memory *m = (const struct efi_memory *)(map->bytes + at);
		uint64_t from = m->base, end = from + m->pages * EFI_PAGE, to;

		if (m->type != EFI_CONVENTIONAL_MEMORY)
			continue;
		if (fixed && fixed - from < end - from)
			from = fixed;
		for (; from < end && from < REACH; from = to) {
			to = (from | (BLOCK - 1)) + 1;
			if (to > end)
				to = end;
			if ((!fixed || from == fixed) && to - from > largest) {
				largest = to - from;
				*place = from;
			}
		}
	}
	return largest;
}

static uint64_t fail(const struct efi_system *system, uint64_t status, const uint16_t *text)
{
	system->out->output_string(system->out, text);
	return status;
}

uint64_t efi_image(void *image, const struct efi_system *system, struct efi_placed *placed,
                   uintptr_t fdt_left, uintptr_t fixed)
{
	uint8_t *room = (uint8_t *)(((uintptr_t)__image_end + 7) & ~(uintptr_t)7);
	char *cmdline = (char *)room + MAP_SIZE;
	struct efi_map map = {room, MAP_SIZE, 0};
	const uint8_t *fdt = (const uint8_t *)efi_table(system, &device_tree);
	size_t size = fdt_size(fdt), needed;
	uint64_t status, place = 0, found, key;
	uint32_t version;

	if (!size) {
		fdt = (const uint8_t *)fdt_left;
		size = fdt_size(fdt);
	}
	if (!size)
		return fail(system, EFI_NOT_FOUND,
		            u"bareqga: UEFI hands over no device tree; is it ACPI only?\r\n");
	needed = (size_t)(__image_end - __image_start) + up(size + CMDLINE_SIZE) + EFI_PAGE;

	/* Looked for while there is somebody who says that there is none; then what is there in the end. */
	status = system->boot->get_memory_map(&map.size, map.bytes, &key, &map.stride, &version);
	if (status || find_place(&map, fixed, &place) < needed)
		return fail(system, status ? status : EFI_OUT_OF_RESOURCES,
		            u"bareqga: UEFI has left no memory where this image can be\r\n");
	efi_cmdline(system, image, cmdline, CMDLINE_SIZE);
	map.size = MAP_SIZE;
	status = efi_leave(system, image, &map);
	if (status)
		return fail(system, status, u"bareqga: UEFI does not let go of the machine\r\n");
	found = find_place(&map, fixed, &place);
	placed->image = (uintptr_t)place;
	placed->fdt = (uintptr_t)(place + found - up(size + CMDLINE_SIZE));
	placed->cmdline = placed->fdt + size;
	memcpy((void *)placed->image, __image_start, (size_t)(__image_loaded - __image_start));
	memcpy((void *)placed->fdt, fdt, size);
	memcpy((void *)placed->cmdline, cmdline, CMDLINE_SIZE);
	return 0;
}

#endif
