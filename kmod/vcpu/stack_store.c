// SPDX-License-Identifier: GPL-2.0-only
/*
 * A store that an instruction of the guest makes, made for it: to memory where all is
 * as usual, so that nothing follows from it but the bytes. The processor would change no
 * entry of the guest's tables on the way, and find nothing to exit for.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "lib/walk.h"
#include "mmu/hook.h"
#include "mmu/memslot.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vcpu/debug_regs.h"
#include "vcpu/stack_store.h"
#include "vcpu/types.h"
#include "vcpu/walk_memo.h"
#include "vm.h"
#include "vmx/vmcs.h"

/*
 * By what the walk found. To a page that can be written WP says nothing, and guests
 * have no protection keys.
 */
static bool store_permitted(const struct walk_memo *m)
{
	bool user = VMX_AR_DPL(vmcs_read32(GUEST_SS_AR_BYTES)) == 3;

	if (!m->writable || !m->user)
		return false;
	if (m->user_page)
		return user || !(vmcs_read(GUEST_CR4) & X86_CR4_SMAP);
	return !user;
}

/* Memory of the VMM that is written to without anybody's notice. */
static bool is_plain(struct vm *vm, struct walk_memo *m, unsigned long seq)
{
	struct memslot slot;

	if (likely(m->plain && m->plain_seq == seq))
		return true;
	m->plain = memslot_find(vm, m->gpa, &slot) && !(slot.flags & KVM_MEM_READONLY) &&
		   !xa_load(&vm->hooks, m->gpa >> PAGE_SHIFT);
	m->plain_seq = seq;
	return m->plain;
}

/* False: the tables have changed, or the host has to do something first. */
static bool store(const struct walk_memo *m, unsigned int offset, u64 val)
{
	u64 __user *to = (u64 __user *)(m->user + offset);
	bool done = false;

	pagefault_disable();
	if (user_access_begin(to, sizeof(*to))) {
		if (unsafe_walk_holds(m)) {
			unsafe_put_user(val, to, failed);
			done = true;
		}
failed:
		user_access_end();
	}
	pagefault_enable();
	return done;
}

static bool known(struct vcpu *vcpu, struct walk_memo *m, u64 gva)
{
	bool is = walk_memo_is_of(vcpu, m, gva);

	if (likely(is))
		return true;
	pagefault_disable();
	is = walk_memo_fill(vcpu, m, gva);
	pagefault_enable();
	return is;
}

/* What is asked here stays so until the store is over. */
static bool store_act(struct vcpu *vcpu, struct walk_memo *m, u64 gva, u64 val,
		      unsigned long seq)
{
	struct vm *vm = vcpu->vm;

	if (vcpu_data_watched(vcpu) || m->seq != READ_ONCE(vm->mmu_seq) ||
	    !is_plain(vm, m, seq))
		return false;
	if (!store(m, offset_in_page(gva), val)) {
		m->levels = 0;
		return false;
	}
	memslot_mark_dirty(vm, m->gpa);	/* a barrier, too */
	return true;
}

bool stack_store(struct vcpu *vcpu, u64 gva, u64 val)
{
	struct walk_memo *m = walk_memo_for(vcpu, gva);
	unsigned long seq = hooks_seq(vcpu->vm);
	bool done;

	if (!IS_ALIGNED(gva, sizeof(val)) || !__is_canonical_address(gva, VADDR_BITS) ||
	    !known(vcpu, m, gva) || !store_permitted(m) || !vcpu_act_begin(vcpu))
		return false;
	done = store_act(vcpu, m, gva, val, seq);
	vcpu_act_end(vcpu);
	/* Hooked meanwhile: whether its copy has this, nobody knows. */
	if (unlikely(done && hooks_seq(vcpu->vm) != seq))
		hook_refresh(vcpu->vm, m->gpa, PAGE_SIZE);
	return done;
}
