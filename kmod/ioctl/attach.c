// SPDX-License-Identifier: GPL-2.0-only
/* Finding VMs, and the right to debug them. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include "ioctl/attach.h"
#include "ioctl/session.h"
#include "ioctl/vm_ioctl.h"
#include "ioctl/vm_life.h"
#include "lib/compat.h"
#include "mmu/memslot.h"
#include "vm.h"
#include "vmxdbg.h"

/* ---- permission ---- */

/* A list checks every VM, so only an attach is worth a line in the audit log. */
static bool has_ptrace_cap(struct user_namespace *ns, bool audit)
{
	return audit ? ns_capable(ns, CAP_SYS_PTRACE) :
		       ns_capable_noaudit(ns, CAP_SYS_PTRACE);
}

static bool same_ids(const struct cred *cred, const struct cred *tcred)
{
	return uid_eq(cred->uid, tcred->euid) && uid_eq(cred->uid, tcred->suid) &&
	       uid_eq(cred->uid, tcred->uid) && gid_eq(cred->gid, tcred->egid) &&
	       gid_eq(cred->gid, tcred->sgid) && gid_eq(cred->gid, tcred->gid);
}

static bool creds_allow(struct task_struct *owner, bool audit)
{
	const struct cred *cred = current_cred(), *tcred;
	bool ok;

	rcu_read_lock();
	tcred = __task_cred(owner);
	ok = same_ids(cred, tcred) && cred->user_ns == tcred->user_ns &&
	     cap_issubset(tcred->cap_permitted, cred->cap_permitted);
	if (!ok)
		ok = has_ptrace_cap(tcred->user_ns, audit);
	rcu_read_unlock();
	return ok;
}

/*
 * The check is that of ptrace_may_access(PTRACE_MODE_ATTACH_REALCREDS) on the VMM.
 * Modules can call neither that function nor cap_ptrace_access_check() nor
 * security_ptrace_access_check(). So security modules (Yama's ptrace_scope) are
 * not asked; the mode of the device restricts access.
 */
static bool may_attach(struct vm *vm, bool audit)
{
	struct user_namespace *ns;
	bool ok;

	if (same_thread_group(vm->owner, current))
		return true;
	if (!creds_allow(vm->owner, audit))
		return false;
	/* Pairs with commit_creds(): read dumpable after the credentials. */
	smp_rmb();
	/* vm->mm has the guest's memory, even if the VMM has called execve() since. */
	rcu_read_lock();
	ok = compat_dumpable(vm->owner, vm->mm, &ns) || has_ptrace_cap(ns, audit);
	rcu_read_unlock();
	return ok;
}

/* ---- VMXDBG_LIST_VMS ---- */

struct list_ctx {
	struct vmxdbg_vm_info *info;
	u32 room, found;
};

static int list_one(struct vm *vm, void *arg)
{
	struct list_ctx *ctx = arg;
	struct vmxdbg_vm_info *info;

	if (!may_attach(vm, false))
		return 0;
	if (ctx->found++ >= ctx->room)
		return 0;
	info = &ctx->info[ctx->found - 1];
	info->id = vm->id;
	info->vcpus = vcpu_table_nr(&vm->vcpus);
	info->pid = task_tgid_vnr(vm->owner);
	info->memory = memslots_bytes(vm);
	memcpy(info->comm, vm->comm, sizeof(info->comm));
	spin_lock(&vm->dbg_lock);
	info->flags = (vm->session ? VMXDBG_VM_ATTACHED : 0) |
		      (vm->held ? VMXDBG_VM_HELD : 0);
	spin_unlock(&vm->dbg_lock);
	return 0;
}

static long list_copy(struct vmxdbg_vm_list __user *user,
		      const struct vmxdbg_vm_list *list, const struct list_ctx *ctx)
{
	size_t bytes = min(ctx->room, ctx->found) * sizeof(*ctx->info);

	if (bytes && copy_to_user(u64_to_user_ptr(list->vms), ctx->info, bytes))
		return -EFAULT;
	return put_user(ctx->found, &user->count);
}

/*
 * The VMs are counted first, so that the caller's count allocates no memory. VMs may come
 * between their count and their description. Return: 0, -ENOMEM.
 */
static int list_all(struct list_ctx *ctx, u32 max)
{
	for (;;) {
		ctx->found = 0;
		vm_for_each(list_one, ctx);
		if (ctx->room >= min(max, ctx->found))
			return 0;
		kvfree(ctx->info);
		ctx->room = min(max, ctx->found);
		ctx->info = kvcalloc(ctx->room, sizeof(*ctx->info), GFP_KERNEL);
		if (!ctx->info)
			return -ENOMEM;
	}
}

long vm_list_ioctl(struct vmxdbg_vm_list __user *user)
{
	struct vmxdbg_vm_list list;
	struct list_ctx ctx = {};
	long r;

	if (copy_from_user(&list, user, sizeof(list)))
		return -EFAULT;
	if (list.reserved) {
		pr_debug_ratelimited("list: reserved is %#x\n", list.reserved);
		return -EINVAL;
	}
	r = list_all(&ctx, list.count);
	if (!r)
		r = list_copy(user, &list, &ctx);
	kvfree(ctx.info);
	return r;
}

/* ---- VMXDBG_ATTACH ---- */

static struct vm *vm_get_by_fd(u32 fd)
{
	struct file *file = fget(fd);
	struct vm *vm;

	if (!file)
		return ERR_PTR(-EBADF);
	vm = vm_from_file(file);
	if (vm)
		vm_get(vm);
	fput(file);
	return vm ? vm : ERR_PTR(-EINVAL);
}

static struct vm *attach_target(const struct vmxdbg_attach *arg)
{
	struct vm *vm;

	if (arg->flags & VMXDBG_ATTACH_FD)
		return vm_get_by_fd(arg->target);
	vm = vm_get_by_id(arg->target);
	return vm ? vm : ERR_PTR(-ENOENT);
}

long vm_attach_ioctl(struct vmxdbg_attach __user *user)
{
	struct vmxdbg_attach arg;
	struct vm *vm;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.flags & ~VMXDBG_ATTACH_FD) {
		pr_debug_ratelimited("attach: unknown flags %#x\n", arg.flags);
		return -EINVAL;
	}
	vm = attach_target(&arg);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	if (!may_attach(vm, true)) {
		pr_debug_ratelimited("attach: no right to trace the VMM of VM %u\n",
				     vm->id);
		vm_put(vm);
		return -EPERM;
	}
	return session_create_fd(vm);
}
