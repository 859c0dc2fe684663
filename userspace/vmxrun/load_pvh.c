// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PVH boot protocol: a kernel entered in 32-bit protected mode, with the
 * address of a struct hvm_start_info in EBX. The structures are those of Xen's
 * public header arch-x86/hvm/start_info.h, version 1.
 */
#include <stddef.h>
#include <string.h>

#include "acpi_tables.h"
#include "load_pvh.h"
#include "memory_map.h"

#define START_MAGIC	0x336ec578	/* "xEn3" with the top bit of the E set */
#define START_VERSION	1

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nr_modules;
	uint64_t modlist;
	uint64_t cmdline;
	uint64_t rsdp;
	uint64_t memmap;
	uint32_t memmap_entries;
	uint32_t reserved;
};

struct module_entry {
	uint64_t address;
	uint64_t size;
	uint64_t cmdline;
	uint64_t reserved;
};

struct memmap_entry {
	uint64_t address;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

/* Page of the start info. */
struct boot_page {
	struct start_info info;
	struct module_entry initrd;
	struct memmap_entry map[MEMORY_MAP_MAX];
};

_Static_assert(sizeof(struct start_info) == 56, "layout is ABI");
_Static_assert(sizeof(struct module_entry) == 32, "layout is ABI");
_Static_assert(sizeof(struct memmap_entry) == 24, "layout is ABI");
_Static_assert(BOOT_PVH + sizeof(struct boot_page) <= BOOT_ZERO_PAGE,
	       "does not fit into its page");

/**
 * pvh_start_info - write the start info, to which EBX points
 *
 * The command line must be at BOOT_CMDLINE.
 *
 * Return: the guest-physical address of the start info.
 */
uint64_t pvh_start_info(const struct ram *ram,
			const struct load_initrd *initrd)
{
	struct boot_page *page = ram_at(ram, BOOT_PVH, sizeof(*page));
	struct memory_range map[MEMORY_MAP_MAX];
	unsigned int n = memory_map(ram, map);

	memset(page, 0, sizeof(*page));
	page->info.magic = START_MAGIC;
	page->info.version = START_VERSION;
	page->info.rsdp = ACPI_RSDP;
	page->info.cmdline = BOOT_CMDLINE;
	page->info.memmap = BOOT_PVH + offsetof(struct boot_page, map);
	page->info.memmap_entries = n;
	for (unsigned int i = 0; i < n; i++)
		page->map[i] = (struct memmap_entry){ map[i].start,
			map[i].size, map[i].type, 0 };
	if (initrd->size) {
		page->info.nr_modules = 1;
		page->info.modlist = BOOT_PVH +
				     offsetof(struct boot_page, initrd);
		page->initrd.address = initrd->address;
		page->initrd.size = initrd->size;
	}
	return BOOT_PVH;
}
