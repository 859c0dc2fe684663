// SPDX-License-Identifier: MIT
/* The existing vCPUs, and their names on the wire. */
#include <errno.h>

#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "wire/parse.h"

bool vcpu_exists(const struct stub *s, int vcpu)
{
	return vcpu >= 0 && vcpu < VCPUS_MAX && s->vcpu_mask >> vcpu & 1;
}

int vcpu_first(const struct stub *s)
{
	return s->vcpu_mask ? __builtin_ctzll(s->vcpu_mask) : 0;
}

/* A vCPU that the VMM has created runs, unless all were stopped. */
static void note_new(struct stub *s, uint64_t new)
{
	struct vmxdbg_vcpu state;
	int i;

	for (i = 0; i < VCPUS_MAX; i++) {
		struct vcpu *v = &s->vcpus[i];

		if (!(new >> i & 1))
			continue;
		v->runs = target_call(s->target, vcpu, i, &state) == 0 &&
			  state.state == VMXDBG_VCPU_RUNNING;
		v->how = (struct vmxdbg_resume){ .vcpu = i };
		v->pending = v->passed = false;
		v->why = (struct vcpu_event){ .event.vcpu = i, .caught = NO_CATCH };
	}
}

uint64_t vcpus_refresh(struct stub *s)
{
	struct vmxdbg_info info;
	int result = target_call(s->target, info, &info);
	uint64_t before = s->vcpu_mask;

	if (!result) {
		s->vcpu_mask = info.vcpu_mask;
		s->vm = info.vm;
	} else if (result == -EOPNOTSUPP) {
		s->vcpu_mask = 1;
		s->vm = 1;
	}
	note_new(s, s->vcpu_mask & ~before);
	return s->vcpu_mask & ~before;
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
