/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest whose vCPUs do one round after another, each in a thread, while the test
 * works on the memory that the guest uses. A round ends with an IN of one byte, and
 * the guest halts when that byte is 0.
 */
#ifndef TESTS_ABI_ROUNDS_H
#define TESTS_ABI_ROUNDS_H

#include <pthread.h>

#include "hostmem.h"

#define AREA		LARGE_PAGE
#define AREA_GPA	0x10000000UL

struct rounds;

struct rounds_thread {
	struct rounds *r;
	struct vcpu *v;
	pthread_t id;
	volatile u32 rounds;
	volatile u32 faults;	/* KVM_RUNs that returned EFAULT */
	volatile u32 mmios;	/* writes that went to the VMM */
	volatile bool held;
	int last;		/* result of the last KVM_RUN */
};

struct rounds {
	struct vm vm;
	u8 *mem;		/* AREA bytes, in slot 1 */
	size_t stride;		/* from one counter to the next */
	unsigned int vcpus;
	struct rounds_thread thread[VM_VCPUS];
	volatile bool hold, stop;
};

/* Make the VM, with the area at @gpa. Nothing runs yet. */
void rounds_make(struct rounds *r, struct prog prog, u64 gpa);
/* Start a thread for each vCPU. */
void rounds_go(struct rounds *r);
/* Wait until each vCPU has done this many rounds more. */
void rounds_more(struct rounds *r, u32 more);
/* Hold all vCPUs between two rounds, and let them go. */
void rounds_hold(struct rounds *r);
void rounds_let_go(struct rounds *r);
/* Wait for the end of all threads. Each must have ended with HLT. */
void rounds_join(struct rounds *r);
/* Let two rounds more pass, then end them all. */
void rounds_stop(struct rounds *r);

/* over all vCPUs */
u64 rounds_done(const struct rounds *r);
u32 rounds_faults(const struct rounds *r);
u32 rounds_mmios(const struct rounds *r);
/* Wait for some faults more than @before. */
void rounds_wait_faults(const struct rounds *r, u32 before);
/* the sum of all counters in the area */
u64 rounds_sum(const struct rounds *r);

/* The host's work on memory that a guest uses. */
void rounds_collapse_and_split(struct rounds *r);
void rounds_swap_out(struct rounds *r);
void rounds_fork(struct rounds *r);
void rounds_protect(struct rounds *r);
void rounds_move_away_and_back(struct rounds *r);
void rounds_compact(struct rounds *r);

#endif
