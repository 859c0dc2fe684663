/* SPDX-License-Identifier: GPL-2.0-only */
/* The set of existing vCPUs. */
#ifndef VMXDBGD_VCPUS_H
#define VMXDBGD_VCPUS_H

#include "stub_types.h"

/* Return: whether there is a vCPU of this number; any int is allowed. */
bool vcpu_exists(const struct stub *s, int vcpu);

/* Return: the lowest existing vCPU, 0 if there is none. */
int vcpu_first(const struct stub *s);

/* Read from the target which vCPUs exist. Unchanged if that fails. */
void vcpus_refresh(struct stub *s);

#endif /* VMXDBGD_VCPUS_H */
