// SPDX-License-Identifier: GPL-2.0-only
/* The checks of VM entry on the guest's registers: one value of a good state at a time. */
#include <kunit/test.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "../../kmod/lib/entry_regs.c"

#define KERNEL		0xffffffff81000000ULL
#define NOT_CANONICAL	0x0000900000000000ULL

#define DATA	{ .limit = 0xffffffff, .ar = 0xc093, .selector = 0x10 }
#define USER	{ .limit = 0xffffffff, .ar = 0xc0f3, .selector = 0x33 }
#define REAL	{ .base = 0x12340, .limit = 0xffff, .ar = 0x93, .selector = 0x1234 }
#define VM86	{ .base = 0x12340, .limit = 0xffff, .ar = 0xf3, .selector = 0x1234 }
#define UNUSED	{ .ar = 0x10000 }

#define LIMITS								\
	.cr4_allowed = X86_CR4_PAE | X86_CR4_PSE | X86_CR4_PCIDE,	\
	.efer_allowed = EFER_SCE | EFER_LME | EFER_LMA | EFER_NX, .phys_bits = 40

#define SEGS(_cs, _ss, _other, _fs, _ldtr) .seg = {			\
	[VMXDBG_SEG_CS] = _cs, [VMXDBG_SEG_SS] = _ss,			\
	[VMXDBG_SEG_ES] = _other, [VMXDBG_SEG_DS] = _other,		\
	[VMXDBG_SEG_FS] = _fs, [VMXDBG_SEG_GS] = _fs,			\
	[VMXDBG_SEG_LDTR] = _ldtr,					\
	[VMXDBG_SEG_TR] = { .base = 0x2800, .limit = 0x67, .ar = 0x8b, .selector = 0x40 } }

/* Macro arguments with commas */
#define CODE64	{ .limit = 0xffffffff, .ar = 0xa09b, .selector = 8 }
#define CODE32	{ .limit = 0xffffffff, .ar = 0xc09b, .selector = 0x18 }
#define USER64	{ .limit = 0xffffffff, .ar = 0xa0fb, .selector = 0x3b }
#define KERNEL_BASE { .base = 0xffff888000000000ULL, .ar = 0x10000 }
#define LDT	{ .base = 0x4000, .limit = 0xfff, .ar = 0x82, .selector = 0x48 }

enum mode { LONG, USER_LONG, FLAT, PAE, REAL_MODE, V86, MODES };

#define CR0_PAGED	(X86_CR0_PE | X86_CR0_PG | X86_CR0_ET)
#define EFER_LONG	(EFER_LME | EFER_LMA)

static const struct entry_regs good[MODES] = {
	[LONG] = { LIMITS, .rip = KERNEL, .rflags = 2, .cr0 = CR0_PAGED, .cr4 = X86_CR4_PAE,
		   .cr3 = 0x20000, .efer = EFER_LONG, .gdt_base = KERNEL, .idt_base = KERNEL,
		   SEGS(CODE64, DATA, UNUSED, KERNEL_BASE, UNUSED) },
	[USER_LONG] = { LIMITS, .rip = 0x400000, .rflags = 0x202, .cr0 = CR0_PAGED,
			.cr4 = X86_CR4_PAE, .cr3 = 0x20000, .efer = EFER_LONG,
			SEGS(USER64, USER, USER, KERNEL_BASE, LDT) },
	[FLAT] = { LIMITS, .rip = 0x8000, .rflags = 2, .cr0 = X86_CR0_PE,
		   SEGS(CODE32, DATA, DATA, DATA, LDT) },
	[PAE] = { LIMITS, .rip = 0x8000, .rflags = 2, .cr0 = CR0_PAGED, .cr4 = X86_CR4_PAE,
		  .cr3 = 0x21000, .pdptr = { 0x22001, 0x23001, 0, 0xff << 1 },
		  SEGS(CODE32, DATA, DATA, DATA, UNUSED) },
	[REAL_MODE] = { LIMITS, .rip = 0xfff0, .rflags = 2, .cr0 = X86_CR0_ET,
			SEGS(REAL, REAL, REAL, REAL, UNUSED) },
	[V86] = { LIMITS, .rip = 0x100, .rflags = 0x20202, .cr0 = X86_CR0_PE,
		  SEGS(VM86, VM86, VM86, VM86, UNUSED) },
};

static void good_states_are_accepted(struct kunit *test)
{
	static const struct entry_faults none;
	struct entry_faults faults;
	unsigned int i;

	for (i = 0; i < MODES; i++) {
		entry_regs_check(&good[i], &faults);
		KUNIT_EXPECT_EQ_MSG(test, entry_faults_new(&none, &faults), 0u, "mode %u", i);
	}
}

#define AT(field) offsetof(struct entry_regs, field), sizeof(((struct entry_regs *)0)->field)
#define SEG(name, field) AT(seg[VMXDBG_SEG_##name].field)
#define REFUSED(rule) VMXDBG_REFUSED_##rule
#define REFUSED_SEG(name, rule) (VMXDBG_REFUSED_SEG_##rule | VMXDBG_SEG_##name << 8)
#define EXCEPTION(vector) (INTR_INFO_VALID_MASK | INTR_TYPE_HARD_EXCEPTION | (vector))
#define WITH_CODE INTR_INFO_DELIVER_CODE_MASK

static const struct {
	enum mode mode;
	u16 offset, size;
	u64 value;
	u32 want;		/* 0: accepted */
} rows[] = {
	/* RIP */
	{ LONG, AT(rip), 0x0000ffffffffffff, 0 },
	{ LONG, AT(rip), 0x0000800000000000, 0 },	/* behind the last instruction */
	{ LONG, AT(rip), 0xffff000000000000, 0 },
	{ LONG, AT(rip), 0x0001000000000000, REFUSED(RIP) },
	{ LONG, AT(rip), 0x8000000000000000, REFUSED(RIP) },
	{ FLAT, AT(rip), 0xffffffff, 0 },
	{ FLAT, AT(rip), 0x100000000, REFUSED(RIP) },
	{ REAL_MODE, AT(rip), 0x100000000, REFUSED(RIP) },
	/* RFLAGS */
	{ LONG, AT(rflags), 0x3d7fd7 & ~0x20000, 0 },
	{ LONG, AT(rflags), BIT(3) | 2, REFUSED(RFLAGS) },
	{ LONG, AT(rflags), BIT(5) | 2, REFUSED(RFLAGS) },
	{ LONG, AT(rflags), BIT(15) | 2, REFUSED(RFLAGS) },
	{ LONG, AT(rflags), BIT(22) | 2, REFUSED(RFLAGS) },
	{ LONG, AT(rflags), BIT_ULL(63) | 2, REFUSED(RFLAGS) },
	{ LONG, AT(rflags), X86_EFLAGS_VM | 2, REFUSED(VM86) },
	{ REAL_MODE, AT(rflags), X86_EFLAGS_VM | 2, REFUSED(VM86) },
	{ FLAT, AT(rflags), X86_EFLAGS_VM | 2, REFUSED_SEG(ES, VM86) },
	{ V86, AT(rflags), 2, REFUSED_SEG(CS, DPL) },
	/* control registers */
	{ LONG, AT(cr0), CR0_PAGED | X86_CR0_CD | X86_CR0_NW, 0 },
	{ LONG, AT(cr0), CR0_PAGED | X86_CR0_NW, REFUSED(CR0) },
	{ LONG, AT(cr0), CR0_PAGED | BIT_ULL(32), REFUSED(CR0) },
	{ LONG, AT(cr0), X86_CR0_PG, REFUSED(CR0) },
	{ LONG, AT(cr0), X86_CR0_PE, REFUSED(EFER) },
	{ FLAT, AT(cr0), 0, 0 },
	{ V86, AT(cr0), 0, REFUSED(VM86) },
	{ LONG, AT(cr3), GENMASK_ULL(39, 0), 0 },
	{ LONG, AT(cr3), BIT_ULL(40), REFUSED(CR3) },
	{ LONG, AT(cr3), BIT_ULL(63), REFUSED(CR3) },
	{ LONG, AT(cr4), X86_CR4_PAE | X86_CR4_PCIDE, 0 },
	{ LONG, AT(cr4), X86_CR4_PAE | X86_CR4_LA57, REFUSED(CR4) },
	{ LONG, AT(cr4), X86_CR4_PAE | X86_CR4_VMXE, REFUSED(CR4) },
	{ LONG, AT(cr4), 0, REFUSED(PAGING) },
	{ PAE, AT(cr4), X86_CR4_PAE | X86_CR4_PCIDE, REFUSED(PAGING) },
	{ PAE, AT(cr4), 0, 0 },
	{ LONG, AT(efer), EFER_LONG | EFER_NX | EFER_SCE, 0 },
	{ LONG, AT(efer), EFER_LONG | EFER_SVME, REFUSED(EFER) },
	{ LONG, AT(efer), EFER_LME, REFUSED(EFER) },
	{ LONG, AT(efer), EFER_LMA, REFUSED(EFER) },
	{ FLAT, AT(efer), EFER_LME, 0 },
	{ FLAT, AT(efer), EFER_LONG, REFUSED(EFER) },
	{ PAE, AT(efer), EFER_LME, REFUSED(EFER) },
	{ PAE, AT(pdptr[0]), BIT_ULL(39) | 0xe19, 0 },
	{ PAE, AT(pdptr[0]), BIT_ULL(40) | 1, REFUSED(PDPTR) },
	{ PAE, AT(pdptr[1]), 0x23021, REFUSED(PDPTR) },
	{ PAE, AT(pdptr[2]), 0x23003, REFUSED(PDPTR) },
	{ PAE, AT(pdptr[3]), BIT_ULL(63) | 1, REFUSED(PDPTR) },
	{ PAE, AT(pdptr_missing), 1, REFUSED(PDPTR) },
	{ LONG, AT(pdptr_missing), 1, 0 },
	{ LONG, AT(pdptr[0]), BIT_ULL(63) | 1, 0 },
	{ LONG, AT(gdt_base), NOT_CANONICAL, REFUSED(TABLE) },
	{ FLAT, AT(idt_base), BIT_ULL(47), REFUSED(TABLE) },
	/* shadows and events */
	{ USER_LONG, AT(blocking), GUEST_INTR_STATE_STI, 0 },
	{ LONG, AT(blocking), GUEST_INTR_STATE_STI, REFUSED(SHADOW) },
	{ LONG, AT(blocking), GUEST_INTR_STATE_MOV_SS, 0 },
	{ LONG, AT(blocking), GUEST_INTR_STATE_NMI, 0 },
	{ LONG, AT(event), EXCEPTION(GP_VECTOR) | WITH_CODE, 0 },
	{ LONG, AT(event), EXCEPTION(GP_VECTOR), REFUSED(EXCEPTION) },
	{ LONG, AT(event), EXCEPTION(DF_VECTOR), REFUSED(EXCEPTION) },
	{ LONG, AT(event), EXCEPTION(UD_VECTOR), 0 },
	{ LONG, AT(event), EXCEPTION(UD_VECTOR) | WITH_CODE, REFUSED(EXCEPTION) },
	{ LONG, AT(event), EXCEPTION(21) | WITH_CODE, REFUSED(EXCEPTION) },
	{ REAL_MODE, AT(event), EXCEPTION(GP_VECTOR), 0 },
	{ REAL_MODE, AT(event), EXCEPTION(GP_VECTOR) | WITH_CODE, REFUSED(EXCEPTION) },
	{ V86, AT(event), EXCEPTION(GP_VECTOR) | WITH_CODE, 0 },
	{ LONG, AT(event), INTR_INFO_VALID_MASK | INTR_TYPE_SOFT_INTR | 13, 0 },
	{ LONG, AT(event), INTR_INFO_VALID_MASK | INTR_TYPE_SOFT_EXCEPTION | 3, 0 },
	{ LONG, AT(event), EXCEPTION(GP_VECTOR) & ~INTR_INFO_VALID_MASK, 0 },
	/* CS */
	{ LONG, SEG(CS, base), BIT_ULL(32), REFUSED_SEG(CS, BASE) },
	{ LONG, SEG(CS, ar), 0xc09b, REFUSED(RIP) },		/* compatibility mode */
	{ USER_LONG, SEG(CS, ar), 0xc0fb, 0 },
	{ USER_LONG, SEG(CS, ar), 0xe0fb, REFUSED_SEG(CS, SIZE) },
	{ FLAT, SEG(CS, ar), 0xa09b, REFUSED_SEG(CS, SIZE) },
	{ FLAT, SEG(CS, ar), 0xc099, 0 },
	{ FLAT, SEG(CS, ar), 0xc09a, REFUSED_SEG(CS, TYPE) },
	{ FLAT, SEG(CS, ar), 0xc093, 0 },
	{ FLAT, SEG(CS, ar), 0xc097, REFUSED_SEG(CS, TYPE) },
	{ FLAT, SEG(CS, ar), 0xc08b, REFUSED_SEG(CS, TYPE) },
	{ FLAT, SEG(CS, ar), 0xc01b, REFUSED_SEG(CS, ABSENT) },
	{ FLAT, SEG(CS, ar), 0x1c09b, REFUSED_SEG(CS, ABSENT) },
	{ FLAT, SEG(CS, ar), 0xc19b, REFUSED_SEG(CS, TYPE) },
	{ FLAT, SEG(CS, ar), 0xc0bb, REFUSED_SEG(CS, DPL) },
	{ FLAT, SEG(CS, ar), 0xc09f, 0 },
	{ FLAT, SEG(CS, ar), 0xc0bf, REFUSED_SEG(CS, DPL) },
	{ USER_LONG, SEG(CS, ar), 0xa09f, 0 },			/* conforming */
	{ USER_LONG, SEG(CS, ar), 0xa09b, REFUSED_SEG(CS, DPL) },
	{ FLAT, SEG(CS, limit), 0xffffefff, 0 },
	{ FLAT, SEG(CS, limit), 0xfffff000, REFUSED_SEG(CS, LIMIT) },
	{ FLAT, SEG(CS, ar), 0x409b, REFUSED_SEG(CS, LIMIT) },
	{ REAL_MODE, SEG(CS, ar), 0x9b, 0 },
	/* SS */
	{ FLAT, SEG(SS, ar), 0xc097, 0 },
	{ FLAT, SEG(SS, ar), 0xc091, REFUSED_SEG(SS, TYPE) },
	{ FLAT, SEG(SS, ar), 0xc09b, REFUSED_SEG(SS, TYPE) },
	{ FLAT, SEG(SS, ar), 0xc0f3, REFUSED_SEG(CS, DPL) },
	{ REAL_MODE, SEG(SS, ar), 0xf3, REFUSED_SEG(SS, DPL) },
	{ LONG, SEG(SS, ar), 0x10000, 0 },
	{ USER_LONG, SEG(SS, ar), 0x10060, 0 },
	{ USER_LONG, SEG(SS, ar), 0x10000, REFUSED_SEG(CS, DPL) },
	{ FLAT, SEG(SS, base), BIT_ULL(32), REFUSED_SEG(SS, BASE) },
	/* DS, ES, FS, GS */
	{ FLAT, SEG(DS, ar), 0xc09b, 0 },
	{ FLAT, SEG(DS, ar), 0xc092, REFUSED_SEG(DS, TYPE) },
	{ FLAT, SEG(DS, ar), 0xc099, REFUSED_SEG(DS, TYPE) },
	{ FLAT, SEG(ES, ar), 0xc083, REFUSED_SEG(ES, TYPE) },
	{ FLAT, SEG(ES, ar), 0xc013, REFUSED_SEG(ES, ABSENT) },
	{ FLAT, SEG(ES, ar), 0x10000, 0 },
	{ FLAT, SEG(DS, base), BIT_ULL(32), REFUSED_SEG(DS, BASE) },
	{ LONG, SEG(DS, base), BIT_ULL(32), 0 },		/* unusable */
	{ LONG, SEG(FS, base), NOT_CANONICAL, REFUSED_SEG(FS, BASE) },
	{ FLAT, SEG(GS, base), BIT_ULL(40), 0 },
	{ FLAT, SEG(GS, limit), 0xffff0000, REFUSED_SEG(GS, LIMIT) },
	/* virtual-8086 mode */
	{ V86, SEG(CS, base), 0x12350, REFUSED_SEG(CS, VM86) },
	{ V86, SEG(GS, base), 0x12350, REFUSED_SEG(GS, VM86) },
	{ V86, SEG(DS, selector), 0, REFUSED_SEG(DS, VM86) },
	{ V86, SEG(SS, limit), 0xfffff, REFUSED_SEG(SS, VM86) },
	{ V86, SEG(ES, ar), 0x93, REFUSED_SEG(ES, VM86) },
	/* LDTR, TR */
	{ FLAT, SEG(LDTR, selector), 0x4c, REFUSED_SEG(LDTR, SELECTOR) },
	{ FLAT, SEG(LDTR, base), NOT_CANONICAL, REFUSED_SEG(LDTR, BASE) },
	{ FLAT, SEG(LDTR, ar), 0x92, REFUSED_SEG(LDTR, TYPE) },
	{ FLAT, SEG(LDTR, ar), 0x83, REFUSED_SEG(LDTR, TYPE) },
	{ FLAT, SEG(LDTR, ar), 0x02, REFUSED_SEG(LDTR, ABSENT) },
	{ FLAT, SEG(LDTR, ar), 0x8082, 0 },
	{ FLAT, SEG(LDTR, limit), 0x100000, REFUSED_SEG(LDTR, LIMIT) },
	{ LONG, SEG(LDTR, base), NOT_CANONICAL, 0 },		/* unusable */
	{ FLAT, SEG(TR, ar), 0x83, 0 },
	{ LONG, SEG(TR, ar), 0x83, REFUSED_SEG(TR, TYPE) },
	{ LONG, SEG(TR, ar), 0x89, REFUSED_SEG(TR, TYPE) },
	{ LONG, SEG(TR, ar), 0x9b, REFUSED_SEG(TR, TYPE) },
	{ LONG, SEG(TR, ar), 0x0b, REFUSED_SEG(TR, ABSENT) },
	{ LONG, SEG(TR, ar), 0x1008b, REFUSED_SEG(TR, ABSENT) },
	{ LONG, SEG(TR, base), NOT_CANONICAL, REFUSED_SEG(TR, BASE) },
	{ LONG, SEG(TR, selector), 0x44, REFUSED_SEG(TR, SELECTOR) },
	{ LONG, SEG(TR, limit), 0x100067, REFUSED_SEG(TR, LIMIT) },
};

static void single_values_are_judged(struct kunit *test)
{
	static const struct entry_faults none;
	struct entry_faults faults;
	struct entry_regs regs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		regs = good[rows[i].mode];
		memcpy((u8 *)&regs + rows[i].offset, &rows[i].value, rows[i].size);
		entry_regs_check(&regs, &faults);
		KUNIT_EXPECT_EQ_MSG(test, entry_faults_new(&none, &faults), rows[i].want,
				    "row %u", i);
	}
}

/* A rule that was broken before may stay broken, and no other one may break. */
static void old_faults_are_no_reason(struct kunit *test)
{
	struct entry_regs regs = good[LONG];
	struct entry_faults old, now;

	regs.rflags = BIT(3);
	regs.seg[VMXDBG_SEG_CS].base = BIT_ULL(32);
	entry_regs_check(&regs, &old);
	regs.rflags = BIT(5);
	entry_regs_check(&regs, &now);
	KUNIT_EXPECT_EQ(test, entry_faults_new(&old, &now), 0u);
	regs.seg[VMXDBG_SEG_FS].base = NOT_CANONICAL;
	entry_regs_check(&regs, &now);
	KUNIT_EXPECT_EQ(test, entry_faults_new(&old, &now), (u32)REFUSED_SEG(FS, BASE));
	regs.seg[VMXDBG_SEG_FS].base = 0;
	regs.rip = BIT_ULL(63);
	entry_regs_check(&regs, &now);
	KUNIT_EXPECT_EQ(test, entry_faults_new(&old, &now), (u32)REFUSED(RIP));
	regs.cr3 = BIT_ULL(63);
	entry_regs_check(&regs, &now);
	KUNIT_EXPECT_EQ(test, entry_faults_new(&old, &now), (u32)REFUSED(CR3));
}

static struct kunit_case entry_regs_cases[] = {
	KUNIT_CASE(good_states_are_accepted),
	KUNIT_CASE(single_values_are_judged),
	KUNIT_CASE(old_faults_are_no_reason),
	{}
};

static struct kunit_suite entry_regs_suite = {
	.name = "vmxdbg-entry-regs",
	.test_cases = entry_regs_cases,
};

kunit_test_suite(entry_regs_suite);
