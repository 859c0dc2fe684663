/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMXDBGD_SERVER_H
#define VMXDBGD_SERVER_H

struct options;
struct target;

/* Serves debuggers until there is nothing more to do. The exit status. */
int server_run(const struct options *options, struct target *target);

#endif /* VMXDBGD_SERVER_H */
