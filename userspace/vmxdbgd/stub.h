/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One debugger's conversation about one guest.
 *
 * The protocol is all-stop: either each vCPU is stopped and the debugger asks,
 * or it waits for the one stop reply while some run.
 */
#ifndef VMXDBGD_STUB_H
#define VMXDBGD_STUB_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "link.h"
#include "parse.h"
#include "regs.h"
#include "target.h"

#define VCPUS_MAX	64	/* bits of vmxdbg_info.vcpu_mask */
#define WATCH_PIECES	4	/* debug registers of an x86 CPU */

/* The first digit of gdb's Z packets. */
enum bp_type {
	BP_SOFT = 0,
	BP_HARD = 1,
	BP_WRITE = 2,
	BP_READ = 3,
	BP_ACCESS = 4,
};

/* What gdb calls a breakpoint: it has no numbers on the wire. */
struct bp_key {
	enum bp_type type;
	uint64_t addr;
	uint64_t len;
};

/**
 * struct bp - one breakpoint of the debugger
 * @key: what the debugger named
 * @ids: the target's objects for it, several for an odd watchpoint
 * @count: how many
 * @wanted: gdb removes all breakpoints at a stop and inserts them again when
 *	it goes on, most of them unchanged. What it has removed stays in the
 *	target until something runs
 */
struct bp {
	struct bp_key key;
	uint32_t ids[WATCH_PIECES];
	unsigned int count;
	bool wanted;
};

struct bp_table {
	struct bp *bps;
	size_t count;
	size_t room;
	/* monitor space: only where CR3's page is @cr3 */
	bool one_space;
	uint64_t cr3;
};

/**
 * struct vcpu_event - why a vCPU stopped
 * @event: as the target told
 * @hit: the breakpoints hit; by key, as their ids may change before gdb hears
 * @nr_hit: how many
 */
struct vcpu_event {
	struct vmxdbg_event event;
	struct bp_key hit[VMXDBG_EVENT_BPS];
	unsigned int nr_hit;
};

/* What a resume packet says about one vCPU. */
struct action {
	enum { ACTION_NONE, ACTION_CONTINUE, ACTION_STEP, ACTION_RANGE,
	       ACTION_STOP } kind;
	uint64_t start;
	uint64_t end;
};

/**
 * struct vcpu - what the stub knows about a vCPU
 * @pending: it stopped for a reason that gdb has not heard
 * @why: that reason
 * @regs: its registers, those of @loaded (bit n: set n) since it stopped
 */
struct vcpu {
	bool pending;
	struct vcpu_event why;
	unsigned int loaded;
	struct vcpu_regs regs;
};

struct stub {
	struct target *target;
	const struct layout *layout;
	struct link link;
	void (*write)(void *context, const void *data, size_t len);
	void *context;

	/* the guest */
	bool connected;		/* between stub_connect() and _disconnect() */
	bool running;		/* the debugger waits for a stop reply */
	bool gone;		/* the VM has ended */
	bool finished;		/* the debugger has said goodbye */
	uint64_t vcpu_mask;	/* which exist */
	struct vcpu vcpus[VCPUS_MAX];
	struct bp_table bp_table;

	/* what the debugger said it understands */
	bool swbreak;
	bool hwbreak;
	bool text_errors;

	/* the conversation */
	int general;		/* Hg: a vCPU */
	int resumed;		/* Hc: a vCPU, THREAD_ALL or THREAD_ANY */
	unsigned int stopped;	/* the vCPU of the last stop reply */
	struct buf stop_reply;	/* the last one */
	bool physical;		/* memory packets mean physical addresses */
	bool step_irqs;		/* steps let interrupts in */

	struct buf reply;	/* to the packet being handled */
	struct buf document;	/* a qXfer object being read */
	char error[160];	/* text of the error being returned */
};

bool stub_init(struct stub *s, struct target *target,
	       const struct layout *layout,
	       void (*write)(void *context, const void *data, size_t len),
	       void *context);
void stub_free(struct stub *s);

/*
 * A debugger is there: stop the guest. The target must be attached. Negative
 * errno when that fails.
 */
int stub_connect(struct stub *s);

/* Another took its place on the same line, where none is seen to go. */
int stub_restart(struct stub *s);

/* It has gone. The caller detaches the target, which lets the guest run. */
void stub_disconnect(struct stub *s);

/* Bytes came from it. */
void stub_input(struct stub *s, const void *data, size_t len);

/* The target has an event. */
void stub_event(struct stub *s);

/* Text on the debugger's terminal. Only while it waits for a reply. */
void stub_console(struct stub *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- commands ---- */

/**
 * struct command - one kind of packet
 * @name: how it begins
 * @exact: nothing follows
 * @running: it may come while the guest runs
 * @text_error: gdb has always understood "E.text" as its reply
 * @handler: @args is what follows the name, @len its length (it may be binary).
 *	It leaves its reply in s->reply and returns 0, or returns an error as
 *	stub_error() does, or COMMAND_SILENT when there is no reply (now)
 */
struct command {
	const char *name;
	bool exact;
	bool running;
	bool text_error;
	int (*handler)(struct stub *s, char *args, size_t len);
};

#define COMMAND_SILENT	1

/* NULL when we do not know it. */
const struct command *command_find(const char *packet, size_t *name_len);

/* Notes the text for the reply; returns @error, a negative errno. */
int stub_error(struct stub *s, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The packet is not what the protocol says. */
int stub_malformed(struct stub *s);

int stub_ok(struct stub *s);

/* An error in the reply, as the debugger understands it. */
void stub_put_error(struct stub *s, int error, bool text);

/* Sends s->reply. @text: it may be run-length encoded. */
void stub_send(struct stub *s, bool text);

/* ---- threads.c ---- */

bool vcpu_exists(const struct stub *s, int vcpu);
int vcpu_first(const struct stub *s);
void vcpus_refresh(struct stub *s);
void threads_xml(struct stub *s, struct buf *out);

/* ---- registers.c ---- */

/* Makes sure that the sets of the mask @sets are in s->vcpus[vcpu].regs. */
int regs_load(struct stub *s, int vcpu, unsigned int sets);
void regs_forget(struct stub *s, int vcpu);
int regs_set_rip(struct stub *s, int vcpu, uint64_t linear);
void regs_expedite(struct stub *s, int vcpu, struct buf *out);

/* ---- memory.c ---- */

ssize_t memory_read(struct stub *s, uint64_t addr, void *data, size_t len);

/* ---- breakpoints.c ---- */

/* Takes from the target what the debugger does not want any more. */
void bps_flush(struct stub *s);
/* The debugger that wanted them is no more. */
void bps_unwant(struct stub *s);
/* The target's session has ended, and its breakpoints with it. */
void bps_forget(struct stub *s);
bool bps_wanted(const struct stub *s, const struct bp_key *key);
const struct bp *bps_by_id(const struct stub *s, uint32_t id);

/* ---- stops.c ---- */

/* Reads the target's events. How many there were. */
int stops_collect(struct stub *s);
/* Stops each vCPU and collects what happened meanwhile. */
int stops_all(struct stub *s);
/* Forgets pending stops of @vcpus (a mask) that have no meaning any more. */
void stops_drop_stale(struct stub *s, uint64_t vcpus);
/* Reports one of the pending stops of @vcpus. False when there is none. */
bool stops_report(struct stub *s, uint64_t vcpus);
/* Reports @signal for @vcpu. */
void stops_report_signal(struct stub *s, unsigned int vcpu, int signal);
/* Makes the reply to '?' without sending it. */
void stops_initial(struct stub *s);
/* Reports that the VM has ended. */
void stops_report_gone(struct stub *s);

/* Signals by gdb's numbers. */
#define SIGNAL_0	0
#define SIGNAL_INT	2
#define SIGNAL_TRAP	5
#define SIGNAL_ABRT	6

/* ---- run.c ---- */

void run_interrupt(struct stub *s);

/* ---- monitor.c ---- */

int monitor_command(struct stub *s, const char *line);

#endif /* VMXDBGD_STUB_H */
