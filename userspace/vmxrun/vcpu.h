/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual CPU: a thread that runs the guest and serves its exits. */
#ifndef VMXRUN_VCPU_H
#define VMXRUN_VCPU_H

#include <pthread.h>
#include <stdbool.h>

#include <linux/kvm.h>

#include "boot.h"

struct machine;

/**
 * struct vcpu - one of the machine's
 * @id: number
 * @fd: what KVM_CREATE_VCPU gave
 * @run: shared with the kernel
 * @halted: its thread waits on @wake for an interrupt
 */
struct vcpu {
	struct machine *m;
	unsigned int id;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool started;
	bool halted;
	pthread_cond_t wake;
};

bool vcpu_create(struct vcpu *vcpu, struct machine *m, unsigned int id);
bool vcpu_reset(struct vcpu *vcpu, const struct boot *boot);
bool vcpu_start(struct vcpu *vcpu);
void vcpu_kick(struct vcpu *vcpu);
void vcpu_join(struct vcpu *vcpu);

#endif
