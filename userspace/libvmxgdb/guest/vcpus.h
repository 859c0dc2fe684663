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

/* Return: the lowest existing vCPU, 0 if there is none. */
int vcpu_first(const struct stub *s);

/*
 * Read from the target which vCPUs exist. Unchanged if that fails. Return: mask of those
 * that are new.
 */
uint64_t vcpus_refresh(struct stub *s);

/* Add the thread id of @vcpu to @out. */
void vcpu_put_thread(const struct stub *s, unsigned int vcpu, struct buf *out);

/*
 * Parse a thread id as parse_thread() does, with a process or without.
 * Return: 0, or a negative errno with its text in s->error.
 */
int vcpu_parse_thread(struct stub *s, const char **text, int *vcpu);

#endif /* VMXGDB_VCPUS_H */
