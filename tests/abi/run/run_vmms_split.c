// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMMs that have local APICs in the kernel, and their own I/O APIC and PIC: the calls of
 * their start, in their order. Documentation/vmms.rst has the versions.
 */
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "apic.h"
#include "startup.h"

#define PINS		24	/* of the VMM's I/O APIC */
#define DEVICE_GSI	24	/* the first beyond */

static struct boot b;

static struct kvm_irq_routing_entry msi_route(u32 gsi, u32 vector)
{
	return (struct kvm_irq_routing_entry) {
		.gsi = gsi, .type = KVM_IRQ_ROUTING_MSI,
		.u.msi = { .address_lo = APIC_BASE, .data = vector },
	};
}

/* Routes of all pins of the VMM's I/O APIC, to @vector or, with 0, to nothing yet */
static void route_pins(u32 vector)
{
	struct kvm_irq_routing_entry entries[PINS];
	unsigned int i;

	for (i = 0; i < PINS; i++)
		entries[i] = msi_route(i, vector);
	CHECK_OK(startup_set_routes(&b.vm, entries, PINS));
}

static void add_vcpus(void)
{
	vm_add_vcpu(&b.vm, 0);
	vm_add_vcpu(&b.vm, 1);
}

static void cloud_hypervisor(void)
{
	static const struct capability needs[] = {
		CAPABILITY(ADJUST_CLOCK), CAPABILITY(EXT_CPUID), CAPABILITY(GET_TSC_KHZ),
		CAPABILITY(IMMEDIATE_EXIT), CAPABILITY(IOEVENTFD), CAPABILITY(IRQCHIP),
		CAPABILITY(IRQFD), CAPABILITY(IRQ_ROUTING), CAPABILITY(MP_STATE),
		CAPABILITY(SET_IDENTITY_MAP_ADDR), CAPABILITY(SET_TSS_ADDR),
		CAPABILITY(SPLIT_IRQCHIP), CAPABILITY(TSC_DEADLINE_TIMER),
		CAPABILITY(USER_MEMORY), CAPABILITY(USER_NMI), CAPABILITY(VCPU_EVENTS),
		CAPABILITY(XSAVE),
	};
	struct kvm_irq_routing_entry route = msi_route(DEVICE_GSI, BOOT_VECTOR);
	u64 identity_map = 0xfeffc000;
	struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = 0x1f80 };
	u32 msrs[512];
	unsigned int i;
	int event;

	startup_open(&b.vm);
	startup_capabilities(b.vm.dev, needs, ARRAY_SIZE(needs));
	startup_vm(&b.vm);
	startup_msr_list(b.vm.dev, msrs, ARRAY_SIZE(msrs));
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map));
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xfeffd000));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_SPLIT_IRQCHIP, PINS));
	boot_memory(&b, BOOT_XAPIC);
	add_vcpus();
	for (i = 0; i < 2; i++) {
		CHECK(ioctl(b.vm.vcpu[i].fd, KVM_GET_TSC_KHZ, 0) > 0);
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_X2APIC | CPUID_DEADLINE);
		startup_msrs(&b.vm.vcpu[i]);
		if (!i)
			boot_registers(&b);
		CHECK_OK(ioctl(b.vm.vcpu[i].fd, KVM_SET_FPU, &fpu));
		startup_lint(&b.vm.vcpu[i]);
	}
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 0, 0);
	CHECK_OK(startup_set_routes(&b.vm, &route, 1));
	event = startup_irqfd(&b.vm, DEVICE_GSI, -1);
	boot_run(&b);
	startup_signal(event);
	boot_end(&b);
}

/* KVM forgets its own routes of chips once the VMM has said that it has those. */
static void crosvm_split(void)
{
	struct kvm_irq_routing_entry route = msi_route(DEVICE_GSI, BOOT_VECTOR);
	u64 identity_map = 0xfeffc000;
	unsigned int i;
	int event;

	startup_open(&b.vm);
	startup_vm(&b.vm);
	boot_memory(&b, BOOT_XAPIC);
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map));
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xfeffd000));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_SPLIT_IRQCHIP, PINS));
	route_pins(0);
	add_vcpus();
	for (i = 0; i < 2; i++) {
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_X2APIC | CPUID_DEADLINE);
		boot_registers(&b);
		startup_msrs(&b.vm.vcpu[i]);
		startup_lint(&b.vm.vcpu[i]);
	}
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 4, 0);
	event = startup_irqfd(&b.vm, DEVICE_GSI, -1);
	boot_run(&b);
	CHECK_OK(startup_set_routes(&b.vm, &route, 1));
	startup_signal(event);
	boot_end(&b);
}

/* Set MSRs one at a time, as OpenVMM does: each must be there. */
static void must_set(struct vcpu *v, u32 index, u64 val)
{
	if (!CHECK_EQ(set_msr(v, index, val), 1))
		tap_note("MSR %#x", index);
}

static void openvmm(void)
{
	struct kvm_irq_routing_entry route = msi_route(DEVICE_GSI, BOOT_VECTOR);
	const u64 cmci = 1 << 10;
	u64 mce = 0, cap;
	unsigned int i;
	int event;

	startup_open(&b.vm);
	CHECK_OK(ioctl(b.vm.dev, KVM_X86_GET_MCE_CAP_SUPPORTED, &mce));
	startup_vm(&b.vm);
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_DISABLE_QUIRKS, KVM_X86_QUIRK_LINT0_REENABLED));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_SPLIT_IRQCHIP, PINS));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_X2APIC_API, KVM_X2APIC_API_USE_32BIT_IDS));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_X86_USER_SPACE_MSR, KVM_MSR_EXIT_REASON_UNKNOWN));
	add_vcpus();
	CHECK_OK(startup_set_routes(&b.vm, NULL, 0));
	boot_memory(&b, BOOT_X2APIC);
	for (i = 0; i < 2; i++) {
		struct vcpu *v = &b.vm.vcpu[i];

		must_set(v, 0x1a0, 0x851809);	/* MISC_ENABLE */
		must_set(v, 0x3a, 1);		/* FEATURE_CONTROL, locked */
		cap = get_msr(v, 0x179) | cmci;
		if (mce & cmci)
			CHECK_OK(ioctl(v->fd, KVM_X86_SETUP_MCE, &cap));
		startup_cpuid(v, i, CPUID_X2APIC | CPUID_DEADLINE);
		CHECK_EQ(apic_get(v, APIC_LVT0), LVT_MASKED);
	}
	boot_registers(&b);
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 4, 0);
	CHECK_OK(startup_set_routes(&b.vm, &route, 1));
	event = startup_irqfd(&b.vm, DEVICE_GSI, -1);
	boot_run(&b);
	startup_signal(event);
	boot_end(&b);
}

/* Routes are for the pins of its I/O APIC; devices use KVM_SIGNAL_MSI. */
static void libkrun_split(void)
{
	static const struct capability needs[] = {
		CAPABILITY(IRQCHIP), CAPABILITY(IOEVENTFD), CAPABILITY(IRQFD),
		CAPABILITY(USER_MEMORY), CAPABILITY(SET_TSS_ADDR),
	};
	unsigned int i;

	startup_open(&b.vm);
	startup_capabilities(b.vm.dev, needs, ARRAY_SIZE(needs));
	CHECK(ioctl(b.vm.dev, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS) >= 32);
	startup_vm(&b.vm);
	boot_memory(&b, BOOT_XAPIC);
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_SPLIT_IRQCHIP, PINS));
	route_pins(0);
	add_vcpus();
	for (i = 0; i < 2; i++) {
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_DEADLINE);
		startup_msrs(&b.vm.vcpu[i]);
		boot_registers(&b);
		startup_lint(&b.vm.vcpu[i]);
	}
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 0, 0);
	boot_run(&b);
	route_pins(BOOT_VECTOR);
	CHECK_EQ(send_msi(&b.vm, APIC_BASE, BOOT_VECTOR), 1);
	boot_end(&b);
}

static void only_sigusr1(struct vcpu *v)
{
	struct {
		struct kvm_signal_mask head;
		u8 set[8];
	} mask = { .head.len = 8 };
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGUSR1);
	memcpy((u8 *)&mask + offsetof(struct kvm_signal_mask, sigset), &set, 8);
	CHECK_OK(ioctl(v->fd, KVM_SET_SIGNAL_MASK, &mask));
}

/* The MSRs that are left to the kernel; others are the VMM's. */
static void vbox_filter(void)
{
	static u64 low[0x200], high[0x200];
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_DENY,
		.ranges = {
			{ .flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			  .base = 0, .nmsrs = 0x3000, .bitmap = (u8 *)low },
			{ .flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			  .base = 0xc0000000, .nmsrs = 0x3000, .bitmap = (u8 *)high },
		},
	};

	/* TSC, SYSENTER, PAT, the deadline; EFER, SYSCALL's, FS, GS */
	low[0x10 / 64] |= 1ULL << 0x10 % 64;
	low[0x174 / 64] |= 7ULL << 0x174 % 64;
	low[0x277 / 64] |= 1ULL << 0x277 % 64;
	low[0x6e0 / 64] |= 1ULL << 0x6e0 % 64;
	high[0x80 / 64] |= 0x1fULL;
	high[0x100 / 64] |= 0xfULL;
	CHECK_OK(ioctl(b.vm.fd, KVM_X86_SET_MSR_FILTER, &filter));
}

static void virtualbox_kvm(void)
{
	const u64 exits = KVM_MSR_EXIT_REASON_FILTER | KVM_MSR_EXIT_REASON_UNKNOWN |
			  KVM_MSR_EXIT_REASON_INVAL;
	unsigned int i;

	startup_open(&b.vm);
	startup_vm(&b.vm);
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_X86_USER_SPACE_MSR, exits));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_SPLIT_IRQCHIP, PINS));
	add_vcpus();
	boot_memory(&b, BOOT_XAPIC);
	for (i = 0; i < 2; i++) {
		b.vm.vcpu[i].run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS |
						   KVM_SYNC_X86_EVENTS;
		only_sigusr1(&b.vm.vcpu[i]);
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_DEADLINE);
	}
	vbox_filter();
	CHECK_OK(set_mp_state(&b.vm.vcpu[0], KVM_MP_STATE_RUNNABLE));
	CHECK_OK(set_mp_state(&b.vm.vcpu[1], KVM_MP_STATE_UNINITIALIZED));
	boot_registers(&b);
	route_pins(BOOT_VECTOR);
	boot_run(&b);
	CHECK_EQ(b.vm.vcpu[0].run->s.regs.regs.rip, get_rip(&b.vm.vcpu[0]));
	CHECK_EQ(send_msi(&b.vm, APIC_BASE, BOOT_VECTOR), 1);
	boot_end(&b);
}

static const struct test tests[] = {
	TEST(cloud_hypervisor),
	TEST(crosvm_split),
	TEST(openvmm),
	TEST(libkrun_split),
	TEST(virtualbox_kvm),
};

TAP_MAIN(tests)
