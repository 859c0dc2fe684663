/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest as the protocol sees it: a table of operations.
 *
 * target_vmxdbg.c implements them with libvmxdbg; the tests have a target
 * that needs no module. What the structures mean, <vmxdbg.h> says. All
 * return a negative errno when they fail.
 */
#ifndef VMXDBGD_TARGET_H
#define VMXDBGD_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <vmxdbg.h>

struct options;
struct target;

/**
 * struct target_ops - what can be done with a target
 * @attach: begin a session with the VM that the options name. -ENOENT when
 *	there is no such VM (yet), -ENOTUNIQ when they leave a choice
 * @detach: end the session; the guest runs on as if there had been none
 * @event_fd: what poll() finds readable when @next_event has something
 * @next_event: 1 with an event, 0 when there is none now, -ENODEV when the VM
 *	has ended
 * @list: see vmxdbg_list()
 */
struct target_ops {
	int (*attach)(struct target *t);
	void (*detach)(struct target *t);
	int (*list)(struct target *t, struct vmxdbg_vm_info **vms);
	int (*info)(struct target *t, struct vmxdbg_info *info);

	int (*event_fd)(struct target *t);
	int (*next_event)(struct target *t, struct vmxdbg_event *event);
	int (*stop_all)(struct target *t);
	int (*resume)(struct target *t, const struct vmxdbg_resume *how);

	int (*vcpu)(struct target *t, uint32_t vcpu, struct vmxdbg_vcpu *state);
	int (*get_regs)(struct target *t, uint32_t vcpu, uint32_t set,
			void *data, size_t size);
	int (*set_regs)(struct target *t, uint32_t vcpu, uint32_t set,
			const void *data, size_t size);
	ssize_t (*read_mem)(struct target *t, uint32_t vcpu, uint32_t flags,
			    uint64_t addr, void *data, size_t len);
	ssize_t (*write_mem)(struct target *t, uint32_t vcpu, uint32_t flags,
			     uint64_t addr, const void *data, size_t len);
	int (*translate)(struct target *t, uint32_t vcpu, uint64_t gva,
			 struct vmxdbg_translate *result);

	int (*add_bp)(struct target *t, struct vmxdbg_bp *bp);
	int (*del_bp)(struct target *t, uint32_t id);

	void (*close)(struct target *t);
};

struct target {
	const struct target_ops *ops;
};

/* NULL with errno set when the device cannot be opened. */
struct target *target_open(const struct options *options);

#endif /* VMXDBGD_TARGET_H */
