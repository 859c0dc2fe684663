# SPDX-License-Identifier: GPL-2.0-only
"""Functions of the guest that gdb calls, and steps over what an instruction calls."""
from machine import TAP, at_work

test = TAP.test


@test("call of a function of the guest: its value, and the registers are as before")
def call():
    with at_work() as m:
        m.gdb.shows("set $before = $rsp", "p ((long (*)(long))leaf)(4)",
                    "p ((long (*)(long))leaf)(-10)", "p $rip == &work && $rsp == $before",
                    "call ((long (*)(void))work)()", "p *(long *)&counter", "tbreak leaf",
                    "continue", "bt",
                    want=[r"= 7$", r"= -7$", r"= 1$", r"= 1$", r"= 1$", r"leaf \(\)",
                          r"^#0 .*leaf", r"^#1 .*work", r"^#2 .*loop"])


@test("a breakpoint in a called function stops there; finish ends the call")
def call_stopped():
    with at_work() as m:
        m.gdb.shows("break leaf", "p ((long (*)(long))leaf)(4)", "bt", "delete", "finish",
                    "p $rip == &work",
                    want=[r"leaf \(\)", r"<function called from gdb>", r"Value returned|Run till",
                          r"= 1$"])


@test("stepi goes into the handler of INT n, which has a backtrace; finish comes out of it")
def into():
    with at_work() as m:
        m.gdb.shows("tbreak soft", "continue", "stepi", "bt", "finish", "p $rip == &behind_soft",
                    "p *(long *)&softs",
                    want=[r"int\s+\$0x80", r"handler_soft \(\)", r"^#1 .* work \(\)",
                          r"Run till exit", r"= 1$", r"= 1$"])


@test("monitor until over: nexti ends behind INT n and its handler; then a step is one again")
def over():
    with at_work() as m:
        m.gdb.shows("tbreak soft", "continue", "vmx-until over", "nexti",
                    "p $rip == &behind_soft", "p *(long *)&softs", "tbreak soft", "continue",
                    "stepi",
                    want=[r"int\s+\$0x80", r"rdtsc", r"= 1$", r"= 1$", r"int\s+\$0x80",
                          r"handler_soft \(\)"])


@test("nexti over INT n, by the handler's frame")
def nexti():
    with at_work() as m:
        m.gdb.shows("tbreak soft", "continue", "nexti", "p $rip == &behind_soft",
                    "p *(long *)&softs", want=[r"int\s+\$0x80", r"= 1$", r"= 1$"])


@test("step over: next goes over lines with INT n and calls; a breakpoint in a handler stops")
def lines():
    with at_work() as m:
        m.gdb.shows("tbreak soft", "continue", "monitor step over", "next", "stepi",
                    "monitor step insn",
                    want=[r"int\s+\$0x80", r"rdtsc", r"shl"])
        m.gdb.shows("tbreak soft", "continue", "break handler_soft", "monitor step over", "nexti",
                    "monitor step insn", "delete", "tbreak behind_soft", "continue",
                    want=[r"int\s+\$0x80", r"handler_soft \(\)", r"rdtsc"])


@test("monitor until branch, return and handler")
def until():
    with at_work() as m:
        m.gdb.shows("tbreak leaf", "continue", "monitor until return", "stepi", "p $rip == &soft",
                    "monitor until branch", "stepi", "monitor until handler",
                    want=[r"leaf \(\)", r"= 1$"])
