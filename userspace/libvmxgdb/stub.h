/* SPDX-License-Identifier: MIT */
/*
 * A debugger's conversation: its lifetime, its input and its output.
 *
 * Nothing here waits. The owner passes in what the debugger sends and calls
 * stub_event() when the target has an event; then it sends stub_output(), and calls
 * stub_work() while there is some.
 */
#ifndef VMXGDB_STUB_H
#define VMXGDB_STUB_H

#include "guest/stub_types.h"

/**
 * stub_init() - prepare a stub
 * @s: stub
 * @target: guest; @s->attached says whether it has a session
 * @layout: registers that the debugger sees; NULL: those of the guest's mode
 *
 * Return: false if there is no memory.
 */
bool stub_init(struct stub *s, struct target *target, const struct layout *layout);

/* Free what stub_init() allocated. */
void stub_free(struct stub *s);

/*
 * Get ready for a debugger. The guest runs until its first packet. Then @s->claim is called
 * with @s->context, if it is set: it returns NULL, after it has set @s->attached, or why the
 * debugger cannot have the guest. The debugger is told so, and nothing else.
 */
void stub_connect(struct stub *s);

/*
 * Forget the debugger that has gone. The guest runs on once the caller
 * detaches the target.
 */
void stub_disconnect(struct stub *s);

/* Return: whether the debugger has asked for a trace that goes on without it. */
bool stub_trace_stays(const struct stub *s);

/**
 * stub_stay() - let a guest wait for its next debugger
 * @s: a new stub, which gets the guest and handles its events until stub_take_over();
 *	it has no input, and its output is dropped
 * @from: stub whose debugger has gone; it has no guest afterwards
 * @how: what the guest does meanwhile
 */
void stub_stay(struct stub *s, struct stub *from, enum stub_stay how);

/**
 * stub_take_over() - give a guest that waits to its next debugger
 * @s: a stub without a guest, in @s->claim or @s->find_staying
 * @from: the stub of stub_stay(), which has no guest afterwards
 *
 * @s->find_staying is called for vAttach, with @s->context and the number of the VM. It
 * returns whether it has called this.
 */
void stub_take_over(struct stub *s, struct stub *from);

/*
 * Handle @len bytes that came from the debugger, which may be part of a packet.
 */
void stub_input(struct stub *s, const void *data, size_t len);

/* Return: whether to read more from the debugger. */
bool stub_wants_input(const struct stub *s);

/*
 * Handle the target's events. A stop is reported if the debugger waits for one.
 */
void stub_event(struct stub *s);

/* The VM has ended: tell the debugger, as its last event would. */
void stub_end(struct stub *s);

/* Return: whether events can come that the stub wants to handle now. */
bool stub_wants_events(const struct stub *s);

/* Return: whether stub_event() wants to handle records of hits as well now. */
bool stub_wants_records(const struct stub *s);

/* Return: whether stub_work() has something to do. */
bool stub_has_work(const struct stub *s);

/* Do a slice of a packet that takes long: a few milliseconds. */
void stub_work(struct stub *s);

/* Return: the bytes to send, *@len of them, valid until the next call for the stub. */
const char *stub_output(const struct stub *s, size_t *len);

/* The first @len bytes of stub_output() have been sent. */
void stub_sent(struct stub *s, size_t len);

/* Return: whether the conversation is over, once stub_output() has been sent. */
bool stub_finished(const struct stub *s);

#endif /* VMXGDB_STUB_H */
