// SPDX-License-Identifier: GPL-2.0-only
/*
 * A virtual CPU: a thread that runs the guest and handles its exits (exit.c).
 *
 * Before each entry it handles new events (vcpu_event.c). A thread that has an
 * event for a running vCPU kicks the vCPU's thread out of KVM_RUN with a
 * signal.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "cpuid.h"
#include "dump.h"
#include "exit.h"
#include "msg.h"
#include "power.h"
#include "vcpu.h"
#include "vcpu_event.h"

#define KICK_SIGNAL	SIGUSR1

static __thread struct vcpu *current;

/*
 * The signal may come after the checks and before KVM_RUN, too early to
 * interrupt it. Then immediate_exit makes KVM_RUN return at once.
 */
static void on_kick(int signal)
{
	(void)signal;
	if (current)
		__atomic_store_n(&current->run->immediate_exit, 1,
				 __ATOMIC_RELAXED);
}

/**
 * vcpu_kick - make the vCPU's thread check for interrupts and for the end
 *
 * To be called with the machine's lock held.
 */
void vcpu_kick(struct vcpu *vcpu)
{
	if (current == vcpu || !vcpu->started)
		return;
	if (vcpu->waiting)
		pthread_cond_signal(&vcpu->wake);
	else
		pthread_kill(vcpu->thread, KICK_SIGNAL);
}

static bool failed(const struct vcpu *vcpu, const char *call)
{
	msg("%s: %s: %s", vcpu->m->vm.path, call, strerror(errno));
	return false;
}

/**
 * vcpu_create - create vCPU @id of @m, with its CPUID
 *
 * Return: false after a message.
 */
bool vcpu_create(struct vcpu *vcpu, struct machine *m, unsigned int id)
{
	vcpu->m = m;
	vcpu->id = id;
	pthread_cond_init(&vcpu->wake, NULL);
	vcpu->fd = ioctl(m->vm.fd, KVM_CREATE_VCPU, (unsigned long)id);
	if (vcpu->fd < 0)
		return failed(vcpu, "KVM_CREATE_VCPU");
	vcpu->run = mmap(NULL, m->vm.run_size, PROT_READ | PROT_WRITE,
			 MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		return failed(vcpu, "mmap of struct kvm_run");
	return cpuid_setup(&m->vm, vcpu->fd, id, m->hide_hypervisor,
			   m->kernel_irq.irqchip == IRQCHIP_OFF ? &m->lapic_hz : NULL) &&
	       cpu_state_save(&vcpu->power_on, &m->vm, vcpu->fd);
}

/*
 * Set MSRs as firmware would; Linux warns if they are not set. A device may
 * refuse MSRs that it does not know, and the guest runs without them.
 */
static void set_msrs(const struct vcpu *vcpu)
{
	static const struct kvm_msr_entry msrs[] = {
		{ .index = 0x1a0, .data = 1 },	/* IA32_MISC_ENABLE: fast strings */
		{ .index = 0x2ff, .data = 0xc06 }, /* MTRRs on, default write-back */
	};
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} arg;

	/* One by one, because KVM_SET_MSRS stops at the first refusal. */
	for (size_t i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.head.nmsrs = 1;
		arg.entry = msrs[i];
		ioctl(vcpu->fd, KVM_SET_MSRS, &arg);
	}
}

static bool set_boot_registers(const struct vcpu *vcpu,
			       const struct boot *boot)
{
	struct kvm_sregs sregs = vcpu->power_on.sregs;
	struct kvm_regs regs = vcpu->power_on.regs;

	if (!vcpu->id)
		boot_registers(boot, &regs, &sregs);
	sregs.apic_base = vcpu->lapic.base;
	return !ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) &&
	       !ioctl(vcpu->fd, KVM_SET_REGS, &regs);
}

/**
 * vcpu_reset - set the state after power-on
 *
 * The first vCPU starts as @boot says, the others wait for a SIPI. To be called
 * before vcpu_start().
 *
 * Return: false after a message.
 */
bool vcpu_reset(struct vcpu *vcpu, const struct boot *boot)
{
	lapic_power_on(&vcpu->lapic, vcpu->id);
	/* The kernel's local APICs let vCPUs wait in KVM_RUN. */
	vcpu->activity = vcpu->id && vcpu->m->kernel_irq.irqchip == IRQCHIP_OFF ?
			 VCPU_WAIT_FOR_SIPI : VCPU_RUNNING;
	vcpu->run->ready_for_interrupt_injection = 0;
	if (!cpu_state_reset(&vcpu->power_on, vcpu->fd) ||
	    !set_boot_registers(vcpu, boot))
		return failed(vcpu, "the registers of a reset");
	set_msrs(vcpu);
	return true;
}

/*
 * Sleep until the vCPU can run. The machine's lock is held.
 *
 * Return: false if the machine stops.
 */
static bool wait_for_work(struct vcpu *vcpu)
{
	while (!power_is_stopping(vcpu->m)) {
		if (!vcpu_take_init(vcpu)) {
			failed(vcpu, "INIT");
			power_stop(vcpu->m, 1);
			return false;
		}
		if (vcpu_wakes(vcpu)) {
			vcpu->activity = VCPU_RUNNING;
			return true;
		}
		power_check_dead(vcpu->m);
		vcpu->waiting = true;
		pthread_cond_wait(&vcpu->wake, &vcpu->m->lock);
		vcpu->waiting = false;
	}
	return false;
}

/* Return: false if the machine stops */
static bool prepare_entry(struct vcpu *vcpu)
{
	struct machine *m = vcpu->m;
	bool ok;

	/* Clear it before the checks, so that no later kick is lost. */
	__atomic_store_n(&vcpu->run->immediate_exit, 0, __ATOMIC_RELAXED);
	pthread_mutex_lock(&m->lock);
	ok = wait_for_work(vcpu);
	if (ok && !vcpu_inject(vcpu)) {
		failed(vcpu, "injection");
		power_stop(m, 1);
		ok = false;
	}
	pthread_mutex_unlock(&m->lock);
	return ok;
}

/*
 * Return: 0 if run->exit_reason must be handled, otherwise the errno of KVM_RUN
 * (EINTR after a kick).
 */
static int enter_guest(struct vcpu *vcpu)
{
	int error = ioctl(vcpu->fd, KVM_RUN, 0) ? errno : 0;

	pthread_mutex_lock(&vcpu->m->lock);
	vcpu_note_exit(vcpu);
	pthread_mutex_unlock(&vcpu->m->lock);
	return error;
}

static void *vcpu_thread(void *opaque)
{
	struct vcpu *vcpu = opaque;
	sigset_t kick;

	current = vcpu;
	sigemptyset(&kick);
	sigaddset(&kick, KICK_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);

	while (prepare_entry(vcpu)) {
		int error = enter_guest(vcpu);

		if (!error) {
			exit_handle(vcpu);
		} else if (error != EINTR && error != EAGAIN) {
			errno = error;
			failed(vcpu, "KVM_RUN");
			dump_vcpu(vcpu);
			power_stop(vcpu->m, 1);
		}
	}
	vcpu_settle(vcpu);
	return NULL;
}

/**
 * vcpu_start - start the vCPU's thread
 *
 * Return: false after a message.
 */
bool vcpu_start(struct vcpu *vcpu)
{
	struct sigaction action = { .sa_handler = on_kick };

	/* Without SA_RESTART, so that the signal also ends a blocked write. */
	sigaction(KICK_SIGNAL, &action, NULL);
	errno = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);
	if (errno)
		return failed(vcpu, "cannot start a thread");
	vcpu->started = true;
	return true;
}

/**
 * vcpu_join - wait for the end of the vCPU's thread, while the machine stops
 *
 * Kicks until the thread is gone. One kick may come between a check and the
 * system call that it should end: KVM_RUN has immediate_exit for this case, but
 * a write to a blocked terminal has nothing.
 */
void vcpu_join(struct vcpu *vcpu)
{
	struct timespec until;

	if (!vcpu->started)
		return;
	do {
		pthread_kill(vcpu->thread, KICK_SIGNAL);
		pthread_cond_signal(&vcpu->wake);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 10000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(vcpu->thread, NULL, &until));
	vcpu->started = false;
}
