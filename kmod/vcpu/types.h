/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of struct vcpu: types only. */
#ifndef VMXDBG_VCPU_TYPES_H
#define VMXDBG_VCPU_TYPES_H

#include <linux/kvm.h>
#include <linux/types.h>

#include "insn/insn.h"

/* MSRs that the processor does not switch and the guest has its own of. */
enum vcpu_msr { VMSR_STAR, VMSR_LSTAR, VMSR_CSTAR, VMSR_FMASK, VMSR_KERNEL_GS,
	VMSR_TSC_AUX, VMSR_COUNT };

/* An instruction that waits for the VMM's answer. */
enum vcpu_pending {
	PENDING_NONE,
	PENDING_PIO,		/* IN, OUT, INS, OUTS: the port */
	PENDING_PIO_MMIO,	/* INS, OUTS: the memory operand, which is MMIO */
	PENDING_MMIO,		/* any other instruction */
};

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

/* Segment attributes, unpacked once: sregs.c. */
struct seg_attrs {
	bool valid;
	bool reversible;		/* packs to @ar again */
	u32 ar;
	struct kvm_segment seg;		/* base, limit and selector are nothing */
};

/* A translation with four levels, and what tells whether it still is one. */
struct walk_memo {
	u64 page;			/* linear */
	u64 gpa;			/* of the page; they are of 4 KiB here */
	u8 __user *user;		/* the page in the VMM, or NULL */
	u64 cr3, efer;			/* in long mode, it depends on no others */
	unsigned long seq;		/* vm->mmu_seq: for where the slots are */
	bool writable;			/* by the tables; accessed and dirty already */
	bool user_page;
	bool plain;			/* memory that nobody hooks, in... */
	unsigned long plain_seq;	/* ...hooks_seq(): stack_store.c */
	u8 levels;			/* of the walk; 0: nothing is known */
	u64 __user *entry[4];		/* what it read, and from where */
	u64 value[4];
};

/* An instruction that was decoded, and what tells whether it still is there. */
struct insn_memo {
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

/* The accesses of an instruction on MMIO, in the order in which they are made. */
enum mmio_phase { MMIO_READ, MMIO_READ2, MMIO_WRITE, MMIO_PHASES };

struct mmio_access {
	u64 gva;
	u64 gpa[2];		/* of the two pages that it may be on */
	u64 data[4];
	u8 size;		/* 0: there is none */
};

#endif
