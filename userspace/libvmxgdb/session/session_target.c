// SPDX-License-Identifier: MIT
/* A session with a VM of the vmxdbg module as target. */
#include <errno.h>

#include <vmxdbg-client.h>

#include "session/session_target.h"

static int session(struct target *t)
{
	return ((struct session_target *)t)->session;
}

/* Turn -1 with errno of the library into a negative errno. */
static long check_errno(long value)
{
	return value < 0 ? -errno : value;
}

static int target_info(struct target *t, struct vmxdbg_info *info)
{
	return check_errno(vmxdbg_get_info(session(t), info));
}

static int target_event_fd(struct target *t)
{
	return session(t);
}

static int target_next_event(struct target *t, struct vmxdbg_event *event)
{
	return check_errno(vmxdbg_next_event(session(t), event, 0));
}

static int target_stop(struct target *t, uint32_t vcpu)
{
	int rc;

	do {
		rc = check_errno(vmxdbg_stop(session(t), vcpu));
	} while (rc == -EINTR);
	return rc;
}

static int target_resume(struct target *t, const struct vmxdbg_resume *how)
{
	/* The functions add STEP and RANGE themselves. */
	uint32_t flags = how->flags & ~(VMXDBG_RESUME_STEP | VMXDBG_RESUME_RANGE);

	if (how->flags & VMXDBG_RESUME_RANGE)
		return check_errno(vmxdbg_step_range(session(t), how->vcpu, flags,
						how->range_start,
						how->range_end));
	if (how->flags & VMXDBG_RESUME_STEP)
		return check_errno(vmxdbg_step(session(t), how->vcpu, flags));
	return check_errno(vmxdbg_resume(session(t), how->vcpu));
}

static int target_vcpu(struct target *t, uint32_t vcpu,
		       struct vmxdbg_vcpu *state)
{
	return check_errno(vmxdbg_get_vcpu(session(t), vcpu, state));
}

static int target_get_regs(struct target *t, uint32_t vcpu, uint32_t set,
			   void *data, size_t size)
{
	return check_errno(vmxdbg_get_regs(session(t), vcpu, set, data, size));
}

static int target_set_regs(struct target *t, uint32_t vcpu, uint32_t set,
			   const void *data, size_t size, uint32_t *refused)
{
	return check_errno(vmxdbg_try_regs(session(t), vcpu, set, data, size, refused));
}

static int target_get_msrs(struct target *t, uint32_t vcpu, struct kvm_msr_entry *entries,
			   uint32_t count, uint32_t *done)
{
	return check_errno(vmxdbg_get_msrs(session(t), vcpu, entries, count, done));
}

static int target_set_msrs(struct target *t, uint32_t vcpu,
			   const struct kvm_msr_entry *entries, uint32_t count,
			   uint32_t *done, uint32_t *refused)
{
	return check_errno(vmxdbg_set_msrs(session(t), vcpu, entries, count, done, refused));
}

static int target_list_msrs(struct target *t, uint32_t vcpu, uint32_t *indices,
			    uint32_t room)
{
	return check_errno(vmxdbg_list_msrs(session(t), vcpu, indices, room));
}

static ssize_t target_read_mem(struct target *t, uint32_t vcpu, uint32_t flags,
			       uint64_t addr, void *data, size_t len)
{
	return check_errno(vmxdbg_read_mem(session(t), vcpu, flags, addr, data, len));
}

static ssize_t target_write_mem(struct target *t, uint32_t vcpu, uint32_t flags,
				uint64_t addr, const void *data, size_t len)
{
	return check_errno(vmxdbg_write_mem(session(t), vcpu, flags, addr, data,
				       len));
}

static int target_translate(struct target *t, uint32_t vcpu, uint64_t gva,
			    struct vmxdbg_translate *to)
{
	return check_errno(vmxdbg_translate(session(t), vcpu, gva, to));
}

static int target_add_bp(struct target *t, struct vmxdbg_bp *bp)
{
	return check_errno(vmxdbg_add_bp(session(t), bp));
}

static int target_del_bp(struct target *t, uint32_t id)
{
	return check_errno(vmxdbg_del_bp(session(t), id));
}

static int target_add_catch(struct target *t, struct vmxdbg_catch *catch_it)
{
	return check_errno(vmxdbg_add_catch(session(t), catch_it));
}

static int target_hits(struct target *t, uint32_t id, uint64_t *hits)
{
	return check_errno(vmxdbg_hits(session(t), id, hits));
}

static int target_slots(struct target *t, struct vmxdbg_slot **slots)
{
	return check_errno(vmxdbg_get_slots(session(t), slots));
}

static int target_place(struct target *t, uint64_t gpa, struct vmxdbg_place *place)
{
	return check_errno(vmxdbg_get_place(session(t), gpa, place));
}

static int target_objects(struct target *t, struct vmxdbg_object_info **objects)
{
	return check_errno(vmxdbg_list_objects(session(t), objects));
}

static int target_vcpus(struct target *t, uint32_t **vcpus)
{
	return check_errno(vmxdbg_list_vcpus(session(t), vcpus));
}

static int target_vcpu_set(struct target *t, uint32_t id, uint64_t *words, uint32_t count)
{
	return check_errno(vmxdbg_get_vcpu_set(session(t), id, words, count));
}

static int target_set_time(struct target *t, uint32_t mode)
{
	return check_errno(vmxdbg_set_time(session(t), mode));
}

static int target_inject(struct target *t, const struct vmxdbg_inject *event)
{
	return check_errno(vmxdbg_inject(session(t), event));
}

/* The VMM does it. */
static int target_reset(struct target *t)
{
	int result = check_errno(vmxdbg_reset(session(t)));

	return result < 0 ? result : -EINPROGRESS;
}

void session_target_close_ring(struct session_target *t)
{
	if (t->recording)
		vmxdbg_ring_close(t->session, &t->ring);
	t->recording = false;
}

static int target_ring_open(struct target *t, uint32_t size)
{
	struct session_target *v = (struct session_target *)t;
	int result = check_errno(vmxdbg_ring_open(v->session, size, &v->ring));

	v->recording = result == 0;
	return result;
}

static const struct vmxdbg_record *target_ring_next(struct target *t)
{
	return vmxdbg_ring_next(&((struct session_target *)t)->ring);
}

static uint64_t target_ring_lost(struct target *t)
{
	return __atomic_load_n(&((struct session_target *)t)->ring.ring->lost, __ATOMIC_RELAXED);
}

static int target_stats(struct target *t, uint32_t vcpu, struct vmxdbg_stats *stats,
			uint64_t *exits, uint32_t count)
{
	return check_errno(vmxdbg_get_stats(session(t), vcpu, stats, exits, count));
}

const struct target_ops session_target_ops = {
	.info = target_info,
	.event_fd = target_event_fd,
	.next_event = target_next_event,
	.stop = target_stop,
	.resume = target_resume,
	.vcpu = target_vcpu,
	.get_regs = target_get_regs,
	.set_regs = target_set_regs,
	.read_mem = target_read_mem,
	.write_mem = target_write_mem,
	.translate = target_translate,
	.add_bp = target_add_bp,
	.del_bp = target_del_bp,
	.add_catch = target_add_catch,
	.hits = target_hits,
	.ring_open = target_ring_open,
	.ring_next = target_ring_next,
	.ring_lost = target_ring_lost,
	.slots = target_slots,
	.place = target_place,
	.objects = target_objects,
	.vcpus = target_vcpus,
	.vcpu_set = target_vcpu_set,
	.inject = target_inject,
	.reset = target_reset,
	.set_time = target_set_time,
	.get_msrs = target_get_msrs,
	.set_msrs = target_set_msrs,
	.list_msrs = target_list_msrs,
	.stats = target_stats,
};
