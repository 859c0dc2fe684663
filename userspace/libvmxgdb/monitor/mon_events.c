// SPDX-License-Identifier: MIT
/* Monitor commands that stop at events, and say why a vCPU has stopped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/catch_types.h"
#include "guest/catchpoint_add.h"
#include "guest/catchpoints.h"
#include "guest/event_words.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/filter_words.h"
#include "monitor/monitor_command.h"

/* ---- the list ---- */

static void show_one(struct stub *s, const struct catchpoint *c)
{
	uint64_t hits;

	if (target_call(s->target, hits, c->id, &hits) < 0)
		reply_console(s, "%4u  %.800s\n", c->number, c->text);
	else
		reply_console(s, "%4u  %.800s: %llu hit%s\n", c->number, c->text, ull(hits),
			      hits == 1 ? "" : "s");
}

static int show_all(struct stub *s)
{
	size_t i;

	if (!s->catchpoints.count)
		reply_console(s, "no catchpoints\n");
	for (i = 0; i < s->catchpoints.count; i++)
		show_one(s, &s->catchpoints.list[i]);
	return 0;
}

/* Print the new catchpoint. @number: of it, or a negative errno, which is returned. */
static int show_new(struct stub *s, int number, const char *text)
{
	if (number < 0)
		return number;
	reply_console(s, "catchpoint %d: %.800s\n", number, text);
	return 0;
}

/* ---- catch ---- */

/* VALUE or VALUE-LAST; a name of a value may have a '-' itself. */
static bool parse_range(unsigned int type, char *text, struct vmxdbg_catch *object)
{
	uint64_t first = 0, last = 0, between;
	char *minus;
	bool good = catch_value_find(type, text, &first, &last);

	for (minus = strchr(text, '-'); minus && !good; minus = strchr(minus + 1, '-')) {
		*minus = '\0';
		good = catch_value_find(type, text, &first, &between) &&
		       catch_value_find(type, minus + 1, &between, &last) && first <= last;
		*minus = '-';
	}
	if (!good)
		return false;
	object->first = first;
	object->last = last;
	return true;
}

/* Return: whether the word is a direction, which is added to the catch. */
static bool parse_direction(const char *word, struct vmxdbg_catch *object)
{
	if (!strcmp(word, "read") || !strcmp(word, "in"))
		object->flags |= VMXDBG_CATCH_READ;
	else if (!strcmp(word, "write") || !strcmp(word, "out"))
		object->flags |= VMXDBG_CATCH_WRITE;
	else
		return false;
	return true;
}

/* Return: whether the word is a source, which is added to the catch. */
static bool parse_source(const char *word, struct vmxdbg_catch *object)
{
	uint32_t flag = catch_source_find(object->type, word);

	object->flags |= flag;
	return flag;
}

/* The words of a value, directions and sources. @next: set to the word behind them */
static int parse_what(struct stub *s, int argc, char **argv, int *next,
		      struct vmxdbg_catch *object)
{
	const struct catch_type *type = catch_type_get(object->type);
	int i = *next;

	object->last = type->last;
	if (i < argc && parse_range(object->type, argv[i], object))
		i++;
	else if (i < argc && (strchr("#0123456789", argv[i][0]) || strchr(argv[i], '-')))
		return reply_error(s, -EINVAL, "\"%.40s\" is no value or range of %s", argv[i],
				   type->name);
	while (i < argc && type->directions && parse_direction(argv[i], object))
		i++;
	while (i < argc && parse_source(argv[i], object))
		i++;
	*next = i;
	return 0;
}

static int mon_catch(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_catch object = { 0 };
	struct filters filters;
	const char *text;
	int type, next = 2, result;

	if (argc == 1)
		return show_all(s);
	type = catch_type_find(argv[1]);
	if (type < 0)
		return reply_error(s, -EINVAL, "there is no kind of event \"%.40s\", see monitor help catch",
				   argv[1]);
	object.type = type;
	result = parse_what(s, argc, argv, &next, &object);
	if (result >= 0)
		result = filters_parse(s, argc, argv, next, &filters);
	if (result >= 0)
		result = filters_finish(&filters, &object.flags, &object.vcpu_mask, &object.cr3,
					&object.options);
	if (result < 0)
		return result;
	text = monitor_rest(argc, argv, 0);
	return show_new(s, catchpoint_add_catch(s, &object, text), text);
}

/* ---- uncatch ---- */

static int mon_uncatch(struct stub *s, int argc, char **argv)
{
	uint64_t number;

	if (argc == 2 && !strcmp(argv[1], "all")) {
		catchpoints_delete_all(s);
		return 0;
	}
	if (argc != 2 || !monitor_number(argv[1], &number))
		return monitor_usage(s);
	if (number > UINT32_MAX || catchpoints_delete(s, number) < 0)
		return reply_error(s, -ENOENT, "there is no catchpoint %s", argv[1]);
	return 0;
}

/* ---- break and watch ---- */

/* Filters from the word @next on, and the object itself. */
static int add_bp(struct stub *s, int argc, char **argv, int next, struct vmxdbg_bp *object)
{
	struct filters filters;
	const char *text;
	int result = filters_parse(s, argc, argv, next, &filters);

	if (result >= 0)
		result = filters_finish(&filters, &object->flags, &object->vcpu_mask, &object->cr3,
					&object->options);
	if (result < 0)
		return result;
	text = monitor_rest(argc, argv, 0);
	return show_new(s, catchpoint_add_bp(s, object, text), text);
}

/*
 * "phys" or nothing, then an address. Return: the word behind them, or a negative errno.
 */
static int parse_place(struct stub *s, int argc, char **argv, struct vmxdbg_bp *object)
{
	uint64_t addr = 0;
	int i = 1, result;

	if (i < argc && !strcmp(argv[i], "phys")) {
		object->flags |= VMXDBG_BP_PHYSICAL;
		i++;
	}
	if (i >= argc)
		return monitor_usage(s);
	result = monitor_address(s, argv[i], &addr);
	object->addr = addr;
	return result < 0 ? result : i + 1;
}

static int mon_break(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_bp object = { .type = VMXDBG_BP_SOFT, .len = 1 };
	int next = parse_place(s, argc, argv, &object);

	return next < 0 ? next : add_bp(s, argc, argv, next, &object);
}

static bool parse_access(const char *word, struct vmxdbg_bp *object)
{
	static const struct {
		const char *name;
		uint32_t type;
	} kinds[] = {
		{ "write", VMXDBG_BP_WRITE }, { "read", VMXDBG_BP_READ },
		{ "access", VMXDBG_BP_ACCESS }, { "exec", VMXDBG_BP_EXEC },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kinds[i].name, word)) {
			object->type = kinds[i].type;
			return true;
		}
	}
	return false;
}

static int mon_watch(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_bp object = { .type = VMXDBG_BP_WRITE };
	int next = parse_place(s, argc, argv, &object);
	uint64_t len;

	if (next < 0)
		return next;
	if (next >= argc || !monitor_number(argv[next], &len))
		return monitor_usage(s);
	if (!len || object.addr + len - 1 < object.addr)
		return reply_error(s, -EINVAL, "LEN is wrong");
	object.len = len;
	next++;
	if (next < argc && parse_access(argv[next], &object))
		next++;
	return add_bp(s, argc, argv, next, &object);
}

/* ---- why ---- */

static void put_bps(const struct vcpu_event *why, struct buf *out)
{
	unsigned int i;

	for (i = 0; i < why->nr_hit; i++)
		buf_printf(out, "  gdb's %s at 0x%llx\n",
			   why->hit[i].type >= BP_WRITE ? "watchpoint" : "breakpoint",
			   ull(why->hit[i].addr));
}

static void put_reasons(const struct vcpu_event *why, struct buf *out)
{
	const struct vmxdbg_event *event = &why->event;
	const char *wrong = event_dead_end(event);

	if (event->why & VMXDBG_WHY_STEP)
		buf_puts(out, "  a step has ended\n");
	if (event->why & VMXDBG_WHY_BREAKPOINT)
		buf_puts(out, "  a breakpoint\n");
	if (event->why & VMXDBG_WHY_WATCH) {
		buf_puts(out, "  a watched ");
		event_put_access(event, out);
		buf_puts(out, "\n");
	}
	if (event->why & VMXDBG_WHY_CATCH) {
		buf_puts(out, "  ");
		event_put_caught(why, out);
		buf_puts(out, "\n");
	}
	if (event->why & VMXDBG_WHY_SHUTDOWN)
		buf_puts(out, "  a triple fault\n");
	if (event->why & VMXDBG_WHY_RESET)
		buf_puts(out, "  the VMM has reset the VM\n");
	if (!wrong)
		wrong = event_trouble(event);
	if (wrong)
		buf_printf(out, "  error: %s\n", wrong);
}

static int mon_why(struct stub *s, int argc, char **argv)
{
	const struct vcpu *v = s->vcpus[s->general];
	const struct vmxdbg_event *event = &v->why.event;
	BUF_ON_STACK(text, 900);

	if (v->runs)
		return reply_error(s, -EBUSY, "vCPU %d is running", s->general);
	if (!event->why) {
		reply_console(s, "vCPU %d: stopped by the debugger\n", s->general);
		return 0;
	}
	reply_console(s, "vCPU %d at 0x%llx:\n", s->general, ull(event->rip));
	put_reasons(&v->why, &text);
	put_bps(&v->why, &text);
	reply_console(s, "%s", text.data);
	buf_clear(&text);
	event_put_catchpoints(s, &v->why, &text);
	if (text.len)
		reply_console(s, "%s", text.data);
	if (event->dr6)
		reply_console(s, "  debug registers: 0x%llx\n", ull(event->dr6));
	return 0;
}

static const char catch_help[] =
	"Kinds of events, and what VALUE or VALUE-LAST means; without it every one is caught:\n"
	"  io         port; in or out\n"
	"  msr        number or name, as lstar; read or write\n"
	"  cr         cr0, cr3, cr4 or cr8, when it is written\n"
	"  cpuid      leaf\n"
	"  rdtsc      rdtsc or rdtscp\n"
	"  hlt\n"
	"  exception  vector or name, as #PF or page-fault\n"
	"  interrupt  vector, or nmi; then timer lvt ipi msi ioapic pic vmm session unknown:\n"
	"             from one of these\n"
	"  vmcall     RAX\n"
	"  table      lgdt lidt lldt ltr sgdt sidt sldt str\n"
	"  mmio       physical address without memory; read or write\n"
	"  reset      triple-fault or vmm\n"
	"  entry      VM entries that fail\n"
	"  eoi        vector whose interrupt a local APIC of the module ends\n"
	"  ipi        vector of a fixed IPI, or fixed lowest smi nmi init sipi, by such an APIC\n"
	"The vCPU stops before the event has an effect.\n"
	FILTER_HELP;

static const char break_help[] =
	"ADDR is that of the first byte of an instruction; phys: a physical address.\n"
	FILTER_HELP;

static const char watch_help[] =
	"phys: ADDR is a physical address, through whatever mapping the guest uses it.\n"
	"Writes are watched if nothing else is said; exec stops at code anywhere in the range.\n"
	FILTER_HELP;

const struct monitor_command monitor_events[] = {
	{ "catch", "[KIND [VALUE[-LAST]] [read|write] [SOURCE...] FILTERS]",
	  "stop at an event, or list catchpoints", .more = catch_help, .handler = mon_catch },
	{ "uncatch", "N|all", "delete a catchpoint", .handler = mon_uncatch },
	{ "break", "[phys] ADDR FILTERS", "stop at an instruction", .more = break_help,
	  .handler = mon_break },
	{ "watch", "[phys] ADDR LEN [write|read|access|exec] FILTERS",
	  "stop at an access to memory", .more = watch_help, .handler = mon_watch },
	{ "why", "", "show all about the last stop of the vCPU", .handler = mon_why },
	{ 0 },
};
