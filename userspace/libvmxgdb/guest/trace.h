/* SPDX-License-Identifier: MIT */
/* gdb's tracepoints: definitions, and the trace that collects at their hits. */
#ifndef VMXGDB_TRACE_H
#define VMXGDB_TRACE_H

#include "guest/stub_types.h"

/* Forget all definitions, variables and frames. */
void trace_reset(struct stub *s);

/* Return: the location of a tracepoint, or NULL. */
struct trace_point *trace_find(const struct stub *s, uint64_t number, uint64_t addr);

/* Add a location. Return: NULL if there is no memory. */
struct trace_point *trace_add(struct stub *s, uint64_t number, uint64_t addr);

/* Return: the location whose object in the target has this id, or NULL. */
struct trace_point *trace_by_id(const struct stub *s, uint32_t id);

/* Remove a location. */
void trace_delete(struct stub *s, struct trace_point *p);

/* Append a copy of @text. Return: false if there is no memory. */
bool trace_add_text(struct trace_text **list, const char *text);

/* Set the number of steps after a hit. Return: false if there is no memory. */
bool trace_set_steps(struct trace_point *p, uint64_t steps);

/* Set a variable of the user and its initial value. Return: false if there is no memory. */
bool trace_set_var(struct stub *s, uint64_t number, uint64_t value, const char *name);

/* Let the target no longer record the hits of a location, or of all of them. */
void trace_remove(struct stub *s, struct trace_point *p);
void trace_remove_all(struct stub *s);

/* Return: microseconds since 1970. */
uint64_t trace_clock(void);

/* End the trace. @why: for qTStatus */
void trace_stop(struct stub *s, const char *why, ...) __attribute__((format(printf, 2, 3)));

/* The trace ends because of @p. */
void trace_end_by_error(struct stub *s, const struct trace_point *p, const char *why);

/* An object of the target has failed: if it is of a tracepoint, the trace ends. */
void trace_failed(struct stub *s, uint32_t id, const char *why);

/* Return: the selected frame, or NULL. */
const struct trace_frame *trace_selected(const struct stub *s);

#endif /* VMXGDB_TRACE_H */
