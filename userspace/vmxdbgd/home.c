// SPDX-License-Identifier: GPL-2.0-only
/* The VM that the daemon serves, also while there is no debugger. */
#include <errno.h>
#include <string.h>

#include "exit_status.h"
#include "guest/conversation.h"
#include "guest/target.h"
#include "home.h"
#include "log.h"
#include "options.h"

static const struct target_ops *ops(const struct home *h)
{
	return h->target->ops;
}

/* Print why the session cannot begin. Return: the exit status. */
static int explain(const struct home *h, int error)
{
	const char *why = conversation_refused(error);

	if (error == -ENOENT)
		log_say(LOG_ERROR, "there is no such VM; vmxdbgd --list shows them");
	else if (error == -ENOTUNIQ)
		log_say(LOG_ERROR, "there are several VMs; choose one with --vm, vmxdbgd --list shows them");
	else if (why)
		log_say(LOG_ERROR, "%s", why);
	else
		log_say(LOG_ERROR, "%s: %s", h->options->device, strerror(-error));
	return EXIT_FAILED;
}

static int attach(struct home *h)
{
	int result = ops(h)->attach(h->target, TARGET_ANY_VM);

	h->attached = result == 0;
	return result;
}

int home_find(struct home *h, const char *where)
{
	struct vmxdbg_info info;
	int result;

	if (h->attached)
		return 0;
	result = attach(h);
	if (result == -ENOENT && h->options->wait) {
		if (h->told < 1)
			log_say(LOG_INFO, "there is no such VM yet: waiting for one, gdb can connect to %s then",
				     where);
		h->told = 1;
		return 0;
	}
	if (result < 0)
		return explain(h, result);
	h->ended = h->ready = false;
	if (!ops(h)->info(h->target, &info))
		log_say(LOG_INFO, "attached to VM %u of process %d, waiting for gdb at %s",
			     info.vm, info.pid, where);
	return 0;
}

bool home_is_ready(struct home *h)
{
	struct vmxdbg_info info;

	if (!h->attached || h->ready)
		return h->ready;
	/* A VMM creates the VM before its vCPUs. */
	h->ready = ops(h)->info(h->target, &info) == 0 && (info.vcpus || info.vcpu_mask);
	if (!h->ready && h->told < 2) {
		log_say(LOG_INFO, "the VM has no vCPU yet: waiting for one");
		h->told = 2;
	}
	return h->ready;
}

const char *home_claim(struct home *h)
{
	const char *why;
	int result;

	if (h->ended)
		return "the VM has ended";
	if (!h->attached) {
		result = attach(h);
		if (result == -ENOENT)
			return "there is no VM yet";
		why = conversation_refused(result);
		if (result < 0)
			return why ? why : strerror(-result);
	}
	return home_is_ready(h) ? NULL : "the VM has no vCPU yet";
}

/*
 * A triple fault, for example: resume the vCPU, so that the VMM gets it. Handle one event
 * at a time, because a VMM that ignores a triple fault would cause events without end.
 */
void home_event(struct home *h)
{
	struct vmxdbg_resume go = { 0 };
	struct vmxdbg_event event;
	int result = ops(h)->next_event(h->target, &event);

	if (result < 0 || (result == 1 && (event.why & VMXDBG_WHY_GONE))) {
		h->ended = true;
	} else if (result == 1) {
		go.vcpu = event.vcpu;
		ops(h)->resume(h->target, &go);
	}
}

void home_leave(struct home *h)
{
	if (h->attached)
		ops(h)->detach(h->target);
	h->attached = false;
}

void home_release(struct home *h, bool gone)
{
	int result;

	home_leave(h);
	h->ended = gone;
	if (gone)
		return;
	result = attach(h);
	if (result == -ENOENT || result == -ENODEV)
		h->ended = true;
	else if (result < 0)
		explain(h, result);
}
