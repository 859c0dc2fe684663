// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's state after power-on, which a reset restores.
 *
 * The device knows the state best, so it is read from a new vCPU. State that
 * the device cannot return is not restored.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu_state.h"
#include "msg.h"

/*
 * A reset does not set the TSC back: KVM uses writes to it to synchronize
 * vCPUs.
 */
#define MSR_TSC		0x10

struct msr_call {
	struct kvm_msrs head;
	struct kvm_msr_entry entry;
};

static bool save_msr(struct cpu_state *state, int fd, uint32_t index)
{
	struct msr_call call = {
		.head.nmsrs = 1, .entry.index = index,
	};

	if (index == MSR_TSC || ioctl(fd, KVM_GET_MSRS, &call) != 1)
		return true;
	if (state->nr_msrs == CPU_STATE_MSRS)
		return false;
	state->msrs[state->nr_msrs++] = call.entry;
	return true;
}

static bool save_msrs(struct cpu_state *state, const struct vm *vm, int fd)
{
	struct {
		struct kvm_msr_list head;
		uint32_t indices[CPU_STATE_MSRS];
	} list = { .head.nmsrs = CPU_STATE_MSRS };

	if (ioctl(vm->device, KVM_GET_MSR_INDEX_LIST, &list))
		return errno == ENOTTY;
	for (uint32_t i = 0; i < list.head.nmsrs; i++)
		if (!save_msr(state, fd, list.indices[i]))
			return false;
	return true;
}

/**
 * cpu_state_save - read the state of a vCPU that has never run
 *
 * To be called after its CPUID was set.
 *
 * Return: false after a message.
 */
bool cpu_state_save(struct cpu_state *state, const struct vm *vm, int fd)
{
	memset(state, 0, sizeof(*state));
	if (ioctl(fd, KVM_GET_REGS, &state->regs) ||
	    ioctl(fd, KVM_GET_SREGS, &state->sregs) ||
	    ioctl(fd, KVM_GET_FPU, &state->fpu) || !save_msrs(state, vm, fd)) {
		msg("%s: a new vCPU's registers: %s", vm->path,
		    strerror(errno));
		return false;
	}
	state->has_xcrs = !ioctl(fd, KVM_GET_XCRS, &state->xcrs);
	state->has_debugregs = !ioctl(fd, KVM_GET_DEBUGREGS, &state->debugregs);
	state->has_events = !ioctl(fd, KVM_GET_VCPU_EVENTS, &state->events);
	state->has_lapic = !ioctl(fd, KVM_GET_LAPIC, &state->lapic) &&
			   !ioctl(fd, KVM_GET_MP_STATE, &state->mp_state);
	return true;
}

/**
 * cpu_state_init - restore the state that an INIT changes (SDM vol. 3, table
 * "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT")
 *
 * Return: false with errno set.
 */
bool cpu_state_init(const struct cpu_state *state, int fd)
{
	struct kvm_sregs sregs = state->sregs, now;

	if (ioctl(fd, KVM_GET_SREGS, &now))
		return false;
	sregs.apic_base = now.apic_base;
	return !ioctl(fd, KVM_SET_SREGS, &sregs) &&
	       !ioctl(fd, KVM_SET_REGS, &state->regs) &&
	       (!state->has_debugregs ||
		!ioctl(fd, KVM_SET_DEBUGREGS, &state->debugregs)) &&
	       (!state->has_events ||
		!ioctl(fd, KVM_SET_VCPU_EVENTS, &state->events));
}

/* One by one, because KVM_SET_MSRS stops at the first refusal. */
static void reset_msrs(const struct cpu_state *state, int fd)
{
	for (unsigned int i = 0; i < state->nr_msrs; i++) {
		struct msr_call call = {
			.head.nmsrs = 1, .entry = state->msrs[i],
		};

		ioctl(fd, KVM_SET_MSRS, &call);
	}
}

static bool reset_lapic(const struct cpu_state *state, int fd)
{
	return !state->has_lapic ||
	       (!ioctl(fd, KVM_SET_LAPIC, &state->lapic) &&
		!ioctl(fd, KVM_SET_MP_STATE, &state->mp_state));
}

/**
 * cpu_state_reset - restore all the state
 *
 * Return: false with errno set.
 */
bool cpu_state_reset(const struct cpu_state *state, int fd)
{
	if (!cpu_state_init(state, fd) ||
	    !reset_lapic(state, fd) || ioctl(fd, KVM_SET_FPU, &state->fpu) ||
	    (state->has_xcrs && ioctl(fd, KVM_SET_XCRS, &state->xcrs)))
		return false;
	reset_msrs(state, fd);
	return true;
}
