// SPDX-License-Identifier: MIT
/*
 * A system call has no event of its own, so the stub has breakpoints at the entries of the
 * kernel, with a condition if only some calls are wanted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/agent_code.h"
#include "guest/bp_object.h"
#include "guest/bp_table.h"
#include "guest/pause.h"
#include "guest/reply.h"
#include "guest/syscall_entries.h"
#include "guest/syscall_table.h"
#include "guest/syscalls.h"
#include "guest/vcpus.h"
#include "wire/parse.h"

static bool next_number(const char **list, uint64_t *number)
{
	return parse_char(list, ';') && parse_hex(list, number) && *number <= UINT32_MAX;
}

bool syscalls_valid(const char *numbers)
{
	uint64_t number;

	while (*numbers)
		if (!next_number(&numbers, &number))
			return false;
	return true;
}

/* ---- the condition ---- */

#define HEAD_SIZE	5	/* of the bytes in front of the numbers, ... */
#define NUMBER_SIZE	10	/* ... for each number, ... */
#define END_SIZE	3	/* ... and for the result 0 */

/* Make the condition "EAX is one of @numbers". Return: false if it would be too long. */
static bool make_condition(const struct stub *s, const char *numbers, struct buf *code)
{
	uint64_t count = 0, number, found;
	const char *p;

	for (p = numbers; *p; count++)
		next_number(&p, &number);
	found = HEAD_SIZE + count * NUMBER_SIZE + END_SIZE;
	if (found >= VMXDBG_CODE_MAX)
		return false;
	agent_put(code, AGENT_REG, agent_reg_number(s->layout, 0), 2);
	agent_put(code, AGENT_ZERO_EXT, 32, 1);
	for (p = numbers; next_number(&p, &number);) {
		agent_put(code, AGENT_DUP, 0, 0);
		agent_put(code, AGENT_CONST32, number, 4);
		agent_put(code, AGENT_EQUAL, 0, 0);
		agent_put(code, AGENT_IF_GOTO, found, 2);
	}
	agent_put(code, AGENT_CONST8, 0, 1);
	agent_put(code, AGENT_END, 0, 0);
	agent_put(code, AGENT_CONST8, 1, 1);
	agent_put(code, AGENT_END, 0, 0);
	return !code->full;
}

/* ---- breakpoints ---- */

/*
 * gdb passes over calls that it does not want, so a breakpoint without the condition is right,
 * only slower.
 */
static int add(struct stub *s, const char *numbers, struct syscall_entry *entry)
{
	AGENT_CODE_ON_STACK(cond);
	struct bp_key key = { .type = BP_SOFT, .addr = entry->addr, .len = 1 };
	struct vmxdbg_options options = { 0 };
	int result = -EINVAL;

	if (*numbers && make_condition(s, numbers, &cond)) {
		options.cond = (uintptr_t)cond.data;
		options.cond_len = cond.len;
		result = bp_object_add(s, &key, &options, &entry->id);
	}
	return result == -EINVAL ? bp_object_add(s, &key, NULL, &entry->id) : result;
}

static int add_or_make_room(struct stub *s, const char *numbers, struct syscall_entry *entry)
{
	int result = add(s, numbers, entry);

	/* Breakpoints that gdb has removed may be what there is no room for. */
	if (result == -ENOSPC) {
		bp_table_flush(s);
		result = add(s, numbers, entry);
	}
	return result;
}

/* Take the breakpoint that is there. Return: false if there is none that is as it should be. */
static bool take(const struct syscalls *old, const char *numbers, struct syscall_entry *entry)
{
	unsigned int i;

	for (i = 0; old->numbers && !strcmp(old->numbers, numbers) && i < old->count; i++)
		if (old->entries[i].addr == entry->addr) {
			entry->id = old->entries[i].id;
			return true;
		}
	return false;
}

static int add_all(struct stub *s, struct syscalls *new)
{
	const struct syscalls *old = &s->bp_table.syscalls;
	unsigned int i;
	int result = 0;

	for (i = 0; i < new->count && result >= 0; i++)
		if (!take(old, new->numbers, &new->entries[i]))
			result = add_or_make_room(s, new->numbers, &new->entries[i]);
	if (result < 0)
		new->count = i - 1;
	return result;
}

static int find_entries(struct stub *s, struct syscalls *new)
{
	int i, result = 0;
	bool paused;

	for_each_vcpu(s, i) {
		result = pause_begin(s, i, &paused);
		if (result < 0)
			break;
		result = syscall_entries_find(s, i, new);
		pause_end(s, i, paused);
		if (result < 0)
			break;
	}
	if (result == -E2BIG)
		return reply_error(s, result, "the vCPUs have too many entries of system calls");
	if (result == 0 && !new->count)
		return reply_error(s, -ENXIO, "the guest has no entry of system calls yet");
	return result;
}

static int catch_them(struct stub *s, struct syscalls *new)
{
	int result = find_entries(s, new);

	if (result < 0)
		return result;
	result = add_all(s, new);
	if (result < 0)
		syscall_table_undo(s, new);
	if (result == -ENOSPC)
		return reply_error(s, result, "there are too many breakpoints");
	if (result == -ENXIO)
		return reply_error(s, result, "no memory is at the entry of system calls");
	return result;
}

int syscalls_catch(struct stub *s, const char *numbers)
{
	struct syscalls new = { .wanted = true, .numbers = strdup(numbers) };
	int result;

	if (!new.numbers)
		return -ENOMEM;
	/* A flush must not delete what is taken over. */
	s->bp_table.syscalls.wanted = true;
	result = catch_them(s, &new);
	if (result == 0) {
		syscall_table_replace(s, &new);
		return 0;
	}
	s->bp_table.syscalls.wanted = false;
	free(new.numbers);
	return result;
}
