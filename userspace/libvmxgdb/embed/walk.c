// SPDX-License-Identifier: MIT
/* The guest's page tables: see "Paging" in volume 3 of the SDM. */
#include <errno.h>
#include <stdbool.h>

#include "embed/machine_bp.h"
#include "embed/walk.h"

#define CR0_PG		(1ULL << 31)
#define CR4_PSE		(1ULL << 4)
#define CR4_PAE		(1ULL << 5)
#define CR4_LA57	(1ULL << 12)
#define EFER_LMA	(1ULL << 10)

#define PTE_PRESENT	(1ULL << 0)
#define PTE_WRITE	(1ULL << 1)
#define PTE_USER	(1ULL << 2)
#define PTE_LARGE	(1ULL << 7)
#define PTE_NX		(1ULL << 63)
#define PTE_ADDRESS	0x000ffffffffff000ULL

/**
 * struct shape - format of the page tables
 * @levels: number of tables on the way
 * @entry: bytes of an entry
 * @bits: bits of the address that index a table
 * @large: bit n: an entry of level n may map a page, with PTE_LARGE
 */
struct shape {
	int levels;
	unsigned int entry;
	unsigned int bits;
	unsigned int large;
};

static const struct shape legacy = { 2, 4, 10, 1 << 1 };
static const struct shape pae = { 3, 8, 9, 1 << 1 };
static const struct shape four_levels = { 4, 8, 9, 1 << 1 | 1 << 2 };
static const struct shape five_levels = { 5, 8, 9, 1 << 1 | 1 << 2 };

static const struct shape *shape_of(const struct kvm_sregs *regs)
{
	if (regs->efer & EFER_LMA)
		return regs->cr4 & CR4_LA57 ? &five_levels : &four_levels;
	return regs->cr4 & CR4_PAE ? &pae : &legacy;
}

static bool canonical(const struct shape *shape, uint64_t addr)
{
	unsigned int unused = 64 - 12 - shape->levels * shape->bits;

	return (uint64_t)((int64_t)(addr << unused) >> unused) == addr;
}

static int read_entry(struct machine *m, uint64_t gpa, unsigned int size, uint64_t *entry)
{
	*entry = 0;
	if (m->ops->read_memory(m, gpa, entry, size) != (ssize_t)size)
		return -ENXIO;
	machine_bp_hide(m, gpa, entry, size);
	return *entry & PTE_PRESENT ? 0 : -ENXIO;
}

static bool is_page(const struct shape *shape, const struct kvm_sregs *regs, int level,
		    uint64_t entry)
{
	if (!level)
		return true;
	if (shape == &legacy && !(regs->cr4 & CR4_PSE))
		return false;
	return (entry & PTE_LARGE) && (shape->large >> level & 1);
}

static void found(const struct shape *shape, uint64_t entry, unsigned int shift,
		  uint32_t flags, struct vmxdbg_translate *to)
{
	uint64_t size = 1ULL << shift;
	uint64_t base = entry & PTE_ADDRESS & ~(size - 1);

	/* PSE-36 */
	if (shape == &legacy && shift > 12)
		base |= (entry >> 13 & 0xff) << 32;
	to->page_size = size;
	to->gpa = base | (to->gva & (size - 1));
	to->flags = flags;
}

static void identity(struct vmxdbg_translate *to)
{
	to->gpa = (uint32_t)to->gva;
	to->page_size = 4096;
	to->flags = VMXDBG_PAGE_WRITE | VMXDBG_PAGE_USER | VMXDBG_PAGE_EXEC;
}

/* Rights that the tables of PAE's first level do not have are those of the others. */
static uint32_t rights(const struct shape *shape, int level, uint64_t entry)
{
	uint32_t flags = 0;

	if (shape == &pae && level == 2)
		return VMXDBG_PAGE_WRITE | VMXDBG_PAGE_USER | VMXDBG_PAGE_EXEC;
	if (entry & PTE_WRITE)
		flags |= VMXDBG_PAGE_WRITE;
	if (entry & PTE_USER)
		flags |= VMXDBG_PAGE_USER;
	if (shape == &legacy || !(entry & PTE_NX))
		flags |= VMXDBG_PAGE_EXEC;
	return flags;
}

int walk(struct machine *m, const struct kvm_sregs *regs, struct vmxdbg_translate *to)
{
	const struct shape *shape = shape_of(regs);
	uint32_t flags = VMXDBG_PAGE_WRITE | VMXDBG_PAGE_USER | VMXDBG_PAGE_EXEC;
	uint64_t table = regs->cr3 & (shape == &pae ? 0xffffffe0ULL : PTE_ADDRESS);
	unsigned int shift;
	uint64_t entry, index;
	int level;

	if (!(regs->cr0 & CR0_PG)) {
		identity(to);
		return 0;
	}
	if (shape->levels >= 4 ? !canonical(shape, to->gva) : to->gva >> 32)
		return -ENXIO;
	for (level = shape->levels - 1; level >= 0; level--) {
		shift = 12 + level * shape->bits;
		index = to->gva >> shift & ((1ULL << shape->bits) - 1);
		if (read_entry(m, table + index * shape->entry, shape->entry, &entry))
			return -ENXIO;
		flags &= rights(shape, level, entry);
		if (is_page(shape, regs, level, entry)) {
			found(shape, entry, shift, flags, to);
			return 0;
		}
		table = entry & PTE_ADDRESS;
	}
	return -ENXIO;
}
