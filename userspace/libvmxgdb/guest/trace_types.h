/* SPDX-License-Identifier: MIT */
/* The state of gdb's tracepoints: types only. */
#ifndef VMXGDB_TRACE_TYPES_H
#define VMXGDB_TRACE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

/* A text that gdb has sent, and gets back as it was. */
struct trace_text {
	struct trace_text *next;
	char text[];
};

/**
 * struct trace_point - one location of a tracepoint
 * @next: in the order of definition
 * @number: gdb's number of the tracepoint; several locations can have one number
 * @addr: address of the location
 * @enabled: see QTEnable
 * @pass: hits after which the trace ends; 0: any number
 * @cond: "X" LEN "," BYTES, or NULL
 * @actions: as in the packets
 * @steps: instructions that are executed after a hit, each of which makes a frame
 * @step_actions: as in the packets: what is collected after each of them
 * @in_steps: further actions of the definition are those of steps
 * @left: steps that each vCPU has still to do; NULL: there are no steps
 * @stops: a hit stops the vCPU for a moment, see trace_stops.h
 * @sources: as in the packets
 * @defined: the last packet of the definition has come
 * @id: id of the target's object, 0: none
 * @hits: records of this trace
 * @usage: bytes of all its frames
 * @nr_regs: registers beside the general ones that each record begins with
 * @regs: numbers of them in the layout
 * @general: records have the general registers, and the debugger wants some
 */
struct trace_point {
	struct trace_point *next;
	uint64_t number;
	uint64_t addr;
	bool enabled;
	uint64_t pass;
	char *cond;
	struct trace_text *actions;
	uint64_t steps;
	struct trace_text *step_actions;
	bool in_steps;
	uint64_t *left;
	bool stops;
	struct trace_text *sources;
	bool defined;
	uint32_t id;
	uint64_t hits;
	uint64_t usage;
	unsigned int nr_regs;
	uint8_t regs[VMXDBG_RECORD_BLOCKS];
	bool general;
};

/**
 * struct trace_var - a trace state variable of the user
 * @next: next one
 * @number: gdb's number
 * @initial: value at the beginning of a trace
 * @value: value now
 * @changes: a tracepoint changes it, so it is no constant for the target
 * @name: hex digits
 */
struct trace_var {
	struct trace_var *next;
	uint64_t number;
	uint64_t initial;
	uint64_t value;
	bool changes;
	char name[];
};

#define TRACE_REGS_MAX	128	/* of a layout */

/**
 * struct trace_frame - registers, memory and variables collected at a hit
 * @number: of the tracepoint
 * @tracepoint: address of the tracepoint
 * @pc: linear rip at the hit
 * @start: bytes of all frames of the trace before this one
 * @size: bytes of @data
 * @regs: bytes of all registers
 * @known: registers that were collected (bit n: register n)
 * @data: blocks of gdb's trace files: 'R' and all registers; 'M', address (8), length
 *	(2) and bytes; 'V', number (4) and value (8). All are little endian
 */
struct trace_frame {
	uint64_t number;
	uint64_t tracepoint;
	uint64_t pc;
	uint64_t start;
	uint32_t size;
	uint32_t regs;
	uint64_t known[TRACE_REGS_MAX / 64];
	uint8_t data[];
};

/* In a trace file each frame begins with tracepoint (2) and size (4). */
#define TRACE_HEAD	6

/**
 * struct trace_buffer - frames, oldest first
 * @frames: array
 * @first: first used entry of @frames
 * @end: behind the last used entry
 * @room: allocated entries
 * @used: bytes of all frames
 * @total: bytes of all frames since the beginning of the trace
 * @created: number of frames since then
 * @limit: maximum of @used
 * @circular: drop the oldest frames where others would end the trace
 */
struct trace_buffer {
	struct trace_frame **frames;
	size_t first;
	size_t end;
	size_t room;
	size_t used;
	uint64_t total;
	uint64_t created;
	size_t limit;
	bool circular;
};

/**
 * struct trace - all of it
 * @points: definitions
 * @vars: variables of the user
 * @buffer: frames
 * @running: hits are collected
 * @stops: some tracepoints stop the vCPU for a moment
 * @why: why it does not run, for qTStatus: "tnotrun:0"
 * @lost_before: records that were lost before the trace began
 * @lost: records of the trace that were lost
 * @disconnected: it goes on without a debugger
 * @selected: number of the selected frame, counted as in @buffer.frames from
 *	@buffer.first; -1: none
 * @started: microseconds since 1970
 * @stopped: likewise
 * @user: hex digits
 * @notes: hex digits
 * @next_text: see qTsP
 * @pad: bytes of the registers that are not in 'g' replies: the debugger expects them in
 *	trace files until it has seen such a reply
 */
struct trace {
	struct trace_point *points;
	struct trace_var *vars;
	struct trace_buffer buffer;
	bool running;
	bool stops;
	char why[300];
	uint64_t lost_before;
	uint64_t lost;
	bool disconnected;
	long selected;
	uint64_t started;
	uint64_t stopped;
	char *user;
	char *notes;
	size_t next_text;
	size_t pad;
};

#endif /* VMXGDB_TRACE_TYPES_H */
