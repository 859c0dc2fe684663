/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual CPU. Who may touch it: its thread in KVM_RUN, or whoever holds
 * state_mutex while it is not in KVM_RUN's loop (stopped or outside).
 */
#ifndef VMXDBG_VCPU_H
#define VMXDBG_VCPU_H

#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <asm/desc_defs.h>
#include <asm/mce.h>
#include <uapi/asm/vmx.h>

#include "dr.h"
#include "ept_table.h"
#include "insn.h"
#include "object.h"
#include "pass.h"
#include "exec_met.h"
#include "rep.h"
#include "spot.h"
#include "step_view.h"
#include "vm.h"
#include "vmcs.h"
#include "vmx_cpu.h"
#include "vmxdbg.h"
#include "walk_memo.h"
#include "watch.h"

#define EXIT_REASONS	128	/* a power of 2; SDM vol. 3, appendix C has less */
#define VCPU_MAX_NMIS	2	/* one goes in, one more is latched */
#define VCPU_WRITTEN	8	/* pages that one instruction can write */
#define UCODE_REV	0x100000000ULL	/* revision 1, as KVM has it */
#define MCE_MAX_BANKS	32	/* as KVM has it */
#define MCE_CAP_SUPPORTED (MCG_CTL_P | MCG_SER_P)
#define VCPU_MMAP_PAGES	2	/* struct kvm_run, port I/O data */

enum gpr {
	GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI,
	GPR_R8, GPR_R9, GPR_R10, GPR_R11, GPR_R12, GPR_R13, GPR_R14, GPR_R15,
};

/* Bits of vcpu->requests: to be seen to before the next entry. */
enum vcpu_request {
	REQ_FLUSH,		/* INVEPT, both views, and INVVPID */
	REQ_STOP,		/* go and look at vcpu->stop */
	REQ_DEBUG_REGS,		/* wants changed: plan the debug registers anew */
	REQ_TRACK,		/* track_sync() */
	REQ_ENTRY,		/* events, windows, MTF or view: see plan_entry() */
	REQ_CATCH,		/* catches have come or gone */
	REQ_DR_ROOM,		/* bp_make_room() */
};

/* Why MTF is on: bits of vcpu->stepping. */
#define STEP_SESSION	BIT(0)	/* the session asked for a step */
#define STEP_INBAND	BIT(1)	/* KVM_GUESTDBG_SINGLESTEP */
#define STEP_PASS	BIT(2)	/* pass over a soft breakpoint: plain view */
#define STEP_DATA	BIT(3)	/* access to a protected page: plain or step view */
#define STEP_CATCH	BIT(4)	/* this instruction has been caught */
#define STEP_PLAIN	(STEP_PASS | STEP_DATA)
/* It executes now, without an interrupt before it. */
#define STEP_HOLDS	(STEP_PLAIN | STEP_CATCH)

/* What an exit handler says (or a negative errno, which KVM_RUN returns). */
#define RUN_RESUME	0	/* enter the guest again */
#define RUN_USER	1	/* back to the VMM; run->exit_reason is set */
#define RUN_SLOW	2	/* call the exit's slow handler, which may sleep */
#define RUN_RETRY	4	/* vcpu_step_done() wants object_fault_in() first */

/* An exception, or soft interrupt, to be delivered at the next entry. */
struct vcpu_event {
	bool valid;
	bool has_error;
	bool caught;		/* catches have been asked about it */
	u8 vector;
	u8 type;		/* INTR_TYPE_* >> 8, as in the entry's info field */
	u8 insn_len;		/* for the soft ones and ICEBP */
	u32 error;
};

/* An instruction that waits for the VMM's answer. */
enum vcpu_pending {
	PENDING_NONE,
	PENDING_PIO,		/* IN, OUT, INS, OUTS: the port */
	PENDING_PIO_MMIO,	/* INS, OUTS: the memory operand, which is MMIO */
	PENDING_MMIO,		/* any other instruction */
};

/* MSRs that the processor does not switch and the guest has its own of. */
enum vcpu_msr { VMSR_STAR, VMSR_LSTAR, VMSR_CSTAR, VMSR_FMASK, VMSR_KERNEL_GS,
	VMSR_TSC_AUX, VMSR_COUNT };

/* The accesses of an instruction on MMIO, in the order in which they are made. */
enum mmio_phase { MMIO_READ, MMIO_READ2, MMIO_WRITE, MMIO_PHASES };

struct mmio_access {
	u64 gva;
	u64 gpa[2];		/* of the two pages that it may be on */
	u64 data[4];
	u8 size;		/* 0: there is none */
};

/* An instruction that was decoded, and what tells whether it still is there. */
struct insn_slot {
	u64 rip;			/* linear */
	u64 cr0, cr3, cr4, efer;
	unsigned long seq;		/* vm->mmu_seq: for where the slots are */
	bool known;			/* all of this is filled in; @insn.len: 0 for none */
	u8 bits;			/* of its code segment */
	u32 ar;				/* the segment's attributes */
	u8 levels;			/* of the walk */
	u64 __user *entry[4];		/* what it read, and from where */
	u64 value[4];
	u64 __user *code;
	u64 bytes[2];
	struct insn insn;
	struct walk_memo operand;	/* to where that was last time */
	u8 shared;			/* of its entries are above, too */
	bool accessed, dirty;		/* as they say */
};

#define VCPU_INSNS	16		/* direct-mapped */

#define VCPU_WALKS	8		/* direct-mapped */

/* Segment attributes, unpacked once: sregs.c. */
struct seg_attrs {
	bool valid;
	bool reversible;		/* packs to @ar again */
	u32 ar;
	struct kvm_segment seg;		/* base, limit and selector are nothing */
};

/* A watch in a debug register that was met, and what is there. */
struct dr_met {
	u32 moment;			/* of vcpu->moment: it was found out then */
	bool there, has_old;
	u64 gpa, old_value, new_value;
};

struct hook;

struct vcpu {
	/* hot: what each exit touches */
	u64 regs[16];			/* RSP is in the VMCS */
	struct vmcs_slot vmcs;
	u64 host_rsp;			/* what HOST_RSP holds */
	u64 cr2;
	unsigned long requests;		/* enum vcpu_request */
	int guest_cpu;			/* CPU on which it is in the guest, or -1 */
	u32 proc_ctl;			/* what CPU_BASED_VM_EXEC_CONTROL holds */
	u32 exceptions;			/* what EXCEPTION_BITMAP holds */
	u32 stepping;			/* STEP_* */
	u32 catching;			/* BIT(VMXDBG_CATCH_*): types looked for */
	u32 planned;			/* what that was in plan_entry() */
	u8 view;			/* enum ept_view_id that EPT_POINTER holds */
	bool insn_done;			/* a handler completed an instruction */
	u32 exit_reason;
	u64 exit_qual, exit_gpa;	/* for the slow handlers */
	u64 written[VCPU_WRITTEN];	/* hooked pages written by this instruction */
	u8 nr_written;
	struct vcpu_event event;
	int irq;			/* from KVM_INTERRUPT, -1 none */
	bool irq_reinject;		/* its delivery was interrupted */
	bool irq_window;		/* request_interrupt_window, as KVM_RUN found it */
	u8 nmi_pending;			/* how many, up to VCPU_MAX_NMIS */

	struct ept_cache ept_cache;	/* for its next fault */
	u64 pf_taken;			/* EPT violations */

	struct vm *vm;
	u32 id;
	struct kvm_run *run;		/* page 0 of the mapping */
	void *pio_data;			/* page 1 */
	struct mutex mutex;		/* the run plane's ioctls, one at a time */
	struct mutex state_mutex;	/* see above */
	u16 vpid;			/* 0: none, every entry and exit flushes */
	int host_cpu;			/* whose per-CPU host state the VMCS has */
	struct pid *pid;		/* thread that last ran it, referenced */
	bool shutdown;			/* triple fault, not reported to the VMM yet */
	bool shutdown_told;		/* but to the session */

	/* the host's, between context_enter() and context_leave() */
	struct {
		u16 ds, es, fs, gs, ldt;
		struct desc_ptr gdt, idt;
		unsigned long cr3, cr4, fs_base;	/* as the VMCS has them */
		unsigned long dr[4], dr7;
		u64 debugctl, kernel_gs;
		u64 tsc_aux;				/* of host_cpu */
	} host;

	/* the guest's state outside the VMCS */
	u64 msrs[VMSR_COUNT];
	u8 msr_switches;		/* those of SYSCALL that have to be switched */
	u64 cr8, apic_base, xcr0;
	struct seg_attrs seg_attrs[8];	/* ES to GS, LDTR, TR */
	u64 xcr0_allowed, cr4_allowed, efer_allowed;	/* by its CPUID */
	bool x2apic;			/* its CPUID has that */
	u32 tsc_khz;
	u64 pat;			/* when !vmx_ctl.pat */
	u64 misc_enable, tsc_adjust, ucode_rev;
	struct {
		u64 cap, ctl, status;
		u64 bank[MCE_MAX_BANKS][4];	/* CTL, STATUS, ADDR, MISC */
	} mce;
	u64 mtrr[32], mtrr_def;		/* stored, without effect under EPT */
	u64 dr[4], dr6, dr7;		/* as the guest sees them */
	void *xsave;			/* standard format, xsave_size bytes */
	u64 *msr_bitmap;		/* page */
	struct kvm_cpuid_entry2 *cpuid;
	unsigned int cpuid_nr;
	u8 maxphyaddr;			/* from its CPUID */

	/* debug registers in the processor while it runs */
	struct dr_plan plan;
	bool plan_active;
	u32 plan_ids[DR_COUNT];		/* owner's ids of the wants planned */
	struct dr_want kept[DR_COUNT];	/* hits to be told: dr_wants_keep() */
	u8 nr_kept;
	struct dr_met met[DR_COUNT];	/* as dr_wants_hit() numbers what it finds */

	/* I/O in the VMM's hands */
	enum vcpu_pending pending;
	struct {
		u64 place;		/* vcpu_insn_place() */
		u16 port;
		u8 size;
		bool in, string, rep;
		bool device;		/* string: the memory operand is MMIO */
		u32 count;
		u64 gva;		/* string: of the first element */
		u8 addr_size;
	} pio;
	struct {
		const struct insn *insn;	/* in insns[] */
		u64 rip;			/* linear */
		enum mmio_phase phase;
		u8 done, turn;			/* bytes of it: so far, in the VMM's hands */
		struct mmio_access access[MMIO_PHASES];
	} mmio;
	struct insn_slot insns[VCPU_INSNS];
	struct walk_memo walks[VCPU_WALKS];
	struct pass_memo passes[VCPU_PASSES];	/* pass.c */
	struct spot spots[VCPU_SPOTS];
	struct {			/* the hook of its last hit, while none has gone */
		struct hook *hook;
		unsigned long seq;	/* vm->hooks_seq */
	} hook_memo;

	/* in-band debug */
	struct kvm_guest_debug guest_debug;
	u64 guest_debug_dr6;		/* of the last KVM_EXIT_DEBUG, to be injected */

	struct watch_insn watch;	/* accesses to watched pages: watch_hit.c */
	struct step_view step_view;
	struct track_vcpu track;	/* breakpoints by linear address */
	struct moment moment;		/* of the debugger's objects: object.c */
	u32 catch_exceptions, catch_crs;	/* bit n: exits for catches */
	bool caught;			/* and reported: the instruction at reported_rip */
	bool nmi_caught, entry_caught, reset_caught;
	int irq_caught;			/* vector, -1 none */

	/* out-of-band debug; vm->dbg_lock */
	bool stop;			/* must not run guest code */
	bool in_run;			/* KVM_RUN's loop may be touching state */
	bool halted;
	wait_queue_head_t park_wq;	/* its thread waits here while stopped */
	bool event_ready;
	struct vmxdbg_event dbg_event;
	u64 reported_rip;		/* a breakpoint was reported here */
	struct {
		bool known;
		u64 rip, cr3, gpa;
	} int3;				/* the one that it stopped at, translated */
	bool reported;
	u32 step_flags;			/* VMXDBG_RESUME_* */
	u64 range_start, range_end;
	struct {
		u64 from, cr3;		/* of the instruction that is being done */
		u64 rsp;		/* when the step began */
		u8 bits, cpl;
	} until;
	bool delivers;			/* an event goes in with this step */
	struct rep rep;			/* breakpoints at REP */
	struct exec_met exec_met;	/* breakpoints in debug registers */

	bool sigset_active;
	sigset_t sigset;

	u64 exits[EXIT_REASONS];	/* VM exits by basic reason */
};

/* ---- vcpu.c: life ---- */
int vcpu_create_fd(struct vm *vm, u32 id);	/* vcpu_ioctl.c */
int vcpu_add(struct vm *vm, u32 id);	/* vm->lock held */
void vcpu_free(struct vcpu *vcpu);	/* when the VM goes */
/* set @req and make it leave the guest; @wait: until it has left */
void vcpu_request(struct vcpu *vcpu, enum vcpu_request req, bool wait);

/*
 * A few memory accesses of the guest that the module makes are to those who change
 * what they depend on as the guest's own: vm_request() waits for their end, or is
 * seen before they begin. Preemption off. False: it was, the guest is to be entered.
 */
static inline bool vcpu_act_begin(struct vcpu *vcpu)
{
	local_irq_disable();
	WRITE_ONCE(vcpu->guest_cpu, smp_processor_id());
	smp_mb();	/* as in run_once() */
	if (likely(!(READ_ONCE(vcpu->requests) & ~BIT(REQ_ENTRY))))
		return true;
	WRITE_ONCE(vcpu->guest_cpu, -1);
	local_irq_enable();
	return false;
}

static inline void vcpu_act_end(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->guest_cpu, -1);
	local_irq_enable();
}

static inline struct spot *spot_for(struct vcpu *vcpu, u64 gpa)
{
	return &vcpu->spots[(gpa >> PAGE_SHIFT) % VCPU_SPOTS];
}

/* ---- run.c ---- */
int vcpu_run(struct vcpu *vcpu);	/* KVM_RUN; vcpu->mutex held */

/* ---- context.c: guest state in the CPU, preemption off between the two ---- */
void context_enter(struct vcpu *vcpu);
void context_leave(struct vcpu *vcpu);

/* ---- state; the VMCS need not be current, each takes it as needed ---- */
/* vmcs_init.c */
void vcpu_vmcs_init(struct vcpu *vcpu);	/* controls, host constants */
void vcpu_own_crs(struct vcpu *vcpu);	/* after cr4_allowed or catch_crs changed */
void vcpu_reset(struct vcpu *vcpu);		/* guest state as after RESET */
/* regs.c */
void vcpu_get_regs(struct vcpu *vcpu, struct kvm_regs *regs);
int vcpu_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs);
/* the same two on user memory, shorter than through copy_to_user(); -EFAULT */
int vcpu_put_regs(struct vcpu *vcpu, struct kvm_regs __user *user);
int vcpu_take_regs(struct vcpu *vcpu, const struct kvm_regs __user *user);
u64 vcpu_linear_rip(struct vcpu *vcpu);
u64 linear_rip_of(u64 rip, u64 base);
/* the same with the VMCS current */
static inline u64 linear_rip(void)
{
	u64 rip = vmcs_read(GUEST_RIP), base = vmcs_read(GUEST_CS_BASE);

	/* Low in a flat segment, it is the same in all modes. */
	return base | rip >> 32 ? linear_rip_of(rip, base) : rip;
}

/* the same for the same instruction, whatever the mode: has rip been moved? */
u64 vcpu_insn_place(struct vcpu *vcpu);
u64 vcpu_gpr(struct vcpu *vcpu, unsigned int nr);	/* RSP too */
void vcpu_gpr_set(struct vcpu *vcpu, unsigned int nr, u64 val);
/*
 * the instruction is over: rip moves on by @len, interrupt shadows end, RF is
 * cleared, a guest TF becomes a pending debug exception, insn_done is set
 */
void vcpu_skip(struct vcpu *vcpu, unsigned int len);
int vcpu_cpl(struct vcpu *vcpu);
bool vcpu_long_mode(struct vcpu *vcpu);		/* EFER.LMA */
unsigned int vcpu_code_bits(struct vcpu *vcpu);	/* 16, 32, 64 */
u64 vcpu_seg_base(struct vcpu *vcpu, enum insn_seg seg);
/* segment.c: addresses, and what the processor checks about them */
u64 vcpu_linear(struct vcpu *vcpu, enum insn_seg seg, u64 offset);
u64 vcpu_selector(struct vcpu *vcpu, enum insn_seg seg);
unsigned int vcpu_stack_size(struct vcpu *vcpu);	/* bytes of the pointer: 2, 4, 8 */
/* both: 0, or -EFAULT and the exception is queued */
int vcpu_check_segment(struct vcpu *vcpu, enum insn_seg seg, u64 offset,
		       unsigned int size, bool write);
int vcpu_check_jump(struct vcpu *vcpu, u64 rip);
/*
 * SDM 27.3.1.5: with TF and an STI or MOV SS shadow, entry wants pending BS,
 * and without the shadow or TF it does not; called where software changed one
 */
void vcpu_fix_pending_debug(struct vcpu *vcpu);
/* sregs.c */
void vcpu_get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs);
int vcpu_set_sregs(struct vcpu *vcpu, const struct kvm_sregs *sregs);
/* sregs2.c */
void vcpu_get_sregs2(struct vcpu *vcpu, struct kvm_sregs2 *sregs2);
int vcpu_set_sregs2(struct vcpu *vcpu, const struct kvm_sregs2 *sregs2);
/* sregs.c */
/* the following three: 0, or -EINVAL where the CPU would raise #GP */
int vcpu_set_cr0(struct vcpu *vcpu, u64 cr0);
int vcpu_set_cr4(struct vcpu *vcpu, u64 cr4);
int vcpu_set_efer(struct vcpu *vcpu, u64 efer, bool guest);
/* After a change of CR0, CR3, CR4 or EFER: breakpoints follow. Any context. */
static inline void vcpu_mode_changed(struct vcpu *vcpu)
{
	if (READ_ONCE(vcpu->vm->track.on))
		set_bit(REQ_TRACK, &vcpu->requests);
}

u64 vcpu_cr0(struct vcpu *vcpu);	/* as the guest reads it */
u64 vcpu_cr4(struct vcpu *vcpu);
void sregs_init(void);			/* at module load */
extern u64 cr4_allowed;			/* CR4 bits that a guest may set */
/* PAE paging: reload PDPTEs from CR3; may sleep, VMM's process only */
int vcpu_load_pdptes(struct vcpu *vcpu);
/* fpu.c */
int fpu_init(void);			/* at module load: sizes, masks */
extern u64 fpu_xcr0_mask;		/* components that guests may have */
extern u64 fpu_host_xcr0;
int vcpu_fpu_alloc(struct vcpu *vcpu);
void vcpu_fpu_free(struct vcpu *vcpu);
void vcpu_get_fpu(struct vcpu *vcpu, struct kvm_fpu *fpu);
int vcpu_set_fpu(struct vcpu *vcpu, const struct kvm_fpu *fpu);
/* one register of it, outside of context_enter() to context_leave() */
u64 vcpu_mmx(struct vcpu *vcpu, unsigned int nr);
void vcpu_mmx_set(struct vcpu *vcpu, unsigned int nr, u64 val);
void vcpu_vector(struct vcpu *vcpu, unsigned int nr, u64 val[4]);
/* @upper: all bits above 127, of which those above 255 are cleared */
void vcpu_vector_set(struct vcpu *vcpu, unsigned int nr, const u64 val[4], bool upper);
bool vcpu_xcr0_valid(struct vcpu *vcpu, u64 xcr0);
bool fpu_mxcsr_valid(u32 mxcsr);
/* where component @nr, 2 or above and of fpu_xcr0_mask, is in an XSAVE area */
void fpu_component(unsigned int nr, u32 *offset, u32 *size);
u32 fpu_xsave_size(u64 xcr0);	/* of the standard format */
/* xsave.c: @area has at least fpu_xsave_size(fpu_xcr0_mask) bytes */
void vcpu_get_xsave(struct vcpu *vcpu, void *area);
int vcpu_set_xsave(struct vcpu *vcpu, const void *area);
void vcpu_get_xcrs(struct vcpu *vcpu, struct kvm_xcrs *xcrs);
int vcpu_set_xcrs(struct vcpu *vcpu, const struct kvm_xcrs *xcrs);
/* vcpu_events.c */
void vcpu_get_events(struct vcpu *vcpu, struct kvm_vcpu_events *events);
int vcpu_set_events(struct vcpu *vcpu, const struct kvm_vcpu_events *events);
void vcpu_get_mp_state(struct vcpu *vcpu, struct kvm_mp_state *state);
int vcpu_set_mp_state(struct vcpu *vcpu, const struct kvm_mp_state *state);
/* sync_regs.c: at the start of KVM_RUN, and at its end with the state in hand */
int vcpu_sync_take(struct vcpu *vcpu);
void vcpu_sync_leave(struct vcpu *vcpu);
/* tsc.c, the first three with the VMCS current */
void vcpu_tsc_write_host(struct vcpu *vcpu, u64 val);	/* the VMM sets it */
void vcpu_tsc_write_guest(struct vcpu *vcpu, u64 val);
void vcpu_tsc_adjust_guest(struct vcpu *vcpu, u64 val);
int vcpu_set_tsc_khz(struct vcpu *vcpu, u32 khz);
/* mce.c */
int vcpu_setup_mce(struct vcpu *vcpu, u64 cap);
int vcpu_set_mce(struct vcpu *vcpu, const struct kvm_x86_mce *mce);
int mce_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int mce_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);
/* msr.c */
/* both 0 or -EINVAL; @host: for the VMM, which may do what a guest may not */
int vcpu_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int vcpu_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);
int vcpu_set_apic_base(struct vcpu *vcpu, u64 val);	/* 0 or -EINVAL */
int msr_index_list(struct kvm_msr_list __user *user);
int msr_feature_list(struct kvm_msr_list __user *user);
int msr_ioctl_features(struct kvm_msrs __user *user);	/* KVM_GET_MSRS, no vCPU */
int vcpu_ioctl_msrs(struct vcpu *vcpu, struct kvm_msrs __user *user, bool set);
void msr_bitmap_reset(u64 *bitmap);	/* all exit but the pass-through ones */
/* reads or writes of a range exit, too */
void msr_bitmap_exit(u64 *bitmap, u64 first, u64 last, bool read, bool write);
bool msr_passes(u32 index, bool write);	/* is it one that passes through? */
/* cpuid.c */
int cpuid_supported(struct kvm_cpuid2 __user *user);
int vcpu_set_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user);
int vcpu_get_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user);
void vcpu_cpuid(struct vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
/* debug_regs.c */
void vcpu_get_debugregs(struct vcpu *vcpu, struct kvm_debugregs *d);
int vcpu_set_debugregs(struct vcpu *vcpu, const struct kvm_debugregs *d);
/* the module made a data access for the guest's instruction, before vcpu_skip() */
void vcpu_note_access(struct vcpu *vcpu, u64 gva, u64 len, bool write);
static inline bool vcpu_data_watched(const struct vcpu *vcpu)
{
	return vcpu->plan_active || READ_ONCE(vcpu->vm->nr_watches);
}

/* fetch.c: the instruction at linear address @rip */
/* @bits: of CS. Preemption off, VMCS current. NULL: fetch_insn() has to look. */
const struct insn *fetch_known(struct vcpu *vcpu, u64 rip, unsigned int bits);
/* the same, decoded if need be; @insn.len: 0 if it is not one that we know, or not there */
struct insn_slot *fetch_now(struct vcpu *vcpu, u64 rip);
/*
 * @gva is mapped to @gpa, and the processor has no flag left to set in the tables for
 * the access. After fetch_now(). False too for what is not known without sleeping.
 */
bool fetch_operand_marked(struct vcpu *vcpu, struct insn_slot *slot, u64 gva, u64 gpa,
			  bool write);
/*
 * may sleep; the VMM's process. @bytes, @len: what is there. NULL: not one that
 * we know. Good until the next call.
 */
const struct insn *fetch_insn(struct vcpu *vcpu, u64 rip, u8 bytes[INSN_MAX],
			      unsigned int *len);
/* gva.c: may sleep; VMCS need not be current */
struct walk_mode;
void vcpu_walk_mode(struct vcpu *vcpu, struct walk_mode *mode);	/* does not sleep */
int vcpu_translate(struct vcpu *vcpu, u64 gva, u64 *gpa, struct vmxdbg_translate *t);
/*
 * the same where breakpoints are, found again without a walk; it does not sleep
 * with page faults disabled
 */
int vcpu_translate_again(struct vcpu *vcpu, u64 gva, u64 *gpa);
/* bytes transferred; 0 when @gva is not mapped to memory; no protection checks */
size_t gva_read(struct vcpu *vcpu, u64 gva, void *buf, size_t len);
/*
 * the same without sleeping, in its own thread; 0, -ENXIO where no memory is
 * mapped, -EAGAIN when address @missing of the VMM has to be faulted in
 */
int gva_read_nofault(struct vcpu *vcpu, u64 gva, void *buf, size_t len,
		     unsigned long *missing);
size_t gva_write(struct vcpu *vcpu, u64 gva, const void *buf, size_t len);
/*
 * gva_store.c: 8 bytes, as the instruction at hand in 64-bit code stores them.
 * Preemption off, VMCS current. False: nothing has happened, it is to be executed.
 */
bool gva_store(struct vcpu *vcpu, u64 gva, u64 val);
/* as an instruction of the guest: on a fault the #PF is queued and -EFAULT */
int gva_access_check(struct vcpu *vcpu, u64 gva, u32 walk_access, u64 *gpa);

/* ---- event.c: what enters the guest ---- */
void vcpu_raise(struct vcpu *vcpu, u8 vector);			/* no error code */
void vcpu_raise_error(struct vcpu *vcpu, u8 vector, u32 error);
void vcpu_raise_gp0(struct vcpu *vcpu);
void vcpu_raise_pf(struct vcpu *vcpu, u64 gva, u32 error);	/* sets CR2 */
void vcpu_raise_db(struct vcpu *vcpu, u64 payload, bool icebp, u8 insn_len);
void vcpu_queue_nmi(struct vcpu *vcpu);
void vcpu_raise_soft(struct vcpu *vcpu, u8 vector, u8 insn_len); /* int3, type 6 */
/* A triple fault: KVM_RUN reports it, to the session first, before another entry. */
void vcpu_shut_down(struct vcpu *vcpu);
/*
 * before an entry with REQ_ENTRY, interrupts off, VMCS current; true: something
 * waits on, the next entry has to look again
 */
bool event_inject(struct vcpu *vcpu);
/* after each exit: what was being delivered will be again */
void event_interrupted(struct vcpu *vcpu, u32 info);
static inline void event_vectoring(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(IDT_VECTORING_INFO_FIELD);

	if (unlikely(info & VECTORING_INFO_VALID_MASK))
		event_interrupted(vcpu, info);
}

/* after an entry that failed: what should have gone in */
void event_take_back(struct vcpu *vcpu);
/* what would go in, were there an entry now */
enum event_kind { EVENT_NONE, EVENT_EXCEPTION, EVENT_NMI, EVENT_IRQ };
enum event_kind event_next(struct vcpu *vcpu);
/* an exception in the midst of a delivery exited, which has ended that */
void event_superseded(struct vcpu *vcpu);
bool event_held(struct vcpu *vcpu);	/* interrupts wait for the step's end */
/* KVM_INTERRUPT could go in now; VMCS current */
bool event_can_take_irq(struct vcpu *vcpu, u64 rflags);

/* ---- exits: all are in the table of exit.c ---- */
int exit_dispatch(struct vcpu *vcpu);	/* preemption off: RUN_* */
int exit_slow(struct vcpu *vcpu);	/* may sleep */
int exit_cr(struct vcpu *vcpu);		/* exit_cr.c */
int exit_cr_slow(struct vcpu *vcpu);
int exit_dr(struct vcpu *vcpu);		/* exit_dr.c */
int exit_rdmsr(struct vcpu *vcpu);	/* msr.c */
int exit_wrmsr(struct vcpu *vcpu);
int exit_cpuid(struct vcpu *vcpu);	/* cpuid.c */
int exit_vmcall(struct vcpu *vcpu);	/* hypercall.c */
int exit_task_switch(struct vcpu *vcpu);	/* task_switch.c */
int exit_task_switch_slow(struct vcpu *vcpu);
int exit_xsetbv(struct vcpu *vcpu);	/* fpu.c: the guest's context is loaded */
int exit_exception(struct vcpu *vcpu);	/* exit_debug.c */
int exit_exception_slow(struct vcpu *vcpu);
/*
 * The page walk of a fetch met a hooked page, and the view that is to do it has no
 * int3: true when there is one at rip, which has been seen to: *@r is RUN_*.
 */
bool exit_break_unfetched(struct vcpu *vcpu, int *r);
int exit_mtf(struct vcpu *vcpu);	/* step.c */
int exit_ept_violation(struct vcpu *vcpu);	/* exit_ept.c: fast half */
int exit_ept_violation_slow(struct vcpu *vcpu);
/* serve.c: no fetch; true: the access, and with it the instruction, is over */
bool serve_access(struct vcpu *vcpu);
int exit_io(struct vcpu *vcpu);		/* pio.c */
int exit_io_slow(struct vcpu *vcpu);
int exit_mmio(struct vcpu *vcpu);	/* mmio.c: a MOV that was seen before, or RUN_SLOW */
int exit_mmio_slow(struct vcpu *vcpu, u64 gpa);	/* decode and go out */
int pio_complete(struct vcpu *vcpu);	/* KVM_RUN came back: RUN_RESUME/RUN_USER */
int mmio_complete(struct vcpu *vcpu);
/*
 * The memory operand of INS and OUTS, one element, where it is MMIO. pio.c has it
 * located before the VMM is asked for anything.
 */
int mmio_string_locate(struct vcpu *vcpu);	/* 0, -EFAULT: #PF is queued, -ENXIO */
/* Transfers it from or to pio_data. Return: RUN_RESUME when it is over, RUN_USER. */
int mmio_string(struct vcpu *vcpu);
/* The same after a RUN_USER: KVM_RUN came back. */
int mmio_string_complete(struct vcpu *vcpu);
void vmcs_dump(struct vcpu *vcpu);	/* vmcs_dump.c: an entry failed */

/* ---- ept.c ---- */
/*
 * maps @gpa in the view the vCPU uses; its thread, may sleep. 0, -ENXIO where
 * there is no slot (MMIO), -EFAULT where the VMM has no page, -ENOMEM, -EINTR
 */
int ept_fault(struct vcpu *vcpu, u64 gpa, bool write, bool fetch);

/* ---- debugging ---- */
#define GUEST_DEBUG_VALID	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | \
				 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW_BP | \
				 KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP | \
				 KVM_GUESTDBG_BLOCKIRQ)

/* guest_debug.c: KVM_SET_GUEST_DEBUG */
int vcpu_set_guest_debug(struct vcpu *vcpu, const struct kvm_guest_debug *dbg);
static inline void guest_debug_begin(struct vcpu *vcpu)	/* KVM_RUN starts */
{
	vcpu->guest_debug_dr6 = 0;
	if (unlikely(vcpu->guest_debug.control & KVM_GUESTDBG_SINGLESTEP))
		vcpu->stepping |= STEP_INBAND;
}

/* KVM_EXIT_DEBUG: RUN_USER. Both with the VMCS current. */
int guest_debug_bp(struct vcpu *vcpu);
int guest_debug_db(struct vcpu *vcpu, u64 bits);

/* The VMM's of the registers in a #DB's exit qualification, by its numbers. */
static inline u64 guest_debug_hits(struct vcpu *vcpu, u64 qual)
{
	unsigned long left = qual & (BIT(DR_COUNT) - 1);
	u64 bits = 0;

	for (; left; left &= left - 1) {
		unsigned int slot = __ffs(left);

		if (vcpu->plan.slot[slot].owner == DR_DEBUGGER)
			bits |= BIT_ULL(vcpu->plan_ids[vcpu->plan.slot[slot].index]);
	}
	return bits;
}

/* step_until.c: a session's step begins; after an instruction: is it not over? */
void step_until_begin(struct vcpu *vcpu);
bool step_until_goes_on(struct vcpu *vcpu);
/* the instruction of the step that is over, or 0 where nobody has noted it */
u64 step_until_insn(struct vcpu *vcpu);
/* step.c, stop.c */
int vcpu_park(struct vcpu *vcpu);	/* 0 running again, -EINTR */
void vcpu_is_quiet(struct vcpu *vcpu);	/* ->stop is set, and ->in_run no more */

/* KVM_RUN ends. */
static inline void vcpu_leave_run(struct vcpu *vcpu)
{
	/* Pairs with dbg_lock's holders: the state is the session's from here on. */
	smp_store_release(&vcpu->in_run, false);
	smp_mb();	/* pairs with stop_vcpus() */
	if (unlikely(READ_ONCE(vcpu->stop)))
		vcpu_is_quiet(vcpu);
}

/*
 * Nobody debugs, or nobody wants it stopped: no lock. ->in_run may be seen set
 * for a moment although ->stop is: whoever waits is woken up again. Return:
 * false when vcpu_park() has to be asked.
 */
static inline bool vcpu_enter_run(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->in_run, true);
	smp_mb();	/* pairs with stop_vcpus() */
	/* Acquire: a resume has written what to do before it clears ->stop. */
	if (likely(!smp_load_acquire(&vcpu->stop) &&
		   !(vcpu->stepping & STEP_SESSION)))
		return true;
	vcpu_leave_run(vcpu);
	return false;
}

/*
 * one instruction is over (MTF exit, or a handler completed it): what each
 * STEP_* bit wanted. Does not sleep; inside the section in the guest or not.
 * @leaving: the VMM is to hear of something already (HLT), which an in-band step
 * gives way to, as KVM's does. RUN_*.
 */
int vcpu_step_done(struct vcpu *vcpu, bool leaving);

#endif
