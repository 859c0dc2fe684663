// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM of KVM's that the module holds. KVM exports no function for this to other modules,
 * so the module uses /dev/kvm as a program does, from a worker of the kernel: there, the
 * root directory is the host's, and no program sees the file descriptor.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/kvm.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/workqueue.h>

#include "lib/compat.h"
#include "vmx/kvm_hold.h"

struct job {
	struct work_struct work;
	void (*fn)(struct job *job);
	struct mm_struct *mm;
	int r;
};

static struct file *held;

static void work_fn(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	compat_with_init_fs() {
		job->fn(job);
	}
}

/* Run @fn in a worker of the kernel. */
static int run_in_worker(void (*fn)(struct job *job), struct mm_struct *mm)
{
	struct job job = { .fn = fn, .mm = mm };

	INIT_WORK_ONSTACK(&job.work, work_fn);
	queue_work(system_long_wq, &job.work);
	flush_work(&job.work);
	destroy_work_on_stack(&job.work);
	return job.r;
}

/*
 * Not by opening /dev/kvm: a device node that exists before the module would make the
 * kernel load kvm, without kvm_intel.
 */
static void look(struct job *job)
{
	struct path path;

	job->r = kern_path("/sys/class/misc/kvm", LOOKUP_FOLLOW, &path);
	if (!job->r)
		path_put(&path);
}

bool kvm_is_there(void)
{
	return !run_in_worker(look, NULL);
}

static bool is_kvm(struct file *file)
{
	return file_inode(file)->i_rdev == MKDEV(MISC_MAJOR, KVM_MINOR);
}

/* Return: the file of a new VM, or an error. */
static struct file *create(struct file *dev)
{
	struct file *vm;
	long fd;

	if (!is_kvm(dev) || !dev->f_op->unlocked_ioctl)
		return ERR_PTR(-ENXIO);
	fd = dev->f_op->unlocked_ioctl(dev, KVM_CREATE_VM, 0);
	if (fd < 0)
		return ERR_PTR(fd);
	vm = fget(fd);
	close_fd(fd);
	return vm ?: ERR_PTR(-EBADF);
}

static void open_and_create(struct job *job)
{
	struct file *dev = filp_open("/dev/kvm", O_RDWR, 0), *vm;

	if (IS_ERR(dev)) {
		job->r = PTR_ERR(dev);
		return;
	}
	/* KVM watches the memory of the process that creates a VM. */
	kthread_use_mm(job->mm);
	vm = create(dev);
	kthread_unuse_mm(job->mm);
	__fput_sync(dev);
	if (IS_ERR(vm))
		job->r = PTR_ERR(vm);
	else
		held = vm;
}

int kvm_hold(void)
{
	int r = run_in_worker(open_and_create, current->mm);

	if (!r)
		return 0;
	if (!kvm_is_there())
		return -ENOENT;
	pr_err_ratelimited("KVM is loaded, and /dev/kvm gives no VM to keep VMX on: error %d\n",
			   r);
	return r == -ENOENT ? -ENXIO : r;
}

static void let_go_of_vm(struct job *job)
{
	__fput_sync(held);
	held = NULL;
}

void kvm_release(void)
{
	run_in_worker(let_go_of_vm, NULL);
}
