/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps that VMMs take at their start. A test puts them into the order of its VMM. Some VMMs
 * begin with a guest that starts a second CPU, takes interrupts and notifies a device.
 */
#ifndef TESTS_ABI_STARTUP_H
#define TESTS_ABI_STARTUP_H

#include <pthread.h>

#include "guest.h"

#define CPUID_X2APIC	(1U << 21)
#define CPUID_DEADLINE	(1U << 24)
#define CPUID_HYPERVISOR (1U << 31)

struct capability {
	int nr;
	const char *name;
};

#define CAPABILITY(name)	{ KVM_CAP_##name, #name }

/* Open the device, which must have version 12 of the API. */
void startup_open(struct vm *vm);
/* End the test unless KVM_CHECK_EXTENSION of @fd has all of them. */
void startup_capabilities(int fd, const struct capability *caps, unsigned int nr);
/* KVM_CREATE_VM, KVM_GET_VCPU_MMAP_SIZE */
void startup_vm(struct vm *vm);
/* Memory with the tables of a mode and a program, in slot 0 */
void startup_memory(struct vm *vm, enum guest_mode mode, struct prog prog);
int startup_enable(struct vm *vm, u32 cap, u64 arg);
/* KVM_SET_CPUID2 of what the device supports, with the vCPU's APIC id and features of @ecx */
void startup_cpuid(struct vcpu *v, u32 apic_id, u32 ecx);
/*
 * For a VMM that turns long mode on before it sets a CPUID, or without one. KVM of Linux 7.3
 * refuses that: the test is skipped there.
 */
void startup_needs_long_mode(struct vcpu *v);
/* Local APIC: LINT0 takes interrupts of the PIC, LINT1 NMIs */
void startup_lint(struct vcpu *v);
/* KVM_SET_MSRS of those that a boot with Linux' protocol needs; all must be there */
void startup_msrs(struct vcpu *v);
/* KVM_GET_MSR_INDEX_LIST. Return: their number */
unsigned int startup_msr_list(int dev, u32 *indices, unsigned int room);
/* Routes of GSIs 0 to 15 to the PICs and of 0 to 23 to the I/O APIC, in an array */
#define CHIP_ROUTES	(16 + 24)
void startup_chip_routes(struct kvm_irq_routing_entry *entries);
int startup_set_routes(struct vm *vm, const struct kvm_irq_routing_entry *entries,
		       unsigned int nr);
/* A new eventfd, which raises the GSI */
int startup_irqfd(struct vm *vm, u32 gsi, int resample);
/* A new eventfd, which gets the guest's writes to an address; @len 0: of any length */
int startup_ioeventfd(struct vm *vm, u64 addr, u32 len, u32 flags);
void startup_signal(int event);
/* Return: how often the eventfd was signalled. */
u64 startup_signals(int event);

/* ---- a guest on two vCPUs, in long mode ---- */

#define BOOT_VECTOR	0x45	/* the guest waits for one of these, and ends */
#define BOOT_NOTIFY	0xd0000000U

struct boot {
	struct vm vm;
	pthread_t ap;
	int ap_exit;
	int notify;			/* eventfd of BOOT_NOTIFY, or -1 */
};

enum boot_guest {
	/* starts vCPU 1 and waits for its timer's deadline; its local APIC is by MMIO */
	BOOT_XAPIC,
	/* likewise, by MSRs */
	BOOT_X2APIC,
	/* starts vCPU 1 and waits for ticks of the PIT by the PIC; its interrupt is IRQ 4 */
	BOOT_CHIPS,
	/* likewise, and port 0x61 is in the kernel */
	BOOT_SPEAKER,
};

#define BOOT_GSI	4	/* the PIC's IRQ */

void boot_memory(struct boot *b, enum boot_guest guest);
/* vCPU 0 at the guest's first byte */
void boot_registers(struct boot *b);
/* Run vCPU 1 in a thread, and vCPU 0 until the guest waits for its interrupt. */
void boot_run(struct boot *b);
/* Run vCPU 0 to the guest's end, once the interrupt was raised. */
void boot_end(struct boot *b);

#endif
