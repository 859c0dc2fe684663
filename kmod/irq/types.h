/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of struct vm: types only. */
#ifndef VMXDBG_IRQ_TYPES_H
#define VMXDBG_IRQ_TYPES_H

#include <linux/list.h>
#include <linux/mutex.h>

struct io_bus;

enum io_space { IO_PORTS, IO_MEMORY, IO_SPACES };

struct vm_irq {
	struct mutex lock;	/* see struct vm */
	struct io_bus __rcu *bus[IO_SPACES];	/* NULL: no device; changed under lock */
	struct list_head ioeventfds;	/* lock */
};

#endif
