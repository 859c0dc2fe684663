// SPDX-License-Identifier: MIT
/* Between the public structure of registers and KVM's. */
#include <string.h>

#include "embed/own_regs.h"

#define CR0_PE		(1ULL << 0)
#define EFER_LME	(1ULL << 8)
#define EFER_LMA	(1ULL << 10)

/* gpr[] has the order of the first members of kvm_regs. */
_Static_assert(offsetof(struct kvm_regs, rsi) == VGDB_RSI * 8 &&
	       offsetof(struct kvm_regs, rsp) == 6 * 8 &&
	       offsetof(struct kvm_regs, rbp) == 7 * 8 &&
	       offsetof(struct kvm_regs, r15) == 15 * 8, "order of registers");

void own_regs_get_general(const struct vgdb_regs *regs, struct kvm_regs *to)
{
	memcpy(to, regs->gpr, sizeof(regs->gpr));
	to->rsp = regs->gpr[VGDB_RSP];
	to->rbp = regs->gpr[VGDB_RBP];
	to->rip = regs->rip;
	to->rflags = regs->rflags;
}

void own_regs_set_general(struct vgdb_regs *regs, const struct kvm_regs *from)
{
	memcpy(regs->gpr, from, sizeof(regs->gpr));
	regs->gpr[VGDB_RSP] = from->rsp;
	regs->gpr[VGDB_RBP] = from->rbp;
	regs->rip = from->rip;
	regs->rflags = from->rflags;
}

static void get_segment(const struct vgdb_segment *s, struct kvm_segment *to)
{
	uint16_t a = s->attributes;

	*to = (struct kvm_segment){
		.base = s->base,
		.limit = s->limit,
		.selector = s->selector,
		.type = a & VGDB_SEGMENT_TYPE,
		.s = !!(a & VGDB_SEGMENT_S),
		.dpl = a >> 5 & 3,
		.present = !!(a & VGDB_SEGMENT_P),
		.avl = !!(a & VGDB_SEGMENT_AVL),
		.l = !!(a & VGDB_SEGMENT_L),
		.db = !!(a & VGDB_SEGMENT_DB),
		.g = !!(a & VGDB_SEGMENT_G),
		.unusable = !(a & VGDB_SEGMENT_P),
	};
}

static void set_segment(struct vgdb_segment *s, const struct kvm_segment *from)
{
	*s = (struct vgdb_segment){
		.base = from->base,
		.limit = from->limit,
		.selector = from->selector,
		.attributes = (from->type & VGDB_SEGMENT_TYPE) |
			      (from->s ? VGDB_SEGMENT_S : 0) | (from->dpl & 3) << 5 |
			      (from->present ? VGDB_SEGMENT_P : 0) |
			      (from->avl ? VGDB_SEGMENT_AVL : 0) |
			      (from->l ? VGDB_SEGMENT_L : 0) |
			      (from->db ? VGDB_SEGMENT_DB : 0) |
			      (from->g ? VGDB_SEGMENT_G : 0),
	};
}

void own_regs_flat(struct vgdb_regs *regs)
{
	int i;

	memset(regs->segment, 0, sizeof(regs->segment));
	for (i = VGDB_CS; i <= VGDB_GS; i++) {
		regs->segment[i].limit = ~0U;
		regs->segment[i].attributes = VGDB_SEGMENT_P | VGDB_SEGMENT_S |
					      VGDB_SEGMENT_G | 3;
	}
	regs->segment[VGDB_CS].attributes |= VGDB_SEGMENT_L | 8;
	regs->cr0 = CR0_PE;
	regs->efer = EFER_LME | EFER_LMA;
}

void own_regs_get_system(const struct vgdb_regs *regs, struct kvm_sregs *to)
{
	struct kvm_segment *segments[] = {
		&to->cs, &to->ss, &to->ds, &to->es, &to->fs, &to->gs, &to->tr, &to->ldt,
	};
	int i;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < 8; i++)
		get_segment(&regs->segment[i], segments[i]);
	to->gdt.base = regs->gdt_base;
	to->gdt.limit = regs->gdt_limit;
	to->idt.base = regs->idt_base;
	to->idt.limit = regs->idt_limit;
	to->cr0 = regs->cr0;
	to->cr2 = regs->cr2;
	to->cr3 = regs->cr3;
	to->cr4 = regs->cr4;
	to->cr8 = regs->cr8;
	to->efer = regs->efer;
	to->apic_base = regs->apic_base;
}

void own_regs_set_system(struct vgdb_regs *regs, const struct kvm_sregs *from)
{
	const struct kvm_segment *segments[] = {
		&from->cs, &from->ss, &from->ds, &from->es,
		&from->fs, &from->gs, &from->tr, &from->ldt,
	};
	int i;

	for (i = 0; i < 8; i++)
		set_segment(&regs->segment[i], segments[i]);
	regs->gdt_base = from->gdt.base;
	regs->gdt_limit = from->gdt.limit;
	regs->idt_base = from->idt.base;
	regs->idt_limit = from->idt.limit;
	regs->cr0 = from->cr0;
	regs->cr2 = from->cr2;
	regs->cr3 = from->cr3;
	regs->cr4 = from->cr4;
	regs->cr8 = from->cr8;
	regs->efer = from->efer;
	regs->apic_base = from->apic_base;
}

void own_regs_get_debug(const struct vgdb_regs *regs, struct kvm_debugregs *to)
{
	memset(to, 0, sizeof(*to));
	memcpy(to->db, regs->dr, sizeof(to->db));
	to->dr6 = regs->dr6;
	to->dr7 = regs->dr7;
}

void own_regs_set_debug(struct vgdb_regs *regs, const struct kvm_debugregs *from)
{
	memcpy(regs->dr, from->db, sizeof(regs->dr));
	regs->dr6 = from->dr6;
	regs->dr7 = from->dr7;
}

/* The 64-bit format of FXSAVE */
struct fxsave {
	uint16_t fcw;
	uint16_t fsw;
	uint8_t ftw;
	uint8_t reserved0;
	uint16_t fop;
	uint64_t rip;
	uint64_t rdp;
	uint32_t mxcsr;
	uint32_t mxcsr_mask;
	uint8_t st[8][16];
	uint8_t xmm[16][16];
	uint8_t reserved[96];
};

_Static_assert(sizeof(struct fxsave) == VGDB_FPU_SIZE, "size of FXSAVE");

void own_regs_get_fpu(const void *image, struct kvm_fpu *to)
{
	const struct fxsave *f = image;

	memset(to, 0, sizeof(*to));
	memcpy(to->fpr, f->st, sizeof(to->fpr));
	memcpy(to->xmm, f->xmm, sizeof(to->xmm));
	to->fcw = f->fcw;
	to->fsw = f->fsw;
	to->ftwx = f->ftw;
	to->last_opcode = f->fop;
	to->last_ip = f->rip;
	to->last_dp = f->rdp;
	to->mxcsr = f->mxcsr;
}

void own_regs_set_fpu(void *image, const struct kvm_fpu *from)
{
	struct fxsave *f = image;

	memcpy(f->st, from->fpr, sizeof(f->st));
	memcpy(f->xmm, from->xmm, sizeof(f->xmm));
	f->fcw = from->fcw;
	f->fsw = from->fsw;
	f->ftw = from->ftwx;
	f->fop = from->last_opcode;
	f->rip = from->last_ip;
	f->rdp = from->last_dp;
	f->mxcsr = from->mxcsr;
}
