// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of a session. None of them accesses the debugger's memory under a lock
 * that the VMM takes.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "debug/bp.h"
#include "debug/catch.h"
#include "debug/session_object.h"
#include "debug/stop.h"
#include "ioctl/session_act.h"
#include "ioctl/session_ioctl.h"
#include "ioctl/session_look.h"
#include "ioctl/session_mem.h"
#include "ioctl/session_msrs.h"
#include "ioctl/session_regs.h"
#include "ioctl/session_ring.h"
#include "ioctl/session_stats.h"
#include "lib/dr.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vcpu/types.h"
#include "vm.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

static int session_refuse(const char *what, u32 value)
{
	pr_debug_ratelimited("session: %s: %#x\n", what, value);
	return -EINVAL;
}

/* ---- about the VM and its vCPUs ---- */

static void get_info(struct session *s, struct vmxdbg_info *info)
{
	struct vm *vm = s->vm;

	*info = (struct vmxdbg_info){
		.version = VMXDBG_API_VERSION,
		.features = VMXDBG_FEATURE_MTF | VMXDBG_FEATURE_BRANCH |
			    VMXDBG_FEATURE_VCPU_SETS |
			    (vmx_ctl.exec_only ? VMXDBG_FEATURE_HOOKS :
						 VMXDBG_FEATURE_PATCH),
		.vm = vm->id,
		.pid = task_tgid_vnr(vm->owner),
		.vcpu_mask = vcpu_table_first(&vm->vcpus),
		.hw_breakpoints = DR_COUNT,
		.max_breakpoints = OBJECTS_MAX,
		.vcpus = vcpu_table_nr(&vm->vcpus),
	};
}

/* dbg_lock held. */
static u32 vcpu_flags(struct vcpu *vcpu)
{
	u32 flags = 0;

	/* No barrier: the vCPU's thread enters and leaves the queue under dbg_lock. */
	if (!vcpu->in_run && !waitqueue_active(&vcpu->park_wq))
		flags |= VMXDBG_VCPU_IN_VMM;
	if (READ_ONCE(vcpu->pending) != PENDING_NONE)
		flags |= VMXDBG_VCPU_IO_PENDING;
	if (READ_ONCE(vcpu->halted))
		flags |= VMXDBG_VCPU_HALTED;
	else if (READ_ONCE(vcpu->mp_state) != KVM_MP_STATE_RUNNABLE)
		flags |= VMXDBG_VCPU_WAITS;
	return flags;
}

static int get_vcpu(struct session *s, struct vmxdbg_vcpu *arg)
{
	struct vm *vm = s->vm;
	struct vcpu *vcpu;
	struct pid *pid;

	if (memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return session_refuse("vCPU: reserved is not zero, vCPU", arg->vcpu);
	vcpu = vm_vcpu(vm, arg->vcpu);
	if (!vcpu)
		return -ENOENT;
	spin_lock(&vm->dbg_lock);
	arg->state = vcpu->stop ? VMXDBG_VCPU_STOPPED : VMXDBG_VCPU_RUNNING;
	arg->flags = vcpu_flags(vcpu);
	pid = get_pid(vcpu->pid);
	spin_unlock(&vm->dbg_lock);
	arg->tid = pid_vnr(pid);
	put_pid(pid);
	return 0;
}

/* ---- stopping and resuming ---- */

static int stop_some(struct session *s, const struct vmxdbg_stop *arg)
{
	struct vcpu *vcpu = NULL;

	if (arg->flags)
		return session_refuse("stop: unknown flags", arg->flags);
	if (arg->vcpu != VMXDBG_ALL_VCPUS) {
		vcpu = vm_vcpu(s->vm, arg->vcpu);
		if (!vcpu)
			return -ENOENT;
	}
	return stop_vcpus(s->vm, vcpu);
}

static int resume_check(const struct vmxdbg_resume *arg)
{
	u32 until = arg->flags & (VMXDBG_RESUME_RANGE | VMXDBG_RESUME_BRANCH |
				  VMXDBG_RESUME_RETURN);
	u32 known = until | VMXDBG_RESUME_STEP | VMXDBG_RESUME_IRQS | VMXDBG_RESUME_INTO;
	bool step = arg->flags & VMXDBG_RESUME_STEP;

	if ((arg->flags & ~known) || (arg->flags && !step))
		return session_refuse("resume: flags", arg->flags);
	if (until & (until - 1))
		return session_refuse("resume: until more than one, flags", arg->flags);
	if (step && arg->vcpu == VMXDBG_ALL_VCPUS)
		return session_refuse("resume: a step of all, flags", arg->flags);
	if (!(arg->flags & VMXDBG_RESUME_RANGE)) {
		if (arg->range_start || arg->range_end)
			return session_refuse("resume: a range without its flag", arg->flags);
	} else if (arg->range_start >= arg->range_end) {
		return session_refuse("resume: an empty range, flags", arg->flags);
	}
	return 0;
}

static int resume_one(struct session *s, struct vcpu *vcpu,
		      const struct vmxdbg_resume *arg)
{
	int r;

	r = stop_lock(vcpu);
	if (r)
		return r;
	stop_resume(vcpu, arg);
	stop_unlock(vcpu);
	return 0;
}

/* A vCPU with an unread event is not resumed. */
static bool resumable(struct vcpu *vcpu)
{
	bool r;

	spin_lock(&vcpu->vm->dbg_lock);
	r = vcpu->stop && !vcpu->event_ready;
	spin_unlock(&vcpu->vm->dbg_lock);
	return r;
}

static int resume_all(struct session *s, const struct vmxdbg_resume *arg)
{
	struct vcpu *vcpu;
	unsigned int i;
	int r;

	for (i = 0; (vcpu = vm_next_vcpu(s->vm, &i)); i++) {
		if (!resumable(vcpu))
			continue;
		r = resume_one(s, vcpu, arg);
		if (r)
			return r;
	}
	return 0;
}

/*
 * VMXDBG_HOLD ends. With @all, new vCPUs are not created stopped any more.
 * vm->lock held: no vCPU is being created.
 */
static int unhold(struct vm *vm, bool all)
{
	if (!READ_ONCE(vm->held) && !(all && READ_ONCE(vm->stop_new)))
		return 0;
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	spin_lock(&vm->dbg_lock);
	vm->held = false;
	if (all)
		vm->stop_new = false;
	spin_unlock(&vm->dbg_lock);
	mutex_unlock(&vm->lock);
	return 0;
}

static int resume_some(struct session *s, const struct vmxdbg_resume *arg)
{
	struct vcpu *vcpu = NULL;
	int r = resume_check(arg);

	if (r)
		return r;
	if (arg->vcpu != VMXDBG_ALL_VCPUS) {
		vcpu = vm_vcpu(s->vm, arg->vcpu);
		if (!vcpu)
			return -ENOENT;
	}
	r = unhold(s->vm, !vcpu);
	if (r)
		return r;
	return vcpu ? resume_one(s, vcpu, arg) : resume_all(s, arg);
}

/* ---- memory ---- */

static int translate_gva(struct session *s, struct vmxdbg_translate *arg)
{
	struct vcpu *vcpu;
	u64 gpa;
	int r;

	if (arg->flags)
		return session_refuse("translate: flags", arg->flags);
	vcpu = vm_vcpu(s->vm, arg->vcpu);
	if (!vcpu)
		return -ENOENT;
	r = stop_lock(vcpu);
	if (r)
		return r;
	r = vcpu_translate(vcpu, arg->gva, &gpa, arg);
	stop_unlock(vcpu);
	return r;
}

/* ---- arguments in, results out ---- */

static int info_ioctl(struct session *s, void __user *user)
{
	struct vmxdbg_info info;

	get_info(s, &info);
	return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}

static int session_vcpu_ioctl(struct session *s, void __user *user)
{
	struct vmxdbg_vcpu arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = get_vcpu(s, &arg);
	if (!r && copy_to_user(user, &arg, sizeof(arg)))
		r = -EFAULT;
	return r;
}

static int stop_ioctl(struct session *s, void __user *user)
{
	struct vmxdbg_stop arg;

	return copy_from_user(&arg, user, sizeof(arg)) ? -EFAULT : stop_some(s, &arg);
}

static int resume_ioctl(struct session *s, void __user *user)
{
	struct vmxdbg_resume arg;

	return copy_from_user(&arg, user, sizeof(arg)) ? -EFAULT : resume_some(s, &arg);
}

static int regs_ioctl(struct session *s, struct vmxdbg_regs __user *user, bool write)
{
	struct vmxdbg_regs arg;
	u32 was;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	was = arg.refused;
	r = session_regs(s, &arg, write);
	/* The argument may be in read-only memory. Then there is no reason to be told. */
	if (arg.refused != was)
		put_user(arg.refused, &user->refused);
	return r;
}

static int msrs_ioctl(struct session *s, struct vmxdbg_msrs __user *user, bool write)
{
	struct vmxdbg_msrs arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = session_msrs(s, &arg, write);
	/* Report the MSRs done and the reason, also after an error. */
	if (put_user(arg.done, &user->done) || put_user(arg.refused, &user->refused))
		return -EFAULT;
	return r;
}

static int list_msrs_ioctl(struct session *s, struct vmxdbg_msr_list __user *user)
{
	struct vmxdbg_msr_list arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = session_list_msrs(s, &arg);
	if (!r && put_user(arg.count, &user->count))
		r = -EFAULT;
	return r;
}

static int mem_ioctl(struct session *s, struct vmxdbg_mem __user *user, bool write)
{
	struct vmxdbg_mem arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = session_mem(s, &arg, write);
	/* Report the bytes done, also after an error. */
	return put_user(arg.done, &user->done) ? -EFAULT : r;
}

static int translate_ioctl(struct session *s, void __user *user)
{
	struct vmxdbg_translate arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = translate_gva(s, &arg);
	if (!r && copy_to_user(user, &arg, sizeof(arg)))
		r = -EFAULT;
	return r;
}

static int add_bp_ioctl(struct session *s, struct vmxdbg_bp __user *user)
{
	struct vmxdbg_bp arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = bp_add(s, &arg);
	if (!r && put_user(arg.id, &user->id)) {
		session_del(s, arg.id);
		r = -EFAULT;
	}
	return r;
}

static int add_catch_ioctl(struct session *s, struct vmxdbg_catch __user *user)
{
	struct vmxdbg_catch arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = catch_add(s, &arg);
	if (!r && put_user(arg.id, &user->id)) {
		session_del(s, arg.id);
		r = -EFAULT;
	}
	return r;
}

static int object_ioctl(struct session *s, void __user *user)
{
	struct vmxdbg_object arg;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = session_get_object(s, &arg);
	if (!r && copy_to_user(user, &arg, sizeof(arg)))
		r = -EFAULT;
	return r;
}

static int ring_ioctl(struct session *s, void __user *user)
{
	struct vmxdbg_set_ring arg;

	return copy_from_user(&arg, user, sizeof(arg)) ? -EFAULT : session_set_ring(s, &arg);
}

/* session->mutex held. */
static long dispatch(struct session *s, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case VMXDBG_GET_VCPU:
		return session_vcpu_ioctl(s, user);
	case VMXDBG_STOP:
		return stop_ioctl(s, user);
	case VMXDBG_RESUME:
		return resume_ioctl(s, user);
	case VMXDBG_GET_REGS:
		return regs_ioctl(s, user, false);
	case VMXDBG_SET_REGS:
		return regs_ioctl(s, user, true);
	case VMXDBG_GET_MSRS:
		return msrs_ioctl(s, user, false);
	case VMXDBG_SET_MSRS:
		return msrs_ioctl(s, user, true);
	case VMXDBG_LIST_MSRS:
		return list_msrs_ioctl(s, user);
	case VMXDBG_READ_MEM:
		return mem_ioctl(s, user, false);
	case VMXDBG_WRITE_MEM:
		return mem_ioctl(s, user, true);
	case VMXDBG_TRANSLATE:
		return translate_ioctl(s, user);
	case VMXDBG_ADD_BP:
		return add_bp_ioctl(s, user);
	case VMXDBG_DEL_BP:
		return session_del(s, arg);
	case VMXDBG_GET_OBJECT:
		return object_ioctl(s, user);
	case VMXDBG_ADD_CATCH:
		return add_catch_ioctl(s, user);
	case VMXDBG_SET_RING:
		return ring_ioctl(s, user);
	case VMXDBG_GET_SLOTS:
		return session_get_slots(s, user);
	case VMXDBG_GET_PLACE:
		return session_get_place(s, user);
	case VMXDBG_GET_STATS:
		return session_get_stats(s, user);
	case VMXDBG_LIST_OBJECTS:
		return session_list_objects(s, user);
	case VMXDBG_LIST_VCPUS:
		return session_list_vcpus(s, user);
	case VMXDBG_SET_TIME:
		return session_set_time(s, user);
	case VMXDBG_INJECT:
		return session_inject(s, user);
	case VMXDBG_RESET:
		return session_reset(s, user);
	default:
		return -ENOTTY;
	}
}

long session_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct session *s = file->private_data;
	long r;

	if (_IOC_TYPE(cmd) != VMXDBGIO)
		return -ENOTTY;
	/* Allowed after the VM is gone, too. */
	if (cmd == VMXDBG_GET_INFO)
		return info_ioctl(s, (void __user *)arg);
	if (mutex_lock_interruptible(&s->mutex))
		return -ERESTARTSYS;
	r = READ_ONCE(s->vm->dead) ? -ENODEV : dispatch(s, cmd, arg);
	mutex_unlock(&s->mutex);
	return r;
}
