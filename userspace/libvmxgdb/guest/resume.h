/* SPDX-License-Identifier: MIT */
/* Resuming vCPUs, and stopping them on request. */
#ifndef VMXGDB_RESUME_H
#define VMXGDB_RESUME_H

#include "guest/stub_types.h"

/* A resume packet's action for one vCPU. */
struct resume_action {
	enum { ACTION_NONE, ACTION_CONTINUE, ACTION_STEP, ACTION_RANGE,
	       ACTION_STOP } kind;
	uint64_t start;		/* of ACTION_RANGE */
	uint64_t end;
};

/* The action of each vCPU. All zero: no vCPU has one. */
struct resume_plan {
	struct resume_action actions[VCPUS_MAX];
};

/**
 * resume_plan_add() - add an action to a plan
 * @s: stub
 * @plan: plan
 * @vcpu: vCPU, THREAD_ALL, or THREAD_ANY for that of the last stop reply
 * @action: ignored for vCPUs that have an action already
 */
void resume_plan_add(const struct stub *s, struct resume_plan *plan, int vcpu,
		     const struct resume_action *action);

/* Return: mask of the existing vCPUs that @plan lets run. */
uint64_t resume_plan_runs(const struct stub *s, const struct resume_plan *plan);

/**
 * resume_run() - carry out a plan
 * @s: stub whose guest is stopped
 * @plan: plan
 *
 * Instead of running anything it reports a pending stop, if there is one.
 *
 * Return: REPLY_SENT if the reply is a stop reply, sent now or later. A
 * negative errno if nothing runs.
 */
int resume_run(struct stub *s, const struct resume_plan *plan);

/*
 * Stop the running guest and send a stop reply: a pending one, or one with
 * @signal (SIGNAL_*).
 */
void resume_stop(struct stub *s, int signal);

/*
 * Carry out a plan in non-stop mode: resume what is stopped, stop what runs.
 * Return: 0 or a negative errno. Stops are pending then, see stops_notify().
 */
int resume_run_some(struct stub *s, const struct resume_plan *plan);

#endif /* VMXGDB_RESUME_H */
