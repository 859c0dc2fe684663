// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of vCPUs and of their VM, for a session. The vCPUs' threads write them without
 * a lock, so the sums of a running guest are not those of one moment.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/asm/vmx.h>

#include "debug/session_object.h"
#include "ioctl/session_stats.h"
#include "vcpu.h"
#include "vm.h"
#include "vmxdbg.h"

static void stats_add(struct vmxdbg_stats *stats, u64 *exits, const struct vcpu *vcpu)
{
	u64 failed = READ_ONCE(vcpu->failed_entries), nr;
	unsigned int i;

	for (i = 0; i < EXIT_REASONS; i++) {
		nr = READ_ONCE(vcpu->exits[i]);
		exits[i] += nr;
		stats->entries += nr;
	}
	stats->entries += failed;
	stats->failed_entries += failed;
	stats->vmm_exits += READ_ONCE(vcpu->vmm_exits);
	stats->ept_faults += READ_ONCE(vcpu->pf_taken);
}

static void stats_of_vm(struct vmxdbg_stats *stats, const struct vm *vm)
{
	/* The index is the level of the table. */
	stats->pages_4k = READ_ONCE(vm->pages[1]);
	stats->pages_2m = READ_ONCE(vm->pages[2]);
	stats->pages_1g = READ_ONCE(vm->pages[3]);
	stats->hooked_pages = READ_ONCE(vm->nr_hooks);
	stats->watched_ranges = READ_ONCE(vm->nr_watches);
	stats->followed_entries = READ_ONCE(vm->track.nr_ptes);
	stats->followed_spaces = READ_ONCE(vm->track.nr_roots);
}

/* Return: 0, or -ENOENT without such a vCPU. */
static int stats_sum(struct vm *vm, struct vmxdbg_stats *stats, u64 *exits)
{
	struct vcpu *vcpu;
	unsigned int i;

	if (stats->vcpu != VMXDBG_ALL_VCPUS) {
		vcpu = vm_vcpu(vm, stats->vcpu);
		if (!vcpu)
			return -ENOENT;
		stats_add(stats, exits, vcpu);
	} else {
		for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
			stats_add(stats, exits, vcpu);
	}
	stats->interrupts = exits[EXIT_REASON_EXTERNAL_INTERRUPT];
	stats_of_vm(stats, vm);
	return 0;
}

/* @arg: as the caller gave it, and checked */
static int stats_get(struct session *s, const struct vmxdbg_stats *arg, u64 *exits,
		     struct vmxdbg_stats __user *user)
{
	struct vmxdbg_stats stats = {
		.vcpu = arg->vcpu, .count = EXIT_REASONS, .exits = arg->exits };
	u32 nr = min_t(u32, arg->count, EXIT_REASONS);
	int r = stats_sum(s->vm, &stats, exits);

	if (r)
		return r;
	if (copy_to_user(u64_to_user_ptr(arg->exits), exits, nr * sizeof(*exits)) ||
	    copy_to_user(user, &stats, sizeof(stats)))
		return -EFAULT;
	return 0;
}

int session_get_stats(struct session *s, struct vmxdbg_stats __user *user)
{
	struct vmxdbg_stats arg;
	u64 *exits;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (memchr_inv(arg.reserved, 0, sizeof(arg.reserved))) {
		pr_debug_ratelimited("stats: reserved is not zero, vCPU %u\n", arg.vcpu);
		return -EINVAL;
	}
	exits = kcalloc(EXIT_REASONS, sizeof(*exits), GFP_KERNEL);
	if (!exits)
		return -ENOMEM;
	r = stats_get(s, &arg, exits, user);
	kfree(exits);
	return r;
}
