/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the debug plane: a VMM in a process of its own, a thread per vCPU, and a
 * session of the test's own process attached to it. The guest's RAM is shared,
 * so the test can look into it without the session.
 *
 * The VMM answers the guest like this: an OUT is logged, an IN gets a value,
 * MMIO likewise; HLT ends the vCPU's thread, and so does any error.
 */
#ifndef TESTS_ABI_VMM_H
#define TESTS_ABI_VMM_H

#include <sys/types.h>
#include <vmxdbg.h>

#include "guest.h"

#define VMM_RESET_PORT		0x7a	/* OUT here: RESET, then on at VMM_INIT_RIP */
#define VMM_INIT_PORT		0x7c	/* OUT here: anew in real mode, at VMM_INIT_RIP */
#define VMM_INIT_RIP		0xa000
#define VMM_NMI_PORT		0x7d	/* OUT here: an NMI */
#define VMM_INTERRUPT_PORT	0x7b	/* OUT here: inject the vector in AL */
#define VMM_SLEEP_PORT		0x7f	/* OUT here: out of KVM_RUN for 300 ms */

/* what the VMM tells, in shared memory */
struct vmm_vcpu {
	volatile u32 outs;	/* how many OUTs */
	volatile u32 last_out;	/* value of the last */
	volatile u32 ins, mmios;
	volatile u32 eintr;	/* times that KVM_RUN gave EINTR */
	volatile u32 done;	/* its thread is over */
	volatile int result;	/* of the last KVM_RUN: exit reason, or -errno */
	volatile u32 trap;	/* exception + 1 that a stub reported */
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
	bool no_hold;		/* runs at once; else held until a session resumes it */
	bool guest_debug;	/* in-band debugging on */
	unsigned int halts;	/* HLTs after which it runs on, as if woken */
	/* in the VMM, before it runs */
	void (*prepare)(struct vm *vm);
};

struct vmm {
	pid_t pid;
	u32 id;			/* the VM's, from VMXDBG_LIST_VMS */
	int vm_fd;		/* the VM's fd, passed to us */
	unsigned int vcpus;
	struct vm vm;		/* of it only mem and size: for DATA32() and the like */
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
/* SIGUSR1, which the VMM ignores, to the thread of a vCPU */
int tgkill_vmm(struct vmm *vmm, unsigned int vcpu);
/* all vCPUs' threads end by HLT within some seconds, or the test ends */
void vmm_wait_done(struct vmm *vmm);
/* until *@count is at least @wanted, for some seconds: was it? */
bool wait_for(const volatile u32 *count, u32 wanted);
/* does the u64 number @n of the guest's data change within some seconds? */
bool vmm_counts(struct vmm *vmm, unsigned int n);
void sleep_ms(unsigned int ms);

/* find the VM of VMM @pid. Return: its id, 0 when there is none. */
u32 vm_id_of(int dev, pid_t pid);

/* VMM held, session attached: vCPU 0 is stopped at the guest's first byte */
void dbg_start(struct dbg *d, enum guest_mode mode, struct prog prog,
	       const struct vmm_options *options);
int attach(int dev, u32 flags, u32 target);

int session_stop(int fd, u32 vcpu);
int session_resume(int fd, u32 vcpu, u32 flags);
int session_resume_range(int fd, u32 vcpu, u64 start, u64 end);
/* what one ioctl fills in, and the plain results */
int session_regs(int fd, bool set, u32 vcpu, u32 which, u32 size, void *data);
struct kvm_regs session_get_regs(int fd, u32 vcpu);
void session_set_regs(int fd, u32 vcpu, const struct kvm_regs *regs);
/* bytes done, or -errno */
long session_read(int fd, u32 vcpu, u32 flags, u64 addr, void *buf, u64 len);
long session_write(int fd, u32 vcpu, u32 flags, u64 addr, const void *buf, u64 len);
struct vmxdbg_vcpu session_vcpu(int fd, u32 vcpu);
/* a breakpoint. Return: its id, or -errno. */
long session_add(int fd, u32 type, u64 addr, u64 len);
long session_add_bp(int fd, struct vmxdbg_bp bp);
/* the same, or the test ends */
u32 session_must_add(int fd, struct vmxdbg_bp bp);
/* VMXDBG_FEATURE_HOOKS: does the guest, too, read its own bytes where an int3 is? */
bool session_hides(int fd);

/* is there an event within @ms? */
bool event_within(int fd, int ms, struct vmxdbg_event *event);
/* the next one, which must come */
struct vmxdbg_event next_event(int fd);
/* one is there to be read, within some seconds */
void wait_for_event(int fd);
/* resume vCPU 0, and the next event must be so: at @rip for @why */
struct vmxdbg_event resume_to(struct dbg *d, u32 why, u64 rip);
/* step vCPU 0 once with @flags more. Return: where. */
u64 dbg_step(struct dbg *d, u32 flags);
/* resume vCPU 0 until the guest halts, no event */
void dbg_finish(struct dbg *d);

#endif
