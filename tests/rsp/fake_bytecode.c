// SPDX-License-Identifier: GPL-2.0-only
/* The module's own interpreter of agent expressions, in user space. */
#include "../../kmod/lib/bytecode.c"

#include "fake_bytecode.h"

static int sight_reg(void *ctx, unsigned int nr, u64 *val)
{
	const struct fake_sight *sight = ctx;

	return sight->reg(sight->context, nr, val);
}

static int sight_mem(void *ctx, u64 addr, void *buf, unsigned int len, unsigned int flags)
{
	const struct fake_sight *sight = ctx;

	return sight->mem(sight->context, addr, buf, len, flags & BYTECODE_PHYSICAL);
}

static int sight_var(void *ctx, unsigned int nr, u64 *val)
{
	const struct fake_sight *sight = ctx;

	return sight->var(sight->context, nr, val);
}

static int sight_trace(void *ctx, u64 addr, u64 len, unsigned int flags)
{
	const struct fake_sight *sight = ctx;

	return sight->trace(sight->context, addr, len, flags & BYTECODE_STRING,
			    flags & BYTECODE_VARIABLE);
}

static const struct bytecode_ops sight_ops = {
	.reg = sight_reg,
	.mem = sight_mem,
	.var = sight_var,
	.trace = sight_trace,
};

void *fake_compile(const void *code, size_t len, bool trace)
{
	struct bytecode *program;
	const char *why;

	if (len > BYTECODE_MAX_CODE ||
	    bytecode_compile(code, len, trace ? BYTECODE_TRACE : 0, &program, &why))
		return NULL;
	return program;
}

void fake_program_free(void *program)
{
	bytecode_free(program);
}

/* The processor's numbers and gdb's of the registers that bytecode_run() takes. */
static const unsigned char gdb_number[16] = {
	0, 2, 3, 1, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15,
};

int fake_run(void *program, const struct fake_sight *sight, unsigned long long *result)
{
	u64 gpr[16];
	int i;

	for (i = 0; i < 16; i++)
		sight->reg(sight->context, gdb_number[i], &gpr[i]);
	return bytecode_run(program, gpr, &sight_ops, (void *)sight, result);
}
