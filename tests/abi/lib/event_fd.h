/* SPDX-License-Identifier: GPL-2.0-only */
/* Eventfds, of which irqfds and ioeventfds are made. */
#ifndef TESTS_ABI_LIB_EVENT_FD_H
#define TESTS_ABI_LIB_EVENT_FD_H

#include <sys/eventfd.h>
#include <unistd.h>

#include "tap.h"

/* Return: a new one that was signalled @count times. */
static inline int event_fd(unsigned int count)
{
	return CHECK_OK(eventfd(count, EFD_NONBLOCK | EFD_CLOEXEC));
}

/* Return: how often it was signalled since the last call. */
static inline u64 count_of(int fd)
{
	u64 count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static inline void signal_it(int fd)
{
	u64 one = 1;

	CHECK_EQ(write(fd, &one, sizeof(one)), sizeof(one));
}

#endif
