// SPDX-License-Identifier: GPL-2.0-only
/* The run plane's ioctls on a vCPU's file descriptor: KVM's, a subset. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>

#include "compat.h"
#include "vcpu.h"

static long get_regs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_regs regs;

	vcpu_get_regs(vcpu, &regs);
	return copy_to_user(user, &regs, sizeof(regs)) ? -EFAULT : 0;
}

static long set_regs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_regs regs;

	if (copy_from_user(&regs, user, sizeof(regs)))
		return -EFAULT;
	return vcpu_set_regs(vcpu, &regs);
}

static long get_sregs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_sregs sregs;

	vcpu_get_sregs(vcpu, &sregs);
	return copy_to_user(user, &sregs, sizeof(sregs)) ? -EFAULT : 0;
}

static long set_sregs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_sregs sregs;

	if (copy_from_user(&sregs, user, sizeof(sregs)))
		return -EFAULT;
	return vcpu_set_sregs(vcpu, &sregs);
}

static long get_fpu(struct vcpu *vcpu, void __user *user)
{
	struct kvm_fpu fpu;

	vcpu_get_fpu(vcpu, &fpu);
	return copy_to_user(user, &fpu, sizeof(fpu)) ? -EFAULT : 0;
}

static long set_fpu(struct vcpu *vcpu, void __user *user)
{
	struct kvm_fpu fpu;

	if (copy_from_user(&fpu, user, sizeof(fpu)))
		return -EFAULT;
	return vcpu_set_fpu(vcpu, &fpu);
}

static long get_debugregs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_debugregs d;

	vcpu_get_debugregs(vcpu, &d);
	return copy_to_user(user, &d, sizeof(d)) ? -EFAULT : 0;
}

static long set_debugregs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_debugregs d;

	if (copy_from_user(&d, user, sizeof(d)))
		return -EFAULT;
	return vcpu_set_debugregs(vcpu, &d);
}

static long set_guest_debug(struct vcpu *vcpu, void __user *user)
{
	struct kvm_guest_debug dbg;

	if (copy_from_user(&dbg, user, sizeof(dbg)))
		return -EFAULT;
	return vcpu_set_guest_debug(vcpu, &dbg);
}

static long translate(struct vcpu *vcpu, void __user *user)
{
	struct kvm_translation tr;
	u64 gpa;
	int r;

	if (copy_from_user(&tr, user, sizeof(tr)))
		return -EFAULT;
	r = vcpu_translate(vcpu, tr.linear_address, &gpa, NULL);
	tr.physical_address = r ? ~0ULL : gpa;
	tr.valid = !r;
	/* KVM's fixed answers; VMXDBG_TRANSLATE has the true ones. */
	tr.writeable = 1;
	tr.usermode = 0;
	return copy_to_user(user, &tr, sizeof(tr)) ? -EFAULT : 0;
}

static long interrupt(struct vcpu *vcpu, void __user *user)
{
	struct kvm_interrupt irq;

	if (copy_from_user(&irq, user, sizeof(irq)))
		return -EFAULT;
	if (irq.irq >= 256)
		return -EINVAL;
	if (vcpu->irq >= 0)
		return -EEXIST;
	vcpu->irq = irq.irq;
	vcpu->irq_reinject = false;
	return 0;
}

static long set_signal_mask(struct vcpu *vcpu, void __user *user)
{
	struct kvm_signal_mask __user *arg = user;
	u32 len;

	if (!arg) {
		vcpu->sigset_active = false;
		return 0;
	}
	if (get_user(len, &arg->len))
		return -EFAULT;
	if (len != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&vcpu->sigset, arg->sigset, sizeof(sigset_t)))
		return -EFAULT;
	sigdelsetmask(&vcpu->sigset, sigmask(SIGKILL) | sigmask(SIGSTOP));
	vcpu->sigset_active = true;
	return 0;
}

/* vcpu->mutex and state_mutex held: the vCPU is at rest. */
static long state_ioctl(struct vcpu *vcpu, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_GET_REGS:
		return get_regs(vcpu, user);
	case KVM_SET_REGS:
		return set_regs(vcpu, user);
	case KVM_GET_SREGS:
		return get_sregs(vcpu, user);
	case KVM_SET_SREGS:
		return set_sregs(vcpu, user);
	case KVM_GET_FPU:
		return get_fpu(vcpu, user);
	case KVM_SET_FPU:
		return set_fpu(vcpu, user);
	case KVM_GET_MSRS:
		return vcpu_ioctl_msrs(vcpu, user, false);
	case KVM_SET_MSRS:
		return vcpu_ioctl_msrs(vcpu, user, true);
	case KVM_GET_CPUID2:
		return vcpu_get_cpuid(vcpu, user);
	case KVM_SET_CPUID2:
		return vcpu_set_cpuid(vcpu, user);
	case KVM_GET_DEBUGREGS:
		return get_debugregs(vcpu, user);
	case KVM_SET_DEBUGREGS:
		return set_debugregs(vcpu, user);
	case KVM_SET_GUEST_DEBUG:
		return set_guest_debug(vcpu, user);
	case KVM_TRANSLATE:
		return translate(vcpu, user);
	case KVM_INTERRUPT:
		return interrupt(vcpu, user);
	case KVM_NMI:
		vcpu->nmi_pending = true;
		return 0;
	case KVM_SET_SIGNAL_MASK:
		return set_signal_mask(vcpu, user);
	case KVM_GET_TSC_KHZ:
		return tsc_khz;
	default:
		return -ENOTTY;
	}
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vcpu *vcpu = file->private_data;
	long r;

	if (current->mm != vcpu->vm->mm)
		return -EIO;
	/* What is no ioctl at all must not wait for a vCPU that runs. */
	if (_IOC_TYPE(cmd) != KVMIO)
		return -ENOTTY;
	if (cmd == KVM_RUN && arg)
		return -EINVAL;
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	if (cmd == KVM_RUN) {
		r = vcpu_run(vcpu);
	} else if (mutex_lock_killable(&vcpu->state_mutex)) {
		r = -EINTR;
	} else {
		r = state_ioctl(vcpu, cmd, (void __user *)arg);
		mutex_unlock(&vcpu->state_mutex);
	}
	mutex_unlock(&vcpu->mutex);
	return r;
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct vcpu *vcpu = vmf->vma->vm_file->private_data;
	void *page = NULL;

	if (vmf->pgoff == 0)
		page = vcpu->run;
	else if (vmf->pgoff == 1)
		page = vcpu->pio_data;
	if (!page)
		return VM_FAULT_SIGBUS;
	vmf->page = virt_to_page(page);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff + vma_pages(vma) > VCPU_MMAP_PAGES)
		return -EINVAL;
	vma->vm_ops = &vcpu_vm_ops;
	compat_vma_dontexpand(vma);
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;

	vm_user_put(vcpu->vm);
	return 0;
}

const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_release,
	.llseek = noop_llseek,
};
