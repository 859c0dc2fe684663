/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses to pages that the hooked view protects, made by the module in the
 * guest's place: most are by a move, or by arithmetic on a few bytes, and take one
 * exit so instead of two. What the processor checks about an access it has checked
 * when it says that the violation was the final one's; the memory is what EPT has
 * mapped, under mmu_lock, so to the host it is as if the guest had made it. The
 * rest is for those who let the guest execute the instruction.
 */
#ifndef VMXDBG_DEBUG_ACCESS_EMULATE_H
#define VMXDBG_DEBUG_ACCESS_EMULATE_H

#include <linux/types.h>

struct vcpu;

/* serve.c: no fetch; true: the access, and with it the instruction, is over */
bool access_emulate(struct vcpu *vcpu);

#endif
