// SPDX-License-Identifier: GPL-2.0-only
/* Creation and end of a VM, and the list of all VMs. */
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/tsc.h>

#include "debug/post.h"
#include "debug/track.h"
#include "ioctl/irqchip_ioctl.h"
#include "ioctl/vcpu_life.h"
#include "ioctl/vm_life.h"
#include "irq/io_bus.h"
#include "irq/irqfd.h"
#include "irq/routing.h"
#include "mmu/ept_table.h"
#include "mmu/memslot.h"
#include "mmu/mmu_notifier.h"
#include "run/coalesced.h"
#include "vcpu.h"
#include "vcpu/msr_filter.h"
#include "vcpu/vm_clock.h"
#include "vm.h"
#include "vmx/vmx_cpu.h"

static DEFINE_MUTEX(vms_lock);
static LIST_HEAD(vms);
static u32 last_id;

static void vm_free(struct kref *ref)
{
	struct vm *vm = container_of(ref, struct vm, ref);
	struct vcpu *vcpu;
	unsigned int i;

	/* First, as they use the vCPUs. */
	io_bus_free(vm);
	irqchip_free(vm);
	vm_notifier_unregister(vm);
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		vcpu_free(vcpu);
	vcpu_table_free(&vm->vcpus);
	ept_free(vm);
	memslots_free(vm);
	coalesced_free(vm);
	msr_filter_end(vm);
	routing_free(vm);
	put_task_struct(vm->owner);
	mmdrop(vm->mm);
	kfree(vm);
	vmx_put();
}

void vm_get(struct vm *vm)
{
	kref_get(&vm->ref);
}

/* Context: may sleep. */
void vm_put(struct vm *vm)
{
	kref_put(&vm->ref, vm_free);
}

void vm_user_get(struct vm *vm)
{
	vm_get(vm);
	atomic_inc(&vm->users);
}

void vm_user_put(struct vm *vm)
{
	if (atomic_dec_and_test(&vm->users)) {
		mutex_lock(&vms_lock);
		list_del_init(&vm->link);
		mutex_unlock(&vms_lock);
		post_vm_gone(vm);
	}
	vm_put(vm);
}

struct vm *vm_get_by_id(u32 id)
{
	struct vm *vm, *found = NULL;

	mutex_lock(&vms_lock);
	list_for_each_entry(vm, &vms, link) {
		if (vm->id == id && kref_get_unless_zero(&vm->ref)) {
			found = vm;
			break;
		}
	}
	mutex_unlock(&vms_lock);
	return found;
}

int vm_for_each(int (*fn)(struct vm *vm, void *arg), void *arg)
{
	struct vm *vm;
	int r = 0;

	mutex_lock(&vms_lock);
	list_for_each_entry(vm, &vms, link) {
		r = fn(vm, arg);
		if (r)
			break;
	}
	mutex_unlock(&vms_lock);
	return r;
}

static struct vm *vm_alloc(void)
{
	struct vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	if (!vm)
		return NULL;
	kref_init(&vm->ref);
	atomic_set(&vm->users, 1);
	mutex_init(&vm->lock);
	mutex_init(&vm->dr_mutex);
	io_bus_init(vm);
	irqfd_vm_init(vm);
	spin_lock_init(&vm->mmu_lock);
	spin_lock_init(&vm->dbg_lock);
	spin_lock_init(&vm->tsc_lock);
	init_waitqueue_head(&vm->quiet_wq);
	init_waitqueue_head(&vm->time_wq);
	vm->tsc_khz = tsc_khz;
	vm->guest_tsc_khz = tsc_khz;
	vm->bus_tick_ns = 1;
	vm_clock_init(vm);
	xa_init(&vm->hooks);
	vm->watches = RB_ROOT_CACHED;
	track_init(vm);
	INIT_LIST_HEAD(&vm->link);
	INIT_LIST_HEAD(&vm->open_hooks);
	vm->mm = current->mm;
	mmgrab(vm->mm);
	vm->owner = current->group_leader;
	get_task_struct(vm->owner);
	get_task_comm(vm->comm, current->group_leader);
	return vm;
}

int vm_create(struct vm **out)
{
	struct vm *vm;
	int r = vmx_get();

	if (r)
		return r;
	vm = vm_alloc();
	if (!vm) {
		vmx_put();
		return -ENOMEM;
	}
	r = ept_init(vm);
	if (!r)
		r = coalesced_init(vm);
	if (!r)
		r = vm_notifier_register(vm);
	if (r) {
		vm_put(vm);
		return r;
	}
	mutex_lock(&vms_lock);
	vm->id = ++last_id;
	list_add_tail(&vm->link, &vms);
	mutex_unlock(&vms_lock);
	*out = vm;
	return 0;
}
