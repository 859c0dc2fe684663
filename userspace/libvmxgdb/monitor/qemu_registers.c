// SPDX-License-Identifier: MIT
#include <string.h>

#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/descriptor.h"
#include "monitor/monitor_command.h"
#include "monitor/qemu_registers.h"

#define EFER_LMA	(1 << 10)

/* ---- general registers ---- */

static void show_general_64(struct stub *s, const struct kvm_regs *r)
{
	reply_console(s, "RAX=%016llx RBX=%016llx RCX=%016llx RDX=%016llx\n", ull(r->rax),
		      ull(r->rbx), ull(r->rcx), ull(r->rdx));
	reply_console(s, "RSI=%016llx RDI=%016llx RBP=%016llx RSP=%016llx\n", ull(r->rsi),
		      ull(r->rdi), ull(r->rbp), ull(r->rsp));
	reply_console(s, "R8 =%016llx R9 =%016llx R10=%016llx R11=%016llx\n", ull(r->r8),
		      ull(r->r9), ull(r->r10), ull(r->r11));
	reply_console(s, "R12=%016llx R13=%016llx R14=%016llx R15=%016llx\n", ull(r->r12),
		      ull(r->r13), ull(r->r14), ull(r->r15));
}

static void show_general_32(struct stub *s, const struct kvm_regs *r)
{
	reply_console(s, "EAX=%08x EBX=%08x ECX=%08x EDX=%08x\n", (uint32_t)r->rax,
		      (uint32_t)r->rbx, (uint32_t)r->rcx, (uint32_t)r->rdx);
	reply_console(s, "ESI=%08x EDI=%08x EBP=%08x ESP=%08x\n", (uint32_t)r->rsi,
		      (uint32_t)r->rdi, (uint32_t)r->rbp, (uint32_t)r->rsp);
}

static bool is_halted(struct stub *s)
{
	struct vmxdbg_vcpu state;

	return target_call(s->target, vcpu, s->general, &state) == 0 &&
	       (state.flags & VMXDBG_VCPU_HALTED);
}

static void show_state(struct stub *s, const struct kvm_regs *r, const struct kvm_sregs *sys,
		       bool wide)
{
	static const struct {
		unsigned int bit;
		char letter;
	} flags[] = { { 10, 'D' }, { 11, 'O' }, { 7, 'S' }, { 6, 'Z' }, { 4, 'A' }, { 2, 'P' },
		      { 0, 'C' } };
	char text[8] = "-------";
	unsigned int i;

	for (i = 0; i < 7; i++)
		if (r->rflags >> flags[i].bit & 1)
			text[i] = flags[i].letter;
	reply_console(s, "%cIP=%0*llx %cFL=%08llx [%s] CPL=%u II=0 A20=1 SMM=0 HLT=%u\n",
		      wide ? 'R' : 'E', wide ? 16 : 8, ull(r->rip), wide ? 'R' : 'E',
		      ull(r->rflags), text, sys->ss.dpl, is_halted(s));
}

/* ---- segments and tables ---- */

/* The upper half of the descriptor, without the base */
static uint32_t segment_flags(const struct kvm_segment *seg)
{
	uint32_t limit = seg->g ? seg->limit >> 12 : seg->limit;

	return seg->type << 8 | seg->s << 12 | seg->dpl << 13 | seg->present << 15 |
	       (limit & 0xf0000) | seg->avl << 20 | seg->l << 21 | seg->db << 22 | seg->g << 23;
}

static void put_kind(struct buf *out, const struct kvm_segment *seg, bool lma)
{
	buf_printf(out, " DPL=%u ", seg->dpl);
	if (!seg->s)
		buf_puts(out, descriptor_system_type(seg->type, lma));
	else if (seg->type & 8)
		buf_printf(out, "%s [%c%c%c]", seg->l ? "CS64" : seg->db ? "CS32" : "CS16",
			   seg->type & 4 ? 'C' : '-', seg->type & 2 ? 'R' : '-',
			   seg->type & 1 ? 'A' : '-');
	else
		buf_printf(out, "%s [%c%c%c]", seg->db || lma ? "DS  " : "DS16",
			   seg->type & 4 ? 'E' : '-', seg->type & 2 ? 'W' : '-',
			   seg->type & 1 ? 'A' : '-');
}

static void show_segment(struct stub *s, const char *name, const struct kvm_segment *seg,
			 const struct kvm_sregs *r)
{
	BUF_ON_STACK(text, 120);

	buf_printf(&text, "%-3s=%04x %0*llx %08x %08x", name, seg->selector,
		   r->cs.l ? 16 : 8, ull(seg->base), seg->limit, segment_flags(seg));
	if ((r->cr0 & 1) && seg->present)
		put_kind(&text, seg, r->efer & EFER_LMA);
	reply_console(s, "%s\n", text.data);
}

static void show_system(struct stub *s, const struct kvm_sregs *r)
{
	int width = r->cs.l || (r->efer & EFER_LMA) ? 16 : 8;

	show_segment(s, "ES", &r->es, r);
	show_segment(s, "CS", &r->cs, r);
	show_segment(s, "SS", &r->ss, r);
	show_segment(s, "DS", &r->ds, r);
	show_segment(s, "FS", &r->fs, r);
	show_segment(s, "GS", &r->gs, r);
	show_segment(s, "LDT", &r->ldt, r);
	show_segment(s, "TR", &r->tr, r);
	reply_console(s, "GDT=     %0*llx %08x\nIDT=     %0*llx %08x\n", width, ull(r->gdt.base),
		      r->gdt.limit, width, ull(r->idt.base), r->idt.limit);
	reply_console(s, "CR0=%08llx CR2=%0*llx CR3=%0*llx CR4=%08llx\n", ull(r->cr0), width,
		      ull(r->cr2), width, ull(r->cr3), ull(r->cr4));
}

static void show_debug(struct stub *s, const struct kvm_debugregs *r, bool lma)
{
	int i, width = lma ? 16 : 8;

	for (i = 0; i < 4; i++)
		reply_console(s, "DR%d=%0*llx ", i, width, ull(r->db[i]));
	reply_console(s, "\nDR6=%0*llx DR7=%0*llx\n", width, ull(r->dr6), width, ull(r->dr7));
}

/* ---- FPU ---- */

static void show_fpu(struct stub *s, const struct kvm_fpu *f, bool wide)
{
	uint64_t low, high;
	uint16_t exponent;
	int i;

	reply_console(s, "FCW=%04x FSW=%04x [ST=%d] FTW=%02x MXCSR=%08x\n", f->fcw,
		      f->fsw & ~0x3800, f->fsw >> 11 & 7, f->ftwx, f->mxcsr);
	for (i = 0; i < 8; i++) {
		memcpy(&low, f->fpr[i], 8);
		memcpy(&exponent, f->fpr[i] + 8, 2);
		reply_console(s, "FPR%d=%016llx %04x%s", i, ull(low), exponent, i & 1 ? "\n" : " ");
	}
	for (i = 0; i < (wide ? 16 : 8); i++) {
		memcpy(&low, f->xmm[i], 8);
		memcpy(&high, f->xmm[i] + 8, 8);
		reply_console(s, "XMM%02d=%016llx %016llx%s", i, ull(high), ull(low),
			      i & 1 ? "\n" : " ");
	}
}

int qemu_registers(struct stub *s)
{
	const struct vcpu_regs *r = &s->vcpus[s->general]->regs;
	int result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_GENERAL |
				    1U << VMXDBG_REGS_SYSTEM | 1U << VMXDBG_REGS_DEBUG);

	if (result < 0)
		return result;
	reply_console(s, "\nCPU#%d\n", s->general);
	if (r->system.cs.l)
		show_general_64(s, &r->general);
	else
		show_general_32(s, &r->general);
	show_state(s, &r->general, &r->system, r->system.cs.l);
	show_system(s, &r->system);
	show_debug(s, &r->debug, r->system.efer & EFER_LMA);
	reply_console(s, "EFER=%016llx\n", ull(r->system.efer));
	if (reg_cache_load(s, s->general, 1U << VMXDBG_REGS_FPU) == 0)
		show_fpu(s, &r->fpu, r->system.cs.l);
	return 0;
}
