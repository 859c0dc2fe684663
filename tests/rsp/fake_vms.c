// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several fake VMs in one process: each operation of a target is that of the one VM, after
 * the target's own VM was chosen.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fake_vms.h"

int fake_vm;
static const struct target_ops *one;

void fake_vms_wrap(const struct target_ops *of)
{
	one = of;
}

static struct target *enter(struct target *t)
{
	int vm = ((struct fake_session *)t)->vm;

	if (vm < 0) {
		fprintf(stderr, "fake: CONTRACT BROKEN: there is no session\n");
		abort();
	}
	fake_vm = vm;
	return t;
}

/* Operations without and with arguments */
#define OP0(type, name) \
static type vms_##name(struct target *t) \
{ \
	return one->name(enter(t)); \
}
#define OP1(type, name, a) \
static type vms_##name(struct target *t, a x) \
{ \
	return one->name(enter(t), x); \
}
#define OP2(type, name, a, b) \
static type vms_##name(struct target *t, a x, b y) \
{ \
	return one->name(enter(t), x, y); \
}
#define OP3(type, name, a, b, c) \
static type vms_##name(struct target *t, a x, b y, c z) \
{ \
	return one->name(enter(t), x, y, z); \
}
#define OP4(type, name, a, b, c, d) \
static type vms_##name(struct target *t, a x, b y, c z, d u) \
{ \
	return one->name(enter(t), x, y, z, u); \
}
#define OP5(type, name, a, b, c, d, e) \
static type vms_##name(struct target *t, a x, b y, c z, d u, e v) \
{ \
	return one->name(enter(t), x, y, z, u, v); \
}

OP1(int, info, struct vmxdbg_info *)
OP0(int, event_fd)
OP1(int, next_event, struct vmxdbg_event *)
OP1(int, stop, uint32_t)
OP1(int, resume, const struct vmxdbg_resume *)
OP2(int, vcpu, uint32_t, struct vmxdbg_vcpu *)
OP4(int, get_regs, uint32_t, uint32_t, void *, size_t)
OP5(int, set_regs, uint32_t, uint32_t, const void *, size_t, uint32_t *)
OP4(int, get_msrs, uint32_t, struct kvm_msr_entry *, uint32_t, uint32_t *)
OP5(int, set_msrs, uint32_t, const struct kvm_msr_entry *, uint32_t, uint32_t *, uint32_t *)
OP3(int, list_msrs, uint32_t, uint32_t *, uint32_t)
OP5(ssize_t, read_mem, uint32_t, uint32_t, uint64_t, void *, size_t)
OP5(ssize_t, write_mem, uint32_t, uint32_t, uint64_t, const void *, size_t)
OP3(int, translate, uint32_t, uint64_t, struct vmxdbg_translate *)
OP1(int, add_bp, struct vmxdbg_bp *)
OP1(int, del_bp, uint32_t)
OP1(int, slots, struct vmxdbg_slot **)
OP2(int, place, uint64_t, struct vmxdbg_place *)
OP1(int, objects, struct vmxdbg_object_info **)
OP1(int, vcpus, uint32_t **)
OP3(int, vcpu_set, uint32_t, uint64_t *, uint32_t)
OP4(int, stats, uint32_t, struct vmxdbg_stats *, uint64_t *, uint32_t)
OP1(int, set_time, uint32_t)
OP1(int, inject, const struct vmxdbg_inject *)
OP0(int, reset)
OP1(int, add_catch, struct vmxdbg_catch *)
OP2(int, hits, uint32_t, uint64_t *)
OP1(int, ring_open, uint32_t)
OP0(const struct vmxdbg_record *, ring_next)
OP0(uint64_t, ring_lost)

static int vms_attach(struct target *t, uint32_t vm)
{
	struct fake_session *session = (struct fake_session *)t;
	int result;

	if (session->vm >= 0) {
		fprintf(stderr, "fake: CONTRACT BROKEN: there is a session\n");
		abort();
	}
	fake_vm = vm >= FAKE_VM_FIRST && vm < FAKE_VM_FIRST + FAKE_VMS_MAX ? vm - FAKE_VM_FIRST : 0;
	result = one->attach(t, vm);
	if (result == 0)
		session->vm = fake_vm;
	return result;
}

static void vms_detach(struct target *t)
{
	struct fake_session *session = (struct fake_session *)t;

	if (session->vm >= 0)
		one->detach(enter(t));
	session->vm = -1;
}

static int vms_list(struct target *t, struct vmxdbg_vm_info **list)
{
	return one->list(t, list);
}

static void vms_close(struct target *t)
{
	vms_detach(t);
	free(t);
}

const struct target_ops fake_vms_ops = {
	.attach = vms_attach,
	.detach = vms_detach,
	.list = vms_list,
	.info = vms_info,
	.event_fd = vms_event_fd,
	.next_event = vms_next_event,
	.stop = vms_stop,
	.resume = vms_resume,
	.vcpu = vms_vcpu,
	.get_regs = vms_get_regs,
	.set_regs = vms_set_regs,
	.get_msrs = vms_get_msrs,
	.set_msrs = vms_set_msrs,
	.list_msrs = vms_list_msrs,
	.read_mem = vms_read_mem,
	.write_mem = vms_write_mem,
	.translate = vms_translate,
	.add_bp = vms_add_bp,
	.del_bp = vms_del_bp,
	.slots = vms_slots,
	.place = vms_place,
	.objects = vms_objects,
	.vcpus = vms_vcpus,
	.vcpu_set = vms_vcpu_set,
	.stats = vms_stats,
	.set_time = vms_set_time,
	.inject = vms_inject,
	.reset = vms_reset,
	.add_catch = vms_add_catch,
	.hits = vms_hits,
	.ring_open = vms_ring_open,
	.ring_next = vms_ring_next,
	.ring_lost = vms_ring_lost,
	.close = vms_close,
};
