// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_tables.h"

#define PML4		0x1000
#define PDPT_LOW	0x2000
#define PDPT_HIGH	0x3000
#define PD		0x4000

#define TABLE		0x23		/* present, writable, accessed */
#define LARGE_PAGE	0x1e3		/* and dirty, large, global */

static void put(uint8_t *ram, uint64_t table, int index, uint64_t value)
{
	memcpy(ram + table + index * 8, &value, 8);
}

void fake_tables_make(uint8_t *ram)
{
	put(ram, PML4, 0, PDPT_LOW | TABLE);
	put(ram, PML4, 511, PDPT_HIGH | TABLE);
	put(ram, PDPT_LOW, 0, PD | TABLE);
	put(ram, PDPT_HIGH, 510, PD | TABLE);
	put(ram, PD, 0, LARGE_PAGE);
}

void fake_pdptrs(const uint8_t *ram, size_t size, uint64_t cr3, __u64 *pdptrs)
{
	cr3 &= 0xffffffe0;
	if (cr3 <= size - 32)
		memcpy(pdptrs, ram + cr3, 32);
}

/* With FAKE_ROM the last 64 KiB are a slot of their own, for reads only. */
int fake_slot_list(uint64_t ram_size, struct vmxdbg_slot **slots)
{
	uint64_t rom = getenv("FAKE_ROM") ? 0x10000 : 0;

	*slots = calloc(2, sizeof(**slots));
	if (!*slots)
		return -ENOMEM;
	(*slots)[0] = (struct vmxdbg_slot){
		.flags = KVM_MEM_LOG_DIRTY_PAGES, .size = ram_size - rom, .hva = FAKE_HVA,
	};
	(*slots)[1] = (struct vmxdbg_slot){
		.slot = 1, .flags = KVM_MEM_READONLY, .gpa = ram_size - rom, .size = rom,
		.hva = FAKE_HVA + ram_size - rom,
	};
	return rom ? 2 : 1;
}

void fake_place_of(uint64_t ram_size, uint64_t gpa, struct vmxdbg_place *place)
{
	*place = (struct vmxdbg_place){ .gpa = gpa };
	if (gpa >= ram_size)
		return;
	place->kind = VMXDBG_PLACE_RAM;
	place->flags = VMXDBG_PLACE_BREAKS | VMXDBG_PLACE_LOGGED;
	place->slot_flags = KVM_MEM_LOG_DIRTY_PAGES;
	place->hva = FAKE_HVA + gpa;
	place->plain = (struct vmxdbg_ept){
		.page_size = 0x1000, .rights = VMXDBG_EPT_READ | VMXDBG_EPT_EXEC,
		.memory_type = 6,
	};
}
