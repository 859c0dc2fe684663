// SPDX-License-Identifier: GPL-2.0-only
/* Lookup and creation of walk memos. */
#include <linux/mm.h>
#include <asm/vmx.h>

#include "lib/walk.h"
#include "mmu/memslot.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/types.h"
#include "vcpu/walk_memo.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

struct walk_memo *walk_memo_for(struct vcpu *vcpu, u64 gva)
{
	return &vcpu->walks[(gva >> PAGE_SHIFT) % ARRAY_SIZE(vcpu->walks)];
}

bool walk_memo_is_of(struct vcpu *vcpu, const struct walk_memo *m, u64 gva)
{
	bool is;

	vmcs_get(&vcpu->vmcs);
	is = m->page == (gva & PAGE_MASK) && m->levels &&
	     m->seq == READ_ONCE(vcpu->vm->mmu_seq) &&
	     m->cr3 == vmcs_read(GUEST_CR3) && m->efer == vmcs_read(GUEST_IA32_EFER);
	vmcs_put();
	return is;
}

struct memo_recorder {
	struct vm *vm;
	struct walk_memo *memo;
};

static int memo_read(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	struct memo_recorder *rec = ctx;
	struct walk_memo *m = rec->memo;
	u64 __user *entry = memslot_user(rec->vm, gpa);

	if (!entry || len != sizeof(u64) || m->levels == ARRAY_SIZE(m->entry) ||
	    get_user(*(u64 *)buf, entry))
		return -ENXIO;
	m->entry[m->levels] = entry;
	m->value[m->levels++] = *(u64 *)buf;
	return 0;
}

/* Return: whether a store would change no entry: writable, with A and D set. */
static bool can_store(const struct walk_result *res)
{
	u64 all = WALK_DIRTY | WALK_ACCESSED;
	unsigned int i;

	for (i = 0; i < res->entries; i++)
		all &= res->entry[i] | (i < res->entries - 1 ? WALK_DIRTY : 0);
	return res->writable && all == (WALK_DIRTY | WALK_ACCESSED);
}

/*
 * Long mode only: entries of 32-bit paging have 4 bytes, and PAE paging also
 * depends on the PDPTE registers.
 */
bool walk_memo_fill(struct vcpu *vcpu, struct walk_memo *m, u64 gva)
{
	struct memo_recorder rec = { vcpu->vm, m };
	struct walk_result res;
	struct walk_mode mode;

	m->levels = 0;
	m->seq = READ_ONCE(vcpu->vm->mmu_seq);
	smp_rmb();	/* read the slots after seq */
	vcpu_walk_mode(vcpu, &mode);
	if (!(mode.efer & EFER_LMA) || current->mm != vcpu->vm->mm)
		return false;
	if (guest_walk(&mode, gva, 0, memo_read, &rec, &res)) {
		m->levels = 0;
		return false;
	}
	m->page = gva & PAGE_MASK;
	m->gpa = res.gpa & PAGE_MASK;
	m->user = memslot_user(vcpu->vm, m->gpa);
	m->writable = can_store(&res);
	m->user_page = res.user;
	m->plain = false;
	m->cr3 = mode.cr3;
	m->efer = mode.efer;
	return true;
}
