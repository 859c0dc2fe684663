/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual CPU: a thread that runs the guest and serves its exits. */
#ifndef VMXRUN_VCPU_H
#define VMXRUN_VCPU_H

#include <pthread.h>
#include <stdbool.h>

#include <linux/kvm.h>

#include "boot.h"
#include "cpu_state.h"
#include "lapic.h"

struct machine;

enum vcpu_activity {
	VCPU_RUNNING,
	VCPU_HALTED,		/* until an interrupt */
	VCPU_WAIT_FOR_SIPI,	/* until another CPU starts it */
};

/**
 * struct vcpu - one of the machine's
 * @id: number, which is also its APIC id
 * @fd: what KVM_CREATE_VCPU gave
 * @run: shared with the kernel
 * @lapic: its local APIC
 * @power_on: what a reset goes back to
 * @activity: what its thread does for it
 * @waiting: its thread waits on @wake, and not in the guest
 */
struct vcpu {
	struct machine *m;
	unsigned int id;
	int fd;
	struct kvm_run *run;
	struct lapic lapic;
	struct cpu_state power_on;
	enum vcpu_activity activity;
	pthread_t thread;
	bool started;
	bool waiting;
	pthread_cond_t wake;
};

bool vcpu_create(struct vcpu *vcpu, struct machine *m, unsigned int id);
bool vcpu_reset(struct vcpu *vcpu, const struct boot *boot);
bool vcpu_start(struct vcpu *vcpu);
void vcpu_kick(struct vcpu *vcpu);
void vcpu_join(struct vcpu *vcpu);

/* vcpu_event.c: what a vCPU has to attend to before it runs on */
bool vcpu_has_interrupt(const struct vcpu *vcpu);
bool vcpu_wakes(const struct vcpu *vcpu);
bool vcpu_is_dead(const struct vcpu *vcpu);
void vcpu_settle(struct vcpu *vcpu);
bool vcpu_take_init(struct vcpu *vcpu);
bool vcpu_inject(struct vcpu *vcpu);
void vcpu_note_exit(struct vcpu *vcpu);

#endif
