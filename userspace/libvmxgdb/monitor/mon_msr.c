// SPDX-License-Identifier: MIT
/* The monitor command for model-specific registers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/msr_names.h"
#include "guest/reg_cache.h"
#include "guest/reg_sets.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "monitor/monitor_command.h"

static void put_msr(const struct kvm_msr_entry *msr, struct buf *out)
{
	const char *name = msr_name(msr->index);

	buf_printf(out, "0x%08x %-20s 0x%016llx\n", msr->index, name ? name : "-",
		   ull(msr->data));
}

/* Return: 0 for a number of 32 bits, or a known name. */
static int parse_msr(struct stub *s, const char *text, uint32_t *index)
{
	uint64_t number;

	if (!monitor_number(text, &number) && !msr_find(text, &number))
		return reply_error(s, -EINVAL, "there is no MSR with the name \"%.40s\"", text);
	if (number > UINT32_MAX)
		return reply_error(s, -EINVAL, "the number of an MSR has 32 bits");
	*index = number;
	return 0;
}

/* ---- all of them ---- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The target cannot list its MSRs: try those with names. */
static int list_named(uint32_t *indices, uint32_t room)
{
	uint32_t i, count = 0;

	for (i = 0; i < room && msr_named(i) >= 0; i++)
		indices[count++] = msr_named(i);
	qsort(indices, count, sizeof(*indices), compare);
	for (i = 1, room = count, count = !!count; i < room; i++)
		if (indices[i] != indices[count - 1])
			indices[count++] = indices[i];
	return count;
}

/* Read @count MSRs, and show those that the guest has. */
static int show_some(struct stub *s, const uint32_t *indices, uint32_t count)
{
	struct kvm_msr_entry entries[VMXDBG_MSRS_MAX] = { 0 };
	uint32_t i, next, done;
	struct buf text;
	int result;

	if (!buf_init(&text, 1 << 16))
		return -ENOMEM;
	for (i = 0; i < count; i++)
		entries[i].index = indices[i];
	for (next = 0; next < count; next += done + 1) {
		done = 0;
		result = target_call(s->target, get_msrs, s->general, entries + next,
				     count - next, &done);
		if (result < 0 && result != -EINVAL)
			break;
		for (i = next; i < next + done && i < count; i++)
			put_msr(&entries[i], &text);
	}
	reply_text(s, text.data, text.len);
	buf_free(&text);
	return next < count ? result : 0;
}

#define LIST_MAX	4096

static int show_all(struct stub *s)
{
	uint32_t *indices = calloc(LIST_MAX, sizeof(*indices));
	int i, count, some, result = 0;

	if (!indices)
		return -ENOMEM;
	count = target_call(s->target, list_msrs, s->general, indices, LIST_MAX);
	if (count == -EOPNOTSUPP)
		count = list_named(indices, LIST_MAX);
	if (count > LIST_MAX)
		count = LIST_MAX;
	for (i = 0; i < count && result == 0; i += some) {
		some = count - i < VMXDBG_MSRS_MAX ? count - i : VMXDBG_MSRS_MAX;
		result = show_some(s, indices + i, some);
	}
	free(indices);
	return count < 0 ? count : result;
}

/* ---- one ---- */

static int show_one(struct stub *s, uint32_t index)
{
	struct kvm_msr_entry entry = { .index = index };
	BUF_ON_STACK(text, 200);
	uint32_t done;
	int result = target_call(s->target, get_msrs, s->general, &entry, 1, &done);

	if (result == -EINVAL)
		return reply_error(s, -ENXIO, "the guest has no MSR 0x%x", index);
	if (result < 0)
		return result;
	put_msr(&entry, &text);
	reply_text(s, text.data, text.len);
	return 0;
}

static int write_one(struct stub *s, uint32_t index, const char *value)
{
	struct kvm_msr_entry entry = { .index = index };
	uint32_t done, refused = 0;
	uint64_t number;
	int result = monitor_address(s, value, &number);

	if (result < 0)
		return result;
	entry.data = number;
	result = target_call(s->target, set_msrs, s->general, &entry, 1, &done, &refused);
	reg_cache_forget(s, s->general);
	if (result == -EINVAL && !refused)
		refused = VMXDBG_REFUSED_VALUE;
	return result < 0 ? reg_refused(s, result, refused) : show_one(s, index);
}

static int mon_msr(struct stub *s, int argc, char **argv)
{
	uint32_t index = 0;
	int result;

	if (argc > 3)
		return monitor_usage(s);
	/* The vCPU is stopped, or there is a reason. */
	result = reg_cache_load(s, s->general, 0);
	if (result < 0 || argc == 1)
		return result < 0 ? result : show_all(s);
	result = parse_msr(s, argv[1], &index);
	if (result < 0)
		return result;
	return argc == 2 ? show_one(s, index) : write_one(s, index, argv[2]);
}

const struct monitor_command monitor_msr[] = {
	{ "msr", "[NAME|NUMBER [VALUE]]", "show or write model-specific registers of the vCPU",
	  .more = "Without NAME, show all that the guest has. NAME is as in \"lstar\" or\n"
		  "\"IA32_SYSENTER_EIP\". A VALUE with which the guest could not run is refused.\n"
		  "gdb shows registers that it has read before until the next stop, or until\n"
		  "\"maint flush register-cache\".",
	  .handler = mon_msr },
	{ 0 },
};
