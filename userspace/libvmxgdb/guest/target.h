/* SPDX-License-Identifier: MIT */
/*
 * The guest as a table of operations.
 *
 * The daemon's target is a session with the module, and the tests link a target
 * that needs no module. <vmxdbg.h> describes the structures. Operations that fail
 * return a negative errno.
 */
#ifndef VMXGDB_TARGET_H
#define VMXGDB_TARGET_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <vmxdbg.h>

struct target;

/* For @attach: the VM that the user has named, or the only one. */
#define TARGET_ANY_VM	0

/*
 * In vmxdbg_event.why, beside VMXDBG_WHY_*: a reason of the VMM's. event.error is gdb's
 * number of the signal to report, or 0.
 */
#define TARGET_WHY_OWN	(1U << 31)

/**
 * struct target_ops - operations of a target
 * @attach: begin a session with a VM, by number or TARGET_ANY_VM. -ENOENT: there
 *	is no such VM (yet). -ENOTUNIQ: several VMs match
 * @detach: end the session; the guest runs on as if there had been none
 * @list: see vmxdbg_list()
 * @info: see vmxdbg_get_info()
 * @event_fd: file descriptor that is readable when @next_event has an event
 * @next_event: 1 with an event, 0 if there is none now, -ENODEV after the VM
 *	has ended
 * @stop: stop a vCPU, or each one with VMXDBG_ALL_VCPUS
 * @resume: resume or step; the flags are those of VMXDBG_RESUME
 * @vcpu: state of a vCPU, see vmxdbg_get_vcpu()
 * @get_regs: see vmxdbg_get_regs()
 * @set_regs: see vmxdbg_try_regs(). VMXDBG_REGS_BOTH may be -EOPNOTSUPP
 * @read_mem: see vmxdbg_read_mem()
 * @write_mem: see vmxdbg_write_mem()
 * @translate: see vmxdbg_translate()
 * @add_bp: see vmxdbg_add_bp()
 * @del_bp: see vmxdbg_del_bp()
 * @close: end the session, if there is one, and free the target
 *
 * Optional operations, NULL where the target does not have them:
 * @add_catch: see vmxdbg_add_catch(); @del_bp removes it
 * @hits: see vmxdbg_hits()
 * @ring_open: see vmxdbg_ring_open(); the session's end closes it. With it come
 * @ring_next: next record, see vmxdbg_ring_next(), and
 * @ring_lost: number of records that did not fit
 * @slots: see vmxdbg_get_slots()
 * @place: see vmxdbg_get_place()
 * @objects: see vmxdbg_list_objects()
 * @vcpus: see vmxdbg_list_vcpus(); without it vCPUs are those of vcpu_mask of @info
 * @vcpu_set: see vmxdbg_get_vcpu_set()
 * @set_time: see vmxdbg_set_time()
 * @get_msrs: see vmxdbg_get_msrs()
 * @set_msrs: see vmxdbg_set_msrs()
 * @list_msrs: see vmxdbg_list_msrs()
 * @kill: end the VM
 * @reset: start the guest from its beginning; all vCPUs are stopped, and stay so.
 *	-EINPROGRESS: an event with VMXDBG_WHY_RESET tells when that has happened
 * @inject: see vmxdbg_inject()
 * @explain: a line of text about the vCPU's last stop with TARGET_WHY_OWN
 * @stats: see vmxdbg_get_stats()
 *
 * Only @next_event, @stop, @resume, @get_regs, @set_regs, @read_mem and @write_mem
 * of the others are needed; without one of the rest the packets and commands that
 * use it say so.
 */
struct target_ops {
	int (*attach)(struct target *t, uint32_t vm);
	void (*detach)(struct target *t);
	int (*list)(struct target *t, struct vmxdbg_vm_info **vms);
	int (*info)(struct target *t, struct vmxdbg_info *info);

	int (*event_fd)(struct target *t);
	int (*next_event)(struct target *t, struct vmxdbg_event *event);
	int (*stop)(struct target *t, uint32_t vcpu);
	int (*resume)(struct target *t, const struct vmxdbg_resume *how);

	int (*vcpu)(struct target *t, uint32_t vcpu, struct vmxdbg_vcpu *state);
	int (*get_regs)(struct target *t, uint32_t vcpu, uint32_t set,
			void *data, size_t size);
	int (*set_regs)(struct target *t, uint32_t vcpu, uint32_t set,
			const void *data, size_t size, uint32_t *refused);
	ssize_t (*read_mem)(struct target *t, uint32_t vcpu, uint32_t flags,
			    uint64_t addr, void *data, size_t len);
	ssize_t (*write_mem)(struct target *t, uint32_t vcpu, uint32_t flags,
			     uint64_t addr, const void *data, size_t len);
	int (*translate)(struct target *t, uint32_t vcpu, uint64_t gva,
			 struct vmxdbg_translate *result);

	int (*add_bp)(struct target *t, struct vmxdbg_bp *bp);
	int (*del_bp)(struct target *t, uint32_t id);

	void (*close)(struct target *t);

	int (*add_catch)(struct target *t, struct vmxdbg_catch *catch_it);
	int (*hits)(struct target *t, uint32_t id, uint64_t *hits);
	int (*ring_open)(struct target *t, uint32_t size);
	const struct vmxdbg_record *(*ring_next)(struct target *t);
	uint64_t (*ring_lost)(struct target *t);
	int (*slots)(struct target *t, struct vmxdbg_slot **slots);
	int (*place)(struct target *t, uint64_t gpa, struct vmxdbg_place *place);
	int (*objects)(struct target *t, struct vmxdbg_object_info **objects);
	int (*vcpus)(struct target *t, uint32_t **vcpus);
	int (*vcpu_set)(struct target *t, uint32_t id, uint64_t *words, uint32_t count);
	int (*set_time)(struct target *t, uint32_t mode);
	int (*get_msrs)(struct target *t, uint32_t vcpu, struct kvm_msr_entry *entries,
			uint32_t count, uint32_t *done);
	int (*set_msrs)(struct target *t, uint32_t vcpu, const struct kvm_msr_entry *entries,
			uint32_t count, uint32_t *done, uint32_t *refused);
	int (*list_msrs)(struct target *t, uint32_t vcpu, uint32_t *indices, uint32_t room);
	int (*kill)(struct target *t);
	int (*reset)(struct target *t);
	int (*inject)(struct target *t, const struct vmxdbg_inject *event);
	void (*explain)(struct target *t, uint32_t vcpu, char *text, size_t size);
	int (*stats)(struct target *t, uint32_t vcpu, struct vmxdbg_stats *stats,
		     uint64_t *exits, uint32_t count);
};

struct target {
	const struct target_ops *ops;
};

/* An optional operation of the target, or -EOPNOTSUPP. */
#define target_call(t, op, ...) \
	((t)->ops->op ? (t)->ops->op((t), ##__VA_ARGS__) : -EOPNOTSUPP)

#endif /* VMXGDB_TARGET_H */
