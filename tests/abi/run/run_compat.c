// SPDX-License-Identifier: GPL-2.0-only
/*
 * Documentation/kvm-compat.rst is right: the Makefile makes tables of it for this
 * test.
 */
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest.h"

#define CAPS	240		/* Linux 6.1 has up to 223 */
#define cpus	-1		/* an answer: the number of host CPUs */

static const struct {
	const char *name;
	int cap, answer;
} caps[] = {
#define CAP(name, answer) { #name, name, answer },
#include "compat_caps.inc"
};

enum place { ON_DEVICE, ON_VM, ON_VCPU };

static const struct {
	const char *name;
	enum place place;
	unsigned long cmd;
	int err;
} calls[] = {
#define yes	0
#define CALL(place, name, err) { #name, place, name, err },
#include "compat_calls.inc"
};

static const char *cap_name(int cap, int *answer)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		if (caps[i].cap != cap)
			continue;
		*answer = caps[i].answer;
		return caps[i].name;
	}
	*answer = 0;
	return NULL;
}

static void capabilities_are_those_of_the_page(void)
{
	int cap, got, want;
	const char *name;
	struct utsname host;
	struct vm vm;

	uname(&host);
	if (on_kvm() && strncmp(host.release, "6.1.", 4))
		tap_skip("the page is about the KVM of Linux 6.1");
	vm_make(&vm, NULL);
	for (cap = 0; cap < CAPS; cap++) {
		got = ioctl(vm.fd, KVM_CHECK_EXTENSION, cap);
		name = cap_name(cap, &want);
		if (want == cpus)
			want = sysconf(_SC_NPROCESSORS_ONLN);
		if (!CHECK(on_kvm() ? !got || name : got == want))
			tap_note("%d, %s: %d, the page says %d", cap,
				 name ? name : "which it does not name", got, want);
	}
}

static int call(struct vcpu *v, unsigned int i)
{
	const int fds[] = { v->vm->dev, v->vm->fd, v->fd };

	/* -1 is a bad pointer, flag or number: a call that succeeds changes little */
	return ioctl(fds[calls[i].place], calls[i].cmd, -1L) < 0 ? errno : 0;
}

GUEST64(halt, "hlt");

static void calls_are_those_of_the_page(void)
{
	unsigned int i;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	int got;

	if (on_kvm())
		tap_skip("KVM has what the page says we have not");
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		got = call(v, i);
		if (!CHECK(calls[i].err ? got == calls[i].err : got != ENOTTY))
			tap_note("%s: errno %d, the page says %d", calls[i].name, got,
				 calls[i].err);
	}
}

static const struct test tests[] = {
	TEST(capabilities_are_those_of_the_page),
	TEST(calls_are_those_of_the_page),
};

TAP_MAIN(tests)
