// SPDX-License-Identifier: GPL-2.0-only
/* Chooses the loader for a file; common parts of all loaders. */
#include <string.h>

#include "file.h"
#include "load.h"
#include "load_elf.h"
#include "load_linux64.h"
#include "load_pvh.h"
#include "msg.h"

/* End of an initramfs that all versions of Linux's boot protocol allow. */
#define INITRD_MAX	0x38000000ULL
#define PAGE_MASK	(~0xfffULL)
#define REAL_MODE_MAX	0x100000ULL

static bool load_cmdline(const struct ram *ram, const char *cmdline)
{
	size_t size = strlen(cmdline) + 1;

	if (size > BOOT_CMDLINE_SIZE) {
		msg("the command line is longer than %d bytes",
		    BOOT_CMDLINE_SIZE - 1);
		return false;
	}
	memcpy(ram_at(ram, BOOT_CMDLINE, size), cmdline, size);
	return true;
}

/* Load the initramfs as high as allowed, above @kernel_end. */
static bool load_initrd(const struct ram *ram, const char *path,
			uint64_t kernel_end, struct load_initrd *initrd)
{
	uint64_t top = ram->low < INITRD_MAX ? ram->low : INITRD_MAX;
	struct file file;

	*initrd = (struct load_initrd){ 0 };
	if (!path)
		return true;
	if (!file_open(&file, path))
		return false;
	if (file.size > top ||
	    ((top - file.size) & PAGE_MASK) < kernel_end) {
		msg("%s does not fit into guest memory beside the kernel", path);
		return false;
	}
	initrd->address = (top - file.size) & PAGE_MASK;
	initrd->size = file.size;
	memcpy(ram_at(ram, initrd->address, file.size), file.data, file.size);
	file_close(&file);
	return true;
}

static bool load_flat(const struct load_request *req, const struct file *file,
		      const struct ram *ram, struct boot *boot)
{
	void *to = ram_at(ram, req->address, file->size);
	bool real = req->entry != BOOT_FLAT32;

	if (!to || (real && req->address >= REAL_MODE_MAX)) {
		msg("%s does not fit into guest %s at %#llx", file->path,
		    real ? "real mode memory" : "memory",
		    (unsigned long long)req->address);
		return false;
	}
	memcpy(to, file->data, file->size);
	boot->mode = real ? BOOT_REAL16 : BOOT_FLAT32;
	boot->entry = req->address;
	return true;
}

/* BOOT_AUTO: PVH if the file has an entry for it, otherwise by e_machine. */
static bool choose_elf_entry(const struct load_request *req,
			     const struct elf_image *elf, struct boot *boot)
{
	enum boot_mode mode = req->entry;

	if (mode == BOOT_AUTO)
		mode = elf->has_pvh ? BOOT_PVH32 :
		       elf->is_64 ? BOOT_LONG64 : BOOT_FLAT32;
	if (mode == BOOT_PVH32 && !elf->has_pvh) {
		msg("%s has no PVH entry note", req->kernel);
		return false;
	}
	if (mode == BOOT_LONG64 && !elf->is_64) {
		msg("%s is not a 64-bit ELF file", req->kernel);
		return false;
	}
	boot->entry = mode == BOOT_PVH32 ? elf->pvh_entry : elf->entry;
	boot->mode = mode == BOOT_PVH32 ? BOOT_FLAT32 : mode;
	return true;
}

static bool load_elf_kernel(const struct load_request *req,
			    const struct file *file, const struct ram *ram,
			    struct boot *boot)
{
	struct load_initrd initrd;
	struct elf_image elf;

	if (!elf_load(file, ram, &elf) || !choose_elf_entry(req, &elf, boot) ||
	    !load_initrd(ram, req->initrd, elf.end, &initrd) ||
	    !load_cmdline(ram, req->cmdline))
		return false;
	if (boot->mode == BOOT_LONG64)
		boot->rsi = linux64_zero_page(NULL, ram, &initrd, req->cmdline);
	else
		boot->rbx = pvh_start_info(ram, &initrd);
	return true;
}

static bool load_bzimage(const struct load_request *req,
			 const struct file *file, const struct ram *ram,
			 struct boot *boot)
{
	struct load_initrd initrd;
	uint64_t end;

	if (req->entry != BOOT_AUTO && req->entry != BOOT_LONG64) {
		msg("%s is a bzImage, which needs --entry 64 or auto", req->kernel);
		return false;
	}
	if (!linux64_load_bzimage(file, ram, &boot->entry, &end) ||
	    !load_initrd(ram, req->initrd, end, &initrd) ||
	    !load_cmdline(ram, req->cmdline))
		return false;
	boot->mode = BOOT_LONG64;
	boot->rsi = linux64_zero_page(file, ram, &initrd, req->cmdline);
	return true;
}

/**
 * load_guest - load kernel, initramfs, command line and boot data into @ram
 * @boot: set to how the guest starts
 *
 * Return: false after a message.
 */
bool load_guest(const struct load_request *req, const struct ram *ram,
		struct boot *boot)
{
	struct file file;
	bool ok;

	*boot = (struct boot){ 0 };
	if (!file_open(&file, req->kernel))
		return false;
	if (req->flat) {
		ok = load_flat(req, &file, ram, boot);
	} else if (elf_is(&file)) {
		ok = load_elf_kernel(req, &file, ram, boot);
	} else if (linux64_is_bzimage(&file)) {
		ok = load_bzimage(req, &file, ram, boot);
	} else {
		msg("%s is neither an ELF file nor a bzImage (use --load for a flat image)",
		    req->kernel);
		return false;
	}
	file_close(&file);
	if (ok)
		boot_tables(boot, ram);
	return ok;
}
