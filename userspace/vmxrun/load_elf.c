// SPDX-License-Identifier: GPL-2.0-only
/*
 * ELF executables, 32 and 64 bits: segments go to their physical addresses. All
 * values in the file are checked before use.
 */
#include <elf.h>
#include <string.h>

#include "boot.h"
#include "load_elf.h"
#include "msg.h"

/* xen/include/public/elfnote.h: 32-bit physical entry point */
#define XEN_ELFNOTE_PHYS32_ENTRY	18

/* Return: whether the file begins like an ELF file */
bool elf_is(const struct file *file)
{
	return file_has(file, 0, EI_NIDENT) &&
	       !memcmp(file->data, ELFMAG, SELFMAG);
}

static bool bad_file(const struct file *file, const char *what)
{
	msg("%s: %s", file->path, what);
	return false;
}

/* Read a header of either size into the larger one. */
static bool read_header(const struct file *file, Elf64_Ehdr *hdr)
{
	Elf32_Ehdr small;

	if (file->data[EI_DATA] != ELFDATA2LSB)
		return bad_file(file, "the file is not little-endian");
	if (file->data[EI_CLASS] == ELFCLASS64) {
		if (!file_has(file, 0, sizeof(*hdr)))
			return bad_file(file, "the ELF header is cut off");
		memcpy(hdr, file->data, sizeof(*hdr));
		return true;
	}
	if (!file_has(file, 0, sizeof(small)))
		return bad_file(file, "the ELF header is cut off");
	memcpy(&small, file->data, sizeof(small));
	*hdr = (Elf64_Ehdr){
		.e_type = small.e_type, .e_machine = small.e_machine,
		.e_entry = small.e_entry, .e_phoff = small.e_phoff,
		.e_phentsize = small.e_phentsize, .e_phnum = small.e_phnum,
	};
	return true;
}

static bool read_segment(const struct file *file, const Elf64_Ehdr *hdr,
			 unsigned int i, Elf64_Phdr *ph)
{
	bool is_64 = file->data[EI_CLASS] == ELFCLASS64;
	size_t size = is_64 ? sizeof(*ph) : sizeof(Elf32_Phdr);
	uint64_t skip = (uint64_t)i * hdr->e_phentsize;
	Elf32_Phdr small;

	if (hdr->e_phentsize < size || !file_has(file, hdr->e_phoff, skip) ||
	    !file_has(file, hdr->e_phoff + skip, size))
		return bad_file(file, "the ELF program headers are cut off");
	if (is_64) {
		memcpy(ph, file->data + hdr->e_phoff + skip, size);
		return true;
	}
	memcpy(&small, file->data + hdr->e_phoff + skip, size);
	*ph = (Elf64_Phdr){
		.p_type = small.p_type, .p_offset = small.p_offset,
		.p_paddr = small.p_paddr, .p_filesz = small.p_filesz,
		.p_memsz = small.p_memsz, .p_align = small.p_align,
	};
	return true;
}

static bool load_segment(const struct file *file, const Elf64_Phdr *ph,
			 const struct ram *ram, struct elf_image *elf)
{
	uint8_t *to = ram_at(ram, ph->p_paddr, ph->p_memsz);
	uint64_t end = ph->p_paddr + ph->p_memsz;

	if (!ph->p_memsz)
		return true;
	if (ph->p_filesz > ph->p_memsz ||
	    !file_has(file, ph->p_offset, ph->p_filesz))
		return bad_file(file, "an ELF segment is cut off");
	if (!to)
		return bad_file(file, "an ELF segment is outside guest memory (--mem)");
	if (ph->p_paddr < BOOT_AREA_END && end > BOOT_AREA)
		return bad_file(file, "an ELF segment overlaps the boot data (0x90000 to 0x9afff)");

	memcpy(to, file->data + ph->p_offset, ph->p_filesz);
	memset(to + ph->p_filesz, 0, ph->p_memsz - ph->p_filesz);
	if (end <= RAM_HIGH_BASE && end > elf->end)
		elf->end = end;
	return true;
}

static uint64_t align_up(uint64_t val, uint64_t align)
{
	return (val + align - 1) & ~(align - 1);
}

/* Notes have a padded name and padded contents. Few tools align them to 8. */
static void find_pvh_note(const struct file *file, const Elf64_Phdr *ph,
			  struct elf_image *elf)
{
	uint64_t align = ph->p_align == 8 ? 8 : 4, pos = 0;
	const uint8_t *notes = file->data + ph->p_offset;
	Elf64_Nhdr note;

	while (ph->p_filesz - pos >= sizeof(note)) {
		uint64_t name, desc, next;

		memcpy(&note, notes + pos, sizeof(note));
		name = pos + sizeof(note);
		desc = align_up(name + note.n_namesz, align);
		next = align_up(desc + note.n_descsz, align);
		if (desc + note.n_descsz > ph->p_filesz)
			return;
		if (note.n_type == XEN_ELFNOTE_PHYS32_ENTRY &&
		    note.n_namesz == 4 && !memcmp(notes + name, "Xen", 4) &&
		    note.n_descsz >= 4) {
			memcpy(&elf->pvh_entry, notes + desc, 4);
			elf->has_pvh = true;
			return;
		}
		if (next > ph->p_filesz)
			return;
		pos = next;
	}
}

static bool use_segment(const struct file *file, const Elf64_Phdr *ph,
			const struct ram *ram, struct elf_image *elf)
{
	if (ph->p_type == PT_LOAD)
		return load_segment(file, ph, ram, elf);
	if (ph->p_type == PT_NOTE && !elf->has_pvh &&
	    file_has(file, ph->p_offset, ph->p_filesz))
		find_pvh_note(file, ph, elf);
	return true;
}

/**
 * elf_load - load the segments of an ELF executable to their physical addresses
 * @elf: overwritten
 *
 * Return: false after a message.
 */
bool elf_load(const struct file *file, const struct ram *ram,
	      struct elf_image *elf)
{
	Elf64_Ehdr hdr;
	Elf64_Phdr ph;

	if (!read_header(file, &hdr))
		return false;
	if (hdr.e_machine != EM_X86_64 && hdr.e_machine != EM_386)
		return bad_file(file, "the file is not for an x86 CPU");
	if (hdr.e_type != ET_EXEC && hdr.e_type != ET_DYN)
		return bad_file(file, "the file is not an executable");

	*elf = (struct elf_image){
		.is_64 = hdr.e_machine == EM_X86_64, .entry = hdr.e_entry,
	};
	for (unsigned int i = 0; i < hdr.e_phnum; i++)
		if (!read_segment(file, &hdr, i, &ph) ||
		    !use_segment(file, &ph, ram, elf))
			return false;
	if (!elf->end)
		return bad_file(file, "the file has nothing to load");
	return true;
}
