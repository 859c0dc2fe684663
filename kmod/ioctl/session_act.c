// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of a session that act on the guest as hardware does: time, events, reset. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/string.h>
#include <linux/uaccess.h>

#include "debug/inject.h"
#include "debug/reset_request.h"
#include "debug/session_object.h"
#include "debug/still.h"
#include "debug/stop.h"
#include "ioctl/session_act.h"
#include "vcpu.h"
#include "vm.h"
#include "vmxdbg.h"

int session_set_time(struct session *s, const void __user *user)
{
	struct vmxdbg_time arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.mode > VMXDBG_TIME_RUN || arg.flags ||
	    memchr_inv(arg.reserved, 0, sizeof(arg.reserved))) {
		pr_debug_ratelimited("time: mode %u, flags %#x, or reserved is not zero\n",
				     arg.mode, arg.flags);
		return -EINVAL;
	}
	still_set_time(s->vm, arg.mode == VMXDBG_TIME_RUN);
	return 0;
}

int session_inject(struct session *s, const void __user *user)
{
	struct vmxdbg_inject arg;
	struct vcpu *vcpu;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	r = inject_check(&arg);
	if (r) {
		pr_debug_ratelimited("inject: no event of type %u: vector %u, error code %#x, flags %#x\n",
				     arg.type, arg.vector, arg.error, arg.flags);
		return r;
	}
	vcpu = vm_vcpu(s->vm, arg.vcpu);
	if (!vcpu)
		return -ENOENT;
	r = stop_lock(vcpu);
	if (r)
		return r;
	r = inject_event_set(vcpu, &arg);
	stop_unlock(vcpu);
	return r;
}

int session_reset(struct session *s, const void __user *user)
{
	struct vmxdbg_reset arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.flags || memchr_inv(arg.reserved, 0, sizeof(arg.reserved))) {
		pr_debug_ratelimited("reset: flags %#x, or reserved is not zero\n", arg.flags);
		return -EINVAL;
	}
	return reset_request(s->vm);
}
