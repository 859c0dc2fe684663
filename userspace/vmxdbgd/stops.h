/* SPDX-License-Identifier: GPL-2.0-only */
/* Reasons of stops, and stop replies. */
#ifndef VMXDBGD_STOPS_H
#define VMXDBGD_STOPS_H

#include "stub_types.h"

/* gdb's numbers of signals. */
#define SIGNAL_0	0
#define SIGNAL_INT	2
#define SIGNAL_TRAP	5
#define SIGNAL_ABRT	6

/* Read the target's events. Return: how many there were. */
int stops_collect(struct stub *s);

/*
 * Stop each vCPU, and collect what happened until then. Return: 0 or a negative
 * errno; -ENODEV also sets s->gone.
 */
int stops_all(struct stub *s);

/* Drop pending stops of @vcpus (a mask) that are no longer true. */
void stops_drop_stale(struct stub *s, uint64_t vcpus);

/*
 * Send the stop reply of one pending stop of @vcpus (a mask), or of the end of
 * the VM. Return: false if there is none.
 */
bool stops_report(struct stub *s, uint64_t vcpus);

/* Send a stop reply for @vcpu with @signal (SIGNAL_*). */
void stops_report_signal(struct stub *s, unsigned int vcpu, int signal);

/* Send the stop reply that says that the VM has ended. */
void stops_report_gone(struct stub *s);

/* Put the reply to '?' into s->stop_reply without sending it. */
void stops_initial(struct stub *s);

#endif /* VMXDBGD_STOPS_H */
