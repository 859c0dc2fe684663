/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A time stamp counter of the host that a suspend has set back. Guests read it with an
 * offset, so what it has lost is added to the offsets.
 */
#ifndef VMXDBG_LIB_HOST_TSC_H
#define VMXDBG_LIB_HOST_TSC_H

#include <linux/types.h>

#include "lib/tsc_ratio.h"

struct host_tsc {
	u64 at_suspend;
	u64 lost;		/* ticks, of all suspends until now */
};

static inline void host_tsc_suspend(struct host_tsc *tsc, u64 now)
{
	tsc->at_suspend = now;
}

/* A counter that went on counts the time of the suspend; one that was reset stood still. */
static inline void host_tsc_resume(struct host_tsc *tsc, u64 now)
{
	if (now < tsc->at_suspend)
		tsc->lost += tsc->at_suspend - now;
}

/**
 * host_tsc_make_up() - make an offset up for what the counter has lost
 * @offset: in and out
 * @ratio: ticks of the guest for a tick of the counter
 * @made_up: in and out: the @lost for which @offset makes up
 * Return: whether @offset changed.
 */
static inline bool host_tsc_make_up(const struct host_tsc *tsc, u64 ratio, u64 *offset,
				    u64 *made_up)
{
	u64 more = tsc->lost - *made_up;

	*offset += tsc_ratio_scale(ratio, more);
	*made_up = tsc->lost;
	return more;
}

#endif
