// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures over all VMs, in debugfs, by the names that KVM has for them:
 * /sys/kernel/debug/vmxdbg/{pf_taken,pages_4k,pages_2m,pages_1g}.
 */
#include <linux/debugfs.h>

#include "stat.h"
#include "vcpu.h"
#include "vm.h"

static struct dentry *dir;

static const char * const names[] = {
	"pf_taken",	/* EPT violations on memory or MMIO, since each VM's start */
	"pages_4k",	/* mapped now, in both views: index is the level */
	"pages_2m",
	"pages_1g",
};

struct sum {
	unsigned long nr;	/* of names[] */
	u64 total;
};

static int add_vm(struct vm *vm, void *arg)
{
	struct sum *sum = arg;
	unsigned int i;

	if (sum->nr) {
		sum->total += READ_ONCE(vm->pages[sum->nr]);
		return 0;
	}
	for (i = 0; i < VM_MAX_VCPUS; i++)
		if (vm_vcpu(vm, i))
			sum->total += READ_ONCE(vm_vcpu(vm, i)->pf_taken);
	return 0;
}

static int stat_get(void *data, u64 *val)
{
	struct sum sum = { .nr = (unsigned long)data };

	vm_for_each(add_vm, &sum);
	*val = sum.total;
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stat_fops, stat_get, NULL, "%llu\n");

void stat_init(void)
{
	unsigned long i;

	dir = debugfs_create_dir("vmxdbg", NULL);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		debugfs_create_file_unsafe(names[i], 0444, dir, (void *)i, &stat_fops);
}

void stat_exit(void)
{
	debugfs_remove(dir);
}
