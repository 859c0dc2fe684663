// SPDX-License-Identifier: GPL-2.0-only
/* LINT0 of the local APICs, and the PIC and the PIT behind it (SDM vol. 3, 11.5.1). */
#include <asm/apicdef.h>

#include "irq/lapic_accept.h"
#include "irq/lapic_regs.h"
#include "irq/lint0.h"
#include "mmu/request.h"
#include "vcpu.h"
#include "vm.h"

/* Return: the first vCPU that takes interrupts of the PIC, or NULL. */
static struct vcpu *lint0_vcpu(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (lapic_takes_extint(vcpu))
			return vcpu;
	return NULL;
}

void lint0_raise(struct vm *vm)
{
	struct vcpu *vcpu = lint0_vcpu(vm);

	if (vcpu)
		vcpu_request(vcpu, REQ_ENTRY, false);
}

bool lint0_takes_extint(struct vm *vm)
{
	return lint0_vcpu(vm);
}

static bool lint0_is_nmi(const struct vcpu *vcpu)
{
	return (lapic_reg(vcpu->lapic, APIC_LVT0) & APIC_DM_FIXED_MASK) == APIC_DM_NMI;
}

void lint0_tick(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	if (likely(!READ_ONCE(vm->irq.lint0_nmi)))
		return;
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (lint0_is_nmi(vcpu))
			lapic_local(vcpu, APIC_LVT0);
}
