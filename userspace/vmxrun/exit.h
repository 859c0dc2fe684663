/* SPDX-License-Identifier: GPL-2.0-only */
/* Handlers of exits from KVM_RUN. */
#ifndef VMXRUN_EXIT_H
#define VMXRUN_EXIT_H

#include "machine_types.h"

void exit_handle(struct vcpu *vcpu);

#endif
