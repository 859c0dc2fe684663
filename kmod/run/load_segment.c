// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segment registers that an instruction loads, when the module executes it: the selector
 * comes from MMIO (SDM vol. 3, 3.4, 5.5 to 5.8; vol. 2, MOV, LDS, LLDT, LTR, JMP).
 */
#include <linux/mm.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "lib/tss.h"
#include "lib/walk.h"
#include "run/load_segment.h"
#include "run/system_mem.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"

#define LOAD_SEL_TI	BIT(2)
#define LOAD_SEL_RPL	3U

#define SEGMENT_DPL_SHIFT	5
#define SEGMENT_VM86	0xf3		/* access rights in virtual-8086 mode */

/* Flags in byte 5 of a descriptor */
#define FLAGS_AT	5
#define FLAG_ACCESSED	BIT(0)
#define FLAG_BUSY	BIT(1)
#define FLAG_S		BIT(4)

struct segment_source {
	enum task_seg seg;
	u16 selector;
	u8 cpl;
	bool lma;
	bool wide;		/* the descriptor has 16 bytes */
	u64 gva;		/* of the descriptor */
	u64 desc, high;
};

static int segment_fault(struct vcpu *vcpu, u8 vector, u16 selector)
{
	vcpu_raise_error(vcpu, vector, selector & ~LOAD_SEL_RPL);
	return -EFAULT;
}

static bool segment_is_vm86(struct vcpu *vcpu)
{
	bool is;

	vmcs_get(&vcpu->vmcs);
	is = vmcs_read(GUEST_RFLAGS) & X86_EFLAGS_VM;
	vmcs_put();
	return is;
}

/* Return: whether selectors have privilege levels: protected mode. */
static bool segment_has_level(struct vcpu *vcpu)
{
	return (vcpu_cr0(vcpu) & X86_CR0_PE) && !segment_is_vm86(vcpu);
}

static void segment_get(struct vcpu *vcpu, enum task_seg seg, struct segment_value *value)
{
	vmcs_get(&vcpu->vmcs);
	value->selector = vmcs_read(GUEST_ES_SELECTOR + 2 * seg);
	value->base = vmcs_read(GUEST_ES_BASE + 2 * seg);
	value->limit = vmcs_read32(GUEST_ES_LIMIT + 2 * seg);
	value->ar = vmcs_read32(GUEST_ES_AR_BYTES + 2 * seg);
	vmcs_put();
}

void segment_put(struct vcpu *vcpu, enum task_seg seg, const struct segment_value *value)
{
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_ES_SELECTOR + 2 * seg, value->selector);
	vmcs_write(GUEST_ES_BASE + 2 * seg, value->base);
	vmcs_write(GUEST_ES_LIMIT + 2 * seg, value->limit);
	vmcs_write(GUEST_ES_AR_BYTES + 2 * seg, value->ar);
	vmcs_put();
}

void segment_shadow(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, GUEST_INTR_STATE_MOV_SS |
		   vmcs_read32(GUEST_INTERRUPTIBILITY_INFO));
	vmcs_put();
	vcpu_fix_pending_debug(vcpu);
}

/* Real mode keeps limit and rights, as processors do. */
static int fetch_paragraph(struct vcpu *vcpu, enum task_seg seg, u16 selector,
			   struct segment_value *value)
{
	segment_get(vcpu, seg, value);
	value->mark = 0;
	value->selector = selector;
	value->base = (u32)selector << 4;
	if (segment_is_vm86(vcpu)) {
		value->limit = 0xffff;
		value->ar = SEGMENT_VM86;
	}
	return 0;
}

/* In 64-bit mode SS may be null below CPL 3. */
static bool null_is_allowed(struct vcpu *vcpu, const struct segment_source *src)
{
	switch (src->seg) {
	case TASK_CS:
	case TASK_TR:
		return false;
	case TASK_SS:
		return vcpu_code_bits(vcpu) == 64 && src->cpl != 3 &&
		       (src->selector & LOAD_SEL_RPL) == src->cpl;
	default:
		return true;
	}
}

static int fetch_null(struct vcpu *vcpu, const struct segment_source *src,
		      struct segment_value *value)
{
	if (!null_is_allowed(vcpu, src))
		return segment_fault(vcpu, X86_TRAP_GP, 0);
	*value = (struct segment_value){ .selector = src->selector,
					 .ar = VMX_AR_UNUSABLE_MASK };
	if (src->seg == TASK_SS)	/* VMX keeps CPL there. */
		value->ar |= (u32)src->cpl << SEGMENT_DPL_SHIFT;
	return 0;
}

/* Return: as segment_fetch(), which see for the exceptions. */
static int find_descriptor(struct vcpu *vcpu, struct segment_source *src)
{
	bool system = src->seg == TASK_LDTR || src->seg == TASK_TR;
	struct segment_value table = { };

	src->wide = system && src->lma;
	if (!(src->selector & LOAD_SEL_TI)) {
		vmcs_get(&vcpu->vmcs);
		table.base = vmcs_read(GUEST_GDTR_BASE);
		table.limit = vmcs_read32(GUEST_GDTR_LIMIT);
		vmcs_put();
	} else {
		segment_get(vcpu, TASK_LDTR, &table);
		if (system || (table.ar & VMX_AR_UNUSABLE_MASK))
			return segment_fault(vcpu, X86_TRAP_GP, src->selector);
	}
	if ((src->selector | 7U) + 8 * src->wide > table.limit)
		return segment_fault(vcpu, X86_TRAP_GP, src->selector);
	src->gva = table.base + (src->selector & ~7U);
	if (!src->lma)
		src->gva = (u32)src->gva;
	return 0;
}

static int read_descriptor(struct vcpu *vcpu, struct segment_source *src)
{
	int r = find_descriptor(vcpu, src);

	if (!r)
		r = system_read(vcpu, src->gva, &src->desc, sizeof(src->desc));
	if (!r && src->wide)
		r = system_read(vcpu, src->gva + sizeof(src->desc), &src->high,
				sizeof(src->high));
	return r;
}

static int check_descriptor(struct vcpu *vcpu, const struct segment_source *src,
			    struct segment_value *value)
{
	u8 vector = seg_load_check(src->seg, src->selector, src->desc, src->cpl, src->lma);

	if (src->seg == TASK_CS && !(src->desc >> (8 * FLAGS_AT) & FLAG_S))
		return -EOPNOTSUPP;
	if (vector)
		return segment_fault(vcpu, vector, src->selector);
	*value = (struct segment_value){
		.selector = src->selector, .base = desc_base(src->desc),
		.limit = desc_limit(src->desc), .ar = desc_ar(src->desc),
	};
	if (src->seg == TASK_CS)
		value->selector = (src->selector & ~LOAD_SEL_RPL) | src->cpl;
	if (src->wide)
		value->base |= src->high << 32;
	if (src->wide && !__is_canonical_address(value->base, VADDR_BITS))
		return segment_fault(vcpu, X86_TRAP_GP, src->selector);
	return 0;
}

/* Loading sets the accessed bit, or the busy bit of a TSS, in memory and register. */
static void prepare_mark(const struct segment_source *src, struct segment_value *value)
{
	u8 flags = src->desc >> (8 * FLAGS_AT), set = 0;

	if (src->seg == TASK_TR)
		set = FLAG_BUSY;
	else if (flags & FLAG_S)
		set = FLAG_ACCESSED;
	value->ar |= set;
	value->mark_at = src->gva + FLAGS_AT;
	value->mark = set & ~flags ? flags | set : 0;
}

int segment_mark(struct vcpu *vcpu, const struct segment_value *value)
{
	if (!value->mark)
		return 0;
	return system_write(vcpu, value->mark_at, &value->mark, sizeof(value->mark));
}

int segment_fetch(struct vcpu *vcpu, enum task_seg seg, u16 selector,
		  struct segment_value *value)
{
	struct segment_source src = {
		.seg = seg, .selector = selector, .cpl = vcpu_cpl(vcpu),
		.lma = vcpu_long_mode(vcpu),
	};
	int r;

	if (!segment_has_level(vcpu))
		return fetch_paragraph(vcpu, seg, selector, value);
	if (!(selector & ~LOAD_SEL_RPL))
		return fetch_null(vcpu, &src, value);
	r = read_descriptor(vcpu, &src);
	if (!r)
		r = check_descriptor(vcpu, &src, value);
	if (!r)
		prepare_mark(&src, value);
	return r;
}

static int check_target(struct vcpu *vcpu, u64 rip, const struct segment_value *cs)
{
	bool ok = rip <= cs->limit;

	if ((cs->ar & VMX_AR_L_MASK) && vcpu_long_mode(vcpu))
		ok = __is_canonical_address(rip, VADDR_BITS);
	if (ok)
		return 0;
	vcpu_raise_gp0(vcpu);
	return -EFAULT;
}

int segment_fetch_code(struct vcpu *vcpu, u16 selector, u64 rip, struct segment_value *value)
{
	return segment_fetch(vcpu, TASK_CS, selector, value) ?:
	       check_target(vcpu, rip, value) ?: segment_mark(vcpu, value);
}

/* Without a change of the level, the checks are those of a far JMP, but gates are none. */
int segment_fetch_return(struct vcpu *vcpu, u16 selector, u64 rip, struct segment_value *value)
{
	unsigned int rpl = selector & LOAD_SEL_RPL, cpl = vcpu_cpl(vcpu);
	bool has_level = segment_has_level(vcpu) && (selector & ~LOAD_SEL_RPL);
	int r;

	if (has_level && rpl > cpl)
		return -EOPNOTSUPP;
	if (has_level && rpl < cpl)
		return segment_fault(vcpu, X86_TRAP_GP, selector);
	r = segment_fetch_code(vcpu, selector, rip, value);
	return r == -EOPNOTSUPP ? segment_fault(vcpu, X86_TRAP_GP, selector) : r;
}
