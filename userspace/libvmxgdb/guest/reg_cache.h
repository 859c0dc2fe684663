/* SPDX-License-Identifier: MIT */
/* Registers of stopped vCPUs: read once at each stop, written at once. */
#ifndef VMXGDB_REG_CACHE_H
#define VMXGDB_REG_CACHE_H

#include "guest/stub_types.h"

/* Return: register @number, which may be one of the owner's, or NULL. */
const struct reg *reg_cache_reg(const struct stub *s, unsigned int number);

/* Return: the size of all registers that are not in 'g' packets. */
size_t reg_cache_single_bytes(const struct stub *s);

/**
 * reg_cache_load() - read register sets that are not in s->vcpus[vcpu]->regs yet
 * @s: stub
 * @vcpu: stopped vCPU; any int is allowed
 * @sets: sets to read (bit n: set n, VMXDBG_REGS_* and REGS_MSRS)
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
 * All change or none.
 * Return: 0, or a negative errno of the target, with the reason in s->error if the target
 * has one.
 */
int reg_cache_store(struct stub *s, int vcpu, struct vcpu_regs *new);

/* Read the registers of @vcpu again before their next use. */
void reg_cache_forget(struct stub *s, int vcpu);

/* Set RIP so that the next instruction is at @linear. Return: 0 or -errno. */
int reg_cache_set_rip(struct stub *s, int vcpu, uint64_t linear);

/**
 * reg_cache_read() - read a register
 * @s: stub
 * @vcpu: stopped vCPU
 * @reg: register
 * @value: the value in wire format
 *
 * Return: 0, or a negative errno with its text in s->error if the guest lacks it.
 */
int reg_cache_read(struct stub *s, int vcpu, const struct reg *reg, void *value);

/* Write a register, likewise. */
int reg_cache_write(struct stub *s, int vcpu, const struct reg *reg, const void *value);

/*
 * Add a register in hex to @out: "xx" for each byte if it is not loaded, or missing.
 */
void reg_cache_put(const struct vcpu *v, const struct reg *reg,
		   struct buf *out);

/* Add the registers of a stop reply ("NUMBER:VALUE;" each) to @out. */
void reg_cache_expedite(struct stub *s, int vcpu, struct buf *out);

#endif /* VMXGDB_REG_CACHE_H */
