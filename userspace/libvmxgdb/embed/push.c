// SPDX-License-Identifier: MIT
/* Calls of a VMM that moves the bytes itself, and those that set up its descriptors. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "embed/vgdb.h"

/* ---- descriptors ---- */

PUBLIC int vgdb_listen(struct vgdb *g, const char *address)
{
	int result;

	pthread_mutex_lock(&g->lock);
	result = socket_listen(&g->socket, address);
	eventfd_write(g->wake_fd, 1);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_address(struct vgdb *g, char *text, size_t size)
{
	int result;

	pthread_mutex_lock(&g->lock);
	result = strlen(g->socket.where) < size ? 0 : -ENOBUFS;
	if (result == 0)
		strcpy(text, g->socket.where);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_serve_fd(struct vgdb *g, int fd)
{
	int result = -EBUSY;

	pthread_mutex_lock(&g->lock);
	if (!g->connected && g->socket.fd < 0) {
		g->socket.fd = fd;
		g->socket.is_line = true;
		vgdb_begin(g);
		result = g->socket.signo ? socket_signal(&g->socket, g->socket.signo) : 0;
		eventfd_write(g->wake_fd, 1);
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_signal(struct vgdb *g, int signo)
{
	int result;

	pthread_mutex_lock(&g->lock);
	result = socket_signal(&g->socket, signo);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_serve(struct vgdb *g, int timeout_ms)
{
	int result;

	pthread_mutex_lock(&g->lock);
	result = vgdb_serve_once(g, timeout_ms);
	pthread_mutex_unlock(&g->lock);
	return result;
}

/* ---- bytes ---- */

PUBLIC int vgdb_connect(struct vgdb *g)
{
	int result = -EBUSY;

	pthread_mutex_lock(&g->lock);
	if (!g->connected) {
		vgdb_begin(g);
		result = 0;
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_disconnect(struct vgdb *g)
{
	pthread_mutex_lock(&g->lock);
	if (g->connected)
		vgdb_release(g);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

PUBLIC int vgdb_input(struct vgdb *g, const void *data, size_t len)
{
	pthread_mutex_lock(&g->lock);
	if (g->connected)
		stub_input(&g->stub, data, len);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

PUBLIC int vgdb_event(struct vgdb *g)
{
	pthread_mutex_lock(&g->lock);
	vgdb_events(g);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

PUBLIC int vgdb_work(struct vgdb *g)
{
	pthread_mutex_lock(&g->lock);
	stub_work(&g->stub);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

PUBLIC const void *vgdb_output(struct vgdb *g, size_t *len)
{
	const void *data;

	pthread_mutex_lock(&g->lock);
	data = stub_output(&g->stub, len);
	pthread_mutex_unlock(&g->lock);
	return data;
}

PUBLIC int vgdb_sent(struct vgdb *g, size_t len)
{
	pthread_mutex_lock(&g->lock);
	stub_sent(&g->stub, len);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

/* ---- states ---- */

static int ask(struct vgdb *g, bool (*question)(const struct stub *s))
{
	int result;

	pthread_mutex_lock(&g->lock);
	result = g->connected && question(&g->stub);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_wants_input(struct vgdb *g)
{
	return ask(g, stub_wants_input);
}

PUBLIC int vgdb_wants_event(struct vgdb *g)
{
	/* A session has events also while nobody debugs. */
	return (g->has_session && !g->connected) || ask(g, stub_wants_events);
}

PUBLIC int vgdb_wants_work(struct vgdb *g)
{
	return ask(g, stub_has_work);
}

PUBLIC int vgdb_finished(struct vgdb *g)
{
	return ask(g, stub_finished);
}

PUBLIC int vgdb_event_fd(struct vgdb *g)
{
	return g->stub.target->ops->event_fd(g->stub.target);
}
