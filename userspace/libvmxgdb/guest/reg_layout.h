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

#include "guest/vcpu_regs.h"
#include "wire/buf.h"

struct stub;

/**
 * struct reg - one register of a layout
 * @name: gdb's name
 * @type: gdb's type
 * @group: gdb's register group, NULL for gdb's default
 * @bits: size on the wire
 * @transient: gdb need not keep it over a call of a function
 * @counts: it changes while the vCPU is stopped, unless the guest's time stands still
 * @read_only: why it cannot be written, or NULL
 * @sets: sets that are needed to read it (bit n: set n)
 * @written: the one set that changes when it is written
 * @component: 0, or a component XSTATE_* of the XSAVE set
 * @offset: offset in struct vcpu_regs, or in @component
 * @size: bytes in struct vcpu_regs
 * @mask: bits that can be written, 0: all
 * @get: computes the value, for registers that are not just bytes there
 * @put: likewise, sets the value
 * @read: reads a register that is none of the vCPU's. Returns 0 or a negative errno
 * @write: likewise, writes it
 */
struct reg {
	const char *name;
	const char *type;
	const char *group;
	uint16_t bits;
	bool transient;
	bool counts;
	const char *read_only;
	uint16_t sets;
	uint8_t written;
	uint8_t component;
	uint16_t offset;
	uint8_t size;
	uint32_t mask;
	uint64_t (*get)(const struct vcpu_regs *regs);
	void (*put)(struct vcpu_regs *regs, const struct reg *reg,
		    uint64_t value);
	int (*read)(struct stub *s, int vcpu, const struct reg *reg, void *value);
	int (*write)(struct stub *s, int vcpu, const struct reg *reg, const void *value);
};

#define REG_BYTES_MAX	32	/* of any register on the wire */

/* Copy between @regs and the wire format, @value of @reg->bits / 8 bytes. */
void reg_get(const struct reg *reg, const struct vcpu_regs *regs, void *value);
void reg_put(const struct reg *reg, struct vcpu_regs *regs, const void *value);

/* Return: whether the register can have @value, in wire format, in the place of its own. */
bool reg_fits(const struct reg *reg, const struct vcpu_regs *regs, const void *value);

/* Return: why the guest lacks the register, whose sets are loaded, or NULL. */
const char *reg_missing(const struct reg *reg, const struct vcpu_regs *regs);

/**
 * struct feature - a group of registers in a target description
 * @name: name that gdb knows
 * @types: XML of the types of its registers, or NULL
 * @single: the registers are not in 'g' and 'G' packets: gdb asks for one at a time
 * @regs: registers
 * @count: number of @regs
 */
struct feature {
	const char *name;
	const char *types;
	bool single;
	const struct reg *regs;
	unsigned int count;
};

/**
 * struct layout - one target description
 * @name: value of --arch
 * @arch: gdb's name of the architecture
 * @osabi: gdb's name of the OS ABI, NULL for its default
 * @features: array, ended by NULL; those that are @single come last
 * @expedited: numbers of the registers in stop replies
 */
struct layout {
	const char *name;
	const char *arch;
	const char *osabi;
	const struct feature *const *features;
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

/* Return: the same for registers of 'g' packets alone. */
const struct reg *layout_g_reg(const struct layout *layout, unsigned int number);

/* Return: the number of registers. */
unsigned int layout_count(const struct layout *layout);

/* Return: whether a register has this name, in any layout. */
bool layouts_have(const char *name);

/* Add the target description (XML) to @out. @own: further registers, or NULL */
void layout_xml(const struct layout *layout, const struct feature *own, struct buf *out);

#endif /* VMXGDB_REG_LAYOUT_H */
