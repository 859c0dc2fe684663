/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual CPU: a thread that runs the guest and handles its exits. */
#ifndef VMXRUN_VCPU_H
#define VMXRUN_VCPU_H

#include "boot.h"
#include "machine_types.h"

bool vcpu_create(struct vcpu *vcpu, struct machine *m, unsigned int id);
bool vcpu_reset(struct vcpu *vcpu, const struct boot *boot);
bool vcpu_start(struct vcpu *vcpu);
void vcpu_kick(struct vcpu *vcpu);
void vcpu_join(struct vcpu *vcpu);

#endif
