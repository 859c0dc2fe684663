// SPDX-License-Identifier: GPL-2.0-only
/* Bytecode of an object (lib/bytecode.h): its access to the vCPU that hit the object. */
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/vmx.h>

#include "debug/bytecode_env.h"
#include "debug/dbg_object.h"
#include "insn/insn.h"
#include "lib/bytecode.h"
#include "mmu/gpa.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

static_assert(BYTECODE_MAX_CODE == VMXDBG_CODE_MAX);
static_assert(BYTECODE_VAR_HITS == VMXDBG_VAR_HITS);
static_assert(BYTECODE_VAR_VCPU == VMXDBG_VAR_VCPU);
static_assert(BYTECODE_VAR_TSC == VMXDBG_VAR_TSC);
static_assert(BYTECODE_VAR_ADDR == VMXDBG_VAR_ADDR);
static_assert(BYTECODE_VAR_PHYSICAL == VMXDBG_VAR_PHYSICAL);

/* The context of one run. */
struct sight {
	struct vcpu *vcpu;
	struct dbg_object *obj;
	bool counted;			/* this hit is in @obj->hits */
	struct traces *traces;		/* output of code_trace() */
};

static u64 read_field(struct vcpu *vcpu, unsigned long field)
{
	u64 val;

	vmcs_get(&vcpu->vmcs);
	val = vmcs_read(field);
	vmcs_put();
	return val;
}

static u64 selector(struct vcpu *vcpu, unsigned int nr)
{
	static const u8 segs[] = { INSN_CS, INSN_SS, INSN_DS, INSN_ES, INSN_FS, INSN_GS };

	return vcpu_selector(vcpu, segs[nr - BYTECODE_CS]);
}

/* Return: the value that VMXDBG_GET_REGS reports. */
static u64 system_reg(struct vcpu *vcpu, unsigned int nr)
{
	switch (nr) {
	case BYTECODE_CR0:
		return vcpu_cr0(vcpu);
	case BYTECODE_CR2:
		return vcpu->cr2;
	case BYTECODE_CR3:
		return read_field(vcpu, GUEST_CR3);
	case BYTECODE_CR4:
		return vcpu_cr4(vcpu);
	case BYTECODE_CR8:
		return vcpu_cr8(vcpu);
	case BYTECODE_EFER:
		return read_field(vcpu, GUEST_IA32_EFER);
	case BYTECODE_DR0 ... BYTECODE_DR3:
		return vcpu->dr[nr - BYTECODE_DR0];
	case BYTECODE_DR6:
		return vcpu->dr6;
	case BYTECODE_DR7:
		return vcpu->dr7;
	case BYTECODE_GDTR_BASE:
		return read_field(vcpu, GUEST_GDTR_BASE);
	case BYTECODE_GDTR_LIMIT:
		return (u32)read_field(vcpu, GUEST_GDTR_LIMIT);
	case BYTECODE_IDTR_BASE:
		return read_field(vcpu, GUEST_IDTR_BASE);
	case BYTECODE_IDTR_LIMIT:
		return (u32)read_field(vcpu, GUEST_IDTR_LIMIT);
	case BYTECODE_LDTR:
		return (u16)read_field(vcpu, GUEST_LDTR_SELECTOR);
	default:		/* BYTECODE_TR */
		return (u16)read_field(vcpu, GUEST_TR_SELECTOR);
	}
}

static int code_reg(void *ctx, unsigned int nr, u64 *val)
{
	struct vcpu *vcpu = ((struct sight *)ctx)->vcpu;

	switch (nr) {
	case BYTECODE_RSP:
		*val = vcpu_gpr(vcpu, GPR_RSP);
		break;
	case BYTECODE_RIP:
		*val = vcpu_linear_rip(vcpu);
		break;
	case BYTECODE_EFLAGS:
		*val = read_field(vcpu, GUEST_RFLAGS);
		break;
	case BYTECODE_CS ... BYTECODE_GS:
		*val = selector(vcpu, nr);
		break;
	case BYTECODE_FS_BASE:
		*val = read_field(vcpu, GUEST_FS_BASE);
		break;
	case BYTECODE_GS_BASE:
		*val = read_field(vcpu, GUEST_GS_BASE);
		break;
	default:
		*val = system_reg(vcpu, nr);
	}
	return 0;
}

static int code_mem(void *ctx, u64 addr, void *buf, unsigned int len, unsigned int flags)
{
	struct vcpu *vcpu = ((struct sight *)ctx)->vcpu;
	unsigned long *missing = &vcpu->hit_point.missing;

	if (flags & BYTECODE_PHYSICAL)
		return gpa_read_nofault(vcpu->vm, addr, buf, len, missing);
	return gva_read_nofault(vcpu, addr, buf, len, missing);
}

static int code_var(void *ctx, unsigned int nr, u64 *val)
{
	struct sight *sight = ctx;

	switch (nr) {
	case BYTECODE_VAR_HITS:
		*val = atomic64_read(&sight->obj->hits) - sight->counted;
		break;
	case BYTECODE_VAR_VCPU:
		*val = sight->vcpu->id;
		break;
	case BYTECODE_VAR_TSC:
		*val = rdtsc();
		break;
	default:		/* BYTECODE_VAR_ADDR */
		*val = sight->vcpu->hit_point.addr;
	}
	return 0;
}

static const struct bytecode_ops condition_ops = {
	.reg = code_reg,
	.mem = code_mem,
	.var = code_var,
};

int bytecode_env_condition(struct vcpu *vcpu, struct dbg_object *obj)
{
	struct sight sight = { .vcpu = vcpu, .obj = obj };
	u64 result;
	int r = bytecode_run(obj->cond, vcpu->regs, &condition_ops, &sight, &result);

	return r ? r : result != 0;
}

/* ---- traces ---- */

#define STRING_PART	32

/* @len: length of the string with its NUL, at most @max. */
static int string_length(struct sight *sight, u64 addr, u64 max, unsigned int flags, u64 *len)
{
	char part[STRING_PART];
	unsigned int n, found;
	int r;

	for (*len = 0; *len < max; *len += n) {
		/* Do not read into the next page before the string is known to go there. */
		n = STRING_PART - (addr + *len) % STRING_PART;
		n = min_t(u64, n, max - *len);
		r = code_mem(sight, addr + *len, part, n, flags);
		if (r)
			return r;
		found = strnlen(part, n);
		if (found < n) {
			*len += found + 1;
			return 0;
		}
	}
	return 0;
}

static u32 block_flags(unsigned int flags)
{
	return (flags & BYTECODE_PHYSICAL ? VMXDBG_BLOCK_PHYSICAL : 0) |
	       (flags & BYTECODE_VARIABLE ? VMXDBG_BLOCK_VARIABLE : 0);
}

static int code_trace(void *ctx, u64 addr, u64 len, unsigned int flags)
{
	struct sight *sight = ctx;
	struct traces *t = sight->traces;
	u32 left = VMXDBG_RECORD_BYTES - t->bytes;
	u64 value = 0;
	int r = 0;

	if (flags & BYTECODE_VARIABLE)
		r = addr == BYTECODE_VAR_PHYSICAL ? 0 : code_var(ctx, addr, &value);
	else if (flags & BYTECODE_STRING)
		r = string_length(sight, addr, min_t(u64, len, left), flags & BYTECODE_PHYSICAL,
				  &len);
	/* Missing memory makes a block of length 0. */
	if (r == -ENXIO)
		len = 0;
	else if (r)
		return r;
	if (t->nr == VMXDBG_RECORD_BLOCKS || len > left)
		return -E2BIG;
	t->bytes += len;
	t->trace[t->nr].value = value;
	t->trace[t->nr++].block = (struct vmxdbg_record_block){
		.addr = addr,
		.len = len,
		.flags = block_flags(flags) | (r ? VMXDBG_BLOCK_MISSING : 0),
	};
	return 0;
}

static const struct bytecode_ops record_ops = {
	.reg = code_reg,
	.mem = code_mem,
	.var = code_var,
	.trace = code_trace,
};

int bytecode_env_trace(struct vcpu *vcpu, struct dbg_object *obj, struct traces *traces)
{
	struct sight sight = { .vcpu = vcpu, .obj = obj, .counted = true, .traces = traces };
	u64 result;

	return bytecode_run(obj->record, vcpu->regs, &record_ops, &sight, &result);
}
