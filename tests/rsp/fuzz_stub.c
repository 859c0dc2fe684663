// SPDX-License-Identifier: GPL-2.0-only
/* The stub with its fake guest, as the fuzzers drive it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz_stub.h"
#include "guest/target.h"
#include "options.h"
#include "target_device.h"

void fuzz_die(const char *what, const char *where, int round)
{
	fprintf(stderr, "fuzz: %s in %s %d\n", what, where, round);
	abort();
}

static struct target *open_guest(const char *guest)
{
	struct options options = { .device = (char *)guest };
	int device = device_open(&options);
	struct target *t = device < 0 ? NULL : target_new(&options, device);

	if (!t) {
		fprintf(stderr, "fuzz: %s cannot be read\n", guest);
		exit(2);
	}
	close(device);
	return t;
}

void fuzz_open(struct fuzz_stub *f, const char *guest, const struct layout *layout)
{
	const char *slice = getenv("FUZZ_SLICE_MS");

	memset(f, 0, sizeof(*f));
	f->guest = guest;
	f->slice_ns = slice ? atoll(slice) * 1000000 : 0;
	if (!stub_init(&f->stub, open_guest(guest), layout))
		exit(2);
}

static void leave(struct fuzz_stub *f)
{
	const struct target *t = f->stub.target;

	if (f->stub.attached)
		t->ops->detach(f->stub.target);
	stub_disconnect(&f->stub);
	f->stub.attached = false;
}

void fuzz_close(struct fuzz_stub *f)
{
	leave(f);
	stub_free(&f->stub);
	f->stub.target->ops->close(f->stub.target);
}

static const char *claim(void *context)
{
	struct fuzz_stub *f = context;
	struct target *t = f->stub.target;

	if (f->stub.waits)
		return NULL;
	if (t->ops->attach(t, TARGET_ANY_VM) < 0) {
		/* The VM has ended. */
		t->ops->close(t);
		t = f->stub.target = open_guest(f->guest);
		if (t->ops->attach(t, TARGET_ANY_VM) < 0)
			return "there is no VM";
	}
	f->stub.attached = true;
	return NULL;
}

void fuzz_connect(struct fuzz_stub *f)
{
	leave(f);
	stub_connect(&f->stub);
	f->stub.claim = claim;
	f->stub.context = f;
}

void fuzz_stay(struct fuzz_stub *f, enum stub_stay how)
{
	struct stub *waiting = malloc(sizeof(*waiting));
	int i;

	if (!waiting || !stub_init(waiting, f->stub.target, f->stub.layout))
		exit(2);
	if (f->stub.attached && f->stub.phase == STUB_TALKING && !f->stub.gone) {
		stub_stay(waiting, &f->stub, how);
		for (i = 0; i < 8 && stub_wants_events(waiting); i++)
			stub_event(waiting);
		stub_disconnect(&f->stub);
		stub_connect(&f->stub);
		stub_take_over(&f->stub, waiting);
	}
	stub_free(waiting);
	free(waiting);
}

/* ---- calls of the stub, none of which may take long ---- */

static long long cpu_time(const struct fuzz_stub *f)
{
	struct timespec now = { 0 };

	if (f->slice_ns)
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void check_time(const struct fuzz_stub *f, long long begin, const char *where)
{
	long long took = cpu_time(f) - begin;

	if (took > f->slice_ns)
		fuzz_die("too many microseconds", where, (int)(took / 1000));
}

static void take(struct fuzz_stub *f)
{
	size_t len;

	stub_output(&f->stub, &len);
	stub_sent(&f->stub, len);
	f->sent += len;
}

void fuzz_input(struct fuzz_stub *f, const void *data, size_t len)
{
	long long begin = cpu_time(f);

	stub_input(&f->stub, data, len);
	check_time(f, begin, "stub_input()");
	if (!stub_wants_input(&f->stub)) {
		fuzz_work(f, 4);
		take(f);
		/* The output has been taken, so only a long packet can be in the way. */
		if (!stub_wants_input(&f->stub))
			stub_input(&f->stub, "\003", 1);
	}
}

void fuzz_event(struct fuzz_stub *f)
{
	long long begin = cpu_time(f);

	if (stub_wants_events(&f->stub))
		stub_event(&f->stub);
	check_time(f, begin, "stub_event()");
}

void fuzz_work(struct fuzz_stub *f, int slices)
{
	long long begin;

	take(f);
	for (; slices && stub_has_work(&f->stub); slices--) {
		begin = cpu_time(f);
		stub_work(&f->stub);
		check_time(f, begin, "stub_work()");
		take(f);
	}
}

/* Let it do what takes long, or interrupt that. */
static void drain(struct fuzz_stub *f)
{
	fuzz_work(f, 4);
	if (f->stub.job.work)
		fuzz_input(f, "\003", 1);
	take(f);
}

void fuzz_check_alive(struct fuzz_stub *f, const char *where, int round)
{
	struct stub *s = &f->stub;
	size_t before;

	fuzz_input(f, "$#00", 4);	/* ends a packet that has begun */
	drain(f);
	if (stub_finished(s))
		return;
	s->link.no_ack = true;
	if (s->running)
		fuzz_input(f, "\003", 1);
	if (s->running)
		fuzz_die("the guest cannot be stopped", where, round);
	drain(f);
	if (stub_finished(s))
		return;
	before = f->sent;
	fuzz_input(f, "$qAttached#8f", 13);
	drain(f);
	if (f->sent == before)
		fuzz_die("no answer", where, round);
	if (s->reply.len)
		fuzz_die("a reply was not sent", where, round);
}
