// SPDX-License-Identifier: GPL-2.0-only
/* Registers of a stopped vCPU, read and written by the debugger in sets. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/err.h>
#include <linux/kvm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "debug/session_object.h"
#include "debug/stop.h"
#include "ioctl/session_regs.h"
#include "irq/lapic.h"
#include "vcpu.h"
#include "vcpu/debug_regs.h"
#include "vcpu/debugger_regs.h"
#include "vcpu/fpu.h"
#include "vcpu/hidden.h"
#include "vcpu/regs.h"
#include "vcpu/sregs.h"
#include "vcpu/vcpu_events.h"
#include "vcpu/xsave.h"
#include "vm.h"
#include "vmxdbg.h"

/* The sets that fit on the stack */
union regs {
	struct kvm_regs general;
	struct kvm_sregs system;
	struct kvm_debugregs debug;
	struct kvm_fpu fpu;
	struct kvm_xcrs xcrs;
	struct kvm_vcpu_events events;
	struct vmxdbg_hidden hidden;
	struct vmxdbg_both both;
};

static const u32 regs_size[] = {
	[VMXDBG_REGS_GENERAL] = sizeof(struct kvm_regs),
	[VMXDBG_REGS_SYSTEM] = sizeof(struct kvm_sregs),
	[VMXDBG_REGS_DEBUG] = sizeof(struct kvm_debugregs),
	[VMXDBG_REGS_FPU] = sizeof(struct kvm_fpu),
	[VMXDBG_REGS_XSAVE] = sizeof(struct kvm_xsave),
	[VMXDBG_REGS_XCRS] = sizeof(struct kvm_xcrs),
	[VMXDBG_REGS_EVENTS] = sizeof(struct kvm_vcpu_events),
	[VMXDBG_REGS_HIDDEN] = sizeof(struct vmxdbg_hidden),
	[VMXDBG_REGS_BOTH] = sizeof(struct vmxdbg_both),
	[VMXDBG_REGS_LAPIC] = sizeof(struct kvm_lapic_state),
};

static int regs_refuse(const char *what, u32 value)
{
	pr_debug_ratelimited("registers: %s: %#x\n", what, value);
	return -EINVAL;
}

static struct vcpu *regs_check(struct session *s, const struct vmxdbg_regs *arg, bool write)
{
	struct vcpu *vcpu;

	if (arg->set >= ARRAY_SIZE(regs_size))
		return ERR_PTR(regs_refuse("no such set", arg->set));
	if (arg->size != regs_size[arg->set])
		return ERR_PTR(regs_refuse("wrong size", arg->size));
	if (write && arg->set == VMXDBG_REGS_HIDDEN)
		return ERR_PTR(regs_refuse("read-only set", arg->set));
	vcpu = vm_vcpu(s->vm, arg->vcpu);
	if (!vcpu)
		return ERR_PTR(-ENOENT);
	if (arg->set == VMXDBG_REGS_LAPIC && !vcpu->lapic)
		return ERR_PTR(-ENXIO);
	return vcpu;
}

static void read_both(struct vcpu *vcpu, struct vmxdbg_both *both)
{
	vcpu_get_regs(vcpu, &both->general);
	vcpu_get_sregs(vcpu, &both->system);
}

/* Return: 0, -EINVAL: lapic_get_state(). */
static int regs_read(struct vcpu *vcpu, u32 set, void *regs)
{
	switch (set) {
	case VMXDBG_REGS_GENERAL:
		vcpu_get_regs(vcpu, regs);
		break;
	case VMXDBG_REGS_SYSTEM:
		vcpu_get_sregs(vcpu, regs);
		break;
	case VMXDBG_REGS_DEBUG:
		vcpu_get_debugregs(vcpu, regs);
		break;
	case VMXDBG_REGS_FPU:
		vcpu_get_fpu(vcpu, regs);
		break;
	case VMXDBG_REGS_XSAVE:
		vcpu_get_xsave(vcpu, regs);
		break;
	case VMXDBG_REGS_XCRS:
		vcpu_get_xcrs(vcpu, regs);
		break;
	case VMXDBG_REGS_EVENTS:
		vcpu_get_events(vcpu, regs);
		break;
	case VMXDBG_REGS_HIDDEN:
		vcpu_get_hidden(vcpu, regs);
		break;
	case VMXDBG_REGS_BOTH:
		read_both(vcpu, regs);
		break;
	case VMXDBG_REGS_LAPIC:
		return lapic_get_state(vcpu, regs);
	}
	return 0;
}

static int get_set(struct vcpu *vcpu, const struct vmxdbg_regs *arg, void *regs)
{
	int r;

	memset(regs, 0, arg->size);
	r = stop_lock(vcpu);
	if (r)
		return r;
	r = regs_read(vcpu, arg->set, regs);
	stop_unlock(vcpu);
	if (r)
		return r;
	return copy_to_user(u64_to_user_ptr(arg->data), regs, arg->size) ? -EFAULT : 0;
}

static int set_set(struct vcpu *vcpu, struct vmxdbg_regs *arg, void *regs)
{
	int r;

	if (copy_from_user(regs, u64_to_user_ptr(arg->data), arg->size))
		return -EFAULT;
	r = stop_lock(vcpu);
	if (r)
		return r;
	if (arg->set == VMXDBG_REGS_LAPIC)
		r = lapic_set_state(vcpu, regs);
	else
		r = debugger_set_regs(vcpu, arg->set, regs, &arg->refused);
	stop_unlock(vcpu);
	if (r)
		pr_debug_ratelimited("registers: set %u refused by rule %#x\n", arg->set,
				     arg->refused);
	return r;
}

int session_regs(struct session *s, struct vmxdbg_regs *arg, bool write)
{
	struct vcpu *vcpu = regs_check(s, arg, write);
	void *large = NULL;
	union regs small;
	int r;

	if (write)
		arg->refused = 0;
	if (IS_ERR(vcpu))
		return PTR_ERR(vcpu);
	if (arg->size > sizeof(small)) {
		large = kmalloc(arg->size, GFP_KERNEL_ACCOUNT);
		if (!large)
			return -ENOMEM;
	}
	r = write ? set_set(vcpu, arg, large ?: &small) : get_set(vcpu, arg, large ?: &small);
	kfree(large);
	return r;
}
