/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's registers on stderr, for when it cannot go on. */
#ifndef VMXRUN_DUMP_H
#define VMXRUN_DUMP_H

#include "machine_types.h"

void dump_vcpu(const struct vcpu *vcpu);

#endif
