/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints for perf and ftrace, in /sys/kernel/tracing/events/vmxdbg. While off, each
 * costs a no-op. A caller that needs VMREAD for an argument tests trace_..._enabled()
 * first.
 */
#if !defined(VMXDBG_LIB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VMXDBG_LIB_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>
#include <uapi/asm/vmx.h>

#include "vmxdbg.h"

#undef TRACE_SYSTEM
#define TRACE_SYSTEM vmxdbg

#define trace_why_names						\
	{ VMXDBG_WHY_BREAKPOINT, "breakpoint" },		\
	{ VMXDBG_WHY_WATCH, "watch" },				\
	{ VMXDBG_WHY_STEP, "step" },				\
	{ VMXDBG_WHY_CATCH, "catch" },				\
	{ VMXDBG_WHY_SHUTDOWN, "shutdown" },			\
	{ VMXDBG_WHY_ERROR, "error" }

TRACE_EVENT(vmxdbg_entry,
	TP_PROTO(u32 vm, u32 vcpu, u64 rip, u32 event),
	TP_ARGS(vm, vcpu, rip, event),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u64, rip)
		__field(u32, event)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->rip = rip;
		__entry->event = event;
	),
	TP_printk("vm %u vcpu %u rip %#llx event %#x",
		  __entry->vm, __entry->vcpu, __entry->rip, __entry->event)
);

TRACE_EVENT(vmxdbg_exit,
	TP_PROTO(u32 vm, u32 vcpu, u64 rip, u32 reason, u64 qual),
	TP_ARGS(vm, vcpu, rip, reason, qual),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u64, rip)
		__field(u32, reason)
		__field(u64, qual)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->rip = rip;
		__entry->reason = reason;
		__entry->qual = qual;
	),
	TP_printk("vm %u vcpu %u rip %#llx reason %s%s qualification %#llx",
		  __entry->vm, __entry->vcpu, __entry->rip,
		  __print_symbolic(__entry->reason & 0xffff, VMX_EXIT_REASONS),
		  __entry->reason & VMX_EXIT_REASONS_FAILED_VMENTRY ? " (failed entry)" : "",
		  __entry->qual)
);

/* @info: VM-entry interruption information (SDM vol. 3, 25.8.3). */
TRACE_EVENT(vmxdbg_inject,
	TP_PROTO(u32 vm, u32 vcpu, u32 info, u32 error),
	TP_ARGS(vm, vcpu, info, error),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u32, info)
		__field(u32, error)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->info = info;
		__entry->error = error;
	),
	TP_printk("vm %u vcpu %u vector %u type %u error %#x",
		  __entry->vm, __entry->vcpu, __entry->info & 0xff,
		  __entry->info >> 8 & 7, __entry->error)
);

TRACE_EVENT(vmxdbg_ept_violation,
	TP_PROTO(u32 vm, u32 vcpu, u64 gpa, u64 qual),
	TP_ARGS(vm, vcpu, gpa, qual),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u64, gpa)
		__field(u64, qual)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->gpa = gpa;
		__entry->qual = qual;
	),
	TP_printk("vm %u vcpu %u gpa %#llx qualification %#llx",
		  __entry->vm, __entry->vcpu, __entry->gpa, __entry->qual)
);

/* An object hit: its filters and condition matched. @verdict: enum verdict */
TRACE_EVENT(vmxdbg_hit,
	TP_PROTO(u32 vm, u32 vcpu, u32 object, u32 verdict),
	TP_ARGS(vm, vcpu, object, verdict),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u32, object)
		__field(u32, verdict)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->object = object;
		__entry->verdict = verdict;
	),
	TP_printk("vm %u vcpu %u object %u %s",
		  __entry->vm, __entry->vcpu, __entry->object,
		  __print_symbolic(__entry->verdict, { VERDICT_GO, "goes on" },
				   { VERDICT_STOP, "stops" }, { VERDICT_RECORD, "records" }))
);

/* A vCPU stops itself with an event for its session. @why: VMXDBG_WHY_* */
TRACE_EVENT(vmxdbg_stop,
	TP_PROTO(u32 vm, u32 vcpu, u64 rip, u32 why),
	TP_ARGS(vm, vcpu, rip, why),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u64, rip)
		__field(u32, why)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->rip = rip;
		__entry->why = why;
	),
	TP_printk("vm %u vcpu %u rip %#llx why %s",
		  __entry->vm, __entry->vcpu, __entry->rip,
		  __print_flags(__entry->why, "|", trace_why_names))
);

/* The session resumes a vCPU. @flags: VMXDBG_RESUME_* */
TRACE_EVENT(vmxdbg_resume,
	TP_PROTO(u32 vm, u32 vcpu, u32 flags),
	TP_ARGS(vm, vcpu, flags),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(u32, vcpu)
		__field(u32, flags)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->vcpu = vcpu;
		__entry->flags = flags;
	),
	TP_printk("vm %u vcpu %u flags %#x", __entry->vm, __entry->vcpu, __entry->flags)
);

TRACE_EVENT(vmxdbg_session,
	TP_PROTO(u32 vm, bool begins),
	TP_ARGS(vm, begins),
	TP_STRUCT__entry(
		__field(u32, vm)
		__field(bool, begins)
	),
	TP_fast_assign(
		__entry->vm = vm;
		__entry->begins = begins;
	),
	TP_printk("vm %u session %s", __entry->vm, __entry->begins ? "begins" : "ends")
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH lib
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

/* This part must be outside of the guard. */
#include <trace/define_trace.h>
