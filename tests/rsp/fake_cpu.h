/* SPDX-License-Identifier: GPL-2.0-only */
/* A few x86 instructions, for a guest that needs no VMX. */
#ifndef FAKE_CPU_H
#define FAKE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include <vmxdbg.h>

/* Result of an instruction, beside changes of registers and memory. */
enum fake_outcome {
	FAKE_NOTHING,
	FAKE_HALT,
	FAKE_TRIPLE_FAULT,
	FAKE_NO_MEMORY,		/* at rip */
	FAKE_VM_ENDS,
	FAKE_NEW_VCPU,
};

/**
 * struct fake_access - the instruction's one data access
 * @len: 0 without an access
 * @old: the 8 bytes at @addr before it
 */
struct fake_access {
	uint64_t addr;
	unsigned int len;
	bool write;
	uint64_t old;
};

/*
 * Run the instruction at the linear address @rip. @memory returns the host
 * address of linear memory, or NULL if there is none.
 */
enum fake_outcome fake_execute(struct kvm_regs *regs, uint64_t rip,
			       void *(*memory)(uint64_t addr, uint64_t len),
			       struct fake_access *access);

#endif /* FAKE_CPU_H */
