// SPDX-License-Identifier: GPL-2.0-only
/* A vCPU's registers on stderr, for when it cannot go on. */
#include <stdio.h>
#include <sys/ioctl.h>

#include "dump.h"

static void dump_general(const struct kvm_regs *r)
{
	fprintf(stderr,
		"rax %016llx rbx %016llx rcx %016llx rdx %016llx\n"
		"rsi %016llx rdi %016llx rbp %016llx rsp %016llx\n"
		"r8  %016llx r9  %016llx r10 %016llx r11 %016llx\n"
		"r12 %016llx r13 %016llx r14 %016llx r15 %016llx\n"
		"rip %016llx rflags %08llx\n",
		r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp, r->rsp,
		r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15,
		r->rip, r->rflags);
}

static void dump_segment(const char *name, const struct kvm_segment *s)
{
	fprintf(stderr,
		"%s  %04x base %016llx limit %08x type %2u s %u dpl %u p %u db %u l %u g %u avl %u%s\n",
		name, s->selector, s->base, s->limit, s->type, s->s, s->dpl,
		s->present, s->db, s->l, s->g, s->avl,
		s->unusable ? " unusable" : "");
}

static void dump_system(const struct kvm_sregs *s)
{
	dump_segment("cs", &s->cs);
	dump_segment("ss", &s->ss);
	dump_segment("ds", &s->ds);
	dump_segment("es", &s->es);
	dump_segment("fs", &s->fs);
	dump_segment("gs", &s->gs);
	dump_segment("tr", &s->tr);
	dump_segment("ld", &s->ldt);
	fprintf(stderr,
		"gdt base %016llx limit %04x, idt base %016llx limit %04x\n"
		"cr0 %08llx cr2 %016llx cr3 %016llx cr4 %08llx cr8 %llx\n"
		"efer %llx apic_base %llx\n",
		s->gdt.base, s->gdt.limit, s->idt.base, s->idt.limit,
		s->cr0, s->cr2, s->cr3, s->cr4, s->cr8, s->efer, s->apic_base);
}

/**
 * dump_vcpu - print the vCPU's registers on stderr
 *
 * To be called by the vCPU's own thread.
 */
void dump_vcpu(const struct vcpu *vcpu)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;

	fprintf(stderr, "vCPU %u, exit reason %u\n", vcpu->id,
		vcpu->run->exit_reason);
	if (!ioctl(vcpu->fd, KVM_GET_REGS, &regs))
		dump_general(&regs);
	if (!ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		dump_system(&sregs);
}
