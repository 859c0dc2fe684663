/* SPDX-License-Identifier: MIT */
/* Breakpoints of a machine: the backend's own, or by int3 in guest memory. */
#ifndef VMXGDB_MACHINE_BP_H
#define VMXGDB_MACHINE_BP_H

#include "embed/machine.h"

/* Arm a breakpoint, and set its id. Return: 0 or a negative errno. */
int machine_bp_add(struct machine *m, struct vmxdbg_bp *bp);

/* Return: 0 or -ENOENT. */
int machine_bp_del(struct machine *m, uint32_t id);

void machine_bp_del_all(struct machine *m);

/* Return: whether there is a breakpoint for execution at the linear address @addr. */
bool machine_bp_executes(const struct machine *m, uint64_t addr);

/* Take the breakpoints for execution at @addr away for a step, or put them back. */
void machine_bp_lift(struct machine *m, uint32_t vcpu, uint64_t addr);
void machine_bp_drop(struct machine *m, uint64_t addr);

/* The VMM may have written over int3 in memory: put them back. */
void machine_bp_plant_all(struct machine *m);

/*
 * Return: whether a breakpoint for execution at @addr counts for @vcpu; adds them to
 * @event.
 */
bool machine_bp_hit(struct machine *m, uint32_t vcpu, uint64_t addr,
		    struct vmxdbg_event *event);

/* Return: whether there is an int3 of the library's where @addr is mapped. */
bool machine_bp_planted(struct machine *m, uint32_t vcpu, uint64_t addr);

/* Add the watchpoints with data at @addr to @event. */
void machine_bp_touched(struct machine *m, uint64_t addr, struct vmxdbg_event *event);

/* Put the guest's own bytes into @data, which was read at @gpa. */
void machine_bp_hide(const struct machine *m, uint64_t gpa, void *data, size_t len);

/* @len bytes were written at @gpa: keep what the guest sees, and plant again. */
void machine_bp_replant(struct machine *m, uint64_t gpa, const void *data, size_t len);

#endif /* VMXGDB_MACHINE_BP_H */
