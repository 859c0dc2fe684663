/* SPDX-License-Identifier: MIT */
/* Resuming vCPUs, and stopping them on request. */
#ifndef VMXGDB_RESUME_H
#define VMXGDB_RESUME_H

#include "guest/stub_types.h"

/**
 * struct resume_plan - the action of each vCPU
 * @rest: of those that have none of their own in struct vcpu, and of new ones
 */
struct resume_plan {
	struct resume_action rest;
};

/* Begin a plan in which no vCPU has an action. */
void resume_plan_begin(struct stub *s, struct resume_plan *plan);

/**
 * resume_plan_add() - add an action to a plan
 * @s: stub
 * @plan: plan
 * @vcpu: vCPU, THREAD_ALL, or THREAD_ANY for that of the last stop reply
 * @action: ignored for vCPUs that have an action already
 */
void resume_plan_add(struct stub *s, struct resume_plan *plan, int vcpu,
		     const struct resume_action *action);

/* Return: whether @plan lets an existing vCPU run. @vcpus: set to all of these, or NULL */
bool resume_plan_runs(const struct stub *s, const struct resume_plan *plan,
		      struct vcpu_set *vcpus);

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
