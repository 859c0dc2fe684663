/* SPDX-License-Identifier: MIT */
/*
 * A guest that this process runs itself, as target of the stub.
 *
 * A machine keeps which vCPUs may run and which stops the debugger has not read, and
 * makes of a few operations of the VMM what the stub needs: breakpoints by int3 in guest
 * memory, steps over them, steps through a range.
 *
 * The owner serializes all calls. Where vCPUs run in threads of their own, stopping one
 * waits for its thread: see struct machine_threads.
 */
#ifndef VMXGDB_MACHINE_H
#define VMXGDB_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <vmxdbg.h>

#include "guest/target.h"
#include "vmxgdb.h"

/* A breakpoint in the terms of the VMM */
struct machine_bp {
	uint32_t id;
	uint32_t type;		/* VGDB_BP_* */
	uint64_t addr;		/* linear */
	uint64_t len;
	uint64_t cr3;		/* with @one_space: only in this address space */
	bool one_space;
	bool planted;		/* by int3 at @gpa, otherwise the backend's */
	uint64_t gpa;
};

/* One int3 in guest memory, for one or more breakpoints */
struct machine_site {
	uint64_t gpa;
	unsigned int users;
	uint8_t old;		/* the guest's byte */
};

struct machine;

/**
 * struct machine_ops - operations of a backend
 * @get_set: read the register set VMXDBG_REGS_*
 * @set_set: write it
 * @get_msrs: see struct target_ops; NULL: the backend has no MSRs
 * @set_msrs: likewise
 * @read_memory: read physical memory; returns bytes read or a negative errno
 * @write_memory: write physical memory, likewise
 * @translate: translate; @to->gva is the address. -ENXIO: not mapped
 * @add_bp: arm a breakpoint. -EOPNOTSUPP: not this type. -ENOSPC: no more
 * @del_bp: disarm it
 * @run: the vCPU is about to run by VGDB_RUN or VGDB_STEP
 * @kick: see struct vgdb_ops; NULL: vCPUs do not run while the stub works
 * @kill: see struct vgdb_ops; -EOPNOTSUPP if there is none
 * @reset: likewise
 * @free: free the backend's data
 */
struct machine_ops {
	int (*get_set)(struct machine *m, uint32_t vcpu, uint32_t set, void *data);
	int (*set_set)(struct machine *m, uint32_t vcpu, uint32_t set, const void *data);
	int (*get_msrs)(struct machine *m, uint32_t vcpu, struct kvm_msr_entry *entries,
			uint32_t count, uint32_t *done);
	int (*set_msrs)(struct machine *m, uint32_t vcpu, const struct kvm_msr_entry *entries,
			uint32_t count, uint32_t *done);
	ssize_t (*read_memory)(struct machine *m, uint64_t gpa, void *data, size_t len);
	ssize_t (*write_memory)(struct machine *m, uint64_t gpa, const void *data, size_t len);
	int (*translate)(struct machine *m, uint32_t vcpu, struct vmxdbg_translate *to);
	int (*add_bp)(struct machine *m, const struct machine_bp *bp);
	int (*del_bp)(struct machine *m, const struct machine_bp *bp);
	int (*run)(struct machine *m, uint32_t vcpu, int action);
	int (*kick)(struct machine *m, uint32_t vcpu);
	int (*kill)(struct machine *m);
	int (*reset)(struct machine *m);
	void (*free)(struct machine *m);
};

/**
 * struct machine_threads - threads of vCPUs
 * @wait: wait until a vCPU's state has changed, or a little
 * @wake: a vCPU's state has changed
 */
struct machine_threads {
	void (*wait)(void *owner);
	void (*wake)(void *owner);
};

/**
 * struct machine_vcpu - one vCPU
 * @stopped: the debugger holds it
 * @outside: it is not in the guest: its thread waits, or has never run
 * @tid: thread that ran it last, 0 at first
 * @unread: @event has not been read
 * @passes: its next instruction has a breakpoint that must not be hit now
 * @how: its last resume
 * @event: last stop
 * @addr: see vgdb_detail_addr()
 * @signal: see vgdb_detail_text()
 * @text: likewise
 */
struct machine_vcpu {
	bool stopped;
	bool outside;
	pid_t tid;
	bool unread;
	bool passes;
	struct vmxdbg_resume how;
	struct vmxdbg_event event;
	uint64_t addr;
	int signal;
	char text[200];
};

#define MACHINE_NOBODY	(-1)

/**
 * struct machine - the guest
 * @target: for the stub
 * @ops: backend
 * @data: the backend's
 * @threads: NULL: vCPUs do not run while the stub works
 * @owner: argument of @threads
 * @attached: a debugger has the machine
 * @stops_new: new vCPUs are stopped
 * @hurry: bit n: vCPU n must not run; read without a lock
 * @gone: the guest has ended
 * @count: number of vCPUs
 * @vcpus: vCPUs
 * @passing: vCPU that steps over lifted breakpoints, while no other one runs
 * @lifted: address of the lifted breakpoints
 * @next_id: last id of a breakpoint
 * @bps: breakpoints
 * @nr_bps: their number
 * @sites: int3 in memory
 * @nr_sites: their number
 * @event_fd: eventfd that is readable when there are events
 */
struct machine {
	struct target target;
	const struct machine_ops *ops;
	void *data;
	const struct machine_threads *threads;
	void *owner;
	bool attached;
	bool stops_new;
	uint64_t hurry;
	bool gone;
	unsigned int count;
	struct machine_vcpu vcpus[VGDB_VCPUS_MAX];
	int passing;
	uint64_t lifted;
	uint32_t next_id;
	struct machine_bp *bps;
	size_t nr_bps;
	struct machine_site *sites;
	size_t nr_sites;
	int event_fd;
};

/* Return: 0 or a negative errno. */
int machine_init(struct machine *m, const struct machine_ops *ops, void *data);

/* Give the guest its memory back, and free what the machine has. */
void machine_free(struct machine *m);

/* Return: the number of the new vCPU, or -ENOSPC. */
int machine_add_vcpu(struct machine *m);

/* Hold a vCPU, or all; afterwards it is not in the guest. Return: 0, -ENODEV. */
int machine_stop(struct machine *m, uint32_t vcpu);

/* Let a vCPU run, or step. */
void machine_resume_one(struct machine *m, uint32_t vcpu, const struct vmxdbg_resume *how);

/* Hold all vCPUs, also those to come, until a debugger resumes them. */
void machine_hold(struct machine *m);

/* A debugger begins, or has gone: then all breakpoints go, and all vCPUs run. */
void machine_take(struct machine *m);
void machine_release(struct machine *m);

/**
 * machine_report() - a vCPU has left the guest
 * @m: machine
 * @vcpu: number
 * @reason: VGDB_NOTHING, VGDB_STEPPED, ...
 *
 * Return: whether there is an event for the debugger.
 */
bool machine_report(struct machine *m, uint32_t vcpu, uint32_t reason);

/* Return: what @vcpu may do now, VGDB_*. Nothing changes. */
int machine_action(const struct machine *m, uint32_t vcpu);

/* Let @vcpu into the guest by machine_action(). Return: VGDB_*, or a negative errno. */
int machine_enter(struct machine *m, uint32_t vcpu);

/* Return: whether a vCPU may run. */
bool machine_any_runs(const struct machine *m);

/* The guest has ended. */
void machine_end(struct machine *m);

/* Return: the linear address of the next instruction of @vcpu, 0 if it is unknown. */
uint64_t machine_rip(struct machine *m, uint32_t vcpu);

#endif /* VMXGDB_MACHINE_H */
