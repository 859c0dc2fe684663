// SPDX-License-Identifier: GPL-2.0-only
/* Making of what walk_memo.h finds again. */
#include "vcpu.h"
#include "walk.h"

struct recorder {
	struct vm *vm;
	struct walk_memo *memo;
};

static int read_and_record(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	struct recorder *rec = ctx;
	struct walk_memo *m = rec->memo;
	u64 __user *entry = memslot_user(rec->vm, gpa);

	if (!entry || len != sizeof(u64) || m->levels == ARRAY_SIZE(m->entry) ||
	    get_user(*(u64 *)buf, entry))
		return -ENXIO;
	m->entry[m->levels] = entry;
	m->value[m->levels++] = *(u64 *)buf;
	return 0;
}

/* Only of long mode: 32-bit entries are others, PAE has registers beside them. */
bool walk_memo_fill(struct vcpu *vcpu, struct walk_memo *m, u64 gva)
{
	struct recorder rec = { vcpu->vm, m };
	struct walk_result res;
	struct walk_mode mode;

	m->levels = 0;
	m->seq = READ_ONCE(vcpu->vm->mmu_seq);
	smp_rmb();	/* the slots are as new as seq */
	vcpu_walk_mode(vcpu, &mode);
	if (!(mode.efer & EFER_LMA) || current->mm != vcpu->vm->mm)
		return false;
	if (guest_walk(&mode, gva, 0, read_and_record, &rec, &res)) {
		m->levels = 0;
		return false;
	}
	m->page = gva & PAGE_MASK;
	m->gpa = res.gpa & PAGE_MASK;
	m->user = memslot_user(vcpu->vm, m->gpa);
	m->cr3 = mode.cr3;
	m->efer = mode.efer;
	return true;
}
