/* SPDX-License-Identifier: MIT */
/* Steps over what an instruction calls: "monitor step over". */
#ifndef VMXGDB_STEP_OVER_H
#define VMXGDB_STEP_OVER_H

#include "guest/stub_types.h"

/* The stub's own bit of s->step_how and s->step_once, beside VMXDBG_RESUME_* */
#define STEP_OVER	(1U << 31)

/* The vCPU, which is stopped, is about to step. */
void step_over_begin(struct stub *s, int vcpu);

/*
 * The vCPU has stopped. Return: whether its step goes on until the end of what it has
 * called; then v->how is its next resume.
 */
bool step_over_goes_on(struct stub *s, const struct vmxdbg_event *event);

#endif /* VMXGDB_STEP_OVER_H */
