// SPDX-License-Identifier: MIT
/* The user's "monitor" commands, for what gdb has no command of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/bp_table.h"
#include "guest/memory.h"
#include "guest/pause.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/monitor.h"

#define ull(x)	((unsigned long long)(x))

struct monitor_command {
	const char *name;
	const char *args;
	const char *help;
	bool no_vm;	/* allowed while no VM is attached */
	/*
	 * Prints with reply_console(). Returns 0 or a negative errno, see
	 * reply_error().
	 */
	int (*handler)(struct stub *s, int argc, char **argv);
};

static int wrong_arguments(struct stub *s)
{
	return reply_error(s, -EINVAL, "wrong arguments, see monitor help");
}

/* strtoull() takes a sign, which makes large numbers of small ones. */
static bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	if (*text == '-' || *text == '+')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return *text && !*end && !errno;
}

/* Set *@flag to "on" or "off" if there is an argument, and print it. */
static int set_flag(struct stub *s, int argc, char **argv, bool *flag)
{
	if (argc > 1) {
		if (strcmp(argv[1], "on") && strcmp(argv[1], "off"))
			return wrong_arguments(s);
		*flag = !strcmp(argv[1], "on");
	}
	reply_console(s, "%s is %s\n", argv[0], *flag ? "on" : "off");
	return 0;
}

/* ---- the VMs ---- */

static int mon_vms(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_vm_info *vms;
	int i, count = target_call(s->target, list, &vms);

	if (count < 0)
		return count;
	for (i = 0; i < count; i++)
		reply_console(s, "VM %u: %.16s (pid %d), %u vCPUs, %llu KiB%s%s\n",
			     vms[i].id, vms[i].comm, vms[i].pid, vms[i].vcpus,
			     ull(vms[i].memory) >> 10,
			     vms[i].flags & VMXDBG_VM_HELD ? ", held" : "",
			     vms[i].flags & VMXDBG_VM_ATTACHED ?
			     ", attached" : "");
	free(vms);
	return 0;
}

static int mon_info(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_info info;
	int result = target_call(s->target, info, &info);

	if (result < 0)
		return result;
	reply_console(s, "VM %u of process %d, vCPU mask 0x%llx\n", info.vm,
		     info.pid, ull(info.vcpu_mask));
	reply_console(s, "software breakpoints: up to %u, %s\n",
		     info.max_breakpoints,
		     info.features & VMXDBG_FEATURE_HOOKS ?
		     "guest memory is not written" :
		     "the guest sees them where it reads its code");
	reply_console(s, "debug registers: %u\n", info.hw_breakpoints);
	reply_console(s, "steps: %s\n", info.features & VMXDBG_FEATURE_MTF ?
		     "by the monitor trap flag" : "by RFLAGS.TF");
	return 0;
}

/* ---- registers ---- */

static void show_segment(struct stub *s, const char *name,
			 const struct kvm_segment *seg)
{
	reply_console(s, "%-4s %04x base %016llx limit %08x type %x s%u dpl%u p%u avl%u l%u db%u g%u%s\n",
		     name, seg->selector, ull(seg->base), seg->limit, seg->type,
		     seg->s, seg->dpl, seg->present, seg->avl, seg->l, seg->db,
		     seg->g, seg->unusable ? " unusable" : "");
}

static void show_system(struct stub *s, const struct kvm_sregs *r)
{
	show_segment(s, "cs", &r->cs);
	show_segment(s, "ss", &r->ss);
	show_segment(s, "ds", &r->ds);
	show_segment(s, "es", &r->es);
	show_segment(s, "fs", &r->fs);
	show_segment(s, "gs", &r->gs);
	show_segment(s, "tr", &r->tr);
	show_segment(s, "ldtr", &r->ldt);
	reply_console(s, "gdtr base %016llx limit %04x\nidtr base %016llx limit %04x\n",
		     ull(r->gdt.base), r->gdt.limit, ull(r->idt.base),
		     r->idt.limit);
	reply_console(s, "cr0 %016llx cr2 %016llx cr3 %016llx\n", ull(r->cr0),
		     ull(r->cr2), ull(r->cr3));
	reply_console(s, "cr4 %016llx cr8 %016llx efer %016llx\napic_base %016llx\n",
		     ull(r->cr4), ull(r->cr8), ull(r->efer), ull(r->apic_base));
}

static int mon_regs(struct stub *s, int argc, char **argv)
{
	const struct vcpu_regs *regs = &s->vcpus[s->general].regs;
	int result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_GENERAL |
					      1U << VMXDBG_REGS_SYSTEM |
					      1U << VMXDBG_REGS_DEBUG);

	if (result < 0)
		return result;
	reply_console(s, "vCPU %d: rip %016llx (linear %016llx) rflags %016llx\n",
		     s->general, ull(regs->general.rip),
		     ull(reg_linear_rip(regs)), ull(regs->general.rflags));
	show_system(s, &regs->system);
	reply_console(s, "dr0 %016llx dr1 %016llx dr2 %016llx dr3 %016llx\ndr6 %016llx dr7 %016llx\n",
		     ull(regs->debug.db[0]), ull(regs->debug.db[1]),
		     ull(regs->debug.db[2]), ull(regs->debug.db[3]),
		     ull(regs->debug.dr6), ull(regs->debug.dr7));
	return 0;
}

/* ---- memory ---- */

static int mon_translate(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_translate to;
	uint64_t addr;
	bool paused;
	int result;

	if (argc != 2 || !parse_number(argv[1], &addr))
		return wrong_arguments(s);
	result = pause_begin(s, s->general, &paused);
	if (result < 0)
		return result;
	result = target_call(s->target, translate, s->general, addr, &to);
	pause_end(s, s->general, paused);
	if (result == -ENXIO)
		return reply_error(s, result, "the address is not mapped");
	if (result < 0)
		return result;
	reply_console(s, "0x%llx is at physical 0x%llx, in a page of 0x%llx bytes, r%c%c %s\n",
		     ull(addr), ull(to.gpa), ull(to.page_size),
		     to.flags & VMXDBG_PAGE_WRITE ? 'w' : '-',
		     to.flags & VMXDBG_PAGE_EXEC ? 'x' : '-',
		     to.flags & VMXDBG_PAGE_USER ? "user" : "supervisor");
	return 0;
}

static void show_line(struct stub *s, uint64_t addr, const uint8_t *data,
		      size_t len)
{
	BUF_ON_STACK(hex, 64);
	BUF_ON_STACK(text, 32);
	size_t i;

	for (i = 0; i < len; i++) {
		buf_printf(&hex, " %02x", data[i]);
		buf_printf(&text, "%c",
			   data[i] >= 0x20 && data[i] < 0x7f ? data[i] : '.');
	}
	reply_console(s, "%012llx %-48s  %s\n", ull(addr), hex.data, text.data);
}

static int mon_phys(struct stub *s, int argc, char **argv)
{
	uint64_t addr, len = 64;
	uint8_t data[4096];
	size_t at, line;
	ssize_t n;

	if (argc < 2 || argc > 3 || !parse_number(argv[1], &addr) ||
	    (argc == 3 && !parse_number(argv[2], &len)))
		return wrong_arguments(s);
	if (!len || len > sizeof(data))
		return reply_error(s, -E2BIG, "LEN is 1 to %zu", sizeof(data));
	len = memory_clip(addr, len, len);
	n = s->target->ops->read_mem(s->target, 0, VMXDBG_MEM_PHYSICAL, addr,
				     data, len);
	if (n <= 0)
		return reply_error(s, -EFAULT, "no memory at physical 0x%llx",
				  ull(addr));
	for (at = 0; at < (size_t)n; at += line) {
		line = n - at < 16 ? n - at : 16;
		show_line(s, addr + at, data + at, line);
	}
	return 0;
}

static int mon_physical(struct stub *s, int argc, char **argv)
{
	return set_flag(s, argc, argv, &s->physical);
}

/* ---- running and breakpoints ---- */

static int mon_irqs(struct stub *s, int argc, char **argv)
{
	return set_flag(s, argc, argv, &s->step_irqs);
}

/*
 * While the guest is stopped, gdb has removed all its breakpoints, but the
 * target keeps them until something runs. Flush them, so that none of them is
 * used again with the old address space.
 */
static int mon_space(struct stub *s, int argc, char **argv)
{
	struct bp_table *t = &s->bp_table;
	int result;

	if (argc == 2 && !strcmp(argv[1], "this")) {
		result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_SYSTEM);
		if (result < 0)
			return result;
		t->cr3 = s->vcpus[s->general].regs.system.cr3 &
			 0x000ffffffffff000ULL;
		t->one_space = true;
	} else if (argc == 2 && !strcmp(argv[1], "any")) {
		t->one_space = false;
	} else if (argc != 1) {
		return wrong_arguments(s);
	}
	bp_table_flush(s);
	if (t->one_space)
		reply_console(s, "new breakpoints stop only in the address space of cr3 0x%llx\n",
			     ull(t->cr3));
	else
		reply_console(s, "new breakpoints stop in any address space\n");
	return 0;
}

/* ---- the table ---- */

static int mon_help(struct stub *s, int argc, char **argv);

static const struct monitor_command monitor_commands[] = {
	{ "help", "", "show this list", true, mon_help },
	{ "info", "", "show the VM and the limits of the debugger", false, mon_info },
	{ "vms", "", "list all VMs", true, mon_vms },
	{ "regs", "", "show segments, control and debug registers of the vCPU",
	  false, mon_regs },
	{ "translate", "ADDR", "translate a linear address to a physical one",
	  false, mon_translate },
	{ "phys", "ADDR [LEN]", "show physical memory", false, mon_phys },
	{ "physical", "[on|off]", "let gdb read and write physical addresses",
	  false, mon_physical },
	{ "irqs", "[on|off]", "let interrupts into steps", false, mon_irqs },
	{ "space", "[this|any]",
	  "let new breakpoints stop only in the vCPU's address space, or in any",
	  false, mon_space },
};

#define NR_COMMANDS	(sizeof(monitor_commands) / sizeof(*monitor_commands))
#define ARGS_MAX	8

static int mon_help(struct stub *s, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		reply_console(s, "monitor %-9s %-11s %s\n", monitor_commands[i].name,
			     monitor_commands[i].args, monitor_commands[i].help);
	return 0;
}

static int split(char *line, char **argv)
{
	char *word, *rest;
	int argc = 0;

	for (word = strtok_r(line, " \t\n", &rest); word && argc < ARGS_MAX;
	     word = strtok_r(NULL, " \t\n", &rest))
		argv[argc++] = word;
	return argc;
}

int monitor_run(struct stub *s, char *line)
{
	char *argv[ARGS_MAX];
	int argc, result;
	size_t i;

	argc = split(line, argv);
	if (!argc)
		argv[argc++] = "help";
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[0], monitor_commands[i].name))
			break;
	if (i == NR_COMMANDS) {
		reply_console(s, "there is no such command, see monitor help\n");
		return reply_ok(s);
	}
	if (!s->attached && !monitor_commands[i].no_vm)
		result = reply_error(s, -ESRCH, "no VM is attached");
	else
		result = monitor_commands[i].handler(s, argc, argv);
	/* gdb would show an error reply to this packet as a protocol error. */
	if (result < 0)
		reply_console(s, "%s: %s\n", argv[0],
			     *s->error ? s->error : strerror(-result));
	return reply_ok(s);
}
