// SPDX-License-Identifier: GPL-2.0-only
/* The file descriptor of a VM, and the ioctls on it. */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/cpumask.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/guest_debug.h"
#include "debug/stop.h"
#include "ioctl/irq_ioctl.h"
#include "ioctl/irqchip_ioctl.h"
#include "ioctl/pit_ioctl.h"
#include "ioctl/stats_fd.h"
#include "ioctl/vcpu_ioctl.h"
#include "ioctl/vm_compat.h"
#include "ioctl/vm_ioctl.h"
#include "ioctl/vm_life.h"
#include "irq/ioeventfd.h"
#include "irq/irqfd.h"
#include "irq/vm_time.h"
#include "mmu/dirty_log.h"
#include "mmu/memslot.h"
#include "run/coalesced.h"
#include "vcpu.h"
#include "vcpu/msr_filter.h"
#include "vcpu/pv.h"
#include "vcpu/steal.h"
#include "vcpu/tsc.h"
#include "vcpu/vm_clock.h"
#include "vm.h"
#include "vmxdbg.h"

/*
 * The value of KVM_CAP_IRQ_ROUTING, as in KVM. QEMU 7.2 needs it even for a VM that
 * will have no in-kernel interrupt controller.
 */
#define VM_MAX_IRQ_ROUTES	4096

/* KVM_CHECK_EXTENSION: 0 for all that is not supported. */
long vm_check_extension(unsigned long cap)
{
	switch (cap) {
	case KVM_CAP_USER_MEMORY:
	case KVM_CAP_EXT_CPUID:
	case KVM_CAP_SYNC_MMU:
	case KVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case KVM_CAP_JOIN_MEMORY_REGIONS_WORKS:
	case KVM_CAP_READONLY_MEM:
	case KVM_CAP_SET_GUEST_DEBUG:
	case KVM_CAP_DEBUGREGS:
	case KVM_CAP_X86_ROBUST_SINGLESTEP:
	case KVM_CAP_IMMEDIATE_EXIT:
	case KVM_CAP_SET_TSS_ADDR:
	case KVM_CAP_SET_IDENTITY_MAP_ADDR:
	case KVM_CAP_GET_TSC_KHZ:
	case KVM_CAP_USER_NMI:
	case KVM_CAP_HLT:
	case KVM_CAP_MP_STATE:
	case KVM_CAP_VCPU_EVENTS:
	case KVM_CAP_XSAVE:
	case KVM_CAP_XCRS:
	case KVM_CAP_SREGS2:
	case KVM_CAP_GET_MSR_FEATURES:
	case KVM_CAP_INTERNAL_ERROR_DATA:
	case KVM_CAP_ENABLE_CAP:
	case KVM_CAP_ENABLE_CAP_VM:
	case KVM_CAP_X86_TRIPLE_FAULT_EVENT:
	case KVM_CAP_EXCEPTION_PAYLOAD:
	case KVM_CAP_BINARY_STATS_FD:
	case KVM_CAP_EXIT_ON_EMULATION_FAILURE:
	case KVM_CAP_VCPU_ATTRIBUTES:
	case KVM_CAP_SYS_ATTRIBUTES:
	case KVM_CAP_CHECK_EXTENSION_VM:
	case KVM_CAP_COALESCED_PIO:
	case KVM_CAP_MMU_SHADOW_CACHE_CONTROL:
	case KVM_CAP_X86_USER_SPACE_MSR:
	case KVM_CAP_X86_MSR_FILTER:
	case KVM_CAP_IOEVENTFD:
	case KVM_CAP_IRQFD:
	case KVM_CAP_IRQFD_RESAMPLE:
	case KVM_CAP_IOEVENTFD_NO_LENGTH:
	case KVM_CAP_IOEVENTFD_ANY_LENGTH:
	case KVM_CAP_IRQCHIP:
	case KVM_CAP_PIT:
	case KVM_CAP_PIT2:
	case KVM_CAP_PIT_STATE2:
	case KVM_CAP_REINJECT_CONTROL:
	case KVM_CAP_IRQ_INJECT_STATUS:
	case KVM_CAP_IOAPIC_POLARITY_IGNORED:
	case KVM_CAP_SPLIT_IRQCHIP:
	case KVM_CAP_SIGNAL_MSI:
	case KVM_CAP_SET_BOOT_CPU_ID:
	case KVM_CAP_TSC_DEADLINE_TIMER:
	case KVM_CAP_DISABLE_QUIRKS:
	case KVM_CAP_NOP_IO_DELAY:
	case KVM_CAP_ENFORCE_PV_FEATURE_CPUID:
		return 1;
	case KVM_CAP_CLOCKSOURCE:
	case KVM_CAP_KVMCLOCK_CTRL:
		return pv_clock_available();
	case KVM_CAP_STEAL_TIME:
		return steal_available();
	case KVM_CAP_COALESCED_MMIO:
		return KVM_COALESCED_MMIO_PAGE_OFFSET;
	case KVM_CAP_X2APIC_API:
		return KVM_X2APIC_API_USE_32BIT_IDS | KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK;
	case KVM_CAP_SET_GUEST_DEBUG2:
		return GUEST_DEBUG_VALID;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return DIRTY_LOG_MANUAL;
	case KVM_CAP_X86_DISABLE_EXITS:
		return KVM_X86_DISABLE_EXITS_PAUSE;
	case KVM_CAP_ADJUST_CLOCK:
		return VM_CLOCK_FLAGS;
	case KVM_CAP_SYNC_REGS:
		return KVM_SYNC_X86_VALID_FIELDS;
	case KVM_CAP_XSAVE2:
		return sizeof(struct kvm_xsave);
	case KVM_CAP_MCE:
		return MCE_MAX_BANKS;
	case KVM_CAP_IRQ_ROUTING:
		return VM_MAX_IRQ_ROUTES;
	case KVM_CAP_NR_VCPUS:
		return min_t(unsigned int, num_online_cpus(), VM_MAX_VCPUS);
	case KVM_CAP_MAX_VCPUS:
		return VM_MAX_VCPUS;
	case KVM_CAP_MAX_VCPU_ID:
		return VCPU_IDS;
	case KVM_CAP_NR_MEMSLOTS:
		return VM_MAX_SLOTS;
	default:
		return 0;
	}
}

static long vm_set_memory(struct vm *vm, void __user *user)
{
	struct kvm_userspace_memory_region region;

	if (copy_from_user(&region, user, sizeof(region)))
		return -EFAULT;
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

/* Said once, before there is a vCPU */
static long vm_limit_vcpu_ids(struct vm *vm, u64 ids)
{
	long r = 0;

	if (ids > VCPU_IDS)
		return -EINVAL;
	mutex_lock(&vm->lock);
	if (!vm->vcpu_ids)
		vm->vcpu_ids = ids;
	else if (vm->vcpu_ids != ids)
		r = -EINVAL;
	mutex_unlock(&vm->lock);
	return r;
}

#define MSR_EXITS	((u64)(KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN |	\
			       KVM_MSR_EXIT_REASON_FILTER))

static long vm_enable_cap(struct vm *vm, void __user *user)
{
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, user, sizeof(cap)))
		return -EFAULT;
	if (cap.flags)
		return -EINVAL;
	switch (cap.cap) {
	case KVM_CAP_EXIT_ON_EMULATION_FAILURE:
		if (cap.args[0] & ~1ULL)
			return -EINVAL;
		WRITE_ONCE(vm->emulation_exits, cap.args[0]);
		return 0;
	/* PAUSE never exits. */
	case KVM_CAP_X86_DISABLE_EXITS:
		if (cap.args[0] & ~(u64)KVM_X86_DISABLE_EXITS_PAUSE)
			return -EINVAL;
		if (cap.args[0])
			WRITE_ONCE(vm->pauses_pass, true);
		return 0;
	case KVM_CAP_EXCEPTION_PAYLOAD:
		WRITE_ONCE(vm->exception_payload, !!cap.args[0]);
		return 0;
	case KVM_CAP_X86_TRIPLE_FAULT_EVENT:
		WRITE_ONCE(vm->triple_fault_event, !!cap.args[0]);
		return 0;
	case KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2:
		return dirty_log_manual(vm, cap.args[0]);
	case KVM_CAP_MAX_VCPU_ID:
		return vm_limit_vcpu_ids(vm, cap.args[0]);
	case KVM_CAP_X86_USER_SPACE_MSR:
		if (cap.args[0] & ~MSR_EXITS)
			return -EINVAL;
		WRITE_ONCE(vm->msr_exits, cap.args[0]);
		return 0;
	case KVM_CAP_SPLIT_IRQCHIP:
		return irq_enable_split(vm, cap.args[0]);
	case KVM_CAP_X2APIC_API:
		return irq_enable_x2apic_api(vm, cap.args[0]);
	case KVM_CAP_DISABLE_QUIRKS:
		return irq_disable_quirks(vm, cap.args[0]);
	default:
		return -EINVAL;
	}
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
	case KVM_GET_DIRTY_LOG:
		return vm_get_dirty_log(vm, user);
	case KVM_CLEAR_DIRTY_LOG:
		return vm_clear_dirty_log(vm, user);
	case KVM_CHECK_EXTENSION:
		return vm_check_extension(arg);
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
