// SPDX-License-Identifier: GPL-2.0-only
/* The registers of a local APIC (SDM vol. 3, 11.4, 11.12), with the values that KVM's have. */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kvm.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/mce.h>

#include "irq/eoi.h"
#include "irq/lapic.h"
#include "irq/lapic_deliver.h"
#include "irq/lapic_irr.h"
#include "irq/lapic_regs.h"
#include "irq/lapic_timer.h"
#include "irq/vapic.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmcs_slot.h"
#include "vmxdbg.h"

#define VERSION		0x14
#define REG_END		0x400

#define SPIV_WRITABLE	0x3ff
#define ICR2_WRITABLE	0xff000000
#define TDCR_WRITABLE	0xb

#define LVT_ALWAYS	(APIC_LVT_MASKED | APIC_SEND_PENDING | APIC_VECTOR_MASK)
#define LVT_MODE	APIC_DM_FIXED_MASK
#define LVT_PIN		(APIC_INPUT_POLARITY | APIC_LVT_REMOTE_IRR | APIC_LVT_LEVEL_TRIGGER)

/* Writable bits of the LVT. LVTT has modes of the timer, too: lapic->lvtt_modes. */
static const u32 lvt_writable[LAPIC_LVTS] = {
	LVT_ALWAYS,
	LVT_ALWAYS | LVT_MODE,
	LVT_ALWAYS | LVT_MODE,
	LVT_ALWAYS | LVT_MODE | LVT_PIN,
	LVT_ALWAYS | LVT_MODE | LVT_PIN,
	LVT_ALWAYS,
	LVT_ALWAYS | LVT_MODE,
};

static unsigned int nr_lvts(const struct vcpu *vcpu)
{
	return vcpu->mce.cap & MCG_CMCI_P ? LAPIC_LVTS : LAPIC_CMCI;
}

/* ---- read ---- */

/* Bit n: the register at 0x10 * n can be read in both modes. ISR, TMR and IRR have 8 each. */
#define READABLE(reg)	BIT_ULL((reg) >> 4)
#define READABLE_ALWAYS	(READABLE(APIC_ID) | READABLE(APIC_LVR) | READABLE(APIC_TASKPRI) | \
			 READABLE(APIC_PROCPRI) | READABLE(APIC_LDR) | READABLE(APIC_SPIV) | \
			 GENMASK_ULL(0x27, 0x10) | READABLE(APIC_ESR) | READABLE(APIC_ICR) | \
			 READABLE(APIC_LVTT) | READABLE(APIC_LVTTHMR) | READABLE(APIC_LVTPC) | \
			 READABLE(APIC_LVT0) | READABLE(APIC_LVT1) | READABLE(APIC_LVTERR) | \
			 READABLE(APIC_TMICT) | READABLE(APIC_TMCCT) | READABLE(APIC_TDCR))
#define READABLE_XAPIC	(READABLE(APIC_ARBPRI) | READABLE(APIC_DFR) | READABLE(APIC_ICR2))

/* The VMM may want to patch this instruction of its guest. */
static void note_tpr_access(struct vcpu *vcpu, bool write)
{
	struct lapic *lapic = vcpu->lapic;

	if (likely(!lapic->tpr.on))
		return;
	vmcs_get(&vcpu->vmcs);
	lapic->tpr.rip = vmcs_read(GUEST_RIP);
	vmcs_put();
	lapic->tpr.is_write = write;
	set_bit(REQ_TPR, &vcpu->requests);
}

/* @guest: by an instruction */
static int lapic_read(struct vcpu *vcpu, u32 reg, u32 *val, bool guest)
{
	u64 readable = READABLE_ALWAYS;

	if (!lapic_is_x2apic(vcpu))
		readable |= READABLE_XAPIC;
	if (nr_lvts(vcpu) > LAPIC_CMCI)
		readable |= READABLE(APIC_LVTCMCI);
	if (!(readable & READABLE(reg)))
		return -EINVAL;
	if (reg == APIC_TASKPRI && guest)
		note_tpr_access(vcpu, false);
	if (reg == APIC_TMCCT)
		*val = lapic_timer_count(vcpu->lapic);
	else if (reg == APIC_PROCPRI)
		*val = lapic_update_ppr(vcpu->lapic);
	else
		*val = lapic_reg(vcpu->lapic, reg);
	return 0;
}

/* ---- write ---- */

/* Interrupts that were blocked by priority may enter. */
static void lapic_unblocked(struct vcpu *vcpu)
{
	set_bit(REQ_ENTRY, &vcpu->requests);
}

static void set_tpr(struct vcpu *vcpu, u32 tpr)
{
	lapic_set_reg(vcpu->lapic, APIC_TASKPRI, tpr);
	lapic_update_ppr(vcpu->lapic);
	vapic_is_due(vcpu);
	lapic_unblocked(vcpu);
}

static void end_of_interrupt(struct vcpu *vcpu)
{
	int vector = lapic_end(vcpu->lapic);

	if (vector < 0)
		return;
	lapic_unblocked(vcpu);
	if (unlikely(test_bit(vector, vcpu->vm->irq.eoi_vectors)))
		irq_end_of_interrupt(vcpu, vector);
}

static void set_spiv(struct vcpu *vcpu, u32 val)
{
	struct lapic *lapic = vcpu->lapic;
	u32 writable = SPIV_WRITABLE;
	unsigned int i;

	if (lapic_reg(lapic, APIC_LVR) & APIC_LVR_DIRECTED_EOI)
		writable |= APIC_SPIV_DIRECTED_EOI;
	lapic_set_reg(lapic, APIC_SPIV, val & writable);
	if (val & APIC_SPIV_APIC_ENABLED)
		return;
	for (i = 0; i < nr_lvts(vcpu); i++)
		lapic_set_reg(lapic, LAPIC_LVT(i),
			      lapic_reg(lapic, LAPIC_LVT(i)) | APIC_LVT_MASKED);
}

static void lint0_changed(struct vcpu *vcpu)
{
	u32 mode = lapic_reg(vcpu->lapic, APIC_LVT0) & APIC_DM_FIXED_MASK;

	if (mode == APIC_DM_NMI)
		WRITE_ONCE(vcpu->vm->irq.lint0_nmi, true);
	lapic_unblocked(vcpu);	/* a PIC's interrupt may wait */
}

static int set_lvt(struct vcpu *vcpu, u32 reg, u32 val)
{
	u32 nr = reg == APIC_LVTCMCI ? LAPIC_CMCI : (reg - APIC_LVTT) >> 4;
	struct lapic *lapic = vcpu->lapic;
	u32 old = lapic_reg(lapic, reg);

	if (nr >= nr_lvts(vcpu))
		return -EINVAL;
	nr = array_index_nospec(nr, LAPIC_LVTS);

	if (!(lapic_reg(lapic, APIC_SPIV) & APIC_SPIV_APIC_ENABLED))
		val |= APIC_LVT_MASKED;
	val &= lvt_writable[nr] | (reg == APIC_LVTT ? lapic->lvtt_modes : 0);
	lapic_set_reg(lapic, reg, val);
	if (reg == APIC_LVTT)
		lapic_timer_mode(lapic, old);
	else if (reg == APIC_LVT0)
		lint0_changed(vcpu);
	return 0;
}

static void send_ipi(struct vcpu *vcpu, u32 icr, u32 dest)
{
	struct irq_message msg = {
		.dest = dest,
		.vector = icr & APIC_VECTOR_MASK,
		.mode = icr >> 8 & 7,
		.shorthand = icr >> 18 & 3,
		.logical = icr & APIC_DEST_LOGICAL,
		.level = icr & APIC_INT_LEVELTRIG,
		.assert = icr & APIC_INT_ASSERT,
		.from = IRQ_FROM(VMXDBG_FROM_IPI, vcpu->id),
	};

	BUILD_BUG_ON(order_base_2(VCPU_IDS) > 12);	/* IRQ_FROM() */
	lapic_deliver(vcpu->vm, vcpu, &msg);
}

static void set_icr(struct vcpu *vcpu, u32 val)
{
	struct lapic *lapic = vcpu->lapic;

	val &= ~APIC_ICR_BUSY;
	lapic_set_reg(lapic, APIC_ICR, val);
	send_ipi(vcpu, val, lapic_reg(lapic, APIC_ICR2) >> 24);
}

static void set_xapic_id(struct vcpu *vcpu, u32 id)
{
	lapic_set_reg(vcpu->lapic, APIC_ID, id << 24);
	if (id != (u8)vcpu->id)
		WRITE_ONCE(vcpu->vm->irq.ids_changed, true);
}

/* Registers that only xAPIC mode lets the guest write */
static int write_xapic(struct vcpu *vcpu, u32 reg, u32 val)
{
	struct lapic *lapic = vcpu->lapic;

	if (lapic_is_x2apic(vcpu))
		return -EINVAL;
	switch (reg) {
	case APIC_ID:
		set_xapic_id(vcpu, val >> 24);
		return 0;
	case APIC_LDR:
		lapic_set_reg(lapic, APIC_LDR, val & APIC_LDR_MASK);
		return 0;
	case APIC_DFR:
		lapic_set_reg(lapic, APIC_DFR, val | 0x0fffffff);
		return 0;
	case APIC_ICR:
		set_icr(vcpu, val);
		return 0;
	default:
		lapic_set_reg(lapic, APIC_ICR2, val & ICR2_WRITABLE);
		return 0;
	}
}

static int self_ipi(struct vcpu *vcpu, u32 val)
{
	if (!lapic_is_x2apic(vcpu) || (val & ~APIC_VECTOR_MASK))
		return -EINVAL;
	send_ipi(vcpu, APIC_DEST_SELF | val, 0);
	return 0;
}

static int lapic_write(struct vcpu *vcpu, u32 reg, u32 val, bool guest)
{
	struct lapic *lapic = vcpu->lapic;
	u32 old;

	switch (reg) {
	case APIC_TASKPRI:
		if (guest)
			note_tpr_access(vcpu, true);
		set_tpr(vcpu, val & 0xff);
		return 0;
	case APIC_EOI:
		end_of_interrupt(vcpu);
		return 0;
	case APIC_ID:
	case APIC_LDR:
	case APIC_DFR:
	case APIC_ICR:
	case APIC_ICR2:
		return write_xapic(vcpu, reg, val);
	case APIC_SPIV:
		set_spiv(vcpu, val);
		return 0;
	case APIC_LVTT:
	case APIC_LVTTHMR:
	case APIC_LVTPC:
	case APIC_LVT0:
	case APIC_LVT1:
	case APIC_LVTERR:
	case APIC_LVTCMCI:
		return set_lvt(vcpu, reg, val);
	case APIC_TMICT:
		if (LVTT_MODE(lapic_reg(lapic, APIC_LVTT)) == LVTT_DEADLINE)
			return 0;
		lapic_set_reg(lapic, APIC_TMICT, val);
		lapic_timer_start(lapic, val);
		return 0;
	case APIC_TDCR:
		old = lapic_reg(lapic, APIC_TDCR);
		lapic_set_reg(lapic, APIC_TDCR, val & TDCR_WRITABLE);
		lapic_timer_divide(lapic, old);
		return 0;
	case APIC_ESR:		/* no errors are noted */
		return lapic_is_x2apic(vcpu) && val ? -EINVAL : 0;
	case LAPIC_SELF_IPI:
		return self_ipi(vcpu, val);
	default:
		return -EINVAL;
	}
}

/* ---- the ways to the registers ---- */

static void mmio_read(struct vcpu *vcpu, u32 offset, void *data, unsigned int len)
{
	unsigned int at = offset & 3;
	u32 val = 0;

	memset(data, 0, len);
	/* An access across the bytes of a register is undefined (SDM vol. 3, 11.4.1). */
	if (at + len > sizeof(val) || (offset & 0xc) || lapic_read(vcpu, offset & ~0xf, &val, true))
		return;
	memcpy(data, (u8 *)&val + at, len);
}

static void mmio_write(struct vcpu *vcpu, u32 offset, const void *data, unsigned int len)
{
	u32 val;

	if (len != sizeof(val) || (offset & 0xf))
		return;
	memcpy(&val, data, sizeof(val));
	lapic_write(vcpu, offset, val, true);
}

void lapic_mmio(struct vcpu *vcpu, u64 gpa, void *data, unsigned int len, bool write)
{
	u32 offset = offset_in_page(gpa);

	if (offset >= REG_END) {
		if (!write)
			memset(data, 0, len);
	} else if (write) {
		mmio_write(vcpu, offset, data, len);
	} else {
		mmio_read(vcpu, offset, data, len);
	}
}

static int set_x2apic_icr(struct vcpu *vcpu, u64 val)
{
	if (val & LAPIC_ICR_RESERVED)
		return -EINVAL;
	val &= ~(u64)APIC_ICR_BUSY;
	lapic_set_reg(vcpu->lapic, APIC_ICR, val);
	lapic_set_reg(vcpu->lapic, APIC_ICR2, val >> 32);
	send_ipi(vcpu, val, val >> 32);
	return 0;
}

int lapic_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	u32 reg = (index - APIC_BASE_MSR) << 4, low;
	struct lapic *lapic = vcpu->lapic;
	int r;

	if (index == MSR_IA32_TSC_DEADLINE) {
		*val = lapic_timer_deadline(lapic);
		return 0;
	}
	if (!lapic_is_x2apic(vcpu) || reg >= REG_END)
		return -EINVAL;
	r = lapic_read(vcpu, reg, &low, !host);
	if (r)
		return r;
	*val = low;
	if (reg == APIC_ICR)
		*val |= (u64)lapic_reg(lapic, APIC_ICR2) << 32;
	return 0;
}

int lapic_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	u32 reg = (index - APIC_BASE_MSR) << 4;

	if (index == MSR_IA32_TSC_DEADLINE) {
		lapic_timer_set_deadline(vcpu->lapic, val);
		return 0;
	}
	if (!lapic_is_x2apic(vcpu) || reg >= REG_END)
		return -EINVAL;
	if (reg == APIC_ICR)
		return set_x2apic_icr(vcpu, val);
	return val >> 32 ? -EINVAL : lapic_write(vcpu, reg, val, !host);
}

u8 lapic_cr8(const struct vcpu *vcpu)
{
	return lapic_reg(vcpu->lapic, APIC_TASKPRI) >> 4 & 0xf;
}

void lapic_set_cr8(struct vcpu *vcpu, u8 cr8)
{
	set_tpr(vcpu, cr8 << 4);
}

/* ---- modes, RESET and INIT ---- */

/* SDM vol. 3, 11.12.10.2 */
static u32 x2apic_ldr(u32 id)
{
	return id >> 4 << 16 | 1 << (id & 0xf);
}

static void set_version(struct vcpu *vcpu)
{
	u32 version = VERSION | (nr_lvts(vcpu) - 1) << 16;

	/* KVM's I/O APIC has no EOI register. */
	if (vcpu->x2apic && vcpu->vm->irq.mode == IRQ_SPLIT)
		version |= APIC_LVR_DIRECTED_EOI;
	lapic_set_reg(vcpu->lapic, APIC_LVR, version);
}

void lapic_lvts_changed(struct vcpu *vcpu)
{
	if (nr_lvts(vcpu) > LAPIC_CMCI)
		lapic_set_reg(vcpu->lapic, APIC_LVTCMCI, APIC_LVT_MASKED);
	set_version(vcpu);
}

void lapic_cpuid_changed(struct vcpu *vcpu)
{
	u32 modes = vcpu->tsc_deadline ? 3 : 1;

	vcpu->lapic->lvtt_modes = modes << 17;
	set_version(vcpu);
}

void lapic_base_changed(struct vcpu *vcpu, u64 old)
{
	u64 now = vcpu->apic_base, changed = old ^ now;
	struct lapic *lapic = vcpu->lapic;

	/* A VMM's change from x2APIC mode to xAPIC mode may leave out that it is off between. */
	if ((now & MSR_IA32_APICBASE_ENABLE) &&
	    ((changed & MSR_IA32_APICBASE_ENABLE) || (changed & old & X2APIC_ENABLE)))
		set_xapic_id(vcpu, (u8)vcpu->id);
	if (changed & now & X2APIC_ENABLE) {
		lapic_set_reg(lapic, APIC_ID, vcpu->id);
		lapic_set_reg(lapic, APIC_LDR, x2apic_ldr(vcpu->id));
	}
	if (changed)
		lapic_unblocked(vcpu);
}

static void clear_sets(struct lapic *lapic)
{
	unsigned int i;

	for (i = 0; i < IRQ_VECTORS / 32; i++) {
		lapic_set_reg(lapic, APIC_IRR + 0x10 * i, 0);
		lapic_set_reg(lapic, APIC_ISR + 0x10 * i, 0);
		lapic_set_reg(lapic, APIC_TMR + 0x10 * i, 0);
	}
}

/* The vCPU that boots takes the PIC's interrupts from the start, as in KVM, unless told. */
static void reset_lvts(struct vcpu *vcpu)
{
	struct lapic *lapic = vcpu->lapic;
	unsigned int i;

	for (i = 0; i < nr_lvts(vcpu); i++)
		lapic_set_reg(lapic, LAPIC_LVT(i), APIC_LVT_MASKED);
	if (vcpu->id == vcpu->vm->irq.bsp &&
	    vm_has_quirk(vcpu->vm, KVM_X86_QUIRK_LINT0_REENABLED))
		lapic_set_reg(lapic, APIC_LVT0, APIC_DM_EXTINT);
}

static void reset_timer(struct lapic *lapic)
{
	lapic_timer_stop(lapic);
	lapic->timer.period = 0;
	lapic->timer.deadline = 0;
	lapic_set_reg(lapic, APIC_TDCR, 0);
	lapic_set_reg(lapic, APIC_TMICT, 0);
}

void lapic_reset(struct vcpu *vcpu, bool init)
{
	struct lapic *lapic = vcpu->lapic;

	reset_timer(lapic);
	if (!init)
		set_xapic_id(vcpu, (u8)vcpu->id);
	lapic_cpuid_changed(vcpu);
	reset_lvts(vcpu);
	lapic_set_reg(lapic, APIC_DFR, 0xffffffff);
	lapic_set_reg(lapic, APIC_SPIV, 0xff);
	lapic_set_reg(lapic, APIC_TASKPRI, 0);
	if (!lapic_is_x2apic(vcpu))
		lapic_set_reg(lapic, APIC_LDR, 0);
	lapic_set_reg(lapic, APIC_ESR, 0);
	lapic_set_reg(lapic, APIC_ICR, 0);
	lapic_set_reg(lapic, APIC_ICR2, 0);
	clear_sets(lapic);
	lapic_irr_refresh(lapic);
	lapic->turns = 0;
	vapic_reset(lapic);
	lapic_unblocked(vcpu);		/* TPR is below the threshold of its last value */
}

int lapic_create(struct vcpu *vcpu)
{
	struct lapic *lapic = kzalloc(sizeof(*lapic), GFP_KERNEL_ACCOUNT);

	if (!lapic)
		return -ENOMEM;
	lapic->regs = (u8 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!lapic->regs) {
		kfree(lapic);
		return -ENOMEM;
	}
	lapic->vcpu = vcpu;
	lapic->extint = -1;
	lapic_timer_init(lapic);
	vcpu->lapic = lapic;
	return 0;
}

void lapic_free(struct vcpu *vcpu)
{
	struct lapic *lapic = vcpu->lapic;

	if (!lapic)
		return;
	lapic_timer_stop(lapic);
	vapic_free(lapic);
	free_page((unsigned long)lapic->regs);
	kfree(lapic);
}

/* ---- KVM_GET_LAPIC and KVM_SET_LAPIC ---- */

static u32 *state_reg(struct kvm_lapic_state *state, u32 reg)
{
	return (u32 *)(state->regs + reg);
}

/* An x2APIC's id is in bits 31:24 for a VMM that has not asked for all of it. */
int lapic_get_state(struct vcpu *vcpu, struct kvm_lapic_state *state)
{
	u32 *id = state_reg(state, APIC_ID);

	BUILD_BUG_ON(sizeof(state->regs) != REG_END);
	lapic_update_ppr(vcpu->lapic);	/* the guest may have written TPR without an exit */
	memcpy(state->regs, vcpu->lapic->regs, REG_END);
	*state_reg(state, APIC_TMCCT) = lapic_timer_count(vcpu->lapic);
	if (!lapic_is_x2apic(vcpu))
		return 0;
	if (!vcpu->vm->irq.wide_ids)
		*id <<= 24;
	else if (*id != vcpu->id)
		return -EINVAL;
	return 0;
}

static int check_id(struct vcpu *vcpu, struct kvm_lapic_state *state)
{
	u32 *id = state_reg(state, APIC_ID);

	if (lapic_is_x2apic(vcpu)) {
		if (!vcpu->vm->irq.wide_ids)
			*id = vcpu->id;		/* read-only, but old VMMs may have another */
		else if (*id != vcpu->id)
			return -EINVAL;
		*state_reg(state, APIC_LDR) = x2apic_ldr(*id);
	}
	return 0;
}

static void restart_timer(struct vcpu *vcpu)
{
	struct lapic *lapic = vcpu->lapic;
	u32 left = lapic_reg(lapic, APIC_TMCCT);

	lapic_set_reg(lapic, APIC_TMCCT, 0);
	lapic_timer_stop(lapic);
	lapic->timer.period = 0;
	if (LVTT_MODE(lapic_reg(lapic, APIC_LVTT)) == LVTT_DEADLINE)
		lapic_timer_set_deadline(lapic, lapic->timer.deadline);
	else
		lapic_timer_restore(lapic, left);
}

int lapic_set_state(struct vcpu *vcpu, struct kvm_lapic_state *state)
{
	struct lapic *lapic = vcpu->lapic;
	int r = check_id(vcpu, state);

	if (r)
		return r;
	lapic_timer_stop(lapic);
	memcpy(lapic->regs, state->regs, REG_END);
	if (lapic_reg(lapic, APIC_ID) >> (lapic_is_x2apic(vcpu) ? 0 : 24) != vcpu->id)
		WRITE_ONCE(vcpu->vm->irq.ids_changed, true);
	lapic_cpuid_changed(vcpu);
	lapic_irr_refresh(lapic);
	restart_timer(vcpu);
	lapic->turns = 0;
	vapic_is_due(vcpu);
	lint0_changed(vcpu);
	return 0;
}
