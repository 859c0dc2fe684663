// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <vmxdbg.h>

#include "guest/catch_types.h"
#include "guest/msr_names.h"
#include "guest/vectors.h"
#include "wire/parse.h"

static const struct catch_type types[VMXDBG_CATCH_TYPES] = {
	[VMXDBG_CATCH_IO] = { "io", 0xffff, true },
	[VMXDBG_CATCH_MSR] = { "msr", UINT32_MAX, true },
	[VMXDBG_CATCH_CR] = { "cr", 8, false },
	[VMXDBG_CATCH_CPUID] = { "cpuid", UINT32_MAX, false },
	[VMXDBG_CATCH_RDTSC] = { "rdtsc", 1, false },
	[VMXDBG_CATCH_HLT] = { "hlt", 0, false },
	[VMXDBG_CATCH_EXCEPTION] = { "exception", 31, false },
	[VMXDBG_CATCH_INTERRUPT] = { "interrupt", 255, false },
	[VMXDBG_CATCH_VMCALL] = { "vmcall", UINT64_MAX, false },
	[VMXDBG_CATCH_TABLE] = { "table", VMXDBG_TABLE_STR, false },
	[VMXDBG_CATCH_MMIO] = { "mmio", UINT64_MAX, true },
	[VMXDBG_CATCH_RESET] = { "reset", VMXDBG_RESET_VMM, false },
	[VMXDBG_CATCH_ENTRY] = { "entry", 0, false },
};

/* Values with names, beside exceptions and MSRs. */
static const struct {
	unsigned int type;
	uint64_t value;
	const char *name;
} values[] = {
	{ VMXDBG_CATCH_CR, 0, "cr0" },
	{ VMXDBG_CATCH_CR, 3, "cr3" },
	{ VMXDBG_CATCH_CR, 4, "cr4" },
	{ VMXDBG_CATCH_CR, 8, "cr8" },
	{ VMXDBG_CATCH_RDTSC, 0, "rdtsc" },
	{ VMXDBG_CATCH_RDTSC, 1, "rdtscp" },
	{ VMXDBG_CATCH_INTERRUPT, 2, "nmi" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_LGDT, "lgdt" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_LIDT, "lidt" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_LLDT, "lldt" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_LTR, "ltr" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_SGDT, "sgdt" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_SIDT, "sidt" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_SLDT, "sldt" },
	{ VMXDBG_CATCH_TABLE, VMXDBG_TABLE_STR, "str" },
	{ VMXDBG_CATCH_RESET, VMXDBG_RESET_TRIPLE_FAULT, "triple-fault" },
	{ VMXDBG_CATCH_RESET, VMXDBG_RESET_VMM, "vmm" },
};

#define NR_VALUES	(sizeof(values) / sizeof(*values))

const struct catch_type *catch_type_get(unsigned int type)
{
	return type < VMXDBG_CATCH_TYPES ? &types[type] : NULL;
}

int catch_type_find(const char *name)
{
	int i;

	for (i = 0; i < VMXDBG_CATCH_TYPES; i++)
		if (!strcmp(types[i].name, name))
			return i;
	return -1;
}

bool catch_value_find(unsigned int type, const char *text, uint64_t *value)
{
	size_t i;

	if (parse_number(text, value))
		return *value <= types[type].last;
	if (type == VMXDBG_CATCH_EXCEPTION)
		return vector_find(text, value);
	if (type == VMXDBG_CATCH_MSR)
		return msr_find(text, value);
	for (i = 0; i < NR_VALUES; i++) {
		if (values[i].type == type && !strcasecmp(values[i].name, text)) {
			*value = values[i].value;
			return true;
		}
	}
	return false;
}

const char *catch_value_name(unsigned int type, uint64_t value)
{
	const struct vector *v = type == VMXDBG_CATCH_EXCEPTION ? vector_get(value) : NULL;
	size_t i;

	if (v)
		return v->name;
	if (type == VMXDBG_CATCH_MSR)
		return msr_name(value);
	for (i = 0; i < NR_VALUES; i++)
		if (values[i].type == type && values[i].value == value)
			return values[i].name;
	return NULL;
}
