// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "guest/address_space.h"
#include "guest/record_ring.h"
#include "guest/reply.h"
#include "guest/vcpus.h"
#include "monitor/filter_words.h"
#include "monitor/monitor_command.h"

static int add_vcpu(struct stub *s, struct filters *f, uint64_t n)
{
	if (n >= VCPUS_MAX || !vcpu_exists(s, n))
		return reply_error(s, -ENOENT, "there is no vCPU %llu", ull(n));
	vcpu_set_add(&f->vcpus, n);
	return 0;
}

static int add_cpl(struct stub *s, struct filters *f, uint64_t n)
{
	if (n > 3)
		return reply_error(s, -EINVAL, "cpl is 0 to 3");
	f->options.cpl_mask |= 1U << n;
	return 0;
}

static int set_ignore(struct stub *s, struct filters *f, uint64_t n)
{
	f->options.ignore = n;
	return 0;
}

static int set_space(struct stub *s, struct filters *f)
{
	f->in_space = true;
	return address_space_of(s, s->general, &f->space);
}

static int set_count(struct stub *s, struct filters *f)
{
	f->options.action = VMXDBG_ACTION_COUNT;
	return 0;
}

static int set_record(struct stub *s, struct filters *f)
{
	f->options.action = VMXDBG_ACTION_RECORD;
	f->options.record_flags = VMXDBG_RECORD_GENERAL;
	return record_ring_open(s);
}

/* A word has a number behind it if it has @with. */
static const struct filter {
	const char *name;
	int (*with)(struct stub *s, struct filters *f, uint64_t n);
	int (*alone)(struct stub *s, struct filters *f);
} words[] = {
	{ "vcpu", .with = add_vcpu },
	{ "cpl", .with = add_cpl },
	{ "ignore", .with = set_ignore },
	{ "space", .alone = set_space },
	{ "count", .alone = set_count },
	{ "record", .alone = set_record },
};

static const struct filter *find(const char *word)
{
	const struct filter *w;

	for (w = words; w < words + sizeof(words) / sizeof(*words); w++)
		if (!strcmp(w->name, word))
			return w;
	return NULL;
}

static int condition(struct stub *s, int argc, char **argv, int first, struct filters *f)
{
	if (first == argc)
		return reply_error(s, -EINVAL, "a condition is missing behind \"if\"");
	return condition_compile(monitor_rest(argc, argv, first), &f->condition, s->error,
				 sizeof(s->error));
}

int filters_parse(struct stub *s, int argc, char **argv, int first, struct filters *f)
{
	const struct filter *w;
	uint64_t n;
	int i, result = 0;

	memset(f, 0, sizeof(*f));
	for (i = first; i < argc && result >= 0; i++) {
		if (!strcmp(argv[i], "if"))
			return condition(s, argc, argv, i + 1, f);
		w = find(argv[i]);
		if (!w)
			return reply_error(s, -EINVAL, "\"%.40s\" has no meaning here", argv[i]);
		if (w->alone) {
			result = w->alone(s, f);
			continue;
		}
		if (++i == argc || !monitor_number(argv[i], &n))
			return reply_error(s, -EINVAL, "a number is missing behind \"%s\"", w->name);
		result = w->with(s, f, n);
	}
	return result;
}

int filters_finish(struct filters *f, __u32 *flags, __u64 *vcpu_mask, __u64 *cr3,
		   __u64 *options)
{
	bool by_cr3 = false;
	int result = f->in_space ?
		     address_space_require(&f->space, &f->condition, &by_cr3) : 0;

	if (result < 0)
		return result;
	if (by_cr3) {
		*flags |= VMXDBG_BP_CR3;
		*cr3 = f->space.cr3;
	}
	f->options.cond_len = f->condition.len;
	f->options.cond = f->condition.len ? (uintptr_t)f->condition.code : 0;
	*vcpu_mask = f->vcpus.words[0];
	/* A target without sets takes a mask. */
	if (vcpu_set_words(&f->vcpus) > 1) {
		*vcpu_mask = 0;
		f->options.vcpu_words = vcpu_set_words(&f->vcpus);
		f->options.vcpu_set = (uintptr_t)f->vcpus.words;
	}
	*options = (uintptr_t)&f->options;
	return 0;
}
