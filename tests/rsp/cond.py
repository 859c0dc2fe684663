#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of conditions that the target evaluates: packets, and the real gdb."""
import re
import sys

import rsp
from protocol import (COUNTER, LEAF, LOOP_CALL, RIP, SPIN, WORK, equal, fields, get, guest,
                      is_error, matches, put)
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test

RBX = 1


def code(text):
    """X LEN,BYTES of hex digits, with blanks between the operations."""
    digits = text.replace(" ", "")
    return f"X{len(digits) // 2:x},{digits}"


def reg_is(value, register=RBX):
    """The bytecode that gdb makes of "$rbx == value"."""
    return code(f"26 {register:04x} 16 40 22 {value:02x} 13 27")


TRUE, FALSE = code("22 01 27"), code("22 00 27")


def insert(line, *conditions, at=LEAF, kind=0):
    tail = ";" + "".join(conditions) if conditions else ""
    return line.ask(f"Z{kind},{at:x},1{tail}")


def rbx_at_stop(line):
    """The value of rbx when the guest stops next."""
    fields(line.ask("vCont;c"))
    return get(line, RBX, 1)


@test("conditions are offered")
def offered():
    with guest(features=None) as g:
        assert ";ConditionalBreakpoints+" in g.ask("qSupported")


@test("a false condition stops nothing and sends nothing, a true one stops")
def simple():
    for kind in (0, 1):
        with guest() as g:
            put(g, RBX, 0, 1)
            equal(insert(g, reg_is(7), kind=kind), "OK")
            equal(rbx_at_stop(g), 7)
            g.send("vCont;c")
            equal(g.recv(timeout=0.3), None)
            g.write(b"\x03")
            matches("T02.*", g.recv())
            assert get(g, RBX, 1) > 100


@test("several conditions: any of them")
def several():
    with guest() as g:
        put(g, RBX, 0, 1)
        equal(insert(g, reg_is(9), reg_is(3), FALSE, reg_is(20)), "OK")
        equal([rbx_at_stop(g) for _ in range(3)], [3, 9, 20])


@test("jumps of each of several conditions lead to where they did")
def jumps():
    # ($rbx == N && $rbx != 0) as gdb makes it, and an end in the middle
    def both(value):
        return code(f"260001 1640 22{value:02x} 13 20 0010 22 00 21 0019"
                    "260001 1640 2200 13 0e 27")

    def early(value):
        return code(f"260001 1640 22{value:02x} 13 28 20 000d 27 27")
    with guest() as g:
        put(g, RBX, 0, 1)
        equal(insert(g, both(4), early(8), both(11)), "OK")
        equal([rbx_at_stop(g) for _ in range(3)], [4, 8, 11])


@test("a new list of conditions replaces the old one, without a removal before")
def replaced():
    with guest() as g:
        put(g, RBX, 0, 1)
        equal(insert(g, reg_is(5)), "OK")
        equal(insert(g, reg_is(6)), "OK")
        equal(insert(g, reg_is(6)), "OK")
        equal(rbx_at_stop(g), 6)
        equal(insert(g), "OK")
        equal(rbx_at_stop(g), 7)
        equal(insert(g, reg_is(9)), "OK")
        equal(rbx_at_stop(g), 9)
        equal(g.ask(f"z0,{LEAF:x},1"), "OK")
        g.send("vCont;c")
        equal(g.recv(timeout=0.2), None)


@test("what the target refuses stops at each hit, and gdb looks itself")
def refused():
    too_long = code("22 01 29" * 1400 + "22 00 27")
    for bad in (code("26 0020 27"),             # an SSE register
                code("26 7fff 27"), code("01 27"), code("22 00"), code("22"),
                code("ff"), code("21 0001 27"), code("20 0000 27"), code("27"),
                code("29 27"), code("22 00 2d 0001 27"), code("2c 0063 27"),
                code("22 00 0c 27"), code("34 00 0001 00 27"),
                code("34 00 ffff 00 27"), code("21 ffff 27"), too_long):
        with guest() as g:
            put(g, RBX, 0, 1)
            equal(insert(g, bad), "OK")
            equal(rbx_at_stop(g), 0)
            matches("breakpoint at 0x10025: 1 hit, gdb evaluates the condition\n",
                    g.monitor("hits"))
            equal(insert(g, FALSE, bad), "OK")
            equal(rbx_at_stop(g), 1)


@test("conditions that a packet may not have, and those in a wrong form, are errors")
def malformed():
    with guest() as g:
        for tail in ("X", ";X", ";X1", ";X1,", ";X0,", ";X1,2", ";X2,22", ";X1,2222", ";Xz,27",
                     ";X2,2227;", ";X1,27;X1,27", ";X1,27 ", ";cmds", ";cmds:", ";cmds:2,X1,27",
                     ";cmds:1", ";cmds:1,", ";Y1,27", ";X11111111111111111,27",
                     ";Xffffffffffffffff,27"):
            assert is_error(g.ask(f"Z0,{LEAF:x},1{tail}")), tail
        for kind in (2, 3, 4):
            assert is_error(insert(g, TRUE, at=COUNTER, kind=kind))
        g.send("vCont;c")
        equal(g.recv(timeout=0.2), None)


@test("a condition that reads missing memory, or divides by zero: a stop that says so")
def errors():
    for bad, text in (("25 7f00000000000000 1a 27", "memory that is not there"),
                      ("22 01 22 00 05 27", "divides by zero"),
                      ("21 0000 27", "too many operations")):
        with guest() as g:
            equal(insert(g, code(bad)), "OK")
            g.send("vCont;c")
            said = g.recv()
            matches("O[0-9a-f]*", said)
            assert text in bytes.fromhex(said[1:]).decode(), said
            equal(fields(g.recv())["thread"], "1")
            equal(g.monitor("hits"), "breakpoint at 0x10025: 0 hits, with a condition\n")


@test("registers of the 32-bit description are those that it names")
def registers32():
    with guest(options=("--arch", "i386")) as g:
        put(g, 3, 0, 1, size=4)                 # ebx
        equal(insert(g, reg_is(6, 3)), "OK")
        fields(g.ask("vCont;c"))
        equal(get(g, 3, 1), 6)
        equal(insert(g, code(f"26 0008 24 {LEAF:08x} 14 0e 27"), at=LEAF + 1), "OK")  # eip
        fields(g.ask("vCont;c"))
        equal(get(g, 8, 1), LEAF + 1)
        equal(insert(g, code("26 0022 27")), "OK")   # xmm2: refused
        assert "gdb evaluates" in g.monitor("hits")


@test("hits are counted in the target, and only those that are true")
def hits():
    with guest() as g:
        equal(g.monitor("hits"), "there is no breakpoint\n")
        put(g, RBX, 0, 1)
        equal(insert(g, reg_is(30)), "OK")
        equal(insert(g, code("26 0001 22 0a 08 0e 27"), at=WORK, kind=1), "OK")  # % 10
        equal(g.ask(f"Z2,{COUNTER:x},8"), "OK")
        equal(g.ask(f"z2,{COUNTER:x},8"), "OK")
        for _ in range(5):
            fields(g.ask("vCont;c"))
        equal(g.monitor("hits"),
              "breakpoint at 0x10025: 1 hit, with a condition\n"
              "hardware breakpoint at 0x10011: 4 hits, with a condition\n")


@test("each vCPU's hit is looked at by itself")
def vcpus():
    with guest() as g:
        put(g, 0, 0, 2)
        equal(insert(g, code("2c 0002 27"), at=WORK), "OK")     # the number of the vCPU
        equal(insert(g, code("2c 0002 27"), at=SPIN), "OK")
        equal(fields(g.ask("vCont;c"))["thread"], "2")


@test("a step to a breakpoint whose condition is false is only a step")
def steps():
    with guest() as g:
        equal(insert(g, FALSE, at=WORK), "OK")
        put(g, RIP, LOOP_CALL, 1)
        stop = fields(g.ask("vCont;s:1"))
        assert "swbreak" not in stop, stop
        equal(get(g, RIP, 1), WORK)


@test("non-stop: a condition, and another one while the vCPUs run")
def non_stop():
    with guest() as g:
        put(g, RBX, 0, 1)
        equal(g.ask("QNonStop:1"), "OK")
        equal(insert(g, FALSE), "OK")
        equal(g.ask("vCont;c"), "OK")
        equal(g.notification(0.3), None)
        equal(insert(g, code("26 0001 22 64 14 0e 27")), "OK")     # rbx >= 100
        matches("Stop:T05.*thread:1;.*", g.notification())
        equal(g.ask("vStopped"), "OK")
        assert get(g, RBX, 1) >= 100


# ---- the real gdb ----

TARGET = "set breakpoint condition-evaluation target"


def packets(output):
    return len(re.findall(r"Sending packet: \$vCont;c", output))


@test("gdb: break if, evaluated by the target, without a packet for what is false")
def gdb_condition():
    out = gdb(TARGET, "set var $rbx = 0", "break leaf if $rbx == 2000", "set debug remote 1",
              "continue", "set debug remote 0", "p $rbx", "info breakpoints", "monitor hits")
    shows(out, r"hit Breakpoint 1, ", r"= 2000$", r"stop only if .* \(target evals\)",
          r"already hit 1 time", r"^breakpoint at 0x10025: 1 hit, with a condition$")
    equal(packets(out), 1)


@test("gdb: the same by gdb is right, and takes a packet for each")
def gdb_evaluates():
    out = gdb("set breakpoint condition-evaluation host", "set var $rbx = 0",
              "break leaf if $rbx == 20", "set debug remote 1", "continue",
              "set debug remote 0", "p $rbx")
    shows(out, r"hit Breakpoint 1, ", r"= 20$")
    assert packets(out) >= 20, out


@test("gdb: conditions with && and ||, memory, and several at one place")
def gdb_conditions():
    shows(gdb(TARGET, "set var $rip = loop", "set var $rbx = 0", "set var *(long *)0x10800 = 0",
              "break leaf if $rbx == 4 && *(long *)0x10800 == 5 || $rbx == 9",
              "break leaf if $rbx == 6", "continue", "p $rbx", "continue", "p $rbx",
              "continue", "p $rbx", "condition 2 $rbx == 12", "condition 1 $rbx == 11",
              "continue", "p $rbx", "continue", "p $rbx"),
          r"hit Breakpoint 1, leaf", r"= 4$", r"hit Breakpoint 2, leaf", r"= 6$",
          r"hit Breakpoint 1, leaf", r"= 9$", r"hit Breakpoint 1, leaf", r"= 11$",
          r"hit Breakpoint 2, leaf", r"= 12$")


@test("gdb: a condition that it cannot compile, ignore counts, and a plain breakpoint beside")
def gdb_others():
    shows(gdb("set var $rbx = 0", "break leaf if $ebx == 5", "continue", "p $rbx",
              "break work if $rbx > 6", "ignore 2 3", "delete 1", "continue", "p $rbx",
              "break work", "continue", "p $rbx"),
          r"hit Breakpoint 1, leaf", r"= 5$",
          r"hit Breakpoint 2, work", r"= 10$", r"hit Breakpoint 2, work", r"= 11$")


@test("gdb: a condition that reads missing memory stops with both words")
def gdb_error():
    shows(gdb(TARGET, "break leaf if *(long *)0x7f0000000000 == 1", "continue"),
          r"^vCPU 0: a condition or recording reads memory that is not there\.",
          r"Error in testing (breakpoint )?condition",
          r"Cannot access memory at address 0x7f0000000000")


@test("gdb: always-inserted, a condition that changes, hbreak if")
def gdb_always():
    shows(gdb("set breakpoint always-inserted on", TARGET, "set var $rbx = 0",
              "break leaf if $rbx == 3", "hbreak work if $rbx == 5", "continue", "p $rbx",
              "condition 1 $rbx == 4", "continue", "p $rbx", "continue", "p $rbx"),
          r"hit Breakpoint 1, leaf", r"= 3$", r"hit Breakpoint 1, leaf", r"= 4$",
          r"hit Breakpoint 2, work", r"= 5$")


@test("gdb: --arch i386")
def gdb_arch32():
    shows(gdb(TARGET, "set var $ebx = 0", "break *0x10025 if $ebx == 8", "continue",
              "p $ebx", "info breakpoints", options=("--arch", "i386"), elf=False),
          r"Breakpoint 1, 0x00010025", r"= 8$", r"target evals")


if __name__ == "__main__":
    sys.exit(TAP.run())
