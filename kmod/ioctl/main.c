// SPDX-License-Identifier: GPL-2.0-only
/* Module load and unload, and the ioctls of /dev/vmxdbg itself. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "ioctl/attach.h"
#include "ioctl/debugfs.h"
#include "ioctl/device_attr.h"
#include "ioctl/session.h"
#include "ioctl/vm_cap.h"
#include "ioctl/vm_ioctl.h"
#include "irq/irqfd.h"
#include "lib/version.h"
#include "run/exit.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/cpuid.h"
#include "vcpu/fpu.h"
#include "vcpu/mce.h"
#include "vcpu/msr.h"
#include "vmx/host_perf.h"
#include "vmx/mitigation.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

static long mce_cap(u64 __user *user)
{
	return put_user(MCE_CAP_SUPPORTED, user) ? -EFAULT : 0;
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return vm_create_fd(arg);
	case KVM_CHECK_EXTENSION:
		return vm_check_extension(NULL, arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : VCPU_MMAP_PAGES * PAGE_SIZE;
	case KVM_GET_SUPPORTED_CPUID:
		return cpuid_supported(user);
	case KVM_GET_MSR_INDEX_LIST:
		return msr_index_list(user);
	case KVM_GET_MSR_FEATURE_INDEX_LIST:
		return msr_feature_list(user);
	case KVM_GET_MSRS:
		return msr_ioctl_features(user);
	case KVM_X86_GET_MCE_CAP_SUPPORTED:
		return mce_cap(user);
	case KVM_HAS_DEVICE_ATTR:
	case KVM_GET_DEVICE_ATTR:
		return dev_attr_ioctl(cmd, user);
	case VMXDBG_GET_VERSION:
		return arg ? -EINVAL : VMXDBG_API_VERSION;
	case VMXDBG_LIST_VMS:
		return vm_list_ioctl(user);
	case VMXDBG_ATTACH:
		return vm_attach_ioctl(user);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vmxdbg",
	.mode = 0600,
	.fops = &dev_fops,
};

static int __init vmxdbg_init(void)
{
	int r;

	/* Spinlocks sleep there, and the module takes some with interrupts off. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_err("not loaded: this kernel has PREEMPT_RT; boot one without\n");
		return -EOPNOTSUPP;
	}
	r = vmx_cpu_init();
	if (r)
		return r;
	r = mitigation_init();
	if (r)
		goto no_mitigation;
	r = session_init();
	if (r)
		goto no_session;
	r = irqfd_init();
	if (r)
		goto no_irqfd;
	host_perf_init();
	sregs_init();
	exit_handlers_init();
	r = fpu_init();
	if (!r)
		r = misc_register(&dev);
	if (r)
		goto no_device;
	debugfs_init();
	pr_info("loaded: /dev/vmxdbg%s\n", vmx_ctl.exec_only ? "" :
		", no execute-only EPT: a guest that reads its code sees software breakpoints");
	return 0;

no_device:
	irqfd_exit();
no_irqfd:
	session_exit();
no_session:
	mitigation_exit();
no_mitigation:
	vmx_cpu_exit();
	return r;
}
module_init(vmxdbg_init);

/* Each fd holds a reference on the module, so all that may be left is ends of sessions. */
static void __exit vmxdbg_exit(void)
{
	misc_deregister(&dev);
	irqfd_exit();
	session_exit();
	debugfs_exit();
	mitigation_exit();
	vmx_cpu_exit();
}
module_exit(vmxdbg_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hypervisor-side guest debugging on Intel VMX");
MODULE_VERSION(VMXDBG_VERSION);
