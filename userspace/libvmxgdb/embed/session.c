// SPDX-License-Identifier: MIT
/* A session that the VMM has begun, as a guest of the library. */
#include <errno.h>
#include <stdlib.h>

#include <vmxdbg-client.h>

#include "embed/session.h"

/* The session stays, so what the debugger has left in it is removed piece by piece. */
static void session_detach(struct target *t)
{
	int i, count, fd = ((struct session_target *)t)->session;
	struct vmxdbg_object_info *objects;

	vmxdbg_stop(fd, VMXDBG_ALL_VCPUS);
	session_target_close_ring((struct session_target *)t);
	count = vmxdbg_list_objects(fd, &objects);
	for (i = 0; i < count; i++)
		vmxdbg_del_bp(fd, objects[i].id);
	if (count > 0)
		free(objects);
	/* A resume of all skips vCPUs with an unread event. */
	session_idle_event((struct session_target *)t);
	vmxdbg_resume(fd, VMXDBG_ALL_VCPUS);
}

static int session_attach(struct target *t, uint32_t vm)
{
	struct vmxdbg_info info;

	if (vmxdbg_get_info(((struct session_target *)t)->session, &info) < 0)
		return -errno;
	return vm == TARGET_ANY_VM || vm == info.vm ? 0 : -ENOENT;
}

static void session_close(struct target *t)
{
}

void session_init(struct vgdb *g, int session_fd)
{
	g->session_ops = session_target_ops;
	g->session_ops.attach = session_attach;
	g->session_ops.detach = session_detach;
	g->session_ops.close = session_close;
	g->session.target.ops = &g->session_ops;
	g->session.session = session_fd;
	g->has_session = true;
}

void session_idle_event(struct session_target *t)
{
	struct vmxdbg_event event;

	while (vmxdbg_next_event(t->session, &event, 0) == 1)
		if (!(event.why & VMXDBG_WHY_GONE))
			vmxdbg_resume(t->session, event.vcpu);
}
