// SPDX-License-Identifier: MIT
#include "guest/catch_types.h"
#include "guest/object_words.h"
#include "guest/target.h"
#include "guest/vcpus.h"

#define ull(x)	((unsigned long long)(x))

const char *object_type(const struct vmxdbg_object_info *o)
{
	static const char * const bps[] = { "soft", "hard", "write", "access", "read", "exec" };
	static const char * const catches[VMXDBG_CATCH_TYPES] = {
		"io", "msr", "cr", "cpuid", "rdtsc", "hlt", "exception", "interrupt", "vmcall",
		"table", "mmio", "reset", "entry", "eoi", "ipi",
	};

	if (o->kind == VMXDBG_OBJECT_BP)
		return o->type < sizeof(bps) / sizeof(*bps) ? bps[o->type] : "?";
	return o->type < VMXDBG_CATCH_TYPES ? catches[o->type] : "?";
}

void object_put_armed(const struct vmxdbg_object_info *o, struct buf *out)
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

static void put_sources(const struct vmxdbg_object_info *o, struct buf *out)
{
	const char *name;
	uint32_t flag;

	for (flag = VMXDBG_FROM_TIMER; flag <= VMXDBG_FROM_UNKNOWN; flag <<= 1) {
		name = o->flags & flag ? catch_source_name(flag) : NULL;
		if (name)
			buf_printf(out, ", from %s", name);
	}
}

/* A target without sets has masks. */
static void put_vcpus(struct stub *s, const struct vmxdbg_object_info *o, struct buf *out)
{
	struct vcpu_set set = { .words = { o->vcpu_mask }, .end = o->vcpu_mask ? 64 : 0 };
	int words = o->vcpu_words < 2 ? 0 :
		    target_call(s->target, vcpu_set, o->id, set.words, VMXDBG_VCPU_WORDS);

	if (words > 0)
		set.end = 64 * words;
	if (vcpu_set_is_empty(&set))
		return;
	buf_puts(out, ", vCPUs ");
	vcpus_put_ranges(&set, out);
}

void object_put_filters(struct stub *s, const struct vmxdbg_object_info *o, struct buf *out)
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
	if (!bp)
		put_sources(o, out);
	put_vcpus(s, o, out);
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
