/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hard cases of guest debugging (Documentation/hardcases.rst). Each is written
 * once, against the functions below, and linked twice. run_hard debugs as a VMM with
 * a stub of its own does, on KVM or on our device; dbg_hard debugs through a session.
 *
 * The VMM answers the guest as in vmm.h. "Debug registers" are the hardware
 * breakpoints of run_hard and the objects of dbg_hard.
 */
#ifndef TESTS_ABI_HARD_H
#define TESTS_ABI_HARD_H

#include "vmm.h"

/*
 * A handler without effect, for vectors that push no error code: it counts at
 * GUEST_DATA. It has three instructions, and three more for #UD, which skip the UD2.
 * handler_at() gives their addresses.
 */
#define HANDLER		0xb800

/*
 * In addition to enum guest_mode: paged 32-bit mode, with the program in virtual-8086
 * mode.
 */
#define MODE_VM86	MODES

#define STOP_STEP	1
#define STOP_BREAK	2
#define STOP_WATCH	4
#define STOP_DEBUG	8	/* a #DB for no reason above, which only KVM reports */
#define STOP_END	16	/* the guest's HLT, not stepped over */
#define STOP_LOST	32	/* no stop and no end, or an error */

struct stop {
	u32 what;		/* STOP_* */
	u64 rip;
	u32 hits;		/* bit n: the object with the number n */
};

struct setup {
	int mode;
	struct prog prog;
	unsigned int halts;	/* HLTs from which the vCPU wakes at once */
	void (*prepare)(struct vm *vm);		/* before it runs, in its VMM */
};

/* ---- what the two programs have of their own ---- */

bool target_is_session(void);
bool target_hides(void);	/* the guest's reads do not see breakpoints */
void target_start(const struct setup *setup);
/* the guest's RAM; in the VMM's own process also the vCPU */
struct vm *target_vm(void);
void target_end(void);
#define STEP_IRQS	1	/* let interrupts in */
struct stop target_step(unsigned int flags);
struct stop target_go(void);
/* number of OUTs that reached the VMM */
u32 target_outs(void);
/*
 * Let the guest run for a moment, then stop it from outside. Return: whether it
 * stopped.
 */
bool target_interrupt(void);
/* Return: a number from 0 to 3, or a negative errno. */
int target_break(u64 addr);
int target_watch(u64 addr, unsigned int len, bool reads_too);
/* a software breakpoint: run_hard writes an int3, the session hooks the page */
void target_soft(u64 addr);
void target_clear(void);		/* remove all, and end the debugging */
void target_get_regs(struct kvm_regs *regs);
void target_set_regs(const struct kvm_regs *regs);
void target_get_debugregs(struct kvm_debugregs *regs);

/* ---- hard_guest.c ---- */

/* Prepare tables and the vCPU's state for @setup, in the VMM. */
void hard_prepare(struct vm *vm, const struct setup *setup);
u64 handler_at(int mode, unsigned int n);
/* Let @vector go to HANDLER. */
void hard_gate(struct vm *vm, int mode, u8 vector);

/*
 * @got must be @ours on our device, and @kvm on KVM. If the two differ, the output on
 * KVM says @why.
 */
bool expect(u64 got, u64 ours, u64 kvm, const char *what, const char *why,
	    const char *file, int line);
#define EXPECT(got, ours, kvm, why) \
	expect(got, ours, kvm, #got, why, __FILE__, __LINE__)

/* ---- hard_run.c ---- */

#define RFLAGS_TF	(1U << 8)
#define DR6_ONES	0xffff0ff0
#define DR6_BD		(1U << 13)
#define DR6_BS		(1U << 14)

/* long mode: a vector's gate to a label of the guest */
#define GATE(guest, label, vector) \
	"movw $" GADDR(guest, label) ", 0x1000 + " #vector " * 16\n"

/*
 * A #DB handler in long mode: counts at 0xc000, keeps DR6 and the frame's rip
 * and flags of each at 0xc100 + 32 * n, and clears DR6.
 */
#define DB_LOG(label)							\
	label ": push %rax; push %rbx\n"				\
	"mov 0xc000, %ebx; shl $5, %ebx\n"				\
	"mov %dr6, %rax; mov %rax, 0xc100(%rbx)\n"			\
	"mov 16(%rsp), %rax; mov %rax, 0xc108(%rbx)\n"			\
	"mov 32(%rsp), %rax; mov %rax, 0xc110(%rbx)\n"			\
	"mov $0xffff0ff0, %eax; mov %rax, %dr6\n"			\
	"incl 0xc000\n"							\
	"pop %rbx; pop %rax; iretq\n"

/* One #DB as DB_LOG keeps it. */
struct hard_db {
	u64 dr6, rip, flags, unused;
};

struct hard_db hard_seen(unsigned int n);
/* Return: the count of the guest's handler, at GUEST_DATA. */
u32 hard_count(void);
void hard_start(int mode, struct prog prog);
/* The stop must be this one, or the test ends. */
void hard_check_stop(struct stop got, u32 what, u64 rip);
/* Step until the guest's HLT. Return: the number of steps. */
unsigned int hard_step_to_end(void);

enum how {
	ALONE,		/* not debugged */
	STEPPED,	/* to its end */
	BESIDE		/* two breakpoints of the debugger's, which it never hits */
};

/* Does the guest leave the same data behind alone as when it is debugged? */
bool hard_same_data(int mode, struct prog prog, void (*prepare)(struct vm *), enum how how);
/* turn SYSCALL on, into @entry */
void hard_syscall(struct vm *vm, u64 entry);

/* ---- the tables ---- */

#define HARD_ROW(row, what, fn) { "hard case " #row ": " what, fn, 0, NULL, NULL }

extern const struct test hard_steps[], hard_flags[], hard_events[], hard_breaks[];
extern const unsigned int hard_steps_nr, hard_flags_nr, hard_events_nr, hard_breaks_nr;
int hard_main(int argc, char **argv);

#endif
