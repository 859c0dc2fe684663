/* SPDX-License-Identifier: GPL-2.0-only */
/* Task switches, which never happen in VMX non-root operation (SDM vol. */
#ifndef VMXDBG_RUN_TASK_SWITCH_H
#define VMXDBG_RUN_TASK_SWITCH_H

#include <linux/types.h>

struct vcpu;

int exit_task_switch(struct vcpu *vcpu);	/* task_switch.c */
int exit_task_switch_slow(struct vcpu *vcpu);

#endif
