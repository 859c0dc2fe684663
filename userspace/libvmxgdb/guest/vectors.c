// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <strings.h>

#include "guest/signals.h"
#include "guest/vectors.h"

/* Values of si_code in Linux. */
#define CODE_KERNEL	0x80
#define CODE_ILL_ILLOPN	2
#define CODE_FPE_INTDIV	1
#define CODE_FPE_FLTINV	7
#define CODE_BUS_ADRALN	1
#define CODE_SEGV_MAPERR 1
#define CODE_TRAP_HWBKPT 4

static const struct vector vectors[32] = {
	[0] = { "#DE", "divide-error", SIGNAL_FPE, CODE_FPE_INTDIV },
	[1] = { "#DB", "debug", SIGNAL_TRAP, CODE_TRAP_HWBKPT },
	[2] = { "NMI", "nmi", SIGNAL_TRAP, CODE_KERNEL },
	[3] = { "#BP", "breakpoint", SIGNAL_TRAP, CODE_KERNEL },
	[4] = { "#OF", "overflow", SIGNAL_SEGV, CODE_KERNEL },
	[5] = { "#BR", "bound-range", SIGNAL_SEGV, CODE_KERNEL },
	[6] = { "#UD", "invalid-opcode", SIGNAL_ILL, CODE_ILL_ILLOPN },
	[7] = { "#NM", "device-not-available", SIGNAL_SEGV, CODE_KERNEL },
	[8] = { "#DF", "double-fault", SIGNAL_SEGV, CODE_KERNEL },
	[9] = { "#MP", "coprocessor-segment", SIGNAL_FPE, CODE_KERNEL },
	[10] = { "#TS", "invalid-tss", SIGNAL_SEGV, CODE_KERNEL },
	[11] = { "#NP", "segment-not-present", SIGNAL_BUS, CODE_KERNEL },
	[12] = { "#SS", "stack-fault", SIGNAL_SEGV, CODE_KERNEL },
	[13] = { "#GP", "general-protection", SIGNAL_SEGV, CODE_KERNEL },
	[14] = { "#PF", "page-fault", SIGNAL_SEGV, CODE_SEGV_MAPERR },
	[16] = { "#MF", "x87-error", SIGNAL_FPE, CODE_FPE_FLTINV },
	[17] = { "#AC", "alignment-check", SIGNAL_BUS, CODE_BUS_ADRALN },
	[18] = { "#MC", "machine-check", SIGNAL_BUS, CODE_KERNEL },
	[19] = { "#XM", "simd-error", SIGNAL_FPE, CODE_FPE_FLTINV },
	[20] = { "#VE", "virtualization", SIGNAL_SEGV, CODE_KERNEL },
	[21] = { "#CP", "control-protection", SIGNAL_SEGV, CODE_KERNEL },
};

const struct vector *vector_get(uint64_t number)
{
	return number < 32 && vectors[number].name ? &vectors[number] : NULL;
}

bool vector_find(const char *name, uint64_t *number)
{
	const struct vector *v;

	for (*number = 0; *number < 32; ++*number) {
		v = vector_get(*number);
		if (v && (!strcasecmp(name, v->name) || !strcasecmp(name, v->words) ||
			  (v->name[0] == '#' && !strcasecmp(name, v->name + 1))))
			return true;
	}
	return false;
}
