// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values with which VM entry fails, or which no processor has: a session refuses them and
 * tells why, and the state stays. The same values from the VMM end the guest.
 */
#include <string.h>
#include <sys/mman.h>

#include "machine.h"

#define NOT_CANONICAL	0x0000900000000000
#define EFER_LME	0x100
#define EFER_LMA	0x400
#define RFLAGS_TF	(1ULL << 8)
#define RFLAGS_IF	(1ULL << 9)
#define RFLAGS_VM	(1ULL << 17)
#define CR0_PE		1ULL
#define CR0_NW		(1ULL << 29)
#define CR0_PG		(1ULL << 31)
#define CR4_PAE		(1ULL << 5)
#define CR4_PCIDE	(1ULL << 17)

GUEST64(halt, "hlt");

/* a mode that guest.c does not make */
#define MODE_V86	MODES

static struct vmxdbg_both get_both(struct machine *m)
{
	struct vmxdbg_both both;

	CHECK_OK(session_regs(m->session, false, 0, VMXDBG_REGS_BOTH, sizeof(both), &both));
	return both;
}

/* Return: VMXDBG_REFUSED_*, or 0 if the set is taken. */
static u32 try(struct machine *m, u32 set, u32 size, const void *data)
{
	struct vmxdbg_regs arg = {
		.set = set, .size = size, .refused = 77, .data = (unsigned long)data,
	};
	int r = ioctl(m->session, VMXDBG_SET_REGS, &arg);

	if (r)
		CHECK_EQ(errno, EINVAL);
	CHECK_EQ(!r, !arg.refused);
	return arg.refused;
}

static void to_v86(struct machine *m)
{
	static const struct kvm_segment seg = {
		.base = 0x8000, .limit = 0xffff, .selector = 0x800,
		.type = 3, .dpl = 3, .s = 1, .present = 1,
	};
	struct vmxdbg_both both = get_both(m);
	struct kvm_sregs *s = &both.system;

	both.general.rip = 0;
	both.general.rsp = 0x4000;
	both.general.rflags = RFLAGS_VM | 0x3002;
	s->cs = s->ss = s->ds = s->es = s->fs = s->gs = seg;
	CHECK_EQ(try(m, VMXDBG_REGS_BOTH, sizeof(both), &both), 0);
}

static void start(struct machine *m, enum guest_mode mode, struct prog prog)
{
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD };

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(m, mode == MODE_V86 ? MODE_FLAT32 : mode, prog);
	arg.target = m->vm.fd;
	m->session = CHECK_OK(ioctl(m->vm.dev, VMXDBG_ATTACH, &arg));
	CHECK_OK(session_stop(m->session, VMXDBG_ALL_VCPUS));
	if (mode == MODE_V86)
		to_v86(m);
}

/* ---- one value at a time ---- */

#define G(field)	offsetof(struct vmxdbg_both, general.field), \
			sizeof(((struct vmxdbg_both *)0)->general.field)
#define S(field)	offsetof(struct vmxdbg_both, system.field), \
			sizeof(((struct vmxdbg_both *)0)->system.field)
#define R(rule)		VMXDBG_REFUSED_##rule
#define RS(seg, rule)	(VMXDBG_REFUSED_SEG_##rule | VMXDBG_SEG_##seg << 8)

/* A VMM's write of this value: KVM_SET_SREGS refuses it, or the module makes it good. */
enum vmm_write { ENTRY_FAILS, SET_FAILS, VMM_MAY };

static const struct row {
	const char *what;
	enum guest_mode mode;
	u16 offset, size;
	u64 value;
	u32 refused;
	enum vmm_write vmm;
} rows[] = {
	{ "RFLAGS bit 3", MODE_LONG, G(rflags), 1 << 3, R(RFLAGS), ENTRY_FAILS },
	{ "RFLAGS bit 15", MODE_LONG, G(rflags), 1 << 15, R(RFLAGS), ENTRY_FAILS },
	{ "RFLAGS bit 22", MODE_REAL, G(rflags), 1 << 22, R(RFLAGS), ENTRY_FAILS },
	{ "RFLAGS bit 63", MODE_LONG, G(rflags), 1ULL << 63, R(RFLAGS), ENTRY_FAILS },
	{ "VM in long mode", MODE_LONG, G(rflags), RFLAGS_VM, R(VM86), ENTRY_FAILS },
	{ "VM in real mode", MODE_REAL, G(rflags), RFLAGS_VM, R(VM86), ENTRY_FAILS },
	{ "VM with flat segments", MODE_FLAT32, G(rflags), RFLAGS_VM, RS(ES, VM86), ENTRY_FAILS },
	{ "VM cleared", MODE_V86, G(rflags), 2, RS(CS, DPL), ENTRY_FAILS },
	/* Bochs accepts it, SDM vol. 3, 27.3.1.4 does not. */
	{ "RIP in long mode", MODE_LONG, G(rip), 1ULL << 52, R(RIP), VMM_MAY },
	{ "RIP in protected mode", MODE_FLAT32, G(rip), 1ULL << 32, R(RIP), ENTRY_FAILS },
	{ "RIP in real mode", MODE_REAL, G(rip), 1ULL << 32, R(RIP), ENTRY_FAILS },

	{ "CR0 bit 32", MODE_FLAT32, S(cr0), 1ULL << 32 | 1, R(CR0), SET_FAILS },
	{ "NW without CD", MODE_FLAT32, S(cr0), CR0_NW | 1, R(CR0), SET_FAILS },
	{ "PG without PE", MODE_REAL, S(cr0), CR0_PG, R(CR0), SET_FAILS },
	{ "no PG in long mode", MODE_LONG, S(cr0), CR0_PE, R(EFER), SET_FAILS },
	/* likewise */
	{ "no PE in virtual-8086 mode", MODE_V86, S(cr0), 0, R(VM86), VMM_MAY },
	{ "CR3 bit 63", MODE_LONG, S(cr3), 1ULL << 63, R(CR3), SET_FAILS },
	{ "CR3 bit 52", MODE_LONG, S(cr3), 1ULL << 52, R(CR3), SET_FAILS },
	{ "CR4.VMXE", MODE_LONG, S(cr4), 1 << 13 | CR4_PAE, R(CR4), SET_FAILS },
	{ "CR4.LA57", MODE_LONG, S(cr4), 1 << 12 | CR4_PAE, R(CR4), SET_FAILS },
	{ "CR4 bit 63", MODE_REAL, S(cr4), 1ULL << 63, R(CR4), SET_FAILS },
	{ "no PAE in long mode", MODE_LONG, S(cr4), 0, R(PAGING), SET_FAILS },
	{ "CR8", MODE_LONG, S(cr8), 16, R(CR8), SET_FAILS },
	{ "EFER bit 12", MODE_LONG, S(efer), 0x1500, R(EFER), SET_FAILS },
	{ "LMA without LME", MODE_LONG, S(efer), EFER_LMA, R(EFER), SET_FAILS },
	{ "LME without LMA", MODE_LONG, S(efer), EFER_LME, R(EFER), SET_FAILS },
	{ "LMA without paging", MODE_FLAT32, S(efer), EFER_LMA | EFER_LME, R(EFER), SET_FAILS },
	{ "no LME and LMA", MODE_LONG, S(efer), 0, R(PDPTR), SET_FAILS },
	{ "no PDPTEs", MODE_PAE, S(cr3), 0xf0000000, R(PDPTR), VMM_MAY },
	{ "bad PDPTEs", MODE_PAE, S(cr3), GUEST_HIGH, R(PDPTR), VMM_MAY },
	{ "APIC base bit 0", MODE_LONG, S(apic_base), 0xfee00001, R(APIC_BASE), SET_FAILS },
	{ "two interrupts", MODE_LONG, S(interrupt_bitmap[1]), 3, R(INTERRUPT), VMM_MAY },

	{ "GDTR", MODE_LONG, S(gdt.base), NOT_CANONICAL, R(TABLE), ENTRY_FAILS },
	{ "IDTR", MODE_FLAT32, S(idt.base), 1ULL << 47, R(TABLE), ENTRY_FAILS },
	{ "base of CS", MODE_LONG, S(cs.base), 1ULL << 32, RS(CS, BASE), ENTRY_FAILS },
	{ "data segment in CS", MODE_LONG, S(cs.type), 7, RS(CS, TYPE), ENTRY_FAILS },
	{ "system segment in CS", MODE_LONG, S(cs.s), 0, RS(CS, TYPE), ENTRY_FAILS },
	{ "CS absent", MODE_FLAT32, S(cs.present), 0, RS(CS, ABSENT), ENTRY_FAILS },
	{ "CS unusable", MODE_FLAT32, S(cs.unusable), 1, RS(CS, ABSENT), VMM_MAY },
	{ "DPL of CS", MODE_FLAT32, S(cs.dpl), 3, RS(CS, DPL), ENTRY_FAILS },
	{ "L and D", MODE_LONG, S(cs.db), 1, RS(CS, SIZE), ENTRY_FAILS },
	{ "L outside of long mode", MODE_FLAT32, S(cs.l), 1, RS(CS, SIZE), SET_FAILS },
	{ "limit of CS", MODE_FLAT32, S(cs.limit), 0xfffff000, RS(CS, LIMIT), ENTRY_FAILS },
	{ "no G for CS", MODE_FLAT32, S(cs.g), 0, RS(CS, LIMIT), ENTRY_FAILS },
	{ "type of CS", MODE_LONG, S(cs.type), 16 | 11, RS(CS, VALUE), VMM_MAY },
	{ "code in SS", MODE_FLAT32, S(ss.type), 11, RS(SS, TYPE), ENTRY_FAILS },
	{ "read-only SS", MODE_FLAT32, S(ss.type), 1, RS(SS, TYPE), ENTRY_FAILS },
	{ "DPL of SS", MODE_FLAT32, S(ss.dpl), 1, RS(CS, DPL), ENTRY_FAILS },
	{ "DPL of SS in real mode", MODE_REAL, S(ss.dpl), 1, RS(SS, DPL), ENTRY_FAILS },
	{ "base of SS", MODE_FLAT32, S(ss.base), 1ULL << 32, RS(SS, BASE), ENTRY_FAILS },
	{ "unreadable code in DS", MODE_FLAT32, S(ds.type), 9, RS(DS, TYPE), ENTRY_FAILS },
	{ "system segment in ES", MODE_FLAT32, S(es.s), 0, RS(ES, TYPE), ENTRY_FAILS },
	{ "base of DS", MODE_FLAT32, S(ds.base), ~0ULL, RS(DS, BASE), ENTRY_FAILS },
	{ "base of FS", MODE_LONG, S(fs.base), NOT_CANONICAL, RS(FS, BASE), ENTRY_FAILS },
	{ "base of GS", MODE_REAL, S(gs.base), 1ULL << 63, RS(GS, BASE), ENTRY_FAILS },
	{ "limit of GS", MODE_LONG, S(gs.limit), 0x100, RS(GS, LIMIT), ENTRY_FAILS },
	{ "DPL of DS", MODE_LONG, S(ds.dpl), 4, RS(DS, VALUE), VMM_MAY },
	{ "TI of TR", MODE_LONG, S(tr.selector), 0x44, RS(TR, SELECTOR), ENTRY_FAILS },
	{ "base of TR", MODE_LONG, S(tr.base), NOT_CANONICAL, RS(TR, BASE), ENTRY_FAILS },
	{ "available TSS", MODE_LONG, S(tr.type), 9, RS(TR, TYPE), VMM_MAY },
	{ "16-bit TSS", MODE_LONG, S(tr.type), 3, RS(TR, TYPE), VMM_MAY },
	{ "TR absent", MODE_FLAT32, S(tr.present), 0, RS(TR, ABSENT), VMM_MAY },
	{ "limit of TR", MODE_FLAT32, S(tr.limit), 0x100000, RS(TR, LIMIT), ENTRY_FAILS },
	{ "base of CS", MODE_V86, S(cs.base), 0x8010, RS(CS, VM86), ENTRY_FAILS },
	{ "limit of GS", MODE_V86, S(gs.limit), 0xfffff, RS(GS, VM86), ENTRY_FAILS },
	{ "selector of DS", MODE_V86, S(ds.selector), 0, RS(DS, VM86), ENTRY_FAILS },
	{ "DPL of SS", MODE_V86, S(ss.dpl), 0, RS(SS, VM86), ENTRY_FAILS },
};

static void same(const struct vmxdbg_both *a, const struct vmxdbg_both *b, const char *what)
{
	if (!CHECK(!memcmp(a, b, sizeof(*a))))
		tap_note("%s: the state has changed", what);
}

/* The session is closed, so the VMM may do as it likes. */
static void vmm_writes(struct machine *m, const struct row *row, struct vmxdbg_both *both)
{
	int r = ioctl(m->v->fd, KVM_SET_SREGS, &both->system);

	if (row->vmm == SET_FAILS) {
		if (!CHECK(r < 0 && errno == EINVAL))
			tap_note("%s: a VMM may", row->what);
		return;
	}
	CHECK_OK(r);
	set_regs(m->v, &both->general);
	if (row->vmm == ENTRY_FAILS && !CHECK_EQ(vcpu_run(m->v), KVM_EXIT_FAIL_ENTRY))
		tap_note("%s: the entry does not fail", row->what);
}

static void one_row(const struct row *row)
{
	bool general = row->offset < sizeof(struct kvm_regs);
	struct vmxdbg_both before, both;
	struct machine m;
	u32 got, again;

	start(&m, row->mode, PROG(halt));
	GUEST_PTR(&m.vm, GUEST_HIGH, u64)[1] = 1ULL << 63 | 1;
	before = get_both(&m);
	both = before;
	memcpy((u8 *)&both + row->offset, &row->value, row->size);
	if (general)
		got = try(&m, VMXDBG_REGS_GENERAL, sizeof(both.general), &both.general);
	else
		got = try(&m, VMXDBG_REGS_SYSTEM, sizeof(both.system), &both.system);
	again = try(&m, VMXDBG_REGS_BOTH, sizeof(both), &both);
	if (!CHECK_EQ(got, row->refused) || !CHECK_EQ(again, got))
		tap_note("%s", row->what);
	both = get_both(&m);
	same(&both, &before, row->what);
	close(m.session);
	m.session = -1;
	memcpy((u8 *)&both + row->offset, &row->value, row->size);
	vmm_writes(&m, row, &both);
	machine_destroy(&m);
}

static void values_are_refused(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		one_row(&rows[i]);
}

/* ---- what depends on more than one register ---- */

static void both_sets_change_the_mode(void)
{
	struct machine m, other;
	struct vmxdbg_both v86, flat;

	start(&m, MODE_FLAT32, PROG(halt));
	flat = get_both(&m);
	to_v86(&m);
	v86 = get_both(&m);
	/* Neither set alone leads back. */
	CHECK_EQ(try(&m, VMXDBG_REGS_GENERAL, sizeof(flat.general), &flat.general), RS(CS, DPL));
	CHECK(try(&m, VMXDBG_REGS_SYSTEM, sizeof(flat.system), &flat.system) != 0);
	CHECK_EQ(try(&m, VMXDBG_REGS_BOTH, sizeof(flat), &flat), 0);
	CHECK_EQ(try(&m, VMXDBG_REGS_BOTH, sizeof(v86), &v86), 0);
	CHECK_EQ(try(&m, VMXDBG_REGS_BOTH, sizeof(flat), &flat), 0);
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_HLT);

	/* From 32-bit to 64-bit mode and back */
	start(&other, MODE_LONG, PROG(halt));
	v86 = get_both(&other);
	memcpy(m.vm.mem + GUEST_PML4, other.vm.mem + GUEST_PML4, 0x7000);
	CHECK_OK(session_stop(m.session, 0));
	CHECK_EQ(try(&m, VMXDBG_REGS_BOTH, sizeof(v86), &v86), 0);
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	machine_destroy(&other);
	machine_destroy(&m);
}

GUEST64(shadow, "sti; nop; hlt");

static void a_shadow_ends_with_if(void)
{
	struct kvm_vcpu_events events;
	struct vmxdbg_hidden hidden;
	struct kvm_regs regs;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(shadow), NULL);
	CHECK_EQ(dbg_step(&d, 0), GUEST_CODE + 1);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_EVENTS, sizeof(events), &events));
	CHECK_EQ(events.interrupt.shadow, KVM_X86_SHADOW_INT_STI);
	regs = session_get_regs(d.fd, 0);
	regs.rflags = (regs.rflags & ~RFLAGS_IF) | RFLAGS_TF;
	session_set_regs(d.fd, 0, &regs);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_HIDDEN, sizeof(hidden), &hidden));
	CHECK_EQ(hidden.blocking, 0);
	CHECK_EQ(hidden.pending_debug, 0);
	/* The shadow cannot come back while IF is clear. */
	CHECK_ERR(session_regs(d.fd, true, 0, VMXDBG_REGS_EVENTS, sizeof(events), &events),
		  EINVAL);
	regs.rflags = 2;
	session_set_regs(d.fd, 0, &regs);
	CHECK_EQ(dbg_step(&d, 0), GUEST_CODE + 2);
	dbg_finish(&d);
}

/* Exceptions that no entry could inject, in delivery or pending */
static void exceptions_are_refused(struct machine *m, bool pending)
{
	static const struct {
		u8 nr, has_error;
		u32 error, refused;
	} exceptions[] = {
		{ 13, 0, 0, R(EXCEPTION) }, { 8, 0, 0, R(EXCEPTION) }, { 6, 1, 0, R(EXCEPTION) },
		{ 14, 1, 1 << 16, R(EXCEPTION) }, { 13, 1, 1U << 31, R(EXCEPTION) },
		{ 2, 0, 0, R(VALUE) }, { 32, 0, 0, R(VALUE) },
	};
	struct kvm_vcpu_events before, events;
	unsigned int i;

	CHECK_OK(session_regs(m->session, false, 0, VMXDBG_REGS_EVENTS, sizeof(before), &before));
	for (i = 0; i < ARRAY_SIZE(exceptions); i++) {
		events = before;
		events.exception.injected = !pending;
		events.exception.pending = pending;
		events.exception.nr = exceptions[i].nr;
		events.exception.has_error_code = exceptions[i].has_error;
		events.exception.error_code = exceptions[i].error;
		if (!CHECK_EQ(try(m, VMXDBG_REGS_EVENTS, sizeof(events), &events),
			      exceptions[i].refused))
			tap_note("exception %u", exceptions[i].nr);
	}
}

static void events_are_refused(void)
{
	struct kvm_enable_cap payloads = { .cap = KVM_CAP_EXCEPTION_PAYLOAD, .args = { 1 } };
	struct kvm_vcpu_events before, events;
	struct machine m;

	start(&m, MODE_LONG, PROG(halt));
	exceptions_are_refused(&m, false);
	CHECK_OK(ioctl(m.vm.fd, KVM_ENABLE_CAP, &payloads));
	exceptions_are_refused(&m, true);
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_EVENTS, sizeof(before), &before));
	events = before;
	events.interrupt.shadow = KVM_X86_SHADOW_INT_STI;
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), R(SHADOW));
	events.interrupt.shadow |= KVM_X86_SHADOW_INT_MOV_SS;
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), R(SHADOW));
	events = before;
	events.flags |= 1U << 30;
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), R(VALUE));
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_EVENTS, sizeof(events), &events));
	CHECK(!memcmp(&events, &before, sizeof(events)));
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	machine_destroy(&m);
}

/* An exception with an error code, then real mode, where exceptions have none. */
static void an_event_that_waits_counts(void)
{
	struct kvm_vcpu_events events;
	struct vmxdbg_both both;
	struct machine m;

	start(&m, MODE_FLAT32, PROG(halt));
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_EVENTS, sizeof(events), &events));
	events.exception.injected = 1;
	events.exception.nr = 13;
	events.exception.has_error_code = 1;
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), 0);
	both = get_both(&m);
	both.system.cr0 &= ~CR0_PE;
	CHECK_EQ(try(&m, VMXDBG_REGS_SYSTEM, sizeof(both.system), &both.system), R(EXCEPTION));
	events.exception.injected = 0;
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), 0);
	CHECK_EQ(try(&m, VMXDBG_REGS_SYSTEM, sizeof(both.system), &both.system), 0);
	machine_destroy(&m);
}

static void other_sets_are_refused(void)
{
	struct kvm_debugregs debug;
	struct kvm_xcrs xcrs;
	struct kvm_fpu fpu;
	struct machine m;

	start(&m, MODE_LONG, PROG(halt));
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_DEBUG, sizeof(debug), &debug));
	debug.dr7 |= 1ULL << 32;
	CHECK_EQ(try(&m, VMXDBG_REGS_DEBUG, sizeof(debug), &debug), R(VALUE));
	debug.dr7 = 0x400;
	debug.dr6 = 1ULL << 63;
	CHECK_EQ(try(&m, VMXDBG_REGS_DEBUG, sizeof(debug), &debug), R(VALUE));
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_FPU, sizeof(fpu), &fpu));
	fpu.mxcsr = 1U << 31;
	CHECK_EQ(try(&m, VMXDBG_REGS_FPU, sizeof(fpu), &fpu), R(VALUE));
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_XCRS, sizeof(xcrs), &xcrs));
	xcrs.xcrs[0].xcr = 1;
	CHECK_EQ(try(&m, VMXDBG_REGS_XCRS, sizeof(xcrs), &xcrs), R(VALUE));
	xcrs.xcrs[0].xcr = 0;
	xcrs.nr_xcrs = 0;
	CHECK_EQ(try(&m, VMXDBG_REGS_XCRS, sizeof(xcrs), &xcrs), R(VALUE));
	machine_destroy(&m);
}

#define MSR_EFER	0xc0000080
#define MSR_FS_BASE	0xc0000100
#define MSR_LSTAR	0xc0000082
#define MSR_PRED_CMD	0x49

static u32 try_msr(struct machine *m, u32 index, u64 value)
{
	struct kvm_msr_entry entry = { .index = index, .data = value };
	struct vmxdbg_msrs arg = {
		.count = 1, .refused = 77, .entries = (unsigned long)&entry,
	};
	int r = ioctl(m->session, VMXDBG_SET_MSRS, &arg);

	if (r)
		CHECK_EQ(errno, EINVAL);
	CHECK_EQ(!r, !arg.refused);
	return arg.refused;
}

static void msrs_are_refused(void)
{
	struct machine m;

	start(&m, MODE_LONG, PROG(halt));
	CHECK_EQ(try_msr(&m, MSR_EFER, 0), R(EFER));
	CHECK_EQ(try_msr(&m, MSR_EFER, EFER_LMA), R(EFER));
	CHECK_EQ(try_msr(&m, MSR_EFER, 0x1500), R(EFER));
	CHECK_EQ(try_msr(&m, MSR_FS_BASE, NOT_CANONICAL), RS(FS, BASE));
	CHECK_EQ(try_msr(&m, MSR_LSTAR, NOT_CANONICAL), R(VALUE));
	CHECK_EQ(try_msr(&m, MSR_PRED_CMD, 1), R(MSR));
	CHECK_EQ(try_msr(&m, 0x4b564d10, 1), R(MSR));
	machine_destroy(&m);
	start(&m, MODE_V86, PROG(halt));
	CHECK_EQ(try_msr(&m, MSR_FS_BASE, 0), RS(FS, VM86));
	machine_destroy(&m);
}

/* ---- PDPTRs ---- */

static void pdptrs_stay_unless_cr3_is_written(void)
{
	struct vmxdbg_hidden before, after;
	struct vmxdbg_both both;
	struct machine m;

	start(&m, MODE_PAE, PROG(halt));
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_HIDDEN, sizeof(before), &before));
	memset(m.vm.mem + GUEST_PDPT, 0, 32);
	both = get_both(&m);
	both.system.ds.limit = 0xffff0fff;
	CHECK_EQ(try(&m, VMXDBG_REGS_SYSTEM, sizeof(both.system), &both.system), 0);
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_HIDDEN, sizeof(after), &after));
	CHECK(!memcmp(before.pdptrs, after.pdptrs, sizeof(after.pdptrs)));
	memcpy(m.vm.mem + GUEST_HIGH, before.pdptrs, 32);
	both.system.cr3 = GUEST_HIGH;
	CHECK_EQ(try(&m, VMXDBG_REGS_SYSTEM, sizeof(both.system), &both.system), 0);
	both.system.cr3 = GUEST_PDPT;
	CHECK_EQ(try(&m, VMXDBG_REGS_SYSTEM, sizeof(both.system), &both.system), 0);
	CHECK_OK(session_regs(m.session, false, 0, VMXDBG_REGS_HIDDEN, sizeof(after), &after));
	CHECK_EQ(after.pdptrs[0], 0);
	machine_destroy(&m);
}

/* ---- a state that was invalid before ---- */

static void break_state(struct vm *vm)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	get_sregs(&vm->vcpu[0], &sregs);
	sregs.cs.dpl = 3;
	sregs.fs.base = NOT_CANONICAL;
	CHECK_OK(ioctl(vm->vcpu[0].fd, KVM_SET_SREGS, &sregs));
	get_regs(&vm->vcpu[0], &regs);
	regs.rflags |= 1 << 15;
	set_regs(&vm->vcpu[0], &regs);
}

static void an_invalid_state_is_repaired_in_steps(void)
{
	struct vmm_options options = { .prepare = break_state };
	struct kvm_sregs sregs;
	struct machine m = { 0 };
	struct kvm_regs regs;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), &options);
	m.session = d.fd;
	regs = session_get_regs(d.fd, 0);
	regs.rax = 5;			/* still broken, and no worse */
	CHECK_EQ(try(&m, VMXDBG_REGS_GENERAL, sizeof(regs), &regs), 0);
	regs.rip = 1ULL << 62;
	CHECK_EQ(try(&m, VMXDBG_REGS_GENERAL, sizeof(regs), &regs), R(RIP));
	regs.rip = GUEST_CODE;
	regs.rflags = 2;
	CHECK_EQ(try(&m, VMXDBG_REGS_GENERAL, sizeof(regs), &regs), 0);
	regs.rflags = 1 << 15;
	CHECK_EQ(try(&m, VMXDBG_REGS_GENERAL, sizeof(regs), &regs), R(RFLAGS));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
	sregs.cs.dpl = 0;
	CHECK_EQ(try(&m, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs), 0);
	sregs.fs.base = 0;
	CHECK_EQ(try(&m, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs), 0);
	dbg_finish(&d);
}

/* ---- a triple fault ---- */

static void take_triple_faults(struct vm *vm)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_TRIPLE_FAULT_EVENT, .args[0] = 1 };

	CHECK_OK(ioctl(vm->fd, KVM_ENABLE_CAP, &cap));
}

GUEST64(faults, "lidt 0xc000; ud2; hlt");
LABEL(faults_end);

static void a_triple_fault_can_be_taken_back(void)
{
	struct vmm_options options = { .prepare = take_triple_faults };
	struct kvm_vcpu_events events;
	struct machine m = { 0 };
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(faults), &options);
	m.session = d.fd;
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_EVENTS, sizeof(events), &events));
	CHECK(events.flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT);
	events.triple_fault.pending = 1;
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), R(SHUTDOWN));
	resume_to(&d, VMXDBG_WHY_SHUTDOWN, AT(faults, faults_end) - 3);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_EVENTS, sizeof(events), &events));
	CHECK_EQ(events.triple_fault.pending, 1);
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), 0);
	events.triple_fault.pending = 0;
	events.exception.injected = 0;
	CHECK_EQ(try(&m, VMXDBG_REGS_EVENTS, sizeof(events), &events), 0);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
	regs = session_get_regs(d.fd, 0);
	regs.rip = AT(faults, faults_end) - 1;
	session_set_regs(d.fd, 0, &regs);
	dbg_finish(&d);
}

/* A caller whose argument is in read-only memory gets EINVAL all the same. */
static void the_reason_needs_no_room(void)
{
	static const struct kvm_regs regs = { .rip = 1ULL << 60, .rflags = 2 };
	static struct vmxdbg_regs arg;
	struct vmxdbg_regs *page;
	struct machine m;

	start(&m, MODE_LONG, PROG(halt));
	arg = (struct vmxdbg_regs){
		.set = VMXDBG_REGS_GENERAL, .size = sizeof(regs), .data = (unsigned long)&regs,
	};
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(page != MAP_FAILED);
	*page = arg;
	CHECK_OK(mprotect(page, 4096, PROT_READ));
	CHECK_ERR(ioctl(m.session, VMXDBG_SET_REGS, page), EINVAL);
	CHECK_ERR(ioctl(m.session, VMXDBG_SET_REGS, &arg), EINVAL);
	CHECK_EQ(arg.refused, R(RIP));
	/* Old content of the field does not matter. */
	CHECK_OK(ioctl(m.session, VMXDBG_GET_REGS, &(struct vmxdbg_regs){
		.set = VMXDBG_REGS_GENERAL, .size = sizeof(regs), .refused = R(RIP),
		.data = (unsigned long)&(struct kvm_regs){ 0 } }));
	machine_destroy(&m);
}

static const struct test tests[] = {
	TEST_SLOW(values_are_refused, 60),
	TEST(both_sets_change_the_mode),
	TEST(a_shadow_ends_with_if),
	TEST(events_are_refused),
	TEST(an_event_that_waits_counts),
	TEST(other_sets_are_refused),
	TEST(msrs_are_refused),
	TEST(pdptrs_stay_unless_cr3_is_written),
	TEST(an_invalid_state_is_repaired_in_steps),
	TEST(a_triple_fault_can_be_taken_back),
	TEST(the_reason_needs_no_room),
};

TAP_MAIN(tests)
