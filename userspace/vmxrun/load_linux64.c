// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 64-bit Linux boot protocol (Documentation/x86/boot.rst of the kernel):
 * long mode, identity mapped, the address of a struct boot_params in RSI.
 */
#include <asm/bootparam.h>
#include <string.h>

#include "acpi_tables.h"
#include "load_linux64.h"
#include "memory_map.h"
#include "msg.h"

#define HEADER_OFFSET	0x1f1
#define HEADER_MAGIC	0x53726448	/* "HdrS" */
#define VERSION_64	0x20c		/* first version with xloadflags */
#define ENTRY_64	0x200		/* from the start of the kernel proper */
#define LOADER_OTHER	0xff
#define BOOT_FLAG	0xaa55
#define SECTOR		512

static bool read_setup_header(const struct file *file,
			      struct setup_header *hdr)
{
	if (!file_has(file, HEADER_OFFSET, sizeof(*hdr)))
		return false;
	memcpy(hdr, file->data + HEADER_OFFSET, sizeof(*hdr));
	return hdr->boot_flag == BOOT_FLAG && hdr->header == HEADER_MAGIC;
}

/* Return: whether the file has a setup header of Linux */
bool linux64_is_bzimage(const struct file *file)
{
	struct setup_header hdr;

	return read_setup_header(file, &hdr);
}

/**
 * linux64_load_bzimage - load the compressed kernel to its preferred address
 * @entry: set to the physical address of the entry
 * @end: set to the end of the memory that it uses while it unpacks itself
 *
 * Return: false after a message.
 */
bool linux64_load_bzimage(const struct file *file, const struct ram *ram,
			  uint64_t *entry, uint64_t *end)
{
	struct setup_header hdr;
	size_t offset;
	void *to;

	if (!read_setup_header(file, &hdr) || hdr.version < VERSION_64 ||
	    !(hdr.xloadflags & XLF_KERNEL_64)) {
		msg("%s has no 64-bit entry point", file->path);
		return false;
	}
	/* Skip the setup code for real mode. 0 sectors means 4. */
	offset = ((hdr.setup_sects ? hdr.setup_sects : 4) + 1) * SECTOR;
	if (offset >= file->size) {
		msg("%s is cut off", file->path);
		return false;
	}
	*entry = hdr.pref_address + ENTRY_64;
	*end = hdr.pref_address + hdr.init_size;
	to = ram_at(ram, hdr.pref_address, hdr.init_size);
	if (!to || file->size - offset > hdr.init_size) {
		msg("%s does not fit into guest memory (--mem)", file->path);
		return false;
	}
	memcpy(to, file->data + offset, file->size - offset);
	return true;
}

static void fill_e820(struct boot_params *bp, const struct ram *ram)
{
	struct memory_range map[MEMORY_MAP_MAX];
	unsigned int n = memory_map(ram, map);

	for (unsigned int i = 0; i < n; i++) {
		bp->e820_table[i].addr = map[i].start;
		bp->e820_table[i].size = map[i].size;
		bp->e820_table[i].type = map[i].type;
	}
	bp->e820_entries = n;
}

/**
 * linux64_zero_page - write the boot parameters, to which RSI points
 * @bzimage: file whose setup header is copied; NULL for an ELF kernel
 *
 * The command line must be at BOOT_CMDLINE.
 *
 * Return: the guest-physical address of the boot parameters.
 */
uint64_t linux64_zero_page(const struct file *bzimage, const struct ram *ram,
			   const struct load_initrd *initrd,
			   const char *cmdline)
{
	struct boot_params *bp = ram_at(ram, BOOT_ZERO_PAGE, sizeof(*bp));

	memset(bp, 0, sizeof(*bp));
	if (!bzimage || !read_setup_header(bzimage, &bp->hdr)) {
		bp->hdr.boot_flag = BOOT_FLAG;
		bp->hdr.header = HEADER_MAGIC;
		bp->hdr.version = VERSION_64;
		bp->hdr.kernel_alignment = 0x1000000;
	}
	bp->acpi_rsdp_addr = ACPI_RSDP;
	bp->hdr.type_of_loader = LOADER_OTHER;
	bp->hdr.loadflags |= LOADED_HIGH;
	bp->hdr.cmd_line_ptr = BOOT_CMDLINE;
	bp->hdr.cmdline_size = strlen(cmdline);
	bp->hdr.ramdisk_image = initrd->address;
	bp->hdr.ramdisk_size = initrd->size;
	fill_e820(bp, ram);
	return BOOT_ZERO_PAGE;
}
