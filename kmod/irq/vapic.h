/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The word of KVM_SET_VAPIC_ADDR, in which a guest that its VMM has patched reads and writes
 * the TPR of its local APIC without exits.
 */
#ifndef VMXDBG_IRQ_VAPIC_H
#define VMXDBG_IRQ_VAPIC_H

#include <linux/bitops.h>
#include <linux/jump_label.h>
#include <linux/types.h>

#include "irq/types.h"
#include "vcpu.h"

/* vCPUs that have had such a word: hardly ever any */
DECLARE_STATIC_KEY_FALSE(vapics);

/**
 * vapic_set() - KVM_SET_VAPIC_ADDR
 * @gpa: 0 for none
 * Context: the holder of the vCPU's state, which has a local APIC here; may sleep.
 * Return: 0, -EINVAL where there is no memory that can be written.
 */
int vapic_set(struct vcpu *vcpu, u64 gpa);

/* TPR was changed, and not by the word. */
static inline void vapic_is_due(struct vcpu *vcpu)
{
	vcpu->lapic->vapic.due = true;
	if (unlikely(vcpu->lapic->vapic.gpa))
		set_bit(REQ_VAPIC, &vcpu->requests);
}

/* The local APIC is reset, and its word forgotten, as in KVM. */
void vapic_reset(struct lapic *lapic);
void vapic_free(struct lapic *lapic);

/* Return: whether the vCPU has a word. No instruction is executed unless any has. */
static __always_inline bool vapic_is_used(const struct vcpu *vcpu)
{
	return static_branch_unlikely(&vapics) && vcpu->lapic && vcpu->lapic->vapic.gpa;
}

/* After an exit, before its handler: TPR becomes what the guest has written. */
void vapic_take(struct vcpu *vcpu);

/* Write the word before an entry. Context: interrupts off. */
void vapic_put(struct vcpu *vcpu);

/* REQ_VAPIC: make up for what vapic_take() or vapic_put() could not do. May sleep. */
void vapic_sync(struct vcpu *vcpu);

#endif
