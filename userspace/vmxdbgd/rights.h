/* SPDX-License-Identifier: GPL-2.0-only */
/* The rights of the daemon's process. */
#ifndef VMXDBGD_RIGHTS_H
#define VMXDBGD_RIGHTS_H

/**
 * rights_drop() - give up what is not needed once device, sockets and files are open
 * @user: USER[:GROUP] of --user, NULL without
 *
 * Return: 0, or the exit status after a message.
 */
int rights_drop(const char *user);

#endif /* VMXDBGD_RIGHTS_H */
