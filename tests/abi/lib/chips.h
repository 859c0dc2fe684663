/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest with all interrupt controllers in the kernel. The guest executes a script of
 * register accesses, and logs the vectors of the interrupts that it takes. Its handlers do
 * not end interrupts: the script does.
 */
#ifndef TESTS_ABI_CHIPS_H
#define TESTS_ABI_CHIPS_H

#include "guest.h"

#define IOAPIC		0xfec00000U
#define LAPIC		0xfee00000U
#define LAPIC_EOI	(LAPIC + 0xb0)
#define LAPIC_LDR	(LAPIC + 0xd0)
#define LAPIC_SVR	(LAPIC + 0xf0)
#define LAPIC_LVT0	(LAPIC + 0x350)

/* A step of the script. */
struct step {
	u32 what;
	u32 at;		/* port or address */
	u32 val;	/* to write; or read */
};

enum { STEP_STOP, STEP_OUT, STEP_IN, STEP_WRITE, STEP_READ, STEP_TAKE };

#define OUT(port, val)		{ STEP_OUT, port, val }
#define IN(port)		{ STEP_IN, port, 0 }
#define WRITE(addr, val)	{ STEP_WRITE, addr, val }
#define READ(addr)		{ STEP_READ, addr, 0 }
#define TAKE			{ STEP_TAKE, 0, 0 }	/* one interrupt, if one is due */
/* a register of the I/O APIC */
#define IOAPIC_WRITE(reg, val)	WRITE(IOAPIC, reg), WRITE(IOAPIC + 0x10, val)
#define IOAPIC_READ(reg)	WRITE(IOAPIC, reg), READ(IOAPIC + 0x10)

struct chips {
	struct vm vm;
	struct vcpu *v;
};

/* Make a VM with the chips, and the guest, which waits for its first script. */
void chips_make(struct chips *c);

/* Let the guest execute @nr steps. What it reads is put into @steps. */
void chips_do(struct chips *c, struct step *steps, unsigned int nr);

/* DO(c, OUT(0x20, 0x11), ...) */
#define DO(c, ...) do {							\
	struct step steps_[] = { __VA_ARGS__ };				\
	chips_do(c, steps_, ARRAY_SIZE(steps_));			\
} while (0)

/* Return: what the guest reads. */
u32 chips_in(struct chips *c, u16 port);
u32 chips_read(struct chips *c, u32 addr);
u32 chips_ioapic(struct chips *c, u32 reg);

/* Return: how many interrupts the guest has taken. */
unsigned int chips_taken(struct chips *c);
/* Return: the vector of number @n of them. */
u8 chips_vector(struct chips *c, unsigned int n);
/* Forget them. */
void chips_forget(struct chips *c);
/* TAKE once. Return: the vector, or -1 if none was due. */
int chips_take(struct chips *c);

/* KVM_IRQ_LINE_STATUS. Return: the status. */
int chips_line(struct chips *c, u32 gsi, u32 level);
/* Up and down. Return: the status of the first. */
int chips_pulse(struct chips *c, u32 gsi);

struct kvm_pic_state chips_pic(struct vm *vm, u32 chip);
struct kvm_ioapic_state chips_ioapic_state(struct vm *vm);

/* As a PC's firmware: vectors 0x08 and 0x70, nothing masked. @icw4: of both */
void chips_init_pic(struct chips *c, u8 icw4);

#endif
