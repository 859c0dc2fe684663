// SPDX-License-Identifier: MIT
/* Layouts: the registers that gdb sees, and access to their values. */
#include <stdbool.h>
#include <string.h>

#include "guest/reg_features.h"
#include "guest/reg_layout.h"
#include "guest/xstate.h"

#define CR0_PE		(1ULL << 0)
#define EFER_LMA	(1ULL << 10)
#define RFLAGS_VM	(1ULL << 17)

/* The numbers of those up to Linux are fixed: new ones come behind. */
static const struct feature *const features64[] = {
	&reg_core64, &reg_sse64, &reg_segments64, &reg_system64, &reg_linux64,
	&reg_avx64, &reg_avx512_64, &reg_pkeys, &reg_hidden64, &reg_state, &reg_msrs64, NULL,
};

static const struct feature *const features32[] = {
	&reg_core32, &reg_sse32, &reg_system32, &reg_linux32,
	&reg_avx32, &reg_avx512_32, &reg_pkeys, &reg_hidden32, &reg_state, &reg_msrs32, NULL,
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

/* Bytes that the wire and struct vcpu_regs both have */
static size_t common_size(const struct reg *reg)
{
	size_t wire = reg->bits / 8;

	return reg->size < wire ? reg->size : wire;
}

void reg_get(const struct reg *reg, const struct vcpu_regs *regs, void *value)
{
	size_t wire = reg->bits / 8;
	uint64_t computed;

	memset(value, 0, wire);
	if (reg->get) {
		computed = reg->get(regs);
		memcpy(value, &computed, wire);
	} else if (reg->component) {
		xstate_get(regs, reg->component, reg->offset, value, wire);
	} else {
		memcpy(value, (const char *)regs + reg->offset, common_size(reg));
	}
}

void reg_put(const struct reg *reg, struct vcpu_regs *regs, const void *value)
{
	size_t wire = reg->bits / 8;
	uint64_t number = 0;

	if (reg->put) {
		memcpy(&number, value, wire);
		reg->put(regs, reg, number);
	} else if (reg->component) {
		xstate_put(regs, reg->component, reg->offset, value, wire);
	} else {
		memcpy((char *)regs + reg->offset, value, common_size(reg));
	}
}

bool reg_fits(const struct reg *reg, const struct vcpu_regs *regs, const void *value)
{
	uint8_t old[REG_BYTES_MAX];
	const uint8_t *bytes = value;
	uint32_t changed, now;
	size_t i;

	/* Without a size the value is computed, or all of the wire's bytes count. */
	for (i = reg->size ? reg->size : reg->bits / 8; i < reg->bits / 8U; i++)
		if (bytes[i])
			return false;
	if (!reg->mask)
		return true;
	reg_get(reg, regs, old);
	memcpy(&changed, old, sizeof(changed));
	memcpy(&now, value, sizeof(now));
	return !((changed ^ now) & ~reg->mask);
}

const char *reg_missing(const struct reg *reg, const struct vcpu_regs *regs)
{
	size_t msr;

	if (reg->component && !xstate_enabled(regs, reg->component))
		return "the guest has not enabled it in XCR0";
	if (reg->sets == SET_MSRS) {
		msr = (reg->offset - offsetof(struct vcpu_regs, msrs.value)) / sizeof(uint64_t);
		if (!(regs->msrs.there >> msr & 1))
			return "the guest has no such MSR";
	}
	return NULL;
}

/* ---- layouts ---- */

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

static const struct reg *find_reg(const struct layout *layout, unsigned int number,
				  bool single)
{
	const struct feature *const *f;

	for (f = layout->features; *f && (single || !(*f)->single); f++) {
		if (number < (*f)->count)
			return &(*f)->regs[number];
		number -= (*f)->count;
	}
	return NULL;
}

const struct reg *layout_reg(const struct layout *layout, unsigned int number)
{
	return find_reg(layout, number, true);
}

const struct reg *layout_g_reg(const struct layout *layout, unsigned int number)
{
	return find_reg(layout, number, false);
}

unsigned int layout_count(const struct layout *layout)
{
	const struct feature *const *f;
	unsigned int count = 0;

	for (f = layout->features; *f; f++)
		count += (*f)->count;
	return count;
}

bool layouts_have(const char *name)
{
	const struct reg *reg;
	unsigned int i, j;

	for (i = 0; i < sizeof(layouts) / sizeof(*layouts); i++)
		for (j = 0; (reg = layout_reg(&layouts[i], j)); j++)
			if (!strcmp(reg->name, name))
				return true;
	return false;
}

static void reg_xml(const struct reg *reg, struct buf *out)
{
	buf_printf(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"",
		   reg->name, reg->bits, reg->type);
	if (reg->group)
		buf_printf(out, " group=\"%s\"", reg->group);
	if (reg->transient)
		buf_puts(out, " save-restore=\"no\"");
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

static void feature_xml(const struct feature *f, struct buf *out)
{
	unsigned int i;

	buf_printf(out, "<feature name=\"%s\">\n", f->name);
	if (f->types)
		types_xml(f->types, out);
	for (i = 0; i < f->count; i++)
		reg_xml(&f->regs[i], out);
	buf_puts(out, "</feature>\n");
}

void layout_xml(const struct layout *layout, const struct feature *own, struct buf *out)
{
	const struct feature *const *f;

	buf_printf(out, "<?xml version=\"1.0\"?>\n"
		   "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
		   "<target>\n<architecture>%s</architecture>\n", layout->arch);
	if (layout->osabi)
		buf_printf(out, "<osabi>%s</osabi>\n", layout->osabi);
	for (f = layout->features; *f; f++)
		feature_xml(*f, out);
	if (own)
		feature_xml(own, out);
	buf_puts(out, "</target>\n");
}
