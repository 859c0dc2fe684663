/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The debug plane of /dev/vmxdbg: debug a guest from another process.
 *
 * The run plane, which creates and runs VMs, is a subset of <linux/kvm.h> on
 * the same device and is not repeated here. Documentation/abi.rst describes
 * every call of both planes, with errors and examples.
 *
 * Reserved and padding fields must be zero and flags that are not named here
 * must be clear, or the call fails with EINVAL. They can get a meaning later.
 *
 * Any thread may make any call at any time; the module does the locking.
 *
 * A gpa is a guest-physical address. A linear rip is CS base + RIP.
 */
#ifndef _UAPI_VMXDBG_H
#define _UAPI_VMXDBG_H

#include <linux/ioctl.h>
#include <linux/kvm.h>
#include <linux/types.h>

#define VMXDBG_API_VERSION	2

#define VMXDBGIO		0xDB

/* In place of a vCPU number: every vCPU of the VM. */
#define VMXDBG_ALL_VCPUS	0xffffffffU

/* Most words of 64 bits in a set of vCPUs: their numbers are from 0 to 4095. */
#define VMXDBG_VCPU_WORDS	64

/* ---- ioctls of /dev/vmxdbg itself ---- */

/* struct vmxdbg_vm_info.flags */
#define VMXDBG_VM_ATTACHED	(1U << 0)	/* a session is attached */
#define VMXDBG_VM_HELD		(1U << 1)	/* see VMXDBG_HOLD */

/**
 * struct vmxdbg_vm_info - one VM in the list of VMXDBG_LIST_VMS
 * @id: number of the VM, not reused while the module is loaded
 * @vcpus: current number of vCPUs
 * @pid: process ID of the VMM in the caller's PID namespace, 0 if none
 * @flags: VMXDBG_VM_*
 * @memory: size of all memory slots, in bytes
 * @comm: name of the VMM's main thread when it created the VM, NUL terminated
 */
struct vmxdbg_vm_info {
	__u32 id;
	__u32 vcpus;
	__s32 pid;
	__u32 flags;
	__u64 memory;
	char comm[16];
};

/**
 * struct vmxdbg_vm_list - argument of VMXDBG_LIST_VMS
 * @count: in: number of entries that fit into @vms; out: number of VMs
 * @reserved: zero
 * @vms: address of an array of struct vmxdbg_vm_info
 *
 * The list has only VMs that the caller may attach to. If @vms is too small, it
 * is filled, and @count tells how many entries are needed.
 */
struct vmxdbg_vm_list {
	__u32 count;
	__u32 reserved;
	__u64 vms;
};

/* struct vmxdbg_attach.flags */
#define VMXDBG_ATTACH_FD	(1U << 0)	/* @target is the VM's file descriptor */

/**
 * struct vmxdbg_attach - argument of VMXDBG_ATTACH
 * @flags: VMXDBG_ATTACH_*
 * @target: id of the VM, or its file descriptor with VMXDBG_ATTACH_FD
 */
struct vmxdbg_attach {
	__u32 flags;
	__u32 target;
};

/* Return: VMXDBG_API_VERSION */
#define VMXDBG_GET_VERSION	_IO(VMXDBGIO, 0x40)
#define VMXDBG_LIST_VMS		_IOWR(VMXDBGIO, 0x41, struct vmxdbg_vm_list)
/* Return: the file descriptor of a session, close-on-exec */
#define VMXDBG_ATTACH		_IOW(VMXDBGIO, 0x42, struct vmxdbg_attach)

/* ---- ioctls of a VM's file descriptor ---- */

/*
 * Hold the vCPUs of the VM for a debugger (argument 1), or release them (0). Held
 * vCPUs wait inside KVM_RUN. The first session to attach finds them stopped and
 * resumes them. Return: 0; EBUSY if a session is attached and there is a vCPU, or to
 * release; EINVAL for any other argument.
 */
#define VMXDBG_HOLD		_IO(VMXDBGIO, 0x50)

/* struct vmxdbg_held.flags */
#define VMXDBG_HELD_NOW		(1U << 0)	/* the VM's time is being held */

/**
 * struct vmxdbg_held - result of VMXDBG_GET_HELD: the time of a VM
 * @flags: VMXDBG_HELD_*
 * @reserved0: zero
 * @ns: the time of the VM, counted by the host's TSC; stands still while it is held
 * @held_ns: how long the time has been held
 * @held_tsc: the same, in ticks of the host's TSC
 * @reserved: zero
 *
 * A VMM whose timers count in @ns shows the guest no time that a debugger has taken,
 * as the module does with the guest's TSC. poll() of the VM's file descriptor reports
 * POLLPRI while the time is held, and POLLOUT while it is not.
 */
struct vmxdbg_held {
	__u32 flags;
	__u32 reserved0;
	__u64 ns;
	__u64 held_ns;
	__u64 held_tsc;
	__u64 reserved[4];
};

#define VMXDBG_GET_HELD		_IOR(VMXDBGIO, 0x51, struct vmxdbg_held)

/* ---- ioctls of a session's file descriptor: arguments ---- */

/* struct vmxdbg_info.features */
#define VMXDBG_FEATURE_HOOKS	(1U << 0)	/* the guest cannot see SOFT breakpoints */
#define VMXDBG_FEATURE_MTF	(1U << 1)	/* steps do not use RFLAGS.TF */
#define VMXDBG_FEATURE_BRANCH	(1U << 2)	/* VMXDBG_RESUME_BRANCH and _RETURN */
#define VMXDBG_FEATURE_PATCH	(1U << 3)	/* not HOOKS: the guest reads 0xCC */
#define VMXDBG_FEATURE_VCPU_SETS (1U << 4)	/* vCPUs above 63: @vcpus, @vcpu_set */

/* struct vmxdbg_info - the VM that the session is attached to, and features */
struct vmxdbg_info {
	__u32 version;		/* VMXDBG_API_VERSION */
	__u32 features;		/* VMXDBG_FEATURE_* */
	__u32 vm;		/* the VM's id */
	__s32 pid;		/* process ID of the VMM, 0 if it has ended */
	__u64 vcpu_mask;	/* bit n: vCPU n exists, of the first 64 */
	__u32 hw_breakpoints;	/* address registers of the CPU: 4, DR0 to DR3 */
	__u32 max_breakpoints;	/* objects that a session can have at a time */
	__u32 vcpus;		/* number of vCPUs: see VMXDBG_LIST_VCPUS */
	__u32 reserved0;
	__u64 reserved[3];
};

/**
 * struct vmxdbg_stop - argument of VMXDBG_STOP
 * @vcpu: number of a vCPU, or VMXDBG_ALL_VCPUS
 * @flags: zero
 *
 * When the call returns, the vCPU executes no guest code until it is resumed.
 * The stop causes no event. A vCPU that is already stopped is no error. After a
 * stop of all, vCPUs that the VMM creates are stopped too, until VMXDBG_RESUME
 * of all.
 */
struct vmxdbg_stop {
	__u32 vcpu;
	__u32 flags;
};

/* struct vmxdbg_resume.flags */
#define VMXDBG_RESUME_STEP	(1U << 0)	/* execute one instruction, then stop */
#define VMXDBG_RESUME_RANGE	(1U << 1)	/* STEP: until rip is out of the range */
#define VMXDBG_RESUME_IRQS	(1U << 2)	/* STEP: deliver interrupts and NMIs */
#define VMXDBG_RESUME_INTO	(1U << 3)	/* STEP: as IRQS; stop in any handler */
#define VMXDBG_RESUME_BRANCH	(1U << 4)	/* STEP: until a taken branch or event */
#define VMXDBG_RESUME_RETURN	(1U << 5)	/* STEP: until the function returns */

/**
 * struct vmxdbg_resume - argument of VMXDBG_RESUME
 * @vcpu: number of a stopped vCPU, or VMXDBG_ALL_VCPUS: every stopped vCPU, no STEP
 * @flags: VMXDBG_RESUME_*
 * @range_start: with RANGE: first linear address of the range, else 0
 * @range_end: with RANGE: first linear address after the range, else 0
 *
 * At most one of RANGE, BRANCH and RETURN may be set. BRANCH ends the step after
 * a branch that was taken or an event that was delivered. RETURN ends it after a
 * RET, IRET, SYSRET or SYSEXIT that leaves RSP higher, at the same CPL, or the CPL
 * greater than when the step began.
 *
 * A step reports VMXDBG_WHY_STEP when it ends. The vCPU passes over a breakpoint
 * that was reported at its current rip, and does not hit it again.
 *
 * A resume of all skips each vCPU that has an unread event. A resume by number
 * discards the unread event; a breakpoint that it reported is hit again.
 */
struct vmxdbg_resume {
	__u32 vcpu;
	__u32 flags;
	__u64 range_start;
	__u64 range_end;
};

/* struct vmxdbg_vcpu.state */
#define VMXDBG_VCPU_RUNNING	0	/* may execute guest code */
#define VMXDBG_VCPU_STOPPED	1	/* held by the session */

/* struct vmxdbg_vcpu.flags */
#define VMXDBG_VCPU_IN_VMM	(1U << 0)	/* the vCPU's thread is not in KVM_RUN */
#define VMXDBG_VCPU_IO_PENDING	(1U << 1)	/* in the middle of an I/O instruction */
#define VMXDBG_VCPU_HALTED	(1U << 2)	/* waits for an event after HLT */
#define VMXDBG_VCPU_WAITS	(1U << 3)	/* waits for INIT or SIPI, in the module */

/* struct vmxdbg_vcpu - state of one vCPU, running or stopped */
struct vmxdbg_vcpu {
	__u32 vcpu;		/* in: number of the vCPU */
	__u32 state;		/* out: VMXDBG_VCPU_RUNNING or _STOPPED */
	__u32 flags;		/* out: VMXDBG_VCPU_* flags */
	__s32 tid;		/* out: last thread in KVM_RUN, caller's PID namespace */
	__u64 reserved[2];
};

/**
 * struct vmxdbg_vcpu_list - argument of VMXDBG_LIST_VCPUS
 * @count: in: number of entries that fit into @vcpus; out: number of vCPUs
 * @reserved0: zero
 * @vcpus: address of an array of __u32, for the numbers of the vCPUs
 * @reserved: zero
 *
 * The numbers are in ascending order and may have gaps. If @vcpus is too small, it is
 * filled, and @count tells how many entries are needed.
 */
struct vmxdbg_vcpu_list {
	__u32 count;
	__u32 reserved0;
	__u64 vcpus;
	__u64 reserved[2];
};

/* struct vmxdbg_regs.set */
#define VMXDBG_REGS_GENERAL	0	/* struct kvm_regs */
#define VMXDBG_REGS_SYSTEM	1	/* struct kvm_sregs */
#define VMXDBG_REGS_DEBUG	2	/* struct kvm_debugregs: the guest's own */
#define VMXDBG_REGS_FPU		3	/* struct kvm_fpu */
#define VMXDBG_REGS_XSAVE	4	/* struct kvm_xsave: FPU and vector registers */
#define VMXDBG_REGS_XCRS	5	/* struct kvm_xcrs: XCR0 */
#define VMXDBG_REGS_EVENTS	6	/* struct kvm_vcpu_events */
#define VMXDBG_REGS_HIDDEN	7	/* struct vmxdbg_hidden; read-only */
#define VMXDBG_REGS_BOTH	8	/* struct vmxdbg_both: GENERAL and SYSTEM at once */
#define VMXDBG_REGS_LAPIC	9	/* struct kvm_lapic_state; ENXIO: the VMM has it */

/*
 * struct vmxdbg_regs.refused, struct vmxdbg_msrs.refused: the reason for an EINVAL. VM
 * entry fails with such a value, or no processor has it (SDM vol. 3, 27.3.1).
 */
#define VMXDBG_REFUSED_VALUE	1	/* reserved bits, or a value out of its range */
#define VMXDBG_REFUSED_CR0	2	/* reserved bits, NW without CD, or PG without PE */
#define VMXDBG_REFUSED_CR3	3	/* bits beyond the physical-address width */
#define VMXDBG_REFUSED_CR4	4	/* bits that the guest's CPUID does not have */
#define VMXDBG_REFUSED_CR8	5	/* above 15 */
#define VMXDBG_REFUSED_EFER	6	/* reserved bits, or LMA is not LME and CR0.PG */
#define VMXDBG_REFUSED_PAGING	7	/* LMA without CR4.PAE, or CR4.PCIDE without LMA */
#define VMXDBG_REFUSED_PDPTR	8	/* PAE paging: no or invalid PDPTEs at CR3 */
#define VMXDBG_REFUSED_APIC_BASE 9	/* reserved bits */
#define VMXDBG_REFUSED_TABLE	10	/* base of GDTR or IDTR is not canonical */
#define VMXDBG_REFUSED_RFLAGS	11	/* reserved bits */
#define VMXDBG_REFUSED_VM86	12	/* RFLAGS.VM in real mode or IA-32e mode */
#define VMXDBG_REFUSED_RIP	13	/* RIP has more bits than the code segment allows */
#define VMXDBG_REFUSED_SHADOW	14	/* STI's with RFLAGS.IF clear, or both shadows */
#define VMXDBG_REFUSED_EXCEPTION 15	/* error code of an exception: wrong, or missing */
#define VMXDBG_REFUSED_INTERRUPT 16	/* more than one interrupt */
#define VMXDBG_REFUSED_SHUTDOWN	17	/* a triple fault */
#define VMXDBG_REFUSED_MSR	18	/* the MSR does not exist or is no register */
/* A segment register: the rule, and VMXDBG_SEG_* in bits 8 to 15 */
#define VMXDBG_REFUSED_SEG_SELECTOR 32	/* LDTR, TR: not in the GDT */
#define VMXDBG_REFUSED_SEG_BASE	33	/* not canonical, or above 4 GiB */
#define VMXDBG_REFUSED_SEG_VM86	34	/* not a segment of virtual-8086 mode */
#define VMXDBG_REFUSED_SEG_TYPE	35	/* wrong type for this register */
#define VMXDBG_REFUSED_SEG_DPL	36	/* DPL does not match CPL, the DPL of SS */
#define VMXDBG_REFUSED_SEG_ABSENT 37	/* CS, TR: not present */
#define VMXDBG_REFUSED_SEG_SIZE	38	/* CS: L together with D, or outside of IA-32e mode */
#define VMXDBG_REFUSED_SEG_LIMIT 39	/* limit does not match G */
#define VMXDBG_REFUSED_SEG_VALUE 40	/* a field is out of its range */

#define VMXDBG_REFUSED_RULE(refused)	((refused) & 0xff)
#define VMXDBG_REFUSED_SEGMENT(refused)	((refused) >> 8)

#define VMXDBG_SEG_ES		0
#define VMXDBG_SEG_CS		1
#define VMXDBG_SEG_SS		2
#define VMXDBG_SEG_DS		3
#define VMXDBG_SEG_FS		4
#define VMXDBG_SEG_GS		5
#define VMXDBG_SEG_LDTR		6
#define VMXDBG_SEG_TR		7

/**
 * struct vmxdbg_regs - argument of VMXDBG_GET_REGS and VMXDBG_SET_REGS
 * @vcpu: number of a stopped vCPU
 * @set: VMXDBG_REGS_*
 * @size: size of the set's structure
 * @refused: out, SET_REGS only: VMXDBG_REFUSED_* if the call fails with EINVAL because
 *	of a value, else 0
 * @data: address of the structure
 *
 * A set is written as a whole or not at all. A value is refused if it breaks a rule of
 * VM entry that the vCPU's state kept before. So a state that the VMM made invalid can
 * be repaired step by step.
 */
struct vmxdbg_regs {
	__u32 vcpu;
	__u32 set;
	__u32 size;
	__u32 refused;
	__u64 data;
};

/* struct vmxdbg_both - two sets, checked together: for a change of the CPU's mode */
struct vmxdbg_both {
	struct kvm_regs general;
	struct kvm_sregs system;
};

/* struct vmxdbg_hidden.activity */
#define VMXDBG_ACTIVITY_ACTIVE	0
#define VMXDBG_ACTIVITY_HLT	1	/* waits for an event after HLT */
#define VMXDBG_ACTIVITY_SHUTDOWN 2	/* the guest has ended by a triple fault */

/* struct vmxdbg_hidden.blocking: interruptibility state (SDM vol. 3, 25.4.2) */
#define VMXDBG_BLOCKING_STI	(1U << 0)
#define VMXDBG_BLOCKING_MOV_SS	(1U << 1)
#define VMXDBG_BLOCKING_NMI	(1U << 3)

/**
 * struct vmxdbg_hidden - state of a vCPU that no other set has
 * @activity: VMXDBG_ACTIVITY_*
 * @blocking: VMXDBG_BLOCKING_*
 * @pending_debug: pending debug exceptions, as a #DB's exit qualification
 * @pdptrs: with PAE paging: the loaded page-directory-pointer-table entries, else 0
 * @tsc_offset: TSC of the guest minus TSC of the host, now: see VMXDBG_SET_TIME
 * @reserved: zero
 */
struct vmxdbg_hidden {
	__u32 activity;
	__u32 blocking;
	__u64 pending_debug;
	__u64 pdptrs[4];
	__u64 tsc_offset;
	__u64 reserved[5];
};

/**
 * struct vmxdbg_msrs - argument of VMXDBG_GET_MSRS and VMXDBG_SET_MSRS
 * @vcpu: number of a stopped vCPU
 * @count: number of entries, at most VMXDBG_MSRS_MAX
 * @done: out: number of MSRs that were read or written, also if the call fails
 * @refused: out: VMXDBG_REFUSED_* of MSR number @done, or 0
 * @entries: address of an array of struct kvm_msr_entry
 *
 * MSRs are transferred in the order of the array. The call fails with EINVAL at the
 * first one that does not exist or whose value is refused: that is number @done. It
 * and those behind it keep their values, those before it have been transferred.
 */
struct vmxdbg_msrs {
	__u32 vcpu;
	__u32 count;
	__u32 done;
	__u32 refused;
	__u64 entries;
};

#define VMXDBG_MSRS_MAX		256

/**
 * struct vmxdbg_msr_list - argument of VMXDBG_LIST_MSRS
 * @vcpu: number of a stopped vCPU
 * @count: in: number of entries that fit into @indices; out: number of MSRs
 * @indices: address of an array of __u32
 *
 * Lists each MSR that VMXDBG_GET_MSRS can read, in ascending order. If @indices is
 * too small, it is filled, and @count tells how many entries are needed.
 */
struct vmxdbg_msr_list {
	__u32 vcpu;
	__u32 count;
	__u64 indices;
};

/* struct vmxdbg_mem.flags */
#define VMXDBG_MEM_PHYSICAL	(1U << 0)	/* @addr is a gpa, @vcpu is 0 */

/**
 * struct vmxdbg_mem - argument of VMXDBG_READ_MEM and VMXDBG_WRITE_MEM
 * @vcpu: stopped vCPU whose page tables translate @addr; 0 with PHYSICAL
 * @flags: VMXDBG_MEM_*
 * @addr: linear address, or gpa with PHYSICAL
 * @len: bytes to transfer, at most VMXDBG_MEM_MAX
 * @buf: address of the caller's buffer
 * @done: out: bytes transferred, also if the call fails
 *
 * A read returns the guest's own bytes, never those of a breakpoint. A write
 * ignores the protection in the guest's page tables. Memory ends at an address
 * that is not mapped or has no slot, and for a write also at a read-only slot. The
 * call then returns 0 with @done less than @len, or fails with ENXIO if @done is 0.
 */
struct vmxdbg_mem {
	__u32 vcpu;
	__u32 flags;
	__u64 addr;
	__u64 len;
	__u64 buf;
	__u64 done;
};

#define VMXDBG_MEM_MAX		(1ULL << 30)

/* struct vmxdbg_translate.flags (out) */
#define VMXDBG_PAGE_WRITE	(1U << 0)
#define VMXDBG_PAGE_USER	(1U << 1)
#define VMXDBG_PAGE_EXEC	(1U << 2)

/* struct vmxdbg_translate - translate a linear address by the guest's page tables */
struct vmxdbg_translate {
	__u32 vcpu;		/* in: number of a stopped vCPU */
	__u32 flags;		/* in: zero; out: VMXDBG_PAGE_* */
	__u64 gva;		/* in: linear address */
	__u64 gpa;		/* out */
	__u64 page_size;	/* out: size of the guest's page, in bytes */
};

/* struct vmxdbg_options.action: the action of a hit that passes all filters */
#define VMXDBG_ACTION_STOP	0	/* count it, stop the vCPU, report an event */
#define VMXDBG_ACTION_COUNT	1	/* count it, the guest runs on */
#define VMXDBG_ACTION_RECORD	2	/* count it, put a record into the ring */

/* struct vmxdbg_options.record_flags */
#define VMXDBG_RECORD_GENERAL	(1U << 0)	/* the record has struct kvm_regs */

/* Maximum length of a condition's or a recording's bytecode, in bytes. */
#define VMXDBG_CODE_MAX		4096

/**
 * struct vmxdbg_options - filters and action of an object
 * @action: VMXDBG_ACTION_*
 * @cpl_mask: bit n: hits at CPL n count; 0: hits at every CPL count
 * @ignore: number of counted hits, from the first, that cause no action
 * @cond_len: length of @cond in bytes; 0: no condition
 * @record_len: RECORD only: length of @record in bytes; 0: no memory is recorded
 * @cond: address of gdb agent bytecode; the hit counts if its result is not 0
 * @record: address of gdb agent bytecode; its trace operations select memory
 * @record_flags: RECORD only: VMXDBG_RECORD_*
 * @vcpu_words: words of @vcpu_set, at most VMXDBG_VCPU_WORDS; 0: the object has no such set
 * @vcpu_set: with @vcpu_words: address of an array of __u64 in place of the object's
 *	vcpu_mask, which is then 0: bit n of word w: hits of vCPU 64 * w + n count; else 0
 * @reserved: zero
 *
 * The module verifies bytecode when the object is created. Bytecode that fails
 * later stops the vCPU with VMXDBG_WHY_ERROR: see VMXDBG_ERROR_*.
 */
struct vmxdbg_options {
	__u32 action;
	__u32 cpl_mask;
	__u64 ignore;
	__u32 cond_len;
	__u32 record_len;
	__u64 cond;
	__u64 record;
	__u32 record_flags;
	__u32 vcpu_words;
	__u64 vcpu_set;
	__u64 reserved[3];
};

/* struct vmxdbg_bp.type */
#define VMXDBG_BP_SOFT		0	/* execution, by int3 in a copy of the page */
#define VMXDBG_BP_HARD		1	/* execution, by a debug register or as SOFT */
#define VMXDBG_BP_WRITE		2	/* data write */
#define VMXDBG_BP_ACCESS	3	/* data read or write */
#define VMXDBG_BP_READ		4	/* data read */
#define VMXDBG_BP_EXEC		5	/* execution of any byte of a range */

/* struct vmxdbg_bp.flags */
#define VMXDBG_BP_PHYSICAL	(1U << 0)	/* @addr is a gpa; not with HARD */
#define VMXDBG_BP_CR3		(1U << 1)	/* only in the address space @cr3 */

/**
 * struct vmxdbg_bp - argument of VMXDBG_ADD_BP
 * @id: out: id of the new object in this session, never 0
 * @type: VMXDBG_BP_*
 * @addr: linear address, or gpa with VMXDBG_BP_PHYSICAL; SOFT: of the first byte of
 *	an instruction, since the guest executes garbage otherwise
 * @len: length in bytes; 1 for SOFT and HARD
 * @flags: VMXDBG_BP_PHYSICAL, VMXDBG_BP_CR3
 * @vcpu: number of a stopped vCPU, whose page tables are followed first; it may run
 *	if a debug register is used; 0 with PHYSICAL
 * @vcpu_mask: bit n: hits of vCPU n count; 0 or all bits: hits of every vCPU count; a
 *	set with vCPUs above 63 is in @options
 * @cr3: with VMXDBG_BP_CR3: CR3 of the address space, bits 0 to 11 (PCID) clear;
 *	else 0
 * @options: address of struct vmxdbg_options; 0: every hit stops
 * @reserved: zero
 *
 * WRITE and ACCESS of 1, 2, 4 or 8 aligned bytes by linear address use a debug
 * register while one is free. Other watchpoints use EPT permissions.
 *
 * A breakpoint by linear address follows the guest's page tables unless a debug
 * register holds it: it is armed wherever the address is mapped now, and stays
 * right when the page is mapped later, moved or unmapped. Without VMXDBG_BP_CR3
 * this holds in every address space, and CR3 loads that enter a new one cause a
 * VM exit.
 */
struct vmxdbg_bp {
	__u32 id;
	__u32 type;
	__u64 addr;
	__u64 len;
	__u32 flags;
	__u32 vcpu;
	__u64 vcpu_mask;
	__u64 cr3;
	__u64 options;
	__u64 reserved[3];
};

/* struct vmxdbg_catch.type, and the values that @first and @last select */
#define VMXDBG_CATCH_IO		0	/* I/O ports; has directions */
#define VMXDBG_CATCH_MSR	1	/* MSR numbers; has directions */
#define VMXDBG_CATCH_CR		2	/* writes of control registers: 0, 3, 4, 8 */
#define VMXDBG_CATCH_CPUID	3	/* CPUID leaves */
#define VMXDBG_CATCH_RDTSC	4	/* 0: RDTSC, 1: RDTSCP */
#define VMXDBG_CATCH_HLT	5	/* 0 */
#define VMXDBG_CATCH_EXCEPTION	6	/* vectors, 0 to 31 */
#define VMXDBG_CATCH_INTERRUPT	7	/* vectors; 2: NMI */
#define VMXDBG_CATCH_VMCALL	8	/* values of RAX */
#define VMXDBG_CATCH_TABLE	9	/* VMXDBG_TABLE_* */
#define VMXDBG_CATCH_MMIO	10	/* gpas without memory; has directions */
#define VMXDBG_CATCH_RESET	11	/* VMXDBG_RESET_* */
#define VMXDBG_CATCH_ENTRY	12	/* 0: VM entries that fail */
#define VMXDBG_CATCH_EOI	13	/* vectors: ends of interrupts, by a local APIC */
#define VMXDBG_CATCH_IPI	14	/* bits 0 to 10 of ICR: vector and VMXDBG_IPI_* */
#define VMXDBG_CATCH_TYPES	15

/* Direction filter, in the flags of a catch. With neither bit set, both are caught. */
#define VMXDBG_CATCH_READ	(1U << 2)	/* IN, RDMSR, loads */
#define VMXDBG_CATCH_WRITE	(1U << 3)	/* OUT, WRMSR, stores */

/* Source filter of INTERRUPT, likewise. With none of them set, all are caught. */
#define VMXDBG_FROM_TIMER	(1U << 8)	/* timer of the vCPU's local APIC */
#define VMXDBG_FROM_LVT		(1U << 9)	/* another local interrupt */
#define VMXDBG_FROM_IPI		(1U << 10)	/* another vCPU, or this one */
#define VMXDBG_FROM_MSI		(1U << 11)
#define VMXDBG_FROM_IOAPIC	(1U << 12)
#define VMXDBG_FROM_PIC		(1U << 13)
#define VMXDBG_FROM_VMM		(1U << 14)	/* KVM_INTERRUPT, KVM_NMI and the like */
#define VMXDBG_FROM_SESSION	(1U << 15)	/* VMXDBG_INJECT */
#define VMXDBG_FROM_UNKNOWN	(1U << 16)	/* raised before there was such a catch */

/* Kinds of IPIs: the delivery mode in ICR */
#define VMXDBG_IPI_FIXED	0x000
#define VMXDBG_IPI_LOWEST	0x100
#define VMXDBG_IPI_SMI		0x200
#define VMXDBG_IPI_NMI		0x400
#define VMXDBG_IPI_INIT		0x500
#define VMXDBG_IPI_SIPI		0x600

#define VMXDBG_TABLE_LGDT	0
#define VMXDBG_TABLE_LIDT	1
#define VMXDBG_TABLE_LLDT	2
#define VMXDBG_TABLE_LTR	3
#define VMXDBG_TABLE_SGDT	4
#define VMXDBG_TABLE_SIDT	5
#define VMXDBG_TABLE_SLDT	6
#define VMXDBG_TABLE_STR	7

#define VMXDBG_RESET_TRIPLE_FAULT 0	/* beside VMXDBG_WHY_SHUTDOWN */
#define VMXDBG_RESET_VMM	1	/* the VMM is about to reset the vCPU */

/**
 * struct vmxdbg_catch - argument of VMXDBG_ADD_CATCH
 * @id: out: id of the new object in this session, never 0
 * @type: VMXDBG_CATCH_*
 * @first: first value that is caught
 * @last: last value that is caught, at least @first
 * @flags: VMXDBG_BP_CR3, VMXDBG_CATCH_READ, VMXDBG_CATCH_WRITE, VMXDBG_FROM_*
 * @reserved0: zero
 * @vcpu_mask: bit n: hits of vCPU n count; 0 or all bits: hits of every vCPU count; a
 *	set with vCPUs above 63 is in @options
 * @cr3: with VMXDBG_BP_CR3: CR3 of the address space, bits 0 to 11 (PCID) clear;
 *	else 0
 * @options: address of struct vmxdbg_options; 0: every hit stops
 * @reserved: zero
 *
 * The vCPU stops with VMXDBG_WHY_CATCH before the instruction has an effect, and
 * rip points to it. The next resume or step executes the instruction. The event
 * has in @data[0] to @data[3]:
 *
 *	IO		port; size; VMXDBG_CATCH_READ or WRITE; value of an OUT, or
 *			linear address of an INS or OUTS
 *	MSR		number; VMXDBG_CATCH_READ or WRITE; value of a WRMSR
 *	CR		number; new value; old value
 *	CPUID		leaf; subleaf
 *	RDTSC		0: RDTSC, 1: RDTSCP
 *	EXCEPTION	vector; error code; linear address of a #PF; 1 if there is an
 *			error code
 *	INTERRUPT	vector; VMXDBG_FROM_*; IPI: number of the vCPU that sent it; IOAPIC,
 *			PIC: pin; LVT: offset of its register; else 0
 *	VMCALL		RAX; RBX; RCX; RDX
 *	TABLE		VMXDBG_TABLE_*; linear address of a memory operand; 1 if the
 *			operand is a register; value of the register
 *	MMIO		gpa; size; VMXDBG_CATCH_READ or WRITE; value that a MOV writes
 *	RESET		VMXDBG_RESET_*
 *	ENTRY		exit reason or VM-instruction error; exit qualification
 *	EOI		vector; 1 if it is level-triggered
 *	IPI		bits 0 to 10 of ICR; destination; bits 0 to 31 of ICR
 *
 * An exception or interrupt is caught before its delivery. The next resume
 * delivers it.
 */
struct vmxdbg_catch {
	__u32 id;
	__u32 type;
	__u64 first;
	__u64 last;
	__u32 flags;
	__u32 reserved0;
	__u64 vcpu_mask;
	__u64 cr3;
	__u64 options;
	__u64 reserved[4];
};

/**
 * struct vmxdbg_object - argument of VMXDBG_GET_OBJECT
 * @id: in: id of the object
 * @vcpu_words: in: number of words that fit into @vcpu_set; out: number of words of the
 *	set of vCPUs whose hits count; 0: hits of every vCPU count
 * @hits: out: number of hits that passed the filters and the condition; hits that
 *	@ignore covers are included
 * @vcpu_set: with @vcpu_words: address of an array of __u64, which gets the set; else 0
 * @reserved: zero
 */
struct vmxdbg_object {
	__u32 id;
	__u32 vcpu_words;
	__u64 hits;
	__u64 vcpu_set;
	__u64 reserved[3];
};

/* struct vmxdbg_event.why: one bit for each reason of the stop */
#define VMXDBG_WHY_STEP		(1U << 0)	/* the step has ended */
#define VMXDBG_WHY_BREAKPOINT	(1U << 1)	/* SOFT, HARD or EXEC, before the insn */
#define VMXDBG_WHY_WATCH	(1U << 2)	/* WRITE, ACCESS or READ, after the insn */
#define VMXDBG_WHY_SHUTDOWN	(1U << 3)	/* triple fault; the VMM is told later */
#define VMXDBG_WHY_GONE		(1U << 4)	/* the VM has ended; @vcpu is 0 */
#define VMXDBG_WHY_ERROR	(1U << 5)	/* see @error */
#define VMXDBG_WHY_CATCH	(1U << 6)	/* event catch; see @data */
#define VMXDBG_WHY_RESET	(1U << 7)	/* the VMM has reset the VM: VMXDBG_RESET */

/* struct vmxdbg_event.error: 1 to 4 are failures of the bytecode of bps[0] */
#define VMXDBG_ERROR_MEMORY	1	/* read of guest memory that does not exist */
#define VMXDBG_ERROR_DIVIDE	2	/* division by zero */
#define VMXDBG_ERROR_BUDGET	3	/* too many operations */
#define VMXDBG_ERROR_SIZE	4	/* the record is too large */
#define VMXDBG_ERROR_PLACES	5	/* page tables above max_followed; no bps */
#define VMXDBG_ERROR_UNARMED	6	/* the guest uses the debug registers of bps */
/* The guest cannot go on: the VMM is told later, as of a triple fault; no bps */
#define VMXDBG_ERROR_EMULATION	7	/* an instruction, or an event's delivery */
#define VMXDBG_ERROR_FETCH	8	/* rip is where no memory is */
#define VMXDBG_ERROR_ENTRY	9	/* VM entry fails: no processor has such a state */
#define VMXDBG_ERROR_NO_MEMORY	10	/* page tables are not followed; no bps */

/* struct vmxdbg_event.access: kind of a watched access, and which fields are valid */
#define VMXDBG_ACCESS_READ	(1U << 0)
#define VMXDBG_ACCESS_WRITE	(1U << 1)
#define VMXDBG_ACCESS_FETCH	(1U << 2)
#define VMXDBG_ACCESS_WALK	(1U << 3)	/* by the CPU's page walk; @addr is 0 */
#define VMXDBG_ACCESS_GPA	(1U << 4)	/* @gpa is valid */
#define VMXDBG_ACCESS_VALUES	(1U << 5)	/* @old_value and @new_value are valid */

#define VMXDBG_EVENT_BPS	4

/**
 * struct vmxdbg_event - a stop of a vCPU, read() from a session
 * @vcpu: number of the vCPU; it stays stopped until VMXDBG_RESUME
 * @why: VMXDBG_WHY_*
 * @rip: linear rip of the vCPU
 * @dr6: B0-B3 of the CPU's debug registers, and BS, as in a #DB's exit qualification
 * @nr_bps: number of entries in @bps
 * @bps: ids of the objects that were hit, the first VMXDBG_EVENT_BPS of them
 * @error: with WHY_ERROR: VMXDBG_ERROR_*
 * @addr: linear address of the first watched access, else 0
 * @gpa: with ACCESS_GPA: gpa of that access
 * @insn: linear address of the instruction that made the access; 0: unknown
 * @access: VMXDBG_ACCESS_*
 * @size: size of the access in bytes; 0: unknown
 * @old_value: with ACCESS_VALUES: up to 8 bytes at @addr before the access
 * @new_value: with ACCESS_VALUES: the same bytes after the access
 * @data: with WHY_CATCH: see struct vmxdbg_catch
 * @reserved: zero
 *
 * A vCPU has at most one unread event, so no event is ever lost. read() returns
 * whole events only. It waits for one, or fails with EAGAIN if O_NONBLOCK is set.
 * poll() reports POLLIN for an event, and POLLHUP when the VM has ended. After
 * WHY_GONE, read() returns 0.
 */
struct vmxdbg_event {
	__u32 vcpu;
	__u32 why;
	__u64 rip;
	__u64 dr6;
	__u32 nr_bps;
	__u32 bps[VMXDBG_EVENT_BPS];
	__u32 error;
	__u64 addr;
	__u64 gpa;
	__u64 insn;
	__u32 access;
	__u32 size;
	__u64 old_value;
	__u64 new_value;
	__u64 data[4];
	__u64 reserved[3];
};

/* ---- records of VMXDBG_ACTION_RECORD ---- */

/**
 * struct vmxdbg_set_ring - argument of VMXDBG_SET_RING
 * @size: size of the data in bytes, a power of two from VMXDBG_RING_MIN to
 *	VMXDBG_RING_MAX; 0 removes the ring
 * @reserved: zero
 *
 * A session has at most one ring; a second one fails with EBUSY. mmap() of the
 * session's file descriptor at offset 0 with MAP_SHARED maps it: one page with
 * struct vmxdbg_ring, then the data. A mapping keeps the session alive as an open
 * file descriptor does.
 */
struct vmxdbg_set_ring {
	__u64 size;
	__u64 reserved[3];
};

#define VMXDBG_RING_MIN		(1U << 12)
#define VMXDBG_RING_MAX		(1U << 24)

/**
 * struct vmxdbg_ring - the first page of a ring
 * @head: bytes produced since the start; written by the kernel
 * @lost: number of records that did not fit; written by the kernel
 * @size: size of the data in bytes
 * @data_offset: offset of the data from the start of this page
 * @reserved: zero
 * @tail: bytes consumed since the start; written by the reader
 *
 * The data from @tail to @head, both modulo @size, are whole records, and no
 * record wraps around. The reader loads @head (acquire), reads the records, and
 * stores @tail (release). poll() reports POLLPRI while @head differs from @tail.
 * poll() wakes up when an empty ring gets a record and when the ring gets half
 * full.
 */
struct vmxdbg_ring {
	__u64 head;
	__u64 lost;
	__u64 size;
	__u64 data_offset;
	__u64 reserved[4];
	__u64 tail;
};

/* struct vmxdbg_record.flags, beside VMXDBG_RECORD_GENERAL */
#define VMXDBG_RECORD_PAD	(1U << 31)	/* no record: skip @size bytes */

/**
 * struct vmxdbg_record - one hit
 * @size: size of the whole record in bytes, a multiple of 8
 * @flags: VMXDBG_RECORD_*; with PAD only @size and @flags are valid
 * @vcpu: number of the vCPU
 * @id: id of the object that was hit
 * @tsc: the host's time stamp counter
 * @rip: linear rip of the vCPU
 *
 * After this structure follow struct kvm_regs, with VMXDBG_RECORD_GENERAL, and a
 * struct vmxdbg_record_block for each trace operation of the object's bytecode.
 */
struct vmxdbg_record {
	__u32 size;
	__u32 flags;
	__u32 vcpu;
	__u32 id;
	__u64 tsc;
	__u64 rip;
};

/* struct vmxdbg_record_block.flags */
#define VMXDBG_BLOCK_PHYSICAL	(1U << 0)	/* @addr is a gpa */
#define VMXDBG_BLOCK_VARIABLE	(1U << 1)	/* @addr is the number of a variable */
#define VMXDBG_BLOCK_MISSING	(1U << 2)	/* memory is missing: no bytes follow */

/* struct vmxdbg_record_block - @len bytes from @addr follow, padded to 8 */
struct vmxdbg_record_block {
	__u64 addr;
	__u32 len;
	__u32 flags;
};

/* Maximum number of blocks in one record, and of bytes in these blocks. */
#define VMXDBG_RECORD_BLOCKS	16
#define VMXDBG_RECORD_BYTES	16384

/* Variables that bytecode can read (getv, tracev); setv can set PHYSICAL only. */
#define VMXDBG_VAR_HITS		1	/* counted hits of the object before this one */
#define VMXDBG_VAR_VCPU		2	/* number of the vCPU */
#define VMXDBG_VAR_TSC		3	/* the host's time stamp counter */
#define VMXDBG_VAR_ADDR		4	/* linear address of a watched access, else 0 */
#define VMXDBG_VAR_PHYSICAL	5	/* not 0: ref and trace use gpas */

/* ---- lists and states of the VM ---- */

/**
 * struct vmxdbg_slot - one memory slot in the list of VMXDBG_GET_SLOTS
 * @slot: number that the VMM gave it
 * @flags: KVM_MEM_READONLY, KVM_MEM_LOG_DIRTY_PAGES
 * @gpa: gpa of the first byte
 * @size: size in bytes
 * @hva: address of the first byte in the VMM
 * @reserved: zero
 */
struct vmxdbg_slot {
	__u32 slot;
	__u32 flags;
	__u64 gpa;
	__u64 size;
	__u64 hva;
	__u64 reserved[2];
};

/**
 * struct vmxdbg_slot_list - argument of VMXDBG_GET_SLOTS
 * @count: in: number of entries that fit into @slots; out: number of slots
 * @reserved0: zero
 * @slots: address of an array of struct vmxdbg_slot
 * @reserved: zero
 *
 * The slots are those of one moment, in the order of their gpas. If @slots is too
 * small, it is filled, and @count tells how many entries are needed.
 */
struct vmxdbg_slot_list {
	__u32 count;
	__u32 reserved0;
	__u64 slots;
	__u64 reserved[2];
};

/* struct vmxdbg_place.kind */
#define VMXDBG_PLACE_MMIO	0	/* no slot: accesses go to the VMM */
#define VMXDBG_PLACE_RAM	1
#define VMXDBG_PLACE_READONLY	2	/* memory for reads; writes go to the VMM */

/* struct vmxdbg_place.flags (out), of the 4 KiB around @gpa */
#define VMXDBG_PLACE_BREAKS	(1U << 0)	/* breakpoints in a copy of the page */
#define VMXDBG_PLACE_TABLE	(1U << 1)	/* page table that breakpoints follow */
#define VMXDBG_PLACE_WATCHED	(1U << 2)	/* watchpoints by EPT */
#define VMXDBG_PLACE_LOGGED	(1U << 3)	/* the slot has a dirty log */
#define VMXDBG_PLACE_ON_HOOKED	(1U << 4)	/* vCPUs use the hooked view now */

/* struct vmxdbg_ept.rights */
#define VMXDBG_EPT_READ		(1U << 0)
#define VMXDBG_EPT_WRITE	(1U << 1)
#define VMXDBG_EPT_EXEC		(1U << 2)

/**
 * struct vmxdbg_ept - entry of EPT that maps a gpa in one view
 * @page_size: size of the page in bytes: 4 KiB, 2 MiB or 1 GiB; 0: not mapped yet
 * @rights: VMXDBG_EPT_*; an access without its right causes a VM exit
 * @memory_type: memory type in the entry: 0 UC, 6 WB
 */
struct vmxdbg_ept {
	__u64 page_size;
	__u32 rights;
	__u32 memory_type;
};

/**
 * struct vmxdbg_place - argument of VMXDBG_GET_PLACE
 * @gpa: in: any gpa
 * @kind: out: VMXDBG_PLACE_MMIO, _RAM or _READONLY
 * @flags: in: zero; out: VMXDBG_PLACE_* flags; 0 for MMIO
 * @slot: out: number of the slot; 0 for MMIO
 * @slot_flags: out: flags of the slot: see struct vmxdbg_slot
 * @hva: out: address of the byte at @gpa in the VMM; 0 for MMIO
 * @plain: out: entry in the plain view, which shows memory as it is
 * @hooked: out: entry in the hooked view, which has breakpoints and watchpoints
 * @reserved: zero
 *
 * A page is mapped by the first access of the guest to it, in the view that the vCPU
 * uses then, and with the right for writes only once it is written in some cases. The
 * host's memory management may take it away at any time.
 */
struct vmxdbg_place {
	__u64 gpa;
	__u32 kind;
	__u32 flags;
	__u32 slot;
	__u32 slot_flags;
	__u64 hva;
	struct vmxdbg_ept plain;
	struct vmxdbg_ept hooked;
	__u64 reserved[4];
};

/**
 * struct vmxdbg_stats - argument of VMXDBG_GET_STATS
 * @vcpu: in: number of a vCPU, or VMXDBG_ALL_VCPUS: the sums over all
 * @count: in: number of entries that fit into @exits; out: number of counters
 * @exits: address of an array of __u64: VM exits by basic exit reason
 * @entries: out: VM entries, those that failed included
 * @failed_entries: out: VM entries that failed
 * @interrupts: out: VM exits for interrupts of the host, as in @exits
 * @vmm_exits: out: calls of KVM_RUN that have returned
 * @ept_faults: out: accesses whose page was not mapped, or not for this access
 * @pages_4k: out: pages of 4 KiB that EPT maps now, in the plain and the hooked view
 * @pages_2m: out: the same for 2 MiB
 * @pages_1g: out: the same for 1 GiB
 * @hooked_pages: out: pages with breakpoints in a copy, or that hold followed tables
 * @watched_ranges: out: contiguous ranges of gpas that EPT watches
 * @followed_entries: out: page table entries of the guest that are followed
 * @followed_spaces: out: address spaces of the guest that are followed
 * @reserved: zero
 *
 * Counts are those since the creation of the vCPU, and only grow. All from @pages_4k on
 * are of the whole VM and of this moment. If @exits is too small, it is filled, and
 * @count tells how many entries are needed.
 */
struct vmxdbg_stats {
	__u32 vcpu;
	__u32 count;
	__u64 exits;
	__u64 entries;
	__u64 failed_entries;
	__u64 interrupts;
	__u64 vmm_exits;
	__u64 ept_faults;
	__u64 pages_4k;
	__u64 pages_2m;
	__u64 pages_1g;
	__u32 hooked_pages;
	__u32 watched_ranges;
	__u32 followed_entries;
	__u32 followed_spaces;
	__u64 reserved[4];
};

/* struct vmxdbg_object_info.kind */
#define VMXDBG_OBJECT_BP	0	/* of VMXDBG_ADD_BP */
#define VMXDBG_OBJECT_CATCH	1	/* of VMXDBG_ADD_CATCH */

/* struct vmxdbg_object_info.armed */
#define VMXDBG_ARMED_REGISTER	0	/* in a debug register */
#define VMXDBG_ARMED_COPY	1	/* by int3 in copies of pages */
#define VMXDBG_ARMED_EPT	2	/* by permissions of EPT */
#define VMXDBG_ARMED_EXIT	3	/* catch: by VM exits of the event */

/* struct vmxdbg_object_info.code */
#define VMXDBG_CODE_COND	(1U << 0)	/* a condition */
#define VMXDBG_CODE_RECORD	(1U << 1)	/* bytecode that records memory */

/**
 * struct vmxdbg_object_info - one object in the list of VMXDBG_LIST_OBJECTS
 * @id: id of the object
 * @kind: VMXDBG_OBJECT_*
 * @type: VMXDBG_BP_* or VMXDBG_CATCH_*
 * @flags: flags with which it was created; a catch of both directions has neither flag
 * @first: first address, or first value that is caught
 * @last: last address, or last value that is caught
 * @vcpu_mask: bit n: hits of vCPU n count, of the first 64; 0 without a set: hits of
 *	every vCPU count
 * @cr3: with VMXDBG_BP_CR3: CR3 of the address space, else 0
 * @hits: number of hits, as in struct vmxdbg_object
 * @ignore: number of counted hits, from the first, that cause no action
 * @action: VMXDBG_ACTION_*
 * @cpl_mask: bit n: hits at CPL n count; 0: hits at every CPL count
 * @armed: VMXDBG_ARMED_*
 * @sites: with COPY and EPT: number of the guest's page table entries that map a part
 *	of it, where it is armed now; 0: nothing is mapped; with PHYSICAL: 1
 * @code: VMXDBG_CODE_*
 * @record_flags: VMXDBG_RECORD_*
 * @vcpu_words: words of the set of vCPUs, as VMXDBG_GET_OBJECT returns it; 0: no set
 * @reserved0: zero
 * @reserved: zero
 */
struct vmxdbg_object_info {
	__u32 id;
	__u32 kind;
	__u32 type;
	__u32 flags;
	__u64 first;
	__u64 last;
	__u64 vcpu_mask;
	__u64 cr3;
	__u64 hits;
	__u64 ignore;
	__u32 action;
	__u32 cpl_mask;
	__u32 armed;
	__u32 sites;
	__u32 code;
	__u32 record_flags;
	__u32 vcpu_words;
	__u32 reserved0;
	__u64 reserved[2];
};

/**
 * struct vmxdbg_object_list - argument of VMXDBG_LIST_OBJECTS
 * @count: in: number of entries that fit into @objects; out: number of objects
 * @reserved0: zero
 * @objects: address of an array of struct vmxdbg_object_info
 * @reserved: zero
 *
 * The objects are in the order of their ids. If @objects is too small, it is filled,
 * and @count tells how many entries are needed.
 */
struct vmxdbg_object_list {
	__u32 count;
	__u32 reserved0;
	__u64 objects;
	__u64 reserved[2];
};

/* struct vmxdbg_time.mode */
#define VMXDBG_TIME_STOP	0	/* the VM's time is held while all vCPUs are stopped */
#define VMXDBG_TIME_RUN		1	/* never held */

/**
 * struct vmxdbg_time - argument of VMXDBG_SET_TIME
 * @mode: VMXDBG_TIME_*
 * @flags: zero
 * @reserved: zero
 *
 * With TIME_STOP, with which a session begins, the guest's TSC stands still from when
 * the last vCPU stopped until the first is resumed. All vCPUs are then set back by the
 * same number of ticks. The VMM can do the same with its timers: VMXDBG_GET_HELD.
 */
struct vmxdbg_time {
	__u32 mode;
	__u32 flags;
	__u64 reserved[2];
};

/* struct vmxdbg_inject.type */
#define VMXDBG_INJECT_INTERRUPT	0	/* of an interrupt controller */
#define VMXDBG_INJECT_NMI	1
#define VMXDBG_INJECT_EXCEPTION	2	/* a fault or trap of the processor */
#define VMXDBG_INJECT_INIT	3	/* ENXIO: the VMM emulates the local APIC */
#define VMXDBG_INJECT_SMI	4	/* EOPNOTSUPP: there is no system management mode */

/**
 * struct vmxdbg_inject - argument of VMXDBG_INJECT
 * @vcpu: number of a stopped vCPU
 * @type: VMXDBG_INJECT_*
 * @vector: INTERRUPT: 0 to 255; NMI, INIT, SMI: 0; EXCEPTION: 0 to 8, 10 to 14 or 16 to 19, except
 *	2, which is the NMI
 * @flags: zero
 * @error: EXCEPTION 8, 10 to 14 and 17: error code, at most 0x7fff; else 0
 * @reserved0: zero
 * @addr: #PF: value for CR2; #DB: bits to set in DR6, of B0-B3, BD, BS, BT; else 0
 * @reserved: zero
 *
 * The event is delivered when the vCPU runs and the guest can take it. Of each type one
 * event can wait.
 */
struct vmxdbg_inject {
	__u32 vcpu;
	__u32 type;
	__u32 vector;
	__u32 flags;
	__u32 error;
	__u32 reserved0;
	__u64 addr;
	__u64 reserved[2];
};

/**
 * struct vmxdbg_reset - argument of VMXDBG_RESET
 * @flags: zero
 * @reserved: zero
 *
 * Asks the VMM to reset the VM, all vCPUs of which are stopped. They stay stopped, and
 * VMXDBG_WHY_RESET reports the VM after the reset.
 */
struct vmxdbg_reset {
	__u32 flags;
	__u32 reserved[7];
};

/* ---- ioctls of a session's file descriptor: numbers ---- */

#define VMXDBG_GET_INFO		_IOR(VMXDBGIO, 0x60, struct vmxdbg_info)
#define VMXDBG_GET_VCPU		_IOWR(VMXDBGIO, 0x61, struct vmxdbg_vcpu)
#define VMXDBG_STOP		_IOW(VMXDBGIO, 0x62, struct vmxdbg_stop)
#define VMXDBG_RESUME		_IOW(VMXDBGIO, 0x63, struct vmxdbg_resume)
#define VMXDBG_GET_REGS		_IOW(VMXDBGIO, 0x64, struct vmxdbg_regs)
#define VMXDBG_SET_REGS		_IOW(VMXDBGIO, 0x65, struct vmxdbg_regs)
#define VMXDBG_READ_MEM		_IOWR(VMXDBGIO, 0x66, struct vmxdbg_mem)
#define VMXDBG_WRITE_MEM	_IOWR(VMXDBGIO, 0x67, struct vmxdbg_mem)
#define VMXDBG_TRANSLATE	_IOWR(VMXDBGIO, 0x68, struct vmxdbg_translate)
#define VMXDBG_ADD_BP		_IOWR(VMXDBGIO, 0x69, struct vmxdbg_bp)
/* Delete any object of the session. The argument is the object's id. */
#define VMXDBG_DEL_BP		_IO(VMXDBGIO, 0x6a)
#define VMXDBG_GET_OBJECT	_IOWR(VMXDBGIO, 0x6b, struct vmxdbg_object)
#define VMXDBG_ADD_CATCH	_IOWR(VMXDBGIO, 0x6c, struct vmxdbg_catch)
#define VMXDBG_SET_RING		_IOW(VMXDBGIO, 0x6d, struct vmxdbg_set_ring)
#define VMXDBG_GET_MSRS		_IOWR(VMXDBGIO, 0x6e, struct vmxdbg_msrs)
#define VMXDBG_SET_MSRS		_IOWR(VMXDBGIO, 0x6f, struct vmxdbg_msrs)
#define VMXDBG_LIST_MSRS	_IOWR(VMXDBGIO, 0x70, struct vmxdbg_msr_list)
#define VMXDBG_SET_TIME		_IOW(VMXDBGIO, 0x71, struct vmxdbg_time)
#define VMXDBG_INJECT		_IOW(VMXDBGIO, 0x72, struct vmxdbg_inject)
#define VMXDBG_RESET		_IOW(VMXDBGIO, 0x73, struct vmxdbg_reset)
#define VMXDBG_GET_SLOTS	_IOWR(VMXDBGIO, 0x74, struct vmxdbg_slot_list)
#define VMXDBG_GET_PLACE	_IOWR(VMXDBGIO, 0x75, struct vmxdbg_place)
#define VMXDBG_GET_STATS	_IOWR(VMXDBGIO, 0x76, struct vmxdbg_stats)
#define VMXDBG_LIST_OBJECTS	_IOWR(VMXDBGIO, 0x77, struct vmxdbg_object_list)
#define VMXDBG_LIST_VCPUS	_IOWR(VMXDBGIO, 0x78, struct vmxdbg_vcpu_list)

#endif /* _UAPI_VMXDBG_H */
