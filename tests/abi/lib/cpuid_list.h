/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of CPUID leaves, as the device and vCPUs have them. */
#ifndef TESTS_ABI_CPUID_LIST_H
#define TESTS_ABI_CPUID_LIST_H

#include <stddef.h>

#include "guest.h"

struct cpuid_list {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[128];
};

/* Get what the device offers; @dev: its descriptor */
static inline void cpuid_supported(int dev, struct cpuid_list *list)
{
	list->head.nent = ARRAY_SIZE(list->entries);
	CHECK_OK(ioctl(dev, KVM_GET_SUPPORTED_CPUID, list));
}

static inline void cpuid_set(struct vcpu *v, struct cpuid_list *list)
{
	CHECK_OK(ioctl(v->fd, KVM_SET_CPUID2, list));
}

/* Return: the leaf with an index of 0, or NULL. */
static inline struct kvm_cpuid_entry2 *cpuid_find(struct cpuid_list *list, u32 function)
{
	unsigned int i;

	for (i = 0; i < list->head.nent; i++)
		if (list->entries[i].function == function && !list->entries[i].index)
			return &list->entries[i];
	return NULL;
}

/* Return: the same. The test fails without it. */
static inline struct kvm_cpuid_entry2 *cpuid_leaf(struct cpuid_list *list, u32 function)
{
	struct kvm_cpuid_entry2 *e = cpuid_find(list, function);

	if (!e)
		tap_fail("there is no leaf %#x", function);
	return e;
}

#endif
