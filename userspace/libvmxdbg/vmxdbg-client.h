/* SPDX-License-Identifier: MIT */
/*
 * libvmxdbg: the debug plane of /dev/vmxdbg as C functions.
 *
 * A thin library: each call is one ioctl, and <vmxdbg.h> describes the
 * structures. The library fills in argument structures, checks the version, and
 * finds the VM of a process.
 *
 * Functions return -1 with errno set when they fail. The library keeps no
 * state: a device and a session are file descriptors, closed by close().
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
 * Return: a descriptor, close-on-exec. EPROTO: the module has another version
 * of the debug plane than the library.
 */
int vmxdbg_open(const char *path);

/**
 * vmxdbg_list() - list the VMs
 * @device: from vmxdbg_open()
 * @vms: set to an array that the caller frees, or NULL if there are no VMs
 *
 * Return: number of VMs.
 */
int vmxdbg_list(int device, struct vmxdbg_vm_info **vms);

/**
 * vmxdbg_attach() - begin a session with a VM
 * @device: from vmxdbg_open()
 * @id: number of the VM
 *
 * Return: the session. ENOENT: there is no such VM. EBUSY: the VM has a
 * session, or its VMM uses KVM_SET_GUEST_DEBUG. EPERM: the caller may not
 * ptrace the VMM.
 */
int vmxdbg_attach(int device, uint32_t id);

/* Begin a session with the VM of @vm_fd, from KVM_CREATE_VM. */
int vmxdbg_attach_fd(int device, int vm_fd);

/*
 * Begin a session with the only VM of process @pid. ENOENT: the process has
 * none. EEXIST: the process has several; use vmxdbg_attach() with an id.
 */
int vmxdbg_attach_pid(int device, pid_t pid);

/*
 * Hold the vCPUs of a VM until a debugger has attached and resumed them, or let
 * them run (@hold 0). For the VMM, on the descriptor of the VM.
 */
int vmxdbg_hold(int vm_fd, int hold);

/*
 * Read how long debuggers have held the time of a VM, and the time for the timers of
 * its VMM. For the VMM, on the descriptor of the VM.
 */
int vmxdbg_get_held(int vm_fd, struct vmxdbg_held *held);

/* ---- a session: control (session.c) ---- */

int vmxdbg_get_info(int session, struct vmxdbg_info *info);
int vmxdbg_get_vcpu(int session, uint32_t vcpu, struct vmxdbg_vcpu *state);

/**
 * vmxdbg_stop() - stop a vCPU, or all vCPUs with VMXDBG_ALL_VCPUS
 *
 * The vCPUs are stopped when the function returns. No event reports the stop.
 */
int vmxdbg_stop(int session, uint32_t vcpu);

/* Resume a stopped vCPU, or all stopped vCPUs with VMXDBG_ALL_VCPUS. */
int vmxdbg_resume(int session, uint32_t vcpu);

/**
 * vmxdbg_step() - run one instruction of a stopped vCPU
 * @flags: 0, or VMXDBG_RESUME_IRQS to let interrupts in
 *
 * An event with VMXDBG_WHY_STEP reports the end of the step.
 */
int vmxdbg_step(int session, uint32_t vcpu, uint32_t flags);

/* Step, and continue to step while the linear RIP is in [@start, @end). */
int vmxdbg_step_range(int session, uint32_t vcpu, uint32_t flags,
		      uint64_t start, uint64_t end);

/*
 * Choose whether the guest's time stands still while all vCPUs are stopped. @mode:
 * VMXDBG_TIME_STOP, with which a session begins, or VMXDBG_TIME_RUN.
 */
int vmxdbg_set_time(int session, uint32_t mode);

/*
 * Inject an interrupt, NMI or exception into a stopped vCPU. EBUSY: the vCPU runs, or an
 * event of this type waits already.
 */
int vmxdbg_inject(int session, const struct vmxdbg_inject *event);

/*
 * Ask the VMM to reset the VM, all vCPUs of which are stopped. An event with
 * VMXDBG_WHY_RESET reports that it has done so.
 */
int vmxdbg_reset(int session);

/**
 * vmxdbg_next_event() - wait for an event
 * @event: filled in
 * @timeout_ms: longest time to wait; 0: do not wait, -1: no limit
 *
 * Return: 1 with an event, 0 after the timeout. ENODEV: the VM has ended, and
 * VMXDBG_WHY_GONE was read before.
 */
int vmxdbg_next_event(int session, struct vmxdbg_event *event, int timeout_ms);

/* ---- a session: state (state.c) ---- */

/* Read or write the register set VMXDBG_REGS_*, a structure of @size bytes. */
int vmxdbg_get_regs(int session, uint32_t vcpu, uint32_t set, void *data,
		    size_t size);
int vmxdbg_set_regs(int session, uint32_t vcpu, uint32_t set, const void *data,
		    size_t size);

/*
 * As vmxdbg_set_regs(). If the module refuses a value, with EINVAL, the reason is
 * in *@refused: VMXDBG_REFUSED_*; else 0.
 */
int vmxdbg_try_regs(int session, uint32_t vcpu, uint32_t set, const void *data,
		    size_t size, uint32_t *refused);
/* Put a reason, VMXDBG_REFUSED_*, into words of at most @size bytes with the NUL. */
void vmxdbg_refused_text(uint32_t refused, char *text, size_t size);

/**
 * vmxdbg_get_msrs() - read MSRs of stopped vCPU @vcpu
 * @entries: indices in, values out
 * @done: out: number of MSRs that were read; may be NULL
 *
 * Return: 0 if all were read. EINVAL: there is no MSR entries[*done].index.
 */
int vmxdbg_get_msrs(int session, uint32_t vcpu, struct kvm_msr_entry *entries,
		    uint32_t count, uint32_t *done);
/*
 * Write MSRs, likewise. EINVAL: entry number *@done is refused, and *@refused, which
 * may be NULL, is VMXDBG_REFUSED_*.
 */
int vmxdbg_set_msrs(int session, uint32_t vcpu,
		    const struct kvm_msr_entry *entries, uint32_t count,
		    uint32_t *done, uint32_t *refused);
/* List the MSRs that can be read. Return: their number, which may be above @room. */
int vmxdbg_list_msrs(int session, uint32_t vcpu, uint32_t *indices, uint32_t room);

/**
 * vmxdbg_read_mem() - read guest memory
 * @vcpu: the stopped vCPU whose page tables translate @addr
 * @flags: VMXDBG_MEM_*; with VMXDBG_MEM_PHYSICAL @vcpu must be 0
 *
 * Return: number of bytes read, which is less than @len if guest memory ends
 * before. ENXIO: there is no memory at @addr.
 */
ssize_t vmxdbg_read_mem(int session, uint32_t vcpu, uint32_t flags,
			uint64_t addr, void *buf, size_t len);
ssize_t vmxdbg_write_mem(int session, uint32_t vcpu, uint32_t flags,
			 uint64_t addr, const void *buf, size_t len);

/* Translate linear address @gva of stopped vCPU @vcpu. ENXIO: not mapped. */
int vmxdbg_translate(int session, uint32_t vcpu, uint64_t gva,
		     struct vmxdbg_translate *result);

/* ---- a session: breakpoints (bp.c) ---- */

/* Add the breakpoint or catch in the structure, and set its id there. */
int vmxdbg_add_bp(int session, struct vmxdbg_bp *bp);
int vmxdbg_add_catch(int session, struct vmxdbg_catch *catch_it);
/* Remove a breakpoint or catch. */
int vmxdbg_del_bp(int session, uint32_t id);

/* Read how often a breakpoint or catch has been hit. */
int vmxdbg_hits(int session, uint32_t id, uint64_t *hits);

/**
 * vmxdbg_break() - a software breakpoint on every vCPU
 * @vcpu: the stopped vCPU whose page tables find the page
 * @addr: linear address
 *
 * Return: 0, with the id in *@id.
 */
int vmxdbg_break(int session, uint32_t vcpu, uint64_t addr, uint32_t *id);

/* Add a breakpoint on every vCPU: in a debug register, or as int3 if none is free. */
int vmxdbg_break_hard(int session, uint64_t addr, uint32_t *id);

/*
 * Add a watchpoint on every vCPU, of type VMXDBG_BP_WRITE, _ACCESS, _READ or
 * _EXEC. Where a debug register cannot watch, vCPU 0 must be stopped.
 */
int vmxdbg_watch(int session, uint32_t type, uint64_t addr, size_t len,
		 uint32_t *id);

/* ---- a session: lists and states (look.c) ---- */

/**
 * vmxdbg_get_slots() - list the memory slots, by ascending gpa
 * @slots: set to an array that the caller frees, or NULL if there are no slots
 *
 * Return: number of slots.
 */
int vmxdbg_get_slots(int session, struct vmxdbg_slot **slots);

/* Look up slot and EPT entries of @gpa. A gpa without memory is no error. */
int vmxdbg_get_place(int session, uint64_t gpa, struct vmxdbg_place *place);

/**
 * vmxdbg_get_stats() - read the counters of a vCPU, or of all with VMXDBG_ALL_VCPUS
 * @stats: filled in
 * @exits: array for the VM exits by basic exit reason; NULL if @count is 0
 * @count: number of entries of @exits; 128 are enough for all
 *
 * The vCPUs may run. @stats->count is the number of counters that exist.
 */
int vmxdbg_get_stats(int session, uint32_t vcpu, struct vmxdbg_stats *stats,
		     uint64_t *exits, uint32_t count);

/**
 * vmxdbg_list_objects() - list breakpoints, watchpoints and catches, by ascending id
 * @objects: set to an array that the caller frees, or NULL if there are none
 *
 * Return: number of objects.
 */
int vmxdbg_list_objects(int session, struct vmxdbg_object_info **objects);

/**
 * vmxdbg_list_vcpus() - list the numbers of the vCPUs, which ascend and may have gaps
 * @vcpus: set to an array that the caller frees, or NULL if there are none
 *
 * Return: number of vCPUs.
 */
int vmxdbg_list_vcpus(int session, uint32_t **vcpus);

/**
 * vmxdbg_get_vcpu_set() - read whose hits an object counts
 * @words: filled with the set, of which bit n of word w is vCPU 64 * w + n
 * @count: number of entries of @words; VMXDBG_VCPU_WORDS are enough for each set
 *
 * A new object gets such a set by @vcpu_set of struct vmxdbg_options.
 * Return: number of words of the set; 0: the object has none and counts all vCPUs' hits.
 */
int vmxdbg_get_vcpu_set(int session, uint32_t id, uint64_t *words, uint32_t count);

/* ---- a session: records of hits (ring.c) ---- */

/* Reader of a ring. Only the library uses the fields, except @ring->lost. */
struct vmxdbg_reader {
	struct vmxdbg_ring *ring;
	const char *data;
	uint32_t size;
	uint64_t at;
};

/**
 * vmxdbg_ring_open() - create the ring and map it
 * @size: bytes, a power of two, VMXDBG_RING_MIN to VMXDBG_RING_MAX
 * @reader: filled in
 *
 * EBUSY: the session has a ring. @reader->ring->lost counts the records that
 * did not fit. poll() on the session reports POLLPRI while there are records.
 * The mapping keeps the session open, as a descriptor does, until
 * vmxdbg_ring_close().
 */
int vmxdbg_ring_open(int session, uint32_t size, struct vmxdbg_reader *reader);
int vmxdbg_ring_close(int session, struct vmxdbg_reader *reader);

/*
 * Return: the next record, valid until the next call, or NULL if there is none.
 */
const struct vmxdbg_record *vmxdbg_ring_next(struct vmxdbg_reader *reader);

/* Return: the registers in the record, or NULL. */
const struct kvm_regs *vmxdbg_record_regs(const struct vmxdbg_record *record);

/*
 * Return: the block after @block, or the first one for NULL; NULL at the end.
 * The data follow the block.
 */
const struct vmxdbg_record_block *
vmxdbg_record_next(const struct vmxdbg_record *record,
		   const struct vmxdbg_record_block *block);

#ifdef __cplusplus
}
#endif

#endif /* VMXDBG_CLIENT_H */
