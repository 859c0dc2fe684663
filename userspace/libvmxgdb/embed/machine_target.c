// SPDX-License-Identifier: MIT
/* The operations of a machine that the stub calls. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "embed/machine_bp.h"
#include "embed/machine_target.h"

#define PAGE	0x1000ULL

/* The number of the one VM. */
#define VM	1

static struct machine *of(struct target *t)
{
	return (struct machine *)t;
}

/* ---- the VM ---- */

static int target_attach(struct target *t, uint32_t vm)
{
	if (vm != TARGET_ANY_VM && vm != VM)
		return -ENOENT;
	if (of(t)->gone)
		return -ENODEV;
	machine_take(of(t));
	return 0;
}

static void target_detach(struct target *t)
{
	machine_release(of(t));
}

static int target_list(struct target *t, struct vmxdbg_vm_info **vms)
{
	*vms = calloc(1, sizeof(**vms));
	if (!*vms)
		return -ENOMEM;
	**vms = (struct vmxdbg_vm_info){
		.id = VM,
		.vcpus = of(t)->count,
		.pid = getpid(),
		.flags = of(t)->attached ? VMXDBG_VM_ATTACHED : 0,
	};
	snprintf((*vms)->comm, sizeof((*vms)->comm), "%s", program_invocation_short_name);
	return 1;
}

static int target_info(struct target *t, struct vmxdbg_info *info)
{
	*info = (struct vmxdbg_info){
		.version = VMXDBG_API_VERSION,
		.vm = VM,
		.pid = getpid(),
		.vcpu_mask = of(t)->count < 64 ? (1ULL << of(t)->count) - 1 : ~0ULL,
	};
	return 0;
}

static int target_vcpu(struct target *t, uint32_t vcpu, struct vmxdbg_vcpu *state)
{
	*state = (struct vmxdbg_vcpu){
		.vcpu = vcpu,
		.state = of(t)->vcpus[vcpu].stopped ? VMXDBG_VCPU_STOPPED :
						      VMXDBG_VCPU_RUNNING,
		.tid = of(t)->vcpus[vcpu].tid,
	};
	return 0;
}

/* ---- stops and resumes ---- */

static int target_event_fd(struct target *t)
{
	return of(t)->event_fd;
}

static int target_next_event(struct target *t, struct vmxdbg_event *event)
{
	struct machine *m = of(t);
	eventfd_t ignored;
	unsigned int i;

	eventfd_read(m->event_fd, &ignored);
	if (m->gone)
		return -ENODEV;
	for (i = 0; i < m->count; i++) {
		if (!m->vcpus[i].unread)
			continue;
		m->vcpus[i].unread = false;
		*event = m->vcpus[i].event;
		return 1;
	}
	return 0;
}

static int target_stop(struct target *t, uint32_t vcpu)
{
	if (vcpu == VMXDBG_ALL_VCPUS)
		of(t)->stops_new = true;
	return machine_stop(of(t), vcpu);
}

static int target_resume(struct target *t, const struct vmxdbg_resume *how)
{
	struct machine *m = of(t);
	unsigned int i;

	if (m->gone)
		return -ENODEV;
	if (how->flags & ~(VMXDBG_RESUME_STEP | VMXDBG_RESUME_RANGE | VMXDBG_RESUME_IRQS))
		return -EOPNOTSUPP;
	if (how->vcpu == VMXDBG_ALL_VCPUS)
		m->stops_new = false;
	for (i = 0; i < m->count; i++) {
		if (how->vcpu == i)
			machine_resume_one(m, i, how);
		else if (how->vcpu == VMXDBG_ALL_VCPUS && m->vcpus[i].stopped &&
			 !m->vcpus[i].unread)
			machine_resume_one(m, i, how);
	}
	return 0;
}

/* ---- registers ---- */

static int target_get_regs(struct target *t, uint32_t vcpu, uint32_t set, void *data,
			   size_t size)
{
	return of(t)->ops->get_set(of(t), vcpu, set, data);
}

static int target_set_regs(struct target *t, uint32_t vcpu, uint32_t set,
			   const void *data, size_t size, uint32_t *refused)
{
	*refused = 0;
	return of(t)->ops->set_set(of(t), vcpu, set, data);
}

static int target_get_msrs(struct target *t, uint32_t vcpu, struct kvm_msr_entry *entries,
			   uint32_t count, uint32_t *done)
{
	if (!of(t)->ops->get_msrs)
		return -EOPNOTSUPP;
	return of(t)->ops->get_msrs(of(t), vcpu, entries, count, done);
}

static int target_set_msrs(struct target *t, uint32_t vcpu,
			   const struct kvm_msr_entry *entries, uint32_t count,
			   uint32_t *done, uint32_t *refused)
{
	int result;

	if (!of(t)->ops->set_msrs)
		return -EOPNOTSUPP;
	result = of(t)->ops->set_msrs(of(t), vcpu, entries, count, done);
	*refused = result == -EINVAL ? VMXDBG_REFUSED_VALUE : 0;
	return result;
}

/* ---- memory ---- */

static int target_translate(struct target *t, uint32_t vcpu, uint64_t gva,
			    struct vmxdbg_translate *to)
{
	*to = (struct vmxdbg_translate){ .vcpu = vcpu, .gva = gva };
	return of(t)->ops->translate(of(t), vcpu, to);
}

static ssize_t read_guest(struct machine *m, uint64_t gpa, void *data, size_t len)
{
	ssize_t n = m->ops->read_memory(m, gpa, data, len);

	if (n > 0)
		machine_bp_hide(m, gpa, data, n);
	return n;
}

static ssize_t write_guest(struct machine *m, uint64_t gpa, const void *data, size_t len)
{
	ssize_t n = m->ops->write_memory(m, gpa, data, len);

	if (n > 0)
		machine_bp_replant(m, gpa, data, n);
	return n;
}

/* The part of a transfer that is in one page, at *@gpa. */
static int part(struct target *t, uint32_t vcpu, uint32_t flags, uint64_t addr, size_t *len,
		uint64_t *gpa)
{
	struct vmxdbg_translate to;
	int result;

	*gpa = addr;
	if (flags & VMXDBG_MEM_PHYSICAL)
		return 0;
	if (*len > PAGE - addr % PAGE)
		*len = PAGE - addr % PAGE;
	result = target_translate(t, vcpu, addr, &to);
	*gpa = to.gpa;
	return result;
}

/* Transfer to @in or from @out, of which one is NULL. */
static ssize_t transfer(struct target *t, uint32_t vcpu, uint32_t flags, uint64_t addr,
			char *in, const char *out, size_t len)
{
	size_t done = 0, some;
	uint64_t gpa;
	ssize_t n = 0;

	if (of(t)->gone)
		return -ENODEV;
	while (done < len) {
		some = len - done;
		n = part(t, vcpu, flags, addr + done, &some, &gpa);
		if (n == 0)
			n = in ? read_guest(of(t), gpa, in + done, some) :
				 write_guest(of(t), gpa, out + done, some);
		if (n <= 0)
			break;
		done += n;
		if ((size_t)n < some)
			break;
	}
	if (done)
		return done;
	return n < 0 ? n : -ENXIO;
}

static ssize_t target_read_mem(struct target *t, uint32_t vcpu, uint32_t flags,
			       uint64_t addr, void *data, size_t len)
{
	return transfer(t, vcpu, flags, addr, data, NULL, len);
}

static ssize_t target_write_mem(struct target *t, uint32_t vcpu, uint32_t flags,
				uint64_t addr, const void *data, size_t len)
{
	return transfer(t, vcpu, flags, addr, NULL, data, len);
}

/* ---- breakpoints, and the rest ---- */

static int target_add_bp(struct target *t, struct vmxdbg_bp *bp)
{
	return machine_bp_add(of(t), bp);
}

static int target_del_bp(struct target *t, uint32_t id)
{
	return machine_bp_del(of(t), id);
}

static int target_kill(struct target *t)
{
	return of(t)->ops->kill(of(t));
}

static int target_reset(struct target *t)
{
	struct machine *m = of(t);
	unsigned int i;
	int result = m->ops->reset(m);

	if (result < 0)
		return result;
	for (i = 0; i < m->count; i++)
		m->vcpus[i].unread = m->vcpus[i].passes = false;
	machine_bp_plant_all(m);
	return 0;
}

static void target_explain(struct target *t, uint32_t vcpu, char *text, size_t size)
{
	snprintf(text, size, "%s", of(t)->vcpus[vcpu].text);
}

static void target_close(struct target *t)
{
}

const struct target_ops machine_target_ops = {
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
	.get_msrs = target_get_msrs,
	.set_msrs = target_set_msrs,
	.read_mem = target_read_mem,
	.write_mem = target_write_mem,
	.translate = target_translate,
	.add_bp = target_add_bp,
	.del_bp = target_del_bp,
	.close = target_close,
	.kill = target_kill,
	.reset = target_reset,
	.explain = target_explain,
};
