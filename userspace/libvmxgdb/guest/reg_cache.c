// SPDX-License-Identifier: MIT
/* Registers of stopped vCPUs: read once at each stop, written at once. */
#include <errno.h>

#include "guest/reg_cache.h"
#include "guest/reg_sets.h"
#include "guest/reply.h"
#include "guest/vcpus.h"

const struct reg *reg_cache_reg(const struct stub *s, unsigned int number)
{
	const struct reg *reg = layout_reg(s->layout, number);

	if (reg || !s->own_registers)
		return reg;
	number -= layout_count(s->layout);
	return number < s->own_registers->count ? &s->own_registers->regs[number] : NULL;
}

size_t reg_cache_single_bytes(const struct stub *s)
{
	const struct reg *reg;
	unsigned int i;
	size_t bytes = 0;

	for (i = 0; (reg = reg_cache_reg(s, i)); i++)
		if (!layout_g_reg(s->layout, i))
			bytes += reg->bits / 8;
	return bytes;
}

int reg_cache_load(struct stub *s, int vcpu, unsigned int sets)
{
	struct vcpu *v = s->vcpus[vcpu];
	unsigned int set;
	int result;

	if (!vcpu_exists(s, vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	if (v->runs)
		return s->gone ? -ENODEV : reply_error(s, -EBUSY, "the vCPU is running");
	for (set = 0; set < REGS_SETS; set++) {
		if (!(sets & ~v->loaded & 1U << set))
			continue;
		result = reg_set_read(s, vcpu, set, &v->regs);
		if (result < 0)
			return result;
		v->loaded |= 1U << set;
	}
	return 0;
}

void reg_cache_forget(struct stub *s, int vcpu)
{
	s->vcpus[vcpu]->loaded = 0;
}

int reg_cache_store(struct stub *s, int vcpu, struct vcpu_regs *new)
{
	struct vcpu *v = s->vcpus[vcpu];
	unsigned int sets = v->loaded;

	/*
	 * The target may keep only a part of a set, and some registers are in two, so read
	 * all again.
	 */
	v->loaded = 0;
	return reg_sets_write(s, vcpu, sets, &v->regs, new);
}

int reg_cache_set_rip(struct stub *s, int vcpu, uint64_t linear)
{
	unsigned int i;
	const struct reg *reg;

	for (i = 0; (reg = layout_reg(s->layout, i)); i++)
		if (reg->get == reg_linear_rip)
			break;
	return reg_cache_write(s, vcpu, reg, &linear);
}

/* Load what is needed to read a register. One that counts is not what it was. */
static int load_for(struct stub *s, int vcpu, const struct reg *reg)
{
	if (reg->counts && vcpu_exists(s, vcpu))
		s->vcpus[vcpu]->loaded &= ~reg->sets;
	return reg_cache_load(s, vcpu, reg->sets);
}

int reg_cache_read(struct stub *s, int vcpu, const struct reg *reg, void *value)
{
	int result = load_for(s, vcpu, reg);
	const char *why;

	if (result < 0)
		return result;
	if (reg->read)
		return reg->read(s, vcpu, reg, value);
	why = reg_missing(reg, &s->vcpus[vcpu]->regs);
	if (why)
		return reply_error(s, -ENXIO, "%s", why);
	reg_get(reg, &s->vcpus[vcpu]->regs, value);
	return 0;
}

/* The value is in s->vcpus[vcpu]->regs. */
static int change(struct stub *s, int vcpu, const struct reg *reg, const void *value)
{
	struct vcpu_regs new = s->vcpus[vcpu]->regs;

	reg_put(reg, &new, value);
	return reg_cache_store(s, vcpu, &new);
}

int reg_cache_write(struct stub *s, int vcpu, const struct reg *reg, const void *value)
{
	const struct vcpu_regs *regs = &s->vcpus[vcpu]->regs;
	const char *why = reg->read_only;
	int result;

	if (why)
		return reply_error(s, -EPERM, "%s is read-only: %s", reg->name, why);
	result = load_for(s, vcpu, reg);
	if (result == 0 && !reg->write)
		result = reg_cache_load(s, vcpu, 1U << reg->written);
	if (result < 0)
		return result;
	if (reg->write)
		return reg->write(s, vcpu, reg, value);
	why = reg_missing(reg, regs);
	if (why)
		return reply_error(s, -ENXIO, "%s", why);
	if (!reg_fits(reg, regs, value))
		return reply_error(s, -EINVAL, "%s has no such bits", reg->name);
	return change(s, vcpu, reg, value);
}

void reg_cache_put(const struct vcpu *v, const struct reg *reg,
		   struct buf *out)
{
	uint8_t value[REG_BYTES_MAX];
	unsigned int i;

	if ((reg->sets & ~v->loaded) || reg_missing(reg, &v->regs)) {
		for (i = 0; i < reg->bits / 8U; i++)
			buf_puts(out, "xx");
		return;
	}
	reg_get(reg, &v->regs, value);
	buf_hex(out, value, reg->bits / 8);
}

void reg_cache_expedite(struct stub *s, int vcpu, struct buf *out)
{
	unsigned int i, number;

	if (reg_cache_load(s, vcpu, 1U << VMXDBG_REGS_GENERAL |
			       1U << VMXDBG_REGS_SYSTEM) < 0)
		return;
	for (i = 0; i < 4; i++) {
		number = s->layout->expedited[i];
		buf_printf(out, "%02x:", number);
		reg_cache_put(s->vcpus[vcpu], layout_reg(s->layout, number),
			      out);
		buf_puts(out, ";");
	}
}
