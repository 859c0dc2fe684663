// SPDX-License-Identifier: MIT
/*
 * One debugger's conversation: calls the handler of each packet, and sends the
 * reply.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/bp_table.h"
#include "guest/catchpoints.h"
#include "guest/conversation.h"
#include "guest/events.h"
#include "guest/memory.h"
#include "guest/records.h"
#include "guest/reply.h"
#include "guest/resume.h"
#include "guest/signals.h"
#include "guest/stay.h"
#include "guest/stops.h"
#include "guest/target.h"
#include "guest/terminal.h"
#include "guest/vcpus.h"
#include "guest/trace.h"
#include "packet/commands.h"
#include "stub.h"
#include "wire/parse.h"

/* Longer than any document of 64 vCPUs or 32764 slots. */
#define DOCUMENT_MAX	(1 << 23)

/* ---- callbacks of the link ---- */

static void refuse(struct stub *s, const char *why)
{
	reply_error(s, -EBUSY, "%s", why);
	reply_put_error(s, -EBUSY, true);
	reply_send(s);
	s->phase = STUB_FINISHED;
	link_close(&s->link);
}

/* The first packet of a debugger. Return: false if it was refused. */
static bool begin(struct stub *s)
{
	const char *why = s->claim ? s->claim(s->context) : NULL;
	int result = 0;

	if (!why) {
		s->phase = STUB_TALKING;
		result = conversation_begin(s);
		why = conversation_refused(result);
	}
	if (result < 0 && !why)
		why = strerror(-result);
	if (why)
		refuse(s, why);
	return !why;
}

/*
 * Cut lldb's ";thread:ID;" off the arguments of a packet. Return: 0 with the thread in
 * *@vcpu, THREAD_ALL if there is none; or a negative errno.
 */
static int take_suffix(struct stub *s, char *args, size_t *len, int *vcpu)
{
	char *suffix = strstr(args, ";thread:");
	const char *p;
	int result;

	*vcpu = THREAD_ALL;
	if (!s->lldb || !suffix)
		return 0;
	p = suffix + strlen(";thread:");
	result = vcpu_parse_thread(s, &p, vcpu);
	if (result < 0)
		return result;
	if (!vcpu_exists(s, *vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	*suffix = '\0';
	*len = suffix - args;
	return 0;
}

static int call_with_suffix(struct stub *s, const struct command *c, char *args, size_t len)
{
	int general = s->general;
	int vcpu, result = take_suffix(s, args, &len, &vcpu);

	if (result < 0)
		return result;
	if (vcpu >= 0)
		s->general = vcpu;
	result = c->handler(s, args, len);
	s->general = general;
	return result;
}

static int call_handler(struct stub *s, const struct command *c, char *args, size_t len)
{
	/* The reply to an unknown packet is the empty packet. */
	if (!c)
		return 0;
	if (s->running && !c->running)
		return reply_error(s, -EBUSY, "the guest is running");
	if (!s->attached && !c->no_vm)
		return reply_error(s, -ESRCH, "no VM is attached");
	if (c->live && trace_selected(s))
		return reply_error(s, -EBUSY, "a trace frame is selected: tfind none");
	if (c->thread_suffix)
		return call_with_suffix(s, c, args, len);
	return c->handler(s, args, len);
}

static void send_result(struct stub *s, int result, bool text_error)
{
	if (result == REPLY_SENT)
		return;
	if (result < 0)
		reply_put_error(s, result, text_error);
	reply_send(s);
}

static void stub_packet(void *owner, char *data, size_t len)
{
	struct stub *s = owner;
	size_t name_len = 0;
	const struct command *c = command_find(data, &name_len);
	int result;

	buf_clear(&s->reply);
	s->error[0] = '\0';
	if (s->phase == STUB_SILENT && !begin(s))
		return;
	result = call_handler(s, c, data + name_len, len - name_len);
	if (result == REPLY_LATER) {
		s->job.text_error = c->text_error;
		link_hold(&s->link, true);
		return;
	}
	send_result(s, result, c && c->text_error);
	if (s->phase == STUB_FINISHED)
		link_close(&s->link);
	/* A stop that came while the packet was handled */
	if (s->non_stop)
		stops_notify(s);
}

static void stub_damaged(void *owner, const char *why)
{
	struct stub *s = owner;

	/*
	 * The debugger waits for a stop reply, and would take an error for it.
	 */
	if (s->running || s->phase == STUB_SILENT)
		return;
	reply_error(s, -EBADMSG, "%s", why);
	reply_put_error(s, -EBADMSG, false);
	reply_send(s);
}

/* End the packet that takes long with @result. */
static void job_done(struct stub *s, int result)
{
	s->job.work = NULL;
	buf_clear(&s->job.pattern);
	send_result(s, result, s->job.text_error);
	link_hold(&s->link, false);
	if (s->non_stop)
		stops_notify(s);
}

static void stub_interrupt(void *owner)
{
	struct stub *s = owner;

	/*
	 * If the guest has stopped, the stop reply and the 0x03 have crossed.
	 */
	if (s->job.work && s->job.console) {
		reply_console(s, "interrupted\n");
		job_done(s, reply_ok(s));
	} else if (s->job.work) {
		job_done(s, reply_error(s, -EINTR, "interrupted"));
	} else if (s->running) {
		resume_stop(s, SIGNAL_INT);
	}
}

static const struct link_ops link_ops = {
	.packet = stub_packet,
	.damaged = stub_damaged,
	.interrupt = stub_interrupt,
};

/* ---- lifetime ---- */

bool stub_init(struct stub *s, struct target *target, const struct layout *layout)
{
	*s = (struct stub){
		.target = target,
		.choice = layout,
		.layout = layout ? layout : layout_default(),
	};
	trace_reset(s);
	s->piece = malloc(MEMORY_PIECE);
	s->vcpus[0] = calloc(1, sizeof(*s->vcpus[0]));
	if (s->piece && s->vcpus[0] && link_init(&s->link, &link_ops, s) &&
	    buf_init(&s->reply, LINK_PACKET_MAX) &&
	    buf_init(&s->stop_reply, LINK_PACKET_MAX) &&
	    buf_init(&s->job.pattern, LINK_PACKET_MAX) &&
	    buf_init(&s->terminal.kept, TERMINAL_KEPT_MAX) &&
	    buf_init(&s->document_text, DOCUMENT_MAX))
		return true;
	stub_free(s);
	return false;
}

void stub_free(struct stub *s)
{
	int i;

	link_free(&s->link);
	buf_free(&s->reply);
	buf_free(&s->stop_reply);
	buf_free(&s->job.pattern);
	buf_free(&s->terminal.kept);
	buf_free(&s->document_text);
	free(s->piece);
	s->piece = NULL;
	bp_table_forget(s);
	catchpoints_forget(s);
	trace_reset(s);
	s->exist = (struct vcpu_set){ .end = 0 };
	for (i = 0; i < VCPUS_MAX; i++) {
		free(s->vcpus[i]);
		s->vcpus[i] = NULL;
	}
}

void stub_connect(struct stub *s)
{
	int i;

	link_reset(&s->link);
	s->phase = STUB_SILENT;
	s->running = s->gone = s->non_stop = false;
	s->job.work = NULL;
	for_each_vcpu(s, i)
		s->vcpus[i]->pending = false;
}

void stub_disconnect(struct stub *s)
{
	s->phase = STUB_FINISHED;
	s->running = false;
	s->job.work = NULL;
	link_reset(&s->link);
	bp_table_forget(s);
	records_forget(s);
	catchpoints_forget(s);
}

bool stub_finished(const struct stub *s)
{
	return s->phase == STUB_FINISHED ||
	       (s->gone && !s->running && !s->extended && !s->notified);
}

/* ---- guests that wait for a debugger ---- */

bool stub_trace_stays(const struct stub *s)
{
	return stay_wants_trace(s);
}

void stub_stay(struct stub *s, struct stub *from, enum stub_stay how)
{
	stay_move(s, from);
	s->phase = STUB_TALKING;
	link_mute(&s->link);
	stay_begin(s, how);
}

void stub_take_over(struct stub *s, struct stub *from)
{
	stay_move(s, from);
}

/* ---- in and out ---- */

void stub_input(struct stub *s, const void *data, size_t len)
{
	link_input(&s->link, data, len);
}

bool stub_wants_input(const struct stub *s)
{
	return link_wants_input(&s->link);
}

const char *stub_output(const struct stub *s, size_t *len)
{
	return link_output(&s->link, len);
}

void stub_sent(struct stub *s, size_t len)
{
	link_sent(&s->link, len);
}

bool stub_has_work(const struct stub *s)
{
	return s->job.work && link_wants_output(&s->link);
}

void stub_work(struct stub *s)
{
	int result;

	if (!s->job.work)
		return;
	result = s->job.work(s);
	if (result != REPLY_LATER)
		job_done(s, result);
}

/* ---- events ---- */

bool stub_wants_records(const struct stub *s)
{
	return stub_wants_events(s) && records_wanted(s);
}

bool stub_wants_events(const struct stub *s)
{
	return s->attached && s->phase == STUB_TALKING && !s->gone &&
	       (s->running || s->non_stop);
}

/* With "extended-remote" the conversation goes on after the VM. */
static void leave_gone(struct stub *s)
{
	if (!s->gone || !s->extended || s->running)
		return;
	conversation_detach(s);
	s->gone = false;
}

void stub_event(struct stub *s)
{
	if (!s->attached || s->phase != STUB_TALKING)
		return;
	if (s->waits) {
		stay_event(s);
		return;
	}
	if (s->non_stop) {
		records_drain(s, false);
		if (events_collect(s) + stops_new(s))
			stops_notify(s);
		events_resume_passed(s);
		return;
	}
	/* Text and a stop reply can be sent only in reply to a resume packet. */
	if (!s->running)
		return;
	terminal_show(s);
	records_drain(s, false);
	if (!(events_collect(s) + stops_new(s))) {
		events_resume_passed(s);
		return;
	}
	if (!s->gone)
		stops_all(s);
	stops_report(s, NULL);
	leave_gone(s);
}

void stub_end(struct stub *s)
{
	if (!s->attached || s->phase != STUB_TALKING)
		return;
	s->gone = true;
	if (s->non_stop) {
		stops_notify(s);
	} else if (s->running) {
		stops_report(s, NULL);
		leave_gone(s);
	}
}
