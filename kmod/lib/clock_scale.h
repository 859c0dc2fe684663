/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticks to nanoseconds as guests with KVM's clock compute it, so that the host's result is
 * the same to the last bit: (ticks shifted by @shift) * @mul / 2^32.
 */
#ifndef VMXDBG_LIB_CLOCK_SCALE_H
#define VMXDBG_LIB_CLOCK_SCALE_H

#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>

struct clock_scale {
	u32 mul;
	s8 shift;		/* to the left; negative: to the right */
};

/* Return: the scale of a counter of @khz, with as many bits in @mul as there is room for. */
static inline struct clock_scale clock_scale_of(u32 khz)
{
	struct clock_scale scale = { };
	u64 hz = khz * 1000ULL;

	for (; hz > 2 * NSEC_PER_SEC; hz >>= 1)
		scale.shift--;
	for (; hz <= NSEC_PER_SEC; hz <<= 1)
		scale.shift++;
	scale.mul = div64_u64((u64)NSEC_PER_SEC << 32, hz);
	return scale;
}

/* Return: @ticks in nanoseconds. */
static inline u64 clock_scale_ns(struct clock_scale scale, u64 ticks)
{
	if (scale.shift < 0)
		ticks >>= -scale.shift;
	else
		ticks <<= scale.shift;
	return mul_u64_u32_shr(ticks, scale.mul, 32);
}

#endif
