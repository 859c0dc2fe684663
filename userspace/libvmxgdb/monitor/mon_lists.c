// SPDX-License-Identifier: MIT
/* Monitor commands that list what the target has: memory slots, breakpoints, catches. */
#include <errno.h>
#include <stdlib.h>

#include "guest/object_words.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/monitor_command.h"
#include "monitor/page_text.h"

/* ---- memory slots ---- */

static int mon_slots(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_slot *slots = NULL;
	int i, count = target_call(s->target, slots, &slots);

	if (count == -EOPNOTSUPP)
		return reply_error(s, count, "the target does not tell its memory slots");
	if (count < 0)
		return count;
	for (i = 0; i < count; i++) {
		BUF_ON_STACK(size, 16);

		page_put_size(&size, slots[i].size);
		reply_console(s, "slot %u: %016llx-%016llx, %s, in the VMM at 0x%llx%s%s\n",
			      slots[i].slot, ull(slots[i].gpa),
			      ull(slots[i].gpa + slots[i].size - 1), size.data, ull(slots[i].hva),
			      slots[i].flags & KVM_MEM_READONLY ? ", read-only" : "",
			      slots[i].flags & KVM_MEM_LOG_DIRTY_PAGES ? ", dirty log" : "");
	}
	if (!count)
		reply_console(s, "the VM has no memory\n");
	free(slots);
	return 0;
}

/* ---- breakpoints and catches ---- */

static void show_object(struct stub *s, const struct vmxdbg_object_info *o)
{
	BUF_ON_STACK(text, 900);

	buf_printf(&text, "%u: %s%s 0x%llx", o->id,
		   o->kind == VMXDBG_OBJECT_CATCH ? "catch " : "", object_type(o), ull(o->first));
	if (o->last != o->first)
		buf_printf(&text, "-0x%llx", ull(o->last));
	buf_printf(&text, ", %llu hit%s, ", ull(o->hits), o->hits == 1 ? "" : "s");
	object_put_armed(o, &text);
	object_put_filters(s, o, &text);
	reply_console(s, "%s\n", text.data);
}

static int mon_objects(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_object_info *objects = NULL;
	int i, count = target_call(s->target, objects, &objects);

	if (count == -EOPNOTSUPP)
		return reply_error(s, count, "the target does not list its breakpoints");
	if (count < 0)
		return count;
	for (i = 0; i < count; i++)
		show_object(s, &objects[i]);
	if (!count)
		reply_console(s, "no breakpoint, watchpoint or catch is inserted now\n");
	free(objects);
	return 0;
}

/* ---- what there is not ---- */

static int mon_lapic(struct stub *s, int argc, char **argv)
{
	reply_console(s, "the module has no local APIC: the VMM has it, if the guest has one\n");
	return 0;
}

const struct monitor_command monitor_lists[] = {
	{ "slots", "", "list the memory slots", .handler = mon_slots },
	{ "objects", "", "list what the target has inserted, with hits", .handler = mon_objects },
	{ "lapic", "", "tell where the local APIC is", .handler = mon_lapic },
	{ 0 },
};
