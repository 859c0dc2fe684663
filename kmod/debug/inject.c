// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that a session injects into a vCPU. They wait in a place of their own, so that a
 * VMM that writes a vCPU's events (KVM_SET_VCPU_EVENTS, KVM_INTERRUPT) neither deletes one
 * nor finds its own place taken. The vCPU's thread queues them before an entry. From then on
 * they are the guest's own: shadows, RFLAGS.IF, steps and catches are the business of
 * vcpu/event.c.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/trapnr.h>

#include "debug/inject.h"
#include "irq/types.h"
#include "lib/dr.h"
#include "lib/entry_regs.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vmxdbg.h"

/* Exceptions that a guest can have (SDM vol. 3, table 6-1) */
#define EXCEPTIONS	(GENMASK(X86_TRAP_XF, 0) & ~(BIT(X86_TRAP_NMI) |	\
			 BIT(X86_TRAP_OLD_MF) | BIT(X86_TRAP_SPURIOUS)))

static bool addr_valid(const struct vmxdbg_inject *arg)
{
	switch (arg->vector) {
	case X86_TRAP_PF:
		return true;
	case X86_TRAP_DB:
		return !(arg->addr & ~(u64)(DR6_B_ALL | DR6_BD | DR6_BS | DR6_BT));
	default:
		return !arg->addr;
	}
}

static bool exception_valid(const struct vmxdbg_inject *arg)
{
	u32 error_valid;

	if (arg->vector > X86_TRAP_XF || !(BIT(arg->vector) & EXCEPTIONS))
		return false;
	error_valid = BIT(arg->vector) & ENTRY_WITH_ERROR ? ~ENTRY_ERROR_RESERVED : 0;
	return !(arg->error & ~error_valid) && addr_valid(arg);
}

static bool inject_valid(const struct vmxdbg_inject *arg)
{
	if (arg->flags || arg->reserved0 || memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return false;
	switch (arg->type) {
	case VMXDBG_INJECT_INTERRUPT:
		return arg->vector < 256 && !arg->error && !arg->addr;
	case VMXDBG_INJECT_NMI:
	case VMXDBG_INJECT_INIT:
	case VMXDBG_INJECT_SMI:
		return !arg->vector && !arg->error && !arg->addr;
	case VMXDBG_INJECT_EXCEPTION:
		return exception_valid(arg);
	default:
		return false;
	}
}

int inject_check(const struct vmxdbg_inject *arg)
{
	if (!inject_valid(arg))
		return -EINVAL;
	return arg->type == VMXDBG_INJECT_SMI ? -EOPNOTSUPP : 0;
}

/* As an IPI's, so that it waits with the local APIC */
static int inject_init(struct vcpu *vcpu)
{
	if (!vcpu->lapic)
		return -ENXIO;
	set_bit(LAPIC_INIT, &vcpu->lapic->events);
	set_bit(REQ_LIFE, &vcpu->requests);
	return 0;
}

int inject_event_set(struct vcpu *vcpu, const struct vmxdbg_inject *arg)
{
	if (vcpu->inject.types & BIT(arg->type))
		return -EBUSY;
	if (arg->type == VMXDBG_INJECT_INIT)
		return inject_init(vcpu);
	switch (arg->type) {
	case VMXDBG_INJECT_INTERRUPT:
		vcpu->inject.irq = arg->vector;
		break;
	case VMXDBG_INJECT_EXCEPTION:
		/* Two exceptions together would be a double fault. */
		if (vcpu->event.valid)
			return -EBUSY;
		vcpu->inject.vector = arg->vector;
		vcpu->inject.error = arg->error;
		vcpu->inject.addr = arg->addr;
		break;
	}
	vcpu->inject.types |= BIT(arg->type);
	set_bit(REQ_INJECT, &vcpu->requests);
	return 0;
}

/* Return: false if the exception has to wait. */
static bool take_exception(struct vcpu *vcpu)
{
	u8 vector = vcpu->inject.vector;

	if (vcpu->event.valid)
		return false;
	if (vector == X86_TRAP_PF)
		vcpu_raise_pf(vcpu, vcpu->inject.addr, vcpu->inject.error);
	else if (vector == X86_TRAP_DB)
		vcpu_raise_db(vcpu, vcpu->inject.addr, false, 0);
	else if (BIT(vector) & ENTRY_WITH_ERROR)
		vcpu_raise_error(vcpu, vector, vcpu->inject.error);
	else
		vcpu_raise(vcpu, vector);
	return true;
}

/* Return: false if the interrupt has to wait, for one of the VMM's. */
static bool take_irq(struct vcpu *vcpu)
{
	if (vcpu->irq >= 0)
		return false;
	vcpu->irq = vcpu->inject.irq;
	vcpu->irq_from = IRQ_FROM(VMXDBG_FROM_SESSION, 0);
	return true;
}

static bool take_nmi(struct vcpu *vcpu)
{
	u8 before = vcpu->nmi_pending;

	vcpu_queue_nmi(vcpu, IRQ_FROM(VMXDBG_FROM_SESSION, 0));
	return vcpu->nmi_pending > before;
}

void inject_take(struct vcpu *vcpu)
{
	static bool (*const take[])(struct vcpu *vcpu) = {
		[VMXDBG_INJECT_INTERRUPT] = take_irq,
		[VMXDBG_INJECT_NMI] = take_nmi,
		[VMXDBG_INJECT_EXCEPTION] = take_exception,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(take); i++)
		if ((vcpu->inject.types & BIT(i)) && take[i](vcpu))
			vcpu->inject.types &= ~BIT(i);
	set_bit(REQ_ENTRY, &vcpu->requests);
	/* While one waits, each entry comes here. */
	if (!vcpu->inject.types)
		clear_bit(REQ_INJECT, &vcpu->requests);
}
