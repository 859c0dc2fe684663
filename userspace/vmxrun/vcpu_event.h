/* SPDX-License-Identifier: GPL-2.0-only */
/* Events of a vCPU before an entry: INIT, SIPI, NMIs and interrupts. */
#ifndef VMXRUN_VCPU_EVENT_H
#define VMXRUN_VCPU_EVENT_H

#include "machine_types.h"

bool vcpu_has_interrupt(const struct vcpu *vcpu);
bool vcpu_wakes(const struct vcpu *vcpu);
bool vcpu_is_dead(const struct vcpu *vcpu);
void vcpu_settle(struct vcpu *vcpu);
bool vcpu_take_init(struct vcpu *vcpu);
bool vcpu_inject(struct vcpu *vcpu);
void vcpu_note_exit(struct vcpu *vcpu);

#endif
