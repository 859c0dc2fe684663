/* SPDX-License-Identifier: GPL-2.0-only */
/* Common parts of the transports that are sockets. */
#ifndef VMXDBGD_TRANSPORT_SOCKET_H
#define VMXDBGD_TRANSPORT_SOCKET_H

#include <stddef.h>

#include "transport.h"

/*
 * Bind socket @fd to the address @addr of @len bytes and listen.
 * Return: 0, or -1 with errno set and @fd closed.
 */
int socket_listen(struct transport *t, int fd, const void *addr, size_t len);

/* Accept a connection without blocking. Return: 0, or -1 with errno set. */
int socket_accept(struct transport *t, struct connection *c);

#endif /* VMXDBGD_TRANSPORT_SOCKET_H */
