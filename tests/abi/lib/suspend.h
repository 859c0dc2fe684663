/* SPDX-License-Identifier: GPL-2.0-only */
/* A suspend of the host that sets its TSC back (tests/hoststate/tsc_back.c). */
#ifndef TESTS_ABI_SUSPEND_H
#define TESTS_ABI_SUSPEND_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static inline void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		tap_skip("there is no %s", path);
	REQUIRE_EQ(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Suspend up to the last step, from which the kernel resumes by itself, at once. */
static inline void suspend(void)
{
	if (access("/sys/module/tsc_back", F_OK))
		tap_skip("the module tsc_back is not loaded");
	write_text("/sys/module/suspend/parameters/pm_test_delay", "0");
	write_text("/sys/power/pm_test", "core");
	write_text("/sys/power/state", "mem");
}

#endif
