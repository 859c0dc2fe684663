/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The debug plane of /dev/vmxdbg: attach to a guest from another process.
 *
 * The run plane (creating and running VMs) is a subset of <linux/kvm.h> on
 * the same device and is not repeated here. Documentation/abi.rst describes
 * every call of both, with errors and examples.
 *
 * Every reserved or padding field must be zero, every flag not named here must
 * be clear: both give EINVAL, so that they can get a meaning later.
 */
#ifndef _UAPI_VMXDBG_H
#define _UAPI_VMXDBG_H

#include <linux/ioctl.h>
#include <linux/kvm.h>
#include <linux/types.h>

#define VMXDBG_API_VERSION	2

#define VMXDBGIO		0xDB

/* Stands for "each vCPU of the VM" where a vCPU's number is taken. */
#define VMXDBG_ALL_VCPUS	0xffffffffU

/* ---- on /dev/vmxdbg itself ---- */

/* struct vmxdbg_vm_info.flags */
#define VMXDBG_VM_ATTACHED	(1U << 0)	/* a session has it */
#define VMXDBG_VM_HELD		(1U << 1)	/* see VMXDBG_HOLD */

/**
 * struct vmxdbg_vm_info - one VM, as VMXDBG_LIST_VMS reports it
 * @id: its number, never used again while the module is loaded
 * @vcpus: how many vCPUs it has now
 * @pid: thread group id of its VMM, in the caller's pid namespace, 0 if none
 * @flags: VMXDBG_VM_*
 * @memory: bytes of guest RAM in its slots
 * @comm: name of the VMM's task when it made the VM, NUL terminated
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
 * @count: in: how many entries @vms has room for; out: how many VMs there are
 * @reserved: zero
 * @vms: address of an array of struct vmxdbg_vm_info; min(room, VMs) are written
 */
struct vmxdbg_vm_list {
	__u32 count;
	__u32 reserved;
	__u64 vms;
};

/* struct vmxdbg_attach.flags */
#define VMXDBG_ATTACH_FD	(1U << 0)	/* @target is a VM's file descriptor */

/**
 * struct vmxdbg_attach - argument of VMXDBG_ATTACH
 * @flags: VMXDBG_ATTACH_*
 * @target: a VM's id, or its fd with VMXDBG_ATTACH_FD
 */
struct vmxdbg_attach {
	__u32 flags;
	__u32 target;
};

/* returns VMXDBG_API_VERSION */
#define VMXDBG_GET_VERSION	_IO(VMXDBGIO, 0x40)
#define VMXDBG_LIST_VMS		_IOWR(VMXDBGIO, 0x41, struct vmxdbg_vm_list)
/* returns a session's file descriptor (close-on-exec) */
#define VMXDBG_ATTACH		_IOW(VMXDBGIO, 0x42, struct vmxdbg_attach)

/* ---- on a VM's file descriptor ---- */

/*
 * The vCPUs of this VM wait, stopped inside KVM_RUN, until the first session
 * has attached (which then finds them stopped) and resumed them. The argument
 * is 1 to hold, 0 to let go. EBUSY when a session is attached.
 */
#define VMXDBG_HOLD		_IO(VMXDBGIO, 0x50)

/* ---- on a session's file descriptor ---- */

/* struct vmxdbg_info.features */
#define VMXDBG_FEATURE_HOOKS	(1U << 0)	/* nobody sees software breakpoints */
#define VMXDBG_FEATURE_MTF	(1U << 1)	/* steps leave RFLAGS.TF alone */
#define VMXDBG_FEATURE_BRANCH	(1U << 2)	/* VMXDBG_RESUME_BRANCH and _RETURN */
#define VMXDBG_FEATURE_PATCH	(1U << 3)	/* instead of HOOKS: the guest's reads see them */

/* struct vmxdbg_info: what this session is attached to, and what it can do */
struct vmxdbg_info {
	__u32 version;		/* VMXDBG_API_VERSION */
	__u32 features;		/* VMXDBG_FEATURE_* */
	__u32 vm;		/* the VM's id */
	__s32 pid;		/* its VMM, 0 when gone */
	__u64 vcpu_mask;	/* bit n: vCPU n exists */
	__u32 hw_breakpoints;	/* debug registers of the CPU */
	__u32 max_breakpoints;	/* software breakpoints a session may hold */
	__u64 reserved[4];
};

/**
 * struct vmxdbg_stop - argument of VMXDBG_STOP
 * @vcpu: number, or VMXDBG_ALL_VCPUS
 * @flags: zero
 *
 * Complete when it returns: none of the vCPUs named executes guest code until
 * it is resumed. No event is made. Stopping what is stopped is no error. After
 * VMXDBG_ALL_VCPUS, vCPUs that the VMM makes are stopped too, until
 * VMXDBG_RESUME of all.
 */
struct vmxdbg_stop {
	__u32 vcpu;
	__u32 flags;
};

/* struct vmxdbg_resume.flags */
#define VMXDBG_RESUME_STEP	(1U << 0)	/* one instruction, then stop */
#define VMXDBG_RESUME_RANGE	(1U << 1)	/* with STEP: go on while in the range */
#define VMXDBG_RESUME_IRQS	(1U << 2)	/* with STEP: let interrupts in */
#define VMXDBG_RESUME_INTO	(1U << 3)	/* with STEP: the same, and end in a handler */
#define VMXDBG_RESUME_BRANCH	(1U << 4)	/* with STEP: until control goes elsewhere */
#define VMXDBG_RESUME_RETURN	(1U << 5)	/* with STEP: until the function returns */

/**
 * struct vmxdbg_resume - argument of VMXDBG_RESUME
 * @vcpu: number, or VMXDBG_ALL_VCPUS (then only the stopped ones; no STEP)
 * @flags: VMXDBG_RESUME_*
 * @range_start: with RANGE: first linear address of the range
 * @range_end: with RANGE: first linear address after it
 *
 * At most one of RANGE, BRANCH and RETURN. BRANCH ends after an instruction that
 * was not followed by the next one: a branch that was taken, or an event. RETURN
 * ends after the RET, IRET, SYSRET or SYSEXIT that leaves the stack pointer above
 * where it was, or the privilege level.
 *
 * A step ends with an event with VMXDBG_WHY_STEP. A breakpoint that was
 * reported at the vCPU's rip is passed over, not hit again.
 *
 * ALL skips a vCPU whose event is unread: it stays stopped until that has been
 * read. By number, the unread event is dropped; a breakpoint dropped so is hit
 * again.
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
#define VMXDBG_VCPU_IN_VMM	(1U << 0)	/* its thread is not in KVM_RUN */
#define VMXDBG_VCPU_IO_PENDING	(1U << 1)	/* in the middle of an I/O instruction */
#define VMXDBG_VCPU_HALTED	(1U << 2)	/* last went out by HLT */

/* struct vmxdbg_vcpu: state of the vCPU whose number is @vcpu (in) */
struct vmxdbg_vcpu {
	__u32 vcpu;
	__u32 state;
	__u32 flags;
	__s32 tid;		/* thread that last ran it, caller's pid namespace */
	__u64 reserved[2];
};

/* struct vmxdbg_regs.set */
#define VMXDBG_REGS_GENERAL	0	/* struct kvm_regs */
#define VMXDBG_REGS_SYSTEM	1	/* struct kvm_sregs: segments, control, EFER */
#define VMXDBG_REGS_DEBUG	2	/* struct kvm_debugregs, the guest's own */
#define VMXDBG_REGS_FPU		3	/* struct kvm_fpu */

/**
 * struct vmxdbg_regs - argument of VMXDBG_GET_REGS and VMXDBG_SET_REGS
 * @vcpu: number of a stopped vCPU
 * @set: VMXDBG_REGS_*
 * @size: size of what @data points to, must be that of the set's structure
 * @reserved: zero
 * @data: address of the structure
 */
struct vmxdbg_regs {
	__u32 vcpu;
	__u32 set;
	__u32 size;
	__u32 reserved;
	__u64 data;
};

/* struct vmxdbg_mem.flags */
#define VMXDBG_MEM_PHYSICAL	(1U << 0)	/* @addr is a gpa; @vcpu must be 0 */

/**
 * struct vmxdbg_mem - argument of VMXDBG_READ_MEM and VMXDBG_WRITE_MEM
 * @vcpu: the stopped vCPU whose page tables translate @addr
 * @flags: VMXDBG_MEM_*
 * @addr: linear address (or physical)
 * @len: bytes wanted, at most VMXDBG_MEM_MAX
 * @buf: address of the caller's buffer
 * @done: out: bytes transferred
 *
 * Reads show the guest's own bytes, never a breakpoint. Writes ignore the
 * guest's page protection, and the host's read-only slots refuse them.
 * 0 with @done < @len when guest memory ends; ENXIO when the first byte
 * already has none.
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

/* struct vmxdbg_translate: @gva through the page tables of stopped vCPU @vcpu */
struct vmxdbg_translate {
	__u32 vcpu;
	__u32 flags;		/* out: VMXDBG_PAGE_*; zero on the way in */
	__u64 gva;
	__u64 gpa;		/* out */
	__u64 page_size;	/* out: bytes the guest's translation covers */
};

/* struct vmxdbg_options.action: what a hit does once all filters are passed */
#define VMXDBG_ACTION_STOP	0	/* the vCPU stops, with an event */
#define VMXDBG_ACTION_COUNT	1	/* it is counted, the guest goes on */
#define VMXDBG_ACTION_RECORD	2	/* it is counted and put into the ring */

/* struct vmxdbg_options.record_flags */
#define VMXDBG_RECORD_GENERAL	(1U << 0)	/* struct kvm_regs goes with it */

/* Bytes of a condition, or of what is to be recorded. */
#define VMXDBG_CODE_MAX		4096

/**
 * struct vmxdbg_options - when an object's hit counts, and what it does
 * @action: VMXDBG_ACTION_*
 * @cpl_mask: bit n: hits at CPL n count; 0 is every CPL
 * @ignore: how many hits (with a true condition) are let pass first
 * @cond_len: bytes of @cond; 0: no condition
 * @record_len: RECORD: bytes of @record; 0: no memory is recorded
 * @cond: address of gdb agent bytecode: the hit counts if it ends with not 0
 * @record: address of agent bytecode whose trace operations name memory
 * @record_flags: RECORD: VMXDBG_RECORD_*
 * @reserved0: zero
 * @reserved: zero
 *
 * Bytecode is verified when the object is made. If it fails when it runs (a
 * page that is not there, a division by zero, its budget), the vCPU stops with
 * VMXDBG_WHY_ERROR.
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
	__u32 reserved0;
	__u64 reserved[4];
};

/* struct vmxdbg_bp.type */
#define VMXDBG_BP_SOFT		0	/* execution, by a hook on the page */
#define VMXDBG_BP_HARD		1	/* the same, by a debug register if one is free */
#define VMXDBG_BP_WRITE		2	/* data write */
#define VMXDBG_BP_ACCESS	3	/* data read or write */
#define VMXDBG_BP_READ		4	/* data read */
#define VMXDBG_BP_EXEC		5	/* execution of any byte of a range */

/* struct vmxdbg_bp.flags */
#define VMXDBG_BP_PHYSICAL	(1U << 0)	/* not HARD: @addr is a gpa */
#define VMXDBG_BP_CR3		(1U << 1)	/* stop only while CR3's page is @cr3 */

/**
 * struct vmxdbg_bp - argument of VMXDBG_ADD_BP
 * @id: out: the object's number in this session, never 0
 * @type: VMXDBG_BP_*
 * @addr: linear address (or physical with VMXDBG_BP_PHYSICAL)
 * @len: bytes; 1 for SOFT and HARD
 * @flags: VMXDBG_BP_PHYSICAL, VMXDBG_BP_CR3
 * @vcpu: the stopped vCPU whose page tables find the pages, where that is
 *	needed; with PHYSICAL 0
 * @vcpu_mask: bit n: stop vCPU n; 0 is every vCPU
 * @cr3: with VMXDBG_BP_CR3; the low twelve bits (PCID) must be clear
 * @options: address of struct vmxdbg_options, 0: each hit stops
 * @reserved: zero
 *
 * Data of 1, 2, 4 or 8 aligned bytes by linear address are watched by a debug
 * register while one is free, all else by the permissions of the hooked view.
 *
 * What is by linear address, and not in a debug register, is where that is mapped,
 * at any time: not yet, or no more, or elsewhere. Without VMXDBG_BP_CR3 that is so in
 * each address space; loads of CR3 that lead to another one exit while there is such
 * a one.
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

/* struct vmxdbg_catch.type; [first, last] is a range of what follows */
#define VMXDBG_CATCH_IO		0	/* ports; with directions */
#define VMXDBG_CATCH_MSR	1	/* numbers; with directions */
#define VMXDBG_CATCH_CR		2	/* control registers, when written: 0, 3, 4, 8 */
#define VMXDBG_CATCH_CPUID	3	/* leaves */
#define VMXDBG_CATCH_RDTSC	4	/* 0 RDTSC, 1 RDTSCP */
#define VMXDBG_CATCH_HLT	5	/* 0 */
#define VMXDBG_CATCH_EXCEPTION	6	/* vectors, 0 to 31 */
#define VMXDBG_CATCH_INTERRUPT	7	/* vectors, 2 is the NMI */
#define VMXDBG_CATCH_VMCALL	8	/* values of RAX */
#define VMXDBG_CATCH_TABLE	9	/* VMXDBG_TABLE_* */
#define VMXDBG_CATCH_MMIO	10	/* guest-physical addresses; with directions */
#define VMXDBG_CATCH_RESET	11	/* VMXDBG_RESET_* */
#define VMXDBG_CATCH_ENTRY	12	/* 0: a VM entry that failed */
#define VMXDBG_CATCH_TYPES	13

/* Beside VMXDBG_BP_CR3. Neither of them: both. */
#define VMXDBG_CATCH_READ	(1U << 2)	/* IN, RDMSR, loads */
#define VMXDBG_CATCH_WRITE	(1U << 3)	/* OUT, WRMSR, stores */

#define VMXDBG_TABLE_LGDT	0
#define VMXDBG_TABLE_LIDT	1
#define VMXDBG_TABLE_LLDT	2
#define VMXDBG_TABLE_LTR	3
#define VMXDBG_TABLE_SGDT	4
#define VMXDBG_TABLE_SIDT	5
#define VMXDBG_TABLE_SLDT	6
#define VMXDBG_TABLE_STR	7

#define VMXDBG_RESET_TRIPLE_FAULT 0	/* together with VMXDBG_WHY_SHUTDOWN */
#define VMXDBG_RESET_VMM	1	/* its VMM is about to put rip to 0xfff0 */

/**
 * struct vmxdbg_catch - argument of VMXDBG_ADD_CATCH
 * @id: out: the object's number in this session, never 0
 * @type: VMXDBG_CATCH_*
 * @first: first of the range
 * @last: the last, not less
 * @flags: VMXDBG_BP_CR3, VMXDBG_CATCH_READ, VMXDBG_CATCH_WRITE
 * @reserved0: zero
 * @vcpu_mask: bit n: for vCPU n; 0 is every vCPU
 * @cr3: with VMXDBG_BP_CR3; the low twelve bits (PCID) must be clear
 * @options: address of struct vmxdbg_options, 0: each hit stops
 * @reserved: zero
 *
 * The vCPU stops with VMXDBG_WHY_CATCH before the instruction has an effect,
 * with rip at it; the next resume or step executes it. @data of the event:
 *
 *	IO		port, bytes, VMXDBG_CATCH_READ or WRITE; written: the
 *			value; INS and OUTS: the linear address
 *	MSR		number, VMXDBG_CATCH_READ or WRITE, the value written
 *	CR		number, new value, old value
 *	CPUID		leaf, subleaf
 *	RDTSC		0 or 1
 *	EXCEPTION	vector, error code, address of a #PF, 1 with an error code
 *	INTERRUPT	vector
 *	VMCALL		RAX, RBX, RCX, RDX
 *	TABLE		VMXDBG_TABLE_*, linear address of the operand; 0, 1 and its
 *			value when it is a register
 *	MMIO		guest-physical address, bytes, VMXDBG_CATCH_READ or WRITE,
 *			the value that a MOV writes
 *	RESET		VMXDBG_RESET_*
 *	ENTRY		reason, or VM-instruction error; exit qualification
 *
 * Exceptions and interrupts are caught before they are delivered, and are on
 * their way into the guest then: the next resume delivers them.
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
 * @id: in: which
 * @reserved0: zero
 * @hits: how often it was hit, filters passed and condition true; those that
 *	@ignore let pass are counted too
 * @reserved: zero
 */
struct vmxdbg_object {
	__u32 id;
	__u32 reserved0;
	__u64 hits;
	__u64 reserved[4];
};

/* struct vmxdbg_event.why: all that apply to one stop */
#define VMXDBG_WHY_STEP		(1U << 0)	/* the step asked for is done */
#define VMXDBG_WHY_BREAKPOINT	(1U << 1)	/* SOFT, HARD or EXEC, before it executes */
#define VMXDBG_WHY_WATCH	(1U << 2)	/* WRITE, ACCESS or READ, after the access */
#define VMXDBG_WHY_SHUTDOWN	(1U << 3)	/* triple fault, before its VMM knows */
#define VMXDBG_WHY_GONE		(1U << 4)	/* the VM has ended; @vcpu is 0 */
#define VMXDBG_WHY_ERROR	(1U << 5)	/* mostly of bps[0]: see @error */
#define VMXDBG_WHY_CATCH	(1U << 6)	/* an event catch, see @data */

/* struct vmxdbg_event.error */
#define VMXDBG_ERROR_MEMORY	1	/* guest memory that is not there */
#define VMXDBG_ERROR_DIVIDE	2	/* division by zero */
#define VMXDBG_ERROR_BUDGET	3	/* too many operations */
#define VMXDBG_ERROR_SIZE	4	/* more than a record holds */
#define VMXDBG_ERROR_PLACES	5	/* the guest maps more than is followed; no bps */
#define VMXDBG_ERROR_UNARMED	6	/* the guest has the debug registers of bps */

/* struct vmxdbg_event.access: what a watched access was */
#define VMXDBG_ACCESS_READ	(1U << 0)
#define VMXDBG_ACCESS_WRITE	(1U << 1)
#define VMXDBG_ACCESS_FETCH	(1U << 2)
#define VMXDBG_ACCESS_WALK	(1U << 3)	/* by a page walk: @addr is unknown, 0 */
#define VMXDBG_ACCESS_GPA	(1U << 4)	/* @gpa says where */
#define VMXDBG_ACCESS_VALUES	(1U << 5)	/* @old_value and @new_value are known */

#define VMXDBG_EVENT_BPS	4

/**
 * struct vmxdbg_event - what read() on a session gives, whole ones only
 * @vcpu: which vCPU stopped (it stays so until VMXDBG_RESUME)
 * @why: VMXDBG_WHY_*
 * @rip: its linear rip
 * @dr6: DR6 as the exit qualification gave it: B0-B3 of the hardware, BS
 * @nr_bps: how many of @bps are used
 * @bps: ids of the objects hit
 * @error: with WHY_ERROR: VMXDBG_ERROR_*
 * @addr: linear address of the first watched access, else 0
 * @gpa: with ACCESS_GPA: its guest-physical address
 * @insn: with WHY_WATCH: linear address of the instruction that did it
 * @access: VMXDBG_ACCESS_*
 * @size: bytes accessed, 0: unknown
 * @old_value: with ACCESS_VALUES: what was there, up to 8 bytes from @addr
 * @new_value: what is there now
 * @data: of an event catch, by its type
 * @reserved: zero
 *
 * A vCPU has at most one event unread, so none is ever lost. read() waits
 * unless O_NONBLOCK (EAGAIN); poll() says POLLIN, and POLLHUP once the VM has
 * ended. WHY_GONE is read once, then read() gives 0.
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

/* ---- records: what VMXDBG_ACTION_RECORD leaves ---- */

/**
 * struct vmxdbg_set_ring - argument of VMXDBG_SET_RING
 * @size: bytes of data, a power of two from VMXDBG_RING_MIN to VMXDBG_RING_MAX;
 *	0 takes the ring away
 * @reserved: zero
 *
 * A session has one ring: EBUSY where there is one. It is mapped at offset 0 of
 * the session's file descriptor, MAP_SHARED: a page with struct vmxdbg_ring, then
 * the data. A mapping keeps the session as an open descriptor does.
 */
struct vmxdbg_set_ring {
	__u64 size;
	__u64 reserved[3];
};

#define VMXDBG_RING_MIN		(1U << 12)
#define VMXDBG_RING_MAX		(1U << 24)

/**
 * struct vmxdbg_ring - the first page of a ring
 * @head: bytes that were ever put in: written by the kernel
 * @lost: records for which there was no room: written by the kernel
 * @size: bytes of data
 * @data_offset: where the data begin, from here
 * @tail: bytes that were ever taken out: written by the reader
 *
 * The bytes from @tail to @head, both modulo @size, are whole records, each in
 * one piece. The reader reads @head (acquire), then the records, then writes @tail
 * (release). poll() says POLLPRI while @head is not @tail, and wakes up for the
 * first record in a ring that was empty and when it becomes half full.
 */
struct vmxdbg_ring {
	__u64 head;
	__u64 lost;
	__u64 size;
	__u64 data_offset;
	__u64 reserved[4];
	__u64 tail;
};

/* struct vmxdbg_record.flags: VMXDBG_RECORD_GENERAL, and */
#define VMXDBG_RECORD_PAD	(1U << 31)	/* only filling: go on after @size bytes */

/**
 * struct vmxdbg_record - one hit
 * @size: bytes to the next record, this one included; a multiple of 8
 * @flags: VMXDBG_RECORD_*; with PAD nothing more is there
 * @vcpu: whose hit
 * @id: the object that was hit
 * @tsc: the host's time stamp counter
 * @rip: linear rip of the vCPU
 *
 * Then: with VMXDBG_RECORD_GENERAL struct kvm_regs; and a struct
 * vmxdbg_record_block for each trace operation of the object's bytecode.
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
#define VMXDBG_BLOCK_VARIABLE	(1U << 1)	/* @addr is the variable's number */
#define VMXDBG_BLOCK_MISSING	(1U << 2)	/* not all is there: none follows */

/* struct vmxdbg_record_block: @len bytes from @addr follow, padded to 8 */
struct vmxdbg_record_block {
	__u64 addr;
	__u32 len;
	__u32 flags;
};

/* Trace operations of one record, and bytes that they name. */
#define VMXDBG_RECORD_BLOCKS	16
#define VMXDBG_RECORD_BYTES	16384

/* Variables of bytecode (getv, tracev); setv can set PHYSICAL alone. */
#define VMXDBG_VAR_HITS		1	/* hits of the object before this one */
#define VMXDBG_VAR_VCPU		2	/* number of the vCPU */
#define VMXDBG_VAR_TSC		3	/* the host's time stamp counter */
#define VMXDBG_VAR_ADDR		4	/* address of the access, else 0 */
#define VMXDBG_VAR_PHYSICAL	5	/* not 0: ref and trace take gpas */

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
/* any object of the session; the argument is the id itself */
#define VMXDBG_DEL_BP		_IO(VMXDBGIO, 0x6a)
#define VMXDBG_GET_OBJECT	_IOWR(VMXDBGIO, 0x6b, struct vmxdbg_object)
#define VMXDBG_ADD_CATCH	_IOWR(VMXDBGIO, 0x6c, struct vmxdbg_catch)
#define VMXDBG_SET_RING		_IOW(VMXDBGIO, 0x6d, struct vmxdbg_set_ring)

#endif /* _UAPI_VMXDBG_H */
