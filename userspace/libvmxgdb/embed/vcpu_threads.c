// SPDX-License-Identifier: MIT
/* Threads of vCPUs, while another thread serves the debugger. */
#include <time.h>

#include "embed/vgdb.h"

#define KICK_AGAIN_MS	10

/* A kick may come just before the vCPU enters the guest, so it is repeated. */
static void wait_for_vcpus(void *owner)
{
	struct vgdb *g = owner;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += KICK_AGAIN_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_cond_timedwait(&g->changed, &g->lock, &until);
}

static void wake_vcpus(void *owner)
{
	pthread_cond_broadcast(&((struct vgdb *)owner)->changed);
}

static const struct machine_threads threads = {
	.wait = wait_for_vcpus,
	.wake = wake_vcpus,
};

PUBLIC int vgdb_set_threaded(struct vgdb *g, int threaded)
{
	pthread_mutex_lock(&g->lock);
	g->threaded = threaded;
	g->machine.threads = threaded ? &threads : NULL;
	pthread_mutex_unlock(&g->lock);
	return 0;
}
