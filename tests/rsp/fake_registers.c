// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "fake_registers.h"

/* There are no DEBUGCTL and no SPEC_CTRL. */
static const struct {
	uint32_t index;
	bool is_address;
	uint64_t value;
} msrs[] = {
	{ 0x10, false, 0x123456789 },
	{ 0x1b, false, 0xfee00900 },
	{ 0x3b, false, 0 },
	{ 0x174, false, 0x10 },
	{ 0x175, true, 0xffffffff80003000 },
	{ 0x176, true, 0xffffffff80010100 },
	{ 0x1a0, false, 0x850089 },
	{ 0x277, false, 0x0007040600070406 },
	{ 0x3fc, false, 0x77 },
	{ 0xc0000080, false, 0xd01 },
	{ 0xc0000081, false, 0x23001000000000 },
	{ 0xc0000082, true, 0xffffffff80010000 },
	{ 0xc0000083, true, 0 },
	{ 0xc0000084, false, 0x47700 },
	{ 0xc0000102, true, 0xffff888000000000 },
	{ 0xc0000103, false, 1 },
};

#define NR_MSRS	(sizeof(msrs) / sizeof(*msrs))

void fake_registers_init(struct fake_registers *r, uint64_t xcr0)
{
	size_t i;

	memset(r, 0, sizeof(*r));
	r->xcrs.nr_xcrs = 1;
	r->xcrs.xcrs[0].value = xcr0;
	r->events.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
	r->hidden.tsc_offset = -1000;
	for (i = 0; i < NR_MSRS; i++)
		r->msrs[i] = msrs[i].value;
}

void *fake_registers_set(struct fake_registers *r, uint32_t set, size_t *size)
{
	void *at[] = { r->xsave, &r->xcrs, &r->events, &r->hidden };
	size_t sizes[] = { sizeof(r->xsave), sizeof(r->xcrs), sizeof(r->events),
			   sizeof(r->hidden) };

	if (set < VMXDBG_REGS_XSAVE || set > VMXDBG_REGS_HIDDEN)
		return NULL;
	*size = sizes[set - VMXDBG_REGS_XSAVE];
	return at[set - VMXDBG_REGS_XSAVE];
}

/* ---- the FPU in XSAVE's format: SDM vol. 1, 13.4 and 10.5 ---- */

#define FCW_AT		0
#define MXCSR_AT	24
#define XMM_AT		160
#define XSTATE_BV_AT	512

void fake_registers_put_fpu(struct fake_registers *r, const struct kvm_fpu *fpu)
{
	memcpy(r->xsave + FCW_AT, &fpu->fcw, sizeof(fpu->fcw));
	memcpy(r->xsave + MXCSR_AT, &fpu->mxcsr, sizeof(fpu->mxcsr));
	memcpy(r->xsave + XMM_AT, fpu->xmm, sizeof(fpu->xmm));
	r->xsave[XSTATE_BV_AT] |= 3;
}

void fake_registers_take_fpu(const struct fake_registers *r, struct kvm_fpu *fpu)
{
	memcpy(&fpu->fcw, r->xsave + FCW_AT, sizeof(fpu->fcw));
	memcpy(&fpu->mxcsr, r->xsave + MXCSR_AT, sizeof(fpu->mxcsr));
	memcpy(fpu->xmm, r->xsave + XMM_AT, sizeof(fpu->xmm));
}

/* ---- rules ---- */

#define CR0_PE		(1ULL << 0)
#define CR0_NW		(1ULL << 29)
#define CR0_CD		(1ULL << 30)
#define CR0_PG		(1ULL << 31)
#define CR4_PAE		(1ULL << 5)
#define CR4_KNOWN	0x7f7fffULL
#define EFER_LME	(1ULL << 8)
#define EFER_LMA	(1ULL << 10)
#define EFER_KNOWN	0xd01ULL
#define RFLAGS_IF	(1ULL << 9)
#define RFLAGS_VM	(1ULL << 17)
#define RFLAGS_KNOWN	0x3f7fd7ULL

static bool is_canonical(uint64_t addr)
{
	return (int64_t)(addr << 16) >> 16 == (int64_t)addr;
}

static bool breaks(const struct vmxdbg_both *b, uint32_t rule)
{
	const struct kvm_sregs *s = &b->system;
	bool lma = s->efer & EFER_LMA;

	switch (rule) {
	case VMXDBG_REFUSED_CR0:
		return s->cr0 >> 32 || ((s->cr0 & CR0_NW) && !(s->cr0 & CR0_CD)) ||
		       ((s->cr0 & CR0_PG) && !(s->cr0 & CR0_PE));
	case VMXDBG_REFUSED_CR3:
		return s->cr3 >> 46;
	case VMXDBG_REFUSED_CR4:
		return s->cr4 & ~CR4_KNOWN;
	case VMXDBG_REFUSED_CR8:
		return s->cr8 > 15;
	case VMXDBG_REFUSED_EFER:
		return (s->efer & ~EFER_KNOWN) ||
		       lma != ((s->efer & EFER_LME) && (s->cr0 & CR0_PG));
	case VMXDBG_REFUSED_PAGING:
		return lma && !(s->cr4 & CR4_PAE);
	case VMXDBG_REFUSED_TABLE:
		return !is_canonical(s->gdt.base) || !is_canonical(s->idt.base);
	case VMXDBG_REFUSED_RFLAGS:
		return b->general.rflags & ~RFLAGS_KNOWN;
	case VMXDBG_REFUSED_RIP:
		return !is_canonical(b->general.rip);
	case VMXDBG_REFUSED_VM86:
		return (b->general.rflags & RFLAGS_VM) && (lma || !(s->cr0 & CR0_PE));
	default:
		return false;
	}
}

/* CS alone stands for the rules of segments. */
static uint32_t refuse_segment(const struct vmxdbg_both *old, const struct vmxdbg_both *now)
{
	if (!now->system.cs.present && old->system.cs.present)
		return VMXDBG_REFUSED_SEG_ABSENT | VMXDBG_SEG_CS << 8;
	if (now->system.cs.db && now->system.cs.l)
		return VMXDBG_REFUSED_SEG_SIZE | VMXDBG_SEG_CS << 8;
	return 0;
}

uint32_t fake_registers_refuse(const struct vmxdbg_both *old, const struct vmxdbg_both *now)
{
	uint32_t rule;

	for (rule = VMXDBG_REFUSED_CR0; rule <= VMXDBG_REFUSED_RIP; rule++)
		if (breaks(now, rule) && !breaks(old, rule))
			return rule;
	return refuse_segment(old, now);
}

uint32_t fake_events_refuse(const struct kvm_vcpu_events *events, const struct kvm_regs *regs)
{
	bool sti = events->interrupt.shadow & 2;

	return (sti && !(regs->rflags & RFLAGS_IF)) || (sti && (events->interrupt.shadow & 1)) ?
	       VMXDBG_REFUSED_SHADOW : 0;
}

/* ---- MSRs ---- */

static int find_msr(uint32_t index)
{
	size_t i;

	for (i = 0; i < NR_MSRS; i++)
		if (msrs[i].index == index)
			return i;
	return -1;
}

void fake_registers_time(struct fake_registers *r)
{
	r->msrs[find_msr(0x10)]++;
}

int fake_registers_get_msrs(const struct fake_registers *r, struct kvm_msr_entry *entries,
			    uint32_t count, uint32_t *done)
{
	int i;

	for (*done = 0; *done < count; ++*done) {
		i = find_msr(entries[*done].index);
		if (i < 0)
			return -EINVAL;
		entries[*done].data = r->msrs[i];
	}
	return 0;
}

int fake_registers_set_msrs(struct fake_registers *r, const struct kvm_msr_entry *entries,
			    uint32_t count, uint32_t *done, uint32_t *refused)
{
	int i;

	*refused = 0;
	for (*done = 0; *done < count; ++*done) {
		i = find_msr(entries[*done].index);
		if (i < 0)
			*refused = VMXDBG_REFUSED_MSR;
		else if (msrs[i].is_address && !is_canonical(entries[*done].data))
			*refused = VMXDBG_REFUSED_VALUE;
		if (*refused)
			return -EINVAL;
		r->msrs[i] = entries[*done].data;
	}
	return 0;
}

int fake_registers_list_msrs(uint32_t *indices, uint32_t room)
{
	uint32_t i;

	for (i = 0; i < NR_MSRS && i < room; i++)
		indices[i] = msrs[i].index;
	return NR_MSRS;
}
