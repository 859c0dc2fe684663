/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMs of the fake target: their memory and vCPUs. */
#ifndef TESTS_RSP_FAKE_MACHINE_H
#define TESTS_RSP_FAKE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#include "fake_act.h"
#include "fake_object.h"
#include "fake_registers.h"
#include "fake_vms.h"

#define RAM_SIZE	0x200000
#define CODE		0x10000
#define KERNEL		0xffffffff80000000ULL
#define VCPUS_MAX	300
#define VCPUS_NEW_MAX	4	/* the guest makes no more itself */
#define BPS_MAX		20000
#define NX		0x1e0000

struct vcpu {
	bool exists;
	bool stopped;
	bool halted;
	bool unread;
	bool dead;	/* the VMM got the end of this vCPU */
	struct vmxdbg_event event;
	struct vmxdbg_resume how;	/* of the last resume */
	bool passing;			/* the breakpoint reported at ... */
	uint64_t passing_rip;
	bool caught;			/* the event reported at ... */
	uint64_t caught_rip;
	uint64_t step_rsp;		/* when the step began */
	struct fake_waiting waiting;
	struct kvm_regs general;
	struct kvm_sregs system;
	struct kvm_debugregs debug;
	struct kvm_fpu fpu;
	struct fake_registers other;
};

struct machine {
	bool attached;
	bool held;
	bool stop_new;		/* since a stop of all, until a resume of all */
	bool gone;
	bool gone_unread;
	uint32_t time;			/* VMXDBG_TIME_* */
	int reset_in;			/* so many reads of events; 0: no reset */
	int eventfd;
	int bps_room;
	int bps_used;			/* entries of @bps before this one */
	uint32_t next_id;
	int vcpus_end;			/* one more than the highest number */
	struct vcpu vcpus[VCPUS_MAX];
	uint8_t ram[RAM_SIZE];
	struct vmxdbg_bp bps[BPS_MAX];
	struct fake_object objects[BPS_MAX];	/* options of @bps */
};

extern struct machine fake_machines[FAKE_VMS_MAX];

/* The one that an operation is about */
#define fake	(fake_machines[fake_vm])

#define contract(condition) \
	((condition) ? (void)0 : fake_broken(__func__, #condition))

/* Print the broken rule, and abort. */
_Noreturn void fake_broken(const char *where, const char *what);

/* Return: the number of a variable of the environment. */
int fake_env(const char *name, int otherwise);

/* Return: the vCPU, which must exist. fake_stopped(): and must be stopped. */
struct vcpu *fake_vcpu_of(uint32_t number);
struct vcpu *fake_stopped(uint32_t number);

/* Return: the bytes at a linear address, or NULL where not all are memory. */
void *fake_linear(uint64_t addr, uint64_t len);
/* Return: whether the guest may not execute there. */
bool fake_no_execute(uint64_t addr);
uint64_t fake_linear_rip(const struct vcpu *v);

/* The descriptor is readable while a vCPU runs or an event waits. */
void fake_show_events(void);
/* Stop a vCPU with an event. @why: VMXDBG_WHY_* to add to it */
void fake_stop_for(struct vcpu *v, uint32_t why);

/* A vCPU as after a reset. */
void fake_vcpu_new(int number);
/* Read the guest's code into memory. Return: whether there is some. */
bool fake_load(const char *path);

#endif
