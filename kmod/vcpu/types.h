/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of struct vcpu: types only. */
#ifndef VMXDBG_VCPU_TYPES_H
#define VMXDBG_VCPU_TYPES_H

#include <linux/kvm.h>
#include <linux/types.h>

#include "insn/insn.h"

/* MSRs that VM entry and exit do not switch, and of which the guest has its own */
enum vcpu_msr { VMSR_STAR, VMSR_LSTAR, VMSR_CSTAR, VMSR_FMASK, VMSR_KERNEL_GS,
	VMSR_TSC_AUX, VMSR_COUNT };

/* An instruction that waits for the VMM's answer */
enum vcpu_pending {
	PENDING_NONE,
	PENDING_PIO,		/* IN, OUT, INS, OUTS: the port */
	PENDING_PIO_PAST,	/* OUT whose rip has moved */
	PENDING_PIO_MMIO,	/* INS, OUTS: the memory operand is MMIO */
	PENDING_MMIO,		/* any other instruction */
	PENDING_MSR,		/* RDMSR, WRMSR */
};

/* An exception or software interrupt for the next entry */
struct vcpu_event {
	bool valid;
	bool has_error;
	bool caught;		/* catches have been checked for it */
	bool sets_rf;		/* a fault that has not been injected yet */
	bool pending;		/* raised, and no entry has begun to deliver it */
	bool has_payload;	/* @payload is not in DR6 or CR2 yet */
	u8 vector;
	u8 type;		/* INTR_TYPE_* >> 8, as in the entry's info field */
	u8 insn_len;		/* of software events and ICEBP */
	u32 error;
	u64 payload;		/* of a pending #DB or #PF: bits of DR6, or CR2 */
};

/* Events that a VM entry can inject */
enum event_kind { EVENT_NONE, EVENT_EXCEPTION, EVENT_NMI, EVENT_IRQ };

/* Segment attributes, unpacked: a cache for sregs.c */
struct seg_attrs {
	bool valid;
	bool reversible;		/* sregs_segment_ar() packs it to @ar again */
	u32 ar;
	struct kvm_segment seg;		/* base, limit and selector are unused */
};

/* Memo of a page walk of four levels, and the state it depends on */
struct walk_memo {
	u64 page;			/* linear */
	u64 gpa;			/* of the page, taken as 4 KiB */
	u8 __user *user;		/* address in the VMM, or NULL */
	u64 cr3, efer;			/* the only registers that matter in long mode */
	unsigned long seq;		/* vm->mmu_seq: changes with the slots */
	bool writable;			/* by the tables, and their A and D flags are set */
	bool user_page;
	bool plain;			/* not hooked, as of plain_seq: stack_store.c */
	unsigned long plain_seq;	/* hooks_seq() */
	u8 levels;			/* entries that the walk read; 0: no memo */
	u64 __user *entry[4];		/* addresses in the VMM, and values read */
	u64 value[4];
};

/* Memo of a decoded instruction, and the state it depends on */
struct insn_memo {
	u64 rip;			/* linear */
	u64 cr0, cr3, cr4, efer;
	unsigned long seq;		/* vm->mmu_seq: changes with the slots */
	bool known;			/* the memo is complete; @insn.len is 0 if not decodable */
	u8 bits;			/* of the code segment */
	u32 ar;				/* attributes of the code segment */
	u8 levels;			/* entries that the walk read */
	u64 __user *entry[4];		/* addresses in the VMM, and values read */
	u64 value[4];
	u64 __user *code;
	u64 bytes[2];
	struct insn insn;
	struct walk_memo operand;	/* walk to the last memory operand */
	u8 shared;			/* number of its entries that are in @entry, too */
	bool accessed, dirty;		/* flags of the operand's entries */
};

/* Accesses of an instruction to MMIO, in this order */
enum mmio_phase { MMIO_READ, MMIO_READ2, MMIO_WRITE, MMIO_WRITE2, MMIO_PHASES };

struct mmio_access {
	u64 gva;
	u64 gpa[2];		/* second one if it crosses a page */
	u64 data[4];
	u8 size;		/* 0: no access */
};

/* A segment register, with access rights as in the VMCS (SDM vol. 3, table 25-2) */
struct segment_value {
	u16 selector;
	u64 base;
	u32 limit, ar;
	u64 mark_at;		/* load_segment.c: the descriptor's byte of flags */
	u8 mark;		/* 0: it stays */
};

#endif
