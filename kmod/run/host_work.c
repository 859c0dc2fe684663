// SPDX-License-Identifier: GPL-2.0-only
/* Work of the host's kernel that a thread in KVM_RUN must do before it enters a guest. */
#ifdef CONFIG_KVM_XFER_TO_GUEST_WORK
#include <linux/entry-kvm.h>
#include <linux/kvm_host.h>
#else
#include <linux/entry-virt.h>
#endif
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "run/host_work.h"

/*
 * The kernel exports one function that does this work, which KVM uses. Up to 6.17 it
 * takes KVM's vCPU, in which it counts a signal and sets the exit reason. Nobody reads
 * this one.
 */
#ifdef CONFIG_KVM_XFER_TO_GUEST_WORK
static struct kvm_run unread_run;
static struct kvm_vcpu unread_vcpu = { .run = &unread_run };
#define do_host_work()	xfer_to_guest_mode_handle_work(&unread_vcpu)
#elif defined(CONFIG_VIRT_XFER_TO_GUEST_WORK)
#define do_host_work()	xfer_to_guest_mode_handle_work()
#else
#error "vmxdbg needs a kernel that was built with KVM, as a module or not"
#endif

int host_work(void)
{
	if (read_thread_flags() & HOST_WORK)
		return do_host_work();
	return 0;
}
