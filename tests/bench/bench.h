/* SPDX-License-Identifier: GPL-2.0-only */
/* Common parts of the benchmark. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include "guest.h"

/* An operation to measure. It leaves @v in a state from which it can repeat. */
typedef void (*operation)(struct vcpu *v);

/* Return: whether the results of @name are asked for. */
bool wanted(const char *name);
/* Run the operation many times and print the median in a line "@name ticks". */
void measure(const char *name, struct vcpu *v, operation op);
/* Print the median of @n measured times in such a line. */
void report(const char *name, u64 *ticks, unsigned int n);
void must(int r, const char *what);	/* exit if @r is negative */
void run(struct vcpu *v);		/* KVM_RUN */

/* hits.c */
void hits_that_go_on(void);

/* irqs.c */
void bench_irqs(void);

/* session.c: the debug plane; not for KVM */
void bench_sessions(void);
/* session.c: code on hooked pages, which for KVM are none */
void bench_hooked_code(void);

#endif
