// SPDX-License-Identifier: GPL-2.0-only
/* One timerfd for the deadlines of all devices. */
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "alarm.h"
#include "nsec.h"

/* Return: the time in ns (CLOCK_MONOTONIC) */
uint64_t alarm_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* Set the timerfd. @deadline 0 disarms it. */
static void arm_timer(struct alarm *alarm, uint64_t deadline)
{
	struct itimerspec when = {
		.it_value.tv_sec = deadline / NSEC_PER_SEC,
		.it_value.tv_nsec = deadline % NSEC_PER_SEC,
	};

	if (deadline == alarm->armed)
		return;
	alarm->armed = deadline;
	timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static uint64_t first_deadline(const struct alarm *alarm)
{
	uint64_t deadline = 0;

	for (unsigned int i = 0; i < ALARM_MAX; i++)
		if (alarm->deadline[i] &&
		    (!deadline || alarm->deadline[i] < deadline))
			deadline = alarm->deadline[i];
	return deadline;
}

/**
 * alarm_set - set the deadline of user @who, 0 for none
 *
 * A later deadline does not change the timerfd: guests postpone their deadlines
 * all the time, and one needless wakeup costs less than a system call for each.
 */
void alarm_set(struct alarm *alarm, unsigned int who, uint64_t deadline)
{
	alarm->deadline[who] = deadline;
	if (deadline && (!alarm->armed || deadline < alarm->armed))
		arm_timer(alarm, deadline);
}

/**
 * alarm_rang - set the timerfd for the next deadline
 *
 * To be called when @fd is readable, after all users have handled their
 * deadlines.
 */
void alarm_rang(struct alarm *alarm)
{
	uint64_t count;
	ssize_t n = read(alarm->fd, &count, sizeof(count));

	(void)n;
	alarm->armed = 0;
	arm_timer(alarm, first_deadline(alarm));
}

/* Return: false with errno set */
bool alarm_init(struct alarm *alarm)
{
	*alarm = (struct alarm){
		.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_CLOEXEC | TFD_NONBLOCK),
	};
	return alarm->fd >= 0;
}
