/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticks of a guest's TSC for a tick of the host's, as the processor scales it: a number with 48
 * binary digits after the point (SDM vol. 3, 25.6.5 and 26.3).
 */
#ifndef VMXDBG_LIB_TSC_RATIO_H
#define VMXDBG_LIB_TSC_RATIO_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define TSC_RATIO_SHIFT	48
#define TSC_RATIO_ONE	BIT_ULL(TSC_RATIO_SHIFT)
#define TSC_KHZ_END	0x7fffffffULL	/* KVM's limit */

/* Return: the lowest frequency that is too high for a ratio. */
static inline u64 tsc_ratio_end(u32 host_khz)
{
	return min(TSC_KHZ_END, ((u64)host_khz << (64 - TSC_RATIO_SHIFT)) - 1);
}

/* @guest_khz: not 0, below tsc_ratio_end(). Return: the ratio, which is not 0. */
static inline u64 tsc_ratio_of(u32 guest_khz, u32 host_khz)
{
	return mul_u64_u32_div(TSC_RATIO_ONE, guest_khz, host_khz);
}

/* Return: the guest's ticks for @ticks of the host. */
static inline u64 tsc_ratio_scale(u64 ratio, u64 ticks)
{
	if (likely(ratio == TSC_RATIO_ONE))
		return ticks;
	return mul_u64_u64_shr(ticks, ratio, TSC_RATIO_SHIFT);
}

/* Return: the same of a difference. */
static inline u64 tsc_ratio_scale_signed(u64 ratio, s64 ticks)
{
	return ticks < 0 ? -tsc_ratio_scale(ratio, -ticks) : tsc_ratio_scale(ratio, ticks);
}

#endif
