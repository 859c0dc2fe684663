// SPDX-License-Identifier: MIT
/* Vector registers in the format of XSAVE (SDM vol. 1, 13.4). */
#include <cpuid.h>
#include <string.h>

#include "guest/vcpu_regs.h"
#include "guest/xstate.h"

#define LEAF_XSAVE	0xd

/* The header: components that are not in their initial state */
#define XSTATE_BV	512

/* Offset and size on processors of Intel's; others have no room for MPX. */
static const struct {
	unsigned int offset, size;
} components[] = {
	[XSTATE_AVX] = { 576, 256 },
	[XSTATE_OPMASK] = { 1088, 64 },
	[XSTATE_ZMM_HI] = { 1152, 512 },
	[XSTATE_ZMM16] = { 1664, 1024 },
	[XSTATE_PKRU] = { 2688, 8 },
};

unsigned int xstate_offset(unsigned int component)
{
	unsigned int size, offset, ecx, edx;

	/* The guest runs on this processor. */
	if (__get_cpuid_count(LEAF_XSAVE, component, &size, &offset, &ecx, &edx) && offset &&
	    offset + components[component].size <= XSAVE_SIZE)
		return offset;
	return components[component].offset;
}

bool xstate_enabled(const struct vcpu_regs *regs, unsigned int component)
{
	unsigned int i;

	for (i = 0; i < regs->xcrs.nr_xcrs && i < KVM_MAX_XCRS; i++)
		if (!regs->xcrs.xcrs[i].xcr)
			return regs->xcrs.xcrs[i].value >> component & 1;
	return false;
}

static uint64_t present(const struct vcpu_regs *regs)
{
	uint64_t mask;

	memcpy(&mask, regs->xsave + XSTATE_BV, sizeof(mask));
	return mask;
}

void xstate_get(const struct vcpu_regs *regs, unsigned int component, unsigned int offset,
		void *value, size_t size)
{
	if (present(regs) >> component & 1)
		memcpy(value, regs->xsave + xstate_offset(component) + offset, size);
	else
		memset(value, 0, size);
}

void xstate_put(struct vcpu_regs *regs, unsigned int component, unsigned int offset,
		const void *value, size_t size)
{
	uint8_t *at = regs->xsave + xstate_offset(component);
	uint64_t mask = present(regs);

	if (!(mask >> component & 1))
		memset(at, 0, components[component].size);
	mask |= 1ULL << component;
	memcpy(regs->xsave + XSTATE_BV, &mask, sizeof(mask));
	memcpy(at + offset, value, size);
}
