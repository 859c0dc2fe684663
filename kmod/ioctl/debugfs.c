// SPDX-License-Identifier: GPL-2.0-only
/*
 * Totals of all VMs in debugfs, named as in KVM: pf_taken, pages_4k, pages_2m,
 * pages_1g and exits in /sys/kernel/debug/vmxdbg. The file exit_reasons has a line
 * "REASON COUNT" for each basic exit reason that occurred, the file mitigations one for
 * each CPU flaw (abi.rst, "Watching the module itself").
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "ioctl/debugfs.h"
#include "ioctl/vm_life.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/mitigation.h"

static struct dentry *dir;

enum figure { PF_TAKEN, PAGES_4K, PAGES_2M, PAGES_1G, EXITS };

static const char * const names[] = {
	[PF_TAKEN] = "pf_taken",	/* EPT violations since the VMs started */
	[PAGES_4K] = "pages_4k",	/* leaves mapped now, in both views */
	[PAGES_2M] = "pages_2m",
	[PAGES_1G] = "pages_1g",
	[EXITS] = "exits",		/* VM exits since the VMs started */
};

struct sum {
	unsigned long nr;	/* index into names[] */
	u64 total;
};

static u64 all_exits(const struct vcpu *vcpu)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < EXIT_REASONS; i++)
		sum += READ_ONCE(vcpu->exits[i]);
	return sum;
}

static u64 of_vcpu(const struct vcpu *vcpu, enum figure figure)
{
	return figure == EXITS ? all_exits(vcpu) : READ_ONCE(vcpu->pf_taken);
}

static int add_vm(struct vm *vm, void *arg)
{
	struct sum *sum = arg;
	struct vcpu *vcpu;
	unsigned int i;

	if (sum->nr >= PAGES_4K && sum->nr <= PAGES_1G) {
		/* The index is the level of the table. */
		sum->total += READ_ONCE(vm->pages[sum->nr]);
		return 0;
	}
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		sum->total += of_vcpu(vcpu, sum->nr);
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

/* ---- exits by reason ---- */

static int add_reasons(struct vm *vm, void *arg)
{
	u64 *sums = arg;
	struct vcpu *vcpu;
	unsigned int i, reason;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		for (reason = 0; reason < EXIT_REASONS; reason++)
			sums[reason] += READ_ONCE(vcpu->exits[reason]);
	return 0;
}

static int exit_reasons_show(struct seq_file *s, void *unused)
{
	u64 *sums = kcalloc(EXIT_REASONS, sizeof(*sums), GFP_KERNEL);
	unsigned int i;

	if (!sums)
		return -ENOMEM;
	vm_for_each(add_reasons, sums);
	for (i = 0; i < EXIT_REASONS; i++)
		if (sums[i])
			seq_printf(s, "%u %llu\n", i, sums[i]);
	kfree(sums);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(exit_reasons);

/* ---- CPU flaws ---- */

static int mitigations_show(struct seq_file *s, void *unused)
{
	enum flaw flaw;

	for (flaw = 0; flaw < FLAWS; flaw++)
		seq_printf(s, "%s: %s%s\n", flaw_names[flaw], mitigation_plan.how[flaw],
			   mitigation_plan.smt_open & BIT(flaw) ?
			   "; open to the other thread of the core: SMT is on" : "");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(mitigations);

void debugfs_init(void)
{
	unsigned long i;

	dir = debugfs_create_dir("vmxdbg", NULL);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		debugfs_create_file_unsafe(names[i], 0444, dir, (void *)i, &stat_fops);
	debugfs_create_file("exit_reasons", 0444, dir, NULL, &exit_reasons_fops);
	debugfs_create_file("mitigations", 0444, dir, NULL, &mitigations_fops);
}

void debugfs_exit(void)
{
	debugfs_remove(dir);
}
