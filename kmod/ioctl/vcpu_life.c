// SPDX-License-Identifier: GPL-2.0-only
/* Creation and end of a vCPU. */
#include <linux/idr.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "debug/stop.h"
#include "ioctl/vcpu_life.h"
#include "irq/lapic.h"
#include "lib/verdict.h"
#include "mmu/ept_table.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vcpu/fpu.h"
#include "vcpu/msr.h"
#include "vcpu/msr_switch.h"
#include "vcpu/vmcs_init.h"
#include "vm.h"
#include "vmx/vmx_cpu.h"

#define VPID_MAX	0xffff

static DEFINE_IDA(vpids);

static uint max_vpids = VPID_MAX;
module_param(max_vpids, uint, 0444);
MODULE_PARM_DESC(max_vpids, "How many vCPUs get a VPID (default: 65535)");

void vcpu_free(struct vcpu *vcpu)
{
	lapic_free(vcpu);
	vmcs_slot_free(&vcpu->vmcs);
	ept_cache_empty(&vcpu->ept_cache);
	step_view_free(vcpu);
	verdicts_free(&vcpu->hit_point.verdicts);
	if (vcpu->vpid)
		ida_free(&vpids, VPID_MAX + 1 - vcpu->vpid);
	vcpu_fpu_free(vcpu);
	kvfree(vcpu->cpuid);
	free_page((unsigned long)vcpu->msr_bitmap);
	free_page((unsigned long)vcpu->pio_data);
	free_page((unsigned long)vcpu->run);
	put_pid(vcpu->pid);
	kfree(vcpu);
}

/* KVM takes its own from 1 on. Return: one from the top; 0 without VPIDs, or if none is left. */
static u16 alloc_vpid(void)
{
	uint max = min_t(uint, max_vpids, VPID_MAX);
	int r;

	if (!vmx_ctl.vpid || !max)
		return 0;
	r = ida_alloc_range(&vpids, 1, max, GFP_KERNEL);
	return r > 0 ? VPID_MAX + 1 - r : 0;
}

static int alloc_parts(struct vcpu *vcpu)
{
	int r;

	vcpu->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	vcpu->pio_data = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	vcpu->msr_bitmap = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!vcpu->run || !vcpu->pio_data || !vcpu->msr_bitmap)
		return -ENOMEM;
	r = vcpu_fpu_alloc(vcpu);
	if (!r && vcpu->vm->irq.mode != IRQ_USER)
		r = lapic_create(vcpu);
	if (!r)
		r = vmcs_slot_init(&vcpu->vmcs);
	if (r)
		return r;
	vcpu->vpid = alloc_vpid();
	return 0;
}

static struct vcpu *vcpu_create(struct vm *vm, u32 id)
{
	/* kzalloc() clears what kmalloc() gives, which is nearly twice as much. */
	struct vcpu *vcpu = kmalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	int r;

	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	memset(vcpu, 0, sizeof(*vcpu));
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->guest_cpu = -1;
	vcpu->host_cpu = -1;
	vcpu->view = VIEW_NONE;	/* so the first entry writes EPT_POINTER */
	vcpu->irq = -1;
	vcpu->mce.cap = MCE_MAX_BANKS;	/* until KVM_X86_SETUP_MCE */
	vcpu->requests = BIT(REQ_ENTRY);
	mutex_init(&vcpu->mutex);
	mutex_init(&vcpu->state_mutex);
	init_waitqueue_head(&vcpu->park_wq);
	rcuwait_init(&vcpu->wait);
	r = alloc_parts(vcpu);
	if (r) {
		vcpu_free(vcpu);
		return ERR_PTR(r);
	}
	msr_bitmap_reset(vcpu);
	msr_switch_init();
	vcpu_vmcs_init(vcpu);
	vcpu_reset(vcpu);
	return vcpu;
}

/* The order of the checks is that of KVM. */
int vcpu_may_add(struct vm *vm, unsigned long id)
{
	if (id >= VCPU_IDS || vcpu_table_nr(&vm->vcpus) >= VM_MAX_VCPUS)
		return -EINVAL;
	if (!vm->vcpu_ids)
		vm->vcpu_ids = VCPU_IDS;
	if (id >= vm->vcpu_ids)
		return -EINVAL;
	return vm_vcpu(vm, id) ? -EEXIST : 0;
}

int vcpu_add(struct vm *vm, u32 id)
{
	struct vcpu *vcpu;
	int r = vcpu_may_add(vm, id);

	if (r)
		return r;
	vcpu = vcpu_create(vm, id);
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	if ((vm->step_views && step_view_prepare(vcpu)) ||
	    vcpu_table_add(&vm->vcpus, id, vcpu)) {
		vcpu_free(vcpu);
		return -ENOMEM;
	}
	/* A session that did not find it above has told the VM. */
	stop_init_vcpu(vcpu);
	/* Requests to all vCPUs did not reach this one until now. */
	set_bit(REQ_DEBUG_REGS, &vcpu->requests);
	set_bit(REQ_CATCH, &vcpu->requests);
	set_bit(REQ_TRACK, &vcpu->requests);
	return 0;
}
