// SPDX-License-Identifier: MIT
/* The handle of the library: its life, and its backends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "embed/backend.h"
#include "embed/machine_bp.h"
#include "embed/machine_target.h"
#include "embed/session.h"
#include "embed/vgdb.h"

PUBLIC uint32_t vgdb_version(void)
{
	return VGDB_VERSION;
}

/* ---- life ---- */

static void init_locks(struct vgdb *g)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&g->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&g->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

static const char *claim(void *context)
{
	struct vgdb *g = context;

	g->stub.attached = true;
	if (!g->has_session)
		machine_take(&g->machine);
	return NULL;
}

static void discard(struct vgdb *g)
{
	socket_free(&g->socket);
	vgdb_free_hooks(g);
	vgdb_free_registers(g);
	stub_free(&g->stub);
	close(g->wake_fd);
	pthread_cond_destroy(&g->changed);
	pthread_mutex_destroy(&g->lock);
	free(g);
}

/* A handle without a guest. Return: NULL with errno set. */
static struct vgdb *allocate(void)
{
	struct vgdb *g = calloc(1, sizeof(*g));
	int result;

	if (!g)
		return NULL;
	if (!stub_init(&g->stub, &g->machine.target, NULL)) {
		free(g);
		errno = ENOMEM;
		return NULL;
	}
	init_locks(g);
	socket_init(&g->socket);
	g->stub.claim = claim;
	g->stub.context = g;
	g->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (g->wake_fd >= 0)
		return g;
	result = errno;
	discard(g);
	errno = result;
	return NULL;
}

PUBLIC void vgdb_free(struct vgdb *g)
{
	if (!g)
		return;
	vgdb_end_thread(g);
	/* vCPUs run no longer. */
	g->machine.threads = NULL;
	if (g->connected)
		vgdb_release(g);
	if (!g->has_session)
		machine_free(&g->machine);
	discard(g);
}

/* Finish a constructor. Return: @g, or NULL with errno set. */
static struct vgdb *finish(struct vgdb *g, int result)
{
	if (result >= 0) {
		g->machine.target.ops = &machine_target_ops;
		g->machine.owner = g;
		return g;
	}
	discard(g);
	errno = -result;
	return NULL;
}

PUBLIC struct vgdb *vgdb_new(const struct vgdb_ops *ops, void *context, uint32_t vcpus)
{
	struct vgdb *g;
	int result;

	if (!vcpus || vcpus > VGDB_VCPUS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	g = allocate();
	if (!g)
		return NULL;
	result = backend_own(&g->machine, ops, context);
	while (result >= 0 && g->machine.count < vcpus)
		result = machine_add_vcpu(&g->machine);
	return finish(g, result);
}

PUBLIC struct vgdb *vgdb_new_kvm(int vm_fd)
{
	struct vgdb *g = allocate();

	return g ? finish(g, backend_kvm(&g->machine, vm_fd)) : NULL;
}

PUBLIC struct vgdb *vgdb_new_session(int session_fd)
{
	struct vgdb *g = allocate();
	int result;

	if (!g)
		return NULL;
	session_init(g, session_fd);
	g->stub.target = &g->session.target;
	result = g->session_ops.attach(g->stub.target, TARGET_ANY_VM);
	return finish(g, result);
}

/* ---- the guest ---- */

PUBLIC int vgdb_add_vcpu(struct vgdb *g)
{
	int result = -EOPNOTSUPP;

	pthread_mutex_lock(&g->lock);
	if (!g->has_session && !backend_is_kvm(&g->machine))
		result = machine_add_vcpu(&g->machine);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_kvm_add_vcpu(struct vgdb *g, int vcpu_fd, void *run)
{
	int result = -EOPNOTSUPP;

	pthread_mutex_lock(&g->lock);
	if (!g->has_session && backend_is_kvm(&g->machine))
		result = !run ? -EINVAL : backend_kvm_add_vcpu(&g->machine, vcpu_fd, run);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_kvm_add_memory(struct vgdb *g, uint64_t gpa, uint64_t size, void *host)
{
	int result = -EOPNOTSUPP;

	pthread_mutex_lock(&g->lock);
	if (!g->has_session && backend_is_kvm(&g->machine))
		result = backend_kvm_add_memory(&g->machine, gpa, size, host);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_kvm_del_memory(struct vgdb *g, uint64_t gpa)
{
	int result = -EOPNOTSUPP;

	pthread_mutex_lock(&g->lock);
	if (!g->has_session && backend_is_kvm(&g->machine))
		result = backend_kvm_del_memory(&g->machine, gpa);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_kvm_ops(struct vgdb *g, const struct vgdb_ops *ops, void *context)
{
	struct vgdb_ops copy;
	int result = backend_copy_ops(&copy, ops);

	pthread_mutex_lock(&g->lock);
	if (result == 0 && (g->has_session || !backend_is_kvm(&g->machine)))
		result = -EOPNOTSUPP;
	if (result == 0)
		backend_kvm_ops(&g->machine, &copy, context);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_set_arch(struct vgdb *g, const char *name)
{
	bool by_mode = name && !strcmp(name, "auto");
	const struct layout *layout = name && !by_mode ? layout_find(name) : NULL;

	if (!layout && !by_mode)
		return -EINVAL;
	pthread_mutex_lock(&g->lock);
	g->stub.choice = layout;
	pthread_mutex_unlock(&g->lock);
	return 0;
}

PUBLIC int vgdb_hold(struct vgdb *g)
{
	int result = 0;

	pthread_mutex_lock(&g->lock);
	if (g->has_session)
		result = g->session_ops.stop(&g->session.target, VMXDBG_ALL_VCPUS);
	else
		machine_hold(&g->machine);
	pthread_mutex_unlock(&g->lock);
	return result;
}

PUBLIC int vgdb_ended(struct vgdb *g)
{
	pthread_mutex_lock(&g->lock);
	if (!g->has_session)
		machine_end(&g->machine);
	stub_end(&g->stub);
	if (g->threaded)
		eventfd_write(g->wake_fd, 1);
	else
		vgdb_serve_once(g, 0);
	pthread_mutex_unlock(&g->lock);
	return 0;
}

PUBLIC int vgdb_has_breakpoint(struct vgdb *g, uint64_t addr)
{
	int result;

	pthread_mutex_lock(&g->lock);
	result = !g->has_session && machine_bp_executes(&g->machine, addr);
	pthread_mutex_unlock(&g->lock);
	return result;
}
