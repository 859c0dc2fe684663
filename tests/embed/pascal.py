#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The VMM in Free Pascal, with the real gdb."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../rsp"))

import rsp  # noqa: E402
from vmm import BUILD, Gdb, Vmm, gdb, shows  # noqa: E402

TAP = rsp.Tap()


def tiny():
    """The VMM; its guest has no ELF file."""
    return Vmm(os.path.join(BUILD, "pascal/tiny"), "ADDRESS")


def talk(vmm, *commands):
    """gdb's output, without a file."""
    return gdb(vmm, *commands, elf="/dev/null")


@TAP.test("the guest waits for gdb, which reads its code")
def begins():
    with tiny() as vmm:
        shows(talk(vmm, "x/3i $pc"), r"=> 0x1000:\s+inc +%rax", r"call +0x100e", r"nop")


@TAP.test("breakpoints, steps, registers")
def breakpoints():
    with tiny() as vmm:
        shows(talk(vmm, "break *0x1011", "continue", "p $rax", "continue", "p $rbx",
                   "x/2xb 0x1011", "stepi", "p $pc", "set $rbx = 0x77", "stepi",
                   "p $rbx"),
              r"Breakpoint 1, 0x0*1011", r"= 1$", r"= 2$", r"0x90\s+0x90", r"0x1012$",
              r"= 119$")


@TAP.test("^C, the VMM's own command, a new debugger")
def interrupts():
    with tiny() as vmm:
        g = Gdb(vmm, "continue", elf="/dev/null")
        g.wait("Continuing")
        g.interrupt()
        g.wait("SIGINT")
        g.say("monitor calls", "detach")
        shows(g.end(), "SIGINT", r"\d+ calls")
        shows(talk(vmm, "p 40 + 2"), "= 42")


@TAP.test("gdb is told that the guest has ended")
def ends():
    with tiny() as vmm:
        shows(talk(vmm, "set $pc = 0x100b", "continue"), "exited normally")
        vmm.ends()


if __name__ == "__main__":
    sys.exit(TAP.run())
