// SPDX-License-Identifier: MIT
/*
 * Resets of the guest that the debugger wants. The VMM does them, while the stub looks for
 * the event that reports the end.
 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "guest/events.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/restart.h"
#include "guest/stops.h"
#include "guest/target.h"
#include "guest/vcpus.h"

#define PATIENCE_MS	10000
#define SLICE_MS	10

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* No stop from before the reset is true. */
static void forget_stops(struct stub *s)
{
	int i;

	for_each_vcpu(s, i) {
		s->vcpus[i]->pending = false;
		s->vcpus[i]->why = (struct vcpu_event){ .event.vcpu = i, .caught = NO_CATCH };
		reg_cache_forget(s, i);
	}
}

/* Note the vCPUs that run as far as a debugger in non-stop mode knows. */
static void note_running(struct stub *s)
{
	int i;

	for_each_vcpu(s, i)
		s->vcpus[i]->ran = s->non_stop && (s->vcpus[i]->runs || s->vcpus[i]->pending);
}

/* Let it hear that they have been stopped: otherwise it would wait for ever. */
static void tell(struct stub *s)
{
	int i;

	for_each_vcpu(s, i)
		if (s->vcpus[i]->ran)
			s->vcpus[i]->pending = true;
}

static int restarted(struct stub *s)
{
	vcpus_refresh(s, NULL);
	s->general = s->stopped = vcpu_first(s);
	stops_initial(s);
	tell(s);
	return 0;
}

/* Return: whether the target has reported the reset, or a catchpoint before it. */
static bool is_over(const struct stub *s)
{
	int i;

	for_each_vcpu(s, i)
		if (s->vcpus[i]->why.event.why)
			return true;
	return false;
}

static int restart_slice(struct stub *s)
{
	struct pollfd event = { .fd = -1, .events = POLLIN };

	events_collect(s);
	if (s->gone)
		return s->job.then(s, reply_error(s, -ENODEV, "the VM has ended"));
	if (is_over(s))
		return s->job.then(s, restarted(s));
	if (now_ms() >= s->job.last) {
		stops_all(s);
		return s->job.then(s, reply_error(s, -ETIMEDOUT,
			"the VMM has not reset the VM yet: it does so when it runs a vCPU"));
	}
	if (s->target->ops->event_fd)
		event.fd = s->target->ops->event_fd(s->target);
	poll(&event, 1, SLICE_MS);
	return REPLY_LATER;
}

static int cannot(struct stub *s, int error)
{
	switch (-error) {
	case EOPNOTSUPP:
	case ENOTTY:
		return reply_error(s, error, "the VMM offers no reset");
	case EAGAIN:
		return reply_error(s, error, "the VM has no vCPU yet");
	default:
		return error;
	}
}

int restart_guest(struct stub *s, bool console, int (*then)(struct stub *s, int result))
{
	int result;

	note_running(s);
	result = stops_all(s);
	if (result < 0)
		return then(s, result);
	tell(s);
	result = target_call(s->target, reset);
	if (result < 0 && result != -EINPROGRESS)
		return then(s, cannot(s, result));
	forget_stops(s);
	tell(s);
	if (result == 0)
		return then(s, restarted(s));
	s->job = (struct job){ .work = restart_slice, .then = then, .console = console,
			       .last = now_ms() + PATIENCE_MS, .pattern = s->job.pattern };
	return REPLY_LATER;
}
