#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of catches, exceptions as signals, and kinds of steps with the real gdb."""
import sys

import rsp
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test

AT_EVENTS = ("set $pc = &events", "set $rsi = 0x123456")


@test("a caught #PF is SIGSEGV with siginfo and a line of text; continue delivers it")
def page_fault():
    shows(gdb(*AT_EVENTS, "monitor catch exception #PF", "continue", "p $_siginfo.si_signo",
              "p/x $_siginfo._sifields._sigfault.si_addr", "monitor why", "tbreak *&events",
              "continue", "monitor catch", "p $_siginfo"),
          r"^catchpoint 1: vCPU 0 at 0x10517: exception 14 #PF, error code 0x6 \(write, user\), "
          r"address 0x123456$", r"received signal SIGSEGV, Segmentation fault",
          r"= 11$", r"= 0x123456$", r"^vCPU 0 at 0x10517:$", r"^  exception 14 #PF",
          r"hit Temporary breakpoint 1, events \(\)", r"^   1  catch exception #PF: 1 hit$",
          r"Unable to read siginfo")


@test("signals of exceptions: SIGFPE, SIGILL, SIGTRAP, and SIGTRAP of other events")
def signals():
    shows(gdb(*AT_EVENTS, "monitor catch exception", "monitor catch rdtsc", "continue",
              "continue", "continue", "set $pc = &triple_fault", "continue"),
          r"0x10506: rdtsc$", r"SIGTRAP", r"#BP$", r"SIGTRAP", r"#DE$", r"SIGFPE", r"#UD$",
          r"SIGILL")


@test("handle nostop: gdb and the stub let exceptions with the signal pass")
def handle():
    output = gdb(*AT_EVENTS, "set $r12 = 0", "handle SIGSEGV nostop noprint pass",
                 "handle SIGFPE nostop noprint pass", "handle SIGTRAP stop print",
                 "monitor catch exception #DE", "monitor catch exception #GP-#PF",
                 "monitor catch cpuid if $r12 == 5", "continue", "p $r12", "monitor catch")
    assert "SIGSEGV," not in output, output
    shows(output, r"^catchpoint 3: .*cpuid", r"SIGTRAP", r"= 5$", r"#DE: 5 hits",
          r"#GP-#PF: 10 hits")


@test("watch phys stops gdb, and shows the access")
def watch_phys():
    shows(gdb("set var *(long *)&counter = 0", "monitor watch phys 0x10800 8 if *(u64 *)0x10800 == 7", "continue", "x/i $pc",
              "monitor why"),
          r"^catchpoint 1: .* write of 8 bytes at 0x10800.* new value 0x7,", r"SIGTRAP",
          r"call", r"a watched write")


@test("until return and step branch: what the next stepi and all of them do")
def steps():
    shows(gdb("break leaf", "continue", "delete", "monitor until return", "stepi", "stepi",
              "monitor step branch", "stepi", "stepi", "monitor step insn", "stepi"),
          r"the next stepi runs until the function returns$", r"work \(\)$|in work|^\d+\s+nop",
          r"^\d+\s+pop", r"stepi runs to the next branch", r"loop \(\) at", r"call\s+work",
          r"executes one instruction")


if __name__ == "__main__":
    sys.exit(TAP.run())
