/* SPDX-License-Identifier: MIT */
/*
 * The state of one debugger's conversation about one guest: types only.
 *
 * In the all-stop protocol either all vCPUs are stopped and the debugger asks, or
 * some run and the debugger waits for the one stop reply. In the non-stop protocol
 * each vCPU runs or is stopped by itself, and notifications tell of stops.
 */
#ifndef VMXGDB_STUB_TYPES_H
#define VMXGDB_STUB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#include "guest/reg_layout.h"
#include "guest/trace_types.h"
#include "guest/vcpu_set.h"
#include "wire/buf.h"
#include "wire/link.h"

struct document;
struct monitor_command;
struct stub;
struct target;

/* Types of gdb's Z packets, numbered as on the wire. */
enum bp_type {
	BP_SOFT = 0,
	BP_HARD = 1,
	BP_WRITE = 2,
	BP_READ = 3,
	BP_ACCESS = 4,
};

/* Identity of a breakpoint. On the wire gdb's breakpoints have no numbers. */
struct bp_key {
	enum bp_type type;
	uint64_t addr;
	uint64_t len;
};

/**
 * struct bp - one breakpoint or watchpoint of the debugger
 * @key: identity
 * @id: id of the target's object for it
 * @code: its conditions and commands, see bp_code.h; NULL: none
 * @left_to_gdb: the target has refused the conditions, so each hit stops
 * @wanted: false once gdb has removed it. gdb removes all breakpoints at a
 *	stop and inserts most of them again before it resumes, so the target
 *	keeps removed ones until something runs
 */
struct bp {
	struct bp_key key;
	uint32_t id;
	char *code;
	bool left_to_gdb;
	bool wanted;
};

/**
 * struct address_space - one address space of the guest, see address_space.h
 * @cr3: page address of the root table; with @isolated: of the kernel's
 * @isolated: the page behind @cr3 is the root table of user mode
 * @pae: PAE paging without long mode
 * @root: with @pae: address of the root table
 */
struct address_space {
	uint64_t cr3;
	bool isolated;
	bool pae;
	uint64_t root;
};

#define SYSCALL_ENTRIES	16	/* places where system calls enter the kernel */

/**
 * struct syscalls - system calls of which the debugger wants to hear
 * @wanted: false once the debugger has switched it off. As with breakpoints, the target keeps
 *	the objects until something runs
 * @numbers: those that count, as in the packet: ";N;N", or "" for all; or NULL
 * @entries: breakpoints at the entries, with the target's ids
 * @count: used entries of @entries
 */
struct syscalls {
	bool wanted;
	char *numbers;
	struct syscall_entry {
		uint64_t addr;
		uint32_t id;
	} entries[SYSCALL_ENTRIES];
	unsigned int count;
};

/**
 * struct bp_table - all breakpoints of the debugger
 * @bps: array of pointers
 * @count: used entries of @bps
 * @room: allocated entries of @bps
 * @by_key: tree of them (tsearch()) by identity
 * @by_id: tree of them by the target's id
 * @one_space: "monitor space this": new breakpoints stop only in @space
 * @space: see @one_space
 * @syscalls: breakpoints for "catch syscall"
 */
struct bp_table {
	struct bp **bps;
	size_t count;
	size_t room;
	void *by_key;
	void *by_id;
	bool one_space;
	struct address_space space;
	struct syscalls syscalls;
};

/**
 * struct catchpoint - one object that the user has added by a monitor command
 * @number: number that the user sees
 * @id: id of the target's object for it
 * @type: VMXDBG_CATCH_*, or NO_CATCH for a breakpoint or watchpoint
 * @text: the user's words
 */
struct catchpoint {
	unsigned int number;
	uint32_t id;
	int type;
	char *text;
};

#define NO_CATCH	-1

/**
 * struct catchpoints - all of them, in the order of their numbers
 * @list: array
 * @count: used entries of @list
 * @room: allocated entries of @list
 * @last: the last number that was given
 */
struct catchpoints {
	struct catchpoint *list;
	size_t count;
	size_t room;
	unsigned int last;
};

/**
 * struct vcpu_event - why a vCPU stopped
 * @event: event from the target
 * @signal: gdb's number of the signal to report, if @event gives none
 * @hit: breakpoints that were hit. Keys, because ids may change before gdb
 *	gets the stop reply
 * @nr_hit: number of entries in @hit
 * @caught: type of the catchpoints that were hit: VMXDBG_CATCH_*, or NO_CATCH
 * @catchpoints: numbers of the catchpoints that were hit
 * @nr_catchpoints: number of entries in @catchpoints
 * @created: the vCPU is new, and the debugger wants to know of it
 * @syscall: the vCPU has entered the kernel for a system call
 * @syscall_number: with @syscall: EAX
 */
struct vcpu_event {
	struct vmxdbg_event event;
	int signal;
	struct bp_key hit[VMXDBG_EVENT_BPS];
	unsigned int nr_hit;
	int caught;
	unsigned int catchpoints[VMXDBG_EVENT_BPS];
	unsigned int nr_catchpoints;
	bool created;
	bool syscall;
	uint32_t syscall_number;
};

/* A resume packet's action for a vCPU. */
struct resume_action {
	enum { ACTION_NONE, ACTION_CONTINUE, ACTION_STEP, ACTION_RANGE,
	       ACTION_STOP } kind;
	uint64_t start;		/* of ACTION_RANGE */
	uint64_t end;
};

/**
 * struct vcpu - the stub's view of a vCPU
 * @action: its own in the plan that is being made, see resume.h
 * @ran: non-stop: the debugger does not know that a reset has stopped it
 * @runs: the debugger has resumed it, and it has not stopped since
 * @how: its last resume, while it @runs
 * @pending: the vCPU stopped, and gdb does not know yet
 * @passed: the vCPU has had an event that does not stop; it must be resumed
 * @over: the state before its step, which runs over what the instruction calls
 * @why: reason of a pending stop; afterwards, of the last stop
 * @loaded: sets of @regs that were read since the vCPU stopped (bit n: set n)
 * @regs: its registers
 */
struct vcpu {
	struct resume_action action;
	bool ran;
	bool runs;
	struct vmxdbg_resume how;
	bool pending;
	bool passed;
	struct {
		bool active;
		uint64_t rip, rsp;
		unsigned int cpl;
	} over;
	struct vcpu_event why;
	unsigned int loaded;
	struct vcpu_regs regs;
};

/**
 * struct job - a packet that takes long, and is handled in slices
 * @work: does one slice; returns as the handler of a packet does. NULL: no job
 * @text_error: see struct command
 * @console: the packet is a monitor command, which tells its end on the terminal
 * @addr: first address that is left
 * @left: bytes that are left
 * @crc: checksum so far
 * @any: there was memory at one address at least
 * @pattern: bytes that are searched for
 * @last: last address of a range; of a reset: when it takes too long
 * @first: first address of what is not printed yet
 * @flags: its kind; 0: there is nothing
 * @style: how it is printed
 * @then: makes the reply at the end of a reset, see restart_guest()
 */
struct job {
	int (*work)(struct stub *s);
	bool text_error;
	bool console;
	uint64_t addr;
	uint64_t left;
	uint32_t crc;
	bool any;
	struct buf pattern;
	uint64_t last;
	uint64_t first;
	unsigned int flags;
	int style;
	int (*then)(struct stub *s, int result);
};

/**
 * struct records - records of hits
 * @open: the target makes records
 * @lost: records that the target has lost, as far as the user knows
 * @hidden: records that were not printed, which the user does not know yet
 */
struct records {
	bool open;
	uint64_t lost;
	uint64_t hidden;
};

/**
 * struct terminal - text for the debugger's terminal that waits, see terminal.h
 * @kept: the text
 * @cut: there was more in front of it
 */
struct terminal {
	struct buf kept;
	bool cut;
};

/* Where a conversation is. */
enum stub_phase {
	STUB_SILENT,	/* the debugger has sent no packet yet; the guest runs */
	STUB_TALKING,
	STUB_FINISHED,	/* the debugger has detached, or was refused */
};

/* State of a guest that waits for its next debugger */
enum stub_stay {
	STAY_AS_IS,	/* vCPUs that run, run to their next stop */
	STAY_STOPPED,
	STAY_RUNNING,	/* nothing stops the guest; a trace goes on */
};

struct stub {
	struct target *target;
	const struct layout *choice;	/* --arch; NULL: by the vCPU's mode */
	const struct layout *layout;	/* of this conversation */
	bool time_choice;		/* --time=run: see guest_time_begin() */
	struct link link;
	const char *(*claim)(void *context);	/* see stub_connect() */
	void *context;

	/* see stub_stay() */
	bool may_stay;		/* the owner has a place for guests that wait */
	bool stays;		/* a line's next debugger finds the guest as the last one left it */
	bool (*find_staying)(void *context, uint32_t vm);	/* see stub_take_over() */

	/* the owner's, beside those of the tables; the last has no name */
	const struct monitor_command *own_commands;
	const struct document *own_documents;
	const struct feature *own_registers;	/* or NULL */

	/* the guest */
	enum stub_phase phase;
	bool attached;		/* the target has a session with a VM */
	bool running;		/* all-stop: the debugger waits for a stop reply */
	bool gone;		/* the VM has ended */
	bool waits;		/* the guest waits for its next debugger, and ... */
	enum stub_stay how;
	struct vcpu_set exist;	/* existing vCPUs */
	struct vcpu *vcpus[VCPUS_MAX];	/* of those that existed once; there is always [0] */
	struct bp_table bp_table;
	struct records records;
	struct terminal terminal;
	struct catchpoints catchpoints;
	struct trace trace;

	/* features of the debugger, from qSupported */
	bool introduced;	/* there was a qSupported in this conversation */
	bool swbreak;
	bool hwbreak;
	bool multi_watch;	/* several watchpoints in a stop reply */
	bool text_errors;
	bool lldb;		/* the debugger is lldb: errors are numbers, threads have suffixes */
	bool list_threads;	/* lldb: stop replies list all threads */
	bool error_strings;	/* lldb: "Exx;TEXT", in hex */
	bool knows_g;		/* has had a reply to 'g': knows which registers are in it */
	bool multiprocess;	/* thread ids have the number of the VM */

	/* the conversation */
	bool extended;		/* '!': goes on without a VM */
	bool non_stop;
	bool thread_events;	/* the debugger wants to know of new vCPUs */
	bool notified;		/* non-stop: a notification waits for vStopped */
	bool asked;		/* the stop that comes next is the reply to '?' */
	bool first_only;	/* the next vStopped is that of '?' */
	int threads_from;	/* qsThreadInfo: the vCPUs from this one on */
	int general;		/* Hg: a vCPU */
	int resumed;		/* Hc: a vCPU, THREAD_ALL or THREAD_ANY */
	unsigned int stopped;	/* the vCPU of the last stop reply */
	struct buf stop_reply;	/* the last one */
	bool fresh;		/* made before the debugger's features were known */
	bool physical;		/* memory packets mean physical addresses */
	bool time_runs;		/* the guest's time is not held while it is stopped */
	bool step_irqs;		/* steps let interrupts in */
	uint32_t step_how;	/* VMXDBG_RESUME_BRANCH, _RETURN, _INTO or STEP_OVER: of all steps */
	uint32_t step_once;	/* of the next step alone */
	uint64_t written;	/* P: number of the last register */
	unsigned int writes;	/* from a general one on, in ascending order; 0: otherwise */
	uint64_t passed_signals; /* bit n: exceptions with signal n do not stop */
	uint32_t vm;		/* number of the VM */

	struct buf reply;	/* to the packet being handled */
	char *piece;		/* MEMORY_PIECE bytes, for guest memory on its way to a reply */
	char error[160];	/* text of the error being returned */
	struct job job;

	/* a qXfer object being read */
	const struct document *document;
	struct buf document_text;
};

#endif /* VMXGDB_STUB_TYPES_H */
