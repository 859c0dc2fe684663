// SPDX-License-Identifier: GPL-2.0-only
/* Event catches: add and remove them, and match them with events. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/catch.h"
#include "debug/dbg_object.h"
#include "debug/post.h"
#include "debug/session_object.h"
#include "irq/lapic_accept.h"
#include "mmu/memslot.h"
#include "mmu/request.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define DIRECTIONS	(VMXDBG_CATCH_READ | VMXDBG_CATCH_WRITE)
#define SOURCES		(VMXDBG_FROM_TIMER | VMXDBG_FROM_LVT | VMXDBG_FROM_IPI |	\
			 VMXDBG_FROM_MSI | VMXDBG_FROM_IOAPIC | VMXDBG_FROM_PIC |	\
			 VMXDBG_FROM_VMM | VMXDBG_FROM_SESSION | VMXDBG_FROM_UNKNOWN)

/* ---- creation ---- */

static const struct {
	u64 last;		/* largest valid key */
	u32 filter;		/* valid flags of a direction or source */
	u32 proc, proc2;	/* execution controls that the processor must have */
} types[VMXDBG_CATCH_TYPES] = {
	[VMXDBG_CATCH_IO] = { 0xffff, DIRECTIONS },
	[VMXDBG_CATCH_MSR] = { U32_MAX, DIRECTIONS },
	[VMXDBG_CATCH_CR] = { 8, .proc = CPU_BASED_CR3_LOAD_EXITING },
	[VMXDBG_CATCH_CPUID] = { U32_MAX },
	[VMXDBG_CATCH_RDTSC] = { 1, .proc = CPU_BASED_RDTSC_EXITING },
	[VMXDBG_CATCH_HLT] = { 0 },
	[VMXDBG_CATCH_EXCEPTION] = { 31 },
	[VMXDBG_CATCH_INTERRUPT] = { 255, SOURCES },
	[VMXDBG_CATCH_VMCALL] = { U64_MAX },
	[VMXDBG_CATCH_TABLE] = { VMXDBG_TABLE_STR, .proc2 = SECONDARY_EXEC_DESC },
	[VMXDBG_CATCH_MMIO] = { U64_MAX, DIRECTIONS },
	[VMXDBG_CATCH_RESET] = { VMXDBG_RESET_VMM },
	[VMXDBG_CATCH_ENTRY] = { 0 },
	[VMXDBG_CATCH_EOI] = { 255 },
	[VMXDBG_CATCH_IPI] = { VMXDBG_IPI_SIPI | 0x1ff },
};

static int catch_check(const struct vmxdbg_catch *arg)
{
	if (arg->type >= VMXDBG_CATCH_TYPES || arg->reserved0 ||
	    memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return -EINVAL;
	if (arg->first > arg->last || arg->last > types[arg->type].last)
		return -EINVAL;
	if (arg->flags & ~(VMXDBG_BP_CR3 | types[arg->type].filter))
		return -EINVAL;
	if (arg->flags & VMXDBG_BP_CR3)
		return arg->cr3 & ~PAGE_MASK ? -EINVAL : 0;
	return arg->cr3 ? -EINVAL : 0;
}

/* Return: -EOPNOTSUPP without the controls, or for memory, which is watched, not caught. */
static int check_possible(struct session *s, const struct vmxdbg_catch *arg)
{
	if ((types[arg->type].proc & ~vmx_ctl.proc_allowed) ||
	    (types[arg->type].proc2 & ~vmx_ctl.proc2_allowed))
		return -EOPNOTSUPP;
	if (arg->type == VMXDBG_CATCH_MMIO &&
	    memslots_within(s->vm, arg->first, arg->last))
		return -EOPNOTSUPP;
	return 0;
}

static void catch_free(struct catch *c)
{
	dbg_object_destroy(&c->obj);
	kfree_rcu(c, obj.rcu);
}

static void catch_remove(struct session *s, struct dbg_object *obj)
{
	struct catch *c = container_of(obj, struct catch, obj);
	struct vm *vm = s->vm;

	hlist_del_rcu(&c->link);
	if (hlist_empty(&vm->catches[c->type]))
		WRITE_ONCE(vm->catch_types, vm->catch_types & ~BIT(c->type));
	vm_request(vm, REQ_CATCH);
	session_forget(s, obj);
	catch_free(c);
}

static void catch_describe(const struct dbg_object *obj, struct vmxdbg_object_info *info)
{
	const struct catch *c = container_of(obj, struct catch, obj);

	info->kind = VMXDBG_OBJECT_CATCH;
	info->type = c->type;
	info->flags |= c->filter == types[c->type].filter ? 0 : c->filter;
	info->first = c->first;
	info->last = c->last;
	info->armed = VMXDBG_ARMED_EXIT;
}

static const struct dbg_object_ops catch_ops = {
	.remove = catch_remove,
	.describe = catch_describe,
};

static struct catch *catch_alloc(const struct vmxdbg_catch *arg, struct dbg_object_options *options)
{
	struct catch *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);

	if (!c)
		return NULL;
	dbg_object_init(&c->obj, &catch_ops, options, !(arg->flags & VMXDBG_BP_CR3),
			arg->cr3);
	c->type = arg->type;
	c->filter = arg->flags & types[arg->type].filter;
	if (!c->filter)
		c->filter = types[arg->type].filter;
	c->first = arg->first;
	c->last = arg->last;
	return c;
}

/* Sources are known from now on. */
static void forget_sources(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (vcpu->lapic)
			lapic_forget_sources(vcpu);
}

static int catch_arm(struct session *s, struct catch *c)
{
	struct vm *vm = s->vm;
	int r = session_enter(s, &c->obj);

	if (r)
		return r;
	if (c->type == VMXDBG_CATCH_INTERRUPT && hlist_empty(&vm->catches[c->type]))
		forget_sources(vm);
	hlist_add_head_rcu(&c->link, &vm->catches[c->type]);
	WRITE_ONCE(vm->catch_types, vm->catch_types | BIT(c->type));
	vm_request(vm, REQ_CATCH);
	return 0;
}

int catch_add(struct session *s, struct vmxdbg_catch *arg)
{
	struct dbg_object_options options;
	struct catch *c;
	int r = catch_check(arg);

	if (r) {
		pr_debug_ratelimited("catch: type %u, flags %#x, %#llx to %#llx\n", arg->type,
				     arg->flags, arg->first, arg->last);
		return r;
	}
	r = check_possible(s, arg);
	if (r)
		return r;
	r = dbg_object_options_get(s->vm, &options, arg->options, arg->vcpu_mask);
	if (r)
		return r;
	c = catch_alloc(arg, &options);
	dbg_object_options_put(&options);
	if (!c)
		return -ENOMEM;
	r = catch_arm(s, c);
	if (r)
		catch_free(c);
	else
		arg->id = c->obj.id;
	return r;
}

/* ---- events ---- */

static bool means(const struct catch *c, const struct catch_what *what)
{
	return what->key >= c->first && what->key <= c->last &&
	       (!what->filter || (what->filter & c->filter));
}

static enum hit_result catch_hits(struct vcpu *vcpu, const struct catch_what *what,
				  struct hits *hits)
{
	enum hit_result r = HIT_GO;
	struct catch *c;

	pagefault_disable();
	rcu_read_lock();
	hlist_for_each_entry_rcu(c, &vcpu->vm->catches[what->type], link)
		if (means(c, what))
			r = hit_both(r, dbg_object_hit(vcpu, &c->obj, VMXDBG_WHY_CATCH, hits));
	rcu_read_unlock();
	pagefault_enable();
	return r;
}

/* Return: HIT_STOP, or HIT_GO if the session has ended. */
static enum hit_result catch_stop(struct vcpu *vcpu, const struct catch_what *what,
				  const struct hits *hits)
{
	struct vmxdbg_event part = {
		.why = hits->why | what->why, .nr_bps = hits->nr, .error = hits->error,
		.addr = hits->addr,
	};

	memcpy(part.bps, hits->ids, sizeof(part.bps));
	memcpy(part.data, what->data, sizeof(part.data));
	if (!post_event(vcpu, &part))
		return HIT_GO;
	vcpu->stepping &= ~STEP_SESSION;
	return HIT_STOP;
}

enum hit_result catch_ask_all(struct vcpu *vcpu, const struct catch_what *what, unsigned int nr)
{
	const struct catch_what *first = NULL;
	enum hit_result r = HIT_GO, one;
	struct hits hits = { };
	unsigned int i;

	hit_point_begin(vcpu);
	for (i = 0; i < nr; i++) {
		one = catch_hits(vcpu, &what[i], &hits);
		if (one == HIT_STOP && !first)
			first = &what[i];
		r = hit_both(r, one);
	}
	return r == HIT_STOP ? catch_stop(vcpu, first, &hits) : r;
}

enum hit_result catch_ask(struct vcpu *vcpu, const struct catch_what *what)
{
	return catch_ask_all(vcpu, what, 1);
}
