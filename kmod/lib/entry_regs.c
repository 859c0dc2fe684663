// SPDX-License-Identifier: GPL-2.0-only
/* The checks of VM entry on the guest's registers, see entry_regs.h. */
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/page.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "lib/entry_regs.h"
#include "lib/entry_state.h"
#include "lib/walk.h"
#include "vmxdbg.h"

#define RFLAGS_DEFINED	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
			 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF | \
			 X86_EFLAGS_OF | X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_RF | \
			 X86_EFLAGS_VM | X86_EFLAGS_AC | X86_EFLAGS_VIF | X86_EFLAGS_VIP | \
			 X86_EFLAGS_ID | X86_EFLAGS_FIXED)

/* Reserved bits of a present PDPTE, besides those beyond MAXPHYADDR (table 4-8) */
#define PDPTE_PRESENT	BIT_ULL(0)
#define PDPTE_RESERVED	(BIT_ULL(63) | GENMASK_ULL(8, 5) | GENMASK_ULL(2, 1))

/* Attributes of each segment in virtual-8086 mode: DPL 3, data, read and write, accessed */
#define ENTRY_AR_VM86		0xf3

#define SELECTOR_TI	BIT(2)

static bool entry_long_mode(const struct entry_regs *r)
{
	return r->efer & EFER_LMA;
}

static u32 cs_ar(const struct entry_regs *r)
{
	return r->seg[VMXDBG_SEG_CS].ar;
}

static bool canonical(u64 addr)
{
	return __is_canonical_address(addr, VADDR_BITS);
}

bool entry_regs_pae(const struct entry_regs *r)
{
	return (r->cr0 & X86_CR0_PG) && (r->cr4 & X86_CR4_PAE) && !entry_long_mode(r);
}

/* ---- control registers (27.3.1.1, 27.3.1.6) ---- */

static bool cr0_ok(const struct entry_regs *r)
{
	if (r->cr0 >> 32)
		return false;
	if ((r->cr0 & X86_CR0_NW) && !(r->cr0 & X86_CR0_CD))
		return false;
	return (r->cr0 & X86_CR0_PE) || !(r->cr0 & X86_CR0_PG);
}

static bool cr3_ok(const struct entry_regs *r)
{
	return !(r->cr3 & GENMASK_ULL(63, r->phys_bits));
}

static bool cr4_ok(const struct entry_regs *r)
{
	return !(r->cr4 & ~r->cr4_allowed);
}

static bool efer_ok(const struct entry_regs *r)
{
	bool lma = (r->efer & EFER_LME) && (r->cr0 & X86_CR0_PG);

	return !(r->efer & ~r->efer_allowed) && entry_long_mode(r) == lma;
}

static bool paging_ok(const struct entry_regs *r)
{
	return entry_long_mode(r) ? r->cr4 & X86_CR4_PAE : !(r->cr4 & X86_CR4_PCIDE);
}

bool pdptrs_valid(const u64 pdptr[4], u8 phys_bits)
{
	u64 reserved = PDPTE_RESERVED | GENMASK_ULL(62, phys_bits);
	unsigned int i;

	for (i = 0; i < 4; i++)
		if ((pdptr[i] & PDPTE_PRESENT) && (pdptr[i] & reserved))
			return false;
	return true;
}

static bool pdptrs_ok(const struct entry_regs *r)
{
	if (!entry_regs_pae(r))
		return true;
	return !r->pdptr_missing && pdptrs_valid(r->pdptr, r->phys_bits);
}

/* ---- tables, rip, flags (27.3.1.3, 27.3.1.4), events (27.2.1.3, 27.3.1.5) ---- */

static bool tables_ok(const struct entry_regs *r)
{
	return canonical(r->gdt_base) && canonical(r->idt_base);
}

/* One bit more than a canonical address: rip may be behind the last instruction. */
static bool rip_ok(const struct entry_regs *r)
{
	u64 top = r->rip >> VADDR_BITS;

	if (entry_long_mode(r) && (cs_ar(r) & VMX_AR_L_MASK))
		return !top || top == GENMASK_ULL(63 - VADDR_BITS, 0);
	return !(r->rip >> 32);
}

static bool rflags_ok(const struct entry_regs *r)
{
	return !(r->rflags & ~RFLAGS_DEFINED);
}

static bool vm86_ok(const struct entry_regs *r)
{
	return !(r->rflags & X86_EFLAGS_VM) || ((r->cr0 & X86_CR0_PE) && !entry_long_mode(r));
}

static bool shadow_ok(const struct entry_regs *r)
{
	return !(r->blocking & GUEST_INTR_STATE_STI) || (r->rflags & X86_EFLAGS_IF);
}

static bool exception_ok(const struct entry_regs *r)
{
	bool has_error = r->event & INTR_INFO_DELIVER_CODE_MASK;
	bool wants_error = (r->cr0 & X86_CR0_PE) &&
			   (BIT(r->event & 31) & ENTRY_WITH_ERROR);

	if (!(r->event & INTR_INFO_VALID_MASK))
		return true;
	if ((r->event & INTR_INFO_INTR_TYPE_MASK) != INTR_TYPE_HARD_EXCEPTION)
		return !has_error;
	return has_error == wants_error && !(has_error && (r->error & ENTRY_ERROR_RESERVED));
}

/* ---- segments (27.3.1.2) ---- */

#define SEG_RULE(name)	BIT(VMXDBG_REFUSED_SEG_##name - VMXDBG_REFUSED_SEG_SELECTOR)

static bool usable(const struct entry_segment *seg)
{
	return !(seg->ar & VMX_AR_UNUSABLE_MASK);
}

static u16 vm86_faults(const struct entry_segment *seg)
{
	if (seg->base == (u64)seg->selector << 4 && seg->limit == 0xffff &&
	    seg->ar == ENTRY_AR_VM86)
		return 0;
	return SEG_RULE(VM86);
}

static bool limit_ok(const struct entry_segment *seg)
{
	if (seg->ar & VMX_AR_G_MASK)
		return (seg->limit & 0xfff) == 0xfff;
	return !(seg->limit & GENMASK(31, 20));
}

/* Checks of any usable segment. @system: LDTR and TR */
static u16 usable_faults(const struct entry_segment *seg, bool system)
{
	u16 faults = 0;

	if (!(seg->ar & VMX_AR_P_MASK))
		faults |= SEG_RULE(ABSENT);
	if (!(seg->ar & VMX_AR_S_MASK) != system || (seg->ar & VMX_AR_RESERVD_MASK &
						    ~VMX_AR_UNUSABLE_MASK))
		faults |= SEG_RULE(TYPE);
	if (!limit_ok(seg))
		faults |= SEG_RULE(LIMIT);
	return faults;
}

static bool cs_type_ok(unsigned int type)
{
	return type == 3 || (type & 9) == 9;
}

/* CPL is SS.DPL; data as code is for real mode. */
static bool cs_dpl_ok(u32 ar, unsigned int cpl)
{
	unsigned int type = ar & VMX_AR_TYPE_MASK, dpl = VMX_AR_DPL(ar);

	if (type == 3)
		return !dpl;
	return type & 4 ? dpl <= cpl : dpl == cpl;
}

static u16 cs_faults(const struct entry_regs *r, const struct entry_segment *cs)
{
	unsigned int cpl = VMX_AR_DPL(r->seg[VMXDBG_SEG_SS].ar);
	u16 faults = usable_faults(cs, false);

	if (!usable(cs))
		faults |= SEG_RULE(ABSENT);
	if (cs->base >> 32)
		faults |= SEG_RULE(BASE);
	if (!cs_type_ok(cs->ar & VMX_AR_TYPE_MASK))
		faults |= SEG_RULE(TYPE);
	if (!cs_dpl_ok(cs->ar, cpl))
		faults |= SEG_RULE(DPL);
	if ((cs->ar & VMX_AR_L_MASK) && (!entry_long_mode(r) || (cs->ar & VMX_AR_DB_MASK)))
		faults |= SEG_RULE(SIZE);
	return faults;
}

static bool data_type_ok(unsigned int nr, unsigned int type)
{
	if (nr == VMXDBG_SEG_SS)
		return type == 3 || type == 7;
	return (type & 1) && (!(type & 8) || (type & 2));
}

/* SS, DS, ES, FS, GS */
static u16 data_faults(const struct entry_regs *r, unsigned int nr)
{
	const struct entry_segment *seg = &r->seg[nr];
	bool wide = nr == VMXDBG_SEG_FS || nr == VMXDBG_SEG_GS;
	bool ring0 = !(r->cr0 & X86_CR0_PE) || (cs_ar(r) & VMX_AR_TYPE_MASK) == 3;
	u16 faults = usable(seg) ? usable_faults(seg, false) : 0;

	if (wide ? !canonical(seg->base) : usable(seg) && seg->base >> 32)
		faults |= SEG_RULE(BASE);
	if (usable(seg) && !data_type_ok(nr, seg->ar & VMX_AR_TYPE_MASK))
		faults |= SEG_RULE(TYPE);
	if (nr == VMXDBG_SEG_SS && ring0 && VMX_AR_DPL(seg->ar))
		faults |= SEG_RULE(DPL);
	return faults;
}

static u16 system_faults(const struct entry_segment *seg, bool type_ok)
{
	u16 faults = usable_faults(seg, true);

	if (seg->selector & SELECTOR_TI)
		faults |= SEG_RULE(SELECTOR);
	if (!canonical(seg->base))
		faults |= SEG_RULE(BASE);
	if (!type_ok)
		faults |= SEG_RULE(TYPE);
	return faults;
}

static u16 ldtr_faults(const struct entry_segment *seg)
{
	if (!usable(seg))
		return 0;
	return system_faults(seg, (seg->ar & VMX_AR_TYPE_MASK) == VMX_AR_TYPE_LDT);
}

static u16 tr_faults(const struct entry_regs *r, const struct entry_segment *seg)
{
	unsigned int type = seg->ar & VMX_AR_TYPE_MASK;
	u16 faults = system_faults(seg, type == VMX_AR_TYPE_BUSY_32_TSS ||
				   (type == VMX_AR_TYPE_BUSY_16_TSS && !entry_long_mode(r)));

	return usable(seg) ? faults : faults | SEG_RULE(ABSENT);
}

static u16 segment_faults(const struct entry_regs *r, unsigned int nr)
{
	const struct entry_segment *seg = &r->seg[nr];

	if (nr == VMXDBG_SEG_LDTR)
		return ldtr_faults(seg);
	if (nr == VMXDBG_SEG_TR)
		return tr_faults(r, seg);
	if (r->rflags & X86_EFLAGS_VM)
		return vm86_faults(seg);
	return nr == VMXDBG_SEG_CS ? cs_faults(r, seg) : data_faults(r, nr);
}

/* ---- all ---- */

static const struct {
	unsigned int rule;
	bool (*ok)(const struct entry_regs *r);
} entry_rules[] = {
	{ VMXDBG_REFUSED_CR0, cr0_ok },
	{ VMXDBG_REFUSED_CR3, cr3_ok },
	{ VMXDBG_REFUSED_CR4, cr4_ok },
	{ VMXDBG_REFUSED_EFER, efer_ok },
	{ VMXDBG_REFUSED_PAGING, paging_ok },
	{ VMXDBG_REFUSED_PDPTR, pdptrs_ok },
	{ VMXDBG_REFUSED_TABLE, tables_ok },
	{ VMXDBG_REFUSED_RFLAGS, rflags_ok },
	{ VMXDBG_REFUSED_VM86, vm86_ok },
	{ VMXDBG_REFUSED_RIP, rip_ok },
	{ VMXDBG_REFUSED_SHADOW, shadow_ok },
	{ VMXDBG_REFUSED_EXCEPTION, exception_ok },
};

void entry_regs_check(const struct entry_regs *r, struct entry_faults *faults)
{
	unsigned int i;

	memset(faults, 0, sizeof(*faults));
	for (i = 0; i < ARRAY_SIZE(entry_rules); i++)
		if (!entry_rules[i].ok(r))
			faults->rules |= BIT(entry_rules[i].rule);
	for (i = 0; i < ENTRY_SEGMENTS; i++)
		faults->seg_rules[i] = segment_faults(r, i);
}

u32 entry_faults_new(const struct entry_faults *old, const struct entry_faults *now)
{
	unsigned long rules = now->rules & ~old->rules;
	unsigned int i;

	if (rules)
		return __ffs(rules);
	for (i = 0; i < ENTRY_SEGMENTS; i++) {
		rules = now->seg_rules[i] & ~old->seg_rules[i];
		if (rules)
			return (VMXDBG_REFUSED_SEG_SELECTOR + __ffs(rules)) | i << 8;
	}
	return 0;
}
