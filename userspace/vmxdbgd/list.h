/* SPDX-License-Identifier: GPL-2.0-only */
/* --list */
#ifndef VMXDBGD_LIST_H
#define VMXDBGD_LIST_H

#include <stdbool.h>

struct target;

/* Print the VMs, as a table or as JSON. Return: the exit status. */
int list_vms(struct target *t, bool json);

#endif /* VMXDBGD_LIST_H */
