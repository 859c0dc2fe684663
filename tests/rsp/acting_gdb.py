#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of injected events and of resets with the real gdb."""
import os
import re
import sys

import rsp
from rsp import Daemon
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../../userspace/vmxdbgd/vmxdbg.gdb")
LOAD = f"source {FILE}"


def extended(*commands, env=None):
    """gdb's output for the commands after "target extended-remote"."""
    daemon = Daemon(env=env, transport="tcp")
    try:
        assert daemon.wait_said("waiting for gdb")
        where = re.search(r"gdb at (\S+)", daemon.said())[1]
        return gdb(*commands, daemon=daemon, connect=f"target extended-remote {where}")
    finally:
        daemon.end()


@test("inject exception: stepi ends in the handler, which returns")
def exception():
    shows(gdb("tbreak leaf", "continue", "monitor inject exception #GP 0x18", "stepi", "p $r14",
              "p/x $r15", "monitor until return", "stepi", "p $pc == &leaf"),
          r"vCPU 0 gets exception 13 #GP", r"handler \(\)", r"= 13$", r"= 0x18$", r"= 1$")


@test("inject nmi and irq: a breakpoint in the handler is hit at continue")
def asynchronous():
    shows(gdb(LOAD, "break handler", "vmx-nmi", "stepi", "continue", "p $r14",
              "vmx-inject irq 0x45", "continue", "p $r14"),
          r"vCPU 0 gets an NMI when it runs$", r"Breakpoint 1, handler", r"= 2$",
          r"gets interrupt 69", r"Breakpoint 1, handler", r"= 69$")


@test("until over: nexti ends behind what an exception's handler returns to")
def over():
    shows(gdb(LOAD, "tbreak work", "continue", "set $r13 = 0", "monitor inject exception #UD",
              "vmx-until over", "nexti", "p $r13", "info line *$pc", "break leaf", "vmx-step over",
              "set $pc = &loop", "nexti", "info line *$pc"),
          r"Temporary breakpoint 1, work", r"= 1$", r"address 0x10011 <work>",
          r"Breakpoint 2, leaf", r"<leaf>")


@test("vmx-nexti: over a call, an INT n and an exception's handler, where nexti ends in it")
def nexti():
    shows(gdb(LOAD, "tbreak work", "continue", "set $r13 = 0", "monitor inject exception #UD",
              "nexti", "info line *$pc", "set $pc = &work", "set $r13 = 0", "set $rbx = 5",
              "monitor inject exception #UD", "vmx-nexti", "p $r13", "info line *$pc",
              "set $pc = &loop", "vmx-nexti", "info line *$pc", "p $rbx", "set $pc = 0x10513",
              "vmx-nexti", "info line *$pc"),
          r"Temporary breakpoint 1, work", r"<handler>", r"= 1$", r"address 0x10011 <work>",
          r"<loop\+5>", r"= 6$", r"<events\+21>")


@test("call of a function of the guest, where the stack may be executed and where not")
def call():
    for env in ({}, {"FAKE_NX": "1"}):
        shows(gdb("tbreak leaf", "continue", "set $rbx = 5", "p ((long (*)(long))leaf)(3)", "p $rbx",
                  "p $rip == &leaf", "call ((long (*)(void))work)()", "p $rip == &leaf", env=env),
              r"Temporary breakpoint 1, leaf", r"^\$\d = \d+$", r"= 5$", r"= 1$", r"= \d+$",
              r"= 1$")


@test("vmx-reset: gdb shows the beginning, and its breakpoints are hit again")
def reset():
    for command in ("vmx-reset", "vmx-system_reset"):
        shows(gdb(LOAD, "break leaf", "continue", "continue", "continue", "p $rbx >= 2", command,
                  "p $rbx", "info line *$pc", "monitor why", "continue", "continue", "p $rbx",
                  "p *(long *)&counter"),
              r"Breakpoint 1, leaf", r"= 1$", r"the guest begins again",
              r"= 0$", r'"guest.S" .* 0x10000 ', r"the VMM has reset the VM$",
              r"Breakpoint 1, leaf", r"= 1$", r"= 2$")


@test("run after target extended-remote resets, and stops at the breakpoint")
def run():
    shows(extended("break work", "continue", "continue", "set remote exec-file /guest",
                   "run", "p $r12", "info threads"),
          r"Breakpoint 1, work", r"Breakpoint 1, work", r"Breakpoint 1, work", r"= 0$",
          r"\* 1 +Thread 7.1")


@test("run where the VMM cannot reset: the reason, and the guest is still there")
def cannot():
    output = extended("set remote exec-file /guest", "run", env={"FAKE_NO_RESET": "1"})
    shows(output, r"[Rr]unning \"?/guest|the VMM offers no reset")


@test("kill says in vmxdbg.gdb what it does, and the guest goes on")
def kill():
    daemon = Daemon(transport="tcp")
    try:
        shows(gdb(LOAD, "kill", daemon=daemon),
              r"it is not killed, but goes on without the debugger", r"\[Inferior 1 .*killed\]")
        shows(gdb("info threads", daemon=daemon), r"vCPU 0")
    finally:
        daemon.end()


if __name__ == "__main__":
    sys.exit(TAP.run())
