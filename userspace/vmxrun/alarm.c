// SPDX-License-Identifier: GPL-2.0-only
/*
 * One timerfd for the deadlines of all devices. The timerfd counts the host's time, and the
 * deadlines are in the VM's, which a debugger may hold meanwhile: then the timerfd is early.
 */
#include <sys/timerfd.h>
#include <unistd.h>

#include "alarm.h"
#include "nsec.h"

/* Return: the time of the VM in ns */
uint64_t alarm_now(const struct alarm *alarm)
{
	return vm_clock_now(&alarm->clock);
}

/* Set the timerfd. @deadline 0 disarms it. */
static void arm_timer(struct alarm *alarm, uint64_t deadline)
{
	struct itimerspec when = { 0 };
	uint64_t now, left;

	if (deadline == alarm->armed)
		return;
	alarm->armed = deadline;
	if (deadline) {
		now = alarm_now(alarm);
		left = deadline > now ? deadline - now : 1;
		when.it_value.tv_sec = left / NSEC_PER_SEC;
		when.it_value.tv_nsec = left % NSEC_PER_SEC;
	}
	timerfd_settime(alarm->fd, 0, &when, NULL);
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
 * To be called when @fd is readable, and when the time goes on for which the alarm
 * @waits, after all users have handled their deadlines.
 */
void alarm_rang(struct alarm *alarm)
{
	uint64_t count, deadline = first_deadline(alarm);
	ssize_t n = read(alarm->fd, &count, sizeof(count));

	(void)n;
	alarm->waits = deadline && vm_clock_is_held(&alarm->clock);
	alarm->armed = 0;
	if (!alarm->waits)
		arm_timer(alarm, deadline);
}

/**
 * alarm_init - prepare @alarm
 * @vm: file descriptor of the VM
 *
 * Return: false with errno set.
 */
bool alarm_init(struct alarm *alarm, int vm)
{
	*alarm = (struct alarm){
		.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_CLOEXEC | TFD_NONBLOCK),
	};
	vm_clock_init(&alarm->clock, vm);
	return alarm->fd >= 0;
}
