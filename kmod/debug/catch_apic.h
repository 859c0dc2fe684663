/* SPDX-License-Identifier: GPL-2.0-only */
/* Event catches at writes to the registers of a local APIC in the module. */
#ifndef VMXDBG_DEBUG_CATCH_APIC_H
#define VMXDBG_DEBUG_CATCH_APIC_H

#include <linux/bits.h>
#include <linux/types.h>

#include "vmxdbg.h"

struct catch_what;
struct vcpu;

/* Types of events that these find */
#define CATCH_APIC	(BIT(VMXDBG_CATCH_EOI) | BIT(VMXDBG_CATCH_IPI))

/*
 * Return: whether the instruction ends an interrupt or sends an IPI, and there are catches
 * of that; @w says which. The vCPU's thread; they do not sleep.
 */
bool catch_apic_exit(struct vcpu *vcpu, struct catch_what *w);	/* VM exit: WRMSR */
bool catch_apic_mmio(struct vcpu *vcpu, struct catch_what *w);	/* MMIO, before its accesses */

#endif
