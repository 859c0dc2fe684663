/* SPDX-License-Identifier: MIT */
/* Registers of stopped vCPUs: read once at each stop, written at once. */
#ifndef VMXGDB_REG_CACHE_H
#define VMXGDB_REG_CACHE_H

#include "guest/stub_types.h"

/**
 * reg_cache_load() - read register sets that are not in s->vcpus[vcpu].regs yet
 * @s: stub
 * @vcpu: stopped vCPU; any int is allowed
 * @sets: sets to read (bit n: set n, VMXDBG_REGS_*)
 *
 * Return: 0 or a negative errno, -ESRCH if there is no such vCPU, -EBUSY
 * if it runs.
 */
int reg_cache_load(struct stub *s, int vcpu, unsigned int sets);

/**
 * reg_cache_store() - write the register sets that have changed
 * @s: stub
 * @vcpu: stopped vCPU
 * @new: new values; sets that are not loaded are ignored
 *
 * Return: 0 or a negative errno of the target.
 */
int reg_cache_store(struct stub *s, int vcpu, struct vcpu_regs *new);

/* Read the registers of @vcpu again before their next use. */
void reg_cache_forget(struct stub *s, int vcpu);

/* Set RIP so that the next instruction is at @linear. Return: 0 or -errno. */
int reg_cache_set_rip(struct stub *s, int vcpu, uint64_t linear);

/*
 * Add a register in hex to @out: "xx" for each byte if its set is not loaded.
 */
void reg_cache_put(const struct vcpu *v, const struct reg *reg,
		   struct buf *out);

/* Add the registers of a stop reply ("NUMBER:VALUE;" each) to @out. */
void reg_cache_expedite(struct stub *s, int vcpu, struct buf *out);

#endif /* VMXGDB_REG_CACHE_H */
