/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libvmxdbg: the debug plane of /dev/vmxdbg as C functions.
 *
 * Thin on purpose: each call is one ioctl, and the structures are those of
 * <vmxdbg.h>, which says what each means. All that the library adds is the
 * argument structures filled in, a check of the version, and the search for a
 * VM by its process.
 *
 * Every function returns -1 with errno set when it fails. None keeps state of
 * its own: a device and a session are file descriptors, closed by close().
 * Closing a session removes all its breakpoints and lets the guest run.
 */
#ifndef VMXDBG_CLIENT_H
#define VMXDBG_CLIENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vmxdbg.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VMXDBG_DEVICE	"/dev/vmxdbg"

/* ---- the device (device.c) ---- */

/**
 * vmxdbg_open() - open the device
 * @path: its node, NULL for VMXDBG_DEVICE
 *
 * Return: a descriptor, close-on-exec. EPROTO when the module speaks another
 * version of the debug plane than this library.
 */
int vmxdbg_open(const char *path);

/**
 * vmxdbg_list() - which VMs there are
 * @device: from vmxdbg_open()
 * @vms: set to an array that the caller frees; NULL when there are none
 *
 * Return: how many.
 */
int vmxdbg_list(int device, struct vmxdbg_vm_info **vms);

/**
 * vmxdbg_attach() - begin a session with a VM
 * @device: from vmxdbg_open()
 * @id: the VM's number
 *
 * Return: the session. ENOENT: no such VM. EBUSY: it has a session, or its
 * VMM uses KVM_SET_GUEST_DEBUG. EPERM: you may not ptrace its VMM.
 */
int vmxdbg_attach(int device, uint32_t id);

/* The same, for the VM that @vm_fd (from KVM_CREATE_VM) stands for. */
int vmxdbg_attach_fd(int device, int vm_fd);

/*
 * The same, for the only VM of process @pid. ENOENT: it has none. EEXIST: it
 * has several, and only their ids tell them apart.
 */
int vmxdbg_attach_pid(int device, pid_t pid);

/*
 * On the descriptor of a VM, for its VMM: hold the vCPUs until a debugger has
 * attached and resumed them, or (@hold 0) let them go.
 */
int vmxdbg_hold(int vm_fd, int hold);

/* ---- a session: control (session.c) ---- */

int vmxdbg_get_info(int session, struct vmxdbg_info *info);
int vmxdbg_get_vcpu(int session, uint32_t vcpu, struct vmxdbg_vcpu *state);

/**
 * vmxdbg_stop() - stop a vCPU, or with VMXDBG_ALL_VCPUS each
 *
 * They are stopped when it returns. There is no event for it.
 */
int vmxdbg_stop(int session, uint32_t vcpu);

/* Let a stopped vCPU, or with VMXDBG_ALL_VCPUS each that is, run. */
int vmxdbg_resume(int session, uint32_t vcpu);

/**
 * vmxdbg_step() - run one instruction of a stopped vCPU
 * @flags: 0, or VMXDBG_RESUME_IRQS to let interrupts in
 *
 * The end of the step is an event with VMXDBG_WHY_STEP.
 */
int vmxdbg_step(int session, uint32_t vcpu, uint32_t flags);

/* Step, and go on stepping while the linear rip is in [@start, @end). */
int vmxdbg_step_range(int session, uint32_t vcpu, uint32_t flags,
		      uint64_t start, uint64_t end);

/**
 * vmxdbg_next_event() - wait for an event
 * @event: filled in
 * @timeout_ms: how long; 0 not at all, -1 for ever
 *
 * Return: 1 with an event, 0 when the time is over. ENODEV when the VM has
 * ended and VMXDBG_WHY_GONE was read before.
 */
int vmxdbg_next_event(int session, struct vmxdbg_event *event, int timeout_ms);

/* ---- a session: state (state.c) ---- */

/* @set is VMXDBG_REGS_*, @data its structure of @size bytes. */
int vmxdbg_get_regs(int session, uint32_t vcpu, uint32_t set, void *data,
		    size_t size);
int vmxdbg_set_regs(int session, uint32_t vcpu, uint32_t set, const void *data,
		    size_t size);

/**
 * vmxdbg_read_mem() - read guest memory
 * @vcpu: the stopped vCPU whose page tables translate @addr
 * @flags: VMXDBG_MEM_*; with VMXDBG_MEM_PHYSICAL @vcpu must be 0
 *
 * Return: how many bytes were read, which is less than @len when guest memory
 * ends before. ENXIO when there is none at @addr.
 */
ssize_t vmxdbg_read_mem(int session, uint32_t vcpu, uint32_t flags,
			uint64_t addr, void *buf, size_t len);
ssize_t vmxdbg_write_mem(int session, uint32_t vcpu, uint32_t flags,
			 uint64_t addr, const void *buf, size_t len);

/* Where linear address @gva of stopped vCPU @vcpu is. ENXIO: nowhere. */
int vmxdbg_translate(int session, uint32_t vcpu, uint64_t gva,
		     struct vmxdbg_translate *result);

/* ---- a session: breakpoints (bp.c) ---- */

/* Add what @bp describes; its id is put into it. */
int vmxdbg_add_bp(int session, struct vmxdbg_bp *bp);
int vmxdbg_add_catch(int session, struct vmxdbg_catch *catch_it);
/* Remove either. */
int vmxdbg_del_bp(int session, uint32_t id);

/* How often an object has been hit. */
int vmxdbg_hits(int session, uint32_t id, uint64_t *hits);

/**
 * vmxdbg_break() - a software breakpoint on every vCPU
 * @vcpu: the stopped vCPU whose page tables find the page
 * @addr: linear address
 *
 * Return: 0. Its id is put into @id.
 */
int vmxdbg_break(int session, uint32_t vcpu, uint64_t addr, uint32_t *id);

/* A breakpoint in a debug register, on every vCPU. */
int vmxdbg_break_hard(int session, uint64_t addr, uint32_t *id);

/*
 * A watchpoint on every vCPU: @type is VMXDBG_BP_WRITE or VMXDBG_BP_ACCESS,
 * @len 1, 2, 4 or 8 and @addr aligned to it.
 */
int vmxdbg_watch(int session, uint32_t type, uint64_t addr, size_t len,
		 uint32_t *id);

/* ---- a session: records of hits (ring.c) ---- */

/* Who reads the ring; its fields are the library's. */
struct vmxdbg_reader {
	struct vmxdbg_ring *ring;
	const char *data;
	uint32_t size;
	uint64_t at;
};

/**
 * vmxdbg_ring_open() - make the ring and map it
 * @size: bytes, a power of two, VMXDBG_RING_MIN to VMXDBG_RING_MAX
 * @reader: filled in
 *
 * EBUSY: the session has one. @reader->ring->lost counts what had no room.
 * poll() on the session says POLLPRI while there are records. The ring keeps
 * the session, as a descriptor does, until vmxdbg_ring_close().
 */
int vmxdbg_ring_open(int session, uint32_t size, struct vmxdbg_reader *reader);
int vmxdbg_ring_close(int session, struct vmxdbg_reader *reader);

/* The next record, good until the next call, or NULL: none at the moment. */
const struct vmxdbg_record *vmxdbg_ring_next(struct vmxdbg_reader *reader);

/* Its registers, or NULL where it has none. */
const struct kvm_regs *vmxdbg_record_regs(const struct vmxdbg_record *record);

/*
 * Its block after @block, or with NULL its first; NULL: no more. Data follow.
 */
const struct vmxdbg_record_block *
vmxdbg_record_next(const struct vmxdbg_record *record,
		   const struct vmxdbg_record_block *block);

#ifdef __cplusplus
}
#endif

#endif /* VMXDBG_CLIENT_H */
