// SPDX-License-Identifier: MIT
/* Tracepoints whose hits stop the vCPU for a moment. */
#include <stdlib.h>
#include <string.h>

#include "guest/agent_code.h"
#include "guest/agent_run.h"
#include "guest/agent_vars.h"
#include "guest/bp_code.h"
#include "guest/reg_cache.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/trace_action.h"
#include "guest/trace_frame.h"
#include "guest/trace_needs.h"
#include "guest/trace_stops.h"

/* ---- the world of expressions ---- */

/* Memory of one action: longer ones are not a frame's. */
#define BLOCK_MAX	0xffff

/**
 * struct collecting - a frame being made
 * @s: stub
 * @p: tracepoint
 * @vcpu: stopped vCPU
 * @data: data of the frame; NULL: a condition is evaluated
 * @physical: the variable of the target: memory is that of physical addresses
 * @head: its frame; must be last
 */
struct collecting {
	struct stub *s;
	struct trace_point *p;
	unsigned int vcpu;
	struct buf *data;
	bool physical;
	struct trace_frame head;
};

static ssize_t read_memory(struct collecting *c, uint64_t addr, void *data, size_t len)
{
	if (len && addr + len - 1 < addr)
		len = -addr;
	return c->s->target->ops->read_mem(c->s->target, c->physical ? 0 : c->vcpu,
					   c->physical ? VMXDBG_MEM_PHYSICAL : 0, addr, data,
					   len);
}

static const char no_memory[] = "an expression reads memory that is not there";

static const char *world_reg(void *context, unsigned int number, uint64_t *value)
{
	struct collecting *c = context;
	const struct reg *reg = layout_reg(c->s->layout, number);
	uint8_t bytes[REG_BYTES_MAX] = { 0 };
	int i;

	if (!reg || reg->bits > 64 || reg_cache_load(c->s, c->vcpu, reg->sets) < 0 ||
	    reg_missing(reg, &c->s->vcpus[c->vcpu]->regs))
		return "the target has no such register";
	reg_get(reg, &c->s->vcpus[c->vcpu]->regs, bytes);
	*value = 0;
	for (i = reg->bits / 8; i--;)
		*value = *value << 8 | bytes[i];
	return NULL;
}

static const char *world_memory(void *context, uint64_t addr, void *data, size_t len)
{
	struct collecting *c = context;

	return read_memory(c, addr, data, len) == (ssize_t)len ? NULL : no_memory;
}

static const char *world_get(void *context, unsigned int number, uint64_t *value)
{
	struct collecting *c = context;
	const struct trace_var *v = agent_vars_find(&c->s->trace, number);

	*value = 0;
	if (number == VMXDBG_VAR_HITS)
		*value = c->p->hits;
	else if (number == VMXDBG_VAR_VCPU)
		*value = c->vcpu;
	else if (number == VMXDBG_VAR_PHYSICAL)
		*value = c->physical;
	else if (v)
		*value = v->value;
	else if (!agent_vars_name(number))
		return "there is no such trace state variable";
	return NULL;
}

static const char *world_set(void *context, unsigned int number, uint64_t value)
{
	struct collecting *c = context;
	struct trace_var *v = agent_vars_find(&c->s->trace, number);

	if (number == VMXDBG_VAR_PHYSICAL)
		c->physical = value;
	else if (v)
		v->value = value;
	return NULL;
}

static void put_memory(struct collecting *c, uint64_t addr, size_t len, bool string)
{
	uint8_t *bytes = malloc(len);
	ssize_t n = bytes ? read_memory(c, addr, bytes, len) : 0;

	/* Missing memory is missing in the frame, and no error. */
	if (n > 0 && string && memchr(bytes, 0, n))
		n = (uint8_t *)memchr(bytes, 0, n) - bytes + 1;
	if (n > 0)
		trace_put_memory(c->data, addr, bytes, n);
	free(bytes);
}

static const char *world_trace(void *context, uint64_t addr, uint64_t len, bool string)
{
	struct collecting *c = context;

	if (len > BLOCK_MAX)
		return "more memory is collected than fits into a frame";
	if (c->data && len)
		put_memory(c, addr, len, string);
	return NULL;
}

static const char *world_trace_var(void *context, unsigned int number)
{
	struct collecting *c = context;
	uint64_t value;
	const char *why = world_get(c, number, &value);

	/* Variables of the user are in each frame. */
	if (!why && c->data && agent_vars_name(number))
		trace_put_var(c->data, number, value);
	return why;
}

static const char *run(struct collecting *c, const uint8_t *code, size_t len, uint64_t *result)
{
	const struct agent_world world = {
		.reg = world_reg, .memory = world_memory, .get_var = world_get,
		.set_var = world_set, .trace = world_trace, .trace_var = world_trace_var,
		.context = c,
	};

	return agent_run(code, len, &world, result);
}

/* ---- frames ---- */

static const char *find_register(void *context, struct trace_action *a)
{
	return a->kind == 'R' ? "" : NULL;
}

/* Registers that the actions want: bit n of @known: register n. */
static const char *note_registers(void *context, struct trace_action *a)
{
	struct collecting *c = context;
	unsigned int i;

	for (i = 0; a->kind == 'R' && i < TRACE_REGS_MAX && layout_g_reg(c->s->layout, i);
	     i++)
		if (trace_action_has(a, i))
			c->head.known[i / 64] |= 1ULL << i % 64;
	return NULL;
}

static void put_registers(struct collecting *c, const struct trace_text *actions)
{
	uint8_t bytes[REG_BYTES_MAX];
	const struct reg *reg;
	unsigned int i;

	if (!trace_actions_each(actions, find_register, NULL))
		return;
	trace_actions_each(actions, note_registers, c);
	buf_puts(c->data, "R");
	for (i = 0; (reg = layout_g_reg(c->s->layout, i)); i++) {
		memset(bytes, 0, sizeof(bytes));
		if (i < TRACE_REGS_MAX && (c->head.known[i / 64] >> i % 64 & 1)) {
			if (reg_cache_load(c->s, c->vcpu, reg->sets) == 0)
				reg_get(reg, &c->s->vcpus[c->vcpu]->regs, bytes);
			else
				c->head.known[i / 64] &= ~(1ULL << i % 64);
		}
		buf_add(c->data, bytes, reg->bits / 8);
	}
	c->head.regs = c->data->len - 1;
}

static const char *collect_action(void *context, struct trace_action *a)
{
	struct collecting *c = context;
	const char *why = NULL;
	uint64_t base = 0;

	if (a->kind == 'X')
		return run(c, a->code, a->len, &base);
	if (a->kind != 'M')
		return NULL;
	if (a->based)
		why = world_reg(c, a->base, &base);
	return why ? why : world_trace(c, base + a->offset, a->len, false);
}

/* Make a frame by @actions. */
static const char *make_frame(struct collecting *c, const struct trace_text *actions, bool hit)
{
	struct buf data;
	const char *why;

	if (!buf_init(&data, TRACE_FRAME_MAX))
		return "there is no memory for a frame";
	c->data = &data;
	put_registers(c, actions);
	why = trace_actions_each(actions, collect_action, c);
	trace_put_vars(c->s, &data);
	if (!why)
		trace_add_frame(c->s, c->p, &c->head, &data, hit);
	buf_free(&data);
	return why;
}

static const char *is_true(struct collecting *c, bool *result)
{
	uint8_t code[VMXDBG_CODE_MAX];
	const char *at = c->p->cond, *why;
	uint64_t value = 0;
	size_t len;

	*result = true;
	if (!trace_needs_condition(c->s, c->p) || !bp_code_next(&at, code, &len))
		return NULL;
	why = run(c, code, len, &value);
	*result = value;
	return why;
}

static const char *collect_hit(struct collecting *c)
{
	bool wanted;
	const char *why = is_true(c, &wanted);

	if (why || !wanted)
		return why;
	why = make_frame(c, c->p->actions, true);
	if (c->p->steps && c->s->trace.running)
		c->p->left[c->vcpu] = c->p->steps;
	return why;
}

static const char *collect_step(struct collecting *c)
{
	c->p->left[c->vcpu]--;
	return make_frame(c, c->p->step_actions, false);
}

/* Let @f collect for @p at the event. */
static void collect(struct stub *s, struct trace_point *p, const struct vmxdbg_event *event,
		    const char *(*f)(struct collecting *c))
{
	struct collecting c = {
		.s = s, .p = p, .vcpu = event->vcpu,
		.head = { .number = p->number, .tracepoint = p->addr, .pc = event->rip },
	};
	const char *why = NULL;

	if (s->trace.running)
		why = f(&c);
	if (why)
		trace_end_by_error(s, p, why);
}

/* The vCPU has stopped, though the debugger thinks that it runs. */
static void collect_all(struct stub *s, const struct vmxdbg_event *event)
{
	struct vcpu *v = s->vcpus[event->vcpu];
	bool runs = v->runs;
	struct trace_point *p;
	uint32_t i;

	v->runs = false;
	for (p = s->trace.points; p; p = p->next)
		if ((event->why & VMXDBG_WHY_STEP) && p->left && p->left[event->vcpu])
			collect(s, p, event, collect_step);
	for (i = 0; i < event->nr_bps && i < VMXDBG_EVENT_BPS; i++) {
		p = trace_by_id(s, event->bps[i]);
		if (p && p->stops)
			collect(s, p, event, collect_hit);
	}
	v->runs = runs;
}

/* ---- events ---- */

/* Return: whether the debugger has resumed the vCPU so that this is the end of its step. */
static bool ends_step(const struct vcpu *v, uint64_t rip)
{
	if (!(v->how.flags & VMXDBG_RESUME_STEP))
		return false;
	return !(v->how.flags & VMXDBG_RESUME_RANGE) || rip < v->how.range_start ||
	       rip >= v->how.range_end;
}

static bool all_traced(const struct stub *s, const struct vmxdbg_event *event)
{
	uint32_t i;

	for (i = 0; i < event->nr_bps && i < VMXDBG_EVENT_BPS; i++) {
		const struct trace_point *p = trace_by_id(s, event->bps[i]);

		if (!p || !p->stops)
			return false;
	}
	return event->nr_bps;
}

bool trace_stops_event(struct stub *s, const struct vmxdbg_event *event)
{
	const struct vcpu *v = s->vcpus[event->vcpu];
	bool traced = true;

	if (event->why & VMXDBG_WHY_BREAKPOINT)
		traced = all_traced(s, event);
	if (s->trace.stops && (event->why & (VMXDBG_WHY_STEP | VMXDBG_WHY_BREAKPOINT)))
		collect_all(s, event);
	if (event->why & ~(VMXDBG_WHY_STEP | VMXDBG_WHY_BREAKPOINT) || !event->why)
		return false;
	return traced && !((event->why & VMXDBG_WHY_STEP) && ends_step(v, event->rip));
}

bool trace_stops_stepping(const struct stub *s, unsigned int vcpu)
{
	const struct trace_point *p;

	for (p = s->trace.stops ? s->trace.points : NULL; p; p = p->next)
		if (p->left && p->left[vcpu])
			return true;
	return false;
}

struct vmxdbg_resume trace_stops_how(const struct stub *s, unsigned int vcpu)
{
	struct vmxdbg_resume how = s->vcpus[vcpu]->how;

	/* Steps of these kinds are the module's, and single ones would not end there. */
	if ((how.flags & (VMXDBG_RESUME_BRANCH | VMXDBG_RESUME_RETURN)) ||
	    !trace_stops_stepping(s, vcpu))
		return how;
	how.flags = (how.flags & ~VMXDBG_RESUME_RANGE) | VMXDBG_RESUME_STEP;
	if (s->step_irqs)
		how.flags |= VMXDBG_RESUME_IRQS;
	how.range_start = how.range_end = 0;
	return how;
}
