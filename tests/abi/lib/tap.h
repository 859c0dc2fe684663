/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests in TAP: one line per test. Each test runs in a process of its own, so a test
 * that dies or hangs fails with its name, and the next one still runs.
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
	unsigned int seconds;	/* time limit; 0: the default */
	/* in place of fn, for tests that are rows of a table */
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

/* the device under test; whether it is KVM, the oracle */
const char *tap_device(void);
bool on_kvm(void);

/* Return: whether no other program of the tests runs in this host. */
bool tap_alone(void);

/* Return: the factor for time limits, which is large on slow kernels. */
unsigned int tap_patience(void);

/* end the test */
void tap_skip(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void tap_fail(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

bool tap_check(bool ok, const char *what, const char *file, int line);
bool tap_check_eq(u64 got, u64 want, const char *what, const char *file, int line);
bool tap_check_err(long ret, int err, const char *what, const char *file, int line);
long tap_check_ok(long ret, const char *what, const char *file, int line);

/* CHECKs go on after a failure; REQUIRE and CHECK_OK end the test. */
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
 * A case that KVM gets wrong, or where we decided to differ. @right must hold on our
 * device; on KVM the output tells the result, and @why.
 */
bool tap_known_difference(bool right, const char *what, const char *why,
			  const char *file, int line);
#define KNOWN_DIFFERENCE(c, why) \
	tap_known_difference(!!(c), #c, why, __FILE__, __LINE__)

#endif
