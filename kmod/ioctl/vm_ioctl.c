// SPDX-License-Identifier: GPL-2.0-only
/* The file descriptor of a VM, and the ioctls on it. */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/stop.h"
#include "ioctl/irq_ioctl.h"
#include "ioctl/irqchip_ioctl.h"
#include "ioctl/pit_ioctl.h"
#include "ioctl/stats_fd.h"
#include "ioctl/vcpu_ioctl.h"
#include "ioctl/vm_cap.h"
#include "ioctl/vm_compat.h"
#include "ioctl/vm_ioctl.h"
#include "ioctl/vm_life.h"
#include "irq/ioeventfd.h"
#include "irq/irqfd.h"
#include "irq/vm_time.h"
#include "kvm_newer.h"
#include "lib/compat.h"
#include "mmu/dirty_log.h"
#include "mmu/memslot.h"
#include "run/coalesced.h"
#include "vcpu.h"
#include "vcpu/msr_filter.h"
#include "vcpu/tsc.h"
#include "vcpu/vm_clock.h"
#include "vm.h"
#include "vmxdbg.h"

static long vm_set_memory(struct vm *vm, void __user *user)
{
	struct kvm_userspace_memory_region region;

	if (copy_from_user(&region, user, sizeof(region)))
		return -EFAULT;
	return memslot_set(vm, &region);
}

/* The first members are those of the smaller argument. Slots of guest_memfd need a flag. */
static long vm_set_memory2(struct vm *vm, void __user *user)
{
	struct kvm_userspace_memory_region2 region2;
	struct kvm_userspace_memory_region region;

	if (copy_from_user(&region2, user, sizeof(region2)))
		return -EFAULT;
	memcpy(&region, &region2, sizeof(region));
	return memslot_set(vm, &region);
}

static long vm_get_dirty_log(struct vm *vm, void __user *user)
{
	struct kvm_dirty_log arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	return dirty_log_get(vm, &arg);
}

static long vm_clear_dirty_log(struct vm *vm, void __user *user)
{
	struct kvm_clear_dirty_log arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	return dirty_log_clear(vm, &arg);
}

/* An unrestricted guest needs neither TSS nor identity map; the calls are checked. */
static long vm_set_identity_map(struct vm *vm, void __user *user)
{
	u64 addr;

	if (copy_from_user(&addr, user, sizeof(addr)))
		return -EFAULT;
	return vcpu_table_nr(&vm->vcpus) ? -EINVAL : 0;
}

static long vm_set_msr_filter(struct vm *vm, void __user *user)
{
	struct kvm_msr_filter filter;

	if (copy_from_user(&filter, user, sizeof(filter)))
		return -EFAULT;
	return msr_filter_set(vm, &filter);
}

/* Fewer would not do for KVM's shadow page tables. With EPT the number has no effect there. */
#define MMU_PAGES_MIN	64

#define TSS_ADDR_MAX	0xffffd000UL	/* KVM's TSS has three pages */

static long vm_coalesce(struct vm *vm, unsigned int cmd, void __user *user)
{
	struct kvm_coalesced_mmio_zone zone;

	if (copy_from_user(&zone, user, sizeof(zone)))
		return -EFAULT;
	return cmd == KVM_REGISTER_COALESCED_MMIO ? coalesced_register(vm, &zone) :
						    coalesced_unregister(vm, &zone);
}

static long vm_ioeventfd(struct vm *vm, void __user *user)
{
	struct kvm_ioeventfd arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	return ioeventfd_ioctl(vm, &arg);
}

static long vm_irqfd(struct vm *vm, void __user *user)
{
	struct kvm_irqfd arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	return irqfd_ioctl(vm, &arg);
}

static long vm_set_tsc_khz(struct vm *vm, u32 khz)
{
	int r = tsc_check_khz(&khz);

	if (!r)
		WRITE_ONCE(vm->guest_tsc_khz, khz);
	return r;
}

static long vm_get_clock(struct vm *vm, void __user *user)
{
	struct kvm_clock_data data;

	vm_clock_get(vm, &data);
	return copy_to_user(user, &data, sizeof(data)) ? -EFAULT : 0;
}

static long vm_set_clock(struct vm *vm, void __user *user)
{
	struct kvm_clock_data data;

	if (copy_from_user(&data, user, sizeof(data)))
		return -EFAULT;
	return vm_clock_set(vm, &data);
}

static long vm_get_held(struct vm *vm, void __user *user)
{
	struct vmxdbg_held held;

	vm_time_get_held(vm, &held);
	return copy_to_user(user, &held, sizeof(held)) ? -EFAULT : 0;
}

/* KVM has no poll() of a VM, so the kernel reports POLLIN and POLLOUT for one. */
static __poll_t vm_poll(struct file *file, poll_table *wait)
{
	struct vm *vm = file->private_data;

	poll_wait(file, &vm->time_wq, wait);
	/* The caller is in the wait queue, so a change from here on wakes it. */
	smp_mb();
	return READ_ONCE(vm->time.held) ? EPOLLPRI : EPOLLOUT | EPOLLWRNORM;
}

static long vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vm *vm = file->private_data;
	void __user *user = (void __user *)arg;

	/* As in KVM, only the process that created the VM may use it. */
	if (cmd != VMXDBG_HOLD && current->mm != vm->mm)
		return -EIO;
	switch (cmd) {
	case KVM_CREATE_VCPU:
		return vcpu_create_fd(vm, arg);
	case KVM_SET_USER_MEMORY_REGION:
		return vm_set_memory(vm, user);
	case KVM_SET_USER_MEMORY_REGION2:
		return vm_set_memory2(vm, user);
	case KVM_GET_DIRTY_LOG:
		return vm_get_dirty_log(vm, user);
	case KVM_CLEAR_DIRTY_LOG:
		return vm_clear_dirty_log(vm, user);
	case KVM_CHECK_EXTENSION:
		return vm_check_extension(vm, arg);
	case KVM_SET_TSS_ADDR:
		return arg > TSS_ADDR_MAX ? -EINVAL : 0;
	case KVM_SET_IDENTITY_MAP_ADDR:
		return vm_set_identity_map(vm, user);
	case KVM_SET_NR_MMU_PAGES:
		return arg < MMU_PAGES_MIN ? -EINVAL : 0;
	case KVM_X86_SET_MSR_FILTER:
		return vm_set_msr_filter(vm, user);
	case KVM_ENABLE_CAP:
		return vm_enable_cap(vm, user);
	case KVM_REGISTER_COALESCED_MMIO:
	case KVM_UNREGISTER_COALESCED_MMIO:
		return vm_coalesce(vm, cmd, user);
	case KVM_IOEVENTFD:
		return vm_ioeventfd(vm, user);
	case KVM_CREATE_IRQCHIP:
		return irqchip_create(vm);
	case KVM_GET_IRQCHIP:
		return irqchip_get(vm, user);
	case KVM_SET_IRQCHIP:
		return irqchip_set(vm, user);
	case KVM_CREATE_PIT:
	case KVM_CREATE_PIT2:
	case KVM_GET_PIT:
	case KVM_SET_PIT:
	case KVM_GET_PIT2:
	case KVM_SET_PIT2:
	case KVM_REINJECT_CONTROL:
		return pit_ioctl(vm, cmd, user);
	case KVM_IRQ_LINE:
	case KVM_IRQ_LINE_STATUS:
		return irqchip_line(vm, cmd, user);
	case KVM_IRQFD:
		return vm_irqfd(vm, user);
	case KVM_SET_GSI_ROUTING:
	case KVM_SIGNAL_MSI:
	case KVM_SET_BOOT_CPU_ID:
		return irq_vm_ioctl(vm, cmd, user);
	case KVM_GET_TSC_KHZ:
		return READ_ONCE(vm->guest_tsc_khz);
	case KVM_SET_TSC_KHZ:
		return vm_set_tsc_khz(vm, arg);
	case KVM_GET_STATS_FD:
		return stats_fd_of_vm(vm);
	case KVM_GET_CLOCK:
		return vm_get_clock(vm, user);
	case KVM_SET_CLOCK:
		return vm_set_clock(vm, user);
	case VMXDBG_HOLD:
		return stop_hold(vm, arg);
	case VMXDBG_GET_HELD:
		return vm_get_held(vm, user);
	default:
		return -ENOTTY;
	}
}

static long vm_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vm *vm = file->private_data;
	void __user *user = compat_ptr(arg);
	long r = -ENOIOCTLCMD;

	if (current->mm == vm->mm)
		r = vm_compat_call(vm, cmd, user);
	return r == -ENOIOCTLCMD ? vm_ioctl(file, cmd, (unsigned long)user) : r;
}

static int vm_release(struct inode *inode, struct file *file)
{
	irqfd_release(file->private_data);
	vm_user_put(file->private_data);
	return 0;
}

static const struct file_operations vm_fops = {
	.owner = THIS_MODULE,
	.poll = vm_poll,
	.unlocked_ioctl = vm_ioctl,
	.compat_ioctl = vm_compat_ioctl,
	.release = vm_release,
	.llseek = noop_llseek,
};

struct vm *vm_from_file(struct file *file)
{
	return file->f_op == &vm_fops ? file->private_data : NULL;
}

int vm_create_fd(unsigned long type)
{
	struct vm *vm;
	int r;

	if (type)
		return -EINVAL;
	r = vm_create(&vm);
	if (r)
		return r;
	r = anon_inode_getfd("kvm-vm", &vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (r < 0)
		vm_user_put(vm);
	return r;
}
