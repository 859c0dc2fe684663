/* SPDX-License-Identifier: GPL-2.0-only */
/* A clock of the host, as a VM counts it whose time a debugger holds now and then. */
#ifndef VMXDBG_LIB_HELD_CLOCK_H
#define VMXDBG_LIB_HELD_CLOCK_H

#include <linux/types.h>

struct held_clock {
	bool held;
	u64 since;	/* the host's clock when it was held last */
	u64 total;	/* how long it was held before */
};

/* Stand still from now on. @host: the host's clock */
static inline void held_clock_hold(struct held_clock *c, u64 host)
{
	c->held = true;
	c->since = host;
}

static inline void held_clock_go_on(struct held_clock *c, u64 host)
{
	c->held = false;
	c->total += host - c->since;
}

/* Return: how long it has been held until now. */
static inline u64 held_clock_total(const struct held_clock *c, u64 host)
{
	return c->held ? c->total + (host - c->since) : c->total;
}

/* Return: the clock of the VM. */
static inline u64 held_clock_now(const struct held_clock *c, u64 host)
{
	return host - held_clock_total(c, host);
}

#endif
