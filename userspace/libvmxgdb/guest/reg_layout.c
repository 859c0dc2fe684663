// SPDX-License-Identifier: MIT
/* Layouts: the registers that gdb sees, and their values. */
#include <stdbool.h>
#include <string.h>

#include "guest/reg_layout.h"

#define CR0_PE		(1ULL << 0)
#define EFER_LMA	(1ULL << 10)
#define RFLAGS_VM	(1ULL << 17)

void *reg_set_data(struct vcpu_regs *regs, unsigned int set, size_t *size)
{
	switch (set) {
	case VMXDBG_REGS_GENERAL:
		*size = sizeof(regs->general);
		return &regs->general;
	case VMXDBG_REGS_SYSTEM:
		*size = sizeof(regs->system);
		return &regs->system;
	case VMXDBG_REGS_DEBUG:
		*size = sizeof(regs->debug);
		return &regs->debug;
	default:
		*size = sizeof(regs->fpu);
		return &regs->fpu;
	}
}

/* ---- registers whose value is computed ---- */

static bool in_64bit_code(const struct vcpu_regs *regs)
{
	return (regs->system.efer & EFER_LMA) && regs->system.cs.l;
}

uint64_t reg_linear_rip(const struct vcpu_regs *regs)
{
	/* In 64-bit code the CPU ignores CS.base and uses 0. */
	if (in_64bit_code(regs))
		return regs->general.rip;
	return (uint32_t)(regs->general.rip + regs->system.cs.base);
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

#define G	(1 << VMXDBG_REGS_GENERAL)
#define S	(1 << VMXDBG_REGS_SYSTEM)
#define D	(1 << VMXDBG_REGS_DEBUG)
#define F	(1 << VMXDBG_REGS_FPU)

#define PLACE(member)							\
	.offset = offsetof(struct vcpu_regs, member),			\
	.size = sizeof(((struct vcpu_regs *)0)->member)

#define GENERAL(n, b, t, member)					\
	{ .name = n, .bits = b, .type = t, .sets = G, .written = G,	\
	  PLACE(general.member) }
#define RIP(n, b)							\
	{ .name = n, .bits = b, .type = "code_ptr", .sets = G | S,	\
	  .written = G, .get = reg_linear_rip, .put = put_rip }
/* put_selector() needs RFLAGS (VM86 mode), so the general set is included. */
#define SELECTOR(n)							\
	{ .name = #n, .bits = 32, .type = "int32", .sets = G | S,	\
	  .written = S, .put = put_selector, PLACE(system.n.selector) }
#define SYSTEM(n, b, t, member)						\
	{ .name = n, .bits = b, .type = t, .group = "system",		\
	  .sets = S, .written = S, PLACE(system.member) }
#define DEBUG(n, b, member)						\
	{ .name = n, .bits = b, .type = b == 64 ? "uint64" : "uint32",	\
	  .group = "system", .sets = D, .written = D, PLACE(debug.member) }
#define FPU(n, b, t, g, member)						\
	{ .name = n, .bits = b, .type = t, .group = g, .sets = F,	\
	  .written = F, PLACE(fpu.member) }
/* A half of a 64-bit pointer, which 32-bit code uses as segment:offset. */
#define FPU_PART(n, member, at, bytes)					\
	{ .name = n, .bits = 32, .type = "int", .group = "float",	\
	  .sets = F, .written = F,					\
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
	  .sets = F, .written = F, .get = get_ftag, .put = put_ftag },	\
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

#define SYSTEM_REGS(bits)						\
	SYSTEM("cr0", bits, "vmxdbg_cr0", cr0),				\
	SYSTEM("cr2", bits, bits == 64 ? "uint64" : "uint32", cr2),	\
	SYSTEM("cr3", bits, bits == 64 ? "uint64" : "uint32", cr3),	\
	SYSTEM("cr4", bits, "vmxdbg_cr4", cr4),				\
	SYSTEM("cr8", bits, bits == 64 ? "uint64" : "uint32", cr8),	\
	SYSTEM("efer", 64, "vmxdbg_efer", efer),			\
	DEBUG("dr0", bits, db[0]), DEBUG("dr1", bits, db[1]),		\
	DEBUG("dr2", bits, db[2]), DEBUG("dr3", bits, db[3]),		\
	DEBUG("dr6", bits, dr6), DEBUG("dr7", bits, dr7)

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
	{ .name = n, .bits = b, .type = t, .group = "system", .sets = G, .written = G,	\
	  .get = get_orig_rax, .put = put_orig_rax }

static const struct reg linux64[] = { ORIG_RAX("orig_rax", 64, "int64") };
static const struct reg linux32[] = { ORIG_RAX("orig_eax", 32, "int32") };

#define FEATURE(n, t, r) \
	{ .name = n, .types = t, .regs = r, .count = sizeof(r) / sizeof(*r) }

#define BIT_FIELD(name, bit) \
	"<field name=\"" name "\" start=\"" #bit "\" end=\"" #bit "\"/>"

static const char core_types[] =
	"<flags id=\"i386_eflags\" size=\"4\">"
	BIT_FIELD("CF", 0) BIT_FIELD("", 1) BIT_FIELD("PF", 2)
	BIT_FIELD("AF", 4) BIT_FIELD("ZF", 6) BIT_FIELD("SF", 7)
	BIT_FIELD("TF", 8) BIT_FIELD("IF", 9) BIT_FIELD("DF", 10)
	BIT_FIELD("OF", 11) BIT_FIELD("NT", 14) BIT_FIELD("RF", 16)
	BIT_FIELD("VM", 17) BIT_FIELD("AC", 18) BIT_FIELD("VIF", 19)
	BIT_FIELD("VIP", 20) BIT_FIELD("ID", 21)
	"</flags>";

static const char sse_types[] =
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
	"<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
	"<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
	"<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
	"<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
	"<union id=\"vec128\">"
	"<field name=\"v4_float\" type=\"v4f\"/>"
	"<field name=\"v2_double\" type=\"v2d\"/>"
	"<field name=\"v16_int8\" type=\"v16i8\"/>"
	"<field name=\"v8_int16\" type=\"v8i16\"/>"
	"<field name=\"v4_int32\" type=\"v4i32\"/>"
	"<field name=\"v2_int64\" type=\"v2i64\"/>"
	"<field name=\"uint128\" type=\"uint128\"/>"
	"</union>"
	"<flags id=\"i386_mxcsr\" size=\"4\">"
	BIT_FIELD("IE", 0) BIT_FIELD("DE", 1) BIT_FIELD("ZE", 2)
	BIT_FIELD("OE", 3) BIT_FIELD("UE", 4) BIT_FIELD("PE", 5)
	BIT_FIELD("DAZ", 6) BIT_FIELD("IM", 7) BIT_FIELD("DM", 8)
	BIT_FIELD("ZM", 9) BIT_FIELD("OM", 10) BIT_FIELD("UM", 11)
	BIT_FIELD("PM", 12) BIT_FIELD("FZ", 15)
	"</flags>";

#define SYSTEM_TYPES(size)						\
	"<flags id=\"vmxdbg_cr0\" size=\"" size "\">"			\
	BIT_FIELD("PE", 0) BIT_FIELD("MP", 1) BIT_FIELD("EM", 2)	\
	BIT_FIELD("TS", 3) BIT_FIELD("ET", 4) BIT_FIELD("NE", 5)	\
	BIT_FIELD("WP", 16) BIT_FIELD("AM", 18) BIT_FIELD("NW", 29)	\
	BIT_FIELD("CD", 30) BIT_FIELD("PG", 31)				\
	"</flags>"							\
	"<flags id=\"vmxdbg_cr4\" size=\"" size "\">"			\
	BIT_FIELD("VME", 0) BIT_FIELD("PVI", 1) BIT_FIELD("TSD", 2)	\
	BIT_FIELD("DE", 3) BIT_FIELD("PSE", 4) BIT_FIELD("PAE", 5)	\
	BIT_FIELD("MCE", 6) BIT_FIELD("PGE", 7) BIT_FIELD("PCE", 8)	\
	BIT_FIELD("OSFXSR", 9) BIT_FIELD("OSXMMEXCPT", 10)		\
	BIT_FIELD("UMIP", 11) BIT_FIELD("LA57", 12)			\
	BIT_FIELD("VMXE", 13) BIT_FIELD("SMXE", 14)			\
	BIT_FIELD("FSGSBASE", 16) BIT_FIELD("PCIDE", 17)		\
	BIT_FIELD("OSXSAVE", 18) BIT_FIELD("SMEP", 20)			\
	BIT_FIELD("SMAP", 21) BIT_FIELD("PKE", 22)			\
	BIT_FIELD("CET", 23) BIT_FIELD("PKS", 24)			\
	"</flags>"							\
	"<flags id=\"vmxdbg_efer\" size=\"8\">"				\
	BIT_FIELD("SCE", 0) BIT_FIELD("LME", 8) BIT_FIELD("LMA", 10)	\
	BIT_FIELD("NXE", 11)						\
	"</flags>"

static const struct feature features64[] = {
	FEATURE("org.gnu.gdb.i386.core", core_types, core64),
	FEATURE("org.gnu.gdb.i386.sse", sse_types, sse64),
	FEATURE("org.gnu.gdb.i386.segments", NULL, segments64),
	FEATURE("org.vmxdbg.system", SYSTEM_TYPES("8"), system64),
	/* The last one, so that the numbers of the others are those of the bytecode. */
	FEATURE("org.gnu.gdb.i386.linux", NULL, linux64),
	{ 0 },
};

static const struct feature features32[] = {
	FEATURE("org.gnu.gdb.i386.core", core_types, core32),
	FEATURE("org.gnu.gdb.i386.sse", sse_types, sse32),
	FEATURE("org.vmxdbg.system", SYSTEM_TYPES("4"), system32),
	FEATURE("org.gnu.gdb.i386.linux", NULL, linux32),
	{ 0 },
};

static const struct layout layouts[] = {
	{
		.name = "x86-64",
		.arch = "i386:x86-64",
		.features = features64,
		.expedited = { 6, 7, 16, 17 },	/* rbp rsp rip eflags */
	},
	{
		.name = "i386",
		.arch = "i386",
		.features = features32,
		.expedited = { 4, 5, 8, 9 },	/* esp ebp eip eflags */
	},
	/* gdb knows no OS with 16-bit code, and warns of each that it would take. */
	{
		.name = "i8086",
		.arch = "i8086",
		.osabi = "none",
		.features = features32,
		.expedited = { 4, 5, 8, 9 },
	},
};

/* ---- access to registers and layouts ---- */

void reg_get(const struct reg *reg, const struct vcpu_regs *regs, void *value)
{
	size_t wire = reg->bits / 8, size = reg->size;
	uint64_t computed;

	memset(value, 0, wire);
	if (reg->get) {
		computed = reg->get(regs);
		memcpy(value, &computed, wire);
		return;
	}
	memcpy(value, (const char *)regs + reg->offset,
	       size < wire ? size : wire);
}

void reg_put(const struct reg *reg, struct vcpu_regs *regs, const void *value)
{
	size_t wire = reg->bits / 8, size = reg->size;
	uint64_t number = 0;

	if (reg->put) {
		memcpy(&number, value, wire);
		reg->put(regs, reg, number);
		return;
	}
	memcpy((char *)regs + reg->offset, value, size < wire ? size : wire);
}

const struct layout *layout_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(layouts) / sizeof(*layouts); i++)
		if (!strcmp(layouts[i].name, name))
			return &layouts[i];
	return NULL;
}

const struct layout *layout_default(void)
{
	return &layouts[0];
}

const struct layout *layout_of_mode(const struct vcpu_regs *regs)
{
	if (regs->system.efer & EFER_LMA)
		return layout_find("x86-64");
	if (!(regs->system.cr0 & CR0_PE) || (regs->general.rflags & RFLAGS_VM))
		return layout_find("i8086");
	return layout_find(regs->system.cs.db ? "i386" : "i8086");
}

const struct reg *layout_reg(const struct layout *layout, unsigned int number)
{
	const struct feature *f;

	for (f = layout->features; f->name; f++) {
		if (number < f->count)
			return &f->regs[number];
		number -= f->count;
	}
	return NULL;
}

static void reg_xml(const struct reg *reg, struct buf *out)
{
	buf_printf(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"",
		   reg->name, reg->bits, reg->type);
	if (reg->group)
		buf_printf(out, " group=\"%s\"", reg->group);
	buf_puts(out, "/>\n");
}

/* One element a line: gdb does not read its own trace files with lines over 1000 bytes. */
static void types_xml(const char *types, struct buf *out)
{
	size_t len;

	for (; *types; types += len) {
		len = strcspn(types, ">");
		len += types[len] == '>';
		buf_add(out, types, len);
		if (types[len] != '\n')
			buf_puts(out, "\n");
	}
}

void layout_xml(const struct layout *layout, struct buf *out)
{
	const struct feature *f;
	unsigned int i;

	buf_printf(out, "<?xml version=\"1.0\"?>\n"
		   "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
		   "<target>\n<architecture>%s</architecture>\n", layout->arch);
	if (layout->osabi)
		buf_printf(out, "<osabi>%s</osabi>\n", layout->osabi);
	for (f = layout->features; f->name; f++) {
		buf_printf(out, "<feature name=\"%s\">\n", f->name);
		if (f->types)
			types_xml(f->types, out);
		for (i = 0; i < f->count; i++)
			reg_xml(&f->regs[i], out);
		buf_puts(out, "</feature>\n");
	}
	buf_puts(out, "</target>\n");
}
