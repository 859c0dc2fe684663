/* SPDX-License-Identifier: GPL-2.0-only */
/* The task priority of a local APIC, and interrupts that it holds back (SDM vol. 3, 11.8.3). */
#ifndef VMXDBG_LIB_TPR_H
#define VMXDBG_LIB_TPR_H

#include <linux/types.h>

/* Priority class of a TPR or of a vector; CR8 is that of TPR. */
#define TPR_CLASS(priority)	((priority) >> 4 & 0xf)
#define TPR_MAX_CLASS		15

/*
 * Return: the TPR threshold (25.6.8) for a VM exit when TPR lets an interrupt with @vector
 * through; 0, which causes none, if TPR does not hold it back now.
 */
static inline u8 tpr_threshold(u8 tpr, u8 vector)
{
	return TPR_CLASS(tpr) >= TPR_CLASS(vector) ? TPR_CLASS(vector) : 0;
}

#endif
