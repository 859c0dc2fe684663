/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LINT0 of the local APICs, where a PC has the output of its PIC. In virtual wire mode one
 * of them passes it on as an ExtINT; a watchdog may get the ticks of the PIT there as NMIs.
 */
#ifndef VMXDBG_IRQ_LINT0_H
#define VMXDBG_IRQ_LINT0_H

#include <linux/types.h>

struct vm;

/* The PIC requests an interrupt: the vCPU that takes it leaves the guest. Context: any. */
void lint0_raise(struct vm *vm);

/* Return: whether a vCPU takes the interrupts of the PIC. Context: any. */
bool lint0_takes_extint(struct vm *vm);

/* The PIT has ticked: an NMI for each vCPU whose LINT0 is one. Context: any. */
void lint0_tick(struct vm *vm);

#endif
