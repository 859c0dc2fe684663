// SPDX-License-Identifier: GPL-2.0-only
/* Segment checks for instructions that the module executes. */
#include <linux/mm.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "lib/tss.h"
#include "lib/walk.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* Type field of a descriptor (SDM vol. 3, table 3-1) */

u64 vcpu_linear(struct vcpu *vcpu, enum insn_seg seg, u64 offset)
{
	u64 gva = vcpu_seg_base(vcpu, seg) + offset;

	return vcpu_code_bits(vcpu) == 64 ? gva : (u32)gva;
}

u64 vcpu_selector(struct vcpu *vcpu, enum insn_seg seg)
{
	u64 selector;

	vmcs_get(&vcpu->vmcs);
	selector = vmcs_read(GUEST_ES_SELECTOR + 2 * seg);
	vmcs_put();
	return selector;
}

unsigned int vcpu_stack_size(struct vcpu *vcpu)
{
	u32 ar;

	if (vcpu_code_bits(vcpu) == 64)
		return 8;
	vmcs_get(&vcpu->vmcs);
	ar = vmcs_read32(GUEST_SS_AR_BYTES);
	vmcs_put();
	return ar & VMX_AR_DB_MASK ? 4 : 2;
}

static bool segment_canonical(u64 first, u64 last)
{
	return __is_canonical_address(first, VADDR_BITS) &&
	       __is_canonical_address(last, VADDR_BITS);
}

/* SDM vol. 3, 5.3, with expand-down segments */
static bool within_limit(u32 ar, u32 limit, u64 first, u64 last)
{
	u32 top = ar & VMX_AR_DB_MASK ? ~0U : 0xffff;

	if ((ar & (SEG_TYPE_CODE | SEG_TYPE_DOWN)) == SEG_TYPE_DOWN)
		return first > limit && last <= top;
	return last <= limit;
}

static bool type_allows(u32 ar, bool write)
{
	if (ar & VMX_AR_UNUSABLE_MASK)
		return false;
	if (ar & SEG_TYPE_CODE)
		return !write && (ar & SEG_TYPE_RW);
	return !write || (ar & SEG_TYPE_RW);
}

int vcpu_check_segment(struct vcpu *vcpu, enum insn_seg seg, u64 offset,
		       unsigned int size, bool write)
{
	u64 last = offset + size - 1, base;
	u32 ar, limit;
	bool ok;

	if (vcpu_code_bits(vcpu) == 64) {
		base = vcpu_seg_base(vcpu, seg);
		ok = segment_canonical(base + offset, base + last);
	} else {
		vmcs_get(&vcpu->vmcs);
		ar = vmcs_read32(GUEST_ES_AR_BYTES + 2 * seg);
		limit = vmcs_read32(GUEST_ES_LIMIT + 2 * seg);
		vmcs_put();
		ok = type_allows(ar, write) && within_limit(ar, limit, offset, last);
	}
	if (ok)
		return 0;
	vcpu_raise_error(vcpu, seg == INSN_SS ? X86_TRAP_SS : X86_TRAP_GP, 0);
	return -EFAULT;
}

int vcpu_check_jump(struct vcpu *vcpu, u64 rip)
{
	bool ok;

	vmcs_get(&vcpu->vmcs);
	if (vcpu_code_bits(vcpu) == 64)
		ok = segment_canonical(rip, rip);
	else
		ok = rip <= vmcs_read32(GUEST_CS_LIMIT);
	vmcs_put();
	if (ok)
		return 0;
	vcpu_raise_gp0(vcpu);
	return -EFAULT;
}
