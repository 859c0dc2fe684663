/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU that has halted, or waits for INIT or SIPI. */
#ifndef VMXDBG_RUN_WAIT_H
#define VMXDBG_RUN_WAIT_H

struct vcpu;

/**
 * vcpu_live() - REQ_LIFE: serve INIT and SIPI, then wait until the vCPU can run
 * Context: the vCPU's thread in KVM_RUN's loop, out of the guest's context; sleeps.
 * Return: RUN_RESUME to go on, also if other requests or a signal came first; -EAGAIN, as
 * KVM, if a vCPU that the VMM had not started has got an INIT or a SIPI.
 */
int vcpu_live(struct vcpu *vcpu);

#endif
