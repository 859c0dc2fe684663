// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of a vCPU before an entry: INIT and start-up (SIPI) from another CPU,
 * NMIs, and interrupts of its local APIC or of the PICs.
 *
 * If the guest can take an interrupt now, KVM_INTERRUPT injects the vector. Otherwise
 * request_interrupt_window makes KVM_RUN return as soon as the guest can. Where the
 * kernel has the local APICs (--irqchip), only interrupts of the PICs are left to this.
 *
 * All functions need the machine's lock. Those that change the vCPU must be
 * called by its thread. Those that return false leave the reason in errno.
 */
#include <sys/ioctl.h>

#include "vcpu_event.h"

static bool has_extint(const struct vcpu *vcpu)
{
	/*
	 * The wire of the PICs goes to the first CPU only. A local APIC in the kernel
	 * decides when ready_for_interrupt_injection is set.
	 */
	return !vcpu->id && vcpu->m->pic.intr &&
	       (vcpu->m->kernel_irq.irqchip != IRQCHIP_OFF ||
		lapic_takes_extint(&vcpu->lapic));
}

/* Return: whether an interrupt waits, from the PICs or the local APIC */
bool vcpu_has_interrupt(const struct vcpu *vcpu)
{
	return has_extint(vcpu) || lapic_pending(&vcpu->lapic) >= 0;
}

/* Return: whether an event makes an idle vCPU run; true if it is not idle */
bool vcpu_wakes(const struct vcpu *vcpu)
{
	switch (vcpu->activity) {
	case VCPU_WAIT_FOR_SIPI:
		return vcpu->lapic.sipi;
	case VCPU_HALTED:
		return vcpu->lapic.nmi ||
		       (vcpu->run->if_flag && vcpu_has_interrupt(vcpu));
	default:
		return true;
	}
}

/* Return: whether the vCPU is idle and only another CPU can wake it */
bool vcpu_is_dead(const struct vcpu *vcpu)
{
	return vcpu->activity != VCPU_RUNNING && !vcpu->lapic.init &&
	       !vcpu_wakes(vcpu) &&
	       (vcpu->activity == VCPU_WAIT_FOR_SIPI || !vcpu->run->if_flag);
}

/**
 * vcpu_settle - let the device complete the instruction of the last exit
 *
 * Otherwise the next KVM_RUN would complete it, and would overwrite registers
 * that are set until then (KVM's api.rst, on KVM_RUN). The guest does not run.
 */
void vcpu_settle(struct vcpu *vcpu)
{
	/* An access across pages takes several exits. */
	for (int i = 0; i < 8; i++) {
		__atomic_store_n(&vcpu->run->immediate_exit, 1,
				 __ATOMIC_RELAXED);
		if (ioctl(vcpu->fd, KVM_RUN, 0))
			return;
	}
}

static bool set_start_page(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return false;
	sregs.cs.selector = vcpu->lapic.sipi_vector << 8;
	sregs.cs.base = vcpu->lapic.sipi_vector << 12;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs))
		return false;
	vcpu->activity = VCPU_RUNNING;
	return true;
}

static bool start_at_zero(struct vcpu *vcpu)
{
	struct kvm_regs regs = vcpu->power_on.regs;

	regs.rip = 0;
	return !ioctl(vcpu->fd, KVM_SET_REGS, &regs) && set_start_page(vcpu);
}

/**
 * vcpu_take_init - handle INIT and start-up, if they are pending
 *
 * SDM vol. 3, "MP Initialization Protocol Algorithm": after INIT the first CPU
 * starts at the reset vector, and the others wait for a SIPI. A SIPI that comes
 * without an INIT is ignored.
 *
 * Return: false with errno set.
 */
bool vcpu_take_init(struct vcpu *vcpu)
{
	struct lapic *lapic = &vcpu->lapic;
	bool sipi = lapic->sipi;

	if (lapic->init) {
		lapic_init(lapic);
		/* lapic_init() has dropped a SIPI that came after the INIT. */
		lapic->sipi = sipi;
		vcpu_settle(vcpu);
		if (!cpu_state_init(&vcpu->power_on, vcpu->fd))
			return false;
		vcpu->run->ready_for_interrupt_injection = 0;
		vcpu->activity = lapic->base & APIC_BASE_BSP ?
				 VCPU_RUNNING : VCPU_WAIT_FOR_SIPI;
	}
	if (!lapic->sipi)
		return true;
	lapic->sipi = false;
	return vcpu->activity != VCPU_WAIT_FOR_SIPI || start_at_zero(vcpu);
}

/* SDM vol. 3, "Interrupt Acknowledge": the wire of the PICs comes first. */
static uint8_t acknowledge_interrupt(struct vcpu *vcpu)
{
	if (has_extint(vcpu))
		return pic_acknowledge(&vcpu->m->pic);
	return lapic_acknowledge(&vcpu->lapic);
}

/**
 * vcpu_inject - inject a pending NMI or interrupt with the next entry
 *
 * Return: false with errno set.
 */
bool vcpu_inject(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	if (vcpu->lapic.nmi) {
		vcpu->lapic.nmi = false;
		if (ioctl(vcpu->fd, KVM_NMI))
			return false;
	}
	if (run->ready_for_interrupt_injection && vcpu_has_interrupt(vcpu)) {
		struct kvm_interrupt irq = { .irq = acknowledge_interrupt(vcpu) };

		/* One entry injects at most one interrupt. */
		run->ready_for_interrupt_injection = 0;
		if (ioctl(vcpu->fd, KVM_INTERRUPT, &irq))
			return false;
	}
	run->request_interrupt_window = vcpu_has_interrupt(vcpu);
	run->cr8 = vcpu->lapic.tpr >> 4;
	return true;
}

/**
 * vcpu_note_exit - copy CR8 and IA32_APIC_BASE, which the guest may have
 * written, to the local APIC
 */
void vcpu_note_exit(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct lapic *lapic = &vcpu->lapic;

	if (run->cr8 != lapic->tpr >> 4)
		lapic_set_tpr(lapic, run->cr8 << 4);
	lapic->base = run->apic_base;
}
