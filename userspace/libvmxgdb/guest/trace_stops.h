/* SPDX-License-Identifier: MIT */
/*
 * Tracepoints whose hits stop the vCPU for a moment: those with while-stepping, and those
 * that use variables which change. The stub itself collects there, and the debugger sees
 * no stop.
 */
#ifndef VMXGDB_TRACE_STOPS_H
#define VMXGDB_TRACE_STOPS_H

#include "guest/stub_types.h"

/*
 * Collect, if a tracepoint was hit or is stepping. Return: whether the debugger does not
 * want to know of the event, so the vCPU goes on if it ran.
 */
bool trace_stops_event(struct stub *s, const struct vmxdbg_event *event);

/* Return: whether the steps of a tracepoint are not done yet. */
bool trace_stops_stepping(const struct stub *s, unsigned int vcpu);

/* Return: how to resume a vCPU for which the debugger wants vcpu.how. */
struct vmxdbg_resume trace_stops_how(const struct stub *s, unsigned int vcpu);

#endif /* VMXGDB_TRACE_STOPS_H */
