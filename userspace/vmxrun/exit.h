/* SPDX-License-Identifier: GPL-2.0-only */
/* What to do when the guest leaves KVM_RUN. */
#ifndef VMXRUN_EXIT_H
#define VMXRUN_EXIT_H

#include "vcpu.h"

void exit_serve(struct vcpu *vcpu);

#endif
