/* SPDX-License-Identifier: GPL-2.0-only */
/* Conditions, actions and records of the fake target's objects. */
#ifndef FAKE_OBJECT_H
#define FAKE_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <vmxdbg.h>

/**
 * struct fake_object - options of an object, and its hits
 * @action: VMXDBG_ACTION_*
 * @record_flags: VMXDBG_RECORD_*
 * @cpl_mask: bit n: hits at CPL n count; 0: all
 * @ignore: hits that cause no action
 * @cond: condition, or NULL
 * @record: what is recorded, or NULL
 * @vcpus: set of vCPUs whose hits count, of @vcpu_words words; 0: all
 * @hits: counted hits
 */
struct fake_object {
	uint32_t action;
	uint32_t record_flags;
	uint32_t cpl_mask;
	uint64_t ignore;
	void *cond;
	void *record;
	uint64_t *vcpus;
	uint32_t vcpu_words;
	uint64_t hits;
};

/* A vCPU at a hit. */
struct fake_view {
	uint32_t vcpu;
	uint32_t id;		/* of the object */
	uint64_t rip;		/* linear */
	uint64_t addr;		/* of a watched access */
	const struct kvm_regs *general;
	const struct kvm_sregs *system;
	const struct kvm_debugregs *debug;
	void *(*memory)(uint64_t addr, uint64_t len);
};

/* @options: NULL for none. Return: 0 or -EINVAL if bytecode is refused. */
int fake_object_init(struct fake_object *o, const struct vmxdbg_options *options);
void fake_object_free(struct fake_object *o);

/* Return: whether hits of @vcpu count. @mask: of the breakpoint or catch */
bool fake_object_counts(const struct fake_object *o, uint64_t mask, uint32_t vcpu);

/* Copy the set of vCPUs. Return: number of its words. */
int fake_object_vcpus(const struct fake_object *o, uint64_t *words, uint32_t count);

/*
 * Return: 0: the vCPU runs on; 1: it stops; negative: it stops with this VMXDBG_ERROR_*,
 * negated.
 */
int fake_object_hit(struct fake_object *o, const struct fake_view *view);

/* ---- the ring of records ---- */

/* Return: 0, -EBUSY if there is a ring. */
int fake_ring_open(uint32_t size);
void fake_ring_close(void);
const struct vmxdbg_record *fake_ring_next(void);
uint64_t fake_ring_lost(void);

#endif /* FAKE_OBJECT_H */
