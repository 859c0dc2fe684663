/* SPDX-License-Identifier: GPL-2.0-only */
/* State of a vCPU that no instruction and no set of KVM's reads. */
#ifndef VMXDBG_VCPU_HIDDEN_H
#define VMXDBG_VCPU_HIDDEN_H

struct vcpu;
struct vmxdbg_hidden;

void vcpu_get_hidden(struct vcpu *vcpu, struct vmxdbg_hidden *hidden);

#endif
