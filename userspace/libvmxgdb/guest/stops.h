/* SPDX-License-Identifier: MIT */
/* Reasons of stops, and stop replies. */
#ifndef VMXGDB_STOPS_H
#define VMXGDB_STOPS_H

#include "guest/stub_types.h"

/*
 * Stop each vCPU, and collect what happened until then. Return: 0 or a negative
 * errno; -ENODEV also sets s->gone.
 */
int stops_all(struct stub *s);

/*
 * Stop one vCPU that runs; the stop is pending, with @signal unless there is another
 * reason. Return: 0 or a negative errno.
 */
int stops_one(struct stub *s, unsigned int vcpu, int signal);

/*
 * Look for new vCPUs, if that can be needed. If the debugger wants to know of them, they stop,
 * and their stops are pending. Return: how many such stops there are.
 */
int stops_new(struct stub *s);

/* Drop pending stops of @vcpus (a mask) that are no longer true. */
void stops_drop_stale(struct stub *s, const struct vcpu_set *vcpus);

/*
 * Send the stop reply of one pending stop of @vcpus (a mask), or of the end of
 * the VM. Return: false if there is none.
 */
bool stops_report(struct stub *s, const struct vcpu_set *vcpus);

/* Send a stop reply for @vcpu with @signal (SIGNAL_*). */
void stops_report_signal(struct stub *s, unsigned int vcpu, int signal);

/* Send the stop reply that says that the VM has ended. */
void stops_report_gone(struct stub *s);

/* Put the reply to '?' into s->stop_reply without sending it. */
void stops_initial(struct stub *s);

/* Make it once more, as the debugger wants it. */
void stops_repeat(struct stub *s);

/* Put the last stop there again, for a new debugger; a stop that is pending comes first. */
void stops_again(struct stub *s);

/* ---- the last stop of a vCPU ---- */

/* Return: its signal; SIGNAL_0 if it stopped because another one did. */
int stops_signal(const struct stub *s, unsigned int vcpu);

/* Return: its reason in lldb's words. */
const char *stops_reason(const struct stub *s, unsigned int vcpu);

/* Add the stop reply for it to @out, without registers, and without that it counts. */
void stops_describe(struct stub *s, unsigned int vcpu, struct buf *out);

/* ---- non-stop ---- */

/* Send a notification if a stop is pending and the last one has been answered. */
void stops_notify(struct stub *s);

/*
 * Put the next pending stop into s->reply, or "OK" if there is none: the reply to
 * vStopped, and to '?' after stops_mark_all().
 */
void stops_next(struct stub *s);

/* The debugger has attached: let it hear of all vCPUs, which are stopped. */
void stops_mark_new(struct stub *s);

/* Each stopped vCPU has a pending stop: the debugger asks for all of them. */
void stops_mark_all(struct stub *s);

#endif /* VMXGDB_STOPS_H */
