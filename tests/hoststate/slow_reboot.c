// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reboot takes a second more, in which tasks go on: after the notifiers of higher
 * priority, as the hypervisor's, and before KVM's, if it is loaded before KVM. Used by
 * tests/suites/53-beside-power; not a part of vmxdbg.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/reboot.h>

static int wait_a_while(struct notifier_block *nb, unsigned long val, void *v)
{
	msleep(1000);
	return NOTIFY_DONE;
}

static struct notifier_block slow_reboot = {
	.notifier_call = wait_a_while,
};

static int __init slow_reboot_init(void)
{
	return register_reboot_notifier(&slow_reboot);
}

static void __exit slow_reboot_exit(void)
{
	unregister_reboot_notifier(&slow_reboot);
}

module_init(slow_reboot_init);
module_exit(slow_reboot_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A reboot that takes a while, for tests of hypervisors");
