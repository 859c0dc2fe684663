// SPDX-License-Identifier: MIT
/* The registers that gdb knows by number, and the system registers. */
#include <string.h>

#include "guest/reg_features.h"

#define CR0_PE		(1ULL << 0)
#define EFER_LMA	(1ULL << 10)
#define RFLAGS_VM	(1ULL << 17)

/* ---- registers whose value is computed ---- */

static bool in_64bit_code(const struct vcpu_regs *regs)
{
	return (regs->system.efer & EFER_LMA) && regs->system.cs.l;
}

static void put_rip(struct vcpu_regs *regs, const struct reg *reg,
		    uint64_t value)
{
	if (in_64bit_code(regs))
		regs->general.rip = value;
	else
		regs->general.rip = (uint32_t)(value - regs->system.cs.base);
}

/*
 * Set a selector. In real mode and VM86 mode the base follows, as on the CPU.
 * In other modes the base does not change before the guest loads the segment.
 */
static void put_selector(struct vcpu_regs *regs, const struct reg *reg,
			 uint64_t value)
{
	char *at = (char *)regs + reg->offset - offsetof(struct kvm_segment,
							 selector);
	struct kvm_segment *segment = (struct kvm_segment *)at;

	/*
	 * gdb writes all registers: keep the base ffff0000 that CS has after
	 * reset.
	 */
	if (segment->selector == (uint16_t)value)
		return;
	segment->selector = value;
	if (!(regs->system.cr0 & CR0_PE) || (regs->general.rflags & RFLAGS_VM))
		segment->base = (value & 0xffff) << 4;
}

/*
 * gdb expects FSTENV's tag word, two bits for each register: 0 valid, 1 zero,
 * 2 special, 3 empty. FXSAVE and kvm_fpu have one bit for each: not empty.
 */
static unsigned int x87_tag(const struct kvm_fpu *fpu, int physical)
{
	int top = fpu->fsw >> 11 & 7;
	const uint8_t *value = fpu->fpr[(physical - top) & 7];
	uint64_t fraction;
	uint16_t exponent;

	if (!(fpu->ftwx >> physical & 1))
		return 3;
	memcpy(&fraction, value, 8);
	memcpy(&exponent, value + 8, 2);
	exponent &= 0x7fff;
	if (!exponent && !fraction)
		return 1;
	return exponent == 0x7fff || !(fraction >> 63) ? 2 : 0;
}

static uint64_t get_ftag(const struct vcpu_regs *regs)
{
	uint64_t tags = 0;
	int i;

	for (i = 0; i < 8; i++)
		tags |= (uint64_t)x87_tag(&regs->fpu, i) << (2 * i);
	return tags;
}

static void put_ftag(struct vcpu_regs *regs, const struct reg *reg,
		     uint64_t value)
{
	int i;

	regs->fpu.ftwx = 0;
	for (i = 0; i < 8; i++)
		if ((value >> (2 * i) & 3) != 3)
			regs->fpu.ftwx |= 1 << i;
}

/*
 * The number of a system call that a guest has interrupted is unknown: -1 means none.
 * gdb wants the register for "record", "gcore" and "catch syscall", and writes it when
 * it calls a function.
 */
static uint64_t get_orig_rax(const struct vcpu_regs *regs)
{
	return ~0ULL;
}

static void put_orig_rax(struct vcpu_regs *regs, const struct reg *reg, uint64_t value)
{
}

/* ---- the tables ---- */

#define OF_SET(set)	.sets = SET_##set, .written = VMXDBG_REGS_##set

#define GENERAL(n, b, t, member)					\
	{ .name = n, .bits = b, .type = t, OF_SET(GENERAL), PLACE(general.member) }
#define RIP(n, b)							\
	{ .name = n, .bits = b, .type = "code_ptr",			\
	  .sets = SET_GENERAL | SET_SYSTEM, .written = VMXDBG_REGS_GENERAL,	\
	  .get = reg_linear_rip, .put = put_rip }
/* put_selector() needs RFLAGS (VM86 mode), so the general set is included. */
#define SELECTOR(n)							\
	{ .name = #n, .bits = 32, .type = "int32",			\
	  .sets = SET_GENERAL | SET_SYSTEM, .written = VMXDBG_REGS_SYSTEM,	\
	  .put = put_selector, PLACE(system.n.selector) }
#define SYSTEM(n, b, t, member)						\
	{ .name = n, .bits = b, .type = t, .group = "system", OF_SET(SYSTEM),	\
	  PLACE(system.member) }
#define DEBUG(n, b, t, member)						\
	{ .name = n, .bits = b, .type = t, .group = "system", OF_SET(DEBUG),	\
	  PLACE(debug.member) }
#define FPU(n, b, t, g, member)						\
	{ .name = n, .bits = b, .type = t, .group = g, OF_SET(FPU), PLACE(fpu.member) }
/* A half of a 64-bit pointer, which 32-bit code uses as segment:offset. */
#define FPU_PART(n, member, at, bytes)					\
	{ .name = n, .bits = 32, .type = "int", .group = "float", OF_SET(FPU),	\
	  .offset = offsetof(struct vcpu_regs, fpu.member) + at,	\
	  .size = bytes }

#define ST(i)	FPU("st" #i, 80, "i387_ext", "float", fpr[i])
#define XMM(i)	FPU("xmm" #i, 128, "vec128", NULL, xmm[i])

#define SELECTORS							\
	SELECTOR(cs), SELECTOR(ss), SELECTOR(ds), SELECTOR(es),		\
	SELECTOR(fs), SELECTOR(gs)

#define X87								\
	ST(0), ST(1), ST(2), ST(3), ST(4), ST(5), ST(6), ST(7),		\
	FPU("fctrl", 32, "int", "float", fcw),				\
	FPU("fstat", 32, "int", "float", fsw),				\
	{ .name = "ftag", .bits = 32, .type = "int", .group = "float",	\
	  OF_SET(FPU), .get = get_ftag, .put = put_ftag },		\
	FPU_PART("fiseg", last_ip, 4, 2),				\
	FPU_PART("fioff", last_ip, 0, 4),				\
	FPU_PART("foseg", last_dp, 4, 2),				\
	FPU_PART("fooff", last_dp, 0, 4),				\
	FPU("fop", 32, "int", "float", last_opcode)

#define XMM0_7								\
	XMM(0), XMM(1), XMM(2), XMM(3), XMM(4), XMM(5), XMM(6), XMM(7)

#define MXCSR	FPU("mxcsr", 32, "i386_mxcsr", "vector", mxcsr)

#define SYSTEM_TABLES							\
	SYSTEM("gdtr_base", 64, "data_ptr", gdt.base),			\
	SYSTEM("gdtr_limit", 32, "uint32", gdt.limit),			\
	SYSTEM("idtr_base", 64, "data_ptr", idt.base),			\
	SYSTEM("idtr_limit", 32, "uint32", idt.limit),			\
	SYSTEM("ldtr", 32, "uint32", ldt.selector),			\
	SYSTEM("tr", 32, "uint32", tr.selector)

/*
 * gdb assigns plain numbers, which have 32 bits, to types of flags with 32 bits alone. These
 * registers have no bits beyond that.
 */
#define SYSTEM_REGS(bits)						\
	SYSTEM("cr0", 32, "vmxdbg_cr0", cr0),				\
	SYSTEM("cr2", bits, "uint" #bits, cr2),				\
	SYSTEM("cr3", bits, "uint" #bits, cr3),				\
	SYSTEM("cr4", 32, "vmxdbg_cr4", cr4),				\
	SYSTEM("cr8", bits, "uint" #bits, cr8),				\
	SYSTEM("efer", 32, "vmxdbg_efer", efer),			\
	DEBUG("dr0", bits, "uint" #bits, db[0]),			\
	DEBUG("dr1", bits, "uint" #bits, db[1]),			\
	DEBUG("dr2", bits, "uint" #bits, db[2]),			\
	DEBUG("dr3", bits, "uint" #bits, db[3]),			\
	DEBUG("dr6", 32, "vmxdbg_dr6", dr6),				\
	DEBUG("dr7", 32, "vmxdbg_dr7", dr7)

/*
 * gdb knows the registers of the first features by number, so their order is
 * gdb's.
 */
static const struct reg core64[] = {
	GENERAL("rax", 64, "int64", rax),
	GENERAL("rbx", 64, "int64", rbx),
	GENERAL("rcx", 64, "int64", rcx),
	GENERAL("rdx", 64, "int64", rdx),
	GENERAL("rsi", 64, "int64", rsi),
	GENERAL("rdi", 64, "int64", rdi),
	GENERAL("rbp", 64, "data_ptr", rbp),
	GENERAL("rsp", 64, "data_ptr", rsp),
	GENERAL("r8", 64, "int64", r8),
	GENERAL("r9", 64, "int64", r9),
	GENERAL("r10", 64, "int64", r10),
	GENERAL("r11", 64, "int64", r11),
	GENERAL("r12", 64, "int64", r12),
	GENERAL("r13", 64, "int64", r13),
	GENERAL("r14", 64, "int64", r14),
	GENERAL("r15", 64, "int64", r15),
	RIP("rip", 64),
	GENERAL("eflags", 32, "i386_eflags", rflags),
	SELECTORS,
	X87,
};

static const struct reg sse64[] = {
	XMM0_7,
	XMM(8), XMM(9), XMM(10), XMM(11), XMM(12), XMM(13), XMM(14), XMM(15),
	MXCSR,
};

static const struct reg segments64[] = {
	SYSTEM("fs_base", 64, "int64", fs.base),
	SYSTEM("gs_base", 64, "int64", gs.base),
};

static const struct reg system64[] = {
	SYSTEM_REGS(64),
	SYSTEM_TABLES,
};

static const struct reg core32[] = {
	GENERAL("eax", 32, "int32", rax),
	GENERAL("ecx", 32, "int32", rcx),
	GENERAL("edx", 32, "int32", rdx),
	GENERAL("ebx", 32, "int32", rbx),
	GENERAL("esp", 32, "data_ptr", rsp),
	GENERAL("ebp", 32, "data_ptr", rbp),
	GENERAL("esi", 32, "int32", rsi),
	GENERAL("edi", 32, "int32", rdi),
	RIP("eip", 32),
	GENERAL("eflags", 32, "i386_eflags", rflags),
	SELECTORS,
	X87,
};

static const struct reg sse32[] = {
	XMM0_7,
	MXCSR,
};

static const struct reg system32[] = {
	SYSTEM_REGS(32),
	SYSTEM("gdtr_base", 32, "data_ptr", gdt.base),
	SYSTEM("gdtr_limit", 32, "uint32", gdt.limit),
	SYSTEM("idtr_base", 32, "data_ptr", idt.base),
	SYSTEM("idtr_limit", 32, "uint32", idt.limit),
	SYSTEM("ldtr", 32, "uint32", ldt.selector),
	SYSTEM("tr", 32, "uint32", tr.selector),
	SYSTEM("cs_base", 32, "uint32", cs.base),
	SYSTEM("ss_base", 32, "uint32", ss.base),
	SYSTEM("ds_base", 32, "uint32", ds.base),
	SYSTEM("es_base", 32, "uint32", es.base),
	SYSTEM("fs_base", 32, "uint32", fs.base),
	SYSTEM("gs_base", 32, "uint32", gs.base),
};

#define ORIG_RAX(n, b, t)						\
	{ .name = n, .bits = b, .type = t, .group = "system", OF_SET(GENERAL),	\
	  .get = get_orig_rax, .put = put_orig_rax }

static const struct reg linux64[] = { ORIG_RAX("orig_rax", 64, "int64") };
static const struct reg linux32[] = { ORIG_RAX("orig_eax", 32, "int32") };

static const char core_types[] = FLAGS("i386_eflags", 4) RFLAGS_FIELDS END_FLAGS;

static const char sse_types[] =
	VEC128_TYPES
	FLAGS("i386_mxcsr", 4)
	BIT_FIELD("IE", 0) BIT_FIELD("DE", 1) BIT_FIELD("ZE", 2)
	BIT_FIELD("OE", 3) BIT_FIELD("UE", 4) BIT_FIELD("PE", 5)
	BIT_FIELD("DAZ", 6) BIT_FIELD("IM", 7) BIT_FIELD("DM", 8)
	BIT_FIELD("ZM", 9) BIT_FIELD("OM", 10) BIT_FIELD("UM", 11)
	BIT_FIELD("PM", 12) BIT_FIELD("FZ", 15)
	END_FLAGS;

static const char system_types[] =
	FLAGS("vmxdbg_cr0", 4)
	BIT_FIELD("PE", 0) BIT_FIELD("MP", 1) BIT_FIELD("EM", 2)
	BIT_FIELD("TS", 3) BIT_FIELD("ET", 4) BIT_FIELD("NE", 5)
	BIT_FIELD("WP", 16) BIT_FIELD("AM", 18) BIT_FIELD("NW", 29)
	BIT_FIELD("CD", 30) BIT_FIELD("PG", 31)
	END_FLAGS
	FLAGS("vmxdbg_cr4", 4)
	BIT_FIELD("VME", 0) BIT_FIELD("PVI", 1) BIT_FIELD("TSD", 2)
	BIT_FIELD("DE", 3) BIT_FIELD("PSE", 4) BIT_FIELD("PAE", 5)
	BIT_FIELD("MCE", 6) BIT_FIELD("PGE", 7) BIT_FIELD("PCE", 8)
	BIT_FIELD("OSFXSR", 9) BIT_FIELD("OSXMMEXCPT", 10)
	BIT_FIELD("UMIP", 11) BIT_FIELD("LA57", 12)
	BIT_FIELD("VMXE", 13) BIT_FIELD("SMXE", 14)
	BIT_FIELD("FSGSBASE", 16) BIT_FIELD("PCIDE", 17)
	BIT_FIELD("OSXSAVE", 18) BIT_FIELD("SMEP", 20)
	BIT_FIELD("SMAP", 21) BIT_FIELD("PKE", 22)
	BIT_FIELD("CET", 23) BIT_FIELD("PKS", 24)
	END_FLAGS
	FLAGS("vmxdbg_efer", 4)
	BIT_FIELD("SCE", 0) BIT_FIELD("LME", 8) BIT_FIELD("LMA", 10)
	BIT_FIELD("NXE", 11)
	END_FLAGS
	FLAGS("vmxdbg_dr6", 4)
	BIT_FIELD("B0", 0) BIT_FIELD("B1", 1) BIT_FIELD("B2", 2)
	BIT_FIELD("B3", 3) BIT_FIELD("BLD", 11) BIT_FIELD("BD", 13)
	BIT_FIELD("BS", 14) BIT_FIELD("BT", 15) BIT_FIELD("RTM", 16)
	END_FLAGS
	FLAGS("vmxdbg_dr7", 4)
	BIT_FIELD("L0", 0) BIT_FIELD("G0", 1) BIT_FIELD("L1", 2)
	BIT_FIELD("G1", 3) BIT_FIELD("L2", 4) BIT_FIELD("G2", 5)
	BIT_FIELD("L3", 6) BIT_FIELD("G3", 7) BIT_FIELD("LE", 8)
	BIT_FIELD("GE", 9) BIT_FIELD("RTM", 11) BIT_FIELD("GD", 13)
	FIELD("RW0", 16, 17) FIELD("LEN0", 18, 19)
	FIELD("RW1", 20, 21) FIELD("LEN1", 22, 23)
	FIELD("RW2", 24, 25) FIELD("LEN2", 26, 27)
	FIELD("RW3", 28, 29) FIELD("LEN3", 30, 31)
	END_FLAGS;

const struct feature reg_core64 = {
	.name = "org.gnu.gdb.i386.core", .types = core_types, REGS(core64),
};

const struct feature reg_core32 = {
	.name = "org.gnu.gdb.i386.core", .types = core_types, REGS(core32),
};

const struct feature reg_sse64 = {
	.name = "org.gnu.gdb.i386.sse", .types = sse_types, REGS(sse64),
};

const struct feature reg_sse32 = {
	.name = "org.gnu.gdb.i386.sse", .types = sse_types, REGS(sse32),
};

const struct feature reg_segments64 = {
	.name = "org.gnu.gdb.i386.segments", REGS(segments64),
};

const struct feature reg_system64 = {
	.name = "org.vmxdbg.system", .types = system_types, REGS(system64),
};

const struct feature reg_system32 = {
	.name = "org.vmxdbg.system", .types = system_types, REGS(system32),
};

const struct feature reg_linux64 = {
	.name = "org.gnu.gdb.i386.linux", REGS(linux64),
};

const struct feature reg_linux32 = {
	.name = "org.gnu.gdb.i386.linux", REGS(linux32),
};
