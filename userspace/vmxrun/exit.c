// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of exits from KVM_RUN. */
#include "dump.h"
#include "exit.h"
#include "mmio.h"
#include "msg.h"
#include "power.h"

static void handle_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct machine *m = vcpu->m;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	/* @count is more than one for REP INS and OUTS. */
	pthread_mutex_lock(&m->lock);
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
		if (run->io.direction == KVM_EXIT_IO_IN)
			io_bus_read(&m->io, run->io.port, data, run->io.size);
		else
			io_bus_write(&m->io, run->io.port, data, run->io.size);
	}
	pthread_mutex_unlock(&m->lock);
}

static void handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct machine *m = vcpu->m;

	pthread_mutex_lock(&m->lock);
	if (run->mmio.is_write)
		mmio_write(&vcpu->lapic, &m->ioapic, run->mmio.phys_addr,
			   run->mmio.data, run->mmio.len);
	else
		mmio_read(&vcpu->lapic, &m->ioapic, run->mmio.phys_addr,
			  run->mmio.data, run->mmio.len);
	pthread_mutex_unlock(&m->lock);
}

/* The thread sleeps before its next entry, in wait_for_work(). */
static void handle_hlt(struct vcpu *vcpu)
{
	pthread_mutex_lock(&vcpu->m->lock);
	vcpu->activity = VCPU_HALTED;
	pthread_mutex_unlock(&vcpu->m->lock);
}

static void handle_ioapic_eoi(struct vcpu *vcpu)
{
	pthread_mutex_lock(&vcpu->m->lock);
	ioapic_eoi(&vcpu->m->ioapic, vcpu->run->eoi.vector);
	pthread_mutex_unlock(&vcpu->m->lock);
}

/* The next entry checks for interrupts. */
static void handle_nothing(struct vcpu *vcpu)
{
	(void)vcpu;
}

static void handle_shutdown(struct vcpu *vcpu)
{
	msg("the guest shut down (triple fault)");
	dump_vcpu(vcpu);
	power_reset(vcpu->m, 1);
}

static void handle_system_event(struct vcpu *vcpu)
{
	if (vcpu->run->system_event.type == KVM_SYSTEM_EVENT_RESET) {
		msg("a debugger asked for a reset");
		power_reset(vcpu->m, 0);
		return;
	}
	msg("unexpected system event %u", vcpu->run->system_event.type);
	power_stop(vcpu->m, 1);
}

static void handle_fail_entry(struct vcpu *vcpu)
{
	msg("VM entry failed, hardware reason %#llx",
	    vcpu->run->fail_entry.hardware_entry_failure_reason);
	dump_vcpu(vcpu);
	power_stop(vcpu->m, 1);
}

static void handle_internal_error(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	msg("%s: internal error %u", vcpu->m->vm.path, run->internal.suberror);
	for (uint32_t i = 0; i < run->internal.ndata && i < 16; i++)
		msg("  data[%u] %#llx", i, run->internal.data[i]);
	dump_vcpu(vcpu);
	power_stop(vcpu->m, 1);
}

static void (*const handlers[])(struct vcpu *vcpu) = {
	[KVM_EXIT_IO]			= handle_io,
	[KVM_EXIT_MMIO]			= handle_mmio,
	[KVM_EXIT_HLT]			= handle_hlt,
	[KVM_EXIT_IRQ_WINDOW_OPEN]	= handle_nothing,
	[KVM_EXIT_INTR]			= handle_nothing,
	[KVM_EXIT_SET_TPR]		= handle_nothing,
	[KVM_EXIT_IOAPIC_EOI]		= handle_ioapic_eoi,
	[KVM_EXIT_SHUTDOWN]		= handle_shutdown,
	[KVM_EXIT_SYSTEM_EVENT]		= handle_system_event,
	[KVM_EXIT_FAIL_ENTRY]		= handle_fail_entry,
	[KVM_EXIT_INTERNAL_ERROR]	= handle_internal_error,
};

/**
 * exit_handle - handle run->exit_reason
 *
 * To be called by the vCPU's thread, without the machine's lock.
 */
void exit_handle(struct vcpu *vcpu)
{
	uint32_t reason = vcpu->run->exit_reason;

	if (reason < sizeof(handlers) / sizeof(handlers[0]) && handlers[reason]) {
		handlers[reason](vcpu);
		return;
	}
	msg("%s: unknown exit reason %u", vcpu->m->vm.path, reason);
	dump_vcpu(vcpu);
	power_stop(vcpu->m, 1);
}
