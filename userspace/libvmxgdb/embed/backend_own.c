// SPDX-License-Identifier: MIT
/* A guest by the VMM's own operations. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "embed/backend.h"
#include "embed/own_regs.h"
#include "embed/walk.h"

struct own {
	struct vgdb_ops ops;
	void *context;
};

static struct own *of(const struct machine *m)
{
	return m->data;
}

int backend_copy_ops(struct vgdb_ops *to, const struct vgdb_ops *from)
{
	size_t size;

	if (!from || from->size < offsetof(struct vgdb_ops, kick))
		return -EINVAL;
	size = from->size < sizeof(*to) ? from->size : sizeof(*to);
	memset(to, 0, sizeof(*to));
	memcpy(to, from, size);
	return 0;
}

int backend_kick(const struct vgdb_ops *ops, void *context, uint32_t vcpu)
{
	return ops->kick ? ops->kick(context, vcpu) : 0;
}

/* ---- registers ---- */

static int get_regs(struct machine *m, uint32_t vcpu, struct vgdb_regs *regs)
{
	int result;

	*regs = (struct vgdb_regs){ .size = sizeof(*regs) };
	result = of(m)->ops.get_regs(of(m)->context, vcpu, regs);
	if (result == 0 && !regs->system)
		own_regs_flat(regs);
	return result;
}

static int get_fpu(struct machine *m, uint32_t vcpu, void *data)
{
	uint8_t image[VGDB_FPU_SIZE] = { 0 };
	int result;

	if (!of(m)->ops.get_fpu)
		return -EOPNOTSUPP;
	result = of(m)->ops.get_fpu(of(m)->context, vcpu, image);
	if (result == 0)
		own_regs_get_fpu(image, data);
	return result;
}

static int own_get_set(struct machine *m, uint32_t vcpu, uint32_t set, void *data)
{
	struct vgdb_regs regs;
	int result;

	if (set == VMXDBG_REGS_FPU)
		return get_fpu(m, vcpu, data);
	if (set > VMXDBG_REGS_DEBUG)
		return -EOPNOTSUPP;
	result = get_regs(m, vcpu, &regs);
	if (result < 0)
		return result;
	if (set == VMXDBG_REGS_GENERAL)
		own_regs_get_general(&regs, data);
	else if (set == VMXDBG_REGS_SYSTEM)
		own_regs_get_system(&regs, data);
	else
		own_regs_get_debug(&regs, data);
	return 0;
}

static int set_fpu(struct machine *m, uint32_t vcpu, const void *data)
{
	uint8_t image[VGDB_FPU_SIZE] = { 0 };
	int result;

	if (!of(m)->ops.get_fpu || !of(m)->ops.set_fpu)
		return -EOPNOTSUPP;
	result = of(m)->ops.get_fpu(of(m)->context, vcpu, image);
	if (result < 0)
		return result;
	own_regs_set_fpu(image, data);
	return of(m)->ops.set_fpu(of(m)->context, vcpu, image);
}

static int own_set_set(struct machine *m, uint32_t vcpu, uint32_t set, const void *data)
{
	struct vgdb_regs regs;
	int result;

	if (set == VMXDBG_REGS_FPU)
		return set_fpu(m, vcpu, data);
	if (set > VMXDBG_REGS_DEBUG)
		return -EOPNOTSUPP;
	result = get_regs(m, vcpu, &regs);
	if (result < 0)
		return result;
	if (set != VMXDBG_REGS_GENERAL && !regs.system)
		return -EOPNOTSUPP;
	if (set == VMXDBG_REGS_GENERAL)
		own_regs_set_general(&regs, data);
	else if (set == VMXDBG_REGS_SYSTEM)
		own_regs_set_system(&regs, data);
	else
		own_regs_set_debug(&regs, data);
	return of(m)->ops.set_regs(of(m)->context, vcpu, &regs);
}

/* ---- memory ---- */

/* A count of more than was asked for would make the stub send what is behind its buffer. */
static ssize_t at_most(int64_t n, size_t len)
{
	return n > 0 && (uint64_t)n > len ? (ssize_t)len : (ssize_t)n;
}

static ssize_t own_read_memory(struct machine *m, uint64_t gpa, void *data, size_t len)
{
	return at_most(of(m)->ops.read_memory(of(m)->context, gpa, data, len), len);
}

static ssize_t own_write_memory(struct machine *m, uint64_t gpa, const void *data,
				size_t len)
{
	return at_most(of(m)->ops.write_memory(of(m)->context, gpa, data, len), len);
}

static void flat(struct vmxdbg_translate *to)
{
	to->gpa = to->gva;
	to->page_size = 4096;
	to->flags = VMXDBG_PAGE_WRITE | VMXDBG_PAGE_USER | VMXDBG_PAGE_EXEC;
}

static int own_translate(struct machine *m, uint32_t vcpu, struct vmxdbg_translate *to)
{
	struct vgdb_regs regs;
	struct kvm_sregs sregs;
	uint64_t gpa = 0;
	int result;

	flat(to);
	if (of(m)->ops.translate) {
		result = of(m)->ops.translate(of(m)->context, vcpu, to->gva, &gpa);
		to->gpa = gpa;
		return result;
	}
	result = get_regs(m, vcpu, &regs);
	if (result < 0 || !regs.system)
		return result;
	own_regs_get_system(&regs, &sregs);
	return walk(m, &sregs, to);
}

/* ---- the rest ---- */

static int own_add_bp(struct machine *m, const struct machine_bp *bp)
{
	if (!of(m)->ops.add_breakpoint)
		return -EOPNOTSUPP;
	return of(m)->ops.add_breakpoint(of(m)->context, bp->type, bp->addr, bp->len);
}

static int own_del_bp(struct machine *m, const struct machine_bp *bp)
{
	if (!of(m)->ops.del_breakpoint)
		return -EOPNOTSUPP;
	return of(m)->ops.del_breakpoint(of(m)->context, bp->type, bp->addr, bp->len);
}

static int own_run(struct machine *m, uint32_t vcpu, int action)
{
	return of(m)->ops.run ? of(m)->ops.run(of(m)->context, vcpu, action) : 0;
}

static int own_kick(struct machine *m, uint32_t vcpu)
{
	return backend_kick(&of(m)->ops, of(m)->context, vcpu);
}

static int own_kill(struct machine *m)
{
	return of(m)->ops.kill ? of(m)->ops.kill(of(m)->context) : -EOPNOTSUPP;
}

static int own_reset(struct machine *m)
{
	return of(m)->ops.reset ? of(m)->ops.reset(of(m)->context) : -EOPNOTSUPP;
}

static void own_free(struct machine *m)
{
	free(m->data);
}

static const struct machine_ops own_machine_ops = {
	.get_set = own_get_set,
	.set_set = own_set_set,
	.read_memory = own_read_memory,
	.write_memory = own_write_memory,
	.translate = own_translate,
	.add_bp = own_add_bp,
	.del_bp = own_del_bp,
	.run = own_run,
	.kick = own_kick,
	.kill = own_kill,
	.reset = own_reset,
	.free = own_free,
};

int backend_own(struct machine *m, const struct vgdb_ops *ops, void *context)
{
	struct own *own = calloc(1, sizeof(*own));
	int result;

	if (!own)
		return -ENOMEM;
	own->context = context;
	result = backend_copy_ops(&own->ops, ops);
	if (!result && (!own->ops.get_regs || !own->ops.set_regs || !own->ops.read_memory ||
			!own->ops.write_memory))
		result = -EINVAL;
	if (!result)
		result = machine_init(m, &own_machine_ops, own);
	if (result < 0)
		free(own);
	return result;
}
