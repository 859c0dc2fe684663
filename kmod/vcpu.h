/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual CPU. Its thread owns it in KVM_RUN's loop; otherwise the holder of
 * state_mutex does, while the vCPU is stopped or outside of KVM_RUN.
 */
#ifndef VMXDBG_VCPU_H
#define VMXDBG_VCPU_H

#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/rcuwait.h>
#include <linux/wait.h>
#include <asm/desc_defs.h>
#include <asm/mce.h>
#include <asm/vmx.h>
#include <uapi/asm/vmx.h>

#include "debug/types.h"
#include "insn/insn.h"
#include "lib/dr.h"
#include "mmu/types.h"
#include "vcpu/types.h"
#include "vm.h"
#include "vmx/host_perf.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

struct hook;
struct kvm_cpuid_entry2;
struct kvm_run;
struct lapic;
struct pid;

#define EXIT_REASONS	128	/* a power of 2; SDM vol. 3, appendix C has fewer */
#define VCPU_MAX_NMIS	2	/* one is injected, one more is latched */
#define VCPU_WRITTEN	8	/* pages that most instructions can write */
#define MCE_MAX_BANKS	32	/* as in KVM */
#define VCPU_MMAP_PAGES	3	/* struct kvm_run, port I/O data, the VM's coalesced writes */

/* Bits of vcpu->requests: work to do before the next entry. */
enum vcpu_request {
	REQ_FLUSH,		/* INVEPT of both views, and INVVPID */
	REQ_STOP,		/* leave the guest and check vcpu->stop */
	REQ_DEBUG_REGS,		/* the debug registers need a new plan: dr_plan_vcpu() */
	REQ_TRACK,		/* track_sync() */
	REQ_ENTRY,		/* events, windows, MTF or view changed: plan_entry() */
	REQ_CATCH,		/* catches were added or removed */
	REQ_DR_ROOM,		/* bp_make_room() */
	REQ_TIME,		/* the VM's time was held: vcpu_tsc_follow() */
	REQ_INJECT,		/* a session injects an event: inject_take() */
	REQ_NMI,		/* NMIs came to the local APIC: event_take_nmis() */
	REQ_LIFE,		/* the vCPU waits, or INIT or SIPI came: wait.c */
	REQ_EOI,		/* the VMM has to hear of an EOI: lapic->eoi */
	REQ_TPR,		/* the VMM wants to hear of an access to TPR: lapic->tpr */
	REQ_VAPIC,		/* vapic_sync() */
	REQ_PV,			/* structures of KVM's in guest memory: pv_update() */
};

/* Reasons for the monitor trap flag: bits of vcpu->stepping. */
#define STEP_SESSION	BIT(0)	/* the session asked for a step */
#define STEP_INBAND	BIT(1)	/* KVM_GUESTDBG_SINGLESTEP is set */
#define STEP_PASS	BIT(2)	/* pass over a software breakpoint: plain view */
#define STEP_DATA	BIT(3)	/* access to a protected page: plain or step view */
#define STEP_CATCH	BIT(4)	/* this instruction was caught already */
#define STEP_PLAIN	(STEP_PASS | STEP_DATA)

/* The instruction executes now: no interrupt is injected before it. */
#define STEP_HOLDS	(STEP_PLAIN | STEP_CATCH)

/* Results of an exit handler, beside a negative errno for KVM_RUN to return. */
#define RUN_RESUME	0	/* enter the guest again */
#define RUN_USER	1	/* return to the VMM; run->exit_reason is set */
#define RUN_SLOW	2	/* call the slow handler of the exit, which may sleep */
/* Do what takes long or sleeps (retry_insn() in run.c), then vcpu_step_done() again. */
#define RUN_RETRY	4

/* Entries of direct-mapped caches. */
#define VCPU_INSNS	16
#define VCPU_WALKS	8

struct vcpu {
	/* hot: every exit uses these */
	u64 regs[16];			/* RSP is in the VMCS */
	struct vmcs_slot vmcs;
	u64 host_rsp;			/* the value of HOST_RSP */
	u64 cr2;
	unsigned long requests;		/* enum vcpu_request */
	int guest_cpu;			/* CPU that runs guest code for it, or -1 */
	u32 proc_ctl;			/* the value of CPU_BASED_VM_EXEC_CONTROL */
	u32 step_ctl;			/* bits of it that are set during steps only */
	u32 exceptions;			/* the value of EXCEPTION_BITMAP */
	u32 stepping;			/* STEP_* */
	u32 catching;			/* BIT(VMXDBG_CATCH_*): types that are checked */
	u32 planned;			/* @stepping at the last plan_entry() */
	u8 view;			/* enum ept_view_id in EPT_POINTER */
	bool tpr_shadow;		/* CR8 does not exit; implies @lapic */
	u8 tpr_threshold;		/* the value of TPR_THRESHOLD */
	bool insn_done;			/* a handler completed an instruction */
	u32 exit_reason;
	u32 exit_intr_info;		/* of an exit with EXIT_REASON_EXCEPTION_NMI */
	u64 exit_qual, exit_gpa;	/* for the slow handlers */
	u64 written[VCPU_WRITTEN];	/* hooked pages written by this instruction */
	u8 nr_written;
	bool written_more;		/* pages that @written has no room for */
	struct vcpu_event event;
	int irq;			/* from KVM_INTERRUPT, -1 none */
	u32 irq_from, nmi_from;		/* IRQ_FROM() of @irq, and of the last of @nmi_pending */
	enum event_kind reinject;	/* a VM exit interrupted its delivery */
	struct lapic *lapic;		/* NULL: the VMM emulates it */
	bool irq_window;		/* request_interrupt_window, as KVM_RUN found it */
	u8 nmi_pending;			/* number, up to VCPU_MAX_NMIS */

	struct ept_cache ept_cache;	/* tables for its next fault */
	u64 pf_taken;			/* EPT violations */
	u64 vmm_exits;			/* returns of KVM_RUN */

	struct vm *vm;
	u32 id;
	struct kvm_run *run;		/* page 0 of the mapping */
	void *pio_data;			/* page 1 */
	struct mutex mutex;		/* the run plane's ioctls, one at a time */
	struct mutex state_mutex;	/* see above */
	u16 vpid;			/* 0: no VPID, each entry and exit flushes */
	int host_cpu;			/* CPU whose host state is in the VMCS */
	struct pid *pid;		/* the thread that last ran it, referenced */
	u8 mp_state;			/* KVM_MP_STATE_* */
	struct rcuwait wait;		/* the thread, while the guest has halted: run/wait.c */
	bool shutdown;			/* triple fault that the VMM has not seen yet */
	struct {			/* or another end: vmm_exit_dead_end() */
		u32 exit_reason;	/* for the VMM; 0: triple fault */
		u32 error;		/* VMXDBG_ERROR_* */
	} dead_end;
	bool shutdown_told;		/* the session has seen it */

	/* host state, valid between context_enter() and context_leave() */
	struct {
		union {
			struct {
				u16 ds, es, fs, gs;
			};
			u64 data_selectors;		/* all of them */
		};
		u16 ldt;
		struct desc_ptr gdt, idt;
		unsigned long cr3, cr4, fs_base;	/* as in the VMCS */
		u64 dr[4];
		struct host_perf perf;				/* as in the VMCS */
		u64 kernel_gs;
		u32 tsc_aux;				/* of host_cpu */
		u64 syscall[VMSR_FMASK + 1];		/* beside KVM, with has_syscall */
	} host;

	/* guest state outside of the VMCS */
	u64 msrs[VMSR_COUNT];
	u8 msr_switches;		/* bit n: @msrs[n] differs from the host and is switched */
	bool has_syscall;		/* EFER.SCE */
	u64 cr8, apic_base, xcr0;
	struct seg_attrs seg_attrs[8];	/* ES to GS, LDTR, TR */
	u64 xcr0_allowed, cr4_allowed, efer_allowed;	/* limits from its CPUID */
	bool x2apic;			/* CPUID has x2APIC */
	bool tsc_deadline;		/* CPUID has the TSC deadline timer */
	bool cpuid_faults;		/* CPUID above ring 0 raises #GP: cpuid_fault.c */
	bool pdcm;			/* CPUID has IA32_PERF_CAPABILITIES */
	bool tsc_aux;			/* CPUID has IA32_TSC_AUX */
	struct {			/* spec_ctrl.c */
		struct vmx_msr_entry ctrl;	/* IA32_SPEC_CTRL; entry and exit use it... */
		bool switched;		/* ...from when this is set */
		bool pred_cmd_passes;
		u8 msrs;		/* from its CPUID */
		u64 arch_capabilities;
	} spec;
	struct {			/* services of KVM's: pv.c */
		u32 features;		/* from its CPUID: BIT(KVM_FEATURE_*) */
		u64 clock;		/* MSR_KVM_SYSTEM_TIME; other threads read it */
		u64 wall_due;		/* address of a wall clock to write, or 0 */
		bool was_paused;	/* KVM_KVMCLOCK_CTRL; the guest does not know yet */
		bool clock_due;		/* there was no memory to write the clock to */
		bool preempted;		/* as the guest reads it */
		u64 steal;		/* MSR_KVM_STEAL_TIME */
		u64 delay;		/* steal_delay() that the guest knows of */
	} pv;
	u64 tsc_offset;			/* from vm_time(), scaled by vmcs.tsc_ratio */
	u32 tsc_khz;
	u64 pat;			/* when !vmx_ctl.pat */
	u64 misc_enable, tsc_adjust, ucode_rev, power_ctl, feature_control, hwcr;
	u64 platform_info;
	struct {
		u64 cap, ctl, status;
		u64 bank[MCE_MAX_BANKS][4];	/* CTL, STATUS, ADDR, MISC */
		u64 ctl2[MCE_MAX_BANKS];
	} mce;
	u64 mtrr[32], mtrr_def;		/* stored; EPT ignores them */
	u64 dr[4], dr6, dr7;		/* as the guest sees them */
	void *xsave;			/* standard format */
	u64 *msr_bitmap;		/* a page */
	struct kvm_cpuid_entry2 *cpuid;
	unsigned int cpuid_nr;
	u8 maxphyaddr;			/* from its CPUID */

	/* debug registers of the processor while it runs */
	struct dr_plan plan;
	bool plan_active;
	u32 plan_ids[DR_COUNT];		/* ids of the objects planned, by want */
	struct dr_want kept[DR_COUNT];	/* hits to report later: dr_wants_keep() */
	u8 nr_kept;
	struct dr_watch_value dr_values[DR_COUNT];	/* by number of the hit in dr_wants_hit() */

	/* I/O that waits for the VMM */
	enum vcpu_pending pending;
	struct {
		u64 point;		/* insn_point() */
		u16 port;
		u8 size;
		bool in, string, rep;
		bool device;		/* INS, OUTS: the memory operand is MMIO */
		u32 count;
		u64 gva;		/* INS, OUTS: address of the first element */
		u8 addr_size;
	} pio;
	struct {
		const struct insn *insn;	/* in insns[] */
		u64 rip;			/* linear */
		enum mmio_phase phase;
		u8 done, turn;			/* bytes transferred; bytes with the VMM now */
		struct mmio_access access[MMIO_PHASES];
		struct segment_value segment;	/* to load at the end */
	} mmio;
	struct {
		u64 point;			/* insn_point() */
		bool read;
	} msr_wait;
	struct {			/* pause.c */
		u64 rip;		/* of the last PAUSE that exited */
		u32 window;		/* PLE_WINDOW, if the processor has that */
	} pause;
	struct insn_memo insns[VCPU_INSNS];
	struct walk_memo walks[VCPU_WALKS];
	struct bp_fastpath_memo fastpaths[VCPU_FASTPATHS];	/* bp_fastpath.c */
	struct page_ref page_refs[VCPU_PAGE_REFS];
	struct {			/* hook of the last hit, valid for one @seq */
		struct hook *hook;
		unsigned long seq;	/* vm->hooks_seq */
	} hook_memo;

	/* in-band debug */
	struct kvm_guest_debug guest_debug;
	u64 guest_debug_dr6;		/* DR6 of the last KVM_EXIT_DEBUG, for INJECT_DB */

	struct watch_insn watch;	/* accesses to watched pages */
	struct step_view step_view;
	struct track_vcpu track;	/* breakpoints by linear address */
	struct hit_point hit_point;	/* dbg_object.c */
	u32 catch_exceptions, catch_crs;	/* bit n: catches want the exit */
	bool caught;			/* a catch reported the instruction at reported_rip */
	bool nmi_caught, entry_caught, reset_caught;
	DECLARE_BITMAP(irqs_caught, IRQ_VECTORS);	/* wait, and catches were asked */

	/* debugging by a session; vm->dbg_lock */
	bool stop;			/* must not run guest code */
	bool in_run;			/* KVM_RUN's loop may be touching state */
	bool still;			/* counted in vm->nr_still */
	bool parked;			/* sleeps in park_once() */
	bool halted;
	bool flags_told;		/* KVM_RUN has written the flags of struct kvm_run */
	wait_queue_head_t park_wq;	/* the stopped thread waits here */
	bool event_ready;
	struct vmxdbg_event dbg_event;
	u64 reported_rip;		/* a breakpoint was reported here */
	struct {
		bool known;
		u64 rip, cr3, gpa;
	} int3;				/* the int3 that it stopped at, translated */
	bool reported;
	u32 step_flags;			/* VMXDBG_RESUME_* */
	u64 range_start, range_end;
	struct {
		u64 from, cr3;		/* of the instruction that executes now */
		u64 rsp;		/* at the start of the step */
		u8 bits, cpl;
	} until;
	bool delivers;			/* the step injects an event */
	struct {			/* events that a session injects: inject.c */
		u8 types;		/* BIT(VMXDBG_INJECT_*) of those that wait */
		u8 irq;
		u8 vector;		/* the exception's */
		u32 error;
		u64 addr;
	} inject;
	struct rep rep;			/* breakpoint at a REP instruction */
	struct dr_hit_memo dr_hit_memo;	/* hits of debug registers that were reported */

	bool sigset_active;
	sigset_t sigset;

	u64 exits[EXIT_REASONS];	/* VM exits by basic reason */
	u64 failed_entries;
};

#endif
