// SPDX-License-Identifier: GPL-2.0-only
/* What to do when the guest leaves KVM_RUN. */
#include <stddef.h>

#include "dump.h"
#include "exit.h"
#include "machine.h"
#include "mmio.h"
#include "msg.h"

static void serve_io(struct vcpu *vcpu)
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

static void serve_mmio(struct vcpu *vcpu)
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

/* Before its next entry the thread waits for what ends it. */
static void serve_hlt(struct vcpu *vcpu)
{
	pthread_mutex_lock(&vcpu->m->lock);
	vcpu->activity = VCPU_HALTED;
	pthread_mutex_unlock(&vcpu->m->lock);
}

/* The guest can take an interrupt: the next entry looks. */
static void serve_nothing(struct vcpu *vcpu)
{
	(void)vcpu;
}

static void serve_shutdown(struct vcpu *vcpu)
{
	msg("the guest shut down (triple fault)");
	dump_vcpu(vcpu);
	machine_reset(vcpu->m, 1);
}

static void serve_fail_entry(struct vcpu *vcpu)
{
	msg("VM entry failed, hardware reason %#llx",
	    vcpu->run->fail_entry.hardware_entry_failure_reason);
	dump_vcpu(vcpu);
	machine_stop(vcpu->m, 1);
}

static void serve_internal_error(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	msg("%s: internal error %u", vcpu->m->vm.path, run->internal.suberror);
	for (uint32_t i = 0; i < run->internal.ndata && i < 16; i++)
		msg("  data[%u] %#llx", i, run->internal.data[i]);
	dump_vcpu(vcpu);
	machine_stop(vcpu->m, 1);
}

static void (*const serve[])(struct vcpu *vcpu) = {
	[KVM_EXIT_IO]			= serve_io,
	[KVM_EXIT_MMIO]			= serve_mmio,
	[KVM_EXIT_HLT]			= serve_hlt,
	[KVM_EXIT_IRQ_WINDOW_OPEN]	= serve_nothing,
	[KVM_EXIT_INTR]			= serve_nothing,
	[KVM_EXIT_SET_TPR]		= serve_nothing,
	[KVM_EXIT_SHUTDOWN]		= serve_shutdown,
	[KVM_EXIT_FAIL_ENTRY]		= serve_fail_entry,
	[KVM_EXIT_INTERNAL_ERROR]	= serve_internal_error,
};

/* Called by the vCPU's thread, without the machine's lock. */
void exit_serve(struct vcpu *vcpu)
{
	uint32_t reason = vcpu->run->exit_reason;

	if (reason < sizeof(serve) / sizeof(serve[0]) && serve[reason]) {
		serve[reason](vcpu);
		return;
	}
	msg("%s: exit reason %u, which vmxrun does not know",
	    vcpu->m->vm.path, reason);
	dump_vcpu(vcpu);
	machine_stop(vcpu->m, 1);
}
