// SPDX-License-Identifier: GPL-2.0-only
/* The run-plane ioctls for interrupt controllers, with the errors of KVM's. */
#include <linux/err.h>
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ioctl/irq_ioctl.h"
#include "irq/lapic.h"
#include "irq/lapic_timer.h"
#include "irq/msi.h"
#include "irq/routing.h"
#include "irq/types.h"
#include "irq/vapic.h"
#include "vcpu.h"
#include "vm.h"

/* ---- modes ---- */

/* vm->lock held */
static int irq_set_mode(struct vm *vm, enum irq_mode mode)
{
	if (vm->irq.mode != IRQ_USER || vcpu_table_nr(&vm->vcpus))
		return -EEXIST;
	vm->irq.mode = mode;
	return 0;
}

int irq_enable_split(struct vm *vm, u64 pins)
{
	int r;

	if (pins > IRQ_MAX_GSIS)
		return -EINVAL;
	mutex_lock(&vm->lock);
	r = irq_set_mode(vm, IRQ_SPLIT);
	if (!r)
		vm->irq.split_pins = pins;
	mutex_unlock(&vm->lock);
	return r;
}

int irq_enable_bus_tick(struct vm *vm, u64 ns)
{
	int r = 0;

	if (!ns || ns > U64_MAX / LAPIC_TICKS_MAX)
		return -EINVAL;
	mutex_lock(&vm->lock);
	if (vm->irq.mode == IRQ_USER)
		r = -ENXIO;
	else if (vcpu_table_nr(&vm->vcpus))
		r = -EINVAL;
	else
		vm->bus_tick_ns = ns;
	mutex_unlock(&vm->lock);
	return r;
}

int irq_enable_x2apic_api(struct vm *vm, u64 flags)
{
	if (flags & ~(u64)X2APIC_API_FLAGS)
		return -EINVAL;
	if (flags & KVM_X2APIC_API_USE_32BIT_IDS)
		WRITE_ONCE(vm->irq.wide_ids, true);
	if (flags & KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK)
		WRITE_ONCE(vm->irq.plain_broadcast, true);
	return 0;
}

/* ---- a VM's ---- */

static long set_boot_cpu(struct vm *vm, unsigned long id)
{
	long r = 0;

	mutex_lock(&vm->lock);
	if (vcpu_table_nr(&vm->vcpus))
		r = -EBUSY;
	else if (id > (vm->vcpu_ids ?: VCPU_IDS))
		r = -EINVAL;
	else
		vm->irq.bsp = id;
	mutex_unlock(&vm->lock);
	return r;
}

static long set_routing(struct vm *vm, struct kvm_irq_routing __user *user)
{
	struct kvm_irq_routing_entry *entries;
	struct kvm_irq_routing head;
	long r;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (vm->irq.mode == IRQ_USER || head.nr > IRQ_MAX_GSIS || head.flags)
		return -EINVAL;
	entries = vmemdup_user(user->entries, array_size(head.nr, sizeof(*entries)));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	mutex_lock(&vm->lock);
	r = routing_set(vm, entries, head.nr);
	mutex_unlock(&vm->lock);
	kvfree(entries);
	return r;
}

static long signal_msi(struct vm *vm, void __user *user)
{
	struct kvm_msi arg;
	struct irq_msi msi;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (vm->irq.mode == IRQ_USER || arg.flags)
		return -EINVAL;
	msi = (struct irq_msi){
		.address_lo = arg.address_lo, .address_hi = arg.address_hi, .data = arg.data };
	return msi_send(vm, &msi);
}

long irq_vm_ioctl(struct vm *vm, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_SET_GSI_ROUTING:
		return set_routing(vm, user);
	case KVM_SIGNAL_MSI:
		return signal_msi(vm, user);
	case KVM_SET_BOOT_CPU_ID:
		return set_boot_cpu(vm, (unsigned long)user);
	default:
		return -ENOTTY;
	}
}

/* ---- a vCPU's ---- */

static long get_lapic(struct vcpu *vcpu, void __user *user)
{
	struct kvm_lapic_state *state;
	long r;

	if (!vcpu->lapic)
		return -EINVAL;
	state = kzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	if (!state)
		return -ENOMEM;
	r = lapic_get_state(vcpu, state);
	if (!r && copy_to_user(user, state, sizeof(*state)))
		r = -EFAULT;
	kfree(state);
	return r;
}

static long set_lapic(struct vcpu *vcpu, void __user *user)
{
	struct kvm_lapic_state *state;
	long r;

	if (!vcpu->lapic)
		return -EINVAL;
	state = memdup_user(user, sizeof(*state));
	if (IS_ERR(state))
		return PTR_ERR(state);
	r = lapic_set_state(vcpu, state);
	kfree(state);
	return r;
}

/* The VMM's PIC has an interrupt. With a local APIC here, LINT0 decides about it. */
static long interrupt(struct vcpu *vcpu, void __user *user)
{
	struct kvm_interrupt irq;
	int *home = vcpu->lapic ? &vcpu->lapic->extint : &vcpu->irq;

	if (copy_from_user(&irq, user, sizeof(irq)))
		return -EFAULT;
	if (irq.irq >= KVM_NR_INTERRUPTS)
		return -EINVAL;
	if (vcpu->vm->irq.mode == IRQ_FULL)
		return -ENXIO;
	if (*home >= 0)
		return -EEXIST;
	*home = irq.irq;
	if (!vcpu->lapic)
		vcpu->irq_from = IRQ_FROM(VMXDBG_FROM_VMM, 0);
	return 0;
}

static long set_vapic(struct vcpu *vcpu, void __user *user)
{
	struct kvm_vapic_addr arg;

	if (!vcpu->lapic)
		return -EINVAL;
	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	return vapic_set(vcpu, arg.vapic_addr);
}

/* Accepted, without effect, also where the VMM has the local APIC. */
static long tpr_access_reporting(struct vcpu *vcpu, void __user *user)
{
	struct kvm_tpr_access_ctl ctl;

	if (copy_from_user(&ctl, user, sizeof(ctl)))
		return -EFAULT;
	if (ctl.flags)
		return -EINVAL;
	if (vcpu->lapic)
		vcpu->lapic->tpr.on = ctl.enabled;
	return copy_to_user(user, &ctl, sizeof(ctl)) ? -EFAULT : 0;
}

long irq_vcpu_ioctl(struct vcpu *vcpu, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_GET_LAPIC:
		return get_lapic(vcpu, user);
	case KVM_SET_LAPIC:
		return set_lapic(vcpu, user);
	case KVM_INTERRUPT:
		return interrupt(vcpu, user);
	case KVM_SET_VAPIC_ADDR:
		return set_vapic(vcpu, user);
	case KVM_TPR_ACCESS_REPORTING:
		return tpr_access_reporting(vcpu, user);
	default:
		return -ENOTTY;
	}
}
