/* SPDX-License-Identifier: GPL-2.0-only */
/* The VM that the daemon serves, also while there is no debugger. */
#ifndef VMXDBGD_HOME_H
#define VMXDBGD_HOME_H

#include <stdbool.h>

struct options;
struct target;

/**
 * struct home - the VM
 * @options: command line
 * @target: guest
 * @attached: there is a session, which is the daemon's while no debugger has claimed it
 * @ended: the VM has ended
 * @ready: it has had a vCPU: gdb cannot handle a VM without
 * @told: what was said about waiting: 1: for a VM, 2: for a vCPU
 */
struct home {
	const struct options *options;
	struct target *target;
	bool attached;
	bool ended;
	bool ready;
	unsigned int told;
};

/**
 * home_find() - begin a session, if there is none
 * @h: home
 * @where: the transport, for the message
 *
 * Return: 0 with a session, or without one while --wait waits; otherwise the exit
 * status (EXIT_*) after a message.
 */
int home_find(struct home *h, const char *where);

/* Return: whether a debugger can begin; says for what it waits. */
bool home_is_ready(struct home *h);

/* Begin a session for a debugger, if there is none. Return: NULL, or why not. */
const char *home_claim(struct home *h);

/* Handle an event while no debugger has the VM. */
void home_event(struct home *h);

/*
 * A debugger has gone. Let the guest run as if there had been none, and attach again, to
 * notice the end of the VM. @gone: it has ended.
 */
void home_release(struct home *h, bool gone);

/* End the session. */
void home_leave(struct home *h);

#endif /* VMXDBGD_HOME_H */
