/* SPDX-License-Identifier: GPL-2.0-only */
/* VMXDBG_RESET: a session asks the VMM for a reset of the VM. */
#ifndef VMXDBG_DEBUG_RESET_REQUEST_H
#define VMXDBG_DEBUG_RESET_REQUEST_H

struct vm;

/**
 * reset_request() - VMXDBG_RESET
 * Context: session->mutex; may sleep.
 * Return: 0, -EBUSY when a vCPU is not stopped, -EAGAIN without vCPUs, -ERESTARTSYS.
 */
int reset_request(struct vm *vm);

#endif
