/* SPDX-License-Identifier: MIT */
/* Events from the target: what stopped a vCPU. */
#ifndef VMXGDB_EVENTS_H
#define VMXGDB_EVENTS_H

#include "guest/stub_types.h"

/* Return: the signal for an event. */
int event_signal(const struct vcpu_event *why);

/* Read the target's events. Return: how many there were. */
int events_collect(struct stub *s);

/*
 * Let vCPUs go on that events_collect() found at an exception that does not stop, or at a
 * tracepoint. They have no stop.
 */
void events_resume_passed(struct stub *s);

#endif /* VMXGDB_EVENTS_H */
