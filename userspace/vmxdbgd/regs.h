/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which registers gdb sees, in which order and size, and where each is in the
 * structures of the debug plane.
 *
 * A layout never depends on the mode that the guest's CPU is in: a debugger
 * fixes the size of a 'g' reply when it connects, and a guest goes from real
 * mode to long mode under its eyes.
 */
#ifndef VMXDBGD_REGS_H
#define VMXDBGD_REGS_H

#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#include "buf.h"

#define REGS_SETS	4	/* VMXDBG_REGS_GENERAL to VMXDBG_REGS_FPU */

/* All of a vCPU's registers; one member for each VMXDBG_REGS_*. */
struct vcpu_regs {
	struct kvm_regs general;
	struct kvm_sregs system;
	struct kvm_debugregs debug;
	struct kvm_fpu fpu;
};

/* Where set @set is in struct vcpu_regs, and its size. */
void *regs_set(struct vcpu_regs *regs, unsigned int set, size_t *size);

/*
 * The linear address of the next instruction. gdb has no segments: what it
 * calls the pc must be comparable with the addresses of its breakpoints.
 * Needs the general and the system set.
 */
uint64_t regs_linear_rip(const struct vcpu_regs *regs);

/**
 * struct reg - one register of a layout
 * @name: gdb's name for it
 * @type: gdb's type for it
 * @group: gdb's register group, NULL for gdb's own choice
 * @bits: size on the wire
 * @sets: bit n: set n is needed to read it
 * @written: the one set that changes when it is written
 * @offset: where it is in struct vcpu_regs
 * @size: how many bytes it has there
 * @get, @put: for registers that are not just bytes there
 */
struct reg {
	const char *name;
	const char *type;
	const char *group;
	uint8_t bits;
	uint8_t sets;
	uint8_t written;
	uint16_t offset;
	uint8_t size;
	uint64_t (*get)(const struct vcpu_regs *regs);
	void (*put)(struct vcpu_regs *regs, const struct reg *reg,
		    uint64_t value);
};

#define REG_BYTES_MAX	16

void reg_get(const struct reg *reg, const struct vcpu_regs *regs, void *value);
void reg_put(const struct reg *reg, struct vcpu_regs *regs, const void *value);

struct feature {
	const char *name;
	const char *types;	/* XML of the types its registers use */
	const struct reg *regs;
	unsigned int count;
};

/**
 * struct layout - one target description
 * @name: what --arch calls it
 * @arch: what gdb calls it
 * @features: ended by one without a name
 * @expedited: numbers of the registers worth sending with each stop
 */
struct layout {
	const char *name;
	const char *arch;
	const struct feature *features;
	unsigned int expedited[4];
};

/* NULL when there is none of that name. */
const struct layout *layout_find(const char *name);

/* Register @number, NULL when there are not that many. */
const struct reg *layout_reg(const struct layout *layout, unsigned int number);

/* The target description. */
void layout_xml(const struct layout *layout, struct buf *out);

#endif /* VMXDBGD_REGS_H */
