// SPDX-License-Identifier: GPL-2.0-only
/* One timerfd for the deadlines of all devices. */
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "alarm.h"

#define NSEC_PER_SEC	1000000000ULL

/* The clock that deadlines are of. */
uint64_t alarm_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* Zero disarms a timerfd, and means "never" here as well. */
static void arm(struct alarm *alarm, uint64_t deadline)
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

static uint64_t first(const struct alarm *alarm)
{
	uint64_t deadline = 0;

	for (unsigned int i = 0; i < ALARM_MAX; i++)
		if (alarm->deadline[i] &&
		    (!deadline || alarm->deadline[i] < deadline))
			deadline = alarm->deadline[i];
	return deadline;
}

/*
 * A deadline that is put off leaves the timer as it is: guests put theirs off
 * all the time, and ringing once in vain costs less than a system call each.
 */
void alarm_set(struct alarm *alarm, unsigned int who, uint64_t deadline)
{
	alarm->deadline[who] = deadline;
	if (deadline && (!alarm->armed || deadline < alarm->armed))
		arm(alarm, deadline);
}

/* After everybody whose deadline has come has been told. */
void alarm_rang(struct alarm *alarm)
{
	uint64_t count;
	ssize_t n = read(alarm->fd, &count, sizeof(count));

	(void)n;
	alarm->armed = 0;
	arm(alarm, first(alarm));
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
