// SPDX-License-Identifier: GPL-2.0-only
/* Ioctls of a VM on its PIT. Orders and errors are KVM's. */
#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "ioctl/pit_ioctl.h"
#include "irq/pit.h"
#include "vm.h"

/* KVM_CREATE_PIT has no argument: @user is NULL. */
static long pit_ioctl_create(struct vm *vm, void __user *user)
{
	struct kvm_pit_config config = { .flags = KVM_PIT_SPEAKER_DUMMY };
	long r;

	if (user && copy_from_user(&config, user, sizeof(config)))
		return -EFAULT;
	mutex_lock(&vm->irq.lock);
	if (vm->irq.pit)
		r = -EEXIST;
	else if (!vm->irq.pic)
		r = -ENOENT;
	else
		r = pit_create(vm, config.flags) ? -ENOMEM : 0;
	mutex_unlock(&vm->irq.lock);
	return r;
}

/* The old state is the beginning of the new one. */
union pit_arg {
	struct kvm_pit_state old;
	struct kvm_pit_state2 state;
	struct kvm_reinject_control control;
};

static size_t pit_arg_size(unsigned int cmd)
{
	switch (cmd) {
	case KVM_GET_PIT:
	case KVM_SET_PIT:
		return sizeof(struct kvm_pit_state);
	case KVM_REINJECT_CONTROL:
		return sizeof(struct kvm_reinject_control);
	default:
		return sizeof(struct kvm_pit_state2);
	}
}

/* irq.lock held, and the VM has a PIT */
static void pit_do(struct vm *vm, unsigned int cmd, union pit_arg *arg)
{
	switch (cmd) {
	case KVM_GET_PIT:
	case KVM_GET_PIT2:
		pit_get_state(vm, &arg->state);
		break;
	case KVM_SET_PIT:
		pit_set_channels(vm, &arg->old);
		break;
	case KVM_SET_PIT2:
		pit_set_state(vm, &arg->state);
		break;
	case KVM_REINJECT_CONTROL:
		pit_set_reinject(vm, arg->control.pit_reinject);
		break;
	}
}

static long pit_ioctl_state(struct vm *vm, unsigned int cmd, void __user *user)
{
	size_t size = pit_arg_size(cmd);
	union pit_arg arg;
	bool has;

	/* KVM_GET_PIT reads, too. */
	if (cmd != KVM_GET_PIT2 && copy_from_user(&arg, user, size))
		return -EFAULT;
	mutex_lock(&vm->irq.lock);
	has = vm->irq.pit;
	if (has)
		pit_do(vm, cmd, &arg);
	mutex_unlock(&vm->irq.lock);
	if (!has)
		return -ENXIO;
	if ((cmd == KVM_GET_PIT || cmd == KVM_GET_PIT2) && copy_to_user(user, &arg, size))
		return -EFAULT;
	return 0;
}

long pit_ioctl(struct vm *vm, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_CREATE_PIT:
		return pit_ioctl_create(vm, NULL);
	case KVM_CREATE_PIT2:
		return pit_ioctl_create(vm, user);
	default:
		return pit_ioctl_state(vm, cmd, user);
	}
}
