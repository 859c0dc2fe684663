// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of a VM or vCPU in a file descriptor of its own (KVM_GET_STATS_FD), in KVM's
 * format: a header, an id, a descriptor for each counter, and the counters. The names are
 * KVM's. Each read makes them anew.
 */
#include <linux/anon_inodes.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/asm/vmx.h>

#include "ioctl/stats_fd.h"
#include "ioctl/vm_life.h"
#include "vcpu.h"
#include "vm.h"

#define NAME_SIZE	48	/* as in KVM */

/* struct kvm_stats_desc with its name */
struct stat_desc {
	u32 flags;
	s16 exponent;
	u16 size;
	u32 offset;
	u32 bucket_size;
	char name[NAME_SIZE];
};

enum stat_source { EXITS_OF_REASON, EXITS_ALL, EPT_FAULTS, PAGES };

struct counter {
	const char *name;
	enum stat_source source;
	u32 index;		/* exit reason, or level of the table */
};

static const struct counter vm_stats[] = {
	{ "pages_4k", PAGES, 1 },
	{ "pages_2m", PAGES, 2 },
	{ "pages_1g", PAGES, 3 },
};

static const struct counter vcpu_stats[] = {
	{ "pf_taken", EPT_FAULTS },
	{ "exits", EXITS_ALL },
	{ "io_exits", EXITS_OF_REASON, EXIT_REASON_IO_INSTRUCTION },
	{ "irq_exits", EXITS_OF_REASON, EXIT_REASON_EXTERNAL_INTERRUPT },
	{ "irq_window_exits", EXITS_OF_REASON, EXIT_REASON_INTERRUPT_WINDOW },
	{ "nmi_window_exits", EXITS_OF_REASON, EXIT_REASON_NMI_WINDOW },
	{ "halt_exits", EXITS_OF_REASON, EXIT_REASON_HLT },
	{ "hypercalls", EXITS_OF_REASON, EXIT_REASON_VMCALL },
};

#define STATS_MAX	ARRAY_SIZE(vcpu_stats)

/* A file's content, with room for the most counters */
struct stats_file {
	struct kvm_stats_header header;
	char id[NAME_SIZE];
	struct stat_desc desc[STATS_MAX];
	u64 value[STATS_MAX];
};

static u64 exits_all(const struct vcpu *vcpu)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < EXIT_REASONS; i++)
		sum += READ_ONCE(vcpu->exits[i]);
	return sum;
}

/* @vcpu: NULL for a counter of the VM */
static u64 stat_value(const struct counter *stat, const struct vm *vm, const struct vcpu *vcpu)
{
	switch (stat->source) {
	case PAGES:
		return READ_ONCE(vm->pages[stat->index]);
	case EPT_FAULTS:
		return READ_ONCE(vcpu->pf_taken);
	case EXITS_ALL:
		return exits_all(vcpu);
	default:
		return READ_ONCE(vcpu->exits[stat->index]);
	}
}

/* Pages come and go, the others only rise. */
static u32 stat_flags(const struct counter *stat)
{
	u32 type = stat->source == PAGES ? KVM_STATS_TYPE_INSTANT : KVM_STATS_TYPE_CUMULATIVE;

	return type | KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10;
}

static void make_desc(struct stat_desc *desc, const struct counter *stat, u32 nr)
{
	desc->flags = stat_flags(stat);
	desc->size = 1;
	desc->offset = nr * sizeof(u64);
	strscpy(desc->name, stat->name, sizeof(desc->name));
}

static void make_id(struct stats_file *file, const struct vm *vm, const struct vcpu *vcpu)
{
	int pid = task_pid_nr(vm->owner);

	if (vcpu)
		snprintf(file->id, sizeof(file->id), "kvm-%d/vcpu-%u", pid, vcpu->id);
	else
		snprintf(file->id, sizeof(file->id), "kvm-%d", pid);
}

/* Return: the length of the content, in which the counters follow their descriptors. */
static size_t make_content(struct stats_file *file, const struct counter *stat, unsigned int nr,
			   const struct vm *vm, const struct vcpu *vcpu)
{
	u64 *value = (u64 *)&file->desc[nr];
	unsigned int i;

	BUILD_BUG_ON(offsetof(struct stat_desc, name) != offsetof(struct kvm_stats_desc, name));
	BUILD_BUG_ON(sizeof(struct stat_desc) % sizeof(u64));
	file->header = (struct kvm_stats_header){
		.name_size = NAME_SIZE, .num_desc = nr,
		.id_offset = offsetof(struct stats_file, id),
		.desc_offset = offsetof(struct stats_file, desc),
		.data_offset = offsetof(struct stats_file, desc[nr]),
	};
	make_id(file, vm, vcpu);
	for (i = 0; i < nr; i++) {
		make_desc(&file->desc[i], &stat[i], i);
		value[i] = stat_value(&stat[i], vm, vcpu);
	}
	return (void *)&value[nr] - (void *)file;
}

static ssize_t stats_read(char __user *user, size_t size, loff_t *pos, const struct counter *stat,
			  unsigned int nr, const struct vm *vm, const struct vcpu *vcpu)
{
	struct stats_file *file = kzalloc(sizeof(*file), GFP_KERNEL);
	ssize_t r;

	if (!file)
		return -ENOMEM;
	r = simple_read_from_buffer(user, size, pos, file,
				    make_content(file, stat, nr, vm, vcpu));
	kfree(file);
	return r;
}

static ssize_t vm_stats_read(struct file *file, char __user *user, size_t size, loff_t *pos)
{
	return stats_read(user, size, pos, vm_stats, ARRAY_SIZE(vm_stats),
			  file->private_data, NULL);
}

static ssize_t vcpu_stats_read(struct file *file, char __user *user, size_t size, loff_t *pos)
{
	const struct vcpu *vcpu = file->private_data;

	return stats_read(user, size, pos, vcpu_stats, ARRAY_SIZE(vcpu_stats),
			  vcpu->vm, vcpu);
}

static int vm_stats_release(struct inode *inode, struct file *file)
{
	vm_put(file->private_data);
	return 0;
}

static int vcpu_stats_release(struct inode *inode, struct file *file)
{
	const struct vcpu *vcpu = file->private_data;

	vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations vm_stats_fops = {
	.owner = THIS_MODULE,
	.read = vm_stats_read,
	.release = vm_stats_release,
	.llseek = noop_llseek,
};

static const struct file_operations vcpu_stats_fops = {
	.owner = THIS_MODULE,
	.read = vcpu_stats_read,
	.release = vcpu_stats_release,
	.llseek = noop_llseek,
};

static int stats_fd(const char *name, const struct file_operations *fops, void *of,
		    struct vm *vm)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, of, O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	file->f_mode |= FMODE_PREAD;
	vm_get(vm);
	fd_install(fd, file);
	return fd;
}

int stats_fd_of_vm(struct vm *vm)
{
	return stats_fd("kvm-vm-stats", &vm_stats_fops, vm, vm);
}

int stats_fd_of_vcpu(struct vcpu *vcpu)
{
	return stats_fd("kvm-vcpu-stats", &vcpu_stats_fops, vcpu, vcpu->vm);
}
