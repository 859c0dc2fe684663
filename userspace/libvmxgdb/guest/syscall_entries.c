// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "guest/syscall_entries.h"
#include "guest/target.h"
#include "guest/vcpu_regs.h"

#define EFER_SCE	(1U << 0)
#define EFER_LMA	(1U << 10)
#define CR0_PE		(1U << 0)

#define LINUX_VECTOR	0x80

static int add(struct syscalls *found, uint64_t addr)
{
	unsigned int i;

	if (!addr)
		return 0;
	for (i = 0; i < found->count; i++)
		if (found->entries[i].addr == addr)
			return 0;
	if (found->count == SYSCALL_ENTRIES)
		return -E2BIG;
	found->entries[found->count++].addr = addr;
	return 0;
}

/* Return: the MSR's value, 0 if the guest has none. */
static uint64_t read_msr(struct stub *s, unsigned int vcpu, enum reg_msr msr, int *result)
{
	struct kvm_msr_entry entry = { .index = reg_msr_numbers[msr] };
	uint32_t done = 0;

	*result = target_call(s->target, get_msrs, vcpu, &entry, 1, &done);
	return *result == 0 && done ? entry.data : 0;
}

/* Read the offset of an interrupt or trap gate (SDM vol. 3, 6.11 and 6.14.1). */
static uint64_t gate_offset(const uint8_t *gate, bool long_mode)
{
	uint32_t offset = gate[0] | gate[1] << 8 | gate[6] << 16 | (uint32_t)gate[7] << 24;
	bool present = gate[5] & 0x80, is_gate = (gate[5] & 0x1e) == 0x0e;
	uint32_t high = 0;

	if (long_mode)
		memcpy(&high, gate + 8, sizeof(high));
	return present && is_gate ? offset | (uint64_t)high << 32 : 0;
}

/* Kernels with such calls have a flat code segment. */
static uint64_t int80(struct stub *s, unsigned int vcpu, const struct kvm_sregs *system)
{
	bool long_mode = system->efer & EFER_LMA;
	size_t size = long_mode ? 16 : 8;
	uint8_t gate[16] = { 0 };

	if (!(system->cr0 & CR0_PE) || system->idt.limit < (LINUX_VECTOR + 1) * size - 1 ||
	    s->target->ops->read_mem(s->target, vcpu, 0, system->idt.base + LINUX_VECTOR * size,
				     gate, size) != (ssize_t)size)
		return 0;
	return gate_offset(gate, long_mode);
}

int syscall_entries_find(struct stub *s, unsigned int vcpu, struct syscalls *found)
{
	struct kvm_sregs system;
	uint64_t addrs[2] = { 0 };
	int result;

	result = s->target->ops->get_regs(s->target, vcpu, VMXDBG_REGS_SYSTEM, &system,
					  sizeof(system));
	if (result < 0)
		return result;
	if (strcmp(s->layout->arch, "i386:x86-64")) {
		addrs[0] = read_msr(s, vcpu, REG_MSR_SYSENTER_EIP, &result);
		addrs[1] = int80(s, vcpu, &system);
	} else if (system.efer & EFER_SCE) {
		addrs[0] = read_msr(s, vcpu, REG_MSR_LSTAR, &result);
	}
	if (result == 0)
		result = add(found, addrs[0]);
	return result < 0 ? result : add(found, addrs[1]);
}
