/* SPDX-License-Identifier: MIT */
/*
 * Layouts: the registers that gdb sees, their order and size, and the position
 * of each in the structures of the debug plane.
 *
 * A layout does not depend on the mode of the guest's CPU: a debugger fixes the
 * size of a 'g' reply when it connects, and a guest may go from real mode to
 * long mode afterwards.
 */
#ifndef VMXGDB_REG_LAYOUT_H
#define VMXGDB_REG_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#include "wire/buf.h"

#define REGS_SETS	4	/* VMXDBG_REGS_GENERAL to VMXDBG_REGS_FPU */

/* All registers of a vCPU: one member for each set, VMXDBG_REGS_*. */
struct vcpu_regs {
	struct kvm_regs general;
	struct kvm_sregs system;
	struct kvm_debugregs debug;
	struct kvm_fpu fpu;
};

/* Return: the structure of set @set in @regs; its size goes to *@size. */
void *reg_set_data(struct vcpu_regs *regs, unsigned int set, size_t *size);

/*
 * Return: the linear address of the next instruction, gdb's pc: gdb has no
 * segments and compares the pc with the addresses of breakpoints. Needs the
 * general and the system set.
 */
uint64_t reg_linear_rip(const struct vcpu_regs *regs);

/**
 * struct reg - one register of a layout
 * @name: gdb's name
 * @type: gdb's type
 * @group: gdb's register group, NULL for gdb's default
 * @bits: size on the wire
 * @sets: sets that are needed to read it (bit n: set n)
 * @written: the one set that changes when it is written
 * @offset: offset in struct vcpu_regs
 * @size: bytes in struct vcpu_regs
 * @get: computes the value, for registers that are not just bytes there
 * @put: likewise, sets the value
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

#define REG_BYTES_MAX	16	/* of any register on the wire */

/* Copy between @regs and the wire format, @value of @reg->bits / 8 bytes. */
void reg_get(const struct reg *reg, const struct vcpu_regs *regs, void *value);
void reg_put(const struct reg *reg, struct vcpu_regs *regs, const void *value);

/**
 * struct feature - a group of registers in a target description
 * @name: name that gdb knows
 * @types: XML of the types of its registers, or NULL
 * @regs: registers
 * @count: number of @regs
 */
struct feature {
	const char *name;
	const char *types;
	const struct reg *regs;
	unsigned int count;
};

/**
 * struct layout - one target description
 * @name: value of --arch
 * @arch: gdb's name of the architecture
 * @osabi: gdb's name of the OS ABI, NULL for its default
 * @features: array, ended by a feature without a name
 * @expedited: numbers of the registers in stop replies
 */
struct layout {
	const char *name;
	const char *arch;
	const char *osabi;
	const struct feature *features;
	unsigned int expedited[4];
};

/* Return: the layout of this name, or NULL. */
const struct layout *layout_find(const char *name);

/* Return: the layout of a guest about which nothing is known. */
const struct layout *layout_default(void);

/* Return: the layout for the mode of a vCPU. Needs the general and the system set. */
const struct layout *layout_of_mode(const struct vcpu_regs *regs);

/* Return: register @number, or NULL if there are not that many. */
const struct reg *layout_reg(const struct layout *layout, unsigned int number);

/* Add the target description (XML) to @out. */
void layout_xml(const struct layout *layout, struct buf *out);

#endif /* VMXGDB_REG_LAYOUT_H */
