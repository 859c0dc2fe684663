/* SPDX-License-Identifier: MIT */
/* Actions of tracepoints as bytecode that the target runs at each hit. */
#ifndef VMXGDB_TRACE_CODE_H
#define VMXGDB_TRACE_CODE_H

#include "guest/stub_types.h"

/**
 * trace_code_make() - make the bytecode of all actions
 * @s: stub
 * @p: tracepoint; what its records have of registers is set
 * @code: gets the bytecode
 *
 * Return: NULL, or why the target cannot do it.
 */
const char *trace_code_make(const struct stub *s, struct trace_point *p, struct buf *code);

/* Make the bytecode of the condition, none if there is none. Return: as above. */
const char *trace_code_condition(const struct stub *s, const struct trace_point *p,
				 struct buf *code);

/* Return: whether records with the general registers have the value of @reg. */
bool trace_code_general(const struct reg *reg);

#endif /* VMXGDB_TRACE_CODE_H */
