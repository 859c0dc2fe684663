/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events that enter the guest with a VM entry: exceptions, NMIs, interrupts (SDM vol. 3,
 * 27.6).
 */
#ifndef VMXDBG_VCPU_EVENT_H
#define VMXDBG_VCPU_EVENT_H

#include <linux/types.h>

#include "vcpu/types.h"
#include "vmx/vmcs.h"

struct vcpu;

/*
 * Each of these queues an exception for the next entry. One that is queued already
 * combines with it to #DF or a triple fault, as on a processor (SDM vol. 3, 6.15).
 */
void vcpu_raise(struct vcpu *vcpu, u8 vector);			/* no error code */
void vcpu_raise_error(struct vcpu *vcpu, u8 vector, u32 error);
void vcpu_raise_gp0(struct vcpu *vcpu);				/* #GP(0) */
void vcpu_raise_pf(struct vcpu *vcpu, u64 gva, u32 error);	/* sets CR2 */

/* #DB; updates DR6 and DR7. @payload: in DR6's format, @insn_len: for ICEBP only */
void vcpu_raise_db(struct vcpu *vcpu, u64 payload, bool icebp, u8 insn_len);

/* The VMM sets an exception that is not delivered yet, in place of any other. */
void event_set_pending(struct vcpu *vcpu, u8 vector, bool has_error, u32 error);

/* ...of which the delivery will change DR6 or CR2. The next entry delivers it. */
void event_set_payload(struct vcpu *vcpu, u64 payload);

/* Change DR6 or CR2 now, if the exception that waits has a payload. */
void event_deliver_payload(struct vcpu *vcpu);

/* One more NMI, unless two are pending. @from: IRQ_FROM() */
void vcpu_queue_nmi(struct vcpu *vcpu, u32 from);

/* A software exception (INT3, INTO) of @insn_len bytes, for the next entry */
void vcpu_raise_soft(struct vcpu *vcpu, u8 vector, u8 insn_len);

/* Triple fault: before another entry, KVM_RUN reports it to the session, then the VMM. */
void vcpu_shut_down(struct vcpu *vcpu);

/**
 * event_inject() - write the next event and the window exits to the VMCS
 * Context: before an entry with REQ_ENTRY, interrupts off, VMCS current.
 * Return: true if an event remains, so that the next entry must plan again.
 */
bool event_inject(struct vcpu *vcpu);

/* The exit interrupted the delivery of an event; queue it again. VMCS current. */
void event_interrupted(struct vcpu *vcpu, u32 info);

/* An entry failed; queue the event that it should have injected. VMCS current. */
void event_take_back(struct vcpu *vcpu);

/* Return: the event that an entry now would inject. VMCS current. */
enum event_kind event_next(struct vcpu *vcpu);

/* An exception during the delivery of an event exited and ends it. VMCS current. */
void event_superseded(struct vcpu *vcpu);

/* Return: whether the guest takes a trap before its next instruction. VMCS current. */
bool event_trap_pending(void);

/* Return: whether interrupts and NMIs wait for the end of a step. */
bool event_held(struct vcpu *vcpu);

/* Return: the vector of the interrupt that comes next, or -1. The vCPU's thread. */
int event_irq(const struct vcpu *vcpu);

/* Return: the source of the interrupt @vector, which event_irq() has: IRQ_FROM(). */
u32 event_irq_from(const struct vcpu *vcpu, u8 vector);

/* Return: whether an interrupt with this vector waits. The vCPU's thread. */
bool event_has_irq(const struct vcpu *vcpu, u8 vector);

/* REQ_NMI: queue the NMIs that came to the local APIC. */
void event_take_nmis(struct vcpu *vcpu);

/* Return: whether an interrupt waits for the guest, the VMM's or one that a session injects. */
bool event_irq_waits(const struct vcpu *vcpu);

/* Return: whether a KVM_INTERRUPT could be injected now. VMCS current. */
bool event_can_take_irq(struct vcpu *vcpu, u64 rflags);

/* Return: whether the VMM wants to hear when the guest can take a KVM_INTERRUPT. */
bool event_wants_window(const struct vcpu *vcpu);

/* Call it after each exit, with the VMCS current. */
static inline void event_vectoring(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(IDT_VECTORING_INFO_FIELD);

	if (unlikely(info & VECTORING_INFO_VALID_MASK))
		event_interrupted(vcpu, info);
}

#endif
