/* SPDX-License-Identifier: MIT */
/* Finding the variables that change, and the tracepoints that must stop a vCPU for a moment. */
#ifndef VMXGDB_TRACE_NEEDS_H
#define VMXGDB_TRACE_NEEDS_H

#include "guest/stub_types.h"

/* Find out both for all tracepoints. Return: NULL, or why the trace cannot be. */
const char *trace_needs_find(struct stub *s);

/* Return: whether the condition of @p must be evaluated by the stub. */
bool trace_needs_condition(const struct stub *s, const struct trace_point *p);

#endif /* VMXGDB_TRACE_NEEDS_H */
