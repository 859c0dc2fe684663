/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the benchmark share. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "guest.h"

/* One operation, timed. @v is at a point from which it can be repeated. */
typedef void (*operation)(struct vcpu *v);

/* the median of many is the line "@name ticks" */
void measure(const char *name, struct vcpu *v, operation op);
/* the same of @n that were measured */
void report(const char *name, u64 *ticks, unsigned int n);
void must(int r, const char *what);	/* not be negative */
void run(struct vcpu *v);		/* KVM_RUN */

/* hits.c */
void hits_that_go_on(void);

/* session.c: the debug plane, which KVM has not */
void bench_sessions(void);

#endif
