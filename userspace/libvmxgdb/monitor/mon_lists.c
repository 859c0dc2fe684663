// SPDX-License-Identifier: MIT
/* Monitor commands that list what the target has: memory slots, breakpoints, catches. */
#include <errno.h>
#include <stdlib.h>

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

static const char *type_name(const struct vmxdbg_object_info *o)
{
	static const char * const bps[] = { "soft", "hard", "write", "access", "read", "exec" };
	static const char * const catches[VMXDBG_CATCH_TYPES] = {
		"io", "msr", "cr", "cpuid", "rdtsc", "hlt", "exception", "interrupt", "vmcall",
		"table", "mmio", "reset", "entry",
	};

	if (o->kind == VMXDBG_OBJECT_BP)
		return o->type < sizeof(bps) / sizeof(*bps) ? bps[o->type] : "?";
	return o->type < VMXDBG_CATCH_TYPES ? catches[o->type] : "?";
}

static void put_armed(struct buf *out, const struct vmxdbg_object_info *o)
{
	switch (o->armed) {
	case VMXDBG_ARMED_REGISTER:
		buf_puts(out, "in a debug register");
		break;
	case VMXDBG_ARMED_COPY:
		buf_printf(out, "in copies of pages, %u mapped", o->sites);
		break;
	case VMXDBG_ARMED_EPT:
		buf_printf(out, "by EPT, %u pages mapped", o->sites);
		break;
	default:
		buf_puts(out, "by VM exits");
	}
}

static void put_filters(struct buf *out, const struct vmxdbg_object_info *o)
{
	bool bp = o->kind == VMXDBG_OBJECT_BP;

	if (bp && (o->flags & VMXDBG_BP_PHYSICAL))
		buf_puts(out, ", physical");
	if (bp && (o->flags & VMXDBG_BP_CR3))
		buf_printf(out, ", cr3 0x%llx", ull(o->cr3));
	if (!bp && (o->flags & VMXDBG_CATCH_READ))
		buf_puts(out, ", reads");
	if (!bp && (o->flags & VMXDBG_CATCH_WRITE))
		buf_puts(out, ", writes");
	if (o->vcpu_mask)
		buf_printf(out, ", vCPU mask 0x%llx", ull(o->vcpu_mask));
	if (o->cpl_mask)
		buf_printf(out, ", CPL mask 0x%x", o->cpl_mask);
	if (o->ignore)
		buf_printf(out, ", ignores %llu", ull(o->ignore));
	if (o->code & VMXDBG_CODE_COND)
		buf_puts(out, ", condition");
	if (o->action == VMXDBG_ACTION_COUNT)
		buf_puts(out, ", counts");
	if (o->action == VMXDBG_ACTION_RECORD)
		buf_puts(out, ", records");
}

static void show_object(struct stub *s, const struct vmxdbg_object_info *o)
{
	BUF_ON_STACK(text, 400);

	buf_printf(&text, "%u: %s%s 0x%llx", o->id,
		   o->kind == VMXDBG_OBJECT_CATCH ? "catch " : "", type_name(o), ull(o->first));
	if (o->last != o->first)
		buf_printf(&text, "-0x%llx", ull(o->last));
	buf_printf(&text, ", %llu hit%s, ", ull(o->hits), o->hits == 1 ? "" : "s");
	put_armed(&text, o);
	put_filters(&text, o);
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
