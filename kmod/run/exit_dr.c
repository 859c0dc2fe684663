// SPDX-License-Identifier: GPL-2.0-only
/*
 * MOV to and from debug registers. They always exit, since the CPU's debug
 * registers follow a plan that includes the debugger's breakpoints.
 */
#include <linux/percpu.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/dr_plan.h"
#include "lib/dr.h"
#include "run/exit_dr.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"

/* Return: false after queueing an exception (SDM vol. 3, 18.2). */
static bool access_ok_dr(struct vcpu *vcpu, unsigned int nr)
{
	if (vcpu_cpl(vcpu)) {
		vcpu_raise_gp0(vcpu);
		return false;
	}
	if ((nr == 4 || nr == 5) && (vcpu_cr4(vcpu) & X86_CR4_DE)) {
		vcpu_raise(vcpu, UD_VECTOR);
		return false;
	}
	/* Delivery of the #DB clears GD. */
	if (vcpu->dr7 & DR7_GD) {
		vcpu_raise_db(vcpu, DR6_BD, false, 0);
		return false;
	}
	return true;
}

static u64 read_dr(const struct vcpu *vcpu, unsigned int nr)
{
	if (nr < DR_COUNT)
		return vcpu->dr[nr];
	return nr & 1 ? vcpu->dr7 : vcpu->dr6;
}

/* DR4 and DR5 are aliases of DR6 and DR7 (18.2.2). Return: false if it raises #GP. */
static bool write_dr(struct vcpu *vcpu, unsigned int nr, u64 val)
{
	if (nr < DR_COUNT) {
		vcpu->dr[nr] = val;
	} else if (nr & 1) {
		if (!dr7_write_ok(val))
			return false;
		vcpu->dr7 = dr7_normalize(val);
	} else {
		if (!dr6_write_ok(val))
			return false;
		vcpu->dr6 = dr6_normalize(val);
		return true;
	}
	dr_plan_vcpu(vcpu);
	return true;
}

int exit_dr(struct vcpu *vcpu)
{
	u64 qual = vmcs_read(EXIT_QUALIFICATION);
	unsigned int nr = DR_QUAL_NR(qual), gpr = DR_QUAL_GPR(qual);
	bool wide = vcpu_code_bits(vcpu) == 64;
	u64 val;

	if (!access_ok_dr(vcpu, nr))
		return RUN_RESUME;
	if (qual & DR_QUAL_READ) {
		val = read_dr(vcpu, nr);
		vcpu_gpr_set(vcpu, gpr, wide ? val : (u32)val);
	} else {
		val = vcpu_gpr(vcpu, gpr);
		if (!write_dr(vcpu, nr, wide ? val : (u32)val)) {
			vcpu_raise_gp0(vcpu);
			return RUN_RESUME;
		}
	}
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}
