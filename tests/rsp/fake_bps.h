/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints and watchpoints of the fake target. */
#ifndef TESTS_RSP_FAKE_BPS_H
#define TESTS_RSP_FAKE_BPS_H

#include <stdbool.h>
#include <stdint.h>

struct target;
struct vmxdbg_bp;
struct vmxdbg_object_info;

/* Return: whether it is a watchpoint. */
bool fake_is_data(const struct vmxdbg_bp *bp);
void fake_forget_bps(void);

/* Operations of struct target_ops. Those with a number are of catches, too. */
int fake_add_bp(struct target *t, struct vmxdbg_bp *bp);
int fake_del_bp(struct target *t, uint32_t id);
int fake_objects(struct target *t, struct vmxdbg_object_info **objects);
int fake_hits(struct target *t, uint32_t id, uint64_t *hits);
int fake_vcpu_set(struct target *t, uint32_t id, uint64_t *words, uint32_t count);

#endif
