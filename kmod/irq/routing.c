// SPDX-License-Identifier: GPL-2.0-only
/*
 * Global system interrupts of a VM. The routes are in the order of their GSIs; readers use
 * them under RCU.
 */
#include <linux/err.h>
#include <linux/kvm.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <asm/apicdef.h>

#include "irq/ioapic.h"
#include "irq/lapic_deliver.h"
#include "irq/lapic_regs.h"
#include "irq/msi.h"
#include "irq/pic.h"
#include "irq/routing.h"
#include "vm.h"

/* So few are looked at in no time. */
#define FEW_VCPUS	32

struct irq_route {
	u32 gsi;
	u32 type;		/* KVM_IRQ_ROUTING_* */
	union {
		struct irq_msi msi;
		struct {
			u32 chip, pin;	/* as in the ABI */
		};
	};
};

struct irq_routing {
	struct rcu_head rcu;
	u32 nr_gsis;		/* the highest GSI plus 1 */
	u16 *first;		/* index of the first route of each GSI, and one more: the end */
	struct irq_route routes[];
};

/* ---- read ---- */

static int route_set(struct vm *vm, enum irq_source source, const struct irq_route *route,
		     bool level)
{
	if (route->type == KVM_IRQ_ROUTING_MSI)
		return level ? msi_send(vm, &route->msi) : -1;
	switch (route->chip) {
	case KVM_IRQCHIP_PIC_MASTER:
		return pic_set_pin(vm, route->pin, source, level);
	case KVM_IRQCHIP_PIC_SLAVE:
		return pic_set_pin(vm, PIC_PINS / 2 + route->pin, source, level);
	default:
		return ioapic_set_pin(vm, route->pin, source, level);
	}
}

int irq_set_gsi(struct vm *vm, enum irq_source source, u32 gsi, bool level)
{
	const struct irq_routing *routing;
	int all = -1, r;
	u32 i;

	rcu_read_lock();
	routing = rcu_dereference(vm->irq.routing);
	if (routing && gsi < routing->nr_gsis) {
		for (i = routing->first[gsi]; i < routing->first[gsi + 1]; i++) {
			r = route_set(vm, source, &routing->routes[i], level);
			if (r >= 0)
				all = max(all, 0) + r;
		}
	}
	rcu_read_unlock();
	return all;
}

static bool route_searches(struct vm *vm, const struct irq_route *route)
{
	struct irq_message msg;

	if (route->type != KVM_IRQ_ROUTING_MSI)
		return true;
	msg = msi_message(vm, &route->msi);
	return lapic_deliver_searches(vm, &msg);
}

bool irq_gsi_is_slow(struct vm *vm, u32 gsi)
{
	const struct irq_routing *routing;
	bool slow = false;
	u32 i;

	if (likely(vcpu_table_nr(&vm->vcpus) <= FEW_VCPUS))
		return false;
	rcu_read_lock();
	routing = rcu_dereference(vm->irq.routing);
	if (routing && gsi < routing->nr_gsis)
		for (i = routing->first[gsi]; i < routing->first[gsi + 1]; i++)
			slow |= route_searches(vm, &routing->routes[i]);
	rcu_read_unlock();
	return slow;
}

/* ---- write ---- */

static u32 chip_pins(u32 chip)
{
	switch (chip) {
	case KVM_IRQCHIP_PIC_MASTER:
	case KVM_IRQCHIP_PIC_SLAVE:
		return PIC_PINS / 2;
	case KVM_IRQCHIP_IOAPIC:
		return IOAPIC_PINS;
	default:
		return 0;
	}
}

static int route_make_pin(struct vm *vm, const struct kvm_irq_routing_entry *from,
			  struct irq_route *to)
{
	to->chip = from->u.irqchip.irqchip;
	to->pin = from->u.irqchip.pin;
	if (!vm->irq.pic || from->flags || to->pin >= chip_pins(to->chip))
		return -EINVAL;
	return 0;
}

static int route_make(struct vm *vm, const struct kvm_irq_routing_entry *from,
		      struct irq_route *to)
{
	*to = (struct irq_route){ .gsi = from->gsi, .type = from->type };
	if (from->type == KVM_IRQ_ROUTING_IRQCHIP)
		return route_make_pin(vm, from, to);
	if (from->type != KVM_IRQ_ROUTING_MSI || (from->flags & ~KVM_MSI_VALID_DEVID))
		return -EINVAL;
	to->msi.address_lo = from->u.msi.address_lo;
	to->msi.address_hi = from->u.msi.address_hi;
	to->msi.data = from->u.msi.data;
	return msi_is_valid(vm, &to->msi) ? 0 : -EINVAL;
}

static struct irq_routing *routing_alloc(u32 nr_gsis, u32 nr)
{
	struct irq_routing *routing;
	size_t size = struct_size(routing, routes, nr);

	routing = kvzalloc(size + (nr_gsis + 1) * sizeof(*routing->first), GFP_KERNEL_ACCOUNT);
	if (routing) {
		routing->nr_gsis = nr_gsis;
		routing->first = (u16 *)((u8 *)routing + size);
	}
	return routing;
}

/* Count the routes of each GSI, then sum up: first[gsi] is where those of @gsi end. */
static void count_routes(struct irq_routing *routing,
			 const struct kvm_irq_routing_entry *entries, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		routing->first[entries[i].gsi]++;
	for (i = 1; i <= routing->nr_gsis; i++)
		routing->first[i] += routing->first[i - 1];
}

/* From the last to the first, so that first[gsi] becomes where those of @gsi begin. */
static int fill(struct vm *vm, struct irq_routing *routing,
		const struct kvm_irq_routing_entry *entries, u32 nr)
{
	int r = 0;

	while (nr-- && !r)
		r = route_make(vm, &entries[nr],
			       &routing->routes[--routing->first[entries[nr].gsi]]);
	return r;
}

/* A GSI that is an MSI has no other route, and one that is a pin no other of that chip. */
static bool routes_fit(const struct irq_route *a, const struct irq_route *b)
{
	return a->type == KVM_IRQ_ROUTING_IRQCHIP && b->type == KVM_IRQ_ROUTING_IRQCHIP &&
	       a->chip != b->chip;
}

/* Return: whether all routes of the GSI fit. More than one for each chip cannot. */
static bool gsi_fits(const struct irq_routing *routing, u32 gsi)
{
	u32 first = routing->first[gsi], end = routing->first[gsi + 1], i, j;

	if (end - first > KVM_NR_IRQCHIPS)
		return false;
	for (i = first; i < end; i++)
		for (j = first; j < i; j++)
			if (!routes_fit(&routing->routes[i], &routing->routes[j]))
				return false;
	return true;
}

static bool all_fit(const struct irq_routing *routing)
{
	u32 gsi;

	for (gsi = 0; gsi < routing->nr_gsis; gsi++)
		if (!gsi_fits(routing, gsi))
			return false;
	return true;
}

/* The chips know their pins, and the notifiers of their ends GSIs. */
static void find_pins(struct vm *vm, const struct irq_routing *routing, u32 nr)
{
	u16 gsi[KVM_NR_IRQCHIPS][KVM_IOAPIC_NUM_PINS] = { };
	u32 i, chip, pin;

	for (i = 0; i < nr; i++)
		if (routing->routes[i].type == KVM_IRQ_ROUTING_IRQCHIP)
			gsi[routing->routes[i].chip][routing->routes[i].pin] =
				routing->routes[i].gsi + 1;
	for (chip = 0; chip < KVM_NR_IRQCHIPS; chip++)
		for (pin = 0; pin < KVM_IOAPIC_NUM_PINS; pin++)
			WRITE_ONCE(vm->irq.pin_gsi[chip][pin], gsi[chip][pin]);
}

static struct irq_routing *routing_make(struct vm *vm,
					const struct kvm_irq_routing_entry *entries, u32 nr)
{
	struct irq_routing *routing;
	u32 nr_gsis = 0, i;
	int r;

	for (i = 0; i < nr; i++) {
		if (entries[i].gsi >= IRQ_MAX_GSIS)
			return ERR_PTR(-EINVAL);
		nr_gsis = max(nr_gsis, entries[i].gsi + 1);
	}
	routing = routing_alloc(nr_gsis, nr);
	if (!routing)
		return ERR_PTR(-ENOMEM);
	count_routes(routing, entries, nr);
	r = fill(vm, routing, entries, nr);
	if (!r && !all_fit(routing))
		r = -EINVAL;
	if (r) {
		kvfree(routing);
		return ERR_PTR(r);
	}
	return routing;
}

/* Return: whether a vCPU still has to end a level-triggered interrupt @vector. */
static bool eoi_due(struct vm *vm, u8 vector)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (lapic_test(vcpu->lapic, APIC_IRR, vector) ||
		    lapic_test(vcpu->lapic, APIC_ISR, vector))
			return true;
	return false;
}

/* EOIs of level-triggered interrupts of the VMM's I/O APIC are reported to it. */
static void update_eoi_vectors(struct vm *vm, const struct irq_routing *routing)
{
	DECLARE_BITMAP(now, IRQ_VECTORS) = { };
	unsigned int vector;
	u32 i;

	for (i = 0; i < routing->first[min_t(u32, routing->nr_gsis, vm->irq.split_pins)]; i++) {
		struct irq_message msg = msi_message(vm, &routing->routes[i].msi);

		if (msg.level)
			__set_bit(msg.vector, now);
	}
	for (vector = 0; vector < IRQ_VECTORS; vector++) {
		if (test_bit(vector, now))
			set_bit(vector, vm->irq.eoi_vectors);
		else if (test_bit(vector, vm->irq.eoi_vectors) && !eoi_due(vm, vector))
			clear_bit(vector, vm->irq.eoi_vectors);
	}
}

int routing_set(struct vm *vm, const struct kvm_irq_routing_entry *entries, u32 nr)
{
	struct irq_routing *routing, *old;

	routing = routing_make(vm, entries, nr);
	if (IS_ERR(routing))
		return PTR_ERR(routing);
	old = rcu_replace_pointer(vm->irq.routing, routing, lockdep_is_held(&vm->lock));
	find_pins(vm, routing, nr);
	if (vm->irq.ioapic)
		ioapic_find_eoi_vectors(vm);
	else
		update_eoi_vectors(vm, routing);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

void routing_free(struct vm *vm)
{
	kvfree(rcu_dereference_protected(vm->irq.routing, true));
}
