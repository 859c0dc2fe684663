// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "fake_cpu.h"

#define ZF	(1 << 6)

/* Registers in the order of the instruction encoding, unlike in kvm_regs. */
static __u64 *reg_of(struct kvm_regs *r, int number)
{
	__u64 *regs[16] = {
		&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp, &r->rsi,
		&r->rdi, &r->r8, &r->r9, &r->r10, &r->r11, &r->r12, &r->r13,
		&r->r14, &r->r15,
	};

	return regs[number];
}

struct cpu {
	struct kvm_regs *regs;
	void *(*memory)(uint64_t addr, uint64_t len);
	struct fake_access *access;
	const uint8_t *code;
};

static int32_t disp32(const struct cpu *c, int at)
{
	int32_t d;

	memcpy(&d, c->code + at, sizeof(d));
	return d;
}

static enum fake_outcome go(struct cpu *c, int len, int64_t offset)
{
	c->regs->rip += len + offset;
	return FAKE_NOTHING;
}

static void *data(struct cpu *c, uint64_t addr, int len, bool write)
{
	void *at = c->memory(addr, 8);

	*c->access = (struct fake_access){ addr, len, write, 0 };
	if (at)
		memcpy(&c->access->old, at, 8);
	return c->memory(addr, len);
}

static enum fake_outcome push(struct cpu *c, uint64_t value, int len,
			      int64_t offset)
{
	void *to = data(c, c->regs->rsp - 8, 8, true);

	if (!to)
		return FAKE_TRIPLE_FAULT;
	memcpy(to, &value, 8);
	c->regs->rsp -= 8;
	return go(c, len, offset);
}

static enum fake_outcome pop(struct cpu *c, __u64 *to, int len)
{
	const void *from = data(c, c->regs->rsp, 8, false);

	if (!from)
		return FAKE_TRIPLE_FAULT;
	memcpy(to, from, 8);
	c->regs->rsp += 8;
	return go(c, len, 0);
}

/* incq ABS */
static enum fake_outcome inc_memory(struct cpu *c, int len)
{
	uint64_t value;
	void *at = data(c, (int64_t)disp32(c, 4), 8, true);

	if (!at)
		return FAKE_TRIPLE_FAULT;
	memcpy(&value, at, 8);
	value++;
	memcpy(at, &value, 8);
	return go(c, len, 0);
}

/* mov ABS, %eax */
static enum fake_outcome load(struct cpu *c, int at, int len)
{
	uint32_t value;
	const void *from = data(c, (int64_t)disp32(c, at), 4, false);

	if (!from)
		return FAKE_TRIPLE_FAULT;
	memcpy(&value, from, 4);
	c->regs->rax = value;
	return go(c, len, 0);
}

/* After a REX prefix with W; @base is 8 with B. */
static enum fake_outcome execute_rex(struct cpu *c, int base)
{
	const uint8_t *code = c->code;
	__u64 *reg = reg_of(c->regs, base + (code[2] & 7));

	if (code[1] == 0xff && (code[2] & 0xf8) == 0xc0) {
		++*reg;
		c->regs->rflags = (c->regs->rflags & ~ZF) | (*reg ? 0 : ZF);
		return go(c, 3, 0);
	}
	if (code[1] == 0xff && code[2] == 0x04 && code[3] == 0x25)
		return inc_memory(c, 8);
	if (code[1] == 0x89 && code[2] == 0xe5) {
		c->regs->rbp = c->regs->rsp;
		return go(c, 3, 0);
	}
	if (code[1] == 0xc7 && (code[2] & 0xf8) == 0xc0) {
		*reg = (int64_t)disp32(c, 3);
		return go(c, 7, 0);
	}
	return FAKE_TRIPLE_FAULT;
}

/* An exception's handler does nothing, and returns to the next instruction. */
static enum fake_outcome execute_int(struct cpu *c)
{
	go(c, 2, 0);
	if (c->code[1] < 32)
		return FAKE_NOTHING;
	return c->code[1] == 0x2e ? FAKE_VM_ENDS : FAKE_NEW_VCPU;
}

/* vmcall, mov to control registers, wrmsr, rdtsc, rdmsr, cpuid: without any effect */
static enum fake_outcome execute_0f(struct cpu *c)
{
	switch (c->code[1]) {
	case 0x01:
	case 0x22:
		return go(c, 3, 0);
	case 0x30:
	case 0x31:
	case 0x32:
	case 0xa2:
		return go(c, 2, 0);
	}
	return FAKE_TRIPLE_FAULT;
}

enum fake_outcome fake_execute(struct kvm_regs *regs, uint64_t rip,
			       void *(*memory)(uint64_t addr, uint64_t len),
			       struct fake_access *access)
{
	struct cpu c = {
		.regs = regs,
		.memory = memory,
		.access = access,
		.code = memory(rip, 16),
	};
	__u64 target;

	access->len = 0;
	if (!c.code)
		return FAKE_NO_MEMORY;
	switch (c.code[0]) {
	case 0x90:	/* nop */
		return go(&c, 1, 0);
	case 0xeb:	/* jmp */
		return go(&c, 2, (int8_t)c.code[1]);
	case 0xe9:	/* jmp */
		return go(&c, 5, disp32(&c, 1));
	case 0xe8:	/* call */
		return push(&c, regs->rip + 5, 5, disp32(&c, 1));
	case 0xc3:	/* ret */
		if (pop(&c, &target, 0) != FAKE_NOTHING)
			return FAKE_TRIPLE_FAULT;
		regs->rip = target;
		return FAKE_NOTHING;
	case 0x55:	/* push %rbp */
		return push(&c, regs->rbp, 1, 0);
	case 0x5d:	/* pop %rbp */
		return pop(&c, &regs->rbp, 1);
	case 0x8b:	/* mov ABS, %eax */
		return load(&c, 3, 7);
	case 0xa1:	/* mov ABS, %eax; gas has the long form for 64 bits */
		return load(&c, 1, 9);
	case 0xf4:
		go(&c, 1, 0);
		return FAKE_HALT;
	case 0xcc:	/* int3 */
		return go(&c, 1, 0);
	case 0xcd:
		return execute_int(&c);
	case 0xe4:	/* in and out */
	case 0xe6:
		return go(&c, 2, 0);
	case 0x0f:
		return execute_0f(&c);
	case 0x48:
		return execute_rex(&c, 0);
	case 0x49:
		return execute_rex(&c, 8);
	}
	return FAKE_TRIPLE_FAULT;
}
