// SPDX-License-Identifier: MIT
/* State of a vCPU besides the registers with numbers: XCR0, interruptibility, hidden state. */
#include "guest/reg_features.h"

/* struct kvm_vcpu_events.interrupt.shadow */
#ifndef KVM_X86_SHADOW_INT_MOV_SS
#define KVM_X86_SHADOW_INT_MOV_SS	0x01
#define KVM_X86_SHADOW_INT_STI		0x02
#endif

#define BLOCKING_SMI	(1U << 2)

static uint64_t get_interruptibility(const struct vcpu_regs *regs)
{
	const struct kvm_vcpu_events *e = &regs->events;

	return (e->interrupt.shadow & KVM_X86_SHADOW_INT_STI ? VMXDBG_BLOCKING_STI : 0) |
	       (e->interrupt.shadow & KVM_X86_SHADOW_INT_MOV_SS ? VMXDBG_BLOCKING_MOV_SS : 0) |
	       ((e->flags & KVM_VCPUEVENT_VALID_SMM) && e->smi.smm ? BLOCKING_SMI : 0) |
	       (e->nmi.masked ? VMXDBG_BLOCKING_NMI : 0);
}

/* Nothing but system-management mode blocks SMIs, and that is not entered by a bit. */
static void put_interruptibility(struct vcpu_regs *regs, const struct reg *reg,
				 uint64_t value)
{
	struct kvm_vcpu_events *e = &regs->events;

	e->interrupt.shadow = (value & VMXDBG_BLOCKING_STI ? KVM_X86_SHADOW_INT_STI : 0) |
			      (value & VMXDBG_BLOCKING_MOV_SS ? KVM_X86_SHADOW_INT_MOV_SS : 0);
	e->flags |= KVM_VCPUEVENT_VALID_SHADOW;
	e->nmi.masked = !!(value & VMXDBG_BLOCKING_NMI);
}

static uint64_t get_xcr0(const struct vcpu_regs *regs)
{
	unsigned int i;

	for (i = 0; i < regs->xcrs.nr_xcrs && i < KVM_MAX_XCRS; i++)
		if (!regs->xcrs.xcrs[i].xcr)
			return regs->xcrs.xcrs[i].value;
	return 0;
}

static void put_xcr0(struct vcpu_regs *regs, const struct reg *reg, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < regs->xcrs.nr_xcrs && i < KVM_MAX_XCRS; i++)
		if (!regs->xcrs.xcrs[i].xcr)
			regs->xcrs.xcrs[i].value = value;
}

#define COMMON(n, b, t)								\
	.name = n, .bits = b, .type = t, .group = "system", .transient = true

#define HIDDEN(n, b, t, why, member)					\
	{ COMMON(n, b, t), .sets = SET_HIDDEN, .read_only = why, PLACE(hidden.member) }

#define PDPTR(i)							\
	HIDDEN("pdptr" #i, 64, "uint64", "a load of CR3 loads it from memory", pdptrs[i])

static const struct reg state[] = {
	{ COMMON("xcr0", 32, "vmxdbg_xcr0"), .sets = SET_XCRS,
	  .written = VMXDBG_REGS_XCRS, .get = get_xcr0, .put = put_xcr0 },
	{ COMMON("apic_base", 64, "vmxdbg_apic_base"), .sets = SET_SYSTEM,
	  .written = VMXDBG_REGS_SYSTEM, PLACE(system.apic_base) },
	{ COMMON("interruptibility", 32, "vmxdbg_interruptibility"), .sets = SET_EVENTS,
	  .written = VMXDBG_REGS_EVENTS, .get = get_interruptibility,
	  .put = put_interruptibility,
	  .mask = VMXDBG_BLOCKING_STI | VMXDBG_BLOCKING_MOV_SS | VMXDBG_BLOCKING_NMI },
	HIDDEN("activity", 32, "vmxdbg_activity", "instructions and events change it", activity),
	HIDDEN("pending_dbg", 32, "vmxdbg_pending_dbg", "steps and breakpoints make it",
	       pending_debug),
	PDPTR(0), PDPTR(1), PDPTR(2), PDPTR(3),
	HIDDEN("tsc_offset", 64, "int64", "write tsc instead", tsc_offset),
};

static const char state_types[] =
	FLAGS("vmxdbg_xcr0", 4)
	BIT_FIELD("X87", 0) BIT_FIELD("SSE", 1) BIT_FIELD("AVX", 2)
	BIT_FIELD("BNDREGS", 3) BIT_FIELD("BNDCSR", 4) BIT_FIELD("OPMASK", 5)
	BIT_FIELD("ZMM_HI", 6) BIT_FIELD("HI_ZMM", 7) BIT_FIELD("PKRU", 9)
	BIT_FIELD("TILECFG", 17) BIT_FIELD("TILEDATA", 18)
	END_FLAGS
	FLAGS("vmxdbg_apic_base", 8)
	BIT_FIELD("BSP", 8) BIT_FIELD("EXTD", 10) BIT_FIELD("EN", 11) FIELD("PAGE", 12, 51)
	END_FLAGS
	FLAGS("vmxdbg_interruptibility", 4)
	BIT_FIELD("STI", 0) BIT_FIELD("MOV_SS", 1) BIT_FIELD("SMI", 2) BIT_FIELD("NMI", 3)
	END_FLAGS
	"<enum id=\"vmxdbg_activity\" size=\"4\">"
	"<evalue name=\"ACTIVE\" value=\"0\"/>"
	"<evalue name=\"HLT\" value=\"1\"/>"
	"<evalue name=\"SHUTDOWN\" value=\"2\"/>"
	"</enum>"
	FLAGS("vmxdbg_pending_dbg", 4)
	BIT_FIELD("B0", 0) BIT_FIELD("B1", 1) BIT_FIELD("B2", 2) BIT_FIELD("B3", 3)
	BIT_FIELD("ENABLED", 12) BIT_FIELD("BS", 14) BIT_FIELD("RTM", 16)
	END_FLAGS;

const struct feature reg_state = {
	.name = "org.vmxdbg.state", .types = state_types, .single = true, REGS(state),
};
