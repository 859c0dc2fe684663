/* SPDX-License-Identifier: MIT */
/*
 * The existing vCPUs, and their names on the wire: vCPU n is thread n + 1, of
 * process VM where the debugger speaks of processes.
 */
#ifndef VMXGDB_VCPUS_H
#define VMXGDB_VCPUS_H

#include "guest/stub_types.h"

/* Return: whether there is a vCPU of this number; any int is allowed. */
bool vcpu_exists(const struct stub *s, int vcpu);

#define for_each_vcpu(s, vcpu) for_each_vcpu_of(&(s)->exist, vcpu)

/* Return: the lowest existing vCPU, 0 if there is none. */
int vcpu_first(const struct stub *s);

/* Return: whether there is just one vCPU. */
bool vcpu_is_alone(const struct stub *s);

/*
 * Enter a vCPU, which may be known already, among those that exist.
 * Return: whether there is memory for it.
 */
bool vcpu_enter(struct stub *s, int vcpu);

/* The vCPU, which was entered, is new: it has no stop, and @runs or is stopped. */
void vcpu_begin(struct stub *s, int vcpu, bool runs);

/*
 * Read from the target which vCPUs exist. Unchanged if that fails. @new: set to those that
 * are new; may be NULL
 */
void vcpus_refresh(struct stub *s, struct vcpu_set *new);

/* Add the numbers of @set to @out, as in "0-63, 299". */
void vcpus_put_ranges(const struct vcpu_set *set, struct buf *out);

/* Add the thread id of @vcpu to @out. */
void vcpu_put_thread(const struct stub *s, unsigned int vcpu, struct buf *out);

/*
 * Parse a thread id as parse_thread() does, with a process or without.
 * Return: 0, or a negative errno with its text in s->error.
 */
int vcpu_parse_thread(struct stub *s, const char **text, int *vcpu);

#endif /* VMXGDB_VCPUS_H */
