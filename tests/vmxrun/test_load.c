// SPDX-License-Identifier: GPL-2.0-only
/* The loaders, with ELF, PVH, bzImage and flat files that the test makes. */
#include <asm/bootparam.h>
#include <elf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <load.h>
#include <load_elf.h>
#include <load_linux64.h>
#include <tap.h>

#define MIB		(1ULL << 20)
#define TEXT		"the kernel's first segment"
#define TEXT_AT		(2 * MIB)
#define PVH_ENTRY	0x200123

/* An ELF file with one segment and one PVH note. */
struct elf64 {
	Elf64_Ehdr hdr;
	Elf64_Phdr ph[2];
	struct {
		Elf64_Nhdr hdr;
		char name[4];
		uint64_t entry;
	} note;
	char text[sizeof(TEXT)];
};

static const struct elf64 good = {
	.hdr = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_entry = TEXT_AT,
		.e_phoff = offsetof(struct elf64, ph),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	},
	.ph = { {
		.p_type = PT_LOAD,
		.p_offset = offsetof(struct elf64, text),
		.p_paddr = TEXT_AT,
		.p_vaddr = 0xffffffff80000000 + TEXT_AT,
		.p_filesz = sizeof(TEXT),
		.p_memsz = 3 * 4096,
	}, {
		.p_type = PT_NOTE,
		.p_offset = offsetof(struct elf64, note),
		.p_filesz = sizeof(((struct elf64 *)0)->note),
		.p_align = 4,
	} },
	.note = { { 4, 8, 18 }, "Xen", PVH_ENTRY },
	.text = TEXT,
};

static struct ram ram;
static struct elf_image image;

static bool load(const void *data, size_t size)
{
	/* A copy of just that size: the sanitizer sees what is read beyond. */
	uint8_t *exact = malloc(size);
	struct file file = { "test.elf", exact, size };
	bool ok;

	memcpy(exact, data, size);
	if (!ram.host)
		REQUIRE(ram_init(&ram, 8 * MIB));
	ok = elf_is(&file) && elf_load(&file, &ram, &image);
	free(exact);
	return ok;
}

static void an_elf_file_goes_to_its_physical_addresses(void)
{
	REQUIRE(ram_init(&ram, 8 * MIB));
	memset(ram.host, 0xcc, ram.size);
	REQUIRE(load(&good, sizeof(good)));
	CHECK(!strcmp(ram_at(&ram, TEXT_AT, sizeof(TEXT)), TEXT));
	/* .bss is cleared, and no byte after it touched. */
	CHECK_EQ(ram.host[TEXT_AT + sizeof(TEXT)], 0);
	CHECK_EQ(ram.host[TEXT_AT + 3 * 4096 - 1], 0);
	CHECK_EQ(ram.host[TEXT_AT + 3 * 4096], 0xcc);
	CHECK_EQ(ram.host[TEXT_AT - 1], 0xcc);
	CHECK_EQ(image.end, TEXT_AT + 3 * 4096);
	CHECK_EQ(image.entry, TEXT_AT);
	CHECK(image.is_64);
}

static void the_pvh_note_is_found(void)
{
	REQUIRE(load(&good, sizeof(good)));
	CHECK(image.has_pvh);
	CHECK_EQ(image.pvh_entry, PVH_ENTRY);
}

static void another_note_is_not_a_pvh_note(void)
{
	struct elf64 elf = good;

	elf.note.name[0] = 'Y';
	REQUIRE(load(&elf, sizeof(elf)));
	CHECK(!image.has_pvh);
	elf = good;
	elf.note.hdr.n_type = 6;
	REQUIRE(load(&elf, sizeof(elf)));
	CHECK(!image.has_pvh);
}

/* The contents of the note go beyond the end of the segment and of the file. */
static void a_note_that_is_cut_off_is_ignored(void)
{
	struct elf64 elf = good;

	elf.ph[0].p_offset = 0;
	elf.ph[0].p_filesz = 0;
	elf.ph[1].p_filesz = offsetof(struct elf64, note.entry) + 2 -
			     offsetof(struct elf64, note);
	REQUIRE(load(&elf, offsetof(struct elf64, note.entry) + 2));
	CHECK(!image.has_pvh);
}

static void a_segment_outside_memory_is_refused(void)
{
	struct elf64 elf = good;

	elf.ph[0].p_paddr = 8 * MIB - 4096;
	CHECK(!load(&elf, sizeof(elf)));
	elf.ph[0].p_paddr = -4096ULL;
	CHECK(!load(&elf, sizeof(elf)));
	elf = good;
	elf.ph[0].p_memsz = -1ULL;
	CHECK(!load(&elf, sizeof(elf)));
}

static void a_segment_over_the_boot_data_is_refused(void)
{
	struct elf64 elf = good;

	elf.ph[0].p_paddr = BOOT_AREA - 4096;
	CHECK(!load(&elf, sizeof(elf)));
	elf.ph[0].p_paddr = BOOT_AREA - 3 * 4096;
	CHECK(load(&elf, sizeof(elf)));
}

/* Drop the messages, of which these two tests cause many. */
static void no_complaints(void)
{
	REQUIRE(freopen("/dev/null", "w", stderr));
}

static void a_file_cut_off_anywhere_is_safe(void)
{
	no_complaints();
	for (size_t size = 1; size < sizeof(good) - sizeof(TEXT); size++)
		load(&good, size);
	CHECK(!load(&good, sizeof(good) - sizeof(TEXT)));
	CHECK(!load(&good, sizeof(Elf64_Ehdr)));
	CHECK(!load(&good, 4));
}

/* Try each value in each byte of headers and note. The loader must not crash. */
static void any_changed_byte_is_safe(void)
{
	struct elf64 elf;

	no_complaints();
	for (size_t i = 0; i < offsetof(struct elf64, text); i++) {
		for (unsigned int val = 0; val < 256; val++) {
			elf = good;
			((uint8_t *)&elf)[i] = val;
			load(&elf, sizeof(elf));
		}
	}
}

static void another_machine_is_refused(void)
{
	struct elf64 elf = good;

	elf.hdr.e_machine = EM_AARCH64;
	CHECK(!load(&elf, sizeof(elf)));
	elf = good;
	elf.hdr.e_ident[EI_DATA] = ELFDATA2MSB;
	CHECK(!load(&elf, sizeof(elf)));
	elf = good;
	elf.hdr.e_type = ET_REL;
	CHECK(!load(&elf, sizeof(elf)));
}

static void a_32_bit_elf_file_loads_too(void)
{
	struct { Elf32_Ehdr hdr; Elf32_Phdr ph; char text[sizeof(TEXT)]; } elf = {
		.hdr = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32,
				     ELFDATA2LSB, 1 },
			.e_type = ET_EXEC, .e_machine = EM_386,
			.e_entry = TEXT_AT, .e_phoff = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1,
		},
		.ph = {
			.p_type = PT_LOAD, .p_paddr = TEXT_AT,
			.p_offset = sizeof(elf.hdr) + sizeof(elf.ph),
			.p_filesz = sizeof(TEXT), .p_memsz = 4096,
		},
		.text = TEXT,
	};

	REQUIRE(load(&elf, sizeof(elf)));
	CHECK(!image.is_64);
	CHECK_EQ(image.entry, TEXT_AT);
	CHECK(!strcmp(ram_at(&ram, TEXT_AT, sizeof(TEXT)), TEXT));
}

/* ---- whole requests ---- */

static char paths[2][64];

static const char *path_of(unsigned int i, const void *data, size_t size)
{
	int fd = memfd_create("vmxrun-test", 0);

	REQUIRE(write(fd, data, size) == (ssize_t)size);
	snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", fd);
	return paths[i];
}

static struct boot boot;

static bool request(enum boot_mode entry, const void *kernel, size_t size,
		    const char *initrd)
{
	struct load_request req = {
		.kernel = path_of(0, kernel, size), .cmdline = "a=b quiet",
		.entry = entry,
	};

	if (initrd)
		req.initrd = path_of(1, initrd, strlen(initrd));
	if (!ram.host)
		REQUIRE(ram_init(&ram, 8 * MIB));
	return load_guest(&req, &ram, &boot);
}

static uint32_t u32_at(uint64_t gpa)
{
	uint32_t val;

	memcpy(&val, ram_at(&ram, gpa, 4), 4);
	return val;
}

static uint64_t u64_at(uint64_t gpa)
{
	uint64_t val;

	memcpy(&val, ram_at(&ram, gpa, 8), 8);
	return val;
}

static void pvh_start_info_holds_everything(void)
{
	uint64_t info, module, map;

	REQUIRE(request(BOOT_AUTO, &good, sizeof(good), "initramfs"));
	CHECK_EQ(boot.mode, BOOT_FLAT32);
	CHECK_EQ(boot.entry, PVH_ENTRY);
	info = boot.rbx;
	CHECK_EQ(u32_at(info), 0x336ec578);
	CHECK_EQ(u32_at(info + 4), 1);
	CHECK_EQ(u32_at(info + 12), 1);
	CHECK(!strcmp(ram_at(&ram, u64_at(info + 24), 16), "a=b quiet"));
	module = u64_at(info + 16);
	CHECK_EQ(u64_at(module + 8), 9);
	CHECK(!memcmp(ram_at(&ram, u64_at(module), 9), "initramfs", 9));
	CHECK_EQ(u64_at(module) & 0xfff, 0);
	CHECK(u64_at(module) >= image.end);
	CHECK_EQ(u32_at(info + 48), 3);
	map = u64_at(info + 40);
	CHECK_EQ(u64_at(map + 48), MIB);
	CHECK_EQ(u64_at(map + 56), 7 * MIB);
	CHECK_EQ(u32_at(map + 64), 1);
}

static void without_initrd_there_is_no_module(void)
{
	REQUIRE(request(BOOT_AUTO, &good, sizeof(good), NULL));
	CHECK_EQ(u32_at(boot.rbx + 12), 0);
}

static void without_note_linux_starts_in_long_mode(void)
{
	struct elf64 elf = good;
	struct boot_params *bp;

	elf.note.hdr.n_type = 0;
	REQUIRE(request(BOOT_AUTO, &elf, sizeof(elf), "initramfs"));
	CHECK_EQ(boot.mode, BOOT_LONG64);
	CHECK_EQ(boot.entry, TEXT_AT);
	bp = ram_at(&ram, boot.rsi, sizeof(*bp));
	CHECK_EQ(bp->hdr.boot_flag, 0xaa55);
	CHECK_EQ(bp->hdr.type_of_loader, 0xff);
	CHECK_EQ(bp->hdr.ramdisk_size, 9);
	CHECK_EQ(bp->e820_entries, 3);
	CHECK(!strcmp(ram_at(&ram, bp->hdr.cmd_line_ptr, 16), "a=b quiet"));
	CHECK(!request(BOOT_PVH32, &elf, sizeof(elf), NULL));
}

static void entry_64_wins_over_the_note(void)
{
	REQUIRE(request(BOOT_LONG64, &good, sizeof(good), NULL));
	CHECK_EQ(boot.mode, BOOT_LONG64);
	CHECK_EQ(boot.entry, TEXT_AT);
}

/* Return: translation of an address by the boot page tables. */
static uint64_t walk(uint64_t address)
{
	uint64_t table = BOOT_PAGES;

	for (int shift = 39; shift >= 21; shift -= 9) {
		uint64_t entry = u64_at(table + (address >> shift & 511) * 8);

		REQUIRE(entry & 1);
		table = entry & 0xffffffffff000;
		if (entry & 0x80)
			return table + (address & 0x1fffff);
	}
	return -1;
}

static void long_mode_has_an_identity_map_of_four_gigabytes(void)
{
	REQUIRE(request(BOOT_LONG64, &good, sizeof(good), NULL));
	for (uint64_t address = 0x1234; address < 4096 * MIB; address += 33 * MIB)
		CHECK_EQ(walk(address), address);
	CHECK_EQ(walk(4096 * MIB - 1), 4096 * MIB - 1);
}

static void an_initrd_that_does_not_fit_is_refused(void)
{
	struct elf64 elf = good;

	elf.ph[0].p_memsz = 6 * MIB - 100;
	CHECK(!request(BOOT_AUTO, &elf, sizeof(elf), "initramfs"));
	elf.ph[0].p_memsz = 6 * MIB - 4096;
	CHECK(request(BOOT_AUTO, &elf, sizeof(elf), "initramfs"));
}

static void make_bzimage(uint8_t image_file[4096])
{
	struct setup_header hdr = {
		.setup_sects = 2, .boot_flag = 0xaa55, .header = 0x53726448,
		.version = 0x20f, .xloadflags = XLF_KERNEL_64,
		.pref_address = 2 * MIB, .init_size = 2 * MIB,
	};

	memset(image_file, 0, 4096);
	memcpy(image_file + 0x1f1, &hdr, sizeof(hdr));
	strcpy((char *)image_file + 3 * 512, "kernel proper");
}

static void a_bzimage_starts_at_its_64_bit_entry(void)
{
	uint8_t file[4096];
	struct boot_params *bp;

	make_bzimage(file);
	REQUIRE(request(BOOT_AUTO, file, sizeof(file), "initramfs"));
	CHECK_EQ(boot.mode, BOOT_LONG64);
	CHECK_EQ(boot.entry, 2 * MIB + 0x200);
	CHECK(!strcmp(ram_at(&ram, 2 * MIB, 16), "kernel proper"));
	bp = ram_at(&ram, boot.rsi, sizeof(*bp));
	CHECK_EQ(bp->hdr.version, 0x20f);
	CHECK_EQ(bp->hdr.ramdisk_size, 9);
	CHECK(bp->hdr.ramdisk_image >= 4 * MIB);
	CHECK(!request(BOOT_PVH32, file, sizeof(file), NULL));
}

static void a_bad_bzimage_is_refused(void)
{
	struct setup_header *hdr;
	uint8_t file[4096];

	make_bzimage(file);
	hdr = (struct setup_header *)(file + 0x1f1);
	hdr->setup_sects = 200;
	CHECK(!request(BOOT_AUTO, file, sizeof(file), NULL));
	make_bzimage(file);
	hdr->init_size = 100 * MIB;
	CHECK(!request(BOOT_AUTO, file, sizeof(file), NULL));
	make_bzimage(file);
	hdr->init_size = 512;
	CHECK(!request(BOOT_AUTO, file, sizeof(file), NULL));
	make_bzimage(file);
	hdr->xloadflags = 0;
	CHECK(!request(BOOT_AUTO, file, sizeof(file), NULL));
}

static bool flat(uint64_t address, enum boot_mode entry)
{
	struct load_request req = {
		.kernel = path_of(0, "\xf4", 1), .cmdline = "", .flat = true,
		.address = address, .entry = entry,
	};

	if (!ram.host)
		REQUIRE(ram_init(&ram, 8 * MIB));
	return load_guest(&req, &ram, &boot);
}

static void a_flat_image_starts_in_real_mode(void)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs = { .cs.selector = 0xf000, .cs.base = 0xffff0000 };

	REQUIRE(flat(0x7c00, BOOT_AUTO));
	CHECK_EQ(boot.mode, BOOT_REAL16);
	CHECK_EQ(ram.host[0x7c00], 0xf4);
	boot_registers(&boot, &regs, &sregs);
	CHECK_EQ(sregs.cs.selector, 0);
	CHECK_EQ(sregs.cs.base, 0);
	CHECK_EQ(regs.rip, 0x7c00);
	CHECK_EQ(sregs.cr0 & 1, 0);

	REQUIRE(flat(0x54321, BOOT_REAL16));
	boot_registers(&boot, &regs, &sregs);
	CHECK_EQ(sregs.cs.selector, 0x5000);
	CHECK_EQ(regs.rip, 0x4321);
}

static void a_flat_image_above_real_mode_needs_entry_32(void)
{
	CHECK(!flat(MIB, BOOT_AUTO));
	CHECK(flat(MIB, BOOT_FLAT32));
	CHECK_EQ(boot.mode, BOOT_FLAT32);
	CHECK_EQ(boot.entry, MIB);
	CHECK(!flat(8 * MIB, BOOT_FLAT32));
}

static void a_file_of_another_format_is_refused(void)
{
	uint8_t text[1024] = "#!/bin/sh";

	CHECK(!request(BOOT_AUTO, text, sizeof(text), NULL));
	CHECK(!request(BOOT_AUTO, text, 1, NULL));
	CHECK(!request(BOOT_AUTO, text, 0, NULL));
}

static void ram_above_the_hole(void)
{
	struct ram big = { (uint8_t *)0x1000, 4096 * MIB, 3072 * MIB };

	CHECK(ram_at(&big, 3072 * MIB - 1, 1) == big.host + 3072 * MIB - 1);
	CHECK(!ram_at(&big, 3072 * MIB - 1, 2));
	CHECK(!ram_at(&big, 3500 * MIB, 1));
	CHECK(ram_at(&big, 4096 * MIB, 1024 * MIB) == big.host + 3072 * MIB);
	CHECK(!ram_at(&big, 4096 * MIB, 1024 * MIB + 1));
	CHECK(!ram_at(&big, -1ULL, 2));
}

static const struct test tests[] = {
	TEST(an_elf_file_goes_to_its_physical_addresses),
	TEST(the_pvh_note_is_found),
	TEST(another_note_is_not_a_pvh_note),
	TEST(a_note_that_is_cut_off_is_ignored),
	TEST(a_segment_outside_memory_is_refused),
	TEST(a_segment_over_the_boot_data_is_refused),
	TEST(a_file_cut_off_anywhere_is_safe),
	TEST_SLOW(any_changed_byte_is_safe, 120),
	TEST(another_machine_is_refused),
	TEST(a_32_bit_elf_file_loads_too),
	TEST(pvh_start_info_holds_everything),
	TEST(without_initrd_there_is_no_module),
	TEST(without_note_linux_starts_in_long_mode),
	TEST(entry_64_wins_over_the_note),
	TEST(long_mode_has_an_identity_map_of_four_gigabytes),
	TEST(an_initrd_that_does_not_fit_is_refused),
	TEST(a_bzimage_starts_at_its_64_bit_entry),
	TEST(a_bad_bzimage_is_refused),
	TEST(a_flat_image_starts_in_real_mode),
	TEST(a_flat_image_above_real_mode_needs_entry_32),
	TEST(a_file_of_another_format_is_refused),
	TEST(ram_above_the_hole),
};

TAP_MAIN(tests)
