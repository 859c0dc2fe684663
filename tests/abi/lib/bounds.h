/* SPDX-License-Identifier: GPL-2.0-only */
/* Arguments at their bounds: what is accepted, and what is not. */
#ifndef TESTS_ABI_LIB_BOUNDS_H
#define TESTS_ABI_LIB_BOUNDS_H

#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "guest.h"

static inline int error_of(long r)
{
	return r < 0 ? errno : 0;
}

static inline void gives(int got, int want, const char *what, const char *file, int line)
{
	if (!tap_check(got == want, what, file, line))
		tap_note("%s: %s, not %s", what, got ? strerror(got) : "accepted",
			 want ? strerror(want) : "accepted");
}

/* @want: an errno, 0 if the call is accepted */
#define GIVES(call, want)	gives(error_of(call), want, #call, __FILE__, __LINE__)

static inline void accepts(u64 got, u64 want, const char *what, const char *file,
			   int line)
{
	if (!tap_check(got == want, what, file, line))
		tap_note("%s: accepted bits %#llx, not %#llx", what, (unsigned long long)got,
			 (unsigned long long)want);
}

/* @bits: the bits that @call, which has the variable bit, accepts each by itself */
#define ACCEPTS(call, bits)						\
do {									\
	u64 taken = 0, bit;						\
									\
	for (bit = 1; bit; bit <<= 1)					\
		if (!error_of(call))					\
			taken |= bit;					\
	accepts(taken, bits, #call, __FILE__, __LINE__);		\
} while (0)

static inline int check_extension(int fd, unsigned long cap)
{
	return ioctl(fd, KVM_CHECK_EXTENSION, cap);
}

/* With garbage in the padding */
static inline int enable_cap(struct vm *vm, u32 cap, u32 flags, u64 arg)
{
	struct kvm_enable_cap c = { .cap = cap, .flags = flags, .args = { arg } };

	memset(c.pad, 0xff, sizeof(c.pad));
	return ioctl(vm->fd, KVM_ENABLE_CAP, &c);
}

static inline u64 guest_physical_end(void)
{
	unsigned int a, b, c, d;

	__cpuid(0x80000008, a, b, c, d);
	return 1ULL << (a & 0xff);
}

#endif
