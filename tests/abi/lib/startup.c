// SPDX-License-Identifier: GPL-2.0-only
/* Steps that VMMs take at their start: see startup.h. */
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apic.h"
#include "cpuid_list.h"
#include "startup.h"

#define EFER_LME	(1U << 8)

#define MSR_MISC_ENABLE	0x1a0
#define MSR_MTRR_DEF	0x2ff

void startup_open(struct vm *vm)
{
	memset(vm, 0, sizeof(*vm));
	vm->dev = dev_open();
	REQUIRE_EQ(ioctl(vm->dev, KVM_GET_API_VERSION, 0), 12);
}

void startup_capabilities(int fd, const struct capability *caps, unsigned int nr)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (ioctl(fd, KVM_CHECK_EXTENSION, caps[i].nr) > 0)
			continue;
		tap_note("no KVM_CAP_%s", caps[i].name);
		all = false;
	}
	REQUIRE(all);
}

void startup_vm(struct vm *vm)
{
	vm->fd = CHECK_OK(ioctl(vm->dev, KVM_CREATE_VM, 0));
	vm->run_size = CHECK_OK(ioctl(vm->dev, KVM_GET_VCPU_MMAP_SIZE, 0));
}

void startup_memory(struct vm *vm, enum guest_mode mode, struct prog prog)
{
	struct kvm_userspace_memory_region slot = { .memory_size = GUEST_RAM };

	vm->size = GUEST_RAM;
	vm->mem = mmap(NULL, vm->size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(vm->mem != MAP_FAILED);
	slot.userspace_addr = (unsigned long)vm->mem;
	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot));
	vm_tables(vm, mode);
	vm_load(vm, prog);
}

int startup_enable(struct vm *vm, u32 cap, u64 arg)
{
	struct kvm_enable_cap enable = { .cap = cap, .args = { arg } };

	return ioctl(vm->fd, KVM_ENABLE_CAP, &enable);
}

void startup_cpuid(struct vcpu *v, u32 apic_id, u32 ecx)
{
	struct cpuid_list list;
	unsigned int i;

	cpuid_supported(v->vm->dev, &list);
	for (i = 0; i < list.head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &list.entries[i];

		if (e->function == 1) {
			e->ebx = (e->ebx & 0xffffff) | apic_id << 24;
			e->ecx |= ecx;
		} else if (e->function == 0xb || e->function == 0x1f) {
			e->edx = apic_id;
		}
	}
	cpuid_set(v, &list);
}

void startup_needs_long_mode(struct vcpu *v)
{
	struct kvm_sregs s;

	get_sregs(v, &s);
	s.efer |= EFER_LME;
	if (ioctl(v->fd, KVM_SET_SREGS, &s) < 0 && on_kvm())
		tap_skip("this KVM has no long mode without a CPUID");
}

void startup_lint(struct vcpu *v)
{
	struct kvm_lapic_state s;
	u32 *lvt0 = (u32 *)(s.regs + APIC_LVT0), *lvt1 = (u32 *)(s.regs + APIC_LVT1);

	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s));
	*lvt0 = (*lvt0 & ~0x700U) | DM_EXTINT;
	*lvt1 = (*lvt1 & ~0x700U) | DM_NMI;
	CHECK_OK(ioctl(v->fd, KVM_SET_LAPIC, &s));
}

void startup_msrs(struct vcpu *v)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[11];
	} msrs = {
		.head.nmsrs = 11,
		.entries = {
			{ .index = 0x174 }, { .index = 0x175 }, { .index = 0x176 },
			{ .index = 0xc0000081 }, { .index = 0xc0000083 },
			{ .index = 0xc0000102 }, { .index = 0xc0000084 },
			{ .index = 0xc0000082 }, { .index = 0x10 },
			{ .index = MSR_MISC_ENABLE, .data = 1 },
			{ .index = MSR_MTRR_DEF, .data = 0x806 },
		},
	};

	CHECK_EQ(ioctl(v->fd, KVM_SET_MSRS, &msrs), 11);
}

unsigned int startup_msr_list(int dev, u32 *indices, unsigned int room)
{
	struct {
		struct kvm_msr_list head;
		u32 indices[512];
	} list = { .head.nmsrs = 0 };

	/* The first call asks for the number. */
	CHECK_ERR(ioctl(dev, KVM_GET_MSR_INDEX_LIST, &list), E2BIG);
	REQUIRE(list.head.nmsrs > 0 && list.head.nmsrs <= room);
	CHECK_OK(ioctl(dev, KVM_GET_MSR_INDEX_LIST, &list));
	memcpy(indices, list.indices, list.head.nmsrs * sizeof(*indices));
	return list.head.nmsrs;
}

void startup_chip_routes(struct kvm_irq_routing_entry *entries)
{
	unsigned int i;

	memset(entries, 0, CHIP_ROUTES * sizeof(*entries));
	for (i = 0; i < CHIP_ROUTES; i++) {
		struct kvm_irq_routing_entry *e = &entries[i];

		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		if (i < 16) {
			e->gsi = i;
			e->u.irqchip.irqchip = i < 8 ? KVM_IRQCHIP_PIC_MASTER :
						       KVM_IRQCHIP_PIC_SLAVE;
			e->u.irqchip.pin = i % 8;
		} else {
			e->gsi = i - 16;
			e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
			e->u.irqchip.pin = i - 16;
		}
	}
}

int startup_set_routes(struct vm *vm, const struct kvm_irq_routing_entry *entries,
		       unsigned int nr)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[2 * CHIP_ROUTES];
	} table = { .head.nr = nr };

	REQUIRE(nr <= ARRAY_SIZE(table.entries));
	if (nr)
		memcpy(table.entries, entries, nr * sizeof(*entries));
	return ioctl(vm->fd, KVM_SET_GSI_ROUTING, &table);
}

static int event_fd(void)
{
	return CHECK_OK(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

int startup_irqfd(struct vm *vm, u32 gsi, int resample)
{
	struct kvm_irqfd arg = { .fd = event_fd(), .gsi = gsi };

	if (resample >= 0) {
		arg.flags = KVM_IRQFD_FLAG_RESAMPLE;
		arg.resamplefd = resample;
	}
	CHECK_OK(ioctl(vm->fd, KVM_IRQFD, &arg));
	return arg.fd;
}

int startup_ioeventfd(struct vm *vm, u64 addr, u32 len, u32 flags)
{
	struct kvm_ioeventfd arg = { .addr = addr, .len = len, .fd = event_fd(), .flags = flags };

	CHECK_OK(ioctl(vm->fd, KVM_IOEVENTFD, &arg));
	return arg.fd;
}

void startup_signal(int event)
{
	u64 one = 1;

	CHECK_EQ(write(event, &one, sizeof(one)), sizeof(one));
}

u64 startup_signals(int event)
{
	u64 count;

	return read(event, &count, sizeof(count)) == sizeof(count) ? count : 0;
}
