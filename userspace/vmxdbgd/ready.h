/* SPDX-License-Identifier: GPL-2.0-only */
/* Telling whoever has started the daemon how it is: sd_notify(3), and --ready-fd. */
#ifndef VMXDBGD_READY_H
#define VMXDBGD_READY_H

/* Debuggers can connect now. @fd: of --ready-fd, -1 without */
void ready_tell(int fd);

/* The daemon is about to end. */
void ready_stopping(void);

#endif /* VMXDBGD_READY_H */
