/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport of --tcp [ADDR:]PORT. */
#ifndef VMXDBGD_TRANSPORT_TCP_H
#define VMXDBGD_TRANSPORT_TCP_H

#include "transport.h"

/*
 * Send packets at once, and notice within a minute that the other side is gone. Without
 * effect on sockets that are not of TCP.
 */
void tcp_keep_alive(int fd);

extern const struct transport_ops transport_tcp;

#endif /* VMXDBGD_TRANSPORT_TCP_H */
