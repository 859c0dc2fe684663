/* SPDX-License-Identifier: MIT */
/* Actions of tracepoints, as the debugger sends them. */
#ifndef VMXGDB_TRACE_ACTION_H
#define VMXGDB_TRACE_ACTION_H

#include "guest/stub_types.h"

/**
 * struct trace_action - one action
 * @kind: 'R', 'M' or 'X'
 * @mask: R: hex digits, the most significant first
 * @digits: R: how many
 * @based: M: @base is the number of a register
 * @base: see @based
 * @offset: M: from the base, or the address
 * @len: M: bytes; X: bytes of @code
 * @code: X: expression
 */
struct trace_action {
	char kind;
	const char *mask;
	size_t digits;
	bool based;
	uint64_t base;
	uint64_t offset;
	uint64_t len;
	uint8_t code[VMXDBG_CODE_MAX];
};

/* Return: whether @text has the form of actions that a tracepoint can have. */
bool trace_actions_valid(const char *text);

/* Return: whether register @number is in the mask of an 'R'. */
bool trace_action_has(const struct trace_action *a, unsigned int number);

/*
 * Call @f for each action of a list, in their order, until one returns why it is not
 * possible. Return: that, or NULL.
 */
const char *trace_actions_each(const struct trace_text *list,
			       const char *(*f)(void *context, struct trace_action *a),
			       void *context);

#endif /* VMXGDB_TRACE_ACTION_H */
