// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a vCPU has to attend to before it runs on: INIT and start-up from
 * another CPU, NMIs, and interrupts of its local APIC or of the PICs.
 *
 * There is no interrupt controller in the kernel. If the guest can take an
 * interrupt now it gets the vector with KVM_INTERRUPT; if not,
 * request_interrupt_window makes KVM_RUN return as soon as it can.
 *
 * All of this is called with the machine's lock held, by the vCPU's thread
 * where it changes the vCPU. When a call fails, errno is set.
 */
#include <sys/ioctl.h>

#include "machine.h"
#include "vcpu.h"

static bool has_extint(const struct vcpu *vcpu)
{
	/* Only the first CPU has the wire. */
	return !vcpu->id && vcpu->m->pic.intr &&
	       lapic_takes_extint(&vcpu->lapic);
}

bool vcpu_has_interrupt(const struct vcpu *vcpu)
{
	return has_extint(vcpu) || lapic_pending(&vcpu->lapic) >= 0;
}

/* Does what has come end the vCPU's idleness? */
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

/* Nothing but another CPU can ever wake it. */
bool vcpu_is_dead(const struct vcpu *vcpu)
{
	return vcpu->activity != VCPU_RUNNING && !vcpu->lapic.init &&
	       !vcpu_wakes(vcpu) &&
	       (vcpu->activity == VCPU_WAIT_FOR_SIPI || !vcpu->run->if_flag);
}

/**
 * vcpu_settle - let the device end the instruction whose exit was served last
 *
 * Registers that are set before would be overwritten (KVM's api.rst, on
 * KVM_RUN). Nothing runs meanwhile.
 */
void vcpu_settle(struct vcpu *vcpu)
{
	/* An access that crosses pages comes in parts. */
	for (int i = 0; i < 8; i++) {
		__atomic_store_n(&vcpu->run->immediate_exit, 1,
				 __ATOMIC_RELAXED);
		if (ioctl(vcpu->fd, KVM_RUN, 0))
			return;
	}
}

static bool start_up(struct vcpu *vcpu)
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
	return !ioctl(vcpu->fd, KVM_SET_REGS, &regs) && start_up(vcpu);
}

/**
 * vcpu_take_init - INIT and start-up, if they have come
 *
 * SDM vol. 3, "MP Initialization Protocol Algorithm": the first CPU goes to
 * the reset vector by an INIT, the others wait to be told where to start. A
 * start-up that nobody waits for is ignored.
 */
bool vcpu_take_init(struct vcpu *vcpu)
{
	struct lapic *lapic = &vcpu->lapic;
	bool sipi = lapic->sipi;

	if (lapic->init) {
		lapic_init(lapic);
		/* It may have come after, and belongs to this INIT. */
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

/* SDM vol. 3, "Interrupt Acknowledge": the wire comes before the APIC's own. */
static uint8_t acknowledge(struct vcpu *vcpu)
{
	if (has_extint(vcpu))
		return pic_acknowledge(&vcpu->m->pic);
	return lapic_acknowledge(&vcpu->lapic);
}

/**
 * vcpu_inject - give the device what the guest is to get with the next entry
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
		struct kvm_interrupt irq = { .irq = acknowledge(vcpu) };

		/* There is room for one. */
		run->ready_for_interrupt_injection = 0;
		if (ioctl(vcpu->fd, KVM_INTERRUPT, &irq))
			return false;
	}
	run->request_interrupt_window = vcpu_has_interrupt(vcpu);
	run->cr8 = vcpu->lapic.tpr >> 4;
	return true;
}

/* CR8 is the TPR's high half, and IA32_APIC_BASE is the guest's to write. */
void vcpu_note_exit(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct lapic *lapic = &vcpu->lapic;

	if (run->cr8 != lapic->tpr >> 4)
		lapic_set_tpr(lapic, run->cr8 << 4);
	lapic->base = run->apic_base;
}
