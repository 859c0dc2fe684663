/* SPDX-License-Identifier: MIT */
/* A machine that needs no KVM: an interpreter of the few instructions of fake_cpu.c. */
#ifndef INTERPRETER_H
#define INTERPRETER_H

#include <stdbool.h>

#include <vmxgdb.h>

#define CPUS_MAX	4

/* Make @cpus vCPUs in front of the code of file @path. Exits if that fails. */
void machine_start(const char *path, unsigned int cpus);

/* The machine has breakpoints of its own. */
void machine_has_breakpoints(bool has);

/* Return: the number of vCPUs. */
unsigned int machine_cpus(void);

/* Return: whether the guest has ended. */
bool machine_ended(void);

/* Run one instruction of vCPU @cpu, or some (VGDB_RUN). Return: VGDB_STEPPED, ... */
uint32_t machine_run(struct vgdb *g, uint32_t cpu, int action);

extern const struct vgdb_ops machine_ops;

#endif /* INTERPRETER_H */
