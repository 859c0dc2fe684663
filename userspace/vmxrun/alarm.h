/* SPDX-License-Identifier: GPL-2.0-only */
/* One timerfd for the deadlines of all devices. */
#ifndef VMXRUN_ALARM_H
#define VMXRUN_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "vm_clock.h"

#define ALARM_MAX	17	/* the PIT's, and one for each local APIC */

/**
 * struct alarm - a timerfd and the deadlines of its users
 * @fd: timerfd, readable when the first deadline may have come
 * @clock: the clock of the deadlines
 * @deadline: deadline of each user in ns, 0 for none
 * @armed: deadline that @fd is set to, 0 for none
 * @waits: @fd is not set, because the time stands still
 */
struct alarm {
	int fd;
	struct vm_clock clock;
	uint64_t deadline[ALARM_MAX];
	uint64_t armed;
	bool waits;
};

bool alarm_init(struct alarm *alarm, int vm);
void alarm_set(struct alarm *alarm, unsigned int who, uint64_t deadline);
void alarm_rang(struct alarm *alarm);
uint64_t alarm_now(const struct alarm *alarm);

#endif
