// SPDX-License-Identifier: GPL-2.0-only
/* INIT and SIPI, and the state between them that KVM_GET_MP_STATE reports. */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <asm/vmx.h>

#include "irq/types.h"
#include "vcpu.h"
#include "vcpu/init_sipi.h"
#include "vcpu/vmcs_init.h"
#include "vm.h"
#include "vmx/vmcs.h"

/* SDM vol. 3, 9.4.4: real mode at page @vector */
static void start_at(struct vcpu *vcpu, u8 vector)
{
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_CS_SELECTOR, vector << 8);
	vmcs_write(GUEST_CS_BASE, vector << 12);
	vmcs_write(GUEST_RIP, 0);
	vmcs_put();
}

void vcpu_take_init_sipi(struct vcpu *vcpu)
{
	struct lapic *lapic = vcpu->lapic;

	if (test_and_clear_bit(LAPIC_INIT, &lapic->events)) {
		vcpu_init(vcpu);
		vcpu->mp_state = vcpu->id == vcpu->vm->irq.bsp ? KVM_MP_STATE_RUNNABLE :
								 KVM_MP_STATE_INIT_RECEIVED;
	}
	/* Only after INIT has a SIPI an effect. */
	if (test_and_clear_bit(LAPIC_SIPI, &lapic->events) &&
	    vcpu->mp_state == KVM_MP_STATE_INIT_RECEIVED) {
		smp_rmb();	/* pairs with accept_sipi() */
		start_at(vcpu, READ_ONCE(lapic->sipi_vector));
		vcpu->mp_state = KVM_MP_STATE_RUNNABLE;
	}
}

void vcpu_get_mp_state(struct vcpu *vcpu, struct kvm_mp_state *state)
{
	if (vcpu->lapic)
		vcpu_take_init_sipi(vcpu);
	state->mp_state = vcpu->mp_state;
}

/* A VMM that emulates the local APIC has the states for INIT, SIPI and HLT itself. */
int vcpu_set_mp_state(struct vcpu *vcpu, const struct kvm_mp_state *state)
{
	u32 to = state->mp_state;

	switch (to) {
	case KVM_MP_STATE_RUNNABLE:
		break;
	case KVM_MP_STATE_UNINITIALIZED:
	case KVM_MP_STATE_INIT_RECEIVED:
	case KVM_MP_STATE_HALTED:
	case KVM_MP_STATE_SIPI_RECEIVED:
	case KVM_MP_STATE_AP_RESET_HOLD:
		if (vcpu->lapic)
			break;
		fallthrough;
	default:
		return -EINVAL;
	}
	if (to == KVM_MP_STATE_SIPI_RECEIVED) {
		to = KVM_MP_STATE_INIT_RECEIVED;
		set_bit(LAPIC_SIPI, &vcpu->lapic->events);
	}
	vcpu->mp_state = to;
	if (to != KVM_MP_STATE_RUNNABLE)
		set_bit(REQ_LIFE, &vcpu->requests);
	return 0;
}
