// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instruction at rip, decoded. A memo finds it again without a page walk: the
 * entries that the walk read and the instruction's bytes are read again, and if
 * they are unchanged, so is the instruction. INVLPG and stores to code need no
 * tracking.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "insn/insn_decode.h"
#include "lib/walk.h"
#include "mmu/memslot.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/fetch.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/types.h"
#include "vcpu/walk_memo.h"
#include "vmx/vmcs.h"

static struct insn_memo *slot_for(struct vcpu *vcpu, u64 rip)
{
	return &vcpu->insns[(rip ^ rip >> 5) % ARRAY_SIZE(vcpu->insns)];
}

/* ---- find, with preemption off and the VMCS current ---- */

static bool fetch_same_place(struct vcpu *vcpu, const struct insn_memo *slot, u64 rip)
{
	return slot->rip == rip && slot->known &&
	       slot->seq == READ_ONCE(vcpu->vm->mmu_seq) &&
	       slot->cr3 == vmcs_read(GUEST_CR3) &&
	       slot->cr0 == vmcs_read(GUEST_CR0) &&
	       slot->cr4 == vmcs_read(GUEST_CR4) &&
	       slot->efer == vmcs_read(GUEST_IA32_EFER);
}

/* Return: false also if the VMM's page is not present now. */
static bool fetch_unchanged(const struct insn_memo *slot)
{
	bool same = false;
	u64 val;

	pagefault_disable();
	if (!user_read_access_begin(slot->code, sizeof(slot->bytes)))
		goto out;
	if (!unsafe_entries_hold(slot->entry, slot->value, slot->levels))
		goto failed;
	unsafe_get_user(val, &slot->code[0], failed);
	if (val != slot->bytes[0])
		goto failed;
	unsafe_get_user(val, &slot->code[1], failed);
	same = val == slot->bytes[1];
failed:
	user_read_access_end();
out:
	pagefault_enable();
	return same;
}

static const struct insn *insn_in(const struct insn_memo *slot)
{
	return slot->insn.len ? &slot->insn : NULL;
}

const struct insn *fetch_known(struct vcpu *vcpu, u64 rip, unsigned int bits)
{
	const struct insn_memo *slot = slot_for(vcpu, rip);

	if (!fetch_same_place(vcpu, slot, rip) || slot->bits != bits || !fetch_unchanged(slot))
		return NULL;
	return insn_in(slot);
}

/* ---- read and decode ---- */

struct fetch_recorder {
	struct vcpu *vcpu;
	struct insn_memo *slot;
};

static int fetch_read(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	struct fetch_recorder *rec = ctx;
	struct insn_memo *slot = rec->slot;
	u64 __user *entry = memslot_user(rec->vcpu->vm, gpa);

	if (!entry || len != sizeof(u64) || slot->levels == ARRAY_SIZE(slot->entry) ||
	    get_user(*(u64 *)buf, entry))
		return -ENXIO;
	slot->entry[slot->levels] = entry;
	slot->value[slot->levels++] = *(u64 *)buf;
	return 0;
}

/*
 * Not with PAE paging, since the PDPTE registers are not compared, nor with 32-bit
 * paging, since its entries have 4 bytes, nor across two pages.
 */
static bool can_remember(const struct walk_mode *mode, u64 rip)
{
	return (!(mode->cr0 & X86_CR0_PG) || (mode->efer & EFER_LMA)) &&
	       offset_in_page(rip) <= PAGE_SIZE - sizeof_field(struct insn_memo, bytes);
}

/*
 * Read the bytes at @rip and record the state they depend on. Return: whether it
 * could.
 */
static bool fetch_remember(struct vcpu *vcpu, struct insn_memo *slot, u64 rip)
{
	struct fetch_recorder rec = { vcpu, slot };
	struct walk_result res;
	struct walk_mode mode;

	slot->operand.levels = 0;
	slot->levels = 0;
	slot->seq = READ_ONCE(vcpu->vm->mmu_seq);
	smp_rmb();	/* read the slots after seq */
	vcpu_walk_mode(vcpu, &mode);
	if (!can_remember(&mode, rip) ||
	    guest_walk(&mode, rip, 0, fetch_read, &rec, &res))
		return false;
	slot->code = memslot_user(vcpu->vm, res.gpa);
	if (!slot->code || copy_from_user(slot->bytes, slot->code, sizeof(slot->bytes)))
		return false;
	slot->cr0 = mode.cr0;
	slot->cr3 = mode.cr3;
	slot->cr4 = mode.cr4;
	slot->efer = mode.efer;
	return true;
}

const struct insn *fetch_insn(struct vcpu *vcpu, u64 rip, u8 bytes[INSN_MAX],
			      unsigned int *len)
{
	struct insn_mode mode = { .bits = vcpu_code_bits(vcpu) };
	struct insn_memo *slot = slot_for(vcpu, rip);

	slot->known = fetch_remember(vcpu, slot, rip);
	slot->rip = rip;
	slot->bits = mode.bits;
	*len = INSN_MAX;
	if (slot->known)
		memcpy(bytes, slot->bytes, INSN_MAX);
	else
		*len = gva_read(vcpu, rip, bytes, INSN_MAX);
	if (insn_decode(&mode, bytes, *len, &slot->insn))
		slot->insn.len = 0;
	return insn_in(slot);
}

/* ---- find or decode, without sleeping ---- */

struct insn_memo *fetch_now(struct vcpu *vcpu, u64 rip)
{
	struct insn_memo *slot = slot_for(vcpu, rip);
	u32 ar = vmcs_read32(GUEST_CS_AR_BYTES);
	u8 bytes[INSN_MAX];
	unsigned int len;

	if (likely(fetch_same_place(vcpu, slot, rip) && slot->ar == ar && fetch_unchanged(slot)))
		return slot;
	pagefault_disable();
	fetch_insn(vcpu, rip, bytes, &len);
	pagefault_enable();
	slot->ar = ar;
	return slot;
}

/* Entries shared with the walk to the instruction have been compared already. */
static bool operand_holds(const struct insn_memo *slot)
{
	const struct walk_memo *m = &slot->operand;
	unsigned int i = slot->shared;
	bool same = false;

	if (i == m->levels)
		return true;
	pagefault_disable();
	if (user_read_access_begin(slot->code, sizeof(slot->bytes))) {
		same = unsafe_entries_hold(m->entry + i, m->value + i, m->levels - i);
		user_read_access_end();
	}
	pagefault_enable();
	return same;
}

static void note_walk(struct insn_memo *slot)
{
	const struct walk_memo *m = &slot->operand;
	u64 all = WALK_ACCESSED;
	unsigned int i;

	for (i = 0; i < m->levels && i < slot->levels; i++)
		if (m->entry[i] != slot->entry[i] || m->value[i] != slot->value[i])
			break;
	slot->shared = i;
	for (i = 0; i < m->levels; i++)
		all &= m->value[i];
	slot->accessed = all;
	slot->dirty = all && (m->value[i - 1] & WALK_DIRTY);
}

static bool find_operand(struct vcpu *vcpu, struct insn_memo *slot, u64 gva)
{
	bool found;

	pagefault_disable();
	found = walk_memo_fill(vcpu, &slot->operand, gva);
	pagefault_enable();
	if (found)
		note_walk(slot);
	return found;
}

bool fetch_operand_marked(struct vcpu *vcpu, struct insn_memo *slot, u64 gva, u64 gpa,
			  bool write)
{
	const struct walk_memo *m = &slot->operand;

	if (unlikely(!slot->known))
		return false;
	if (!m->levels || m->page != (gva & PAGE_MASK) || !operand_holds(slot))
		if (!find_operand(vcpu, slot, gva))
			return !(slot->cr0 & X86_CR0_PG);
	return m->gpa == (gpa & PAGE_MASK) && (write ? slot->dirty : slot->accessed);
}
