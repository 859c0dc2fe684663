// SPDX-License-Identifier: GPL-2.0-only
/* A VM of the vmxdbg module as target. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <vmxdbg-client.h>

#include "guest/target.h"
#include "options.h"
#include "target_vmxdbg.h"

struct vmxdbg_target {
	struct target target;
	const struct options *options;
	int device;
	int session;		/* -1 when detached */
	long long id;		/* VM of the last session; -1 if there is none */
	bool recording;
	struct vmxdbg_reader ring;	/* while @recording */
};

static struct vmxdbg_target *to_vmxdbg(struct target *t)
{
	return (struct vmxdbg_target *)t;
}

static int session(struct target *t)
{
	return to_vmxdbg(t)->session;
}

/* Turn -1 with errno of the library into a negative errno. */
static long check_errno(long value)
{
	return value < 0 ? -errno : value;
}

/* Attach to the only VM, because the options name none. */
static int attach_only(struct vmxdbg_target *v)
{
	struct vmxdbg_vm_info *vms;
	int count = vmxdbg_list(v->device, &vms);
	int fd = -1;

	if (count == 1)
		fd = vmxdbg_attach(v->device, vms[0].id);
	else if (count >= 0)
		errno = count ? ENOTUNIQ : ENOENT;
	if (count > 0)
		free(vms);
	return fd;
}

static int attach_named(struct vmxdbg_target *v)
{
	if (v->options->vm >= 0)
		return vmxdbg_attach(v->device, v->options->vm);
	if (v->options->pid > 0)
		return vmxdbg_attach_pid(v->device, v->options->pid);
	return attach_only(v);
}

/* Attach to the VM of the last session again, even if there are others now. */
static int target_attach(struct target *t, uint32_t vm)
{
	struct vmxdbg_target *v = to_vmxdbg(t);
	struct vmxdbg_info info;
	int fd;

	if (vm != TARGET_ANY_VM)
		fd = vmxdbg_attach(v->device, vm);
	else if (v->id >= 0)
		fd = vmxdbg_attach(v->device, v->id);
	else
		fd = attach_named(v);
	if (fd < 0) {
		if (errno == ENOENT)
			v->id = -1;
		return errno == EEXIST ? -ENOTUNIQ : -errno;
	}
	v->session = fd;
	if (vmxdbg_get_info(fd, &info) == 0)
		v->id = info.vm;
	return 0;
}

static void target_detach(struct target *t)
{
	struct vmxdbg_target *v = to_vmxdbg(t);

	/* A mapped ring would keep the session. */
	if (v->recording)
		vmxdbg_ring_close(v->session, &v->ring);
	v->recording = false;
	if (v->session >= 0)
		close(v->session);
	v->session = -1;
}

static int target_list(struct target *t, struct vmxdbg_vm_info **vms)
{
	return check_errno(vmxdbg_list(to_vmxdbg(t)->device, vms));
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
			   const void *data, size_t size)
{
	return check_errno(vmxdbg_set_regs(session(t), vcpu, set, data, size));
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

static int target_ring_open(struct target *t, uint32_t size)
{
	struct vmxdbg_target *v = to_vmxdbg(t);
	int result = check_errno(vmxdbg_ring_open(v->session, size, &v->ring));

	v->recording = result == 0;
	return result;
}

static const struct vmxdbg_record *target_ring_next(struct target *t)
{
	return vmxdbg_ring_next(&to_vmxdbg(t)->ring);
}

static uint64_t target_ring_lost(struct target *t)
{
	return __atomic_load_n(&to_vmxdbg(t)->ring.ring->lost, __ATOMIC_RELAXED);
}

static void target_close(struct target *t)
{
	target_detach(t);
	close(to_vmxdbg(t)->device);
	free(t);
}

static const struct target_ops vmxdbg_ops = {
	.attach = target_attach,
	.detach = target_detach,
	.list = target_list,
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
	.close = target_close,
	.add_catch = target_add_catch,
	.hits = target_hits,
	.ring_open = target_ring_open,
	.ring_next = target_ring_next,
	.ring_lost = target_ring_lost,
	.slots = target_slots,
	.place = target_place,
	.objects = target_objects,
};

struct target *target_open(const struct options *options)
{
	struct vmxdbg_target *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->target.ops = &vmxdbg_ops;
	v->options = options;
	v->session = -1;
	v->id = -1;
	v->device = vmxdbg_open(options->device);
	if (v->device < 0) {
		free(v);
		return NULL;
	}
	return &v->target;
}
