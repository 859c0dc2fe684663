// SPDX-License-Identifier: MIT
/* A session: stop, resume, read events. */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmxdbg-client.h"

int vmxdbg_get_info(int session, struct vmxdbg_info *info)
{
	return ioctl(session, VMXDBG_GET_INFO, info);
}

int vmxdbg_get_vcpu(int session, uint32_t vcpu, struct vmxdbg_vcpu *state)
{
	*state = (struct vmxdbg_vcpu){ .vcpu = vcpu };
	return ioctl(session, VMXDBG_GET_VCPU, state);
}

int vmxdbg_stop(int session, uint32_t vcpu)
{
	struct vmxdbg_stop stop = { .vcpu = vcpu };

	return ioctl(session, VMXDBG_STOP, &stop);
}

int vmxdbg_resume(int session, uint32_t vcpu)
{
	struct vmxdbg_resume resume = { .vcpu = vcpu };

	return ioctl(session, VMXDBG_RESUME, &resume);
}

int vmxdbg_step(int session, uint32_t vcpu, uint32_t flags)
{
	struct vmxdbg_resume resume = {
		.vcpu = vcpu,
		.flags = flags | VMXDBG_RESUME_STEP,
	};

	return ioctl(session, VMXDBG_RESUME, &resume);
}

int vmxdbg_step_range(int session, uint32_t vcpu, uint32_t flags,
		      uint64_t start, uint64_t end)
{
	struct vmxdbg_resume resume = {
		.vcpu = vcpu,
		.flags = flags | VMXDBG_RESUME_STEP | VMXDBG_RESUME_RANGE,
		.range_start = start,
		.range_end = end,
	};

	return ioctl(session, VMXDBG_RESUME, &resume);
}

int vmxdbg_set_time(int session, uint32_t mode)
{
	struct vmxdbg_time time = { .mode = mode };

	return ioctl(session, VMXDBG_SET_TIME, &time);
}

int vmxdbg_inject(int session, const struct vmxdbg_inject *event)
{
	return ioctl(session, VMXDBG_INJECT, event);
}

int vmxdbg_reset(int session)
{
	struct vmxdbg_reset reset = { .flags = 0 };

	return ioctl(session, VMXDBG_RESET, &reset);
}

int vmxdbg_next_event(int session, struct vmxdbg_event *event, int timeout_ms)
{
	struct pollfd pfd = { .fd = session, .events = POLLIN };
	ssize_t n;
	int ready = poll(&pfd, 1, timeout_ms);

	if (ready <= 0)
		return ready;
	n = read(session, event, sizeof(*event));
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	if (n != sizeof(*event)) {
		errno = n ? EPROTO : ENODEV;
		return -1;
	}
	return 1;
}
