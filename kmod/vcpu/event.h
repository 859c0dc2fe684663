/* SPDX-License-Identifier: GPL-2.0-only */
/* What enters the guest with a VM entry: exceptions, NMIs, interrupts (SDM vol. */
#ifndef VMXDBG_VCPU_EVENT_H
#define VMXDBG_VCPU_EVENT_H

#include <linux/types.h>

#include "vmx/vmcs.h"

struct vcpu;

void vcpu_raise(struct vcpu *vcpu, u8 vector);			/* no error code */
void vcpu_raise_error(struct vcpu *vcpu, u8 vector, u32 error);
void vcpu_raise_gp0(struct vcpu *vcpu);
void vcpu_raise_pf(struct vcpu *vcpu, u64 gva, u32 error);	/* sets CR2 */
void vcpu_raise_db(struct vcpu *vcpu, u64 payload, bool icebp, u8 insn_len);
void vcpu_queue_nmi(struct vcpu *vcpu);
void vcpu_raise_soft(struct vcpu *vcpu, u8 vector, u8 insn_len); /* int3, type 6 */
/* A triple fault: KVM_RUN reports it, to the session first, before another entry. */
void vcpu_shut_down(struct vcpu *vcpu);
/*
 * before an entry with REQ_ENTRY, interrupts off, VMCS current; true: something
 * waits on, the next entry has to look again
 */
bool event_inject(struct vcpu *vcpu);
/* after each exit: what was being delivered will be again */
void event_interrupted(struct vcpu *vcpu, u32 info);
/* after an entry that failed: what should have gone in */
void event_take_back(struct vcpu *vcpu);

/* what would go in, were there an entry now */
enum event_kind { EVENT_NONE, EVENT_EXCEPTION, EVENT_NMI, EVENT_IRQ };

enum event_kind event_next(struct vcpu *vcpu);
/* an exception in the midst of a delivery exited, which has ended that */
void event_superseded(struct vcpu *vcpu);
bool event_held(struct vcpu *vcpu);	/* interrupts wait for the step's end */
/* KVM_INTERRUPT could go in now; VMCS current */
bool event_can_take_irq(struct vcpu *vcpu, u64 rflags);

static inline void event_vectoring(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(IDT_VECTORING_INFO_FIELD);

	if (unlikely(info & VECTORING_INFO_VALID_MASK))
		event_interrupted(vcpu, info);
}

#endif
