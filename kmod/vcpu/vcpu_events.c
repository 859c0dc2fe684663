// SPDX-License-Identifier: GPL-2.0-only
/* Pending events of a vCPU, as a VMM reads and writes them: see vcpu_events.h. */
#include <linux/string.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "irq/types.h"
#include "lib/entry_state.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/types.h"
#include "vcpu/vcpu_events.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define HARD_EXCEPTION	(INTR_TYPE_HARD_EXCEPTION >> 8)
#define SOFT_INTR	(INTR_TYPE_SOFT_INTR >> 8)

#define INT_N_LEN	2	/* CD ib */

#define FLAGS_ALWAYS	(KVM_VCPUEVENT_VALID_NMI_PENDING |	\
			 KVM_VCPUEVENT_VALID_SHADOW |		\
			 KVM_VCPUEVENT_VALID_SMM)
/* Same as KVM: SIPI_VECTOR is ignored unless the local APIC is in the module. */
#define FLAGS_KNOWN	(FLAGS_ALWAYS | KVM_VCPUEVENT_VALID_SIPI_VECTOR | \
			 KVM_VCPUEVENT_VALID_TRIPLE_FAULT | KVM_VCPUEVENT_VALID_PAYLOAD)

/*
 * Hardware exceptions only: after an INT3, INTO, INT n or ICEBP whose delivery was
 * interrupted, rip still points at it, and the guest executes it again.
 */
static void get_exception(struct vcpu *vcpu, struct kvm_vcpu_events *events)
{
	const struct vcpu_event *e = &vcpu->event;
	bool pending = e->pending && vcpu->vm->exception_payload;

	if (!e->valid || e->type != HARD_EXCEPTION)
		return;
	events->exception.injected = !pending;
	events->exception.pending = pending;
	events->exception_has_payload = e->has_payload;
	events->exception_payload = e->has_payload ? e->payload : 0;
	events->exception.nr = e->vector;
	events->exception.has_error_code = e->has_error;
	events->exception.error_code = e->error;
}

static u8 get_shadow(u32 state)
{
	u8 shadow = 0;

	if (state & GUEST_INTR_STATE_STI)
		shadow |= KVM_X86_SHADOW_INT_STI;
	if (state & GUEST_INTR_STATE_MOV_SS)
		shadow |= KVM_X86_SHADOW_INT_MOV_SS;
	return shadow;
}

void vcpu_get_events(struct vcpu *vcpu, struct kvm_vcpu_events *events)
{
	u32 state;

	if (vcpu->lapic)
		event_take_nmis(vcpu);

	vmcs_get(&vcpu->vmcs);
	state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
	vmcs_put();

	memset(events, 0, sizeof(*events));
	if (!vcpu->vm->exception_payload)
		event_deliver_payload(vcpu);
	get_exception(vcpu, events);
	events->interrupt.shadow = get_shadow(state);
	if (vcpu->irq >= 0) {
		events->interrupt.injected = 1;
		events->interrupt.nr = vcpu->irq;
	}
	/* Two are queued only while none is in service: the first can be injected. */
	events->nmi.injected = vcpu->reinject == EVENT_NMI || vcpu->nmi_pending > 1;
	events->nmi.pending = vcpu->nmi_pending > events->nmi.injected;
	if (vcpu->lapic)
		events->smi.latched_init = test_bit(LAPIC_INIT, &vcpu->lapic->events);
	events->nmi.masked = !!(state & GUEST_INTR_STATE_NMI);
	events->flags = FLAGS_ALWAYS;
	if (vcpu->vm->exception_payload)
		events->flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
	if (vcpu->vm->triple_fault_event) {
		events->flags |= KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
		events->triple_fault.pending = vcpu->shutdown && !vcpu->dead_end.exit_reason;
	}
}

static bool events_valid(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	if (events->flags & ~FLAGS_KNOWN)
		return false;
	if ((events->flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT) &&
	    !vcpu->vm->triple_fault_event)
		return false;
	if ((events->flags & KVM_VCPUEVENT_VALID_PAYLOAD) && !vcpu->vm->exception_payload)
		return false;
	/* There is no system management mode. */
	if ((events->flags & KVM_VCPUEVENT_VALID_SMM) &&
	    (events->smi.smm || events->smi.pending))
		return false;
	return (!events->exception.injected && !vcpu_events_pending(events)) ||
	       (events->exception.nr < 32 && events->exception.nr != X86_TRAP_NMI);
}

static void set_exception(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	vcpu->event = (struct vcpu_event){ };
	if (vcpu_events_pending(events)) {
		event_set_pending(vcpu, events->exception.nr, events->exception.has_error_code,
				  events->exception.error_code);
		if (events->exception_has_payload)
			event_set_payload(vcpu, events->exception_payload);
	} else if (events->exception.injected) {
		vcpu->event = (struct vcpu_event){
			.valid = true, .type = HARD_EXCEPTION,
			.vector = events->exception.nr,
			.has_error = events->exception.has_error_code,
			.error = events->exception.error_code,
		};
	} else if (events->interrupt.injected && events->interrupt.soft) {
		vcpu->event = (struct vcpu_event){
			.valid = true, .type = SOFT_INTR, .insn_len = INT_N_LEN,
			.vector = events->interrupt.nr,
		};
	}
}

static void events_set_interrupt(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	vcpu->irq = -1;
	vcpu->irq_from = IRQ_FROM(VMXDBG_FROM_VMM, 0);
	if (vcpu->reinject == EVENT_IRQ)
		vcpu->reinject = EVENT_NONE;
	if (events->interrupt.injected && !events->interrupt.soft)
		vcpu->irq = events->interrupt.nr;
}

static void set_nmi(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	if (vcpu->reinject == EVENT_NMI) {
		vcpu->nmi_pending--;
		vcpu->reinject = EVENT_NONE;
	}
	if (events->flags & KVM_VCPUEVENT_VALID_NMI_PENDING)
		vcpu->nmi_pending = !!events->nmi.pending;
	vcpu->nmi_from = IRQ_FROM(VMXDBG_FROM_VMM, 0);
	if (!events->nmi.injected)
		return;
	vcpu->nmi_pending = min(vcpu->nmi_pending + 1, VCPU_MAX_NMIS);
	vcpu->reinject = EVENT_NMI;
}

static void set_blocking(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	u32 state;

	vmcs_get(&vcpu->vmcs);
	state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
	if (events->flags & KVM_VCPUEVENT_VALID_SHADOW) {
		state &= ~SHADOWS;
		/* Entry refuses both shadows at once (SDM vol. 3, 27.3.1.5). */
		if (events->interrupt.shadow & KVM_X86_SHADOW_INT_MOV_SS)
			state |= GUEST_INTR_STATE_MOV_SS;
		else if (events->interrupt.shadow & KVM_X86_SHADOW_INT_STI)
			state |= GUEST_INTR_STATE_STI;
	}
	state &= ~GUEST_INTR_STATE_NMI;
	if (events->nmi.masked)
		state |= GUEST_INTR_STATE_NMI;
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, state);
	vcpu_fix_pending_debug(vcpu);
	vmcs_put();
}

/* INIT and SIPI that the local APIC has, and the vCPU has not */
static void set_init_sipi(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	struct lapic *lapic = vcpu->lapic;

	if (events->flags & KVM_VCPUEVENT_VALID_SIPI_VECTOR)
		lapic->sipi_vector = events->sipi_vector;
	if (!(events->flags & KVM_VCPUEVENT_VALID_SMM))
		return;
	if (events->smi.latched_init) {
		set_bit(LAPIC_INIT, &lapic->events);
		set_bit(REQ_LIFE, &vcpu->requests);
	} else {
		clear_bit(LAPIC_INIT, &lapic->events);
	}
}

int vcpu_set_events(struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	if (!events_valid(vcpu, events))
		return -EINVAL;
	if (vcpu->lapic)
		event_take_nmis(vcpu);
	set_exception(vcpu, events);
	events_set_interrupt(vcpu, events);
	set_nmi(vcpu, events);
	set_blocking(vcpu, events);
	if (vcpu->lapic)
		set_init_sipi(vcpu, events);
	if (events->flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT) {
		if (!vcpu->dead_end.exit_reason)
			vcpu->shutdown = false;
		if (events->triple_fault.pending)
			vcpu_shut_down(vcpu);
	}
	return 0;
}
