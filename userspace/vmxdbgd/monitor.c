// SPDX-License-Identifier: GPL-2.0-only
/* What gdb has no words for: the user's "monitor" commands. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define ull(x)	((unsigned long long)(x))

struct monitor_command {
	const char *name;
	const char *args;
	const char *help;
	/* What it prints goes to stub_console(); a negative errno is told. */
	int (*handler)(struct stub *s, int argc, char **argv);
};

static int usage(struct stub *s)
{
	return stub_error(s, -EINVAL, "wrong use, see monitor help");
}

static bool number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return *text && !*end && !errno;
}

/* "on" and "off" into *@flag, or without an argument what it is. */
static int on_off(struct stub *s, int argc, char **argv, bool *flag)
{
	if (argc > 1) {
		if (strcmp(argv[1], "on") && strcmp(argv[1], "off"))
			return usage(s);
		*flag = !strcmp(argv[1], "on");
	}
	stub_console(s, "%s is %s\n", argv[0], *flag ? "on" : "off");
	return 0;
}

/* ---- the VMs ---- */

static int mon_vms(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_vm_info *vms;
	int i, count = s->target->ops->list(s->target, &vms);

	if (count < 0)
		return count;
	for (i = 0; i < count; i++)
		stub_console(s, "VM %u: %.16s (pid %d), %u vCPUs, %llu KiB%s%s\n",
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
	int result = s->target->ops->info(s->target, &info);

	if (result < 0)
		return result;
	stub_console(s, "VM %u of process %d, vCPU mask 0x%llx\n", info.vm,
		     info.pid, ull(info.vcpu_mask));
	stub_console(s, "software breakpoints: up to %u, %s\n",
		     info.max_breakpoints,
		     info.features & VMXDBG_FEATURE_HOOKS ?
		     "guest memory is not written" :
		     "the guest sees them where it reads its code");
	stub_console(s, "debug registers: %u\n", info.hw_breakpoints);
	stub_console(s, "steps: %s\n", info.features & VMXDBG_FEATURE_MTF ?
		     "by the monitor trap flag" : "by RFLAGS.TF");
	return 0;
}

/* ---- registers ---- */

static void show_segment(struct stub *s, const char *name,
			 const struct kvm_segment *seg)
{
	stub_console(s, "%-4s %04x base %016llx limit %08x type %x s%u dpl%u p%u avl%u l%u db%u g%u%s\n",
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
	stub_console(s, "gdtr base %016llx limit %04x\nidtr base %016llx limit %04x\n",
		     ull(r->gdt.base), r->gdt.limit, ull(r->idt.base),
		     r->idt.limit);
	stub_console(s, "cr0 %016llx cr2 %016llx cr3 %016llx\n", ull(r->cr0),
		     ull(r->cr2), ull(r->cr3));
	stub_console(s, "cr4 %016llx cr8 %016llx efer %016llx\napic_base %016llx\n",
		     ull(r->cr4), ull(r->cr8), ull(r->efer), ull(r->apic_base));
}

static int mon_regs(struct stub *s, int argc, char **argv)
{
	const struct vcpu_regs *regs = &s->vcpus[s->general].regs;
	int result = regs_load(s, s->general, 1U << VMXDBG_REGS_GENERAL |
					      1U << VMXDBG_REGS_SYSTEM |
					      1U << VMXDBG_REGS_DEBUG);

	if (result < 0)
		return result;
	stub_console(s, "vCPU %d: rip %016llx (linear %016llx) rflags %016llx\n",
		     s->general, ull(regs->general.rip),
		     ull(regs_linear_rip(regs)), ull(regs->general.rflags));
	show_system(s, &regs->system);
	stub_console(s, "dr0 %016llx dr1 %016llx dr2 %016llx dr3 %016llx\ndr6 %016llx dr7 %016llx\n",
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
	int result;

	if (argc != 2 || !number(argv[1], &addr))
		return usage(s);
	result = s->target->ops->translate(s->target, s->general, addr, &to);
	if (result == -ENXIO)
		return stub_error(s, result, "not mapped");
	if (result < 0)
		return result;
	stub_console(s, "0x%llx is at physical 0x%llx, in a page of 0x%llx bytes, r%c%c %s\n",
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
	stub_console(s, "%012llx %-48s  %s\n", ull(addr), hex.data, text.data);
}

static int mon_phys(struct stub *s, int argc, char **argv)
{
	uint64_t addr, len = 64;
	uint8_t data[4096];
	size_t at, line;
	ssize_t n;

	if (argc < 2 || argc > 3 || !number(argv[1], &addr) ||
	    (argc == 3 && !number(argv[2], &len)))
		return usage(s);
	if (!len || len > sizeof(data))
		return stub_error(s, -E2BIG, "1 to %zu bytes", sizeof(data));
	n = s->target->ops->read_mem(s->target, 0, VMXDBG_MEM_PHYSICAL, addr,
				     data, len);
	if (n <= 0)
		return stub_error(s, -EFAULT, "no memory at physical 0x%llx",
				  ull(addr));
	for (at = 0; at < (size_t)n; at += line) {
		line = n - at < 16 ? n - at : 16;
		show_line(s, addr + at, data + at, line);
	}
	return 0;
}

static int mon_physical(struct stub *s, int argc, char **argv)
{
	return on_off(s, argc, argv, &s->physical);
}

/* ---- running and breakpoints ---- */

static int mon_irqs(struct stub *s, int argc, char **argv)
{
	return on_off(s, argc, argv, &s->step_irqs);
}

/*
 * gdb has taken all its breakpoints out while the guest is stopped; they are
 * in the target only until something runs. Those must not be taken again.
 */
static int mon_space(struct stub *s, int argc, char **argv)
{
	struct bp_table *t = &s->bp_table;
	int result;

	if (argc == 2 && !strcmp(argv[1], "this")) {
		result = regs_load(s, s->general, 1U << VMXDBG_REGS_SYSTEM);
		if (result < 0)
			return result;
		t->cr3 = s->vcpus[s->general].regs.system.cr3 &
			 0x000ffffffffff000ULL;
		t->one_space = true;
	} else if (argc == 2 && !strcmp(argv[1], "any")) {
		t->one_space = false;
	} else if (argc != 1) {
		return usage(s);
	}
	bps_flush(s);
	if (t->one_space)
		stub_console(s, "new breakpoints stop only in the address space of cr3 0x%llx\n",
			     ull(t->cr3));
	else
		stub_console(s, "new breakpoints stop in any address space\n");
	return 0;
}

/* ---- the table ---- */

static int mon_help(struct stub *s, int argc, char **argv);

static const struct monitor_command commands[] = {
	{ "help", "", "this list", mon_help },
	{ "info", "", "the VM, and what the debugger can do here", mon_info },
	{ "vms", "", "all VMs", mon_vms },
	{ "regs", "", "segments, control and debug registers of the vCPU",
	  mon_regs },
	{ "translate", "ADDR", "where a linear address is", mon_translate },
	{ "phys", "ADDR [LEN]", "physical memory", mon_phys },
	{ "physical", "[on|off]", "gdb's memory addresses are physical",
	  mon_physical },
	{ "irqs", "[on|off]", "steps let interrupts in", mon_irqs },
	{ "space", "[this|any]",
	  "breakpoints stop only in the vCPU's present address space",
	  mon_space },
};

#define COMMANDS	(sizeof(commands) / sizeof(*commands))
#define ARGS_MAX	8

static int mon_help(struct stub *s, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		stub_console(s, "monitor %-9s %-11s %s\n", commands[i].name,
			     commands[i].args, commands[i].help);
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

int monitor_command(struct stub *s, const char *line)
{
	char copy[256], *argv[ARGS_MAX];
	int argc, result;
	size_t i;

	strncpy(copy, line, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	argc = split(copy, argv);
	if (!argc)
		argv[argc++] = strcpy(copy, "help");
	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[0], commands[i].name))
			break;
	if (i == COMMANDS) {
		stub_console(s, "no such command, see monitor help\n");
		return stub_ok(s);
	}
	result = commands[i].handler(s, argc, argv);
	/* gdb shows an error of this packet as a fault of the protocol. */
	if (result < 0)
		stub_console(s, "%s: %s\n", argv[0],
			     *s->error ? s->error : strerror(-result));
	return stub_ok(s);
}
