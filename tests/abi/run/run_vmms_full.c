// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMMs that have all interrupt controllers in the kernel: the calls of their start, in
 * their order. Documentation/vmms.rst has the versions.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apic.h"
#include "cpuid_list.h"
#include "startup.h"

static struct boot b;

static void create_pit(u32 flags)
{
	struct kvm_pit_config config = { .flags = flags };

	CHECK_OK(ioctl(b.vm.fd, KVM_CREATE_PIT2, &config));
}

static void add_vcpus(void)
{
	vm_add_vcpu(&b.vm, 0);
	vm_add_vcpu(&b.vm, 1);
}

/* ---- Firecracker ---- */

static void firecracker_start(void)
{
	static const struct capability needs[] = {
		CAPABILITY(IRQCHIP), CAPABILITY(IOEVENTFD), CAPABILITY(IRQFD),
		CAPABILITY(USER_MEMORY), CAPABILITY(SET_TSS_ADDR), CAPABILITY(PIT2),
		CAPABILITY(PIT_STATE2), CAPABILITY(ADJUST_CLOCK), CAPABILITY(DEBUGREGS),
		CAPABILITY(MP_STATE), CAPABILITY(VCPU_EVENTS), CAPABILITY(XCRS),
		CAPABILITY(XSAVE), CAPABILITY(EXT_CPUID),
	};
	u32 msrs[512];

	startup_open(&b.vm);
	startup_capabilities(b.vm.dev, needs, ARRAY_SIZE(needs));
	startup_vm(&b.vm);
	startup_msr_list(b.vm.dev, msrs, ARRAY_SIZE(msrs));
	CHECK(ioctl(b.vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2) >= 0);
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000));
	boot_memory(&b, BOOT_SPEAKER);
	CHECK_OK(ioctl(b.vm.fd, KVM_CREATE_IRQCHIP));
	create_pit(KVM_PIT_SPEAKER_DUMMY);
	add_vcpus();
}

/* Return: the irqfd of the guest's interrupt. */
static int firecracker_devices(void)
{
	struct kvm_irq_routing_entry routes[CHIP_ROUTES];
	int event;

	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 4, 0);
	event = startup_irqfd(&b.vm, BOOT_GSI, -1);
	startup_chip_routes(routes);
	CHECK_OK(startup_set_routes(&b.vm, routes, CHIP_ROUTES));
	return event;
}

static int firecracker_boot(void)
{
	unsigned int i;
	int event;

	firecracker_start();
	event = firecracker_devices();
	for (i = 0; i < 2; i++) {
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_DEADLINE | CPUID_HYPERVISOR);
		startup_msrs(&b.vm.vcpu[i]);
		if (!i)
			boot_registers(&b);
		startup_lint(&b.vm.vcpu[i]);
	}
	boot_run(&b);
	return event;
}

static void firecracker(void)
{
	startup_signal(firecracker_boot());
	boot_end(&b);
}

/* A snapshot, in the order of Firecracker's */
struct vcpu_snapshot {
	struct kvm_mp_state mp_state;
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debugregs;
	struct kvm_lapic_state lapic;
	struct kvm_vcpu_events events;
	struct kvm_xsave *xsave;
	struct cpuid_list cpuid;
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[512];
	} msrs;
	int tsc_khz;
};

struct vm_snapshot {
	struct kvm_pit_state2 pit;
	struct kvm_clock_data clock;
	struct kvm_irqchip chips[3];	/* by id */
};

static struct vcpu_snapshot vcpus[2];
static struct vm_snapshot chips;

static void save_msrs(struct vcpu *v, struct vcpu_snapshot *s)
{
	u32 indices[512];
	unsigned int i, nr = startup_msr_list(v->vm->dev, indices, ARRAY_SIZE(indices));

	/* Firecracker leaves out what would be refused, as MCG_CTL. */
	for (i = 0; i < nr; i++)
		if (indices[i] != 0x17b && (indices[i] & ~0xffU) != 0x40000000)
			s->msrs.entries[s->msrs.head.nmsrs++].index = indices[i];
	nr = s->msrs.head.nmsrs;
	if (!CHECK_EQ(ioctl(v->fd, KVM_GET_MSRS, &s->msrs), nr))
		tap_note("of %u MSRs", nr);
}

/* Complete the access that the vCPU has left KVM_RUN for, and nothing more. */
static void pause_vcpu(struct vcpu *v)
{
	v->run->immediate_exit = 1;
	CHECK_ERR(ioctl(v->fd, KVM_RUN, 0), EINTR);
	v->run->immediate_exit = 0;
}

static void save_vcpu(struct vcpu *v, struct vcpu_snapshot *s)
{
	int size = ioctl(v->vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2);

	CHECK_OK(ioctl(v->fd, KVM_GET_MP_STATE, &s->mp_state));
	get_regs(v, &s->regs);
	get_sregs(v, &s->sregs);
	s->xsave = calloc(1, size > 4096 ? size : 4096);
	REQUIRE(s->xsave);
	if (size)
		CHECK_OK(ioctl(v->fd, KVM_GET_XSAVE2, s->xsave));
	else
		CHECK_OK(ioctl(v->fd, KVM_GET_XSAVE, s->xsave));
	CHECK_OK(ioctl(v->fd, KVM_GET_XCRS, &s->xcrs));
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &s->debugregs));
	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s->lapic));
	s->tsc_khz = CHECK_OK(ioctl(v->fd, KVM_GET_TSC_KHZ, 0));
	s->cpuid.head.nent = ARRAY_SIZE(s->cpuid.entries);
	CHECK_OK(ioctl(v->fd, KVM_GET_CPUID2, &s->cpuid));
	save_msrs(v, s);
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &s->events));
}

static void save_vm(void)
{
	unsigned int i;

	CHECK_OK(ioctl(b.vm.fd, KVM_GET_PIT2, &chips.pit));
	CHECK_OK(ioctl(b.vm.fd, KVM_GET_CLOCK, &chips.clock));
	for (i = 0; i < 3; i++) {
		chips.chips[i].chip_id = i;
		CHECK_OK(ioctl(b.vm.fd, KVM_GET_IRQCHIP, &chips.chips[i]));
	}
}

static void restore_vcpu(struct vcpu *v, struct vcpu_snapshot *s)
{
	unsigned int nr = s->msrs.head.nmsrs;

	CHECK_EQ(ioctl(v->fd, KVM_GET_TSC_KHZ, 0), s->tsc_khz);
	CHECK_OK(ioctl(v->fd, KVM_SET_CPUID2, &s->cpuid));
	CHECK_OK(ioctl(v->fd, KVM_SET_MP_STATE, &s->mp_state));
	set_regs(v, &s->regs);
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s->sregs));
	CHECK_OK(ioctl(v->fd, KVM_SET_XSAVE, s->xsave));
	CHECK_OK(ioctl(v->fd, KVM_SET_XCRS, &s->xcrs));
	CHECK_OK(ioctl(v->fd, KVM_SET_DEBUGREGS, &s->debugregs));
	CHECK_OK(ioctl(v->fd, KVM_SET_LAPIC, &s->lapic));
	if (!CHECK_EQ(ioctl(v->fd, KVM_SET_MSRS, &s->msrs), nr))
		tap_note("of %u MSRs", nr);
	CHECK_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &s->events));
	/* for guests with KVM's clock; without one it is refused, and that does no harm */
	ioctl(v->fd, KVM_KVMCLOCK_CTRL, 0);
}

static void restore_vm(void)
{
	static const u32 order[] = {
		KVM_IRQCHIP_PIC_MASTER, KVM_IRQCHIP_PIC_SLAVE, KVM_IRQCHIP_IOAPIC,
	};
	unsigned int i;

	CHECK_OK(ioctl(b.vm.fd, KVM_SET_PIT2, &chips.pit));
	chips.clock.flags = 0;
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_CLOCK, &chips.clock));
	for (i = 0; i < 3; i++)
		CHECK_OK(ioctl(b.vm.fd, KVM_SET_IRQCHIP, &chips.chips[order[i]]));
}

/* Another VM goes on where the first has stopped, which waits for its interrupt. */
static void firecracker_snapshot(void)
{
	struct boot first;
	int event;

	firecracker_boot();
	pause_vcpu(&b.vm.vcpu[0]);
	pause_vcpu(&b.vm.vcpu[1]);
	save_vcpu(&b.vm.vcpu[0], &vcpus[0]);
	save_vcpu(&b.vm.vcpu[1], &vcpus[1]);
	save_vm();
	first = b;
	firecracker_start();
	memcpy(b.vm.mem, first.vm.mem, GUEST_RAM);
	vm_destroy(&first.vm);
	event = firecracker_devices();
	restore_vcpu(&b.vm.vcpu[0], &vcpus[0]);
	restore_vcpu(&b.vm.vcpu[1], &vcpus[1]);
	restore_vm();
	startup_signal(event);
	boot_end(&b);
}

/* ---- crosvm ---- */

/* A device's line is an irqfd, whose end the device hears of by another eventfd. */
static void crosvm(void)
{
	struct kvm_irq_routing_entry routes[CHIP_ROUTES];
	u64 identity_map = 0xfeffc000;
	unsigned int i;
	int event;

	startup_open(&b.vm);
	startup_vm(&b.vm);
	boot_memory(&b, BOOT_CHIPS);
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map));
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xfeffd000));
	CHECK_OK(ioctl(b.vm.fd, KVM_CREATE_IRQCHIP));
	create_pit(0);
	add_vcpus();
	startup_chip_routes(routes);
	CHECK_OK(startup_set_routes(&b.vm, routes, CHIP_ROUTES));
	for (i = 0; i < 2; i++) {
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_X2APIC | CPUID_DEADLINE);
		boot_registers(&b);
		startup_msrs(&b.vm.vcpu[i]);
		startup_lint(&b.vm.vcpu[i]);
		CHECK_EQ(mp_state(&b.vm.vcpu[i]),
			 i ? KVM_MP_STATE_UNINITIALIZED : KVM_MP_STATE_RUNNABLE);
	}
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 4, 0);
	event = startup_irqfd(&b.vm, BOOT_GSI, -1);
	boot_run(&b);
	startup_signal(event);
	boot_end(&b);
}

/* ---- libkrun ---- */

static void libkrun(void)
{
	static const struct capability needs[] = {
		CAPABILITY(IRQCHIP), CAPABILITY(IOEVENTFD), CAPABILITY(IRQFD),
		CAPABILITY(USER_MEMORY), CAPABILITY(SET_TSS_ADDR),
	};
	unsigned int i;
	int event;

	startup_open(&b.vm);
	startup_capabilities(b.vm.dev, needs, ARRAY_SIZE(needs));
	startup_vm(&b.vm);
	boot_memory(&b, BOOT_SPEAKER);
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000));
	CHECK_OK(ioctl(b.vm.fd, KVM_CREATE_IRQCHIP));
	create_pit(KVM_PIT_SPEAKER_DUMMY);
	add_vcpus();
	for (i = 0; i < 2; i++) {
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_HYPERVISOR);
		startup_msrs(&b.vm.vcpu[i]);
		boot_registers(&b);
		startup_lint(&b.vm.vcpu[i]);
	}
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 0, 0);
	event = startup_irqfd(&b.vm, BOOT_GSI, -1);
	boot_run(&b);
	startup_signal(event);
	boot_end(&b);
}

/* ---- lkvm ---- */

/* Real mode: it waits for IRQ 4 of the PIC, then writes to a zone whose writes are collected. */
GUEST16(bios,
	"xor %ax, %ax; mov %ax, %ds; mov %ax, %ss; mov $0x7000, %sp\n"
	"mov $0x11, %al; out %al, $0x20; mov $0x08, %al; out %al, $0x21\n"
	"mov $0x04, %al; out %al, $0x21; mov $0x01, %al; out %al, $0x21\n"
	"mov $0xef, %al; out %al, $0x21\n"
	"movl $bios_irq - bios_begin + 0x10000000, 0x30\n"	/* vector 0x0c: 0x1000:... */
	"out %al, $0x10\n"
	"1: sti; hlt; cli; cmpl $0, 0xc000; je 1b\n"
	"mov $0xb800, %ax; mov %ax, %es; movw $0x0741, %es:(0)\n"
	"out %al, $0x11; hlt\n"
	"bios_irq: push %ax; incl 0xc000; mov $0x20, %al; out %al, $0x20; pop %ax; iret");

static void real_mode(struct vcpu *v, u16 selector)
{
	struct kvm_regs regs = { .rflags = 2, .rsp = 0x8000, .rbp = 0x8000 };
	struct kvm_sregs s;

	get_sregs(v, &s);
	s.cs.selector = s.ss.selector = s.ds.selector = selector;
	s.es.selector = s.fs.selector = s.gs.selector = selector;
	s.cs.base = s.ss.base = s.ds.base = selector << 4;
	s.es.base = s.fs.base = s.gs.base = selector << 4;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	set_regs(v, &regs);
}

static void irq_line(u32 irq, u32 level)
{
	struct kvm_irq_level line = { .irq = irq, .level = level };

	CHECK_OK(ioctl(b.vm.fd, KVM_IRQ_LINE, &line));
}

/* Memory as in a PC, from which the screen's 0xb8000 is left out */
static void lkvm_memory(void)
{
	struct kvm_userspace_memory_region slot = { .memory_size = 0xa0000 };

	b.vm.size = GUEST_RAM;
	b.vm.mem = mmap(NULL, b.vm.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	REQUIRE(b.vm.mem != MAP_FAILED);
	slot.userspace_addr = (unsigned long)b.vm.mem;
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	memcpy(b.vm.mem + 0x10000, bios_begin, bios_end - bios_begin);
}

static void lkvm_routes(void)
{
	struct kvm_irq_routing_entry all[CHIP_ROUTES], used[CHIP_ROUTES];
	unsigned int i, nr = 0;

	startup_chip_routes(all);
	for (i = 0; i < CHIP_ROUTES; i++) {
		if (all[i].gsi == 2)
			continue;
		used[nr] = all[i];
		/* The PIT's interrupt is at pin 2 of the I/O APIC. */
		if (!all[i].gsi && all[i].u.irqchip.irqchip == KVM_IRQCHIP_IOAPIC)
			used[nr].u.irqchip.pin = 2;
		nr++;
	}
	CHECK_OK(startup_set_routes(&b.vm, used, nr));
}

static void lkvm(void)
{
	static const struct capability needs[] = {
		CAPABILITY(COALESCED_MMIO), CAPABILITY(SET_TSS_ADDR), CAPABILITY(PIT2),
		CAPABILITY(USER_MEMORY), CAPABILITY(IRQ_ROUTING), CAPABILITY(IRQCHIP),
		CAPABILITY(HLT), CAPABILITY(IRQ_INJECT_STATUS), CAPABILITY(EXT_CPUID),
	};
	struct kvm_coalesced_mmio_zone screen = { .addr = 0xb8000, .size = 0x8000 };
	struct kvm_coalesced_mmio_ring *ring;
	struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = 0x1f80 };
	struct vcpu *v;

	startup_open(&b.vm);
	startup_vm(&b.vm);
	startup_capabilities(b.vm.dev, needs, ARRAY_SIZE(needs));
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000));
	CHECK_OK(ioctl(b.vm.fd, KVM_CREATE_IRQCHIP));
	create_pit(0);
	lkvm_memory();
	v = vm_add_vcpu(&b.vm, 0);
	ring = (void *)((u8 *)v->run + 4096 * ioctl(b.vm.dev, KVM_CHECK_EXTENSION,
						    KVM_CAP_COALESCED_MMIO));
	startup_lint(v);
	lkvm_routes();
	CHECK_OK(ioctl(b.vm.fd, KVM_REGISTER_COALESCED_MMIO, &screen));
	startup_cpuid(v, 0, 0);
	real_mode(v, 0x1000);
	CHECK_OK(ioctl(v->fd, KVM_SET_FPU, &fpu));
	startup_msrs(v);
	vcpu_run_out(v, 0x10);
	irq_line(BOOT_GSI, 1);
	irq_line(BOOT_GSI, 0);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&b.vm, 0), 1);
	REQUIRE_EQ(ring->last, 1);
	CHECK_EQ(ring->coalesced_mmio[0].phys_addr, 0xb8000);
	CHECK_EQ(ring->coalesced_mmio[0].len, 2);
	CHECK_OK(ioctl(b.vm.fd, KVM_UNREGISTER_COALESCED_MMIO, &screen));
}

/* ---- uhyve ---- */

/* uhyve sets each MSR of the list to 0, and does not look how far that came. */
static void uhyve_msrs(struct vcpu *v)
{
	static struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[512];
	} msrs;
	u32 indices[512];
	unsigned int i;

	msrs.head.nmsrs = startup_msr_list(v->vm->dev, indices, ARRAY_SIZE(indices));
	for (i = 0; i < msrs.head.nmsrs; i++)
		msrs.entries[i].index = indices[i];
	msrs.entries[0] = (struct kvm_msr_entry) { .index = 0x1a0, .data = 1 };
	msrs.entries[1] = (struct kvm_msr_entry) { .index = 0x1b, .data = 1 };
	CHECK(ioctl(v->fd, KVM_SET_MSRS, &msrs) >= 1);
}

/* uhyve looks for these leaves, and ends without one. */
static void uhyve_leaves(void)
{
	static const u32 leaves[] = { 1, 0xa, 0x80000002, 0x80000003, 0x80000004 };
	struct cpuid_list list;
	unsigned int i;

	cpuid_supported(b.vm.dev, &list);
	for (i = 0; i < ARRAY_SIZE(leaves); i++)
		if (!CHECK(cpuid_find(&list, leaves[i])))
			tap_note("CPUID leaf %#x", leaves[i]);
}

static void uhyve(void)
{
	unsigned int i;
	int event;

	startup_open(&b.vm);
	startup_vm(&b.vm);
	boot_memory(&b, BOOT_X2APIC);
	CHECK_OK(ioctl(b.vm.fd, KVM_CREATE_IRQCHIP));
	CHECK_OK(startup_enable(&b.vm, KVM_CAP_X2APIC_API, KVM_X2APIC_API_USE_32BIT_IDS |
				KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK));
	/* Nothing to enable: uhyve goes on only if these fail. */
	CHECK_ERR(startup_enable(&b.vm, KVM_CAP_TSC_DEADLINE_TIMER, 0), EINVAL);
	CHECK_ERR(startup_enable(&b.vm, KVM_CAP_IRQFD, 0), EINVAL);
	uhyve_leaves();
	add_vcpus();
	startup_needs_long_mode(&b.vm.vcpu[0]);
	boot_registers(&b);
	for (i = 0; i < 2; i++) {
		startup_cpuid(&b.vm.vcpu[i], i, CPUID_HYPERVISOR | CPUID_DEADLINE | CPUID_X2APIC);
		CHECK_OK(set_mp_state(&b.vm.vcpu[i], KVM_MP_STATE_RUNNABLE));
		uhyve_msrs(&b.vm.vcpu[i]);
	}
	/* uhyve starts all vCPUs by itself: here the guest does. */
	CHECK_OK(set_mp_state(&b.vm.vcpu[1], KVM_MP_STATE_UNINITIALIZED));
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 0, 0);
	event = startup_irqfd(&b.vm, 24, -1);
	CHECK_OK(startup_set_routes(&b.vm, &(struct kvm_irq_routing_entry) {
		.gsi = 24, .type = KVM_IRQ_ROUTING_MSI,
		.u.msi = { .address_lo = APIC_BASE, .data = BOOT_VECTOR },
	}, 1));
	boot_run(&b);
	startup_signal(event);
	boot_end(&b);
}

/* ---- kvm-host ---- */

/* Protected mode with the segments that the VMM has made, until it loads its own tables */
GUEST32(flat,
	"lgdt 0xc100; lidt 0xc108; ljmp $0x18, $" GADDR(flat, flat_own) "\n"
	"flat_own: mov $0x10, %ax; mov %ax, %ds; mov %ax, %ss; mov $0xf000, %esp\n"
	"mov $0x11, %al; out %al, $0x20; mov $0x20, %al; out %al, $0x21\n"
	"mov $0x04, %al; out %al, $0x21; mov $0x01, %al; out %al, $0x21\n"
	"mov $0xef, %al; out %al, $0x21\n"
	"out %al, $0x10\n"
	"1: sti; hlt; cli; cmpl $0, 0xc000; je 1b\n"
	"mov $0xd0000000, %edi; movw $1, (%edi)\n"
	"out %al, $0x11; hlt\n"
	"flat_irq: incl 0xc000; mov $0x20, %al; out %al, $0x20; iret");
LABEL(flat_own); LABEL(flat_irq);

static void flat_tables(void)
{
	DATA16(&b.vm, 0x80) = 0x4f;
	*GUEST_PTR(&b.vm, GUEST_DATA + 0x102, u32) = GUEST_GDT;
	DATA16(&b.vm, 0x84) = 0x7ff;
	*GUEST_PTR(&b.vm, GUEST_DATA + 0x10a, u32) = GUEST_IDT;
	vm_gate(&b.vm, MODE_FLAT32, 0x20 + BOOT_GSI, AT(flat, flat_irq));
}

static void kvm_host(void)
{
	u64 identity_map = 0xffffc000;
	struct kvm_regs regs;
	struct kvm_sregs s;
	struct vcpu *v;
	int event;

	startup_open(&b.vm);
	startup_vm(&b.vm);
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_TSS_ADDR, 0xffffd000));
	CHECK_OK(ioctl(b.vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map));
	CHECK_OK(ioctl(b.vm.fd, KVM_CREATE_IRQCHIP));
	create_pit(0);
	startup_memory(&b.vm, MODE_FLAT32, PROG(flat));
	flat_tables();
	v = vm_add_vcpu(&b.vm, 0);
	get_sregs(v, &s);
#define FLAT(seg) s.seg.base = 0, s.seg.limit = ~0, s.seg.g = 1
	FLAT(cs), FLAT(ds), FLAT(fs), FLAT(gs), FLAT(es), FLAT(ss);
	s.cs.db = 1;
	s.ss.db = 1;
	s.cr0 |= 1;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	get_regs(v, &regs);
	regs.rflags = 2;
	regs.rip = GUEST_CODE;
	regs.rsi = 0x10000;
	set_regs(v, &regs);
	startup_cpuid(v, 0, 0);
	CHECK_EQ(set_msr(v, 0x1a0, 1), 1);
	b.notify = startup_ioeventfd(&b.vm, BOOT_NOTIFY, 2, 0);
	event = startup_irqfd(&b.vm, BOOT_GSI, -1);
	vcpu_run_out(v, 0x10);
	startup_signal(event);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&b.vm, 0), 1);
	CHECK_EQ(startup_signals(b.notify), 1);
}

static const struct test tests[] = {
	TEST(firecracker),
	TEST(firecracker_snapshot),
	TEST(crosvm),
	TEST(libkrun),
	TEST(lkvm),
	TEST(uhyve),
	TEST(kvm_host),
};

TAP_MAIN(tests)
