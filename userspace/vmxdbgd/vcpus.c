// SPDX-License-Identifier: GPL-2.0-only
/* The set of existing vCPUs. */
#include "target.h"
#include "vcpus.h"

bool vcpu_exists(const struct stub *s, int vcpu)
{
	return vcpu >= 0 && vcpu < VCPUS_MAX && s->vcpu_mask >> vcpu & 1;
}

int vcpu_first(const struct stub *s)
{
	return s->vcpu_mask ? __builtin_ctzll(s->vcpu_mask) : 0;
}

void vcpus_refresh(struct stub *s)
{
	struct vmxdbg_info info;

	if (!s->target->ops->info(s->target, &info))
		s->vcpu_mask = info.vcpu_mask;
}
