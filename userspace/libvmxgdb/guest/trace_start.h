/* SPDX-License-Identifier: MIT */
/* Letting the target record the hits of tracepoints. */
#ifndef VMXGDB_TRACE_START_H
#define VMXGDB_TRACE_START_H

#include "guest/stub_types.h"

/*
 * Let the target record the hits of a location.
 * Return: 0 or a negative errno with its text in s->error.
 */
int trace_install(struct stub *s, struct trace_point *p);

/* Begin a trace without frames. Return: as trace_install(). */
int trace_start(struct stub *s);

#endif /* VMXGDB_TRACE_START_H */
