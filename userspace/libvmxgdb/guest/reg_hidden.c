// SPDX-License-Identifier: MIT
/* The hidden parts of segment registers: base, limit and attributes. */
#include "guest/reg_features.h"

/* Attributes as in a descriptor, and one more: the processor does not use the segment. */
#define ATTR_TYPE	0
#define ATTR_S		4
#define ATTR_DPL	5
#define ATTR_P		7
#define ATTR_AVL	12
#define ATTR_L		13
#define ATTR_DB		14
#define ATTR_G		15
#define ATTR_UNUSABLE	16
#define ATTR_ALL	0x1f0ff

static uint64_t attributes(const struct kvm_segment *seg)
{
	return (uint64_t)seg->type << ATTR_TYPE | seg->s << ATTR_S | seg->dpl << ATTR_DPL |
	       seg->present << ATTR_P | seg->avl << ATTR_AVL | seg->l << ATTR_L |
	       seg->db << ATTR_DB | seg->g << ATTR_G | seg->unusable << ATTR_UNUSABLE;
}

static void put_attributes(struct vcpu_regs *regs, const struct reg *reg, uint64_t value)
{
	struct kvm_segment *seg = (struct kvm_segment *)((char *)regs + reg->offset);

	seg->type = value >> ATTR_TYPE & 0xf;
	seg->s = value >> ATTR_S & 1;
	seg->dpl = value >> ATTR_DPL & 3;
	seg->present = value >> ATTR_P & 1;
	seg->avl = value >> ATTR_AVL & 1;
	seg->l = value >> ATTR_L & 1;
	seg->db = value >> ATTR_DB & 1;
	seg->g = value >> ATTR_G & 1;
	seg->unusable = value >> ATTR_UNUSABLE & 1;
}

#define ATTRIBUTES_OF(member)						\
	static uint64_t member##_attributes(const struct vcpu_regs *regs)	\
	{								\
		return attributes(&regs->system.member);		\
	}

ATTRIBUTES_OF(cs)
ATTRIBUTES_OF(ss)
ATTRIBUTES_OF(ds)
ATTRIBUTES_OF(es)
ATTRIBUTES_OF(fs)
ATTRIBUTES_OF(gs)
ATTRIBUTES_OF(ldt)
ATTRIBUTES_OF(tr)

#define PART(n, b, t, member)						\
	{ .name = n, .bits = b, .type = t, .group = "system", .transient = true, \
	  .sets = SET_SYSTEM, .written = VMXDBG_REGS_SYSTEM, PLACE(system.member) }
#define BASE(n, b, member)	PART(n "_base", b, "uint" #b, member.base)
#define LIMIT(n, member)	PART(n "_limit", 32, "uint32", member.limit)
#define ATTR(n, member)							\
	{ .name = n "_attr", .bits = 32, .type = "vmxdbg_attr", .group = "system", \
	  .transient = true, .sets = SET_SYSTEM, .written = VMXDBG_REGS_SYSTEM,	\
	  .offset = offsetof(struct vcpu_regs, system.member), .mask = ATTR_ALL,	\
	  .get = member##_attributes, .put = put_attributes }

/* Bases that are missing here are in other features, where their numbers were first. */
static const struct reg hidden64[] = {
	BASE("cs", 64, cs), LIMIT("cs", cs), ATTR("cs", cs),
	BASE("ss", 64, ss), LIMIT("ss", ss), ATTR("ss", ss),
	BASE("ds", 64, ds), LIMIT("ds", ds), ATTR("ds", ds),
	BASE("es", 64, es), LIMIT("es", es), ATTR("es", es),
	LIMIT("fs", fs), ATTR("fs", fs),
	LIMIT("gs", gs), ATTR("gs", gs),
	BASE("ldtr", 64, ldt), LIMIT("ldtr", ldt), ATTR("ldtr", ldt),
	BASE("tr", 64, tr), LIMIT("tr", tr), ATTR("tr", tr),
};

static const struct reg hidden32[] = {
	LIMIT("cs", cs), ATTR("cs", cs),
	LIMIT("ss", ss), ATTR("ss", ss),
	LIMIT("ds", ds), ATTR("ds", ds),
	LIMIT("es", es), ATTR("es", es),
	LIMIT("fs", fs), ATTR("fs", fs),
	LIMIT("gs", gs), ATTR("gs", gs),
	BASE("ldtr", 32, ldt), LIMIT("ldtr", ldt), ATTR("ldtr", ldt),
	BASE("tr", 32, tr), LIMIT("tr", tr), ATTR("tr", tr),
};

static const char hidden_types[] =
	FLAGS("vmxdbg_attr", 4)
	FIELD("TYPE", 0, 3) BIT_FIELD("S", 4) FIELD("DPL", 5, 6) BIT_FIELD("P", 7)
	BIT_FIELD("AVL", 12) BIT_FIELD("L", 13) BIT_FIELD("DB", 14) BIT_FIELD("G", 15)
	BIT_FIELD("UNUSABLE", 16)
	END_FLAGS;

const struct feature reg_hidden64 = {
	.name = "org.vmxdbg.segments", .types = hidden_types, .single = true, REGS(hidden64),
};

const struct feature reg_hidden32 = {
	.name = "org.vmxdbg.segments", .types = hidden_types, .single = true, REGS(hidden32),
};
