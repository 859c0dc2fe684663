// SPDX-License-Identifier: MIT
/* Registers of stopped vCPUs: read once at each stop, written at once. */
#include <errno.h>
#include <string.h>

#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"

int reg_cache_load(struct stub *s, int vcpu, unsigned int sets)
{
	struct vcpu *v = &s->vcpus[vcpu];
	unsigned int set;
	size_t size;
	void *data;
	int result;

	if (!vcpu_exists(s, vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	if (v->runs)
		return reply_error(s, -EBUSY, "the vCPU is running");
	for (set = 0; set < REGS_SETS; set++) {
		if (!(sets & ~v->loaded & 1U << set))
			continue;
		data = reg_set_data(&v->regs, set, &size);
		result = s->target->ops->get_regs(s->target, vcpu, set, data,
						  size);
		if (result < 0)
			return result;
		v->loaded |= 1U << set;
	}
	return 0;
}

void reg_cache_forget(struct stub *s, int vcpu)
{
	s->vcpus[vcpu].loaded = 0;
}

int reg_cache_store(struct stub *s, int vcpu, struct vcpu_regs *new)
{
	struct vcpu *v = &s->vcpus[vcpu];
	unsigned int set;
	size_t size;
	int result;

	for (set = 0; set < REGS_SETS; set++) {
		void *data = reg_set_data(new, set, &size);
		void *old = reg_set_data(&v->regs, set, &size);

		if (!(v->loaded & 1U << set) || !memcmp(old, data, size))
			continue;
		/*
		 * The target may keep only a part of the set, so read it again.
		 */
		v->loaded &= ~(1U << set);
		result = s->target->ops->set_regs(s->target, vcpu, set, data,
						  size);
		if (result < 0)
			return result;
	}
	return 0;
}

int reg_cache_set_rip(struct stub *s, int vcpu, uint64_t linear)
{
	unsigned int i;
	const struct reg *reg;
	struct vcpu_regs new;
	int result;

	for (i = 0; (reg = layout_reg(s->layout, i)); i++)
		if (reg->get == reg_linear_rip)
			break;
	result = reg_cache_load(s, vcpu, reg->sets);
	if (result < 0)
		return result;
	new = s->vcpus[vcpu].regs;
	reg_put(reg, &new, &linear);
	return reg_cache_store(s, vcpu, &new);
}

void reg_cache_put(const struct vcpu *v, const struct reg *reg,
		   struct buf *out)
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

void reg_cache_expedite(struct stub *s, int vcpu, struct buf *out)
{
	unsigned int i, number;

	if (reg_cache_load(s, vcpu, 1U << VMXDBG_REGS_GENERAL |
			       1U << VMXDBG_REGS_SYSTEM) < 0)
		return;
	for (i = 0; i < 4; i++) {
		number = s->layout->expedited[i];
		buf_printf(out, "%02x:", number);
		reg_cache_put(&s->vcpus[vcpu], layout_reg(s->layout, number),
			      out);
		buf_puts(out, ";");
	}
}
