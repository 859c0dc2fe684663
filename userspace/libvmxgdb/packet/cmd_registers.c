// SPDX-License-Identifier: MIT
/* Packets that read and write registers. */
#include <errno.h>

#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/trace.h"
#include "packet/cmd_registers.h"
#include "packet/cmd_trace_frames.h"
#include "wire/parse.h"

int cmd_read_registers(struct stub *s, char *args, size_t len)
{
	const struct reg *reg;
	unsigned int i;
	int result;

	s->knows_g = true;
	if (trace_selected(s))
		return trace_read_registers(s);
	/*
	 * gdb shows the other registers as unavailable if they cannot be read.
	 */
	result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_GENERAL);
	if (result < 0)
		return result;
	for (i = 0; (reg = layout_g_reg(s->layout, i)); i++) {
		reg_cache_load(s, s->general, reg->sets);
		reg_cache_put(s->vcpus[s->general], reg, &s->reply);
	}
	return 0;
}

int cmd_write_registers(struct stub *s, char *args, size_t len)
{
	uint8_t value[REG_BYTES_MAX];
	struct vcpu_regs new;
	const struct reg *reg;
	unsigned int i;
	const char *p;
	int round, result;

	for (i = 0; (reg = layout_g_reg(s->layout, i)); i++) {
		result = reg_cache_load(s, s->general, reg->sets);
		if (result < 0)
			return result;
	}
	new = s->vcpus[s->general]->regs;
	/*
	 * Two rounds, because the linear RIP depends on CS, which comes later.
	 */
	for (round = 0; round < 2; round++) {
		p = args;
		for (i = 0; (reg = layout_g_reg(s->layout, i)); i++) {
			if (!parse_bytes(&p, value, reg->bits / 8))
				return reply_malformed(s);
			reg_put(reg, &new, value);
		}
		if (*p)
			return reply_malformed(s);
	}
	result = reg_cache_store(s, s->general, &new);
	return result < 0 ? result : reply_ok(s);
}

int cmd_read_register(struct stub *s, char *args, size_t len)
{
	uint8_t value[REG_BYTES_MAX];
	const struct reg *reg;
	const char *p = args;
	uint64_t number;
	unsigned int i;
	int result;

	if (!parse_hex(&p, &number) || *p)
		return reply_malformed(s);
	reg = number > UINT32_MAX ? NULL : reg_cache_reg(s, number);
	if (!reg)
		return reply_error(s, -EINVAL, "there is no such register");
	if (trace_selected(s))
		return trace_read_register(s, reg, number);
	/* As in 'g', a register that cannot be read is unavailable; lldb wants an error. */
	result = reg_cache_read(s, s->general, reg, value);
	if (result < 0 && s->lldb)
		return result;
	if (result == 0)
		buf_hex(&s->reply, value, reg->bits / 8);
	for (i = 0; i < reg->bits / 8U && result < 0; i++)
		buf_puts(&s->reply, "xx");
	return 0;
}

/*
 * After a call of a function gdb writes back the general registers that have changed, and then
 * all others in ascending order, for x86 also those that its description says not to keep.
 * Return: whether it does so, and the register is one of these: the TSC, an MSR, or read-only.
 */
#define GENERAL	17	/* rax to rip, or eax to fs */
#define ROW	16	/* writes, which nobody types in this order */

static bool is_written_back(struct stub *s, uint64_t number, const struct reg *reg)
{
	if (number < GENERAL)
		s->writes = 1;
	else
		s->writes = s->writes && number > s->written ? s->writes + 1 : 0;
	s->written = number;
	return s->writes > ROW && reg->transient;
}

int cmd_write_register(struct stub *s, char *args, size_t len)
{
	uint8_t value[REG_BYTES_MAX];
	const struct reg *reg;
	const char *p = args;
	uint64_t number;
	int result;

	if (!parse_hex(&p, &number) || !parse_char(&p, '='))
		return reply_malformed(s);
	reg = number > UINT32_MAX ? NULL : reg_cache_reg(s, number);
	if (!reg)
		return reply_error(s, -EINVAL, "there is no such register");
	if (!parse_bytes(&p, value, reg->bits / 8) || *p)
		return reply_malformed(s);
	if (is_written_back(s, number, reg))
		return reply_ok(s);
	result = reg_cache_write(s, s->general, reg, value);
	return result < 0 ? result : reply_ok(s);
}
