/* SPDX-License-Identifier: MIT */
/* The way to a debugger. */
#ifndef VMXGDB_SOCKET_H
#define VMXGDB_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

/**
 * struct socket - the way to a debugger
 * @listen_fd: socket that listens, or -1
 * @fd: connection with the debugger, or -1
 * @is_line: @fd is the user's, and stays when a debugger leaves
 * @leaving: the debugger has been told all; only its end is awaited
 * @refused_fd: connection of another debugger, which is told so, or -1
 * @signo: see vgdb_signal()
 * @where: address, as "target remote" takes it
 * @path: file to remove, or ""
 */
struct socket {
	int listen_fd;
	int fd;
	bool is_line;
	bool leaving;
	int refused_fd;
	int signo;
	char where[sizeof(((struct sockaddr_un *)0)->sun_path) + 16];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

void socket_init(struct socket *s);
void socket_free(struct socket *s);

/* See vgdb_listen(). */
int socket_listen(struct socket *s, const char *address);

/* Take a connection, or refuse it if there is one. Return: whether a debugger has come. */
bool socket_accept(struct socket *s);

/* Tell the debugger of @refused_fd why, or close it when it has heard. */
void socket_refuse(struct socket *s);

/* Close the connection, if it is ours. */
void socket_close(struct socket *s);

/* All has been sent: let the other side close first, or the last words might be lost. */
void socket_leave(struct socket *s);

/* Read and write without waiting. Return: bytes, -EAGAIN, or another negative errno. */
ssize_t socket_read(struct socket *s, void *data, size_t size);
ssize_t socket_write(struct socket *s, const void *data, size_t len);

/* Send signals for what comes, see vgdb_signal(). Return: 0 or a negative errno. */
int socket_signal(struct socket *s, int signo);

#endif /* VMXGDB_SOCKET_H */
