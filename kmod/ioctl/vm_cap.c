// SPDX-License-Identifier: GPL-2.0-only
/* Capabilities: what KVM_CHECK_EXTENSION answers, and what KVM_ENABLE_CAP turns on. */
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/kvm.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "debug/guest_debug.h"
#include "ioctl/irq_ioctl.h"
#include "ioctl/vm_cap.h"
#include "kvm_newer.h"
#include "mmu/dirty_log.h"
#include "mmu/memslot.h"
#include "run/coalesced.h"
#include "vcpu.h"
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

#define MSR_EXITS	((u64)(KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN |	\
			       KVM_MSR_EXIT_REASON_FILTER))

/*
 * Without patches of a guest's VMMCALL, and no device without coherent DMA, there is no
 * KVM_X86_QUIRK_FIX_HYPERCALL_INSN, and KVM_X86_QUIRK_CD_NW_CLEARED has no effect.
 */
#define QUIRKS	(KVM_X86_QUIRK_LINT0_REENABLED | KVM_X86_QUIRK_CD_NW_CLEARED |		\
		 KVM_X86_QUIRK_LAPIC_MMIO_HOLE | KVM_X86_QUIRK_OUT_7E_INC_RIP |		\
		 KVM_X86_QUIRK_MISC_ENABLE_NO_MWAIT | KVM_X86_QUIRK_MWAIT_NEVER_UD_FAULTS)

struct capability {
	unsigned int value;		/* KVM_CHECK_EXTENSION's answer, if it is always the same */
	unsigned int (*answer)(const struct vm *vm);	/* @vm: NULL: the device's */
	/* KVM_ENABLE_CAP, with its first argument; NULL: nothing to enable */
	int (*enable)(struct vm *vm, u64 arg);
};

/* ---- answers ---- */

static unsigned int clock_source(const struct vm *vm)
{
	return pv_clock_available();
}

static unsigned int steal_time(const struct vm *vm)
{
	return steal_available();
}

static unsigned int bus_tick(const struct vm *vm)
{
	return vm ? READ_ONCE(vm->bus_tick_ns) : 1;
}

static unsigned int tsc_control(const struct vm *vm)
{
	return tsc_can_scale();
}

static unsigned int vcpus_advised(const struct vm *vm)
{
	return min_t(unsigned int, num_online_cpus(), VM_MAX_VCPUS);
}

/* ---- what is turned on ---- */

static int set_emulation_exits(struct vm *vm, u64 on)
{
	if (on & ~1ULL)
		return -EINVAL;
	WRITE_ONCE(vm->emulation_exits, on);
	return 0;
}

/* PAUSE of new vCPUs never exits. */
static int disable_exits(struct vm *vm, u64 exits)
{
	if (exits & ~(u64)KVM_X86_DISABLE_EXITS_PAUSE)
		return -EINVAL;
	if (exits)
		WRITE_ONCE(vm->pauses_pass, true);
	return 0;
}

static int set_exception_payload(struct vm *vm, u64 on)
{
	WRITE_ONCE(vm->exception_payload, !!on);
	return 0;
}

static int set_triple_fault_event(struct vm *vm, u64 on)
{
	WRITE_ONCE(vm->triple_fault_event, !!on);
	return 0;
}

static int show_platform_info(struct vm *vm, u64 on)
{
	WRITE_ONCE(vm->platform_info_hidden, !on);
	return 0;
}

static int set_msr_exits(struct vm *vm, u64 reasons)
{
	if (reasons & ~MSR_EXITS)
		return -EINVAL;
	WRITE_ONCE(vm->msr_exits, reasons);
	return 0;
}

/* Any bits: an old VMM does not ask which there are. Those that are not set are on again. */
static int disable_quirks(struct vm *vm, u64 quirks)
{
	WRITE_ONCE(vm->quirks_off, quirks);
	return 0;
}

static int disable_known_quirks(struct vm *vm, u64 quirks)
{
	if (quirks & ~(u64)QUIRKS)
		return -EINVAL;
	return disable_quirks(vm, quirks);
}

/* Said once, before there is a vCPU */
static int limit_vcpu_ids(struct vm *vm, u64 ids)
{
	int r = 0;

	if (ids > VCPU_IDS)
		return -EINVAL;
	mutex_lock(&vm->lock);
	if (vm->irq.bsp > ids)
		r = -EINVAL;
	else if (!vm->vcpu_ids)
		vm->vcpu_ids = ids;
	else if (vm->vcpu_ids != ids)
		r = -EINVAL;
	mutex_unlock(&vm->lock);
	return r;
}

/* Capabilities without a row have the answer 0. */
static const struct capability capabilities[] = {
	[KVM_CAP_USER_MEMORY] = { 1 },
	[KVM_CAP_EXT_CPUID] = { 1 },
	[KVM_CAP_SYNC_MMU] = { 1 },
	[KVM_CAP_DESTROY_MEMORY_REGION_WORKS] = { 1 },
	[KVM_CAP_JOIN_MEMORY_REGIONS_WORKS] = { 1 },
	[KVM_CAP_READONLY_MEM] = { 1 },
	[KVM_CAP_USER_MEMORY2] = { 1 },
	[KVM_CAP_SET_GUEST_DEBUG] = { 1 },
	[KVM_CAP_DEBUGREGS] = { 1 },
	[KVM_CAP_X86_ROBUST_SINGLESTEP] = { 1 },
	[KVM_CAP_IMMEDIATE_EXIT] = { 1 },
	[KVM_CAP_SET_TSS_ADDR] = { 1 },
	[KVM_CAP_SET_IDENTITY_MAP_ADDR] = { 1 },
	[KVM_CAP_GET_TSC_KHZ] = { 1 },
	[KVM_CAP_TSC_CONTROL] = { .answer = tsc_control },
	[KVM_CAP_VM_TSC_CONTROL] = { .answer = tsc_control },
	[KVM_CAP_USER_NMI] = { 1 },
	[KVM_CAP_HLT] = { 1 },
	[KVM_CAP_MP_STATE] = { 1 },
	[KVM_CAP_VAPIC] = { 1 },
	[KVM_CAP_VCPU_EVENTS] = { 1 },
	[KVM_CAP_XSAVE] = { 1 },
	[KVM_CAP_XCRS] = { 1 },
	[KVM_CAP_SREGS2] = { 1 },
	[KVM_CAP_GET_MSR_FEATURES] = { 1 },
	[KVM_CAP_INTERNAL_ERROR_DATA] = { 1 },
	[KVM_CAP_ENABLE_CAP] = { 1 },
	[KVM_CAP_ENABLE_CAP_VM] = { 1 },
	[KVM_CAP_X86_TRIPLE_FAULT_EVENT] = { 1, .enable = set_triple_fault_event },
	[KVM_CAP_EXCEPTION_PAYLOAD] = { 1, .enable = set_exception_payload },
	[KVM_CAP_BINARY_STATS_FD] = { 1 },
	[KVM_CAP_EXIT_ON_EMULATION_FAILURE] = { 1, .enable = set_emulation_exits },
	[KVM_CAP_VCPU_ATTRIBUTES] = { 1 },
	[KVM_CAP_SYS_ATTRIBUTES] = { 1 },
	[KVM_CAP_CHECK_EXTENSION_VM] = { 1 },
	[KVM_CAP_COALESCED_PIO] = { 1 },
	[KVM_CAP_MMU_SHADOW_CACHE_CONTROL] = { 1 },
	[KVM_CAP_X86_USER_SPACE_MSR] = { 1, .enable = set_msr_exits },
	[KVM_CAP_X86_MSR_FILTER] = { 1 },
	[KVM_CAP_MSR_PLATFORM_INFO] = { 1, .enable = show_platform_info },
	[KVM_CAP_IOEVENTFD] = { 1 },
	[KVM_CAP_IRQFD] = { 1 },
	[KVM_CAP_IRQFD_RESAMPLE] = { 1 },
	[KVM_CAP_IOEVENTFD_NO_LENGTH] = { 1 },
	[KVM_CAP_IOEVENTFD_ANY_LENGTH] = { 1 },
	[KVM_CAP_IRQCHIP] = { 1 },
	[KVM_CAP_PIT] = { 1 },
	[KVM_CAP_PIT2] = { 1 },
	[KVM_CAP_PIT_STATE2] = { 1 },
	[KVM_CAP_REINJECT_CONTROL] = { 1 },
	[KVM_CAP_IRQ_INJECT_STATUS] = { 1 },
	[KVM_CAP_IOAPIC_POLARITY_IGNORED] = { 1 },
	[KVM_CAP_SPLIT_IRQCHIP] = { 1, .enable = irq_enable_split },
	[KVM_CAP_SIGNAL_MSI] = { 1 },
	[KVM_CAP_SET_BOOT_CPU_ID] = { 1 },
	[KVM_CAP_VM_TYPES] = { BIT(0) },
	[KVM_CAP_PRE_FAULT_MEMORY] = { 1 },
	[KVM_CAP_X86_APIC_BUS_CYCLES_NS] = { .answer = bus_tick, .enable = irq_enable_bus_tick },
	[KVM_CAP_TSC_DEADLINE_TIMER] = { 1 },
	[KVM_CAP_DISABLE_QUIRKS] = { 1, .enable = disable_quirks },
	[KVM_CAP_DISABLE_QUIRKS2] = { QUIRKS, .enable = disable_known_quirks },
	[KVM_CAP_NOP_IO_DELAY] = { 1 },
	[KVM_CAP_ENFORCE_PV_FEATURE_CPUID] = { 1 },
	[KVM_CAP_CLOCKSOURCE] = { .answer = clock_source },
	[KVM_CAP_KVMCLOCK_CTRL] = { .answer = clock_source },
	[KVM_CAP_STEAL_TIME] = { .answer = steal_time },
	[KVM_CAP_COALESCED_MMIO] = { KVM_COALESCED_MMIO_PAGE_OFFSET },
	[KVM_CAP_X2APIC_API] = { X2APIC_API_FLAGS, .enable = irq_enable_x2apic_api },
	[KVM_CAP_SET_GUEST_DEBUG2] = { GUEST_DEBUG_VALID },
	[KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2] = { DIRTY_LOG_MANUAL, .enable = dirty_log_manual },
	[KVM_CAP_X86_DISABLE_EXITS] = { KVM_X86_DISABLE_EXITS_PAUSE, .enable = disable_exits },
	[KVM_CAP_ADJUST_CLOCK] = { VM_CLOCK_FLAGS },
	[KVM_CAP_SYNC_REGS] = { KVM_SYNC_X86_VALID_FIELDS },
	[KVM_CAP_XSAVE2] = { sizeof(struct kvm_xsave) },
	[KVM_CAP_MCE] = { MCE_MAX_BANKS },
	[KVM_CAP_IRQ_ROUTING] = { VM_MAX_IRQ_ROUTES },
	[KVM_CAP_NR_VCPUS] = { .answer = vcpus_advised },
	[KVM_CAP_MAX_VCPUS] = { VM_MAX_VCPUS },
	[KVM_CAP_MAX_VCPU_ID] = { VCPU_IDS, .enable = limit_vcpu_ids },
	[KVM_CAP_NR_MEMSLOTS] = { VM_MAX_SLOTS },
};

static const struct capability *find_capability(unsigned long cap)
{
	if (cap >= ARRAY_SIZE(capabilities))
		return NULL;
	return &capabilities[array_index_nospec(cap, ARRAY_SIZE(capabilities))];
}

long vm_check_extension(const struct vm *vm, unsigned long cap)
{
	const struct capability *found = find_capability(cap);

	if (!found)
		return 0;
	return found->answer ? found->answer(vm) : found->value;
}

long vm_enable_cap(struct vm *vm, void __user *user)
{
	const struct capability *found;
	struct kvm_enable_cap cap;

	if (copy_from_user(&cap, user, sizeof(cap)))
		return -EFAULT;
	found = find_capability(cap.cap);
	if (cap.flags || !found || !found->enable)
		return -EINVAL;
	return found->enable(vm, cap.args[0]);
}
