/* SPDX-License-Identifier: MIT */
/*
 * Running gdb's agent expressions here, for what the target cannot do: expressions that
 * change trace state variables, or that are evaluated after a step.
 */
#ifndef VMXGDB_AGENT_RUN_H
#define VMXGDB_AGENT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct agent_world - the surroundings of an expression
 * @reg: get a register of the debugger's layout
 * @memory: read all of @len bytes
 * @get_var: get a trace state variable
 * @set_var: set it
 * @trace: collect @len bytes at @addr; @string: only up to a NUL
 * @trace_var: collect a variable
 * @context: their first argument
 *
 * Each returns NULL, or why it is not possible.
 */
struct agent_world {
	const char *(*reg)(void *context, unsigned int number, uint64_t *value);
	const char *(*memory)(void *context, uint64_t addr, void *data, size_t len);
	const char *(*get_var)(void *context, unsigned int number, uint64_t *value);
	const char *(*set_var)(void *context, unsigned int number, uint64_t value);
	const char *(*trace)(void *context, uint64_t addr, uint64_t len, bool string);
	const char *(*trace_var)(void *context, unsigned int number);
	void *context;
};

/**
 * agent_run() - run an expression
 * @code: bytecode, which may be any bytes
 * @len: its length
 * @world: see there
 * @result: set to the top of the stack at the end, 0 if the stack is empty
 *
 * Return: NULL, or why it has failed.
 */
const char *agent_run(const uint8_t *code, size_t len, const struct agent_world *world,
		      uint64_t *result);

#endif /* VMXGDB_AGENT_RUN_H */
