// SPDX-License-Identifier: MIT
#include <errno.h>

#include "guest/catchpoint_add.h"
#include "guest/catchpoints.h"
#include "guest/pause.h"
#include "guest/reply.h"
#include "guest/target.h"

static int refused(struct stub *s, int error)
{
	if (error == -ENOSPC)
		return reply_error(s, error, "there are too many breakpoints and catches");
	if (error == -ENXIO)
		return reply_error(s, error, "the address is not mapped");
	return error;
}

int catchpoint_add_catch(struct stub *s, struct vmxdbg_catch *object, const char *text)
{
	int result = target_call(s->target, add_catch, object);

	if (result == -EOPNOTSUPP && object->type == VMXDBG_CATCH_MMIO)
		return reply_error(s, result, "memory is there: use monitor watch phys");
	if (result == -EOPNOTSUPP)
		return reply_error(s, result, "this VM cannot catch it");
	if (result < 0)
		return refused(s, result);
	return catchpoints_put(s, object->id, object->type, text);
}

int catchpoint_add_bp(struct stub *s, struct vmxdbg_bp *object, const char *text)
{
	bool physical = object->flags & VMXDBG_BP_PHYSICAL, paused = false;
	int result = 0;

	object->vcpu = physical ? 0 : s->general;
	if (!physical)
		result = pause_begin(s, s->general, &paused);
	if (result < 0)
		return result;
	result = target_call(s->target, add_bp, object);
	pause_end(s, s->general, paused);
	if (result == -EOPNOTSUPP)
		return reply_error(s, result, "this VM cannot watch it");
	if (result < 0)
		return refused(s, result);
	return catchpoints_put(s, object->id, NO_CATCH, text);
}
