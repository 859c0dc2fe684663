// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "guest/syscall_table.h"
#include "guest/target.h"

static bool has(const struct syscalls *t, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < t->count; i++)
		if (t->entries[i].id == id)
			return true;
	return false;
}

bool syscall_table_has(const struct stub *s, uint32_t id)
{
	return has(&s->bp_table.syscalls, id);
}

/* Delete from the target what is in @t and not in @kept. */
static void delete_others(struct stub *s, const struct syscalls *t, const struct syscalls *kept)
{
	unsigned int i;

	for (i = 0; i < t->count; i++)
		if (!has(kept, t->entries[i].id))
			target_call(s->target, del_bp, t->entries[i].id);
}

void syscall_table_flush(struct stub *s)
{
	const struct syscalls none = { 0 };

	if (!s->bp_table.syscalls.wanted)
		syscall_table_replace(s, &none);
}

void syscall_table_replace(struct stub *s, const struct syscalls *new)
{
	struct syscalls *t = &s->bp_table.syscalls;

	delete_others(s, t, new);
	free(t->numbers);
	*t = *new;
}

void syscall_table_undo(struct stub *s, const struct syscalls *other)
{
	delete_others(s, other, &s->bp_table.syscalls);
}
