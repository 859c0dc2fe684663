// SPDX-License-Identifier: MIT
/* Threads of vCPUs that report stops, and serve or wait until they may run. */
#include <errno.h>
#include <stdio.h>

#include "embed/backend.h"
#include "embed/vgdb.h"

/* Return: whether there is a machine with this vCPU. */
static bool valid(const struct vgdb *g, uint32_t vcpu)
{
	return !g->has_session && vcpu < g->machine.count;
}

static void report(struct vgdb *g, uint32_t vcpu, uint32_t reason)
{
	/* Another thread serves: the machine's eventfd wakes it. */
	if (machine_report(&g->machine, vcpu, reason) && !g->threaded)
		vgdb_events(g);
}

/* ---- waiting ---- */

/* One thread for all vCPUs must not wait for one while another may run. */
static int until_one_runs(struct vgdb *g)
{
	int result = 0;

	while (result == 0 && !machine_any_runs(&g->machine))
		result = vgdb_serve_once(g, -1);
	return result;
}

static int until_resumed(struct vgdb *g, uint32_t vcpu)
{
	int action;

	if (!g->threaded) {
		action = until_one_runs(g);
		return action < 0 ? action : machine_enter(&g->machine, vcpu);
	}
	while ((action = machine_enter(&g->machine, vcpu)) == VGDB_WAIT)
		pthread_cond_wait(&g->changed, &g->lock);
	return action;
}

PUBLIC int vgdb_serve_until_resumed(struct vgdb *g, uint32_t vcpu, uint32_t reason)
{
	int result = -EINVAL;

	pthread_mutex_lock(&g->lock);
	if (valid(g, vcpu)) {
		report(g, vcpu, reason);
		result = until_resumed(g, vcpu);
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_kvm_exit(struct vgdb *g, uint32_t vcpu)
{
	int result = -EINVAL;

	pthread_mutex_lock(&g->lock);
	if (valid(g, vcpu) && backend_is_kvm(&g->machine))
		result = backend_kvm_reason(&g->machine, vcpu);
	if (result > 0) {
		report(g, vcpu, result);
		result = until_resumed(g, vcpu);
	} else if (result == 0) {
		result = machine_action(&g->machine, vcpu);
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_interrupted(struct vgdb *g, uint32_t vcpu)
{
	if (vcpu >= VGDB_VCPUS_MAX)
		return 0;
	if (!g->threaded) {
		pthread_mutex_lock(&g->lock);
		if (g->socket.listen_fd >= 0 || g->socket.fd >= 0)
			vgdb_serve_once(g, 0);
		pthread_mutex_unlock(&g->lock);
	}
	return __atomic_load_n(&g->machine.hurry, __ATOMIC_ACQUIRE) >> vcpu & 1;
}

/* ---- without waiting ---- */

PUBLIC int vgdb_report(struct vgdb *g, uint32_t vcpu, uint32_t reason)
{
	int result = -EINVAL;

	pthread_mutex_lock(&g->lock);
	if (valid(g, vcpu)) {
		machine_report(&g->machine, vcpu, reason);
		result = 0;
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_action(struct vgdb *g, uint32_t vcpu)
{
	int result = -EINVAL;

	pthread_mutex_lock(&g->lock);
	if (valid(g, vcpu))
		result = machine_enter(&g->machine, vcpu);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_detail_addr(struct vgdb *g, uint32_t vcpu, uint64_t addr)
{
	int result = -EINVAL;

	pthread_mutex_lock(&g->lock);
	if (valid(g, vcpu)) {
		g->machine.vcpus[vcpu].addr = addr;
		result = 0;
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_detail_text(struct vgdb *g, uint32_t vcpu, int signal, const char *text)
{
	struct machine_vcpu *v = &g->machine.vcpus[vcpu % VGDB_VCPUS_MAX];
	int result = -EINVAL;

	pthread_mutex_lock(&g->lock);
	if (valid(g, vcpu)) {
		v->signal = signal;
		snprintf(v->text, sizeof(v->text), "%s", text ? text : "");
		result = 0;
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}
