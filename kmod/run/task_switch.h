/* SPDX-License-Identifier: GPL-2.0-only */
/* Emulation of task switches (SDM vol. 3, 8.3), which VMX non-root operation lacks. */
#ifndef VMXDBG_RUN_TASK_SWITCH_H
#define VMXDBG_RUN_TASK_SWITCH_H

#include <linux/types.h>

struct vcpu;

/* Fast half. Return: RUN_SLOW. */
int exit_task_switch(struct vcpu *vcpu);

/* Slow half. Return: RUN_RESUME, or RUN_USER if a table is not in memory. */
int exit_task_switch_slow(struct vcpu *vcpu);

#endif
