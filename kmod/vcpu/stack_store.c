// SPDX-License-Identifier: GPL-2.0-only
/* Stores that the module does for a guest instruction, see stack_store.h. */
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
 * Permissions by the remembered walk. WP does not matter, since the page is
 * writable, and guests have no protection keys.
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

/* Return: whether a store to the page needs nothing else: VMM memory, not hooked. */
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

/* Return: false if the tables have changed or the host must fault the page in. */
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

/* The conditions that are checked here hold until vcpu_act_end(). */
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
	memslot_mark_dirty(vm, m->gpa);	/* also a barrier */
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
	/* A page hooked meanwhile may have a copy without these bytes. */
	if (unlikely(done && hooks_seq(vcpu->vm) != seq)) {
		hook_note_written(vcpu, m->gpa);
		hook_refresh_written(vcpu);
	}
	return done;
}
