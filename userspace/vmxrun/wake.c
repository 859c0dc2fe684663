// SPDX-License-Identifier: GPL-2.0-only
/* The eventfd by which other threads wake the event loop. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "wake.h"

/* Return: false with errno set */
bool wake_init(struct machine *m)
{
	m->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return m->wake >= 0;
}

/**
 * wake_event_loop - make the event loop look at the machine's state
 *
 * Any thread may call it, with or without the machine's lock.
 */
void wake_event_loop(struct machine *m)
{
	uint64_t one = 1;
	/*
	 * A full counter refuses the write, but wakes the event loop as well.
	 */
	ssize_t n = write(m->wake, &one, sizeof(one));

	(void)n;
}

/**
 * wake_drain - forget earlier calls of wake_event_loop()
 */
void wake_drain(struct machine *m)
{
	uint64_t count;
	ssize_t n = read(m->wake, &count, sizeof(count));

	(void)n;
}
