// SPDX-License-Identifier: GPL-2.0-only
/* The run-plane ioctls of a vCPU, a subset of KVM's. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "debug/catch_reset.h"
#include "debug/guest_debug.h"
#include "ioctl/device_attr.h"
#include "ioctl/irq_ioctl.h"
#include "ioctl/pre_fault.h"
#include "ioctl/stats_fd.h"
#include "ioctl/vcpu_ioctl.h"
#include "ioctl/vcpu_life.h"
#include "ioctl/vm_life.h"
#include "irq/types.h"
#include "kvm_newer.h"
#include "lib/compat.h"
#include "run/coalesced.h"
#include "run/run.h"
#include "vcpu.h"
#include "vcpu/cpuid.h"
#include "vcpu/debug_regs.h"
#include "vcpu/event.h"
#include "vcpu/fpu.h"
#include "vcpu/gva.h"
#include "vcpu/init_sipi.h"
#include "vcpu/mce.h"
#include "vcpu/msr.h"
#include "vcpu/pvclock.h"
#include "vcpu/regs.h"
#include "vcpu/sregs.h"
#include "vcpu/sregs2.h"
#include "vcpu/tsc.h"
#include "vcpu/vcpu_events.h"
#include "vcpu/xsave.h"
#include "vm.h"
#include "vmxdbg.h"

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

static long get_sregs2(struct vcpu *vcpu, void __user *user)
{
	struct kvm_sregs2 sregs;

	vcpu_get_sregs2(vcpu, &sregs);
	return copy_to_user(user, &sregs, sizeof(sregs)) ? -EFAULT : 0;
}

static long set_sregs2(struct vcpu *vcpu, void __user *user)
{
	struct kvm_sregs2 sregs;

	if (copy_from_user(&sregs, user, sizeof(sregs)))
		return -EFAULT;
	return vcpu_set_sregs2(vcpu, &sregs);
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

/* KVM_GET_XSAVE2 too: as many bytes as KVM_CAP_XSAVE2 says. */
static long get_xsave(struct vcpu *vcpu, void __user *user)
{
	struct kvm_xsave *area = kzalloc(sizeof(*area), GFP_KERNEL_ACCOUNT);
	long r;

	if (!area)
		return -ENOMEM;
	vcpu_get_xsave(vcpu, area);
	r = copy_to_user(user, area, sizeof(*area)) ? -EFAULT : 0;
	kfree(area);
	return r;
}

static long set_xsave(struct vcpu *vcpu, void __user *user)
{
	void *area = memdup_user(user, sizeof(struct kvm_xsave));
	long r;

	if (IS_ERR(area))
		return PTR_ERR(area);
	r = vcpu_set_xsave(vcpu, area);
	kfree(area);
	return r;
}

static long get_xcrs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_xcrs xcrs;

	vcpu_get_xcrs(vcpu, &xcrs);
	return copy_to_user(user, &xcrs, sizeof(xcrs)) ? -EFAULT : 0;
}

static long set_xcrs(struct vcpu *vcpu, void __user *user)
{
	struct kvm_xcrs xcrs;

	if (copy_from_user(&xcrs, user, sizeof(xcrs)))
		return -EFAULT;
	return vcpu_set_xcrs(vcpu, &xcrs);
}

static long get_events(struct vcpu *vcpu, void __user *user)
{
	struct kvm_vcpu_events events;

	vcpu_get_events(vcpu, &events);
	return copy_to_user(user, &events, sizeof(events)) ? -EFAULT : 0;
}

static long set_events(struct vcpu *vcpu, void __user *user)
{
	struct kvm_vcpu_events events;

	if (copy_from_user(&events, user, sizeof(events)))
		return -EFAULT;
	return vcpu_set_events(vcpu, &events);
}

static long get_mp_state(struct vcpu *vcpu, void __user *user)
{
	struct kvm_mp_state state;

	vcpu_get_mp_state(vcpu, &state);
	return copy_to_user(user, &state, sizeof(state)) ? -EFAULT : 0;
}

static long set_mp_state(struct vcpu *vcpu, void __user *user)
{
	struct kvm_mp_state state;

	if (copy_from_user(&state, user, sizeof(state)))
		return -EFAULT;
	return vcpu_set_mp_state(vcpu, &state);
}

static long setup_mce(struct vcpu *vcpu, u64 __user *user)
{
	u64 cap;

	return get_user(cap, user) ? -EFAULT : vcpu_setup_mce(vcpu, cap);
}

static long set_mce(struct vcpu *vcpu, void __user *user)
{
	struct kvm_x86_mce mce;

	if (copy_from_user(&mce, user, sizeof(mce)))
		return -EFAULT;
	return vcpu_set_mce(vcpu, &mce);
}

/* The guest's CPUID always says which of KVM's services there are. */
static long enable_cap(const void __user *user)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, user, sizeof(cap)))
		return -EFAULT;
	return cap.flags || cap.cap != KVM_CAP_ENFORCE_PV_FEATURE_CPUID || !cap.args[0] ?
	       -EINVAL : 0;
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

/* Copied word by word, as in ioctl_translate(). */
static long set_guest_debug(struct vcpu *vcpu, struct kvm_guest_debug __user *user)
{
	struct kvm_guest_debug dbg;
	/* Pointers, since UBSAN calls a function if the index of an array is outside. */
	const u64 __user *from = user->arch.debugreg;
	u64 *to = dbg.arch.debugreg;
	unsigned int i;

	if (!user_read_access_begin(user, sizeof(*user)))
		return -EFAULT;
	dbg.pad = 0;
	unsafe_get_user(dbg.control, &user->control, failed);
	for (i = 0; i < ARRAY_SIZE(dbg.arch.debugreg); i++)
		unsafe_get_user(to[i], from + i, failed);
	user_read_access_end();
	return vcpu_set_guest_debug(vcpu, &dbg);
failed:
	user_read_access_end();
	return -EFAULT;
}

/* valid, writeable and usermode; the padding behind them is not changed */
#define TRANSLATION_FLAGS	0xffffffULL
#define TRANSLATION_VALID	BIT_ULL(0)
#define TRANSLATION_WRITEABLE	BIT_ULL(8)

/* Copied word by word, which is shorter than copy_to_user() for so few bytes. */
static long ioctl_translate(struct vcpu *vcpu, struct kvm_translation __user *user)
{
	u64 __user *last = (u64 __user *)&user->valid;
	u64 gva, gpa, flags;

	BUILD_BUG_ON(offsetof(struct kvm_translation, valid) + 8 != sizeof(*user));
	if (!user_access_begin(user, sizeof(*user)))
		return -EFAULT;
	unsafe_get_user(gva, &user->linear_address, failed);
	unsafe_get_user(flags, last, failed);
	user_access_end();

	/* Constants, as in KVM; VMXDBG_TRANSLATE reports the real rights. */
	flags = (flags & ~TRANSLATION_FLAGS) | TRANSLATION_WRITEABLE;
	if (vcpu_translate(vcpu, gva, &gpa, NULL))
		gpa = ~0ULL;
	else
		flags |= TRANSLATION_VALID;

	if (!user_access_begin(user, sizeof(*user)))
		return -EFAULT;
	unsafe_put_user(gpa, &user->physical_address, failed);
	unsafe_put_user(flags, last, failed);
	user_access_end();
	return 0;
failed:
	user_access_end();
	return -EFAULT;
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

/* vcpu->mutex and state_mutex held: the vCPU does not run. */
static long state_ioctl(struct vcpu *vcpu, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_GET_REGS:
		return vcpu_put_regs(vcpu, user);
	case KVM_SET_REGS:
		return vcpu_take_regs(vcpu, user);
	case KVM_GET_SREGS:
		return get_sregs(vcpu, user);
	case KVM_SET_SREGS:
		return set_sregs(vcpu, user);
	case KVM_GET_SREGS2:
		return get_sregs2(vcpu, user);
	case KVM_SET_SREGS2:
		return set_sregs2(vcpu, user);
	case KVM_GET_FPU:
		return get_fpu(vcpu, user);
	case KVM_SET_FPU:
		return set_fpu(vcpu, user);
	case KVM_GET_XSAVE:
	case KVM_GET_XSAVE2:
		return get_xsave(vcpu, user);
	case KVM_SET_XSAVE:
		return set_xsave(vcpu, user);
	case KVM_GET_XCRS:
		return get_xcrs(vcpu, user);
	case KVM_SET_XCRS:
		return set_xcrs(vcpu, user);
	case KVM_GET_VCPU_EVENTS:
		return get_events(vcpu, user);
	case KVM_SET_VCPU_EVENTS:
		return set_events(vcpu, user);
	case KVM_GET_MP_STATE:
		return get_mp_state(vcpu, user);
	case KVM_SET_MP_STATE:
		return set_mp_state(vcpu, user);
	case KVM_X86_SETUP_MCE:
		return setup_mce(vcpu, user);
	case KVM_X86_SET_MCE:
		return set_mce(vcpu, user);
	case KVM_GET_LAPIC:
	case KVM_SET_LAPIC:
	case KVM_INTERRUPT:
	case KVM_SET_VAPIC_ADDR:
	case KVM_TPR_ACCESS_REPORTING:
		return irq_vcpu_ioctl(vcpu, cmd, user);
	case KVM_KVMCLOCK_CTRL:
		return pvclock_note_pause(vcpu);
	case KVM_ENABLE_CAP:
		return enable_cap(user);
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
		return ioctl_translate(vcpu, user);
	case KVM_NMI:
		vcpu_queue_nmi(vcpu, IRQ_FROM(VMXDBG_FROM_VMM, 0));
		return 0;
	case KVM_HAS_DEVICE_ATTR:
	case KVM_GET_DEVICE_ATTR:
	case KVM_SET_DEVICE_ATTR:
		return vcpu_attr_ioctl(vcpu, cmd, user);
	case KVM_GET_STATS_FD:
		return stats_fd_of_vcpu(vcpu);
	case KVM_SET_SIGNAL_MASK:
		return set_signal_mask(vcpu, user);
	case KVM_GET_TSC_KHZ:
		return vcpu->tsc_khz;
	case KVM_SET_TSC_KHZ:
		return vcpu_set_tsc_khz(vcpu, (unsigned long)user);
	default:
		return -ENOTTY;
	}
}

static long run_ioctl(struct vcpu *vcpu)
{
	long r;

	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	r = vcpu_run(vcpu);
	mutex_unlock(&vcpu->mutex);
	return r;
}

/* A function of its own, so that KVM_RUN saves fewer registers. */
static noinline long rest_ioctl(struct vcpu *vcpu, unsigned int cmd, void __user *user)
{
	long r;

	/* An unknown ioctl must not wait for a vCPU that runs. */
	if (_IOC_TYPE(cmd) != KVMIO)
		return -ENOTTY;
	/* Nobody waits for the vCPU's state while the VMM's memory comes. */
	if (cmd == KVM_PRE_FAULT_MEMORY)
		return pre_fault_ioctl(vcpu, user);
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	r = 0;
	if (unlikely(READ_ONCE(vcpu->vm->catch_types) & BIT(VMXDBG_CATCH_RESET)))
		r = catch_vmm_reset(vcpu, cmd, user);
	if (r) {
		/* The argument could not be read, or the thread was killed. */
	} else if (mutex_lock_killable(&vcpu->state_mutex)) {
		r = -EINTR;
	} else {
		/* Most of the ioctls change the next entry. */
		set_bit(REQ_ENTRY, &vcpu->requests);
		r = state_ioctl(vcpu, cmd, user);
		mutex_unlock(&vcpu->state_mutex);
	}
	mutex_unlock(&vcpu->mutex);
	return r;
}

static long vcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vcpu *vcpu = file->private_data;

	if (current->mm != vcpu->vm->mm)
		return -EIO;
	if (cmd != KVM_RUN)
		return rest_ioctl(vcpu, cmd, (void __user *)arg);
	return arg ? -EINVAL : run_ioctl(vcpu);
}

static vm_fault_t vcpu_fault(struct vm_fault *vmf)
{
	struct vcpu *vcpu = vmf->vma->vm_file->private_data;
	void *page;

	if (vmf->pgoff == 0)
		page = vcpu->run;
	else if (vmf->pgoff == 1)
		page = vcpu->pio_data;
	else if (vmf->pgoff == KVM_COALESCED_MMIO_PAGE_OFFSET)
		page = coalesced_ring(vcpu->vm);
	else
		return VM_FAULT_SIGBUS;
	if (!page)
		return VM_FAULT_OOM;
	vmf->page = virt_to_page(page);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct vcpu_vm_ops = {
	.fault = vcpu_fault,
};

/* Same as KVM: a mapping may have more pages than there are, whose access gives SIGBUS. */
static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &vcpu_vm_ops;
	compat_vma_dontexpand(vma);
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;

	/* NULL: vcpu_create_fd() could not create the vCPU. */
	if (vcpu)
		vm_user_put(vcpu->vm);
	return 0;
}

static const struct file_operations vcpu_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcpu_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.release = vcpu_release,
	.llseek = noop_llseek,
};

static struct file *vcpu_file(u32 id)
{
	char name[32];

	snprintf(name, sizeof(name), "kvm-vcpu:%u", id);
	return anon_inode_getfile(name, &vcpu_fops, NULL, O_RDWR);
}

/* The vCPU comes last, as its id is taken from then on. */
int vcpu_create_fd(struct vm *vm, unsigned long id)
{
	struct file *file;
	int fd, r;

	mutex_lock(&vm->lock);
	r = vcpu_may_add(vm, id);
	mutex_unlock(&vm->lock);
	if (r)
		return r;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = vcpu_file(id);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	mutex_lock(&vm->lock);
	r = vcpu_add(vm, id);
	mutex_unlock(&vm->lock);
	if (r) {
		put_unused_fd(fd);
		fput(file);
		return r;
	}
	vm_user_get(vm);
	file->private_data = vm_vcpu(vm, id);
	fd_install(fd, file);
	return fd;
}
