// SPDX-License-Identifier: MIT
/* The existing vCPUs, and their names on the wire. */
#include <errno.h>
#include <stdlib.h>

#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "wire/parse.h"

bool vcpu_exists(const struct stub *s, int vcpu)
{
	return vcpu_set_has(&s->exist, vcpu);
}

int vcpu_first(const struct stub *s)
{
	return vcpu_set_is_empty(&s->exist) ? 0 : vcpu_set_next(&s->exist, 0);
}

bool vcpu_is_alone(const struct stub *s)
{
	return !vcpu_set_is_empty(&s->exist) && s->exist.end == vcpu_first(s) + 1;
}

bool vcpu_enter(struct stub *s, int vcpu)
{
	if (!s->vcpus[vcpu])
		s->vcpus[vcpu] = calloc(1, sizeof(*s->vcpus[vcpu]));
	if (!s->vcpus[vcpu])
		return false;
	vcpu_set_add(&s->exist, vcpu);
	return true;
}

void vcpu_begin(struct stub *s, int vcpu, bool runs)
{
	struct vcpu *v = s->vcpus[vcpu];

	v->runs = runs;
	v->how = (struct vmxdbg_resume){ .vcpu = vcpu };
	v->action.kind = ACTION_NONE;
	v->pending = v->passed = v->ran = false;
	v->why = (struct vcpu_event){ .event.vcpu = vcpu, .caught = NO_CATCH };
}

/* A vCPU that the VMM has created runs, unless all were stopped. */
static void note_new(struct stub *s, int vcpu)
{
	struct vmxdbg_vcpu state;

	vcpu_begin(s, vcpu, target_call(s->target, vcpu, vcpu, &state) == 0 &&
			    state.state == VMXDBG_VCPU_RUNNING);
}

/* Read the numbers of all vCPUs, of which @mask are the first 64. */
static void read_numbers(struct stub *s, uint64_t mask, struct vcpu_set *now)
{
	uint32_t *numbers = NULL;
	int i, count = target_call(s->target, vcpus, &numbers);

	for (i = 0; i < count; i++)
		if (numbers[i] < VCPUS_MAX)
			vcpu_set_add(now, numbers[i]);
	free(numbers);
	for (; count < 0 && mask; mask &= mask - 1)
		vcpu_set_add(now, __builtin_ctzll(mask));
}

/* Most VMs have no vCPU above 63, so a call tells all. Return: 0 or a negative errno. */
static int read_vcpus(struct stub *s, struct vcpu_set *now)
{
	struct vmxdbg_info info;
	uint64_t mask;
	int result = target_call(s->target, info, &info);

	if (result == -EOPNOTSUPP) {
		vcpu_set_add(now, 0);
		s->vm = 1;
		return 0;
	}
	if (result < 0)
		return result;
	s->vm = info.vm;
	if (info.vcpus > (unsigned int)__builtin_popcountll(info.vcpu_mask))
		read_numbers(s, info.vcpu_mask, now);
	else
		for (mask = info.vcpu_mask; mask; mask &= mask - 1)
			vcpu_set_add(now, __builtin_ctzll(mask));
	return 0;
}

void vcpus_refresh(struct stub *s, struct vcpu_set *new)
{
	struct vcpu_set now = { .end = 0 }, before = s->exist;
	int vcpu;

	if (new)
		*new = (struct vcpu_set){ .end = 0 };
	if (read_vcpus(s, &now) < 0)
		return;
	s->exist = (struct vcpu_set){ .end = 0 };
	for_each_vcpu_of(&now, vcpu) {
		if (!vcpu_enter(s, vcpu) || vcpu_set_has(&before, vcpu))
			continue;
		note_new(s, vcpu);
		if (new)
			vcpu_set_add(new, vcpu);
	}
}

void vcpus_put_ranges(const struct vcpu_set *set, struct buf *out)
{
	const char *separator = "";
	int first, last;

	for (first = vcpu_set_next(set, 0); first < VCPUS_MAX;
	     first = vcpu_set_next(set, last + 1)) {
		for (last = first; vcpu_set_has(set, last + 1); last++)
			;
		buf_printf(out, last > first ? "%s%d-%d" : "%s%d", separator, first, last);
		separator = ", ";
	}
}

void vcpu_put_thread(const struct stub *s, unsigned int vcpu, struct buf *out)
{
	if (s->multiprocess)
		buf_printf(out, "p%x.", s->vm);
	buf_printf(out, "%x", vcpu + 1);
}

int vcpu_parse_thread(struct stub *s, const char **text, int *vcpu)
{
	const char *p = *text;
	uint64_t vm;

	*vcpu = THREAD_ALL;
	if (!parse_char(&p, 'p')) {
		if (!parse_thread(text, vcpu))
			return reply_malformed(s);
		return 0;
	}
	/* pVM, pVM.THREAD, p-1 and p0 in either place: any or all */
	if (parse_char(&p, '-')) {
		if (!parse_char(&p, '1'))
			return reply_malformed(s);
	} else if (!parse_hex(&p, &vm)) {
		return reply_malformed(s);
	} else if (vm && vm != s->vm) {
		return reply_error(s, -ESRCH, "VM %llu is not attached",
				   (unsigned long long)vm);
	}
	if (parse_char(&p, '.') && !parse_thread(&p, vcpu))
		return reply_malformed(s);
	*text = p;
	return 0;
}
