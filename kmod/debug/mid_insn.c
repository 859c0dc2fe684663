// SPDX-License-Identifier: GPL-2.0-only
/*
 * An int3 inside an instruction changes the instruction. Code has no marks that tell where
 * instructions begin, except for rip of a stopped vCPU. So only the instructions there are
 * checked, if one of the two decoders knows how long they are.
 */
#include <linux/minmax.h>
#include <linux/mm.h>

#include "debug/dbg_object.h"
#include "debug/mid_insn.h"
#include "debug/stop.h"
#include "insn/insn.h"
#include "insn/insn_decode.h"
#include "insn/insn_simple.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vm.h"
#include "vmx/vmcs.h"

/* The instruction that a stopped vCPU executes next. */
struct next_insn {
	u64 rip, cr3;
	unsigned int bits;
};

static struct next_insn next_of(struct vcpu *vcpu)
{
	struct next_insn next;

	vmcs_get(&vcpu->vmcs);
	next.rip = linear_rip();
	next.cr3 = vmcs_read(GUEST_CR3) & PAGE_MASK;
	next.bits = vcpu_code_bits(vcpu);
	vmcs_put();
	return next;
}

/* Return: 0 if neither decoder knows the instruction. */
static unsigned int length_of(struct vcpu *vcpu, const struct next_insn *next)
{
	struct insn_mode mode = { .bits = next->bits };
	struct insn_simple simple;
	u8 bytes[INSN_MAX];
	struct insn insn;
	size_t len = gva_read(vcpu, next->rip, bytes, sizeof(bytes));

	if (!insn_decode(&mode, bytes, len, &insn))
		return insn.len;
	return mode.bits == 64 && insn_simple_decode(bytes, len, &simple) ? simple.len : 0;
}

/*
 * @addr: a gpa. Return: the bytes from the next instruction to it, if it is the address of
 * one of the next INSN_MAX bytes; else 0.
 */
static u64 distance(struct vcpu *vcpu, const struct next_insn *next, u64 addr)
{
	u64 left = PAGE_SIZE - offset_in_page(next->rip), gpa;

	if (vcpu_translate(vcpu, next->rip, &gpa, NULL))
		return 0;
	if (addr - gpa < min_t(u64, left, INSN_MAX))
		return addr - gpa;
	if (left >= INSN_MAX || vcpu_translate(vcpu, next->rip + left, &gpa, NULL))
		return 0;
	return addr - gpa < INSN_MAX - left ? left + addr - gpa : 0;
}

static bool within_next(struct vcpu *vcpu, const struct dbg_object *obj, u64 addr, bool physical)
{
	struct next_insn next = next_of(vcpu);
	u64 offset = addr - next.rip;

	/* Translation keeps offsets within a page. */
	if (offset_in_page(offset) >= INSN_MAX)
		return false;
	if (physical)
		offset = distance(vcpu, &next, addr);
	else if (!obj->any_cr3 && obj->cr3 != next.cr3)
		return false;
	return offset && offset < INSN_MAX && offset < length_of(vcpu, &next);
}

bool mid_insn(struct vm *vm, const struct dbg_object *obj, u64 addr, bool physical)
{
	struct vcpu *vcpu;
	unsigned int i;
	bool is = false;

	for (i = 0; !is && (vcpu = vm_next_vcpu(vm, &i)); i++) {
		if (stop_lock(vcpu))
			continue;
		is = within_next(vcpu, obj, addr, physical);
		stop_unlock(vcpu);
	}
	return is;
}
