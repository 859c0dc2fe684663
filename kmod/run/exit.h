/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of VM exit reasons (SDM vol. 3, appendix C) and their handlers. */
#ifndef VMXDBG_RUN_EXIT_H
#define VMXDBG_RUN_EXIT_H

#include <linux/types.h>

struct vcpu;

/*
 * Let exit reasons without a handler end KVM_RUN as unexpected. Context: the module's init,
 * before the device exists.
 */
void exit_handlers_init(void);

/**
 * exit_dispatch() - handle an exit without sleeping
 * Context: between context_enter() and context_leave().
 * Return: RUN_*; after RUN_SLOW, call exit_slow(). A negative errno ends KVM_RUN.
 */
int exit_dispatch(struct vcpu *vcpu);

/* The slow half, after context_leave(); may sleep. Return: RUN_* or a negative errno. */
int exit_slow(struct vcpu *vcpu);

#endif
