/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit statuses of vmxdbgd, beside 0. */
#ifndef VMXDBGD_EXIT_STATUS_H
#define VMXDBGD_EXIT_STATUS_H

#define EXIT_FAILED	1
#define EXIT_USAGE	2	/* wrong usage */

#endif /* VMXDBGD_EXIT_STATUS_H */
