#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of commands that the target runs at breakpoints: packets, and gdb's dprintf."""
import re
import sys
import time

import rsp
from cond import FALSE, code, reg_is
from protocol import (BYTES, LEAF, LOOP_CALL, RIP, WORK, equal, fields, get, guest, is_error,
                      matches, put)
from with_gdb import gdb, shows

TAP = rsp.Tap()
test = TAP.test

RBX = 1


def printf(text, *args):
    """The command that gdb makes: arguments last first, channel, function, printf."""
    data = text.encode("latin-1") + b"\0"
    return code("".join(reversed(args)) + "22 00 22 00" +
                f"34 {len(args):02x} {len(data):04x} {data.hex()} 27")


def reg(number):
    return f"26 {number:04x}"


def const(value):
    return f"25 {value & (1 << 64) - 1:016x}"


def commands(line, *wanted, conditions="", at=LEAF, kind=0, persist=1):
    tail = (";" + conditions if conditions else "") + f";cmds:{persist}," + "".join(wanted)
    return line.ask(f"Z{kind},{at:x},1{tail}")


def run_to(line, at):
    """Continue to a breakpoint at an address. Return the text that came before the stop."""
    equal(line.ask(f"Z1,{at:x},1"), "OK")
    line.send("vCont;c")
    text = ""
    while True:
        reply = line.recv()
        if reply[0] == "T":
            break
        matches("O([0-9a-f]{2})+", reply)
        text += bytes.fromhex(reply[1:]).decode("latin-1")
    equal(line.ask(f"z1,{at:x},1"), "OK")
    return text


def printed(text, *args, **env):
    """The text of one hit of a printf."""
    with guest(**env) as g:
        put(g, RIP, LOOP_CALL, 1)
        put(g, RBX, 7, 1)
        equal(commands(g, printf(text, *args)), "OK")
        return run_to(g, LEAF + 1)


@test("commands are offered")
def offered():
    with guest(features=None) as g:
        assert ";BreakpointCommands+" in g.ask("qSupported")


@test("printf: each letter of C, sizes, widths, and text around them")
def letters():
    minus = const(-2)
    for text, args, wanted in (
            ("hello\\n", (), "hello\n"), ("100%% of %d", (const(5),), "100% of 5"),
            ("", (), ""), ("%ld %lu", (minus, minus), f"-2 {2**64 - 2}"),
            ("%d %u", (minus, minus), f"-2 {2**32 - 2}"), ("%i", (const(2**32 + 5),), "5"),
            ("%hd %hu", (const(0x18000), const(0x18000)), "-32768 32768"),
            ("%hhd %hhu", (const(0x1ff), const(0x1ff)), "-1 255"),
            ("%lx %lX %lo", (const(0xabc), const(0xabc), const(8)), "abc ABC 10"),
            ("%#lx|%08lx|%-6d|%+d|% d", (const(16), const(16), const(3), const(3), const(3)),
             "0x10|00000010|3     |+3| 3"),
            ("%5d|%.3d|%6.2d", (const(1), const(2), const(3)), "    1|  002|    03"
             .replace("  002", "002")),
            ("%lld %zu %jd %td", (minus, const(1), const(2), const(3)), "-2 1 2 3"),
            ("%c%c%3c", (const(0x41), const(0x142), const(0x43)), "AB  C"),
            ("%p %5p", (const(0xffff888000000000), const(0)), "0xffff888000000000     0"),
            ("\\t\\e[1m\\101\\x\\\\\\\"\\a", (), "\t\033[1mAx\\\"\a"),
            ("rbx %ld rip %lx", (reg(RBX), reg(RIP)), f"rbx 7 rip {LEAF:x}")):
        equal(printed(text, *args), wanted)


@test("printf: %s reads the guest's memory at the hit; missing memory; long strings")
def strings():
    equal(printed("[%s]", const(BYTES)), "[#$}*\x03 binary ]")
    equal(printed("[%4s|%-4s|%.2s|%20.3s]", *[const(BYTES + 5)] * 4),
          "[ binary | binary | b|                  bi]")
    equal(printed("%s %d", const(0x7f0000000000), const(4)), "<no memory at 0x7f0000000000> 4")
    with guest() as g:
        equal(g.ask("M30000,600:" + "41" * 0x600), "OK")
        equal(g.ask("M40000,4:68690000"), "OK")
        put(g, RIP, LOOP_CALL, 1)
        equal(commands(g, printf("%s", const(0x30000))), "OK")
        equal(run_to(g, LEAF + 1), "A" * 1000 + "...")
        put(g, RIP, LOOP_CALL, 1)
        equal(commands(g, printf("%s %s!", const(0x40000), const(0x30000))), "OK")
        equal(run_to(g, LEAF + 1), "hi " + "A" * 1000 + "...!")


@test("several commands and several hits, in order; then a stop")
def order():
    with guest() as g:
        put(g, RIP, LOOP_CALL, 1)
        put(g, RBX, 0, 1)
        equal(commands(g, printf("a%ld ", reg(RBX)), printf("b "), printf("c%ld\\n", reg(RBX))),
              "OK")
        equal(commands(g, printf("work "), at=WORK, kind=1, persist=0), "OK")
        equal(g.ask(f"Z0,{LEAF + 1:x},1;{reg_is(199)}"), "OK")
        text = run_to(g, 0)
        equal(get(g, RBX, 1), 199)
        equal(text, "".join(f"work a{n} b c{n}\n" for n in range(200)))
        equal(g.monitor("hits").count("200 hits, prints"), 2)


@test("a condition decides whether the commands run")
def conditional():
    with guest() as g:
        put(g, RIP, LOOP_CALL, 1)
        put(g, RBX, 0, 1)
        equal(commands(g, printf("%d ", reg(RBX)), conditions=reg_is(5) + reg_is(8)), "OK")
        equal(g.ask(f"Z0,{LEAF + 1:x},1;{reg_is(20)}"), "OK")
        equal(run_to(g, 0), "5 8 ")
        equal(commands(g, printf("no"), conditions=FALSE), "OK")
        equal(g.ask(f"Z0,{LEAF + 1:x},1;{reg_is(40)}"), "OK")
        equal(run_to(g, 0), "")


@test("a plain breakpoint in place of the commands stops")
def replaced():
    with guest() as g:
        put(g, RIP, LOOP_CALL, 1)
        equal(commands(g, printf("x")), "OK")
        equal(run_to(g, LEAF + 1), "x")
        equal(g.ask(f"Z0,{LEAF:x},1"), "OK")
        fields(g.ask("vCont;c"))
        equal(get(g, RIP, 1), LEAF)


@test("what the target cannot print is refused with a reason, and nothing is inserted")
def refused():
    reasons = {
        printf("%f", const(1)): "prints only", printf("%n", const(1)): "prints only",
        printf("%*d", const(1)): "prints only", printf("%ls", const(1)): "wide",
        printf("%d"): "more or fewer", printf("a", const(1)): "more or fewer",
        printf("%"): "ends in", printf("%5"): "ends in", printf("%1000d", const(1)): "too large",
        printf("%d" * 17, *[const(1)] * 17): "16 arguments",
        code("2200 2200 34 00 0002 6162 27"): "no end", code("2200 2200 34 00 0000 27"): "no end",
        code("34 00 0001 00 27"): "cannot evaluate", code("ff"): "unknown",
        code("34 00 ffff 00 27"): "cut off", code("22 00"): "no end",
        printf("%d", "26 7fff"): "no such register", printf("%d", "26 0020"): "cannot evaluate",
    }
    with guest("qSupported:swbreak+;hwbreak+;error-message+") as g:
        for bad, why in reasons.items():
            matches(rf"E\..*{why}.*", commands(g, bad))
        matches(r"E\..*", commands(g, printf("x"), conditions=code("26 0020 27")))
        g.send("vCont;c")
        equal(g.recv(timeout=0.2), None)


def stopped(line, pattern="Stop:T.*"):
    """Wait for the stop of vCPU 0."""
    matches(pattern, line.notification())
    equal(line.ask("vStopped"), "OK")


@test("non-stop: the text is kept for monitor prints, and comes once")
def non_stop():
    with guest() as g:
        put(g, RIP, LOOP_CALL, 1)
        put(g, RBX, 0, 1)
        equal(g.ask("QNonStop:1"), "OK")
        equal(g.monitor("prints"), "nothing was printed\n")
        equal(commands(g, printf("a%ld ", reg(RBX))), "OK")
        equal(g.ask(f"Z0,{LEAF + 1:x},1;{reg_is(20)}"), "OK")
        equal(g.ask("vCont;c"), "OK")
        stopped(g)
        equal(g.monitor("prints"), "".join(f"a{n} " for n in range(21)))
        equal(g.monitor("prints"), "nothing was printed\n")
        assert "usage" in g.monitor("prints all").lower()
        # Back in all-stop the text comes by itself.
        equal(g.ask("QNonStop:0"), "OK")
        equal(g.ask(f"z0,{LEAF + 1:x},1"), "OK")
        equal(run_to(g, LEAF + 1), "a21 ")


@test("non-stop: the last text is kept; lost hits are told; the guest runs meanwhile")
def non_stop_much():
    with guest() as g:
        put(g, RIP, LOOP_CALL, 1)
        put(g, RBX, 0, 1)
        equal(g.ask("QNonStop:1"), "OK")
        equal(commands(g, printf("%ld." + "x" * 900 + "\\n", reg(RBX))), "OK")
        equal(g.ask(f"Z0,{LEAF + 1:x},1;{code('26 0001 23 07d0 13 27')}"), "OK")
        equal(g.ask("vCont;c"), "OK")
        stopped(g)
        text = g.monitor("prints")
        matches("earlier text is lost: only the last 1024 KiB are kept\n.*", text)
        assert len(text) <= (1 << 20) + 100, len(text)
        matches(r".*\n2000\.x{900}\n", text)
        assert len(text) > 400 * 900, len(text)
        # A running guest
        equal(commands(g, printf("%ld\\n", reg(RBX))), "OK")
        equal(g.ask(f"z0,{LEAF + 1:x},1"), "OK")
        equal(g.ask("vCont;c"), "OK")
        seen = ""
        while len(re.findall(r"^\d+$", seen, re.M)) < 1000:
            seen += g.monitor("prints").replace("nothing was printed\n", "")
        numbers = [int(n) for n in re.findall(r"^(\d+)$", seen, re.M)]
        equal(numbers, sorted(set(numbers)))


@test("a value that cannot be read: a stop that says so")
def error():
    with guest() as g:
        equal(commands(g, printf("%d", const(0x7f0000000000) + "1a")), "OK")
        g.send("vCont;c")
        said = bytes.fromhex(g.recv()[1:]).decode()
        assert "memory that is not there" in said
        fields(g.recv())


@test("records that do not fit are counted and told")
def lost():
    with guest(FAKE_RING=4096) as g:
        put(g, RIP, LOOP_CALL, 1)
        put(g, RBX, 0, 1)
        equal(g.ask("M30000,200:" + "41" * 0x200), "OK")
        equal(commands(g, printf("%ld.%s\\n", reg(RBX), const(0x30000))), "OK")
        equal(g.ask(f"Z0,{LEAF + 1:x},1;{reg_is(100)}"), "OK")
        text = run_to(g, 0)
        told = sum(int(n) for n in re.findall(r"(\d+) hits could not be recorded", text))
        kept = len(re.findall(r"^\d+\.A{512}$", text, re.M))
        assert told > 0 and kept > 0
        equal(told + kept, 101)


@test("with acknowledgments: text and stop in order")
def acknowledged():
    with guest(ack=True) as g:
        put(g, RIP, LOOP_CALL, 1)
        put(g, RBX, 0, 1)
        equal(commands(g, printf("%ld ", reg(RBX))), "OK")
        equal(g.ask(f"Z0,{LEAF + 1:x},1;{reg_is(50)}"), "OK")
        equal(run_to(g, 0), "".join(f"{n} " for n in range(51)))


@test("a debugger that reads nothing does not fill the daemon's memory")
def slow():
    with guest(FAKE_RING=1 << 18) as g:
        equal(commands(g, printf("x" * 900)), "OK")
        g.send("vCont;c")
        equal(g.recv()[0], "O")
        time.sleep(0.5)
        g.write(b"\x03")
        text = ""
        while (reply := g.recv(timeout=60))[0] == "O":
            text += bytes.fromhex(reply[1:]).decode()
        matches("T02.*", reply)
        # The text that waited to be sent, the socket's buffers, and what is printed at a stop
        assert len(text) < 16 << 20, len(text)
        hidden = re.search(r"(\d+) hits are not printed", text)
        lost = re.search(r"(\d+) hits could not be recorded", text)
        shown = text.count("x" * 900) + 1
        hits = int(re.search(r": (\d+) hits", g.monitor("hits"))[1])
        equal(shown + sum(int(n[1]) for n in (hidden, lost) if n), hits)


# ---- the real gdb ----

AGENT = ("set dprintf-style agent", "set breakpoint condition-evaluation target")


@test("gdb: dprintf by the agent, with registers, memory and strings")
def gdb_dprintf():
    out = gdb(*AGENT, "set var $rip = loop", "set var $rbx = 0",
              'dprintf leaf,"rbx %ld at %p\\n",$rbx,$rip',
              'dprintf *0x10011,"counter %ld\\n",*(long *)0x10800',
              "set var *(long *)0x10800 = 40", "tbreak *0x10026 if $rbx == 3",
              "continue", "info breakpoints")
    shows(out, r"counter 40", r"rbx 0 at 0x10025", r"counter 41",
          r"rbx 1 at 0x10025", r"counter 42", r"rbx 2 at 0x10025", r"counter 43",
          r"agent-printf \"rbx %ld at %p\\n\",\$rbx,\$rip")


@test("gdb: a million-dollar dprintf sends no stop")
def gdb_no_stops():
    out = gdb(*AGENT, "set var $rip = loop", "set var $rbx = 0",
              'dprintf leaf,"rbx %ld\\n",$rbx', "tbreak *0x10026 if $rbx == 300",
              "set debug remote 1", "continue", "set debug remote 0", "monitor hits")
    equal(len(re.findall(r"Sending packet: \$vCont;c", out)), 1)
    shows(out, r"rbx 299", r"rbx 300", r"301 hits, prints")


@test("gdb: dprintf with a condition, and strings")
def gdb_dprintf_if():
    shows(gdb(*AGENT, "set var $rip = loop", "set var $rbx = 0",
              "set var *(char[6] *)0x20000 = \"hello\"",
              'dprintf leaf,"%s %ld\\n",(char *)0x20000,$rbx', "condition 1 $rbx == 2",
              "tbreak *0x10026 if $rbx == 3", "continue", "p $rbx"),
          r"^hello 2$", r"= 3$")


@test("gdb: what the agent cannot print: gdb shows the reason")
def gdb_refused():
    shows(gdb(*AGENT, 'dprintf leaf,"%f\\n",1.5', "continue"),
          r"(Cannot insert breakpoint 1|not yet supported|Unsupported|prints only|[Ff]loating)")


@test("gdb: dprintf by the agent in non-stop mode")
def gdb_non_stop():
    daemon = rsp.Daemon(transport="tcp")
    try:
        assert daemon.wait_said("waiting for gdb")
        where = re.search(r"gdb at (\S+)", daemon.said())[1]
        out = gdb("set non-stop on", f"target remote {where}", *AGENT, "set var $rip = loop",
                  "set var $rbx = 0", 'dprintf leaf,"rbx %ld\\n",$rbx',
                  "tbreak *0x10026 if $rbx == 3", "continue", "monitor prints",
                  daemon=daemon, connect="set height 0")
    finally:
        daemon.end()
    shows(out, r"^rbx 0$", r"^rbx 1$", r"^rbx 2$", r"^rbx 3$")


if __name__ == "__main__":
    sys.exit(TAP.run())
