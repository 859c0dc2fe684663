/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the debug plane: a VMM in a process of its own, with a thread per vCPU, and a
 * session of the test's process on its VM. The test shares the guest's RAM, so it can
 * read the RAM without the session.
 *
 * The VMM logs an OUT, answers an IN or an MMIO read with a value, and logs MMIO
 * writes. HLT ends the vCPU's thread, and so does any error.
 */
#ifndef TESTS_ABI_VMM_H
#define TESTS_ABI_VMM_H

#include <sys/types.h>
#include <vmxdbg.h>

#include "guest.h"

#define VMM_RESET_PORT		0x7a	/* OUT here: RESET, then run from VMM_INIT_RIP */
#define VMM_INIT_PORT		0x7c	/* OUT here: INIT, then real mode at VMM_INIT_RIP */
#define VMM_INIT_RIP		0xa000
#define VMM_NMI_PORT		0x7d	/* OUT here: an NMI */
#define VMM_INTERRUPT_PORT	0x7b	/* OUT here: inject the vector in AL */
#define VMM_SLEEP_PORT		0x7f	/* OUT here: stay out of KVM_RUN for 300 ms */

/* state of the VMM, in shared memory */
struct vmm_vcpu {
	volatile u32 outs;	/* number of OUTs */
	volatile u32 last_out;	/* value of the last OUT */
	volatile u32 ins, mmios;
	volatile u32 eintr;	/* KVM_RUNs that returned EINTR */
	volatile u32 done;	/* the thread has ended */
	volatile int result;	/* of the last KVM_RUN: exit reason, or -errno */
	volatile u32 trap;	/* number + 1 of the exception that a stub reported */
	volatile u32 tid;
	volatile u32 debug_exits;
	volatile u32 halts;
};

struct vmm_shared {
	struct vmm_vcpu vcpu[VM_VCPUS];
	volatile u32 ready, failed;
	volatile u32 quit;
};

struct vmm_options {
	unsigned int vcpus;	/* 0: one */
	bool no_hold;		/* run at once; else held until a session resumes it */
	bool guest_debug;	/* in-band debugging on */
	bool split;		/* local APICs in the module; others than vCPU 0 wait for a SIPI */
	unsigned int halts;	/* HLTs from which the vCPU wakes at once */
	/* called in the VMM before the guest runs */
	void (*prepare)(struct vm *vm);
};

struct vmm {
	pid_t pid;
	u32 id;			/* the VM's id, from VMXDBG_LIST_VMS */
	int vm_fd;		/* the VM's fd, passed to us */
	unsigned int vcpus;
	struct vm vm;		/* only mem and size, for DATA32() and the like */
	struct vmm_shared *shared;
};

/* a VMM, and the session on it (fd -1 without) */
struct dbg {
	struct vmm vmm;
	int dev, fd;
};

void vmm_start(struct vmm *vmm, enum guest_mode mode, struct prog prog,
	       const struct vmm_options *options);
void vmm_kill(struct vmm *vmm);
/* Send SIGUSR1, which the VMM ignores, to the thread of a vCPU. */
int tgkill_vmm(struct vmm *vmm, unsigned int vcpu);
/* Wait until all vCPUs' threads end by HLT, for some seconds, or end the test. */
void vmm_wait_done(struct vmm *vmm);
/* Wait until *@count is at least @wanted, for some seconds. Return: whether it is. */
bool wait_for(const volatile u32 *count, u32 wanted);
/* Return: whether the u64 number @n of the guest's data changes within some seconds. */
bool vmm_counts(struct vmm *vmm, unsigned int n);
void sleep_ms(unsigned int ms);

/* Return: the id of the VM of VMM @pid, 0 if there is none. */
u32 vm_id_of(int dev, pid_t pid);

/* Start a held VMM and attach: vCPU 0 is stopped at the guest's first byte. */
void dbg_start(struct dbg *d, enum guest_mode mode, struct prog prog,
	       const struct vmm_options *options);
int attach(int dev, u32 flags, u32 target);

int session_stop(int fd, u32 vcpu);
int session_resume(int fd, u32 vcpu, u32 flags);
int session_resume_range(int fd, u32 vcpu, u64 start, u64 end);
/* Wrappers of one ioctl each. */
int session_regs(int fd, bool set, u32 vcpu, u32 which, u32 size, void *data);
struct kvm_regs session_get_regs(int fd, u32 vcpu);
void session_set_regs(int fd, u32 vcpu, const struct kvm_regs *regs);
/* Return: the number of bytes, or -errno. */
long session_read(int fd, u32 vcpu, u32 flags, u64 addr, void *buf, u64 len);
long session_write(int fd, u32 vcpu, u32 flags, u64 addr, const void *buf, u64 len);
struct vmxdbg_vcpu session_vcpu(int fd, u32 vcpu);
/* Add a breakpoint. Return: its id, or -errno. */
long session_add(int fd, u32 type, u64 addr, u64 len);
long session_add_bp(int fd, struct vmxdbg_bp bp);
/* Add a breakpoint, or end the test. Return: its id. */
u32 session_must_add(int fd, struct vmxdbg_bp bp);
/* Return: whether int3s are hidden from the guest's reads too (VMXDBG_FEATURE_HOOKS). */
bool session_hides(int fd);

/* Return: whether there is an event within @ms. */
bool event_within(int fd, int ms, struct vmxdbg_event *event);
/* Return: the next event, which must come. */
struct vmxdbg_event next_event(int fd);
/* Wait until an event can be read, for some seconds, or end the test. */
void wait_for_event(int fd);
/* Resume vCPU 0. The next event must be at @rip for @why. */
struct vmxdbg_event resume_to(struct dbg *d, u32 why, u64 rip);
/* Step vCPU 0 once, with @flags too. Return: the rip. */
u64 dbg_step(struct dbg *d, u32 flags);
/* Resume vCPU 0 until the guest halts, without an event. */
void dbg_finish(struct dbg *d);

#endif
