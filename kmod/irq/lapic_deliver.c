// SPDX-License-Identifier: GPL-2.0-only
/* Destinations of an interrupt (SDM vol. 3, 11.6.2, 11.12.9). */
#include "irq/lapic_accept.h"
#include "irq/lapic_deliver.h"
#include "irq/lapic_regs.h"
#include "vm.h"

#define XAPIC_ALL	0xff
#define X2APIC_ALL	0xffffffff

enum { TO_DEST, TO_SELF, TO_ALL, TO_OTHERS };

/*
 * An interrupt of a device to 0xff means all, also where APICs have 32-bit ids. A VMM that
 * gives devices ids above 254 turns that off (KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK).
 */
static bool is_broadcast(const struct vcpu *vcpu, struct vcpu *source, u32 dest)
{
	if (!lapic_is_x2apic(vcpu))
		return dest == XAPIC_ALL;
	return dest == X2APIC_ALL ||
	       (!source && dest == XAPIC_ALL && !vcpu->vm->irq.plain_broadcast);
}

static bool is_physical(const struct vcpu *vcpu, u32 dest)
{
	u32 id = lapic_reg(vcpu->lapic, APIC_ID);

	if (lapic_is_x2apic(vcpu))
		return dest == id;
	/* An xAPIC cannot show such an id, but KVM lets an IPI find it by that. */
	if (vcpu->id > XAPIC_ALL && dest == vcpu->id)
		return true;
	return dest == id >> 24;
}

static bool is_logical(const struct vcpu *vcpu, u32 dest)
{
	u32 ldr = lapic_reg(vcpu->lapic, APIC_LDR);
	bool cluster;

	if (lapic_is_x2apic(vcpu))
		return ldr >> 16 == dest >> 16 && (ldr & dest & 0xffff);
	ldr >>= 24;
	cluster = lapic_reg(vcpu->lapic, APIC_DFR) >> 28 == 0;
	if (cluster)
		return ldr >> 4 == (u8)dest >> 4 && (ldr & dest & 0xf);
	return ldr & dest & 0xff;
}

bool lapic_is_dest(const struct vcpu *vcpu, struct vcpu *source,
		   const struct irq_message *msg)
{
	if (!lapic_is_on(vcpu))
		return false;
	switch (msg->shorthand) {
	case TO_SELF:
		return vcpu == source;
	case TO_ALL:
		return true;
	case TO_OTHERS:
		return vcpu != source;
	}
	if (is_broadcast(vcpu, source, msg->dest))
		return true;
	return msg->logical ? is_logical(vcpu, msg->dest) : is_physical(vcpu, msg->dest);
}

/* @best: the one so far, or NULL. Return: the one that took fewer turns. */
static struct vcpu *less_busy(struct vcpu *best, struct vcpu *vcpu)
{
	if (!lapic_is_enabled(vcpu))
		return best;
	if (!best || (int)(READ_ONCE(vcpu->lapic->turns) - READ_ONCE(best->lapic->turns)) < 0)
		return vcpu;
	return best;
}

/* One of the destinations takes it. Which one is up to the APICs (SDM vol. 3, 11.6.2.4). */
static int deliver_lowest(struct vm *vm, struct vcpu *source,
			  const struct irq_message *msg)
{
	struct vcpu *vcpu, *best = NULL;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (lapic_is_dest(vcpu, source, msg))
			best = less_busy(best, vcpu);
	if (!best)
		return 0;
	if (msg->mode << 8 != APIC_DM_LOWEST)
		best->lapic->turns++;
	return lapic_accept(best, msg);
}

static int deliver_all(struct vm *vm, struct vcpu *source, const struct irq_message *msg)
{
	struct vcpu *vcpu;
	unsigned int i;
	int r = 0;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (lapic_is_dest(vcpu, source, msg))
			r += lapic_accept(vcpu, msg);
	return r;
}

/*
 * Return: the only destination, found by its id, or NULL if it takes a search. Ids are those
 * of the vCPUs until a guest changes one.
 */
static struct vcpu *only_dest(struct vm *vm, const struct irq_message *msg)
{
	if (msg->shorthand != TO_DEST || msg->logical || msg->dest >= XAPIC_ALL ||
	    READ_ONCE(vm->irq.ids_changed))
		return NULL;
	return vm_vcpu(vm, msg->dest);
}

bool lapic_deliver_searches(struct vm *vm, const struct irq_message *msg)
{
	return !only_dest(vm, msg);
}

int lapic_deliver(struct vm *vm, struct vcpu *source, const struct irq_message *msg)
{
	struct vcpu *only = only_dest(vm, msg);

	if (msg->shorthand == TO_SELF)
		return lapic_accept(source, msg);
	if (likely(only))
		return lapic_is_dest(only, source, msg) && lapic_accept(only, msg);
	/* To all by physical id is no choice of one (SDM vol. 3, 11.6.2.4). */
	if ((msg->lowest || msg->mode << 8 == APIC_DM_LOWEST) &&
	    (msg->logical || msg->dest != XAPIC_ALL))
		return deliver_lowest(vm, source, msg);
	return deliver_all(vm, source, msg);
}

bool lapic_dest_is_busy(struct vm *vm, const struct irq_message *msg)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (lapic_is_dest(vcpu, NULL, msg) &&
		    (lapic_test(vcpu->lapic, APIC_IRR, msg->vector) ||
		     lapic_test(vcpu->lapic, APIC_ISR, msg->vector)))
			return true;
	return false;
}
