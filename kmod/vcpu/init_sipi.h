/* SPDX-License-Identifier: GPL-2.0-only */
/* INIT and SIPI, and the state between them that KVM_GET_MP_STATE reports. */
#ifndef VMXDBG_VCPU_INIT_SIPI_H
#define VMXDBG_VCPU_INIT_SIPI_H

struct kvm_mp_state;
struct vcpu;

/* The caller owns the vCPU's state in each of these. */

/* Serve the INIT and the SIPI that came to the local APIC (SDM vol. 3, 9.4.3). */
void vcpu_take_init_sipi(struct vcpu *vcpu);

/* KVM_GET_MP_STATE, KVM_SET_MP_STATE. Return: 0, -EINVAL. */
void vcpu_get_mp_state(struct vcpu *vcpu, struct kvm_mp_state *state);
int vcpu_set_mp_state(struct vcpu *vcpu, const struct kvm_mp_state *state);

#endif
