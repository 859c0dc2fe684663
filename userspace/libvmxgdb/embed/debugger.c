// SPDX-License-Identifier: MIT
/* A debugger comes and goes. */
#include "embed/session.h"
#include "embed/vgdb.h"

void vgdb_begin(struct vgdb *g)
{
	stub_connect(&g->stub);
	g->connected = true;
}

void vgdb_release(struct vgdb *g)
{
	bool attached = g->stub.attached;

	stub_disconnect(&g->stub);
	g->stub.attached = g->connected = false;
	if (!g->has_session)
		machine_release(&g->machine);
	else if (attached && !g->stub.gone)
		g->session_ops.detach(&g->session.target);
}

void vgdb_events(struct vgdb *g)
{
	if (g->connected)
		stub_event(&g->stub);
	else if (g->has_session)
		session_idle_event(&g->session);
}
