/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport of --fd N, and of sockets that systemd passes. */
#ifndef VMXDBGD_TRANSPORT_FD_H
#define VMXDBGD_TRANSPORT_FD_H

#include "transport.h"

/* The first descriptor that systemd passes, SD_LISTEN_FDS_START in its headers */
#define FD_PASSED	3

/*
 * Return: how many sockets systemd has passed to this process. The variables that say so
 * are removed. See sd_listen_fds(3).
 */
int fd_passed(void);

/* The endpoint is a number. */
extern const struct transport_ops transport_fd;

#endif /* VMXDBGD_TRANSPORT_FD_H */
