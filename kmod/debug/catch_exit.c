// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event catches at VM exits, VM entries and MMIO. When no catch stops the vCPU, the
 * exit's handler completes the instruction. If the exit is there only for catches, the
 * guest executes the instruction itself with the catches off (STEP_CATCH).
 */
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/catch.h"
#include "debug/catch_apic.h"
#include "debug/catch_exit.h"
#include "debug/dbg_object.h"
#include "insn/insn.h"
#include "insn/insn_execute.h"
#include "irq/types.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/msr.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vcpu/types.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/* Instruction information of LGDT and the like (SDM vol. 3, tables 28-10, 28-11) */
#define INFO_SCALE(i)	((i) & 3)
#define INFO_REG1(i)	((i) >> 3 & 0xf)
#define INFO_ADDR(i)	((i) >> 7 & 7)		/* 16, 32, 64 bits */
#define INFO_IS_REG	BIT(10)			/* LLDT and the like only */
#define INFO_SEG(i)	((i) >> 15 & 7)
#define INFO_INDEX(i)	((i) >> 18 & 0xf)
#define INFO_NO_INDEX	BIT(22)
#define INFO_BASE(i)	((i) >> 23 & 0xf)
#define INFO_NO_BASE	BIT(27)
#define INFO_INSN(i)	((i) >> 28 & 3)

/* ---- the event of an exit ---- */

static bool what_io(struct vcpu *vcpu, struct catch_what *w)
{
	u64 qual = vmcs_read(EXIT_QUALIFICATION);

	w->type = VMXDBG_CATCH_IO;
	w->key = IO_QUAL_PORT(qual);
	w->filter = qual & IO_QUAL_IN ? VMXDBG_CATCH_READ : VMXDBG_CATCH_WRITE;
	w->data[0] = w->key;
	w->data[1] = IO_QUAL_SIZE(qual);
	w->data[2] = w->filter;
	if (qual & IO_QUAL_STRING)
		w->data[3] = vmcs_read(GUEST_LINEAR_ADDRESS);
	else if (!(qual & IO_QUAL_IN))
		w->data[3] = vcpu->regs[GPR_RAX] & GENMASK(8 * IO_QUAL_SIZE(qual) - 1, 0);
	return true;
}

static bool what_msr(struct vcpu *vcpu, struct catch_what *w, bool write)
{
	w->type = VMXDBG_CATCH_MSR;
	w->key = (u32)vcpu->regs[GPR_RCX];
	w->filter = write ? VMXDBG_CATCH_WRITE : VMXDBG_CATCH_READ;
	w->data[0] = w->key;
	w->data[1] = w->filter;
	if (write)
		w->data[2] = (u32)vcpu->regs[GPR_RAX] | vcpu->regs[GPR_RDX] << 32;
	return true;
}

static u64 cr_now(struct vcpu *vcpu, unsigned int nr)
{
	switch (nr) {
	case 0:
		return vcpu_cr0(vcpu);
	case 3:
		return vmcs_read(GUEST_CR3);
	case 4:
		return vcpu_cr4(vcpu);
	default:
		return vcpu_cr8(vcpu);
	}
}

static bool what_cr(struct vcpu *vcpu, struct catch_what *w)
{
	unsigned int nr;

	vcpu->exit_qual = vmcs_read(EXIT_QUALIFICATION);
	if (!control_written(vcpu, &nr, &w->data[1]))
		return false;
	w->type = VMXDBG_CATCH_CR;
	w->key = nr;
	w->data[0] = nr;
	w->data[2] = cr_now(vcpu, nr);
	return true;
}

static bool what_cpuid(struct vcpu *vcpu, struct catch_what *w)
{
	w->type = VMXDBG_CATCH_CPUID;
	w->key = (u32)vcpu->regs[GPR_RAX];
	w->data[0] = w->key;
	w->data[1] = (u32)vcpu->regs[GPR_RCX];
	return true;
}

static bool what_vmcall(struct vcpu *vcpu, struct catch_what *w)
{
	w->type = VMXDBG_CATCH_VMCALL;
	w->key = vcpu->regs[GPR_RAX];
	w->data[0] = w->key;
	w->data[1] = vcpu->regs[GPR_RBX];
	w->data[2] = vcpu->regs[GPR_RCX];
	w->data[3] = vcpu->regs[GPR_RDX];
	return true;
}

/* The exit qualification is the displacement (SDM vol. 3, 28.2.5). */
static u64 operand_address(struct vcpu *vcpu, u32 info)
{
	unsigned int bits = 16 << INFO_ADDR(info);
	u64 addr = vmcs_read(EXIT_QUALIFICATION);

	if (!(info & INFO_NO_BASE))
		addr += vcpu_gpr(vcpu, INFO_BASE(info));
	if (!(info & INFO_NO_INDEX))
		addr += vcpu_gpr(vcpu, INFO_INDEX(info)) << INFO_SCALE(info);
	if (bits < 64)
		addr &= BIT_ULL(bits) - 1;
	return vcpu_linear(vcpu, INFO_SEG(info), addr);
}

static bool what_table(struct vcpu *vcpu, struct catch_what *w, bool small)
{
	static const u8 keys[2][4] = {
		{ VMXDBG_TABLE_SGDT, VMXDBG_TABLE_SIDT, VMXDBG_TABLE_LGDT, VMXDBG_TABLE_LIDT },
		{ VMXDBG_TABLE_SLDT, VMXDBG_TABLE_STR, VMXDBG_TABLE_LLDT, VMXDBG_TABLE_LTR },
	};
	u32 info = vmcs_read32(VMX_INSTRUCTION_INFO);

	w->type = VMXDBG_CATCH_TABLE;
	w->key = keys[small][INFO_INSN(info)];
	w->data[0] = w->key;
	if (small && (info & INFO_IS_REG)) {
		w->data[2] = 1;
		w->data[3] = (u16)vcpu_gpr(vcpu, INFO_REG1(info));
	} else {
		w->data[1] = operand_address(vcpu, info);
	}
	return true;
}

static bool what_plain(struct catch_what *w, u32 type, u64 key)
{
	w->type = type;
	w->key = key;
	w->data[0] = key;
	return true;
}

static bool what_is(struct vcpu *vcpu, struct catch_what *w)
{
	switch (vcpu->exit_reason) {
	case EXIT_REASON_IO_INSTRUCTION:
		return what_io(vcpu, w);
	case EXIT_REASON_MSR_READ:
		return what_msr(vcpu, w, false);
	case EXIT_REASON_MSR_WRITE:
		return what_msr(vcpu, w, true);
	case EXIT_REASON_CR_ACCESS:
		return what_cr(vcpu, w);
	case EXIT_REASON_CPUID:
		return what_cpuid(vcpu, w);
	case EXIT_REASON_RDTSC:
		return what_plain(w, VMXDBG_CATCH_RDTSC, 0);
	case EXIT_REASON_RDTSCP:
		return what_plain(w, VMXDBG_CATCH_RDTSC, 1);
	case EXIT_REASON_HLT:
		return what_plain(w, VMXDBG_CATCH_HLT, 0);
	case EXIT_REASON_VMCALL:
		return what_vmcall(vcpu, w);
	case EXIT_REASON_GDTR_IDTR:
		return what_table(vcpu, w, false);
	case EXIT_REASON_LDTR_TR:
		return what_table(vcpu, w, true);
	default:
		return false;
	}
}

/* ---- instructions ---- */

/* Does it exit only for catches? Then no handler emulates it. */
static bool exits_for_catch(const struct catch_what *w)
{
	switch (w->type) {
	case VMXDBG_CATCH_RDTSC:
	case VMXDBG_CATCH_TABLE:
		return true;
	case VMXDBG_CATCH_MSR:
		return msr_passes(w->key, w->filter == VMXDBG_CATCH_WRITE);
	default:
		return false;
	}
}

bool catch_exit(struct vcpu *vcpu, int *r)
{
	struct catch_what what[2] = { };
	unsigned int nr = 0;

	vcpu->entry_caught = false;
	vcpu->reset_caught = false;
	if (what_is(vcpu, &what[0]) && (vcpu->catching & BIT(what[0].type)))
		nr++;
	if (unlikely(vcpu->catching & CATCH_APIC))
		nr += catch_apic_exit(vcpu, &what[nr]);
	if (!nr)
		return false;
	*r = RUN_RESUME;
	switch (catch_ask_all(vcpu, what, nr)) {
	case HIT_STOP:
		vcpu->caught = true;
		return true;
	case HIT_RETRY:
		*r = RUN_RETRY;		/* the guest repeats the instruction, and it exits again */
		return true;
	default:
		break;
	}
	if (!exits_for_catch(&what[0]))
		return false;
	vcpu->stepping |= STEP_CATCH;
	set_bit(REQ_ENTRY, &vcpu->requests);
	return true;
}

/* ---- events to inject ---- */

void catch_exception(struct vcpu *vcpu, u32 info)
{
	u8 vector = info & INTR_INFO_VECTOR_MASK;
	u32 error = vmcs_read32(VM_EXIT_INTR_ERROR_CODE);

	event_superseded(vcpu);
	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_SOFT_EXCEPTION)
		vcpu_raise_soft(vcpu, vector, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	else if (vector == PF_VECTOR)
		vcpu_raise_pf(vcpu, vmcs_read(EXIT_QUALIFICATION), error);
	else if (info & INTR_INFO_DELIVER_CODE_MASK)
		vcpu_raise_error(vcpu, vector, error);
	else
		vcpu_raise(vcpu, vector);
}

static bool what_exception(struct vcpu *vcpu, struct catch_what *w)
{
	const struct vcpu_event *e = &vcpu->event;

	if (e->caught || e->type == INTR_TYPE_SOFT_INTR >> 8)
		return false;
	what_plain(w, VMXDBG_CATCH_EXCEPTION, e->vector);
	w->data[1] = e->has_error ? e->error : 0;
	w->data[2] = e->vector == PF_VECTOR ? vcpu->cr2 : 0;
	w->data[3] = e->has_error;
	return true;
}

static bool what_interrupt(struct catch_what *w, u8 vector, u32 from)
{
	u32 who = IRQ_FROM_WHO(from) ?: VMXDBG_FROM_UNKNOWN;

	what_plain(w, VMXDBG_CATCH_INTERRUPT, vector);
	w->filter = who;
	w->data[1] = who;
	w->data[2] = IRQ_FROM_NR(from);
	return true;
}

static bool what_irq(struct vcpu *vcpu, struct catch_what *w)
{
	int vector = event_irq(vcpu);

	/* A controller may have withdrawn it. */
	if (vector < 0 || test_bit(vector, vcpu->irqs_caught))
		return false;
	return what_interrupt(w, vector, event_irq_from(vcpu, vector));
}

static bool what_enters(struct vcpu *vcpu, struct catch_what *w)
{
	switch (event_next(vcpu)) {
	case EVENT_EXCEPTION:
		return what_exception(vcpu, w);
	case EVENT_NMI:
		return !vcpu->nmi_caught &&
		       what_interrupt(w, X86_TRAP_NMI, vcpu->nmi_from);
	case EVENT_IRQ:
		return what_irq(vcpu, w);
	default:
		return false;
	}
}

/* Do not catch the event again: the next entry injects it. */
static void mark_caught(struct vcpu *vcpu, const struct catch_what *w)
{
	if (w->type == VMXDBG_CATCH_EXCEPTION)
		vcpu->event.caught = true;
	else if (w->key == X86_TRAP_NMI)
		vcpu->nmi_caught = true;
	else
		__set_bit(w->key, vcpu->irqs_caught);
}

/* An interrupt that its controller has no more is another if it comes again. */
static void forget_withdrawn(struct vcpu *vcpu)
{
	unsigned int vector;

	for_each_set_bit(vector, vcpu->irqs_caught, IRQ_VECTORS)
		if (!event_has_irq(vcpu, vector))
			__clear_bit(vector, vcpu->irqs_caught);
}

bool catch_event(struct vcpu *vcpu)
{
	struct catch_what what = { };
	enum hit_result r;

	forget_withdrawn(vcpu);
	if (!what_enters(vcpu, &what) || !(vcpu->catching & BIT(what.type)))
		return false;
	r = catch_ask(vcpu, &what);
	if (r != HIT_RETRY)
		mark_caught(vcpu, &what);
	return r != HIT_GO;
}

void catch_forget_event(struct vcpu *vcpu)
{
	vcpu->event.caught = false;
	vcpu->nmi_caught = false;
	bitmap_zero(vcpu->irqs_caught, IRQ_VECTORS);
}

/* ---- MMIO ---- */

static bool what_access(struct vcpu *vcpu, enum mmio_phase phase, struct catch_what *w)
{
	const struct mmio_access *a = &vcpu->mmio.access[phase];
	const struct insn *insn = vcpu->mmio.insn;
	u64 value[4] = { };

	if (!a->size)
		return false;
	if (insn->op == INSN_STORE)
		insn_execute(insn, vcpu->regs, NULL, value);
	*w = (struct catch_what){
		.type = VMXDBG_CATCH_MMIO, .key = a->gpa[0],
		.filter = phase >= MMIO_WRITE ? VMXDBG_CATCH_WRITE : VMXDBG_CATCH_READ,
		.data = { a->gpa[0], a->size, 0, value[0] },
	};
	w->data[2] = w->filter;
	return true;
}

enum hit_result catch_mmio(struct vcpu *vcpu)
{
	struct catch_what what[MMIO_PHASES + 1] = { };
	enum hit_result r = HIT_GO;
	enum mmio_phase phase;
	unsigned int nr = 0;

	if (vcpu->catching & BIT(VMXDBG_CATCH_MMIO))
		for (phase = MMIO_READ; phase < MMIO_PHASES; phase++)
			nr += what_access(vcpu, phase, &what[nr]);
	if (vcpu->catching & CATCH_APIC)
		nr += catch_apic_mmio(vcpu, &what[nr]);
	if (nr)
		r = catch_ask_all(vcpu, what, nr);
	if (r == HIT_STOP)
		vcpu->caught = true;
	return r;
}

/* ---- reset and failed entry ---- */

enum hit_result catch_reset(struct vcpu *vcpu, u64 how)
{
	struct catch_what what = { };

	what_plain(&what, VMXDBG_CATCH_RESET, how);
	if (how == VMXDBG_RESET_TRIPLE_FAULT)
		what.why = VMXDBG_WHY_SHUTDOWN;
	return catch_ask(vcpu, &what);
}

/* Only once: if the entry fails again, the VMM gets the error. */
bool catch_failed_entry(struct vcpu *vcpu)
{
	struct catch_what what = { };

	if (vcpu->entry_caught || !(vcpu->catching & BIT(VMXDBG_CATCH_ENTRY)))
		return false;
	what_plain(&what, VMXDBG_CATCH_ENTRY, 0);
	what.data[0] = vcpu->run->fail_entry.hardware_entry_failure_reason;
	vmcs_get(&vcpu->vmcs);
	what.data[1] = vmcs_read(EXIT_QUALIFICATION);
	vmcs_put();
	vcpu->entry_caught = catch_ask(vcpu, &what) == HIT_STOP;
	return vcpu->entry_caught;
}
