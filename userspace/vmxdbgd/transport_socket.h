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

/* A connected socket in non-blocking mode. */
void socket_connection(int fd, struct connection *c);

/*
 * Set @t->where to the address of the listening socket: for port 0 the kernel has chosen a
 * port.
 */
void socket_note_where(struct transport *t);

/* Describe the other side of a connected socket. @size: of @text */
void socket_peer(int fd, char *text, size_t size);

#endif /* VMXDBGD_TRANSPORT_SOCKET_H */
