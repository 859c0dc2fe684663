// SPDX-License-Identifier: MIT
/* Waiting for the debugger and for the guest, and serving both. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "embed/vgdb.h"

enum { FD_LISTEN, FD_CLIENT, FD_EVENT, FD_WAKE, FD_REFUSED, FDS };

/* ---- the debugger ---- */

static void flush(struct vgdb *g)
{
	const char *data;
	size_t len;
	ssize_t n;

	while (g->socket.fd >= 0) {
		data = stub_output(&g->stub, &len);
		if (!len)
			return;
		n = socket_write(&g->socket, data, len);
		if (n == -EAGAIN)
			return;
		if (n < 0) {
			/* After half a packet the connection is of no use. */
			socket_close(&g->socket);
			vgdb_release(g);
			return;
		}
		stub_sent(&g->stub, n);
	}
}

static void input(struct vgdb *g)
{
	char data[4096];
	ssize_t n = socket_read(&g->socket, data, sizeof(data));

	if (n == -EAGAIN)
		return;
	if (n < 0) {
		socket_close(&g->socket);
		if (g->connected)
			vgdb_release(g);
		return;
	}
	if (!g->socket.leaving)
		stub_input(&g->stub, data, n);
}

static void leave_finished(struct vgdb *g)
{
	size_t waiting;

	if (g->socket.fd < 0 || g->socket.leaving || !stub_finished(&g->stub))
		return;
	stub_output(&g->stub, &waiting);
	if (waiting)
		return;
	vgdb_release(g);
	if (g->socket.is_line)
		vgdb_begin(g);
	else
		socket_leave(&g->socket);
}

/* ---- waiting ---- */

static int event_fd(const struct vgdb *g)
{
	if (g->connected ? !stub_wants_events(&g->stub) : !g->has_session)
		return -1;
	return g->stub.target->ops->event_fd(g->stub.target);
}

static void prepare(const struct vgdb *g, struct pollfd *fds)
{
	size_t waiting;

	stub_output(&g->stub, &waiting);
	fds[FD_LISTEN] = (struct pollfd){ .fd = g->socket.listen_fd, .events = POLLIN };
	fds[FD_CLIENT] = (struct pollfd){ .fd = g->socket.fd };
	if (g->socket.leaving || stub_wants_input(&g->stub))
		fds[FD_CLIENT].events |= POLLIN;
	if (waiting && !g->socket.leaving)
		fds[FD_CLIENT].events |= POLLOUT;
	fds[FD_EVENT] = (struct pollfd){ .fd = event_fd(g), .events = POLLIN };
	fds[FD_WAKE] = (struct pollfd){ .fd = g->wake_fd, .events = POLLIN };
	fds[FD_REFUSED] = (struct pollfd){ .fd = g->socket.refused_fd, .events = POLLIN };
}

int vgdb_serve_once(struct vgdb *g, int timeout_ms)
{
	struct pollfd fds[FDS];
	eventfd_t ignored;
	int n;

	if (stub_has_work(&g->stub))
		timeout_ms = 0;
	prepare(g, fds);
	pthread_mutex_unlock(&g->lock);
	n = poll(fds, FDS, timeout_ms);
	n = n < 0 && errno != EINTR ? -errno : n;
	pthread_mutex_lock(&g->lock);
	if (n < 0)
		return n;
	if (fds[FD_WAKE].revents)
		eventfd_read(g->wake_fd, &ignored);
	if (fds[FD_EVENT].revents)
		vgdb_events(g);
	stub_work(&g->stub);
	if (g->socket.fd >= 0 && fds[FD_CLIENT].revents & (POLLIN | POLLHUP | POLLERR))
		input(g);
	flush(g);
	leave_finished(g);
	if (fds[FD_REFUSED].revents)
		socket_refuse(&g->socket);
	if (fds[FD_LISTEN].revents && socket_accept(&g->socket))
		vgdb_begin(g);
	return 0;
}

/* ---- the thread ---- */

static void *run(void *argument)
{
	struct vgdb *g = argument;
	int result = 0;

	pthread_mutex_lock(&g->lock);
	while (!g->quit && result == 0)
		result = vgdb_serve_once(g, -1);
	/* The last words */
	vgdb_serve_once(g, 0);
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

/* Signals are for the VMM's own threads. Return: 0 or an errno. */
static int create_thread(struct vgdb *g)
{
	sigset_t all, before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&g->thread, NULL, run, g);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}

PUBLIC int vgdb_start_thread(struct vgdb *g)
{
	int result;

	pthread_mutex_lock(&g->lock);
	result = g->has_thread ? EBUSY : create_thread(g);
	if (result == 0)
		g->has_thread = true;
	pthread_mutex_unlock(&g->lock);
	if (result == 0)
		vgdb_set_threaded(g, 1);
	return -result;
}

void vgdb_end_thread(struct vgdb *g)
{
	if (!g->has_thread)
		return;
	pthread_mutex_lock(&g->lock);
	g->quit = true;
	/* vCPUs run no longer: nobody waits for them. */
	g->machine.threads = NULL;
	eventfd_write(g->wake_fd, 1);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
}
