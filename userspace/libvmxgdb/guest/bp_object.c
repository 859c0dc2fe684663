// SPDX-License-Identifier: MIT
/* The target's object of a breakpoint or watchpoint. */
#include <errno.h>
#include <string.h>

#include "guest/address_space.h"
#include "guest/bp_object.h"
#include "guest/pause.h"
#include "guest/reply.h"
#include "guest/target.h"

static const uint32_t target_type[] = {
	[BP_SOFT] = VMXDBG_BP_SOFT,
	[BP_HARD] = VMXDBG_BP_HARD,
	[BP_WRITE] = VMXDBG_BP_WRITE,
	[BP_READ] = VMXDBG_BP_READ,
	[BP_ACCESS] = VMXDBG_BP_ACCESS,
};

/* Let the object stop in one address space. @cond: where its condition will be */
static int limit_to_space(const struct address_space *space, struct vmxdbg_bp *object,
			  struct vmxdbg_options *options, struct condition *cond)
{
	bool by_cr3;
	int result;

	cond->len = options->cond_len;
	if (cond->len)
		memcpy(cond->code, (const void *)(uintptr_t)options->cond, cond->len);
	result = address_space_require(space, cond, &by_cr3);
	if (result < 0)
		return result;
	if (by_cr3) {
		object->flags |= VMXDBG_BP_CR3;
		object->cr3 = space->cr3;
	}
	options->cond = cond->len ? (uintptr_t)cond->code : 0;
	options->cond_len = cond->len;
	object->options = (uintptr_t)options;
	return 0;
}

/*
 * Return: whether the page may not be executed. A function that gdb calls returns to the
 * stack, where the fetch of an int3 is a page fault; a debug register comes before it (SDM
 * vol. 3, 6.9).
 */
static bool only_debug_registers(struct stub *s, const struct vmxdbg_bp *object)
{
	struct vmxdbg_translate to;

	return object->type == VMXDBG_BP_SOFT && s->target->ops->translate &&
	       s->target->ops->translate(s->target, object->vcpu, object->addr, &to) == 0 &&
	       !(to.flags & VMXDBG_PAGE_EXEC);
}

static int add_object(struct stub *s, struct vmxdbg_bp *object)
{
	int result;

	if (only_debug_registers(s, object)) {
		object->type = VMXDBG_BP_HARD;
		result = target_call(s->target, add_bp, object);
		if (result != -ENOSPC)
			return result;
		/* The page may become executable. */
		object->type = VMXDBG_BP_SOFT;
	}
	return target_call(s->target, add_bp, object);
}

int bp_object_add(struct stub *s, const struct bp_key *key,
		  const struct vmxdbg_options *options, uint32_t *id)
{
	struct vmxdbg_bp object = {
		.type = target_type[key->type],
		.addr = key->addr,
		.len = key->len,
		.vcpu = s->general,
		.options = (uintptr_t)options,
	};
	struct vmxdbg_options in_space;
	struct condition cond;
	bool paused;
	int result = 0;

	if (s->bp_table.one_space) {
		in_space = options ? *options : (struct vmxdbg_options){ 0 };
		result = limit_to_space(&s->bp_table.space, &object, &in_space, &cond);
	}
	if (result < 0)
		return reply_error(s, result, "the condition is too long");
	result = pause_begin(s, s->general, &paused);
	if (result < 0)
		return result;
	result = add_object(s, &object);
	pause_end(s, s->general, paused);
	*id = object.id;
	return result;
}
