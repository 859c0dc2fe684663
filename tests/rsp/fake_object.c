// SPDX-License-Identifier: GPL-2.0-only
/* Conditions, actions and records of the fake target's objects. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_bytecode.h"
#include "fake_object.h"
#include "fake_vms.h"

static void broken(const char *what)
{
	fprintf(stderr, "fake: CONTRACT BROKEN in options: %s\n", what);
	abort();
}

#define contract(condition)	((condition) ? (void)0 : broken(#condition))

/* ---- objects ---- */

static void check(const struct vmxdbg_options *o)
{
	static const uint64_t zero[3];

	contract(o->action <= VMXDBG_ACTION_RECORD);
	contract(!(o->cpl_mask & ~15U));
	contract(o->vcpu_words <= VMXDBG_VCPU_WORDS && !o->vcpu_words == !o->vcpu_set);
	contract(!memcmp(o->reserved, zero, sizeof(zero)));
	contract(o->cond_len <= VMXDBG_CODE_MAX && o->record_len <= VMXDBG_CODE_MAX);
	contract(!(o->record_flags & ~VMXDBG_RECORD_GENERAL));
	if (o->action != VMXDBG_ACTION_RECORD)
		contract(!o->record_len && !o->record_flags);
}

static void *compile(uint64_t code, uint32_t len, bool trace, bool *refused)
{
	void *program = len ? fake_compile((void *)(uintptr_t)code, len, trace) : NULL;

	*refused |= len && !program;
	return program;
}

int fake_object_init(struct fake_object *o, const struct vmxdbg_options *options)
{
	bool refused = false;

	*o = (struct fake_object){ 0 };
	if (!options)
		return 0;
	check(options);
	o->action = options->action;
	o->cpl_mask = options->cpl_mask;
	o->ignore = options->ignore;
	o->record_flags = options->record_flags;
	o->cond = compile(options->cond, options->cond_len, false, &refused);
	o->record = compile(options->record, options->record_len, true, &refused);
	o->vcpu_words = options->vcpu_words;
	if (o->vcpu_words) {
		o->vcpus = calloc(o->vcpu_words, sizeof(*o->vcpus));
		contract(o->vcpus);
		memcpy(o->vcpus, (void *)(uintptr_t)options->vcpu_set,
		       o->vcpu_words * sizeof(*o->vcpus));
	}
	if (!refused)
		return 0;
	fake_object_free(o);
	return -EINVAL;
}

void fake_object_free(struct fake_object *o)
{
	fake_program_free(o->cond);
	fake_program_free(o->record);
	free(o->vcpus);
	*o = (struct fake_object){ 0 };
}

bool fake_object_counts(const struct fake_object *o, uint64_t mask, uint32_t vcpu)
{
	/* The stub gives a set in place of a mask, and only where it needs one. */
	contract(!o->vcpu_words || (!mask && o->vcpu_words > 1));
	if (o->vcpu_words)
		return vcpu / 64 < o->vcpu_words && (o->vcpus[vcpu / 64] >> vcpu % 64 & 1);
	return !mask || (vcpu < 64 && (mask >> vcpu & 1));
}

int fake_object_vcpus(const struct fake_object *o, uint64_t *words, uint32_t count)
{
	contract(count >= o->vcpu_words);
	if (o->vcpu_words)
		memcpy(words, o->vcpus, o->vcpu_words * sizeof(*words));
	return o->vcpu_words;
}

/* ---- the ring: records in a list, as many as fit into its size ---- */

struct entry {
	struct entry *next;
	struct vmxdbg_record record;
};

static struct {
	uint32_t size;
	uint32_t used;
	uint64_t lost;
	struct entry *first;
	struct entry *last;
	struct entry *shown;	/* the last result of fake_ring_next() */
} rings[FAKE_VMS_MAX];

#define ring	(rings[fake_vm])

int fake_ring_open(uint32_t size)
{
	contract(size >= VMXDBG_RING_MIN && size <= VMXDBG_RING_MAX && !(size & (size - 1)));
	if (ring.size)
		return -EBUSY;
	ring.size = size;
	ring.lost = 0;
	return 0;
}

const struct vmxdbg_record *fake_ring_next(void)
{
	contract(ring.size);
	free(ring.shown);
	ring.shown = ring.first;
	if (!ring.shown)
		return NULL;
	ring.first = ring.shown->next;
	ring.used -= ring.shown->record.size;
	return &ring.shown->record;
}

void fake_ring_close(void)
{
	if (!ring.size)
		return;
	while (fake_ring_next())
		;
	ring.size = 0;
}

uint64_t fake_ring_lost(void)
{
	return ring.lost;
}

/* A record being made. */
struct making {
	const struct fake_view *view;
	struct fake_object *object;
	uint8_t *data;
	size_t len;
	unsigned int blocks;
	unsigned int bytes;
};

static void put(struct making *m, const void *data, size_t len)
{
	size_t padded = (len + 7) / 8 * 8;

	m->data = realloc(m->data, m->len + padded);
	contract(m->data || !padded);
	if (!padded)
		return;
	memset(m->data + m->len, 0, padded);
	memcpy(m->data + m->len, data, len);
	m->len += padded;
}

static void commit(struct making *m)
{
	size_t size = sizeof(struct vmxdbg_record) + m->len;
	struct entry *entry;

	if (m->object->record_flags & VMXDBG_RECORD_GENERAL)
		size += sizeof(struct kvm_regs);
	if (size > ring.size - ring.used) {
		ring.lost++;
		return;
	}
	entry = calloc(1, sizeof(*entry) + size);
	contract(entry);
	entry->record = (struct vmxdbg_record){
		.size = size, .flags = m->object->record_flags, .vcpu = m->view->vcpu,
		.id = m->view->id, .rip = m->view->rip,
	};
	size = 0;
	if (m->object->record_flags & VMXDBG_RECORD_GENERAL) {
		memcpy(&entry->record + 1, m->view->general, sizeof(struct kvm_regs));
		size = sizeof(struct kvm_regs);
	}
	if (m->len)
		memcpy((char *)(&entry->record + 1) + size, m->data, m->len);
	ring.used += entry->record.size;
	if (ring.first)
		ring.last->next = entry;
	else
		ring.first = entry;
	ring.last = entry;
}

/* ---- what bytecode sees ---- */

static const struct fake_view *view_of(void *context)
{
	return ((struct making *)context)->view;
}

static int view_reg(void *context, unsigned int number, unsigned long long *value)
{
	const struct kvm_regs *r = view_of(context)->general;
	const struct kvm_sregs *s = view_of(context)->system;
	const struct kvm_debugregs *d = view_of(context)->debug;
	const unsigned long long all[] = {
		r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp, r->rsp,
		r->r8, r->r9, r->r10, r->r11, r->r12, r->r13, r->r14, r->r15,
		view_of(context)->rip, r->rflags, s->cs.selector, s->ss.selector,
		s->ds.selector, s->es.selector, s->fs.selector, s->gs.selector,
	};
	const unsigned long long more[] = {
		s->fs.base, s->gs.base, s->cr0, s->cr2, s->cr3, s->cr4, s->cr8, s->efer,
		d->db[0], d->db[1], d->db[2], d->db[3], d->dr6, d->dr7,
		s->gdt.base, s->gdt.limit, s->idt.base, s->idt.limit,
		s->ldt.selector, s->tr.selector,
	};

	*value = number < 24 ? all[number] : more[number - 57];
	return 0;
}

static int view_mem(void *context, unsigned long long addr, void *data, unsigned int len,
		    bool physical)
{
	const void *at = view_of(context)->memory(addr, len);

	if (!at)
		return -ENXIO;
	memcpy(data, at, len);
	return 0;
}

static int view_var(void *context, unsigned int number, unsigned long long *value)
{
	struct making *m = context;

	switch (number) {
	case VMXDBG_VAR_HITS:
		*value = m->object->hits - !!m->object->record;
		break;
	case VMXDBG_VAR_VCPU:
		*value = m->view->vcpu;
		break;
	case VMXDBG_VAR_ADDR:
		*value = m->view->addr;
		break;
	default:
		*value = 0;
	}
	return 0;
}

static int view_trace(void *context, unsigned long long addr, unsigned long long len,
		      bool string, bool variable)
{
	struct making *m = context;
	struct vmxdbg_record_block block = { .addr = addr, .len = len };
	unsigned long long value = 0;
	const void *from = &value;

	if (variable) {
		view_var(context, addr, &value);
		block.flags = VMXDBG_BLOCK_VARIABLE;
	} else {
		if (string) {
			for (block.len = 0; block.len < len; block.len++) {
				from = m->view->memory(addr + block.len, 1);
				if (!from || !*(const char *)from)
					break;
			}
			block.len += from && block.len < len;
		}
		from = m->view->memory(addr, block.len);
		if (!from)
			block.flags = VMXDBG_BLOCK_MISSING;
	}
	if (len > VMXDBG_RECORD_BYTES - m->bytes || m->blocks == VMXDBG_RECORD_BLOCKS)
		return -E2BIG;
	m->blocks++;
	m->bytes += block.len;
	put(m, &block, sizeof(block));
	if (from)
		put(m, from, block.len);
	return 0;
}

/* ---- hits ---- */

static int run(void *program, struct making *m, unsigned long long *result)
{
	struct fake_sight sight = {
		.reg = view_reg, .mem = view_mem, .var = view_var, .trace = view_trace,
		.context = m,
	};

	switch (fake_run(program, &sight, result)) {
	case 0:
		return 0;
	case -ENXIO:
		return -VMXDBG_ERROR_MEMORY;
	case -EDOM:
		return -VMXDBG_ERROR_DIVIDE;
	case -ELOOP:
		return -VMXDBG_ERROR_BUDGET;
	default:
		return -VMXDBG_ERROR_SIZE;
	}
}

int fake_object_hit(struct fake_object *o, const struct fake_view *view)
{
	struct making m = { .view = view, .object = o };
	unsigned long long result = 1;
	int error;

	if (o->cpl_mask && !(o->cpl_mask >> view->system->ss.dpl & 1))
		return 0;
	error = o->cond ? run(o->cond, &m, &result) : 0;

	if (error || !result)
		return error;
	if (o->hits++ < o->ignore)
		return 0;
	if (o->action == VMXDBG_ACTION_STOP)
		return 1;
	if (o->action == VMXDBG_ACTION_COUNT || !ring.size)
		return 0;
	if (o->record)
		error = run(o->record, &m, &result);
	if (!error)
		commit(&m);
	free(m.data);
	return error;
}
