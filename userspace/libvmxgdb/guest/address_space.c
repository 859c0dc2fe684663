// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>

#include "guest/address_space.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/target.h"

#define PAGE		0x1000ULL
#define ROOT_MASK	0x000ffffffffff000ULL
#define PAE_ROOT_MASK	0xffffffe0ULL

#define CR0_PG		(1U << 31)
#define CR4_PAE		(1U << 5)
#define EFER_LMA	(1U << 10)

/* Entries of a root table. */
#define ENTRIES		512
#define ENTRY_PRESENT	(1U << 0)
#define ENTRY_USER	(1U << 2)

static bool read_table(struct stub *s, uint64_t gpa, uint64_t *table)
{
	return s->target->ops->read_mem(s->target, 0, VMXDBG_MEM_PHYSICAL, gpa, table, PAGE) ==
	       (ssize_t)PAGE;
}

static bool is_user(uint64_t entry)
{
	return (entry & ENTRY_PRESENT) && (entry & ENTRY_USER);
}

/*
 * The lower half of the tables decides: each entry of user memory in one has the same
 * table in the other, although the kernel's may have NX set.
 */
static bool same_user_memory(const uint64_t *a, const uint64_t *b)
{
	bool any = false;
	int i;

	for (i = 0; i < ENTRIES / 2; i++) {
		if (is_user(a[i]) != is_user(b[i]))
			return false;
		if (!is_user(a[i]))
			continue;
		if ((a[i] ^ b[i]) & ROOT_MASK)
			return false;
		any = true;
	}
	return any;
}

/* Return: whether the tables at @cr3 and beside it are those of one process. */
static bool is_isolated(struct stub *s, uint64_t cr3)
{
	uint64_t *tables = malloc(2 * PAGE);
	bool same = tables && read_table(s, cr3, tables) &&
		    read_table(s, cr3 ^ PAGE, tables + ENTRIES) &&
		    same_user_memory(tables, tables + ENTRIES);

	free(tables);
	return same;
}

int address_space_of(struct stub *s, int vcpu, struct address_space *space)
{
	const struct kvm_sregs *r = &s->vcpus[vcpu]->regs.system;
	int result = reg_cache_load(s, vcpu, 1U << VMXDBG_REGS_SYSTEM);

	*space = (struct address_space){ 0 };
	if (result < 0)
		return result;
	if (!(r->cr0 & CR0_PG))
		return reply_error(s, -EINVAL, "paging is off: there is only one address space");
	space->cr3 = r->cr3 & ROOT_MASK;
	if (r->efer & EFER_LMA)
		space->isolated = is_isolated(s, space->cr3);
	else if (r->cr4 & CR4_PAE)
		space->pae = true;
	if (space->isolated)
		space->cr3 &= ~PAGE;
	if (space->pae)
		space->root = r->cr3 & PAE_ROOT_MASK;
	return 0;
}

int address_space_require(const struct address_space *space, struct condition *c, bool *flag)
{
	*flag = !space->isolated;
	if (space->isolated)
		return condition_require(c, CONDITION_CR3, ROOT_MASK & ~PAGE, space->cr3);
	if (space->pae)
		return condition_require(c, CONDITION_CR3, PAE_ROOT_MASK, space->root);
	return 0;
}

void address_space_put(const struct address_space *space, struct buf *out)
{
	buf_printf(out, "cr3 0x%llx", (unsigned long long)
		   (space->pae ? space->root : space->cr3));
	if (space->isolated)
		buf_printf(out, " and 0x%llx (page-table isolation)",
			   (unsigned long long)(space->cr3 + PAGE));
}
