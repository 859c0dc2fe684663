/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest as a table of operations.
 *
 * target_vmxdbg.c implements them with libvmxdbg. The tests link a target that
 * needs no module in its place. <vmxdbg.h> describes the structures. Operations
 * that fail return a negative errno.
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
 * struct target_ops - operations of a target
 * @attach: begin a session with the VM that the options name. -ENOENT: there is
 *	no such VM (yet). -ENOTUNIQ: several VMs match
 * @detach: end the session; the guest runs on as if there had been none
 * @list: see vmxdbg_list()
 * @info: see vmxdbg_get_info()
 * @event_fd: file descriptor that is readable when @next_event has an event
 * @next_event: 1 with an event, 0 if there is none now, -ENODEV after the VM
 *	has ended
 * @stop_all: stop each vCPU
 * @resume: resume or step; the flags are those of VMXDBG_RESUME
 * @vcpu: state of a vCPU, see vmxdbg_get_vcpu()
 * @get_regs: see vmxdbg_get_regs()
 * @set_regs: see vmxdbg_set_regs()
 * @read_mem: see vmxdbg_read_mem()
 * @write_mem: see vmxdbg_write_mem()
 * @translate: see vmxdbg_translate()
 * @add_bp: see vmxdbg_add_bp()
 * @del_bp: see vmxdbg_del_bp()
 * @close: end the session, if there is one, and free the target
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

/* Return: a target without a session, or NULL with errno set. */
struct target *target_open(const struct options *options);

#endif /* VMXDBGD_TARGET_H */
