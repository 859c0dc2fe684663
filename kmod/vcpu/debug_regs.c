// SPDX-License-Identifier: GPL-2.0-only
/* The guest's debug registers, and data breakpoints on accesses by the module. */
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "lib/dr.h"
#include "vcpu.h"
#include "vcpu/debug_regs.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

void vcpu_get_debugregs(struct vcpu *vcpu, struct kvm_debugregs *d)
{
	memset(d, 0, sizeof(*d));
	memcpy(d->db, vcpu->dr, sizeof(d->db));
	d->dr6 = vcpu->dr6;
	d->dr7 = vcpu->dr7;
}

int vcpu_set_debugregs(struct vcpu *vcpu, const struct kvm_debugregs *d)
{
	if (d->flags || !dr6_write_ok(d->dr6) || !dr7_write_ok(d->dr7))
		return -EINVAL;
	memcpy(vcpu->dr, d->db, sizeof(vcpu->dr));
	vcpu->dr6 = dr6_normalize(d->dr6);
	vcpu->dr7 = dr7_normalize(d->dr7);
	set_bit(REQ_DEBUG_REGS, &vcpu->requests);
	return 0;
}

/*
 * A pending hit is delivered at the next entry, as after any instruction, and
 * causes an exit like a #DB from the processor (SDM vol. 3, 25.4.2).
 */
void vcpu_note_access(struct vcpu *vcpu, u64 gva, u64 len, bool write)
{
	u64 hits;

	if (likely(!vcpu->plan_active))
		return;
	hits = dr_access_hits(&vcpu->plan, gva, len, write);
	if (!hits)
		return;
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, DB_QUAL_ENABLED | hits |
		   vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS));
	vmcs_put();
}
