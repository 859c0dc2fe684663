// SPDX-License-Identifier: GPL-2.0-only
/* Registers: read once at each stop, written at once. */
#include <errno.h>
#include <string.h>

#include "commands.h"

int regs_load(struct stub *s, int vcpu, unsigned int sets)
{
	struct vcpu *v = &s->vcpus[vcpu];
	unsigned int set;
	size_t size;
	void *data;
	int result;

	if (!vcpu_exists(s, vcpu))
		return stub_error(s, -ESRCH, "no such vCPU");
	for (set = 0; set < REGS_SETS; set++) {
		if (!(sets & ~v->loaded & 1U << set))
			continue;
		data = regs_set(&v->regs, set, &size);
		result = s->target->ops->get_regs(s->target, vcpu, set, data,
						  size);
		if (result < 0)
			return result;
		v->loaded |= 1U << set;
	}
	return 0;
}

void regs_forget(struct stub *s, int vcpu)
{
	s->vcpus[vcpu].loaded = 0;
}

/* Gives the target each set in which @new differs from what it has. */
static int regs_store(struct stub *s, int vcpu, struct vcpu_regs *new)
{
	struct vcpu *v = &s->vcpus[vcpu];
	unsigned int set;
	size_t size;
	int result;

	for (set = 0; set < REGS_SETS; set++) {
		void *data = regs_set(new, set, &size);
		void *old = regs_set(&v->regs, set, &size);

		if (!(v->loaded & 1U << set) || !memcmp(old, data, size))
			continue;
		/* The target may keep only part of it: read it again. */
		v->loaded &= ~(1U << set);
		result = s->target->ops->set_regs(s->target, vcpu, set, data,
						  size);
		if (result < 0)
			return result;
	}
	return 0;
}

int regs_set_rip(struct stub *s, int vcpu, uint64_t linear)
{
	unsigned int i;
	const struct reg *reg;
	struct vcpu_regs new;
	int result;

	for (i = 0; (reg = layout_reg(s->layout, i)); i++)
		if (reg->get == regs_linear_rip)
			break;
	result = regs_load(s, vcpu, reg->sets);
	if (result < 0)
		return result;
	new = s->vcpus[vcpu].regs;
	reg_put(reg, &new, &linear);
	return regs_store(s, vcpu, &new);
}

static void put_reg(struct buf *out, const struct reg *reg,
		    const struct vcpu *v)
{
	uint8_t value[REG_BYTES_MAX];
	unsigned int i;

	if (reg->sets & ~v->loaded) {
		for (i = 0; i < reg->bits / 8; i++)
			buf_puts(out, "xx");
		return;
	}
	reg_get(reg, &v->regs, value);
	buf_hex(out, value, reg->bits / 8);
}

void regs_expedite(struct stub *s, int vcpu, struct buf *out)
{
	unsigned int i, number;

	if (regs_load(s, vcpu, 1U << VMXDBG_REGS_GENERAL |
			       1U << VMXDBG_REGS_SYSTEM) < 0)
		return;
	for (i = 0; i < 4; i++) {
		number = s->layout->expedited[i];
		buf_printf(out, "%02x:", number);
		put_reg(out, layout_reg(s->layout, number), &s->vcpus[vcpu]);
		buf_puts(out, ";");
	}
}

int cmd_read_registers(struct stub *s, char *args, size_t len)
{
	const struct reg *reg;
	unsigned int i;
	int result;

	/* What else cannot be read is unavailable, which gdb can show. */
	result = regs_load(s, s->general, 1U << VMXDBG_REGS_GENERAL);
	if (result < 0)
		return result;
	for (i = 0; (reg = layout_reg(s->layout, i)); i++) {
		regs_load(s, s->general, reg->sets);
		put_reg(&s->reply, reg, &s->vcpus[s->general]);
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

	for (i = 0; (reg = layout_reg(s->layout, i)); i++) {
		result = regs_load(s, s->general, reg->sets);
		if (result < 0)
			return result;
	}
	new = s->vcpus[s->general].regs;
	/* Twice: the linear rip comes before the CS that it is relative to. */
	for (round = 0; round < 2; round++) {
		p = args;
		for (i = 0; (reg = layout_reg(s->layout, i)); i++) {
			if (!parse_bytes(&p, value, reg->bits / 8))
				return stub_malformed(s);
			reg_put(reg, &new, value);
		}
		if (*p)
			return stub_malformed(s);
	}
	result = regs_store(s, s->general, &new);
	return result < 0 ? result : stub_ok(s);
}

int cmd_read_register(struct stub *s, char *args, size_t len)
{
	const struct reg *reg;
	const char *p = args;
	uint64_t number;
	int result;

	if (!parse_hex(&p, &number) || *p)
		return stub_malformed(s);
	reg = number > UINT32_MAX ? NULL : layout_reg(s->layout, number);
	if (!reg)
		return stub_error(s, -EINVAL, "no such register");
	result = regs_load(s, s->general, reg->sets);
	if (result < 0)
		return result;
	put_reg(&s->reply, reg, &s->vcpus[s->general]);
	return 0;
}

int cmd_write_register(struct stub *s, char *args, size_t len)
{
	uint8_t value[REG_BYTES_MAX];
	const struct reg *reg;
	struct vcpu_regs new;
	const char *p = args;
	uint64_t number;
	int result;

	if (!parse_hex(&p, &number) || !parse_char(&p, '='))
		return stub_malformed(s);
	reg = number > UINT32_MAX ? NULL : layout_reg(s->layout, number);
	if (!reg)
		return stub_error(s, -EINVAL, "no such register");
	if (!parse_bytes(&p, value, reg->bits / 8) || *p)
		return stub_malformed(s);
	result = regs_load(s, s->general, reg->sets | reg->written);
	if (result < 0)
		return result;
	new = s->vcpus[s->general].regs;
	reg_put(reg, &new, value);
	result = regs_store(s, s->general, &new);
	return result < 0 ? result : stub_ok(s);
}
