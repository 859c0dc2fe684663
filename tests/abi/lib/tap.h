/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests in TAP: one line per test, each test in a process of its own, so that
 * one that dies or hangs says so with its name and the next one still runs.
 */
#ifndef TESTS_ABI_TAP_H
#define TESTS_ABI_TAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct test {
	const char *name;
	void (*fn)(void);
	unsigned int seconds;	/* until it counts as hung; 0: the default */
	/* instead of fn, for tests that are the rows of a table */
	void (*with)(const void *row);
	const void *row;
};

#define TEST(fn)		{ #fn, fn, 0, NULL, NULL }
/* a row of Documentation/hardcases.rst */
#define TEST_HARD(row, fn)	{ "hard case " #row ": " #fn, fn, 0, NULL, NULL }
#define TEST_HARD_SLOW(row, fn, seconds) \
	{ "hard case " #row ": " #fn, fn, seconds, NULL, NULL }
#define TEST_SLOW(fn, seconds)	{ #fn, fn, seconds, NULL, NULL }

/*
 * Run the tests of the table, or with --list print their names. Other arguments
 * are the device's path and shell patterns, one of which a test's name must match.
 * A pattern need not have the "hard case 3: " of a name. Return: main()'s status.
 */
int tap_main(int argc, char **argv, const struct test *tests, unsigned int nr);

#define TAP_MAIN(tests)							\
int main(int argc, char **argv)						\
{									\
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests));		\
}

/* the device under test, and whether it is KVM, the oracle, and not ours */
const char *tap_device(void);
bool on_kvm(void);

/* how many times longer than usual a thing may take: the lab knows slow kernels */
unsigned int tap_patience(void);

/* ends the test */
void tap_skip(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void tap_fail(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

bool tap_check(bool ok, const char *what, const char *file, int line);
bool tap_check_eq(u64 got, u64 want, const char *what, const char *file, int line);
bool tap_check_err(long ret, int err, const char *what, const char *file, int line);
long tap_check_ok(long ret, const char *what, const char *file, int line);

/* go on after a failed CHECK; REQUIRE and CHECK_OK end the test */
#define CHECK(c)	tap_check(!!(c), #c, __FILE__, __LINE__)
#define CHECK_EQ(g, w)	tap_check_eq((u64)(g), (u64)(w), #g, __FILE__, __LINE__)
#define CHECK_ERR(c, e)	tap_check_err((c), (e), #c, __FILE__, __LINE__)
#define CHECK_OK(c)	tap_check_ok((c), #c, __FILE__, __LINE__)
#define REQUIRE(c)	do {						\
	if (!CHECK(c))							\
		tap_fail("cannot go on");				\
} while (0)
#define REQUIRE_EQ(g, w) do {						\
	if (!CHECK_EQ(g, w))						\
		tap_fail("cannot go on");				\
} while (0)

/*
 * A case that KVM gets wrong, or that we decided to do differently: @right must
 * hold on our device, and on KVM the output says what was seen, and @why.
 */
bool tap_known_difference(bool right, const char *what, const char *why,
			  const char *file, int line);
#define KNOWN_DIFFERENCE(c, why) \
	tap_known_difference(!!(c), #c, why, __FILE__, __LINE__)

#endif
