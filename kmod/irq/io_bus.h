/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The devices that the module has in a VM's ports and in its memory. They are asked before
 * the VMM, and after the catches of a session.
 */
#ifndef VMXDBG_IRQ_IO_BUS_H
#define VMXDBG_IRQ_IO_BUS_H

#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "irq/types.h"
#include "vm.h"

struct io_device;

/*
 * Return: false if the access is not for this device: the next one is asked, or the VMM.
 * Context: any; RCU read lock, preemption may be off.
 */
struct io_ops {
	bool (*read)(struct io_device *dev, u64 addr, void *data, u32 len);	/* or NULL */
	bool (*write)(struct io_device *dev, u64 addr, const void *data, u32 len); /* or NULL */
	void (*release)(struct io_device *dev);	/* at the end of the VM; or NULL */
};

struct io_device {
	u64 addr;
	u32 len;		/* 0: accesses of any length that start at @addr */
	bool uncounted;		/* there may be more than IO_BUS_DEVICES of these */
	const struct io_ops *ops;
};

#define IO_BUS_DEVICES	1000	/* in each space, same as KVM */

void io_bus_init(struct vm *vm);

/* Nobody uses the VM any more: release all devices. */
void io_bus_free(struct vm *vm);

/**
 * io_bus_add() - let the device take accesses
 *
 * Devices may overlap. Each is asked for the accesses that it covers from the first to the
 * last byte; first the device that ends first, or starts last.
 * Context: may sleep; vm->irq.lock held.
 * Return: 0, -ENOSPC, -ENOMEM.
 */
int io_bus_add(struct vm *vm, enum io_space space, struct io_device *dev);

/**
 * io_bus_remove() - take the device away
 * Context: may sleep; vm->irq.lock held.
 * On return, the device is not in use and is the caller's.
 */
void io_bus_remove(struct vm *vm, enum io_space space, struct io_device *dev);

/* Return: whether there may be a device in this space. */
static __always_inline bool io_bus_used(struct vm *vm, enum io_space space)
{
	return unlikely(rcu_access_pointer(vm->irq.bus[space]));
}

/* Return: whether a device covers all of these bytes. */
bool io_bus_has(struct vm *vm, enum io_space space, u64 addr, u32 len);

/* The slow halves of io_bus_read() and io_bus_write() */
bool io_bus_read_devices(struct vm *vm, enum io_space space, u64 addr, void *data, u32 len);
bool io_bus_write_devices(struct vm *vm, enum io_space space, u64 addr, const void *data,
			  u32 len);

/**
 * io_bus_read() - read from a device of the module
 * @data: set if a device has answered
 * @len: 1 to 8
 * Context: any, also with preemption off. Return: whether a device has answered.
 */
static __always_inline bool io_bus_read(struct vm *vm, enum io_space space, u64 addr,
					void *data, u32 len)
{
	return io_bus_used(vm, space) && io_bus_read_devices(vm, space, addr, data, len);
}

/**
 * io_bus_write() - write to a device of the module
 * @len: 1 to 8
 * Context: any, also with preemption off. Return: whether a device has taken it.
 */
static __always_inline bool io_bus_write(struct vm *vm, enum io_space space, u64 addr,
					 const void *data, u32 len)
{
	return io_bus_used(vm, space) && io_bus_write_devices(vm, space, addr, data, len);
}

#endif
