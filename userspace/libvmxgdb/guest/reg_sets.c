// SPDX-License-Identifier: MIT
/* Register sets of a stopped vCPU, from and to the target. */
#include <errno.h>
#include <string.h>

#include <vmxdbg-client.h>

#include "guest/reg_sets.h"
#include "guest/reply.h"
#include "guest/target.h"

int reg_refused(struct stub *s, int error, uint32_t refused)
{
	char text[sizeof(s->error)];

	if (!refused)
		return error;
	vmxdbg_refused_text(refused, text, sizeof(text));
	return reply_error(s, error, "%s", text);
}

/* ---- reading ---- */

/* Guests lack some of the MSRs: each call ends with the first one. */
static int read_msrs(struct stub *s, int vcpu, struct msr_values *msrs)
{
	struct kvm_msr_entry entries[REG_MSRS] = { 0 };
	uint32_t i, done, next;
	int result;

	for (i = 0; i < REG_MSRS; i++)
		entries[i].index = reg_msr_numbers[i];
	msrs->there = 0;
	for (next = 0; next < REG_MSRS; next += done + 1) {
		done = 0;
		result = target_call(s->target, get_msrs, vcpu, entries + next,
				     REG_MSRS - next, &done);
		if (result < 0 && result != -EINVAL)
			return result;
		for (i = next; i < next + done && i < REG_MSRS; i++) {
			msrs->value[i] = entries[i].data;
			msrs->there |= 1U << i;
		}
	}
	return 0;
}

int reg_set_read(struct stub *s, int vcpu, unsigned int set, struct vcpu_regs *regs)
{
	size_t size;
	void *data = reg_set_data(regs, set, &size);

	if (set == REGS_MSRS)
		return read_msrs(s, vcpu, data);
	return s->target->ops->get_regs(s->target, vcpu, set, data, size);
}

/* ---- writing ---- */

static int write_msrs(struct stub *s, int vcpu, const struct msr_values *old,
		      const struct msr_values *new)
{
	struct kvm_msr_entry entry = { 0 };
	uint32_t done, refused = 0;
	unsigned int i;
	int result = 0;

	for (i = 0; i < REG_MSRS && result == 0; i++) {
		if (!(old->there >> i & 1) || old->value[i] == new->value[i])
			continue;
		entry.index = reg_msr_numbers[i];
		entry.data = new->value[i];
		result = target_call(s->target, set_msrs, vcpu, &entry, 1, &done, &refused);
	}
	return result < 0 ? reg_refused(s, result, refused) : 0;
}

static int write_set(struct stub *s, int vcpu, unsigned int set, struct vcpu_regs *old,
		     struct vcpu_regs *new)
{
	uint32_t refused = 0;
	size_t size;
	void *data = reg_set_data(new, set, &size);
	int result;

	if (set == REGS_MSRS)
		return write_msrs(s, vcpu, &old->msrs, &new->msrs);
	result = s->target->ops->set_regs(s->target, vcpu, set, data, size, &refused);
	return result < 0 ? reg_refused(s, result, refused) : 0;
}

/* A change of the mode may need both sets at once. */
static int write_both(struct stub *s, int vcpu, const struct vcpu_regs *new)
{
	const struct vmxdbg_both both = { .general = new->general, .system = new->system };
	uint32_t refused = 0;
	int result = s->target->ops->set_regs(s->target, vcpu, VMXDBG_REGS_BOTH, &both,
					      sizeof(both), &refused);

	return result < 0 ? reg_refused(s, result, refused) : 0;
}

static bool differs(unsigned int set, struct vcpu_regs *a, struct vcpu_regs *b)
{
	size_t size;
	const void *data = reg_set_data(a, set, &size);

	return data && memcmp(data, reg_set_data(b, set, &size), size);
}

/* The XSAVE set has the FPU's registers as well, so it is written first. */
static const uint8_t order[] = {
	VMXDBG_REGS_GENERAL, VMXDBG_REGS_SYSTEM, VMXDBG_REGS_DEBUG, VMXDBG_REGS_XCRS,
	VMXDBG_REGS_XSAVE, VMXDBG_REGS_FPU, VMXDBG_REGS_EVENTS, REGS_MSRS,
};

#define BOTH	(1U << VMXDBG_REGS_GENERAL | 1U << VMXDBG_REGS_SYSTEM)

int reg_sets_write(struct stub *s, int vcpu, unsigned int sets, struct vcpu_regs *old,
		   struct vcpu_regs *new)
{
	unsigned int i, changed = 0, written = 0;
	int result = 0;

	for (i = 0; i < REGS_SETS; i++)
		if ((sets >> i & 1) && differs(i, old, new))
			changed |= 1U << i;
	if ((changed & BOTH) == BOTH) {
		result = write_both(s, vcpu, new);
		if (result == 0)
			written = BOTH;
		else if (result == -EOPNOTSUPP)
			result = 0;
	}
	for (i = 0; i < sizeof(order) && result == 0; i++) {
		if (!(changed & ~written & 1U << order[i]))
			continue;
		result = write_set(s, vcpu, order[i], old, new);
		if (result == 0)
			written |= 1U << order[i];
	}
	for (i = 0; i < sizeof(order) && result < 0 && written; i++)
		if (written & 1U << order[i])
			write_set(s, vcpu, order[i], new, old);
	return result;
}
