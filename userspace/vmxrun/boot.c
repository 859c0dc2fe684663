// SPDX-License-Identifier: GPL-2.0-only
/* The first vCPU's registers and tables, for each way to start a guest. */
#include <stdbool.h>
#include <string.h>

#include "boot.h"

#define CR0_PE		(1ULL << 0)
#define CR0_ET		(1ULL << 4)
#define CR0_NE		(1ULL << 5)
#define CR0_PG		(1ULL << 31)
#define CR4_PAE		(1ULL << 5)
#define EFER_LME	(1ULL << 8)
#define EFER_LMA	(1ULL << 10)
#define RFLAGS_FIXED	(1ULL << 1)

#define PTE_PRESENT	(1ULL << 0)
#define PTE_WRITE	(1ULL << 1)
#define PTE_LARGE	(1ULL << 7)

#define TYPE_DATA	3	/* read, write, accessed */
#define TYPE_CODE	11	/* execute, read, accessed */
#define TYPE_TSS_BUSY	11

/* Selectors of the 64-bit Linux boot protocol. PVH requires none. */
#define BOOT_CS		0x10
#define BOOT_DS		0x18
#define BOOT_TR		0x20

#define GDT_CODE32	0x00cf9b000000ffffULL
#define GDT_CODE64	0x00af9b000000ffffULL
#define GDT_DATA	0x00cf93000000ffffULL
#define GDT_TSS		0x00008b0000000067ULL

static const struct kvm_segment flat_data = {
	.limit = 0xffffffff, .selector = BOOT_DS, .type = TYPE_DATA,
	.present = 1, .s = 1, .db = 1, .g = 1,
};

static const struct kvm_segment flat_code32 = {
	.limit = 0xffffffff, .selector = BOOT_CS, .type = TYPE_CODE,
	.present = 1, .s = 1, .db = 1, .g = 1,
};

static const struct kvm_segment flat_code64 = {
	.limit = 0xffffffff, .selector = BOOT_CS, .type = TYPE_CODE,
	.present = 1, .s = 1, .l = 1, .g = 1,
};

static const struct kvm_segment empty_tss = {
	.limit = 0x67, .selector = BOOT_TR, .type = TYPE_TSS_BUSY, .present = 1,
};

/* Identity map of the first 4 GiB, for BOOT_LONG64. */
static void write_page_tables(const struct ram *ram)
{
	uint64_t *pml4 = ram_at(ram, BOOT_PAGES, 6 * 4096);
	uint64_t *pdpt = pml4 + 512, *pd = pdpt + 512;
	uint64_t flags = PTE_PRESENT | PTE_WRITE;

	memset(pml4, 0, 2 * 4096);
	pml4[0] = (BOOT_PAGES + 0x1000) | flags;
	for (uint64_t i = 0; i < 4; i++)
		pdpt[i] = (BOOT_PAGES + 0x2000 + i * 0x1000) | flags;
	for (uint64_t i = 0; i < 4 * 512; i++)
		pd[i] = i << 21 | PTE_LARGE | flags;
}

/* A guest may reload a segment before it loads a GDT of its own. */
static void write_gdt(const struct ram *ram, bool long_mode)
{
	uint64_t *gdt = ram_at(ram, BOOT_GDT, 5 * 8);

	gdt[0] = 0;
	gdt[1] = 0;
	gdt[BOOT_CS / 8] = long_mode ? GDT_CODE64 : GDT_CODE32;
	gdt[BOOT_DS / 8] = GDT_DATA;
	gdt[BOOT_TR / 8] = GDT_TSS;
}

/**
 * boot_tables - write the tables that the registers of @boot refer to into RAM
 */
void boot_tables(const struct boot *boot, const struct ram *ram)
{
	if (boot->mode == BOOT_REAL16)
		return;
	write_gdt(ram, boot->mode == BOOT_LONG64);
	if (boot->mode == BOOT_LONG64)
		write_page_tables(ram);
}

static void flat_segments(const struct boot *boot, struct kvm_sregs *sregs)
{
	bool long_mode = boot->mode == BOOT_LONG64;

	sregs->cs = long_mode ? flat_code64 : flat_code32;
	sregs->ds = flat_data;
	sregs->es = flat_data;
	sregs->fs = flat_data;
	sregs->gs = flat_data;
	sregs->ss = flat_data;
	sregs->tr = empty_tss;
	sregs->gdt.base = BOOT_GDT;
	sregs->gdt.limit = 5 * 8 - 1;
	sregs->idt.base = 0;
	sregs->idt.limit = 0;
}

/* Below 64 KiB the segment is 0, as when firmware starts a boot sector. */
static void real_mode(const struct boot *boot, struct kvm_regs *regs,
		      struct kvm_sregs *sregs)
{
	sregs->cr0 = CR0_ET;
	sregs->cs.base = boot->entry & 0xf0000;
	sregs->cs.selector = sregs->cs.base >> 4;
	regs->rip = boot->entry & 0xffff;
}

/**
 * boot_registers - set the registers for @boot
 * @regs: overwritten
 * @sregs: state after reset; changed where @boot needs it
 */
void boot_registers(const struct boot *boot, struct kvm_regs *regs,
		    struct kvm_sregs *sregs)
{
	memset(regs, 0, sizeof(*regs));
	regs->rflags = RFLAGS_FIXED;
	if (boot->mode == BOOT_REAL16) {
		real_mode(boot, regs, sregs);
		return;
	}

	regs->rip = boot->entry;
	regs->rbx = boot->rbx;
	regs->rsi = boot->rsi;
	flat_segments(boot, sregs);
	sregs->cr0 = CR0_PE | CR0_ET;
	if (boot->mode != BOOT_LONG64)
		return;
	sregs->cr0 |= CR0_NE | CR0_PG;
	sregs->cr3 = BOOT_PAGES;
	sregs->cr4 = CR4_PAE;
	sregs->efer = EFER_LME | EFER_LMA;
}
