// SPDX-License-Identifier: GPL-2.0-only
/*
 * The word of KVM_SET_VAPIC_ADDR. An entry writes TPR to it, with the interrupts in service
 * and requested, and an exit takes the TPR that the guest has put there. As in KVM, a guest
 * that lowers its TPR makes an exit by itself if the word shows an interrupt for it.
 *
 * The word is in the VMM's memory, which may not be present. An entry or exit that finds it
 * so goes on without, and vapic_sync() makes up for that before the next entry.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "irq/lapic_irr.h"
#include "irq/lapic_regs.h"
#include "irq/vapic.h"
#include "mmu/gpa.h"
#include "mmu/memslot.h"
#include "mmu/types.h"
#include "vm.h"

#define WORD_TPR(word)	((word) & 0xff)

DEFINE_STATIC_KEY_FALSE(vapics);

static bool writable(struct vm *vm, u64 gpa)
{
	struct memslot slot;

	return memslot_find(vm, gpa, &slot) && !(slot.flags & KVM_MEM_READONLY);
}

int vapic_set(struct vcpu *vcpu, u64 gpa)
{
	struct vapic *vapic = &vcpu->lapic->vapic;

	if (gpa && (gpa + sizeof(u32) < gpa || !writable(vcpu->vm, gpa) ||
		    !writable(vcpu->vm, gpa + sizeof(u32) - 1)))
		return -EINVAL;
	if (gpa && !vapic->counted) {
		static_branch_inc(&vapics);
		vapic->counted = true;
	}
	vapic->gpa = gpa;
	vapic_is_due(vcpu);
	return 0;
}

void vapic_reset(struct lapic *lapic)
{
	lapic->vapic.gpa = 0;
}

void vapic_free(struct lapic *lapic)
{
	if (lapic->vapic.counted)
		static_branch_dec(&vapics);
}

/* Return: the word of KVM's interface, which has classes of ISR, but vectors of IRR. */
static u32 word_now(const struct lapic *lapic)
{
	u32 served = max(lapic->in_service, 0), requested = max(lapic_highest(lapic, APIC_IRR), 0);

	return WORD_TPR(lapic_reg(lapic, APIC_TASKPRI)) | (served & 0xf0) << 8 | requested << 24;
}

/* @word: with the TPR that the guest has written */
static void take_tpr(struct vcpu *vcpu, u32 word)
{
	struct lapic *lapic = vcpu->lapic;

	if (lapic_reg(lapic, APIC_TASKPRI) == WORD_TPR(word))
		return;
	lapic_set_reg(lapic, APIC_TASKPRI, WORD_TPR(word));
	lapic_update_ppr(lapic);
	set_bit(REQ_ENTRY, &vcpu->requests);
}

void vapic_take(struct vcpu *vcpu)
{
	struct vapic *vapic = &vcpu->lapic->vapic;
	unsigned long missing;
	u32 word;

	if (vapic->due)		/* the TPR in the word is older */
		return;
	switch (gpa_read_nofault(vcpu->vm, vapic->gpa, &word, sizeof(word), &missing)) {
	case 0:
		take_tpr(vcpu, word);
		break;
	case -EAGAIN:
		set_bit(REQ_VAPIC, &vcpu->requests);
		break;
	}
}

static bool put_word(struct vm *vm, u64 gpa, u32 word)
{
	size_t first = min_t(size_t, sizeof(word), PAGE_SIZE - offset_in_page(gpa));
	u8 *bytes = (u8 *)&word;

	return gpa_store_nofault(vm, gpa, bytes, first) &&
	       (first == sizeof(word) ||
		gpa_store_nofault(vm, gpa + first, bytes + first, sizeof(word) - first));
}

/*
 * Same as in KVM, the word of a local APIC that is off does not change. Where the processor
 * lets the guest read the copy of a hooked page, that is not written.
 */
void vapic_put(struct vcpu *vcpu)
{
	struct vapic *vapic = &vcpu->lapic->vapic;

	if (!lapic_is_enabled(vcpu))
		return;
	vapic->due = !put_word(vcpu->vm, vapic->gpa, word_now(vcpu->lapic));
	if (!vapic->due)
		vapic->gone = false;
	else if (!vapic->gone)
		set_bit(REQ_VAPIC, &vcpu->requests);
}

void vapic_sync(struct vcpu *vcpu)
{
	struct vapic *vapic = &vcpu->lapic->vapic;
	u32 word;

	clear_bit(REQ_VAPIC, &vcpu->requests);
	if (!vapic->gpa)
		return;
	if (!vapic->due) {
		vapic->due = gpa_read(vcpu->vm, vapic->gpa, &word, sizeof(word)) != sizeof(word);
		if (!vapic->due)
			take_tpr(vcpu, word);
	}
	if (!lapic_is_enabled(vcpu))
		return;
	word = word_now(vcpu->lapic);
	vapic->due = gpa_write(vcpu->vm, vapic->gpa, &word, sizeof(word)) != sizeof(word);
	vapic->gone = vapic->due;
	set_bit(REQ_ENTRY, &vcpu->requests);	/* to write what the entry changes */
}
