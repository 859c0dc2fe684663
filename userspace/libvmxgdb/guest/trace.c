// SPDX-License-Identifier: MIT
/* gdb's tracepoints: definitions, and the trace that collects at their hits. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest/agent_vars.h"
#include "guest/record_ring.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/trace_buffer.h"
#include "guest/trace_code.h"

/* ---- definitions ---- */

static void free_texts(struct trace_text *text)
{
	struct trace_text *next;

	for (; text; text = next) {
		next = text->next;
		free(text);
	}
}

static void free_point(struct trace_point *p)
{
	free(p->cond);
	free_texts(p->actions);
	free_texts(p->sources);
	free(p);
}

void trace_reset(struct stub *s)
{
	struct trace *t = &s->trace;
	struct trace_point *p;
	struct trace_var *v;

	while ((p = t->points)) {
		t->points = p->next;
		free_point(p);
	}
	while ((v = t->vars)) {
		t->vars = v->next;
		free(v);
	}
	trace_buffer_clear(&t->buffer);
	free(t->user);
	free(t->notes);
	*t = (struct trace){ .selected = -1, .buffer.limit = TRACE_BUFFER_SIZE,
			     .why = "tnotrun:0" };
}

struct trace_point *trace_find(const struct stub *s, uint64_t number, uint64_t addr)
{
	struct trace_point *p;

	for (p = s->trace.points; p; p = p->next)
		if (p->number == number && p->addr == addr)
			return p;
	return NULL;
}

struct trace_point *trace_add(struct stub *s, uint64_t number, uint64_t addr)
{
	struct trace_point **end = &s->trace.points;
	struct trace_point *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->number = number;
	p->addr = addr;
	while (*end)
		end = &(*end)->next;
	*end = p;
	return p;
}

bool trace_add_text(struct trace_text **list, const char *text)
{
	struct trace_text *new = calloc(1, sizeof(*new) + strlen(text) + 1);

	if (!new)
		return false;
	strcpy(new->text, text);
	while (*list)
		list = &(*list)->next;
	*list = new;
	return true;
}

bool trace_set_var(struct stub *s, uint64_t number, uint64_t value, const char *name)
{
	struct trace_var *v = agent_vars_find(&s->trace, number);
	struct trace_var **end = &s->trace.vars;

	if (v) {
		v->value = value;
		return true;
	}
	v = calloc(1, sizeof(*v) + strlen(name) + 1);
	if (!v)
		return false;
	v->number = number;
	v->value = value;
	strcpy(v->name, name);
	while (*end)
		end = &(*end)->next;
	*end = v;
	return true;
}

/* ---- the target's objects ---- */

void trace_remove(struct stub *s, struct trace_point *p)
{
	if (p->id)
		target_call(s->target, del_bp, p->id);
	p->id = 0;
}

void trace_remove_all(struct stub *s)
{
	struct trace_point *p;

	for (p = s->trace.points; p; p = p->next)
		trace_remove(s, p);
}

/* ---- the trace ---- */

uint64_t trace_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

void trace_stop(struct stub *s, const char *why, ...)
{
	struct trace *t = &s->trace;
	va_list args;

	if (!t->running)
		return;
	trace_remove_all(s);
	t->lost = s->target->ops->ring_lost(s->target) - t->lost_before;
	t->running = false;
	t->stopped = trace_clock();
	va_start(args, why);
	vsnprintf(t->why, sizeof(t->why), why, args);
	va_end(args);
}

static struct trace_point *find_id(const struct stub *s, uint32_t id)
{
	struct trace_point *p;

	for (p = s->trace.points; p; p = p->next)
		if (p->id == id && id)
			return p;
	return NULL;
}

void trace_failed(struct stub *s, uint32_t id, const char *why)
{
	const struct trace_point *p = find_id(s, id);
	BUF_ON_STACK(hex, 256);

	if (!p)
		return;
	buf_hex(&hex, why, strlen(why));
	trace_stop(s, "terror:%s:%llx", hex.data, (unsigned long long)p->number);
}

const struct trace_frame *trace_selected(const struct stub *s)
{
	return trace_buffer_frame(&s->trace.buffer, s->trace.selected);
}

/* ---- frames ---- */

static void put_little(struct buf *out, uint64_t value, int size)
{
	uint8_t bytes[8];
	int i;

	for (i = 0; i < size; i++)
		bytes[i] = value >> 8 * i;
	buf_add(out, bytes, size);
}

/* The general registers as if in 64-bit code, where the pc of a record is rip. */
static void take_general(const struct vmxdbg_record *record, struct vcpu_regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	regs->system.efer = 1 << 10;	/* LMA */
	regs->system.cs.l = 1;
	if (record->flags & VMXDBG_RECORD_GENERAL)
		memcpy(&regs->general, record + 1, sizeof(regs->general));
	regs->general.rip = record->rip;
}

/* Return: the value of a register that has a block for itself; moves *@block there. */
static bool own_block(const struct trace_point *p, unsigned int number,
		      const struct vmxdbg_record *record, uint64_t *value)
{
	const struct vmxdbg_record_block *block = NULL;
	unsigned int i;

	for (i = 0; i < p->nr_regs; i++) {
		block = record_block(record, block);
		if (!block)
			return false;
		*value = block->addr;
		if (p->regs[i] == number)
			return true;
	}
	return false;
}

static void put_registers(const struct stub *s, const struct trace_point *p,
			  const struct vmxdbg_record *record, struct trace_frame *head,
			  struct buf *out)
{
	uint8_t bytes[REG_BYTES_MAX];
	struct vcpu_regs regs;
	const struct reg *reg;
	unsigned int i;
	uint64_t value;
	bool known;

	if (!p->general && !p->nr_regs)
		return;
	take_general(record, &regs);
	buf_puts(out, "R");
	for (i = 0; (reg = layout_reg(s->layout, i)); i++) {
		memset(bytes, 0, sizeof(bytes));
		known = (p->general && trace_code_general(reg)) || reg->get == reg_linear_rip;
		if (known)
			reg_get(reg, &regs, bytes);
		else if (own_block(p, i, record, &value)) {
			known = true;
			memcpy(bytes, &value, sizeof(value));
		}
		if (known && i < TRACE_REGS_MAX)
			head->known[i / 64] |= 1ULL << i % 64;
		buf_add(out, bytes, reg->bits / 8);
	}
	head->regs = out->len - 1;
}

static void put_block(const struct vmxdbg_record_block *block, struct buf *out)
{
	const void *bytes = record_bytes(block);
	bool variable = block->flags & VMXDBG_BLOCK_VARIABLE;

	if (!bytes || !block->len)
		return;
	buf_puts(out, variable ? "V" : "M");
	put_little(out, block->addr, variable ? 4 : 8);
	if (!variable)
		put_little(out, block->len, 2);
	buf_add(out, bytes, block->len);
}

static void put_blocks(const struct trace_point *p, const struct vmxdbg_record *record,
		       struct buf *out)
{
	const struct vmxdbg_record_block *block = NULL;
	unsigned int i;

	for (i = 0; (block = record_block(record, block)); i++)
		if (i >= p->nr_regs)
			put_block(block, out);
}

/* The user's variables are constants, and a few: each frame has them. */
static void put_vars(const struct stub *s, struct buf *out)
{
	const struct trace_var *v;

	for (v = s->trace.vars; v; v = v->next) {
		buf_puts(out, "V");
		put_little(out, v->number, 4);
		put_little(out, v->value, 8);
	}
}

static void add_frame(struct stub *s, struct trace_point *p, const struct trace_frame *head,
		      const struct buf *data)
{
	struct trace *t = &s->trace;
	size_t dropped;

	if (data->full || !trace_buffer_add(&t->buffer, head, data->data, data->len, &dropped)) {
		trace_stop(s, "tfull:0");
		return;
	}
	/* The numbers of the frames have changed. */
	if (t->selected >= 0)
		t->selected = t->selected < (long)dropped ? -1 : t->selected - (long)dropped;
	p->hits++;
	p->usage += data->len + TRACE_HEAD;
	if (p->pass && p->hits >= p->pass)
		trace_stop(s, "tpasscount:%llx", (unsigned long long)p->number);
}

/* More than a record and all registers. */
#define FRAME_MAX	(1 << 16)

void trace_record(struct stub *s, const struct vmxdbg_record *record)
{
	struct trace_point *p = find_id(s, record->id);
	struct trace_frame head = { .pc = record->rip };
	struct buf data;

	if (!p || !s->trace.running || !buf_init(&data, FRAME_MAX))
		return;
	head.number = p->number;
	head.tracepoint = p->addr;
	put_registers(s, p, record, &head, &data);
	put_blocks(p, record, &data);
	put_vars(s, &data);
	add_frame(s, p, &head, &data);
	buf_free(&data);
}
