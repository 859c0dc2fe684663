// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that enter the guest with a VM entry: exceptions, then what an exit
 * interrupted, NMIs, interrupts (SDM vol. 3, 6.9 and 27.6), and the window exits
 * that say when one can be injected.
 */
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "irq/lapic_irr.h"
#include "irq/next.h"
#include "irq/types.h"
#include "irq/vapic.h"
#include "lib/dr.h"
#include "lib/entry_state.h"
#include "lib/trace.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/types.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/* SDM vol. 3, table 6-4. A #PF is contributory only after a #PF. */
static bool contributory(u8 vector)
{
	return vector == DE_VECTOR || (vector >= TS_VECTOR && vector <= GP_VECTOR);
}

static bool doubles(u8 first, u8 second)
{
	if (first == PF_VECTOR)
		return second == PF_VECTOR || contributory(second);
	return contributory(first) && contributory(second);
}

void vcpu_shut_down(struct vcpu *vcpu)
{
	vcpu->shutdown = true;
	vcpu->shutdown_told = false;
	vcpu->dead_end.exit_reason = 0;
	set_bit(REQ_STOP, &vcpu->requests);
}

/*
 * Return: whether delivery pushes RF set (SDM vol. 3, 17.3.1.1). A fault-like #DB leaves
 * RF as it is, general detect too.
 */
static bool sets_rf(const struct vcpu_event *event)
{
	static const u32 others = BIT(DB_VECTOR) | BIT(X86_TRAP_NMI) | BIT(BP_VECTOR) |
				  BIT(X86_TRAP_OF) | BIT(DF_VECTOR) | BIT(MC_VECTOR);

	return event->type == INTR_TYPE_HARD_EXCEPTION >> 8 &&
	       !(BIT(event->vector) & others);
}

/* Exceptions push no error code in real mode. */
static bool has_errors(struct vcpu *vcpu)
{
	return vcpu_cr0(vcpu) & X86_CR0_PE;
}

static void queue(struct vcpu *vcpu, struct vcpu_event event)
{
	struct vcpu_event *now = &vcpu->event;

	if (now->valid && now->type == INTR_TYPE_HARD_EXCEPTION >> 8 &&
	    event.type == INTR_TYPE_HARD_EXCEPTION >> 8) {
		if (now->vector == DF_VECTOR) {
			vcpu_shut_down(vcpu);	/* SDM vol. 3, 6.15, interrupt 8 */
			return;
		}
		if (doubles(now->vector, event.vector))
			event = (struct vcpu_event){
				.vector = DF_VECTOR, .has_error = has_errors(vcpu),
				.type = INTR_TYPE_HARD_EXCEPTION >> 8 };
	}
	event.valid = true;
	event.pending = true;
	event.sets_rf = sets_rf(&event);
	*now = event;
	set_bit(REQ_ENTRY, &vcpu->requests);
}

void vcpu_raise(struct vcpu *vcpu, u8 vector)
{
	queue(vcpu, (struct vcpu_event){
		.vector = vector, .type = INTR_TYPE_HARD_EXCEPTION >> 8 });
}

void vcpu_raise_error(struct vcpu *vcpu, u8 vector, u32 error)
{
	queue(vcpu, (struct vcpu_event){
		.vector = vector, .type = INTR_TYPE_HARD_EXCEPTION >> 8,
		.has_error = has_errors(vcpu), .error = error });
}

void vcpu_raise_gp0(struct vcpu *vcpu)
{
	vcpu_raise_error(vcpu, GP_VECTOR, 0);
}

void vcpu_raise_pf(struct vcpu *vcpu, u64 gva, u32 error)
{
	vcpu->cr2 = gva;
	vcpu_raise_error(vcpu, PF_VECTOR, error);
}

void vcpu_raise_soft(struct vcpu *vcpu, u8 vector, u8 insn_len)
{
	queue(vcpu, (struct vcpu_event){
		.vector = vector, .type = INTR_TYPE_SOFT_EXCEPTION >> 8,
		.insn_len = insn_len });
}

static void deliver_db(struct vcpu *vcpu, u64 payload)
{
	vcpu->dr6 = dr6_deliver(vcpu->dr6, payload);
	if (vcpu->dr7 & DR7_GD) {
		vcpu->dr7 &= ~(u64)DR7_GD;
		set_bit(REQ_DEBUG_REGS, &vcpu->requests);
	}
}

void event_set_pending(struct vcpu *vcpu, u8 vector, bool has_error, u32 error)
{
	struct vcpu_event event = {
		.valid = true, .pending = true, .type = INTR_TYPE_HARD_EXCEPTION >> 8,
		.vector = vector, .has_error = has_error, .error = error,
	};

	event.sets_rf = sets_rf(&event);
	vcpu->event = event;
}

void event_set_payload(struct vcpu *vcpu, u64 payload)
{
	vcpu->event.has_payload = true;
	vcpu->event.payload = payload;
	set_bit(REQ_INJECT, &vcpu->requests);
}

void event_deliver_payload(struct vcpu *vcpu)
{
	struct vcpu_event *e = &vcpu->event;

	if (!e->has_payload)
		return;
	e->has_payload = false;
	if (e->vector == DB_VECTOR)
		deliver_db(vcpu, e->payload);
	else if (e->vector == PF_VECTOR)
		vcpu->cr2 = e->payload;
}

/* A #DB exit does not update DR6 and DR7, but delivery does (SDM 18.2.3, 18.2.4). */
void vcpu_raise_db(struct vcpu *vcpu, u64 payload, bool icebp, u8 insn_len)
{
	deliver_db(vcpu, payload);
	if (icebp)
		queue(vcpu, (struct vcpu_event){
			.vector = DB_VECTOR, .insn_len = insn_len,
			.type = INTR_TYPE_PRIV_SW_EXCEPTION >> 8 });
	else
		vcpu_raise(vcpu, DB_VECTOR);
	vcpu_fix_pending_debug(vcpu);
}

/* Interrupts do not enter during a step, unless the debugger allows them. */
bool event_held(struct vcpu *vcpu)
{
	if (vcpu->stepping & STEP_HOLDS)
		return true;
	if ((vcpu->stepping & STEP_SESSION) &&
	    !(vcpu->step_flags & (VMXDBG_RESUME_IRQS | VMXDBG_RESUME_INTO)))
		return true;
	return (vcpu->stepping & STEP_INBAND) &&
	       (vcpu->guest_debug.control & KVM_GUESTDBG_BLOCKIRQ);
}

/*
 * Injection of an interrupt discards traps that are pending (SDM vol. 3, 27.7.3), and a
 * processor takes them first. MOV SS holds both.
 */
bool event_trap_pending(void)
{
	return vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS) & (DR6_BS | DB_QUAL_ENABLED);
}

static bool irq_open(void)
{
	return (vmcs_read(GUEST_RFLAGS) & X86_EFLAGS_IF) &&
	       !(vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & SHADOWS);
}

static bool nmi_open(void)
{
	return !(vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) &
		 (SHADOWS | GUEST_INTR_STATE_NMI));
}

/* A processor holds at most two NMIs: one in delivery or in service, one latched. */
void vcpu_queue_nmi(struct vcpu *vcpu, u32 from)
{
	u32 limit = VCPU_MAX_NMIS;

	vmcs_get(&vcpu->vmcs);
	if (vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & GUEST_INTR_STATE_NMI)
		limit--;
	vmcs_put();
	if (vcpu->nmi_pending >= limit)
		return;
	vcpu->nmi_pending++;
	vcpu->nmi_from = from;
}

void event_take_nmis(struct vcpu *vcpu)
{
	int nmis = atomic_xchg(&vcpu->lapic->nmis, 0);

	while (nmis--)
		vcpu_queue_nmi(vcpu, READ_ONCE(vcpu->lapic->from[LAPIC_FROM_NMI]));
	set_bit(REQ_ENTRY, &vcpu->requests);
}

/* Return: the vector of the interrupt that comes next, or -1. */
int event_irq(const struct vcpu *vcpu)
{
	if (vcpu->irq >= 0 || !vcpu->lapic)
		return vcpu->irq;
	return irq_next(vcpu);
}

u32 event_irq_from(const struct vcpu *vcpu, u8 vector)
{
	return vcpu->irq >= 0 ? vcpu->irq_from : irq_from(vcpu, vector);
}

bool event_has_irq(const struct vcpu *vcpu, u8 vector)
{
	return vcpu->irq == vector || (vcpu->lapic && irq_has(vcpu, vector));
}

bool event_irq_waits(const struct vcpu *vcpu)
{
	return event_irq(vcpu) >= 0 || (vcpu->inject.types & BIT(VMXDBG_INJECT_INTERRUPT));
}

bool event_wants_window(const struct vcpu *vcpu)
{
	/* With its PIC in the module, a VMM has no interrupt for the window. */
	return vcpu->irq_window && vcpu->vm->irq.mode != IRQ_FULL &&
	       (!vcpu->lapic || irq_can_take_extint(vcpu));
}

bool event_can_take_irq(struct vcpu *vcpu, u64 rflags)
{
	if (vcpu->lapic && !irq_can_take_extint(vcpu))
		return false;
	return (rflags & X86_EFLAGS_IF) && vcpu->irq < 0 && !vcpu->event.valid &&
	       !(vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & SHADOWS) && !event_trap_pending();
}

static void write_info(struct vcpu *vcpu, u32 info, u32 error)
{
	trace_vmxdbg_inject(vcpu->vm->id, vcpu->id, info, error);
	vmcs_write(VM_ENTRY_INTR_INFO_FIELD, info | INTR_INFO_VALID_MASK);
	vcpu->delivers = true;
}

static void inject_event(struct vcpu *vcpu)
{
	struct vcpu_event *e = &vcpu->event;
	u32 info = e->vector | e->type << 8;

	/* Injection pushes RFLAGS as they are in the VMCS (SDM vol. 3, 27.6.1.1). */
	if (e->sets_rf)
		vmcs_write(GUEST_RFLAGS, vmcs_read(GUEST_RFLAGS) | X86_EFLAGS_RF);
	if (e->has_error) {
		info |= INTR_INFO_DELIVER_CODE_MASK;
		vmcs_write(VM_ENTRY_EXCEPTION_ERROR_CODE, e->error);
	}
	if (e->insn_len)
		vmcs_write(VM_ENTRY_INSTRUCTION_LEN, e->insn_len);
	write_info(vcpu, info, e->has_error ? e->error : 0);
	e->valid = false;
}

/*
 * A delivery that has begun comes first, also within a step: the exit was not between
 * two instructions. After a change by the VMM the event may have to wait all the same.
 */
static enum event_kind next_asynchronous(struct vcpu *vcpu)
{
	if (vcpu->reinject == EVENT_NMI && nmi_open())
		return EVENT_NMI;
	if (vcpu->reinject == EVENT_IRQ && irq_open())
		return EVENT_IRQ;
	if (event_held(vcpu))
		return EVENT_NONE;
	if (vcpu->nmi_pending && nmi_open())
		return event_trap_pending() ? EVENT_NONE : EVENT_NMI;
	if (event_irq(vcpu) >= 0 && irq_open())
		return event_trap_pending() ? EVENT_NONE : EVENT_IRQ;
	return EVENT_NONE;
}

enum event_kind event_next(struct vcpu *vcpu)
{
	return vcpu->event.valid ? EVENT_EXCEPTION : next_asynchronous(vcpu);
}

/* One that came after the catches were asked has to wait: they are asked of it, too. */
static int take_asked_irq(struct vcpu *vcpu)
{
	bool catching = vcpu->catching & BIT(VMXDBG_CATCH_INTERRUPT);

	return irq_take(vcpu, unlikely(catching) ? vcpu->irqs_caught : NULL);
}

static void inject_asynchronous(struct vcpu *vcpu)
{
	switch (next_asynchronous(vcpu)) {
	case EVENT_NMI:
		write_info(vcpu, X86_TRAP_NMI | INTR_TYPE_NMI_INTR, 0);
		vcpu->nmi_pending--;
		vcpu->nmi_caught = false;
		vcpu->reinject = EVENT_NONE;
		break;
	case EVENT_IRQ:
		if (vcpu->irq < 0)
			vcpu->irq = take_asked_irq(vcpu);
		if (unlikely(vcpu->irq < 0))
			break;
		write_info(vcpu, vcpu->irq | INTR_TYPE_EXT_INTR, 0);
		__clear_bit(vcpu->irq, vcpu->irqs_caught);
		vcpu->irq = -1;
		vcpu->reinject = EVENT_NONE;
		break;
	default:
		break;
	}
}

/* Return: the window exit at which the rest, or the VMM's next interrupt, can enter. */
static u32 windows(struct vcpu *vcpu)
{
	if (event_held(vcpu))
		return 0;
	if (vcpu->nmi_pending)
		return CPU_BASED_NMI_WINDOW_EXITING;
	if (event_irq_waits(vcpu) || event_wants_window(vcpu))
		return CPU_BASED_INTR_WINDOW_EXITING;
	return 0;
}

/* The guest lowers its TPR without an exit, unless an interrupt waits for that. */
static void plan_tpr_exit(struct vcpu *vcpu)
{
	u8 threshold = lapic_tpr_threshold(vcpu);

	if (likely(vcpu->tpr_threshold == threshold))
		return;
	vcpu->tpr_threshold = threshold;
	vmcs_write(TPR_THRESHOLD, threshold);
}

bool event_inject(struct vcpu *vcpu)
{
	u32 ctl = vcpu->proc_ctl & ~(CPU_BASED_INTR_WINDOW_EXITING |
				     CPU_BASED_NMI_WINDOW_EXITING | vcpu->step_ctl);

	if (unlikely(vcpu->event.valid))
		inject_event(vcpu);
	else if (vcpu->nmi_pending || vcpu->irq >= 0 || vcpu->lapic)
		inject_asynchronous(vcpu);
	if (vcpu->tpr_shadow)
		plan_tpr_exit(vcpu);
	if (vapic_is_used(vcpu))
		vapic_put(vcpu);
	ctl |= windows(vcpu);
	if (unlikely(vcpu->stepping))
		ctl |= vcpu->step_ctl;
	if (unlikely(ctl != vcpu->proc_ctl)) {
		vcpu->proc_ctl = ctl;
		vmcs_write(CPU_BASED_VM_EXEC_CONTROL, ctl);
	}
	return vcpu->nmi_pending || event_irq(vcpu) >= 0;
}

static void unblock_nmi(void)
{
	u32 state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);

	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, state & ~GUEST_INTR_STATE_NMI);
}

/*
 * Queue an event again. @info: in the entry field's format; the exit's differs in
 * bit 12.
 */
static void requeue(struct vcpu *vcpu, u32 info, u32 error, u32 insn_len)
{
	set_bit(REQ_ENTRY, &vcpu->requests);
	switch (info & INTR_INFO_INTR_TYPE_MASK) {
	case INTR_TYPE_EXT_INTR:
		vcpu->irq = info & INTR_INFO_VECTOR_MASK;
		vcpu->irq_from = 0;
		__set_bit(vcpu->irq, vcpu->irqs_caught);
		return;
	case INTR_TYPE_NMI_INTR:
		vcpu->nmi_pending = min(vcpu->nmi_pending + 1, VCPU_MAX_NMIS);
		vcpu->nmi_from = 0;
		vcpu->nmi_caught = true;
		return;
	}
	vcpu->event = (struct vcpu_event){
		.valid = true,
		.caught = true,
		.vector = info & INTR_INFO_VECTOR_MASK,
		.type = (info & INTR_INFO_INTR_TYPE_MASK) >> 8,
		.has_error = info & INTR_INFO_DELIVER_CODE_MASK,
		.error = error,
		.insn_len = insn_len,
	};
	/* Only software events have an instruction length (SDM 27.2.1.3). */
	if (vcpu->event.type == INTR_TYPE_HARD_EXCEPTION >> 8)
		vcpu->event.insn_len = 0;
}

/* SDM vol. 3, 28.2.4: the exit interrupted the delivery of an event. */
void event_interrupted(struct vcpu *vcpu, u32 info)
{
	u32 type = info & INTR_INFO_INTR_TYPE_MASK;

	requeue(vcpu, info, vmcs_read32(IDT_VECTORING_ERROR_CODE),
		vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	if (type == INTR_TYPE_EXT_INTR) {
		vcpu->reinject = EVENT_IRQ;
	} else if (type == INTR_TYPE_NMI_INTR) {
		vcpu->reinject = EVENT_NMI;
		unblock_nmi();
	}
}

/*
 * As on a processor: an exception during the delivery of an interrupt ends the
 * delivery, and that of an NMI leaves NMIs blocked. queue() combines exceptions.
 */
void event_superseded(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	u32 state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);

	if (!(info & VECTORING_INFO_VALID_MASK))
		return;
	switch (info & INTR_INFO_INTR_TYPE_MASK) {
	case INTR_TYPE_EXT_INTR:
		vcpu->irq = -1;
		vcpu->reinject = EVENT_NONE;
		break;
	case INTR_TYPE_NMI_INTR:
		vcpu->nmi_pending--;
		vcpu->reinject = EVENT_NONE;
		vmcs_write(GUEST_INTERRUPTIBILITY_INFO, state | GUEST_INTR_STATE_NMI);
		break;
	}
}

/* A failed entry does not clear the field (SDM vol. 3, 27.8). */
void event_take_back(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(VM_ENTRY_INTR_INFO_FIELD);

	if (!(info & INTR_INFO_VALID_MASK))
		return;
	vmcs_write(VM_ENTRY_INTR_INFO_FIELD, 0);
	requeue(vcpu, info, vmcs_read32(VM_ENTRY_EXCEPTION_ERROR_CODE),
		vmcs_read32(VM_ENTRY_INSTRUCTION_LEN));
}
