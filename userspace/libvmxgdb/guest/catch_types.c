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
	[VMXDBG_CATCH_EOI] = { "eoi", 255, false },
	[VMXDBG_CATCH_IPI] = { "ipi", VMXDBG_IPI_SIPI | 0x1ff, false },
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
	{ VMXDBG_CATCH_IPI, VMXDBG_IPI_FIXED, "fixed" },
	{ VMXDBG_CATCH_IPI, VMXDBG_IPI_LOWEST, "lowest" },
	{ VMXDBG_CATCH_IPI, VMXDBG_IPI_SMI, "smi" },
	{ VMXDBG_CATCH_IPI, VMXDBG_IPI_NMI, "nmi" },
	{ VMXDBG_CATCH_IPI, VMXDBG_IPI_INIT, "init" },
	{ VMXDBG_CATCH_IPI, VMXDBG_IPI_SIPI, "sipi" },
};

static const struct {
	const char *name;
	uint32_t flag;
} sources[] = {
	{ "timer", VMXDBG_FROM_TIMER }, { "lvt", VMXDBG_FROM_LVT },
	{ "ipi", VMXDBG_FROM_IPI }, { "msi", VMXDBG_FROM_MSI },
	{ "ioapic", VMXDBG_FROM_IOAPIC }, { "pic", VMXDBG_FROM_PIC },
	{ "vmm", VMXDBG_FROM_VMM }, { "session", VMXDBG_FROM_SESSION },
	{ "unknown", VMXDBG_FROM_UNKNOWN },
};

#define NR_VALUES	(sizeof(values) / sizeof(*values))
#define NR_SOURCES	(sizeof(sources) / sizeof(*sources))

/* Return: how many values behind one with a name have it, too: a kind of IPIs has 256. */
static uint64_t behind(unsigned int type)
{
	return type == VMXDBG_CATCH_IPI ? 0xff : 0;
}

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

static bool find_name(unsigned int type, const char *text, uint64_t *value)
{
	size_t i;

	for (i = 0; i < NR_VALUES; i++) {
		if (values[i].type == type && !strcasecmp(values[i].name, text)) {
			*value = values[i].value;
			return true;
		}
	}
	return false;
}

bool catch_value_find(unsigned int type, const char *text, uint64_t *first, uint64_t *last)
{
	if (find_name(type, text, first)) {
		*last = *first + behind(type);
		return true;
	}
	if (parse_number(text, first)) {
		*last = *first;
		return *first <= types[type].last;
	}
	if ((type == VMXDBG_CATCH_EXCEPTION && vector_find(text, first)) ||
	    (type == VMXDBG_CATCH_MSR && msr_find(text, first))) {
		*last = *first;
		return true;
	}
	return false;
}

uint32_t catch_source_find(unsigned int type, const char *text)
{
	size_t i;

	for (i = 0; type == VMXDBG_CATCH_INTERRUPT && i < NR_SOURCES; i++)
		if (!strcmp(sources[i].name, text))
			return sources[i].flag;
	return 0;
}

const char *catch_source_name(uint32_t flag)
{
	size_t i;

	for (i = 0; i < NR_SOURCES; i++)
		if (sources[i].flag == flag)
			return sources[i].name;
	return NULL;
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
		if (values[i].type == type && value - values[i].value <= behind(type))
			return values[i].name;
	return NULL;
}
