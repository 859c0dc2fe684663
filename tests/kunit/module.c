// SPDX-License-Identifier: GPL-2.0-only
/* The suites of this directory in one module: load it and read the log. */
#include <linux/module.h>

MODULE_DESCRIPTION("vmxdbg: tests of the logic that needs no VMX");
MODULE_LICENSE("GPL");
