// SPDX-License-Identifier: MIT
#include <vmxdbg-client.h>

#include "guest/catch_types.h"
#include "guest/catchpoints.h"
#include "guest/event_words.h"

#define ull(x)	((unsigned long long)(x))

/* ---- errors ---- */

const char *event_dead_end(const struct vmxdbg_event *event)
{
	if (!(event->why & VMXDBG_WHY_ERROR))
		return NULL;
	switch (event->error) {
	case VMXDBG_ERROR_EMULATION:
		return "vmxdbg cannot emulate the instruction";
	case VMXDBG_ERROR_FETCH:
		return "no memory is there";
	case VMXDBG_ERROR_ENTRY:
		return "VM entry fails";
	default:
		return NULL;
	}
}

const char *event_trouble(const struct vmxdbg_event *event)
{
	if (!(event->why & VMXDBG_WHY_ERROR) || event_dead_end(event))
		return NULL;
	switch (event->error) {
	case VMXDBG_ERROR_MEMORY:
		return "a condition or recording reads memory that is not there";
	case VMXDBG_ERROR_DIVIDE:
		return "a condition or recording divides by zero";
	case VMXDBG_ERROR_BUDGET:
		return "a condition or recording takes too many operations";
	case VMXDBG_ERROR_SIZE:
		return "a recording selects more than fits into a record";
	case VMXDBG_ERROR_PLACES:
		return "the guest maps more than can be watched";
	case VMXDBG_ERROR_UNARMED:
		return "the guest uses the debug registers of a breakpoint, which has no effect until it gives them back";
	case VMXDBG_ERROR_NO_MEMORY:
		return "no memory is left to follow the guest's page tables: breakpoints may be missing";
	default:
		return "an error that this program does not know";
	}
}

/* ---- catches ---- */

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void put_io(const __u64 *data, struct buf *out)
{
	bool write = data[2] == VMXDBG_CATCH_WRITE;
	/* A value that does not fit is the address of an OUTS. */
	bool fits = data[1] >= 8 || !(data[3] >> 8 * data[1]);

	buf_printf(out, "%s port 0x%llx, %llu byte%s", write ? "out to" : "in from",
		   ull(data[0]), ull(data[1]), plural(data[1]));
	if (write && fits)
		buf_printf(out, ": 0x%llx", ull(data[3]));
	else if (data[3])
		buf_printf(out, ", memory at 0x%llx", ull(data[3]));
}

static void put_msr(const __u64 *data, struct buf *out)
{
	const char *name = catch_value_name(VMXDBG_CATCH_MSR, data[0]);
	bool write = data[1] == VMXDBG_CATCH_WRITE;

	buf_printf(out, "%s of MSR 0x%llx", write ? "write" : "read", ull(data[0]));
	if (name)
		buf_printf(out, " (%s)", name);
	if (write)
		buf_printf(out, ": 0x%llx", ull(data[2]));
}

/* An error code of a #PF is of bits, others name a selector. */
static void put_error_code(const __u64 *data, struct buf *out)
{
	static const char * const bits[] = { "present", "write", "user", "reserved bit",
					     "instruction fetch", "protection key",
					     "shadow stack" };
	const char *sep = " (";
	unsigned int i;

	if (!data[3])
		return;
	buf_printf(out, ", error code 0x%llx", ull(data[1]));
	if (data[0] != 14)
		return;
	for (i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		if (data[1] >> i & 1) {
			buf_printf(out, "%s%s", sep, bits[i]);
			sep = ", ";
		}
	}
	buf_printf(out, "%s, address 0x%llx", *sep == ',' ? ")" : "", ull(data[2]));
}

static void put_exception(const __u64 *data, struct buf *out)
{
	const char *name = catch_value_name(VMXDBG_CATCH_EXCEPTION, data[0]);

	buf_printf(out, "exception %llu", ull(data[0]));
	if (name)
		buf_printf(out, " %s", name);
	put_error_code(data, out);
}

static void put_table(const __u64 *data, struct buf *out)
{
	const char *name = catch_value_name(VMXDBG_CATCH_TABLE, data[0]);

	buf_printf(out, "%s", name ? name : "descriptor table instruction");
	if (data[2])
		buf_printf(out, ", register operand 0x%llx", ull(data[3]));
	else
		buf_printf(out, ", operand at 0x%llx", ull(data[1]));
}

static void put_mmio(const __u64 *data, struct buf *out)
{
	bool write = data[2] == VMXDBG_CATCH_WRITE;

	buf_printf(out, "%s without memory at physical 0x%llx, %llu byte%s",
		   write ? "write" : "read", ull(data[0]), ull(data[1]), plural(data[1]));
	if (write)
		buf_printf(out, ": 0x%llx", ull(data[3]));
}

static void put_interrupt(const __u64 *data, struct buf *out)
{
	const char *who = catch_source_name(data[1]);

	buf_printf(out, "interrupt %llu (0x%llx)%s", ull(data[0]), ull(data[0]),
		   data[0] == 2 ? ", NMI" : "");
	if (!who || data[1] == VMXDBG_FROM_UNKNOWN)
		return;
	buf_printf(out, ", from %s", who);
	if (data[1] == VMXDBG_FROM_IPI)
		buf_printf(out, " of vCPU %llu", ull(data[2]));
	else if (data[1] == VMXDBG_FROM_IOAPIC || data[1] == VMXDBG_FROM_PIC)
		buf_printf(out, " pin %llu", ull(data[2]));
	else if (data[1] == VMXDBG_FROM_LVT)
		buf_printf(out, " register 0x%llx", ull(data[2]));
}

static void put_ipi(const __u64 *data, struct buf *out)
{
	static const char * const shorthands[] = { "", " to itself", " to all",
						   " to all others" };
	const char *name = catch_value_name(VMXDBG_CATCH_IPI, data[0]);
	const char *to = shorthands[data[2] >> 18 & 3];

	buf_printf(out, "IPI %s, vector 0x%llx", name ? name : "of no kind",
		   ull(data[0] & 0xff));
	if (*to)
		buf_puts(out, to);
	else
		buf_printf(out, " to %s APIC 0x%llx", data[2] & 0x800 ? "logical" : "physical",
			   ull(data[1]));
}

void event_put_caught(const struct vcpu_event *why, struct buf *out)
{
	const __u64 *data = why->event.data;

	switch (why->caught) {
	case VMXDBG_CATCH_IO:
		put_io(data, out);
		break;
	case VMXDBG_CATCH_MSR:
		put_msr(data, out);
		break;
	case VMXDBG_CATCH_CR:
		buf_printf(out, "write of cr%llu: 0x%llx, before 0x%llx", ull(data[0]),
			   ull(data[1]), ull(data[2]));
		break;
	case VMXDBG_CATCH_CPUID:
		buf_printf(out, "cpuid of leaf 0x%llx, subleaf 0x%llx", ull(data[0]),
			   ull(data[1]));
		break;
	case VMXDBG_CATCH_RDTSC:
		buf_puts(out, data[0] ? "rdtscp" : "rdtsc");
		break;
	case VMXDBG_CATCH_HLT:
		buf_puts(out, "hlt");
		break;
	case VMXDBG_CATCH_EXCEPTION:
		put_exception(data, out);
		break;
	case VMXDBG_CATCH_INTERRUPT:
		put_interrupt(data, out);
		break;
	case VMXDBG_CATCH_VMCALL:
		buf_printf(out, "vmcall, rax 0x%llx rbx 0x%llx rcx 0x%llx rdx 0x%llx",
			   ull(data[0]), ull(data[1]), ull(data[2]), ull(data[3]));
		break;
	case VMXDBG_CATCH_TABLE:
		put_table(data, out);
		break;
	case VMXDBG_CATCH_MMIO:
		put_mmio(data, out);
		break;
	case VMXDBG_CATCH_RESET:
		buf_puts(out, data[0] == VMXDBG_RESET_VMM ? "the VMM is about to reset the vCPU" :
			 "triple fault");
		break;
	case VMXDBG_CATCH_ENTRY:
		buf_printf(out, "VM entry fails, reason 0x%llx, qualification 0x%llx",
			   ull(data[0]), ull(data[1]));
		break;
	case VMXDBG_CATCH_EOI:
		buf_printf(out, "end of interrupt %llu (0x%llx)%s", ull(data[0]), ull(data[0]),
			   data[1] ? ", level-triggered" : "");
		break;
	case VMXDBG_CATCH_IPI:
		put_ipi(data, out);
		break;
	default:
		if (why->event.why & VMXDBG_WHY_CATCH)
			buf_puts(out, "an event whose catch has been removed");
	}
}

/* ---- accesses ---- */

void event_put_access(const struct vmxdbg_event *event, struct buf *out)
{
	buf_puts(out, event->access & VMXDBG_ACCESS_FETCH ? "fetch" :
		 (event->access & VMXDBG_ACCESS_WRITE) && (event->access & VMXDBG_ACCESS_READ) ?
		 "read and write" : event->access & VMXDBG_ACCESS_WRITE ? "write" :
		 event->access & VMXDBG_ACCESS_READ ? "read" : "access");
	if (event->size)
		buf_printf(out, " of %u byte%s", event->size, plural(event->size));
	if (event->access & VMXDBG_ACCESS_WALK)
		buf_puts(out, " by the processor's page walk");
	else
		buf_printf(out, " at 0x%llx", ull(event->addr));
	if (event->access & VMXDBG_ACCESS_GPA)
		buf_printf(out, ", physical 0x%llx", ull(event->gpa));
	if (event->access & VMXDBG_ACCESS_VALUES)
		buf_printf(out, ", old value 0x%llx, new value 0x%llx", ull(event->old_value),
			   ull(event->new_value));
	if (event->insn)
		buf_printf(out, ", by the instruction at 0x%llx", ull(event->insn));
}

static void put_one(const struct vcpu_event *why, const struct catchpoint *c, struct buf *out)
{
	buf_printf(out, "catchpoint %u: vCPU %u at 0x%llx: ", c->number, why->event.vcpu,
		   ull(why->event.rip));
	if (c->type != NO_CATCH)
		event_put_caught(why, out);
	else if (why->event.why & VMXDBG_WHY_WATCH)
		event_put_access(&why->event, out);
	else
		buf_printf(out, "%.150s", c->text);
	buf_puts(out, "\n");
}

void event_put_catchpoints(const struct stub *s, const struct vcpu_event *why, struct buf *out)
{
	const struct catchpoint *c;
	unsigned int i;

	for (i = 0; i < why->nr_catchpoints; i++) {
		c = catchpoints_get(s, why->catchpoints[i]);
		if (c)
			put_one(why, c, out);
	}
}

void event_put_record(const struct catchpoint *c, const struct vmxdbg_record *record,
		      struct buf *out)
{
	const struct kvm_regs *r = vmxdbg_record_regs(record);

	buf_printf(out, "catchpoint %u: vCPU %u at 0x%llx: record", c->number, record->vcpu,
		   ull(record->rip));
	if (r)
		buf_printf(out, ", rax 0x%llx rbx 0x%llx rcx 0x%llx rdx 0x%llx rsi 0x%llx rdi 0x%llx rsp 0x%llx",
			   ull(r->rax), ull(r->rbx), ull(r->rcx), ull(r->rdx), ull(r->rsi),
			   ull(r->rdi), ull(r->rsp));
	buf_puts(out, "\n");
}
