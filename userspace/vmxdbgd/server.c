// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon's main loop: wait for the VM, wait for a debugger, serve it, let
 * the guest run, and wait for the next debugger.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "exit_status.h"
#include "options.h"
#include "server.h"
#include "stub.h"
#include "target.h"
#include "transport.h"

#define POLL_VM_MS	200

/**
 * struct server - the daemon
 * @options: command line
 * @target: guest
 * @transport: connection to the debugger
 * @stub: conversation with the debugger
 * @signals: signalfd of the signals that end the daemon
 * @quit: such a signal came
 * @broken: writing to the connection has failed
 * @attached: there is a session with the VM
 * @ended: the VM has ended
 */
struct server {
	const struct options *options;
	struct target *target;
	struct transport transport;
	struct stub stub;
	int signals;
	bool quit;
	bool broken;
	bool attached;
	bool ended;
};

static const struct target_ops *ops(const struct server *s)
{
	return s->target->ops;
}

__attribute__((format(printf, 1, 2)))
static void message(const char *format, ...)
{
	va_list args;

	fputs("vmxdbgd: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/*
 * Wait for one of @fds, for a signal, or for the timeout. @fds has room for one
 * more entry at its end, for the signals. Return: false if a signal came.
 */
static bool wait_for(struct server *s, struct pollfd *fds, nfds_t count,
		     int timeout_ms)
{
	fds[count] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	if (poll(fds, count + 1, timeout_ms) < 0)
		return errno == EINTR;
	if (fds[count].revents)
		s->quit = true;
	return !s->quit;
}

/* ---- the connection ---- */

/* Wait until the connection has room. Return: false if a signal came. */
static bool wait_for_room(struct server *s)
{
	struct pollfd fds[2] = {
		{ .fd = s->transport.out, .events = POLLOUT },
	};

	return wait_for(s, fds, 1, -1);
}

static void write_all(void *context, const void *data, size_t len)
{
	struct server *s = context;
	size_t max = s->transport.write_max;
	const char *p = data;
	ssize_t n;

	while (len && !s->broken) {
		if (max && !wait_for_room(s))
			break;
		n = write(s->transport.out, p, max && len > max ? max : len);
		if (n >= 0) {
			p += n;
			len -= n;
		} else if (errno == EAGAIN) {
			if (!wait_for_room(s))
				break;
		} else if (errno != EINTR) {
			break;
		}
	}
	/* After half a packet the connection is of no use. */
	if (len)
		s->broken = true;
}

/* Return: bytes read, 0 at the end or after an error, -1 if there were none. */
static ssize_t read_some(struct server *s, char *data, size_t room)
{
	ssize_t n = read(s->transport.in, data, room);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -1;
	return n < 0 ? 0 : n;
}

/* ---- the VM ---- */

/* Print why the session cannot begin. Return: the exit status. */
static int explain(const struct server *s, int error)
{
	switch (-error) {
	case ENOENT:
		message("there is no such VM; vmxdbgd --list shows them");
		break;
	case ENOTUNIQ:
		message("there are several VMs; choose one with --vm, vmxdbgd --list shows them");
		break;
	case EBUSY:
		message("the VM already has a debugger");
		break;
	case EPERM:
	case EACCES:
		message("you are not allowed to debug the VM's process");
		break;
	default:
		message("%s: %s", s->options->device, strerror(-error));
	}
	return EXIT_FAILED;
}

static int attach(struct server *s)
{
	int result = ops(s)->attach(s->target);

	s->attached = result == 0;
	return result;
}

/* Return: the input of a debugger that is connected from the start, or -1. */
static int on_stdio(const struct server *s)
{
	return s->transport.listen_fd < 0 ? STDIN_FILENO : -1;
}

/* Return: 0 with a session (or without a use for it), otherwise the exit status. */
static int wait_for_vm(struct server *s)
{
	struct pollfd fds[2] = { { .fd = on_stdio(s) } };
	struct vmxdbg_info info;
	bool told = false;
	int result;

	while ((result = attach(s)) < 0) {
		if (result != -ENOENT || !s->options->wait)
			return explain(s, result);
		if (!told)
			message("there is no such VM yet: waiting for one");
		told = true;
		if (!wait_for(s, fds, 1, POLL_VM_MS))
			return 0;
		if (fds[0].revents)
			s->quit = true;
		if (s->quit)
			return 0;
	}
	s->ended = false;
	if (!ops(s)->info(s->target, &info))
		message("attached to VM %u of process %d, waiting for gdb at %s",
			info.vm, info.pid, s->transport.where);
	return 0;
}

/* A VMM creates the VM before its vCPUs, and gdb cannot handle a VM without. */
static bool has_vcpus(struct server *s)
{
	struct vmxdbg_info info;

	return ops(s)->info(s->target, &info) == 0 && info.vcpu_mask;
}

/*
 * Handle an event while there is no debugger, such as a triple fault: resume
 * the vCPU, so that the VMM gets it. Handle one event at a time, because a VMM
 * that ignores a triple fault would cause events without end.
 */
static void idle_event(struct server *s)
{
	struct vmxdbg_event event;
	struct vmxdbg_resume go = { 0 };
	int result = ops(s)->next_event(s->target, &event);

	if (result < 0 || (result == 1 && (event.why & VMXDBG_WHY_GONE))) {
		s->ended = true;
	} else if (result == 1) {
		go.vcpu = event.vcpu;
		ops(s)->resume(s->target, &go);
	}
}

/* ---- a debugger ---- */

/*
 * Return: the offset of the first packet in @data; on a line noise comes first.
 */
static size_t first_packet(const struct server *s, const char *data, size_t len)
{
	const char *start = data;

	if (s->transport.is_line)
		start = memchr(data, '$', len);
	return start ? (size_t)(start - data) : len;
}

/* Accept the connection and stop the guest. Return: false if that failed. */
static bool begin_debugger(struct server *s)
{
	int result = 0;

	s->broken = false;
	if (s->transport.ops->accept(&s->transport) < 0)
		return false;
	if (!s->attached)
		result = attach(s);
	if (!result)
		result = stub_connect(&s->stub);
	if (!result)
		return true;
	explain(s, result);
	s->transport.ops->hangup(&s->transport);
	if (result == -ENODEV || result == -ENOENT)
		s->ended = true;
	return false;
}

/* Close the connection of a second debugger, which would wait in silence. */
static void refuse_second(struct server *s)
{
	struct transport second = s->transport;

	if (second.ops->accept(&second) == 0)
		second.ops->hangup(&second);
}

/* Return: false at the end of the input. */
static bool handle_input(struct server *s)
{
	char data[4096];
	ssize_t n = read_some(s, data, sizeof(data));

	if (n > 0)
		stub_input(&s->stub, data, n);
	return n != 0;
}

static bool serve_once(struct server *s)
{
	bool socket = !s->transport.is_line && s->transport.listen_fd >= 0;
	struct pollfd fds[4] = {
		{ .fd = s->transport.in, .events = POLLIN },
		/* Only a running guest has events. */
		{ .fd = s->stub.running ? ops(s)->event_fd(s->target) : -1,
		  .events = POLLIN },
		{ .fd = socket ? s->transport.listen_fd : -1,
		  .events = POLLIN },
	};

	if (!wait_for(s, fds, 3, -1))
		return false;
	if (fds[1].revents)
		stub_event(&s->stub);
	if (fds[0].revents && !handle_input(s))
		return false;
	/* If the first has gone as well, the second is the next debugger. */
	if (fds[2].revents && !fds[0].revents)
		refuse_second(s);
	return !s->broken && !s->stub.finished &&
	       !(s->stub.gone && !s->stub.running);
}

static void serve(struct server *s)
{
	while (serve_once(s))
		;
	/* The stub has reported the end of the VM if it knows of it. */
	s->ended = s->stub.gone;
	stub_disconnect(&s->stub);
	/* Let the guest run before waiting for gdb to close. */
	ops(s)->detach(s->target);
	s->attached = false;
	s->transport.ops->hangup(&s->transport);
}

/* Attach again after a debugger has gone, to notice the end of the VM. */
static void attach_again(struct server *s)
{
	int result;

	if (s->ended || s->quit)
		return;
	result = attach(s);
	if (result == -ENOENT || result == -ENODEV)
		s->ended = true;
	else if (result < 0)
		explain(s, result);
}

/*
 * Read from a line until a packet begins.
 * Return: the length of @data, which starts with the packet; 0 if none came
 * yet.
 */
static size_t read_line(struct server *s, char *data, size_t room)
{
	size_t skip;
	ssize_t n;

	s->transport.in = s->transport.listen_fd;
	n = read_some(s, data, room);
	s->transport.in = -1;
	if (n <= 0) {
		/*
		 * Wait until somebody opens the other end of the
		 * pseudo-terminal.
		 */
		struct pollfd fds[1];

		wait_for(s, fds, 0, POLL_VM_MS);
		return 0;
	}
	skip = first_packet(s, data, n);
	memmove(data, data + skip, n - skip);
	return n - skip;
}

static bool serve_next(struct server *s)
{
	char data[4096];
	size_t len = 0;

	if (s->transport.is_line) {
		len = read_line(s, data, sizeof(data));
		if (!len)
			return false;
	}
	if (!begin_debugger(s))
		return false;
	if (len)
		stub_input(&s->stub, data, len);
	serve(s);
	if (!s->options->once && !s->transport.only_one)
		attach_again(s);
	return true;
}

/* Serve debuggers until the VM ends, or one debugger with --once or --stdio. */
static void serve_vm(struct server *s)
{
	bool enough = s->options->once || s->transport.only_one;
	bool there = on_stdio(s) >= 0;
	bool served = false, told = false;

	while (!s->quit && !s->ended && !(served && enough)) {
		bool ready = !s->attached || has_vcpus(s);
		struct pollfd fds[4] = {
			{ .fd = s->attached ? ops(s)->event_fd(s->target) : -1,
			  .events = POLLIN },
			{ .fd = ready ? s->transport.listen_fd : -1,
			  .events = POLLIN },
			/* only to notice that it has gone */
			{ .fd = on_stdio(s) },
		};

		if (!ready && !told)
			message("the VM has no vCPU yet: waiting for one");
		told |= !ready;
		if (!wait_for(s, fds, 3, !ready ? POLL_VM_MS : there ? 0 : -1))
			break;
		if (!ready && fds[2].revents)
			break;
		if (fds[0].revents)
			idle_event(s);
		if (!s->ended && (fds[1].revents || (ready && there)))
			served = serve_next(s) || s->transport.only_one;
	}
	if (s->attached)
		ops(s)->detach(s->target);
	s->attached = false;
}

/* ---- the daemon ---- */

static int open_signals(void)
{
	sigset_t set;

	/* write() returns an error when the debugger has gone. */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int serve_vms(struct server *s)
{
	bool enough = s->options->once || s->transport.only_one ||
		      s->options->vm >= 0 || !s->options->wait;
	int status;

	do {
		status = wait_for_vm(s);
		if (status)
			return status;
		serve_vm(s);
		if (s->ended)
			message("the VM has ended");
	} while (!enough && !s->quit);
	return 0;
}

int server_run(const struct options *options, struct target *target)
{
	struct server s = {
		.options = options,
		.target = target,
		.signals = open_signals(),
	};
	int status;

	if (s.signals < 0)
		return EXIT_FAILED;
	status = transport_open(&s.transport, options->transport,
				options->endpoint);
	if (status)
		return status;
	if (!stub_init(&s.stub, target, options->layout, write_all, &s)) {
		message("out of memory");
		return EXIT_FAILED;
	}
	status = serve_vms(&s);
	stub_free(&s.stub);
	s.transport.ops->close(&s.transport);
	close(s.signals);
	return status;
}
