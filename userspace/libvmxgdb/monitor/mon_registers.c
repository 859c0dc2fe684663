// SPDX-License-Identifier: MIT
/* Monitor commands that show registers. */
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "monitor/monitor_command.h"

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
	const struct vcpu_regs *regs = &s->vcpus[s->general]->regs;
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

const struct monitor_command monitor_registers[] = {
	{ "regs", "", "show segments, control and debug registers of the vCPU",
	  .handler = mon_regs },
	{ 0 },
};
